"""What a study may come to at one site, and what that assumes; and the direct costs that an escalation is measured by.

A projection is not a price: nobody is invoiced for it. Every assumption it makes is said beside the figure.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from ncvr.domain.pricing import NationalCosts, Payable
from ncvr.domain.site_price import SitePrice
from ncvr.domain.study import Activity, Arm, Visit
from ncvr.money import Pence


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """``total`` is None where the site has no target number of participants."""

    participants: int | None
    total: Pence | None
    assumes: tuple[str, ...]


def participants_by_arm(price: SitePrice) -> dict[str, Fraction]:
    """The site's participants per arm: as stated, else its target divided evenly and exactly over its non-optional arms."""
    site, arms = price.site, price.arms
    if site.arm_participants is not None:
        return {arm.id: Fraction(site.arm_participants.get(arm.id, 0)) for arm in arms}
    shared = [arm.id for arm in arms if not arm.optional]
    if site.target_participants is None or not shared:
        return {}
    return {arm: Fraction(site.target_participants, len(shared)) for arm in shared}


def project(price: SitePrice) -> Projection:
    """The projected total of a site, rounded once, with what it assumes."""
    numbers = participants_by_arm(price)
    if not numbers:
        missing = "no number of participants is given for this site" if price.site.target_participants is None else "every arm of this site is optional"
        return Projection(participants=None, total=None, assumes=(missing,))
    arms = {arm.id: arm for arm in price.arms}
    total = sum((number * arm_income(price, arms[arm]) for arm, number in numbers.items()), Fraction(0)) + setup_income(price)
    participants = sum(numbers.values(), Fraction(0))
    return Projection(
        participants=int(participants),
        total=price.costs.edition.rounding.apply(total / 100),
        assumes=tuple(_assumptions(price, numbers)),
    )


def arm_income(price: SitePrice, arm: Arm) -> Pence:
    """One participant of this arm: scheduled visits as often as expected, and every item at each of its occurrences."""
    prices = price.visit_prices(arm.id)
    visits = sum(prices[visit.id] * _expected(visit) for visit in arm.visits if visit.kind == "scheduled")
    items = {activity.id: activity for activity in arm.activities}
    return visits + sum(unit * _item_count(items[payable.id], arm) for payable, unit in price.of("item", arm.id))


def setup_income(price: SitePrice) -> Pence:
    """Set-up and close-down, each as often as it is expected (once where nothing is said)."""
    expected = {entry.id: entry.expected or 1 for entry in price.costs.study.setup_and_closedown}
    return sum(amount * expected[payable.id] for payable, amount in price.of("setup_and_closedown"))


def _expected(visit: Visit) -> int:
    return visit.repeat.expected or 1 if visit.repeat is not None else 1


def _item_count(item: Activity, arm: Arm) -> int:
    """Occurrences at scheduled visits, never more than the item's maximum."""
    scheduled = {visit.id: _expected(visit) for visit in arm.visits if visit.kind == "scheduled"}
    count = sum(times * scheduled[visit] for visit, times in item.occurrences.items() if visit in scheduled)
    return count if item.max is None else min(count, item.max)


def _assumptions(price: SitePrice, numbers: dict[str, Fraction]) -> Iterator[str]:
    if price.site.arm_participants is None:
        yield f"participants divided evenly over {len(numbers)} arm{'s' if len(numbers) != 1 else ''}"
    yield "every participant makes every scheduled visit"
    arms = [arm for arm in price.arms if numbers.get(arm.id)]
    if any(visit.repeat is not None for arm in arms for visit in arm.visits):
        yield "repeated visits as often as expected, or once where no number is given"
    if any(activity.payment == "item" for arm in arms for activity in arm.activities):
        yield "every item at each of its occurrences, up to its maximum"
    if any(visit.kind == "conditional" for arm in arms for visit in arm.visits):
        yield "no conditional visit happens"
    if any(True for _ in price.unscheduled()):
        yield "no unscheduled activity happens"
    if price.costs.study.setup_and_closedown:
        yield "set-up and close-down as often as expected, or once where no number is given"
    if price.costs.study.pass_through:
        yield "no pass-through costs"


def direct_cost_per_participant(costs: NationalCosts, arm: Arm) -> Fraction:
    """Total Activity Cost of each scheduled visit of the arm once, in pounds, before uplifts and multiplier."""
    scheduled = {visit.id for visit in arm.visits if visit.kind == "scheduled"}
    return sum((_activity_cost(costs, payable) for payable in costs.of_arm(arm.id, "visit") if payable.id in scheduled), Fraction(0))


def direct_cost_of_setup(costs: NationalCosts) -> Fraction:
    """Total Activity Cost of all set-up and close-down items, each once, in pounds."""
    return sum((_activity_cost(costs, payable) for payable in costs.of_arm("", "setup_and_closedown")), Fraction(0))


def _activity_cost(costs: NationalCosts, payable: Payable) -> Fraction:
    return Fraction(sum(cost.activity_cost * times for cost, times in payable.lines), costs.units_per_pound)
