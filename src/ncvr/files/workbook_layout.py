"""What stands where in a workbook: the fields of a row, their columns, and the hidden keys that let rows and columns move.

Row 1 and column A of every schedule sheet are hidden and hold keys: a column is found by its key and a row by its id,
wherever a person has moved them. An id ends in a check made from the study's number, so that a row of another study is noticed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal, get_args

from ncvr.domain.study import Activity, Costed, StudyActivity
from ncvr.domain.tariff import TariffEdition
from ncvr.money import exact

Kind = Literal["text", "choice", "whole", "minutes", "pounds", "resource"]

FORMAT = "ncvr-workbook/1"
SHEET_MARK = "ncvr:"  # A1 of every sheet of ours: ncvr:arm/A, ncvr:unscheduled ...
END = "end"
SPARE = "spare"  # the key of an empty row of ours, which holds our formulas already
BASE_SHEET = "ncvr:exported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One input of a row. ``of_line``: it belongs to a resource line, not to the whole activity."""

    key: str
    label: str
    kind: Kind = "text"
    width: int = 12
    of_line: bool = False
    detail: bool = False  # stands to the right of the prices, folded away
    choices: tuple[str, ...] = ()
    least: int = 1
    most: int = 9_999
    needed: bool = False


def _choices(model: type[Costed], name: str) -> tuple[str, ...]:
    return get_args(model.model_fields[name].annotation)


_NAME = Field(key="name", label="Activity", width=38, needed=True)
_TYPE = Field(key="type", label="Type", kind="choice", width=13, choices=_choices(Costed, "type"), needed=True)
_DEPARTMENT = Field(key="department", label="Department", width=16)
_LINE = (
    Field(key="resource", label="Role or code", kind="resource", width=22, of_line=True),
    Field(key="minutes", label="Minutes", kind="minutes", width=9, of_line=True, most=10_080),
    Field(key="quantity", label="Quantity", kind="whole", width=9, of_line=True, needed=True),
)
_ABOUT = (
    Field(key="catalogue", label="Catalogue", width=14, detail=True),
    Field(key="protocol_ref", label="Protocol reference", width=16, detail=True),
    Field(key="no_charge", label="No charge, because", width=20, detail=True),
    Field(key="to_do", label="To do", width=20, detail=True),
    Field(key="line_department", label="Department of this line", width=16, of_line=True, detail=True),
)
_WHEN = Field(key="when", label="When", width=26, detail=True)
_MOST = Field(key="max", label="At most", kind="whole", width=9, detail=True)
_PAID = Field(key="payment", label="Paid", kind="choice", width=9, detail=True, choices=_choices(Activity, "payment"), needed=True)
_PER = Field(key="per", label="Per", kind="choice", width=12, detail=True, choices=_choices(StudyActivity, "per"), needed=True)

ARM_FIELDS = (_NAME, _TYPE, _DEPARTMENT, *_LINE, _PAID, _WHEN, _MOST, *_ABOUT)
UNSCHEDULED_FIELDS = (_NAME, _TYPE, _DEPARTMENT, *_LINE, Field(key="arm", label="Arm", width=10, detail=True), _WHEN, _MOST, *_ABOUT)
SETUP_FIELDS = (
    _NAME,
    _TYPE,
    _DEPARTMENT,
    *_LINE,
    Field(key="trigger", label="Trigger", width=30, detail=True),
    _PER,
    Field(key="expected", label="Expected", kind="whole", width=10, detail=True),
    *_ABOUT,
)
PASS_THROUGH_FIELDS = (
    Field(key="name", label="Pass-through", width=44, needed=True),
    Field(key="basis", label="Basis", width=24),
    Field(key="cap", label="Cap", kind="pounds", width=12),
    Field(key="per", label="Per", width=18),
)
FIELDS: dict[str, tuple[Field, ...]] = {
    "arms": ARM_FIELDS,
    "unscheduled": UNSCHEDULED_FIELDS,
    "setup_and_closedown": SETUP_FIELDS,
    "pass_through": PASS_THROUGH_FIELDS,
}
VISIT_FIELDS = (
    Field(key="repeat_until", label="Repeats until"),
    Field(key="repeat_expected", label="Expected times", kind="whole"),
    Field(key="repeat_max", label="At most", kind="whole"),
    Field(key="when", label="Happens when"),
    Field(key="kind", label="Kind", kind="choice", choices=("scheduled", "conditional")),
    Field(key="screening", label="Screening", kind="choice", choices=("yes",)),
    Field(key="window", label="Window"),
    Field(key="name", label="Visit", needed=True),
)
COUNT = Field(key="count", label="Count", kind="whole", least=0)

