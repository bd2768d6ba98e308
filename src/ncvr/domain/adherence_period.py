"""The months and quarters that adherence is published for. A day is London's."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from ncvr.errors import InputError

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_YEARS = range(2000, 2200)  # of which a period may be asked for; far enough from the ends of the calendar to count back and on
_QUARTER = re.compile(r"([0-9]{4})-Q([1-4])")


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """From the first day to the last, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Period:
    """``2026-06`` or ``2026-Q2``."""

    name: str
    first: date
    last: date

    def window(self, months: int) -> Window:
        """The days that are looked at: the period itself, or, if the definition says more months, so many up to its end."""
        first = min(self.first, months_before(self.last, months - 1))
        return Window(first, self.last)

    @property
    def title(self) -> str:
        """As people read it.

        >>> read_period("2026-06").title, read_period("2026-Q2").title
        ('June 2026', 'April to June 2026')
        """
        return f"{self.last:%B %Y}" if self.first.month == self.last.month else f"{self.first:%B} to {self.last:%B %Y}"


def read_period(text: str) -> Period:
    """A month such as ``2026-06`` or a quarter of the calendar such as ``2026-Q2``. Raises InputError for anything else.

    >>> read_period("2026-Q1").last
    datetime.date(2026, 3, 31)
    """
    found = _MONTH.fullmatch(text) or _QUARTER.fullmatch(text)
    if found is not None and int(found[1]) not in _YEARS:
        raise InputError(f"there is nothing to count in {found[1]}", "period", f"Name a period from {_YEARS[0]} to {_YEARS[-1]}")
    if month := _MONTH.fullmatch(text):
        return month_of(date(int(month[1]), int(month[2]), 1))
    if quarter := _QUARTER.fullmatch(text):
        last = date(int(quarter[1]), int(quarter[2]) * 3, 1)
        return Period(text, months_before(last, 2), _last_of(last))
    raise InputError(f"{text!r} is neither a month nor a quarter", "period", "Write a month as 2026-06, a quarter as 2026-Q2")


def month_of(day: date) -> Period:
    first = day.replace(day=1)
    return Period(f"{day:%Y-%m}", first, _last_of(first))


def months_up_to(last: date, count: int) -> list[Period]:
    """So many months, the last of them the month of that day.

    >>> [month.name for month in months_up_to(date(2026, 1, 15), 3)]
    ['2025-11', '2025-12', '2026-01']
    """
    return [month_of(months_before(last, back)) for back in range(count - 1, -1, -1)]


def months_before(day: date, count: int) -> date:
    """The first day of the month so many months earlier."""
    months = day.year * 12 + day.month - 1 - count
    return date(months // 12, months % 12 + 1, 1)


def _last_of(first: date) -> date:
    return months_before(first, -1) - timedelta(days=1)
