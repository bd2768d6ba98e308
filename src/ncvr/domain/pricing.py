"""From the resource of a study to the national cost of everything a sponsor pays for.

A price is ``round(national cost x multiplier)``. The national cost does not depend on the site, so it is computed
once per study, as whole numbers of a unit small enough for the edition's and the study's own decimals; Python's
whole numbers do not wrap. All sites follow by one multiplication and one rounding each
(:mod:`ncvr.domain.site_price`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from ncvr.domain.study import Arm, Costed, ResourceLine, Study
from ncvr.domain.study_checks import check_use
from ncvr.domain.tariff import Rate, Rates, StaffRate, TariffEdition, TariffItem
from ncvr.errors import StudyError
from ncvr.money import decimals, in_units

Kind = Literal["visit", "item", "unscheduled", "setup_and_closedown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceCost:
    """One resource line done once, in whole units of ``1 / NationalCosts.units_per_pound`` pounds."""

    activity: Costed
    resource: ResourceLine
    rate: Rate
    department: str
    amount: int  # quantity x minutes, in the scale's parts of an hour; for an item, quantity x one whole

    @property
    def activity_cost(self) -> int:
        return self.amount * self.rate.units * self.rate.whole

    @property
    def indirect(self) -> int:
        return self.amount * self.rate.units * self.rate.indirect

    @property
    def capacity(self) -> int:
        return self.amount * self.rate.units * self.rate.capacity

    @property
    def national(self) -> int:
        """Activity cost and both uplifts."""
        return self.amount * self.rate.national

    @property
    def sort_key(self) -> tuple[str, str, str]:
        """Department, activity id, role or item: the tie-break that makes the order of lines irrelevant."""
        return self.department, self.activity.id, self.resource.role or self.resource.item or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityCost:
    """An activity done once, and how often each visit asks for it. Its resource costs are made when somebody asks why."""

    activity: Costed
    national: int
    occurrences: Mapping[str, int]
    rates: Rates
    scale: "_Scale"

    @property
    def resources(self) -> tuple[ResourceCost, ...]:
        return tuple([self._resource_cost(line) for line in self.activity.resources])

    def _resource_cost(self, line: ResourceLine) -> ResourceCost:
        activity, rate = self.activity, _rate(line, self.rates)
        department = line.department or activity.department or _department(activity, rate.figure, self.scale.edition)
        return ResourceCost(activity=activity, resource=line, rate=rate, department=department, amount=self.scale.amount(line))


@dataclass(frozen=True, slots=True, kw_only=True)
class Payable:
    """Something the sponsor pays for under its own name, and the activities that may be in it."""

    kind: Kind
    arm: str
    id: str
    activities: Sequence[ActivityCost]
    national: int

    @property
    def lines(self) -> tuple[tuple[ResourceCost, int], ...]:
        """Its resource lines with their occurrences, in the file's order."""
        done = [(activity, activity.occurrences.get(self.id, 0)) for activity in self.activities]
        return tuple([(cost, times) for activity, times in done if times for cost in activity.resources])


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

    Raises StudyError with everything that keeps the study from being priced where the arithmetic meets a to-do, a missing
    resource, or a role or code that the edition does not have. Nothing is guessed.
    """
    try:
        return _national_costs(study, edition)
    except StudyError as first:
        # One problem stops the arithmetic; whoever has to mend the file wants to hear all of them.
        problems = [finding for finding in check_use(study, "price", edition) if finding.level == "error"]
        raise StudyError.of(problems or first.findings) from first


def _national_costs(study: Study, edition: TariffEdition) -> NationalCosts:
    if study.study.iras_id is None or not study.arms:
        raise StudyError("the study cannot be priced yet")
    scale, arms = _Scale.of(study, edition), study.expanded_arms()
    payables = [payable for arm in arms for payable in _arm_payables(arm, scale)]
    payables += [_single("unscheduled", entry.arm or "", entry, scale, edition.rates) for entry in study.unscheduled]
    payables += [_single("setup_and_closedown", "", entry, scale, edition.setup_rates) for entry in study.setup_and_closedown]
    return NationalCosts(study=study, edition=edition, arms=arms, units_per_pound=scale.units_per_pound, payables=tuple(payables))


def national_once(activity: Costed, edition: TariffEdition, *, setup: bool = False) -> Fraction:
    """The national cost in pounds of an activity done once; ``setup``: as set-up or close-down work.

    Raises StudyError where it cannot be priced: still to do, without resources, or with a role or code the edition does not have.
    """
    minutes = [decimals(line.minutes) for line in activity.resources if line.minutes is not None]
    scale = _Scale(edition=edition, minute_places=max(minutes, default=0))
    return Fraction(scale.cost(activity, {}, edition.setup_rates if setup else edition.rates).national, scale.units_per_pound)


def _arm_payables(arm: Arm, scale: "_Scale") -> list[Payable]:
    if not arm.visits:
        raise StudyError(f"arm {arm.id} has no visits")
    rates = scale.edition.rates
    scheduled = [scale.cost(activity, activity.occurrences, rates) for activity in arm.activities if activity.payment == "visit"]
    once = [(cost.national, cost.occurrences) for cost in scheduled]
    visits = [Payable(kind="visit", arm=arm.id, id=visit.id, activities=scheduled, national=_visit_cost(visit.id, once)) for visit in arm.visits]
    return visits + [_single("item", arm.id, activity, scale, rates) for activity in arm.activities if activity.payment == "item"]


def _visit_cost(visit: str, once: Sequence[tuple[int, Mapping[str, int]]]) -> int:
    return sum([national * times for national, occurrences in once if (times := occurrences.get(visit))])


def _single(kind: Kind, arm: str, activity: Costed, scale: "_Scale", rates: Rates) -> Payable:
    """A payable that is one activity done once."""
    cost = scale.cost(activity, {activity.id: 1}, rates)
    return Payable(kind=kind, arm=arm, id=activity.id, activities=(cost,), national=cost.national)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scale:
    """The unit in which this study's costs are whole numbers under this edition.

    A staff line is quantity x minutes / 60 x rate, then uplifts; so one pound is 60 x 10^(decimals of the minutes) of the
    edition's own units.
    """

    edition: TariffEdition
    minute_places: int

    @classmethod
    def of(cls, study: Study, edition: TariffEdition) -> "_Scale":
        minutes = {line.minutes for activity in _activities(study) for line in activity.resources if line.minutes is not None}
        return cls(edition=edition, minute_places=max(map(decimals, minutes), default=0))

    @property
    def units_per_pound(self) -> int:
        return 60 * int(10**self.minute_places) * self.edition.rates.units_per_pound

    def amount(self, line: ResourceLine) -> int:
        """How much of its rate a line takes, in whole parts of an hour (an item takes wholes)."""
        minutes, places = line.minutes, self.minute_places
        if minutes is None:
            return line.quantity * 60 * int(10**places)
        return line.quantity * (in_units(minutes, places) if places else int(minutes))

    def cost(self, activity: Costed, occurrences: Mapping[str, int], rates: Rates) -> ActivityCost:
        """What one occurrence costs. Raises StudyError where neither resources nor a reason for their absence are given."""
        if not activity.resources and activity.no_charge is None:
            raise StudyError(f"{activity.name!r} has no resources", activity.id, "Give its staff time or tariff items")
        amount = self.amount
        national = sum([amount(line) * _rate(line, rates).national for line in activity.resources])
        return ActivityCost(activity=activity, national=national, occurrences=occurrences, rates=rates, scale=self)


def _rate(line: ResourceLine, rates: Rates) -> Rate:
    try:
        return rates.items[line.item or ""] if line.role is None else rates.roles[line.role]
    except KeyError as unknown:
        raise StudyError(f"{line.role or line.item!r} is not in the edition") from unknown


def _activities(study: Study) -> list[Costed]:
    scheduled: list[Costed] = [activity for arm in study.arms for activity in arm.activities]
    return [*scheduled, *study.unscheduled, *study.setup_and_closedown]


def _department(activity: Costed, figure: StaffRate | TariffItem, edition: TariffEdition) -> str:
    """Where neither line nor activity names a department: the item's, else the catalogue's; else it says Unassigned."""
    if isinstance(figure, TariffItem):
        return figure.department
    catalogued = edition.activities.get(activity.catalogue) if activity.catalogue else None
    return catalogued.department if catalogued else "Unassigned"
