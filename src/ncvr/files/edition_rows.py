"""The CSV files of one edition: rows become figures of the domain, or findings.

Each ``read_`` function here gives a ``Rows``: the values by key, and, in an edition based on another, the keys it withdraws.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar, get_args

from ncvr.domain.tariff import CatalogueActivity, CatalogueResource, CostClass, DerivationStep, SiteMultiplier, StaffRate, TariffEdition, TariffItem, near
from ncvr.errors import Finding
from ncvr.files.csv_table import Cells, read_table

ALL_ROLES = "all_roles"
NATIONS = ("England", "Scotland", "Wales", "Northern Ireland")
ACTIVITY_TYPES = ("visit", "procedure", "investigation", "pharmacy", "training", "other")
COST_CLASSES: tuple[CostClass, ...] = get_args(CostClass)
LONGEST_MINUTES, LARGEST_COUNT = 10_080, 9_999

COLUMNS = {
    "staff_rates.csv": ("role", "title", "hourly_rate", "source"),
    "staff_rate_derivation.csv": ("role", "step", "value", "unit", "source"),
    "items.csv": ("code", "description", "department", "class", "unit_cost", "source"),
    "activities.csv": ("code", "name", "type", "department", "role", "minutes", "item", "quantity", "source"),
    "site_multipliers.csv": ("ods_code", "name", "nation", "multiplier", "basis", "source"),
}

Value = TypeVar("Value")


@dataclass(slots=True)
class Rows(Generic[Value]):
    """What one file says: values by key; and by key the row that withdraws a figure of the edition this one is based on."""

    values: dict[str, Value] = field(default_factory=dict)
    withdrawn: dict[str, Cells] = field(default_factory=dict)


def read_staff_rates(folder: Path, *, changes: bool, findings: list[Finding]) -> Rows[StaffRate]:
    """``staff_rates.csv`` by role."""

    def rate(cells: Cells, role: str) -> StaffRate:
        return StaffRate(role=role, title=cells.text("title"), hourly_rate=cells.number("hourly_rate"), source=cells.text("source"), place=cells.place)

    return _read(folder / "staff_rates.csv", "role", "hourly_rate", rate, changes=changes, findings=findings)


def read_items(folder: Path, *, changes: bool, findings: list[Finding]) -> Rows[TariffItem]:
    """``items.csv`` by code."""

    def item(cells: Cells, code: str) -> TariffItem:
        cost_class = cells.one_of("class", COST_CLASSES)
        return TariffItem(
            code=code,
            description=cells.text("description"),
            department=cells.text("department"),
            cost_class=next((known for known in COST_CLASSES if known == cost_class), "departmental"),
            unit_cost=cells.number("unit_cost"),
            source=cells.text("source"),
            place=cells.place,
        )

    return _read(folder / "items.csv", "code", "unit_cost", item, changes=changes, findings=findings)


def read_multipliers(folder: Path, *, changes: bool, findings: list[Finding]) -> Rows[SiteMultiplier]:
    """``site_multipliers.csv`` by organisation code."""

    def multiplier(cells: Cells, code: str) -> SiteMultiplier:
        return SiteMultiplier(
            ods_code=code,
            name=cells.text("name"),
            nation=cells.one_of("nation", NATIONS),
            value=cells.number("multiplier", above_zero=True),
            basis=cells.text("basis"),
            source=cells.text("source"),
            place=cells.place,
        )

    return _read(folder / "site_multipliers.csv", "ods_code", "multiplier", multiplier, changes=changes, findings=findings)


def _read(path: Path, key_column: str, figure: str, made: Callable[[Cells, str], Value], *, changes: bool, findings: list[Finding]) -> Rows[Value]:
    rows: Rows[Value] = Rows()
    lines: dict[str, int] = {}
    for cells in _table(path, changes=changes, findings=findings):
        key = cells.code(key_column) if key_column == "ods_code" else cells.text(key_column)
        if key in lines:
            cells.wrong(f"{key} stands here and in line {lines[key]}", "Keep one of the two rows")
        lines.setdefault(key, cells.line)
        if changes and not cells.values[figure]:
            cells.text("source")
            rows.withdrawn[key] = cells
            continue
        value = made(cells, key)
        if cells.sound:
            rows.values[key] = value
    return rows


def _table(path: Path, *, changes: bool, findings: list[Finding]) -> list[Cells]:
    if changes and not path.exists():
        return []  # an edition based on another holds only the files it changes
    return list(read_table(path, COLUMNS[path.name], findings))


def read_derivation(folder: Path, *, changes: bool, findings: list[Finding]) -> tuple[DerivationStep, ...]:
    """``staff_rate_derivation.csv`` in the order of its rows; a step's key is its role and name."""
    steps: dict[tuple[str, str], DerivationStep] = {}
    for cells in _table(folder / "staff_rate_derivation.csv", changes=changes, findings=findings):
        role, step = cells.text("role"), cells.text("step")
        if (role, step) in steps:
            cells.wrong(f"step {step} of {role} stands here and in {steps[role, step].place}", "Keep one of the two rows")
        value = DerivationStep(role=role, step=step, value=cells.number("value"), unit=cells.text("unit"), source=cells.text("source"), place=cells.place)
        if cells.sound:
            steps[role, step] = value
    return tuple(steps.values())


