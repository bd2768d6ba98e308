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
    """One resource line of a payable at a site; every amount is in exact pounds and ``total`` includes the multiplier."""

    cost: ResourceCost
    occurrences: int
    units_per_pound: int
    multiplier: Fraction

    @property
    def activity_cost(self) -> Fraction:
        """Done once."""
        return Fraction(self.cost.activity_cost, self.units_per_pound)

    @property
    def total_activity_cost(self) -> Fraction:
        return self._all(self.cost.activity_cost)

    @property
    def indirect(self) -> Fraction:
        return self._all(self.cost.indirect)

    @property
    def capacity(self) -> Fraction:
        return self._all(self.cost.capacity)

    @property
    def multiplier_amount(self) -> Fraction:
        """What the multiplier adds to (or takes from) the national cost."""
        return self._all(self.cost.national) * (self.multiplier - 1)

    @property
    def total(self) -> Fraction:
        return self._all(self.cost.national) * self.multiplier

    def _all(self, units: int) -> Fraction:
        return Fraction(units * self.occurrences, self.units_per_pound)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workings:
    """Why a price is what it is: the lines' totals add up exactly to ``exact``; ``price = exact + rounding``, in pounds.

    It costs nothing to carry: figures are worked out when somebody reads them.
    """

    payable: Payable
    price: Pence
    units_per_pound: int
    site_multiplier: SiteMultiplier

    @property
    def lines(self) -> tuple[WorkingLine, ...]:
        unit, multiplier = self.units_per_pound, Fraction(self.site_multiplier.value)
        return tuple([WorkingLine(cost=cost, occurrences=times, units_per_pound=unit, multiplier=multiplier) for cost, times in self.payable.lines])

    @property
    def national_cost(self) -> Fraction:
        return Fraction(self.payable.national, self.units_per_pound)

    @property
    def exact(self) -> Fraction:
        return self.national_cost * Fraction(self.site_multiplier.value)

    @property
    def rounding(self) -> Fraction:
        return Fraction(self.price, 100) - self.exact


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
        """Why the payable's price is what it is."""
        return self._workings(payable, self.price(payable.kind, payable.id, payable.arm))

    def all_workings(self) -> tuple[Workings, ...]:
        """The workings of every payable, in the order of ``prices``."""
        return tuple([self._workings(payable, price) for payable, price in zip(self.costs.payables, self.prices, strict=True)])

    def _workings(self, payable: Payable, price: Pence) -> Workings:
        return Workings(payable=payable, price=price, units_per_pound=self.costs.units_per_pound, site_multiplier=self.multiplier)


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