# Column keys of what is computed.
POSITION, AMOUNT, UNITS, IN_VISIT, OWN_UNITS = "=position", "=amount", "=units", "=in_visit", "=own_units"
DIRECT, INDIRECT, CAPACITY, UPLIFT, TOTAL, PRICE = "=direct", "=indirect", "=capacity", "=multiplier", "=total", "=price"
BEGIN, FINISH = "=begin", "=finish"  # narrow columns on both sides of the visits, so that sums reach over visits added at the edges
COMPUTED = (DIRECT, INDIRECT, CAPACITY, UPLIFT, TOTAL, PRICE)
WORKING = (POSITION, AMOUNT, UNITS, IN_VISIT, OWN_UNITS)
LABELS = {
    DIRECT: "Total activity cost",
    INDIRECT: "Indirect",
    CAPACITY: "Capacity",
    UPLIFT: "Multiplier",
    TOTAL: "Total",
    PRICE: "Price each",
}
FOOT_UNITS, FOOT_PRICE = "foot:units", "foot:price"


def checked(iras_id: str | None, key: str) -> str:
    """A stable id with its check: ``A/A01#1:3fa9c1d2``."""
    return f"{key}:{sha256(f'{iras_id}|{key}'.encode()).hexdigest()[:8]}"


def unchecked(iras_id: str | None, text: str) -> str | None:
    """The id without its check; None where it isn't one of this study."""
    key, _, _ = text.rpartition(":")
    return key if key and text == checked(iras_id, key) else None


def row_key(container: str, activity: str, line: int = 1) -> str:
    """``A/A01#1``: the first resource line of activity A01 of arm A; ``setup_and_closedown/S01#2`` for the study's own."""
    return f"{container}/{activity}#{line}"


def visit_key(visit: str) -> str:
    return f"visit:{visit}"


def field_value(entry: Any, field: Field, line: Any, edition: TariffEdition) -> Any:
    """The value of a field as a cell shows it: of an activity, its resource line or a pass-through; None where there is none."""
    if not field.of_line:
        value = getattr(entry, field.key)
        if field.key == "department" and value is None:
            return usual_department(entry, edition)
        return exact(value) if field.kind == "pounds" and value is not None else value
    if line is None:
        return None
    if field.key == "resource":
        return line.role if line.role is not None else line.item
    return getattr(line, "department" if field.key == "line_department" else field.key)


def usual_department(activity: Costed, edition: TariffEdition) -> str | None:
    """Where an activity says no department of its own: that of its first tariff item, else the catalogue's."""
    codes = [line.item for line in activity.resources if line.item in edition.items]
    if codes and codes[0] is not None:
        return edition.items[codes[0]].department
    catalogued = edition.activities.get(activity.catalogue or "")
    return catalogued.department if catalogued is not None else None


def visit_value(visit: Any, field: Field) -> Any:
    """The value of a field of a visit."""
    if field.key.startswith("repeat_"):
        return getattr(visit.repeat, field.key.removeprefix("repeat_")) if visit.repeat is not None else None
    if field.key == "screening":
        return "yes" if visit.screening else None
    if field.key == "kind":
        return None if visit.kind == "scheduled" else visit.kind
    return getattr(visit, field.key)


def sheet_names(arms: Sequence[str]) -> dict[str, str]:
    """A sheet's name for each arm: at most 31 characters, no two alike, even to a program that ignores case.

    >>> sheet_names(["A", "a"])
    {'A': 'Arm A', 'a': 'Arm a (2)'}
    """
    names: dict[str, str] = {}
    for arm in arms:
        name, number = f"Arm {arm[:22]}", 1
        while name.lower() in {other.lower() for other in names.values()}:
            number += 1
            name = f"Arm {arm[:22]} ({number})"
        names[arm] = name
    return names
