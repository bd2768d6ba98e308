"""What a schedule that is still being written costs nationally: each activity once, each visit, and the arm. Not yet a price of any site.

A line that cannot be priced yet makes the sums it is part of unknown, never smaller.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction

from ncvr.domain.pricing import national_once
from ncvr.domain.study import Arm, Costed
from ncvr.domain.tariff import TariffEdition
from ncvr.errors import StudyError


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningCost:
    """National pounds before rounding; None where something in it cannot be priced yet. ``arm`` counts every payable once."""

    lines: Mapping[str, Fraction | None]
    visits: Mapping[str, Fraction | None]
    arm: Fraction | None

    @property
    def unpriced(self) -> list[str]:
        """The activities that keep sums from being known."""
        return [line for line, cost in self.lines.items() if cost is None]


def running_cost(arm: Arm, edition: TariffEdition) -> RunningCost:
    """The cost of an arm whose ``same_as`` is expanded."""
    return _summed(arm, {activity.id: cost_once(activity, edition) for activity in arm.activities})


def running_cost_after(arm: Arm, edition: TariffEdition, before: RunningCost, touched: Collection[str]) -> RunningCost:
    """The same where only these activities have changed since: the others are not costed again."""
    known = before.lines
    lines = {entry.id: cost_once(entry, edition) if entry.id in touched or entry.id not in known else known[entry.id] for entry in arm.activities}
    return _summed(arm, lines)


def cost_once(activity: Costed, edition: TariffEdition, *, setup: bool = False) -> Fraction | None:
    """An activity done once; None while it cannot be priced. ``setup``: as set-up or close-down work."""
    try:
        return national_once(activity, edition, setup=setup)
    except StudyError:
        return None


def _summed(arm: Arm, lines: Mapping[str, Fraction | None]) -> RunningCost:
    visits: dict[str, Fraction | None] = {visit.id: Fraction(0) for visit in arm.visits}
    items: Fraction | None = Fraction(0)
    for activity in arm.activities:
        once = lines[activity.id]
        if activity.payment == "item":
            items = _plus(items, once)
            continue
        for visit, times in activity.occurrences.items():
            if times:
                visits[visit] = _plus(visits[visit], None if once is None else once * times)
    total = items
    for cost in visits.values():
        total = _plus(total, cost)
    return RunningCost(lines=lines, visits=visits, arm=total)


def _plus(sum_so_far: Fraction | None, amount: Fraction | None) -> Fraction | None:
    return None if sum_so_far is None or amount is None else sum_so_far + amount
