"""From the resource of a study to the national cost of everything a sponsor pays for.

A price is ``round(national cost x multiplier)``. The national cost does not depend on the site, so it is computed
once per study, as whole numbers of a unit small enough for the edition's and the study's own decimals; Python's
whole numbers do not wrap. All sites follow by one multiplication and one rounding each
(:mod:`ncvr.domain.site_price`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from ncvr.domain.study import Activity, Arm, Costed, ResourceLine, Study
from ncvr.domain.study_checks import check_use
from ncvr.domain.tariff import StaffRate, TariffEdition, TariffItem, Uplift
from ncvr.errors import StudyError
from ncvr.money import decimals, in_units

Kind = Literal["visit", "item", "unscheduled", "setup_and_closedown"]
PayableKey = tuple[Kind, str, str]  # kind, arm id ("" where there is none), own id


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceCost:
    """One resource line done once, in whole units of ``1 / NationalCosts.units_per_pound`` pounds."""

    activity: Costed
    resource: ResourceLine
    figure: StaffRate | TariffItem
    uplift: Uplift
    department: str
    activity_cost: int
    indirect: int
    capacity: int

    @property
    def national(self) -> int:
        """Activity cost with both uplifts: each on the activity cost, added, never one on the other."""
        return self.activity_cost + self.indirect + self.capacity

    @property
    def sort_key(self) -> tuple[str, str, str]:
        """Department, activity id, role or item: the tie-break that makes the order of lines irrelevant."""
        return self.department, self.activity.id, self.resource.role or self.resource.item or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payable:
    """Something the sponsor pays for under its own name, and what it is made of: resource costs with occurrences."""

    kind: Kind
    arm: str
    id: str
    lines: tuple[tuple[ResourceCost, int], ...]
    national: int

    @property
    def key(self) -> PayableKey:
        return self.kind, self.arm, self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class NationalCosts:
    """The site-independent cost of every payable of a study under one edition."""

    study: Study
    edition: TariffEdition
    arms: tuple[Arm, ...]  # same_as expanded
    units_per_pound: int
    payables: tuple[Payable, ...]

    def of_arm(self, arm: str, kind: Kind) -> list[Payable]:
        """The payables of one kind of one arm (``""``: of the study), in the file's order."""
        return [payable for payable in self.payables if payable.kind == kind and payable.arm == arm]


def national_costs(study: Study, edition: TariffEdition) -> NationalCosts:
    """The national cost of every payable.

    Raises StudyError with everything that keeps the study from being priced: a to-do left, a resource missing, a role
    or code that the edition does not have. Nothing is guessed.
    """
    problems = [finding for finding in check_use(study, "price", edition) if finding.level == "error"]
    if problems:
        raise StudyError.of(problems)
    scale = _Scale.of(study, edition)
    arms = study.expanded_arms()
    payables = [payable for arm in arms for payable in _arm_payables(arm, scale)]
    payables += [_payable("unscheduled", entry.arm or "", entry.id, _once(scale.costs(entry))) for entry in study.unscheduled]
    payables += [_payable("setup_and_closedown", "", entry.id, _once(scale.costs(entry, setup=True))) for entry in study.setup_and_closedown]
    return NationalCosts(study=study, edition=edition, arms=arms, units_per_pound=scale.units_per_pound, payables=tuple(payables))


def _arm_payables(arm: Arm, scale: "_Scale") -> list[Payable]:
    by_visit: dict[str, list[tuple[ResourceCost, int]]] = {visit.id: [] for visit in arm.visits}
    totals = dict.fromkeys(by_visit, 0)
    items: list[Activity] = []
    for activity in arm.activities:
        if activity.payment == "item":
            items.append(activity)
            continue
        costs = scale.costs(activity)
        together = sum(cost.national for cost in costs)
        for visit, times in activity.occurrences.items():
            if times:
                by_visit[visit].extend([(cost, times) for cost in costs])
                totals[visit] += together * times
    visits = [Payable(kind="visit", arm=arm.id, id=visit, lines=tuple(lines), national=totals[visit]) for visit, lines in by_visit.items()]
    return visits + [_payable("item", arm.id, item.id, _once(scale.costs(item))) for item in items]


