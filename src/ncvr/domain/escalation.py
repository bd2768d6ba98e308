"""Escalating an omission: sites do not negotiate, they say what is missing, and the calculator says what it comes to.

Accepted when the item is missing from the costing **and** (it is in the protocol's schedule of events **or** the sum of
the site's escalations is at least 5% of its direct costs **or** a named person granted a waiver with a reason).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from ncvr.domain.pricing import NationalCosts, Payable, national_costs
from ncvr.domain.projection import direct_cost_of_setup, direct_cost_per_participant, participants_by_arm
from ncvr.domain.site_price import SitePrice
from ncvr.domain.study import Costed, Count, Id, Name, Record, ResourceLine, Study, StudyIdentity, Text, UnscheduledActivity
from ncvr.errors import Finding
from ncvr.money import as_written, exact_text

THRESHOLD = Fraction(5, 100)  # of direct costs; the boundary itself is enough
# Being in the protocol's schedule counts by itself from this day.
PROTOCOL_RULE_FROM = date(2024, 5, 1)
Outcome = Literal["already_included", "below_threshold", "corrected"]


class Omission(Record):
    """What a site says is missing: the work, how often, and where the protocol asks for it."""

    name: Name
    resources: Annotated[list[ResourceLine], Field(min_length=1)]
    per: Literal["participant", "site"] = "participant"
    arm: Id | None = None
    times: Count = 1
    protocol_ref: Text = ""
    in_protocol: bool = False


class Escalation(Record):
    """What a site sends: one or more omissions, and why. No personal or patient data."""

    omissions: Annotated[list[Omission], Field(min_length=1, max_length=200)]
    reason: Name


class Waiver(Record):
    by: Name
    reason: Name


class Decision(Record):
    """What was decided, and why. ``waiver`` names who let a smaller omission be corrected nonetheless."""

    outcome: Outcome
    reason: Name
    waiver: Waiver | None = None

    @model_validator(mode="after")
    def _waiver_only_corrects(self) -> Self:
        if self.waiver is not None and self.outcome != "corrected":
            raise ValueError("a waiver stands only beside the outcome corrected; remove it, or correct the outcome")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationFigures:
    """What the calculator says, in exact pounds of direct cost. ``participants`` None: no target, so one participant is assumed."""

    omitted: Fraction
    earlier: Fraction
    direct_costs: Fraction
    participants: int | None

    @property
    def share(self) -> Fraction:
        """All of the site's escalations together against its direct costs; 0 direct costs make any omission whole."""
        total = self.omitted + self.earlier
        return total / self.direct_costs if self.direct_costs else Fraction(int(total > 0))

    @property
    def reaches_threshold(self) -> bool:
        return self.share >= THRESHOLD


def direct_costs(price: SitePrice) -> tuple[Fraction, int | None]:
    """The site's direct costs and its participants: per-participant activity cost times participants of each arm, and set-up once."""
    numbers = participants_by_arm(price)
    setup = direct_cost_of_setup(price.costs)
    if not numbers:
        arms = [arm for arm in price.arms if not arm.optional] or list(price.arms)
        return sum((direct_cost_per_participant(price.costs, arm) for arm in arms), setup), None
    arms_by_id = {arm.id: arm for arm in price.arms}
    total = sum((direct_cost_per_participant(price.costs, arms_by_id[arm]) * number for arm, number in numbers.items()), setup)
    return total, int(sum(numbers.values(), Fraction(0)))


def escalation_figures(price: SitePrice, omissions: Sequence[Omission], earlier: Sequence[Omission] = ()) -> EscalationFigures:
    """The figures of an escalation at this site. Raises StudyError for a role or code that the edition does not have."""
    direct, participants = direct_costs(price)
    return EscalationFigures(omitted=_cost(omissions, price), earlier=_cost(earlier, price), direct_costs=direct, participants=participants)


def _cost(omissions: Sequence[Omission], price: SitePrice) -> Fraction:
    if not omissions:
        return Fraction(0)
    costs = national_costs(_as_study(omissions), price.costs.edition)
    numbers = participants_by_arm(price)
    everybody = sum(numbers.values(), Fraction(0)) if numbers else Fraction(1)
    once = [_once(costs, payable) for payable in costs.of_arm("", "unscheduled")]
    times = [omission.times * _participants(omission, numbers, everybody) for omission in omissions]
    return sum((cost * count for cost, count in zip(once, times, strict=True)), Fraction(0))


