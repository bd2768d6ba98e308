"""What was typed in a form, as values: days in three boxes, numbers, each with a message that leads to its field."""

from datetime import date

from ncvr.errors import InputError
from ncvr.web.pages.page import Page


def day_parts(page: Page, name: str) -> dict[str, str]:
    """The three boxes of a day as they were typed, to be shown again."""
    return {part: page.field(f"{name}-{part}") for part in ("day", "month", "year")}


def day_boxes(day: date | None) -> dict[str, str]:
    """A day in its three boxes."""
    return {"day": "", "month": "", "year": ""} if day is None else {"day": str(day.day), "month": str(day.month), "year": str(day.year)}


def typed_day(page: Page, name: str, what: str) -> date | None:
    """The day in three boxes; None if all are empty. Raises InputError for a day that is not in the calendar."""
    parts = day_parts(page, name)
    if not any(parts.values()):
        return None
    day, month, year = parts["day"], parts["month"], parts["year"]
    try:
        if not all(part.isascii() and part.isdecimal() and len(part) <= 4 for part in (day, month, year)):
            raise ValueError(parts)
        return date(int(year), int(month), int(day))
    except ValueError:
        raise InputError(f"{what} is not a day of the calendar", f"{name}-day", "Enter day, month and year in numbers, like 20 11 2026") from None


def needed_day(page: Page, name: str, what: str) -> date:
    """The day in three boxes. Raises InputError if they are empty or no day."""
    found = typed_day(page, name, what)
    if found is None:
        raise InputError(f"{what} is missing", f"{name}-day", "Enter day, month and year in numbers, like 20 11 2026")
    return found
