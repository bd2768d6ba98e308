"""What stands in an input cell, as the study holds it, or what is wrong with it.

A cell that still shows what was exported is unchanged, whatever the program that saved it made of its bytes: 7.1 may
come back as 7.0999999999999996 and a carriage return as a line feed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Context, Decimal, InvalidOperation
from typing import Any
from unicodedata import normalize

from ncvr.domain.tariff import near
from ncvr.errors import Finding
from ncvr.files.workbook_cells import CellFound
from ncvr.files.workbook_layout import Field
from ncvr.files.workbook_sheet import Value
from ncvr.money import as_written

_FIFTEEN = Context(prec=15)
_LONGEST = 32_000


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The cell shows what was exported."""


UNCHANGED = Unchanged()


def number(text: str) -> Decimal | None:
    """A number as a spreadsheet means it: to fifteen digits. None where the text is no number.

    >>> number("7.0999999999999996")
    Decimal('7.1')
    """
    try:
        value = _FIFTEEN.create_decimal(text)
    except InvalidOperation:
        return None
    return value.normalize(_FIFTEEN) if value.is_finite() else None


def is_blank(cell: CellFound) -> bool:
    return cell.formula is None and not cell.text.strip()


def shows(cell: CellFound, value: Value) -> bool:
    """Whether a cell shows this value of ours."""
    if value is None:
        return cell.text == "" or (cell.kind == "s" and not cell.text)
    if isinstance(value, str):
        return _told(cell.text) == _told(value)
    return isinstance(value, int | Decimal) and number(cell.text) == number(str(value))


def _told(text: str) -> str:
    return normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def read_value(field: Field, cell: CellFound, exported: Value, place: str) -> Any | Unchanged | Finding:
    """The value typed into a cell; UNCHANGED; or what is wrong with it. A blank cell is None."""
    if cell.formula is not None:
        return Finding(place, f"a formula stands in an input cell (={cell.formula[:60]})", "Type the value itself; in Excel: copy, then paste values")
    if shows(cell, exported):
        return UNCHANGED
    if cell.kind == "e":
        return Finding(place, f"the cell shows an error ({cell.text})", "Type the value itself")
    if is_blank(cell):
        return Finding(place, f"{field.label} is empty", f"Type {_wanted(field)}") if field.needed else None
    if field.kind in ("whole", "minutes", "pounds"):
        return _number(field, cell, place)
    return _text(field, cell, place)


def _wanted(field: Field) -> str:
    if field.choices:
        return "one of " + ", ".join(field.choices)
    return {"whole": f"a whole number from {field.least} to {field.most:,}", "minutes": "the minutes", "pounds": "an amount"}.get(field.kind, "it")


def _text(field: Field, cell: CellFound, place: str) -> Any | Finding:
    text = _told(cell.text if cell.kind != "n" else _plain_number(cell.text))
    if len(text) > _LONGEST:
        return Finding(place, f"the text has {len(text):,} characters; at most {_LONGEST:,} are kept", "Shorten it")
    bad = next((sign for sign in text if (ord(sign) < 32 and sign not in "\t\n") or ord(sign) in (0xFFFE, 0xFFFF) or 0xD800 <= ord(sign) <= 0xDFFF), None)
    if bad is not None:
        return Finding(place, f"the control character U+{ord(bad):04X} cannot stand in a document", "Remove it")
    if field.choices and text.strip() not in field.choices:
        return Finding(place, f"{text[:40]!r} is not known here{near(text.strip(), field.choices)}", f"Choose one of {', '.join(field.choices)}")
    return text.strip() if field.choices or field.kind == "resource" else text


def _plain_number(text: str) -> str:
    value = number(text)
    return text if value is None else as_written(value)


def _number(field: Field, cell: CellFound, place: str) -> Any | Finding:
    value = number(cell.text) if cell.kind == "n" else None
    if value is None:
        return Finding(place, f"text stands where a number belongs ({cell.text[:40]!r})", f"Type {_wanted(field)}, digits only")
    if field.kind == "whole":
        if value != value.to_integral_value():
            return Finding(place, f"{as_written(value)} is not a whole number", f"Type {_wanted(field)}")
        if not field.least <= value <= field.most:
            return Finding(place, f"{as_written(value)} is out of range", f"Type {_wanted(field)}")
        return int(value)
    if field.kind == "minutes":
        if not 0 < value <= field.most:
            return Finding(place, f"{as_written(value)} minutes cannot be", "Type minutes above 0, at most 10,080 (a week)")
        return int(value) if value == value.to_integral_value() else as_written(value)
    return _amount(value, place)


def _amount(value: Decimal, place: str) -> str | Finding:
    if value < 0:
        return Finding(place, "an amount is never negative", "Type an amount of pounds and pence, or nothing")
    if value != value.quantize(Decimal("0.01")):
        return Finding(place, f"{as_written(value)} is finer than a penny", "Type pounds and pence")
    return as_written(value.quantize(Decimal("0.01")))


def check_resource(resource: str, minutes: object, roles: Iterable[str], codes: Iterable[str], place: str, edition: str) -> Finding | None:
    """What is wrong with a role or code, or with its minutes; None if nothing is."""
    known_roles, known_codes = list(roles), list(codes)
    if (minutes is not None and resource in known_roles) or (minutes is None and resource in known_codes):
        return None
    if resource in known_roles:
        return Finding(place, f"the role {resource!r} has no minutes", "Type its minutes")
    if resource in known_codes:
        return Finding(place, f"the tariff code {resource!r} has minutes; only a role has", "Clear the minutes, or choose a role")
    what = "role" if minutes is not None else "tariff code"
    remedy = "Choose one from the Roles or the Activities sheet"
    return Finding(place, f"{what} {resource!r} is not in edition {edition}{near(resource, [*known_roles, *known_codes])}", remedy)