def _participants(omission: Omission, numbers: dict[str, Fraction], everybody: Fraction) -> Fraction:
    if omission.per == "site":
        return Fraction(1)
    return everybody if omission.arm is None or not numbers else numbers.get(omission.arm, Fraction(0))


def _once(costs: NationalCosts, payable: Payable) -> Fraction:
    return Fraction(sum(cost.activity_cost * times for cost, times in payable.lines), costs.units_per_pound)


def _as_study(omissions: Sequence[Omission]) -> Study:
    """The omissions as work of a study of their own, so that one formula prices everything."""
    work = [
        UnscheduledActivity(id=f"omission-{number}", name=omission.name, resources=omission.resources) for number, omission in enumerate(omissions, start=1)
    ]
    bare = {"id": "none", "name": "None", "visits": [{"id": "none", "name": "None"}]}
    return Study.model_validate({"study": StudyIdentity(iras_id="1000"), "arms": [bare], "unscheduled": work})


_SHORTEST_WORD = 4  # shorter ones are in the name of everything


@dataclass(frozen=True, slots=True, kw_only=True)
class CostedLine:
    """Work of the costing that may be what is said to be missing."""

    id: str
    name: str
    where: str
    resources: str


def already_costed(study: Study, omission: Omission) -> list[CostedLine]:
    """Work of the agreed version whose name shares a word with the omission's, or that uses the same tariff item."""
    words = _words(omission.name)
    items = {line.item for line in omission.resources if line.item is not None}
    found = []
    for where, costed in _work(study):
        if words & _words(costed.name) or items & {line.item for line in costed.resources}:
            resources = ", ".join(resource_words(line) for line in costed.resources)
            found.append(CostedLine(id=costed.id, name=costed.name, where=where, resources=resources or "no charge"))
    return found


def _words(name: str) -> set[str]:
    return {word.removesuffix("s") for word in re.findall(r"\w+", name.casefold()) if len(word) >= _SHORTEST_WORD}


def _work(study: Study) -> Iterator[tuple[str, Costed]]:
    yield from ((arm.name, activity) for arm in study.arms for activity in arm.activities)
    yield from (("Unscheduled", entry) for entry in study.unscheduled)
    yield from (("Set-up and close-down", entry) for entry in study.setup_and_closedown)


def resource_words(line: ResourceLine) -> str:
    """A resource line as people say it: ``2 × 10 minutes research nurse``."""
    times = f"{line.quantity} × " if line.quantity != 1 else ""
    return f"{times}{line.item}" if line.minutes is None else f"{times}{as_written(line.minutes)} minutes {(line.role or '').replace('_', ' ')}"


def figures_record(figures: EscalationFigures) -> dict[str, Any]:
    """The figures as they are stored and shown."""
    return {
        "omitted": exact_text(figures.omitted),
        "earlier_escalations": exact_text(figures.earlier),
        "direct_costs": exact_text(figures.direct_costs),
        "participants": figures.participants,
        "share": exact_text(figures.share),
        "reaches_threshold": figures.reaches_threshold,
    }


def check_decision(decision: Decision, omissions: Iterable[Omission], reaches_threshold: bool, on: date) -> list[Finding]:
    """What stands against this outcome under the national rule; nothing if it follows."""
    in_protocol = on >= PROTOCOL_RULE_FROM and any(omission.in_protocol for omission in omissions)
    justified = in_protocol or reaches_threshold or decision.waiver is not None
    if decision.outcome == "corrected" and not justified:
        remedy = "Decide below_threshold, or name who grants a waiver and why"
        return [Finding("outcome", "it is neither in the protocol's schedule nor at least 5% of the site's direct costs", remedy)]
    if decision.outcome == "below_threshold" and (in_protocol or reaches_threshold):
        why = "it is in the protocol's schedule" if in_protocol else "the site's escalations reach 5% of its direct costs"
        return [Finding("outcome", f"it is not below the threshold: {why}", "Decide corrected; or already_included, if the costing holds it")]
    return []