def read_activities(folder: Path, *, changes: bool, findings: list[Finding]) -> Rows[CatalogueActivity]:
    """``activities.csv`` by code: one row a role or item, gathered into activities."""
    rows: Rows[CatalogueActivity] = Rows()
    gathered: dict[str, list[Cells]] = {}
    for cells in _table(folder / "activities.csv", changes=changes, findings=findings):
        gathered.setdefault(cells.text("code"), []).append(cells)
    for code, of_code in gathered.items():
        first = of_code[0]
        if changes and not any(first.values[column] for column in ("role", "minutes", "item")):
            first.text("source")
            rows.withdrawn[code] = first
            for other in of_code[1:]:
                other.wrong(f"{code} is withdrawn in line {first.line}", "Keep either the withdrawal or the resources")
            continue
        activity = _activity(code, of_code)
        if all(cells.sound for cells in of_code):
            rows.values[code] = activity
    return rows


def _activity(code: str, of_code: list[Cells]) -> CatalogueActivity:
    first, resources = of_code[0], {}
    for cells in of_code:
        for column in ("name", "type", "department"):
            if cells.values[column] != first.values[column]:
                cells.wrong(f"{column} of {code} differs from line {first.line}", "Write it the same in every row of the activity")
        resource = _resource(cells)
        if (resource.role, resource.item) in resources:
            cells.wrong(f"{resource.role or resource.item} stands twice in {code}", "Put its minutes or quantity into one row")
        resources[resource.role, resource.item] = resource
    return CatalogueActivity(
        code=code,
        name=first.text("name"),
        type=first.one_of("type", ACTIVITY_TYPES),
        department=first.values["department"],
        resources=tuple(resources.values()),
        source="; ".join(dict.fromkeys(cells.text("source") for cells in of_code)),
        place=first.place,
    )


def _resource(cells: Cells) -> CatalogueResource:
    role, item = cells.values["role"] or None, cells.values["item"] or None
    if (role is None) == (item is None):
        cells.wrong("a row names either a role or an item", "Give a role with minutes, or an item; use one row for each")
    minutes = None
    if role is not None:
        minutes = cells.number("minutes", above_zero=True)
        if minutes > LONGEST_MINUTES:
            cells.wrong(f"{minutes} minutes is more than a week", f"Give at most {LONGEST_MINUTES:,} minutes")
    elif cells.values["minutes"]:
        cells.wrong("minutes belong to a role, not to an item", "Leave minutes empty, or name a role in a row of its own")
    return CatalogueResource(role=role, minutes=minutes, item=item, quantity=cells.whole("quantity", LARGEST_COUNT))


def check_references(edition: TariffEdition, folder: Path) -> list[Finding]:
    """Roles and items that activities or derivation steps of the resolved edition name and the edition does not have."""
    findings = []
    for activity in edition.activities.values():
        for resource in activity.resources:
            for what, key, known in (("role", resource.role, edition.staff_rates), ("item", resource.item, edition.items)):
                if key is not None and key not in known:
                    says = f"{activity.code} names the {what} {key!r}, which this edition does not have{near(key, known)}"
                    findings.append(Finding(_path(folder, activity.place), says, f"Add the {what}, or correct its name"))
    for role, place in {step.role: step.place for step in reversed(edition.derivation)}.items():
        if role != ALL_ROLES and role not in edition.staff_rates:
            says = f"steps are given for {role!r}, which has no rate in this edition{near(role, edition.staff_rates)}"
            findings.append(Finding(_path(folder, place), says, "Add its rate, or correct its name"))
    return findings


def _path(folder: Path, place: str) -> str:
    """A row's place as a path; inherited rows already carry the folder of the edition they come from."""
    return str((folder.parent if "/" in place else folder) / place)
