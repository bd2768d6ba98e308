"""Days, minutes, pounds and text as people write them in files: what each becomes, or what is wrong with it."""

import re
from datetime import date
from decimal import Decimal
from unicodedata import category, normalize

from ncvr.money import as_written, exact, pence_of

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_UNSEEN = frozenset(("Cc", "Cf", "Zl", "Zp", "Zs"))  # not what this Python does not know yet: it may be a letter of tomorrow
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and signs of Unicode that show nothing


def day_of(text: str) -> date:
    """A day from ``2026-04-01``. Raises ValueError for anything else, also for other ways ISO 8601 would allow."""
    if not _DAY.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is not a date; Write it as 2026-04-01")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text} is not a day of the calendar; Write a day that exists, as 2026-04-01") from error


def day(value: object) -> object:
    """Text as a day; anything else is somebody else's finding."""
    return day_of(value) if isinstance(value, str) else value


def minutes(value: object) -> object:
    """Whole numbers and decimals as text; a JSON number with a fraction has already lost its exactness."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise ValueError('write a whole number of minutes, or a decimal as text such as "7.5"')
    number = value if isinstance(value, Decimal) else exact(str(value))
    return number if number == number.to_integral_value() and number.as_tuple().exponent == 0 else _shortest(number)


def _shortest(number: Decimal) -> Decimal:
    """Without trailing noughts, never in exponent form: 20.0 and 20 are the same minutes."""
    return exact(as_written(number).rstrip("0").rstrip("."))


def minutes_written(number: Decimal) -> int | str:
    """Minutes as a file holds them: a whole number, or text where there is a fraction."""
    return int(number) if number == number.to_integral_value() else as_written(number)


def pounds(value: str) -> str:
    """An amount of pounds, never negative, at most to the penny."""
    pence_of(value)
    if value.startswith("-"):
        raise ValueError("an amount is never negative")
    return value


def site_role(value: object) -> object:
    """The role of a site that can be priced."""
    if value not in ("participating", "lead"):
        raise ValueError("only participating and lead sites can be priced for now; hub, spoke and participant identification sites cannot")
    return value


def ods_code(value: object) -> object:
    """An organisation's code as the list writes it: ``rgt`` is ``RGT``."""
    return value.strip().upper() if isinstance(value, str) else value


def printable(value: str) -> str:
    """NFC text without control characters, which neither XML nor a spreadsheet can hold; what only looks empty is not text."""
    bad = _CONTROL.search(value)
    if bad is not None:
        raise ValueError(f"the control character U+{ord(bad[0]):04X} cannot stand in a document; remove it")
    if value and not any(map(_is_seen, value)):
        raise ValueError("this holds only spaces or signs that cannot be seen; write it, or leave the field out if it may be missing")
    return normalize("NFC", value)


def _is_seen(sign: str) -> bool:
    return category(sign) not in _UNSEEN and sign not in _BLANK