def _once(costs: Iterable[ResourceCost]) -> tuple[tuple[ResourceCost, int], ...]:
    return tuple((cost, 1) for cost in costs)


def _payable(kind: Kind, arm: str, key: str, lines: tuple[tuple[ResourceCost, int], ...]) -> Payable:
    return Payable(kind=kind, arm=arm, id=key, lines=lines, national=sum(cost.national * times for cost, times in lines))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scale:
    """The unit in which this study's costs are whole numbers under this edition.

    A staff line has quantity x minutes / 60 x rate, then uplifts; so one pound is
    60 x 10^(decimals of minutes + decimals of figures + decimals of uplifts) units.
    """

    edition: TariffEdition
    minute_places: int
    figure_places: int
    uplift_places: int

    @classmethod
    def of(cls, study: Study, edition: TariffEdition) -> "_Scale":
        lines = [line for activity in _activities(study) for line in activity.resources]
        uplifts = [*edition.uplifts.values(), *edition.setup_uplifts.values()]
        return cls(
            edition=edition,
            minute_places=_most_places(line.minutes for line in lines if line.minutes is not None),
            figure_places=_most_places(_figure(line, edition).amount for line in lines),
            uplift_places=_most_places(share for uplift in uplifts for share in (uplift.indirect, uplift.capacity)),
        )

    @property
    def units_per_pound(self) -> int:
        units: int = 60 * 10 ** (self.minute_places + self.figure_places + self.uplift_places)
        return units

    def costs(self, activity: Costed, *, setup: bool = False) -> tuple[ResourceCost, ...]:
        """What one occurrence of the activity costs, line by line."""
        return tuple([self._cost(activity, line, setup) for line in activity.resources])

    def _cost(self, activity: Costed, line: ResourceLine, setup: bool) -> ResourceCost:
        figure = _figure(line, self.edition)
        uplift = self.edition.uplift(figure.cost_class if isinstance(figure, TariffItem) else "staff_time", setup=setup)
        sixtieths = in_units(line.minutes, self.minute_places) if line.minutes is not None else 60 * 10**self.minute_places
        base = line.quantity * sixtieths * in_units(figure.amount, self.figure_places)  # still without the uplifts' decimals
        return ResourceCost(
            activity=activity,
            resource=line,
            figure=figure,
            uplift=uplift,
            department=_department(activity, line, figure, self.edition),
            activity_cost=base * 10**self.uplift_places,
            indirect=base * in_units(uplift.indirect, self.uplift_places),
            capacity=base * in_units(uplift.capacity, self.uplift_places),
        )


def _activities(study: Study) -> list[Costed]:
    scheduled: list[Costed] = [activity for arm in study.arms for activity in arm.activities]
    return [*scheduled, *study.unscheduled, *study.setup_and_closedown]


def _most_places(numbers: Iterable[Decimal]) -> int:
    return max(map(decimals, numbers), default=0)


def _figure(line: ResourceLine, edition: TariffEdition) -> StaffRate | TariffItem:
    if line.role is not None:
        return edition.staff_rate(line.role)
    return edition.item(line.item or "")


def _department(activity: Costed, line: ResourceLine, figure: StaffRate | TariffItem, edition: TariffEdition) -> str:
    """The line's own department, else the activity's, the item's, the catalogue's; else it says Unassigned."""
    catalogue: Mapping[str, object] = edition.activities
    of_item = figure.department if isinstance(figure, TariffItem) else None
    of_catalogue = edition.activities[activity.catalogue].department if activity.catalogue in catalogue and activity.catalogue else None
    return line.department or activity.department or of_item or of_catalogue or "Unassigned"
