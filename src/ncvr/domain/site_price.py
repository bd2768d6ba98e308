"""The fixed prices of one site, and why each is what it is.

Everything here is a pure function of (schedule version, edition, multiplier): no clock, no order of lines.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from ncvr.domain.pricing import Kind, NationalCosts, Payable, ResourceCost
from ncvr.domain.study import Arm, Site
from ncvr.domain.tariff import SiteMultiplier
from ncvr.errors import NotFound
from ncvr.money import Pence, decimals, in_units


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingLine:
    """One resource line of a payable at a site, in exact pounds; its ``total`` includes the multiplier."""

    cost: ResourceCost
    occurrences: int
    activity_cost: Fraction
    total_activity_cost: Fraction
    indirect: Fraction
    capacity: Fraction
    multiplier_amount: Fraction
    total: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Workings:
    """The lines' totals add up exactly to ``exact``; ``price = exact + rounding``, in pounds."""

    lines: tuple[WorkingLine, ...]
    national_cost: Fraction
    exact: Fraction
    rounding: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePrice:
    """A site's price of every payable, in pence, beside ``costs.payables``. Nobody edits a price: it has no setter."""

    site: Site
    name: str
    multiplier: SiteMultiplier
    costs: NationalCosts
    prices: tuple[Pence, ...]

    @property
    def places(self) -> int:
        """Decimals of a printed price under this edition: 2, or 0 for whole pounds."""
        return self.costs.edition.rounding.places

    @property
    def arms(self) -> tuple[Arm, ...]:
        """The arms this site takes part in."""
        return tuple(arm for arm in self.costs.arms if self.site.arms is None or arm.id in self.site.arms)

    def of(self, kind: Kind, arm: str = "") -> Iterator[tuple[Payable, Pence]]:
        """Payables of one kind of one arm (``""``: of the study) with their prices, in the file's order."""
        for payable, price in zip(self.costs.payables, self.prices, strict=True):
            if payable.kind == kind and payable.arm == arm:
                yield payable, price

    def unscheduled(self) -> Iterator[tuple[Payable, Pence]]:
        """Unscheduled items of the study and of this site's arms."""
        taken = {"", *(arm.id for arm in self.arms)}
        for payable, price in zip(self.costs.payables, self.prices, strict=True):
            if payable.kind == "unscheduled" and payable.arm in taken:
                yield payable, price

    def visit_prices(self, arm: str) -> dict[str, Pence]:
        return {payable.id: price for payable, price in self.of("visit", arm)}

    def price(self, kind: Kind, key: str, arm: str = "") -> Pence:
        """One price. Raises NotFound if there is no such payable."""
        for payable, price in self.of(kind, arm):
            if payable.id == key:
                return price
        raise NotFound(f"there is no {kind} {key!r}{f' in arm {arm}' if arm else ''}")

    def per_participant(self, arm: Arm) -> Pence:
        """Each scheduled visit once. Conditional visits, repeats and items are outside it."""
        prices = self.visit_prices(arm.id)
        return sum(prices[visit.id] for visit in arm.visits if visit.kind == "scheduled")

    def screen_failure(self, arm: Arm) -> Pence | None:
        """The screening visits together; None where the arm has none."""
        screening = [visit.id for visit in arm.visits if visit.screening]
        prices = self.visit_prices(arm.id)
        return sum(prices[visit] for visit in screening) if screening else None

    def workings(self, payable: Payable) -> Workings:
        """Why this price: every line with its uplifts and the multiplier's amount, and what rounding did."""
        multiplier, unit = Fraction(self.multiplier.value), self.costs.units_per_pound
        exact = Fraction(payable.national, unit) * multiplier
        price = self.costs.edition.rounding.apply(exact)
        lines = tuple(_working_line(cost, times, unit, multiplier) for cost, times in payable.lines)
        return Workings(lines=lines, national_cost=Fraction(payable.national, unit), exact=exact, rounding=Fraction(price, 100) - exact)


def _working_line(cost: ResourceCost, occurrences: int, unit: int, multiplier: Fraction) -> WorkingLine:
    national = Fraction(cost.national * occurrences, unit)
    return WorkingLine(
        cost=cost,
        occurrences=occurrences,
        activity_cost=Fraction(cost.activity_cost, unit),
        total_activity_cost=Fraction(cost.activity_cost * occurrences, unit),
        indirect=Fraction(cost.indirect * occurrences, unit),
        capacity=Fraction(cost.capacity * occurrences, unit),
        multiplier_amount=national * (multiplier - 1),
        total=national * multiplier,
    )


def price_site(costs: NationalCosts, site: Site, name: str, multiplier: SiteMultiplier) -> SitePrice:
    """The site's prices: one multiplication and one rounding a payable."""
    places = decimals(multiplier.value)
    factor, below = in_units(multiplier.value, places), costs.units_per_pound * 10**places
    prices = costs.edition.rounding.each([payable.national for payable in costs.payables], below, factor)
    return SitePrice(site=site, name=name, multiplier=multiplier, costs=costs, prices=prices)


def split_by_department(payable: Payable, price: Pence) -> dict[str, Pence]:
    """The price shared over departments in pennies by the largest remainder, so that the parts add up to it.

    Ties go by (department, activity id, role or item), so the order of lines never matters.
    """
    if not payable.national:
        return {cost.department: 0 for cost, _ in payable.lines}
    shares = sorted((cost.sort_key, cost.national * times) for cost, times in payable.lines)
    quotas = [divmod(price * national, payable.national) for _, national in shares]
    spare = price - sum(whole for whole, _ in quotas)
    gains = sorted(range(len(shares)), key=lambda at: (-quotas[at][1], shares[at][0]))[:spare]
    split: dict[str, Pence] = {}
    for at, ((department, _, _), _) in enumerate(shares):
        split[department] = split.get(department, 0) + quotas[at][0] + (at in gains)
    return split
