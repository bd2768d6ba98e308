"""What the engine says of each cell that holds a formula: the results stored in a workbook, in the workbook's own units."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from ncvr.domain.pricing import ActivityCost, Kind, NationalCosts, Payable, ResourceCost
from ncvr.domain.site_price import SitePrice, price_site
from ncvr.domain.study import Site
from ncvr.domain.tariff import SiteMultiplier
from ncvr.files.workbook_formulas import Units, nearest

NATIONAL = "National"
NATIONAL_MULTIPLIER = SiteMultiplier(ods_code="NATIONAL", name=NATIONAL, nation="", value=Decimal(1), basis="", source="", place="")
_LISTS: Mapping[str, Kind] = {"unscheduled": "unscheduled", "setup_and_closedown": "setup_and_closedown"}


def national_price(costs: NationalCosts) -> SitePrice:
    """The price at multiplier 1: what is shown before a site is chosen."""
    return price_site(costs, Site(ods_code="NATIONAL"), NATIONAL, NATIONAL_MULTIPLIER)


@dataclass(frozen=True, kw_only=True)
class Results:
    """The priced study behind a workbook. ``shown`` is the site whose multiplier the sheets use, or the national price."""

    costs: NationalCosts
    units: Units
    shown: SitePrice

    def line(self, container: str, activity: str, number: int) -> ResourceCost | None:
        """The cost of a resource line (``container`` is an arm's id, or the list the activity stands in); None where it has none."""
        cost = self.activity(container, activity)
        resources = cost.resources if cost is not None else ()
        return resources[number - 1] if number <= len(resources) else None

    def activity(self, container: str, activity: str) -> ActivityCost | None:
        return self._activities.get((container, activity))

    @cached_property
    def _activities(self) -> dict[tuple[str, str], ActivityCost]:
        found: dict[tuple[str, str], ActivityCost] = {}
        for payable in self.costs.payables:
            container = payable.kind if payable.kind in _LISTS else payable.arm
            if payable.kind != "visit" or (payable.activities and (container, payable.activities[0].activity.id) not in found):
                found |= {(container, cost.activity.id): cost for cost in payable.activities}
        return found

    @cached_property
    def _places(self) -> dict[tuple[str, str, str], int]:
        return {_payable_key(payable): at for at, payable in enumerate(self.costs.payables)}

    def has(self, kind: str, container: str, key: str) -> bool:
        return (kind, container, key) in self._places

    def payable(self, kind: str, container: str, key: str) -> Payable:
        return self.costs.payables[self._places[kind, container, key]]

    def whole(self, amount: int) -> int:
        """An engine's amount in the workbook's units."""
        scaled = Fraction(amount * self.units.per_pound, self.costs.units_per_pound)
        assert scaled.denominator == 1
        return scaled.numerator

    def units_of(self, kind: str, container: str, key: str) -> int:
        """A payable's national cost in the workbook's units."""
        return self.whole(self.payable(kind, container, key).national)

    def pounds(self, amount: int, times: int = 1) -> Decimal:
        """An engine's amount in pounds, as near as a spreadsheet can show it."""
        return nearest(Fraction(amount * times, self.costs.units_per_pound))

    def at_site(self, amount: int, times: int, *, beyond: bool = False) -> Decimal:
        """With the shown multiplier; ``beyond``: only what the multiplier adds."""
        multiplier = Fraction(self.shown.multiplier.value) - (1 if beyond else 0)
        return nearest(Fraction(amount * times, self.costs.units_per_pound) * multiplier)

    def price(self, kind: str, container: str, key: str, price: SitePrice | None = None) -> Decimal:
        """A payable's price in pounds, by default that of the shown site."""
        return Decimal((price or self.shown).prices[self._places[kind, container, key]]).scaleb(-2)

    def position(self, cost: ResourceCost) -> int:
        """Where the list of rates has this line's role or code; roles stand before codes."""
        line = cost.resource
        return self._positions[line.role is not None, line.role or line.item or ""]

    @cached_property
    def _positions(self) -> dict[tuple[bool, str], int]:
        edition = self.costs.edition
        roles = {(True, role): at for at, role in enumerate(edition.staff_rates, start=1)}
        return roles | {(False, code): at for at, code in enumerate(edition.items, start=len(edition.staff_rates) + 2)}


def _payable_key(payable: Payable) -> tuple[str, str, str]:
    return payable.kind, payable.kind if payable.kind in _LISTS else payable.arm, payable.id
