"""The tables of a financial appendix: rows of text whose cells have names, in the study's order."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ncvr.domain.details import SiteDetails
from ncvr.domain.site_price import SitePrice
from ncvr.domain.study import Activity, Arm, StudyActivity, UnscheduledActivity, Visit
from ncvr.money import Pence, pence_of, shown

Fact = str | bool | tuple[str, ...]  # text as printed; yes or no; paragraphs
Row = Mapping[str, str]

TABLES: Mapping[str, tuple[str, ...]] = {
    "schedule.setup": ("ref", "activity", "department", "price", "per", "trigger"),
    "arm.visits": ("ref", "visit", "window", "paid", "price"),
    "arm.conditional_visits": ("ref", "visit", "when", "price"),
    "arm.items": ("ref", "activity", "when", "price", "maximum"),
    "schedule.unscheduled": ("ref", "activity", "when", "price", "maximum"),
    "schedule.screen_failures": ("arm", "name", "price"),
    "schedule.pass_through": ("ref", "kind", "type", "basis", "cap", "per"),
}
NOTHING_STATED = "–"  # a cell is never left empty: an empty cell reads as forgotten
_PER = {"once": "Once", "year": "Each year", "month": "Each month", "amendment": "Each amendment", "visit": "Each visit", "event": "Each event"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmSchedule:
    """One arm: its values and its tables."""

    facts: Mapping[str, Fact]
    tables: Mapping[str, tuple[Row, ...]]


def arm_schedule(price: SitePrice, arm: Arm) -> ArmSchedule:
    failure = price.screen_failure(arm)
    facts: dict[str, Fact] = {"arm.id": arm.id, "arm.name": arm.name, "arm.per_participant": shown(price.per_participant(arm), price.places)}
    if failure is not None:
        facts["arm.screen_failure"] = shown(failure, price.places)
    visits = {visit.id: visit for visit in arm.visits}
    listed = [(visits[payable.id], f"{arm.id}/{payable.id}", shown(pence, price.places)) for payable, pence in price.of("visit", arm.id)]
    return ArmSchedule(
        facts=facts,
        tables={
            "arm.visits": tuple(
                {"ref": ref, "visit": visit.name, "window": visit.window or NOTHING_STATED, "paid": _paid(visit), "price": amount}
                for visit, ref, amount in listed
                if visit.kind == "scheduled"
            ),
            "arm.conditional_visits": tuple(
                {"ref": ref, "visit": visit.name, "when": visit.when or NOTHING_STATED, "price": amount}
                for visit, ref, amount in listed
                if visit.kind == "conditional"
            ),
            "arm.items": tuple(_item_rows(price, arm)),
        },
    )


def _paid(visit: Visit) -> str:
    """When a scheduled visit is paid, in words.

    >>> from ncvr.domain.study import Repeat
    >>> _paid(Visit(id="C", name="Cycle", repeat=Repeat(until="progression", max=12)))
    'Each time, until progression, at most 12'
    """
    if visit.repeat is None:
        return "Once per participant"
    return f"Each time, until {visit.repeat.until}" + (f", at most {visit.repeat.max}" if visit.repeat.max is not None else "")


def _item_rows(price: SitePrice, arm: Arm) -> Iterator[Row]:
    activities = {activity.id: activity for activity in arm.activities}
    for payable, pence in price.of("item", arm.id):
        yield _work_row(activities[payable.id], pence, price.places)


def unscheduled_rows(price: SitePrice) -> Iterator[Row]:
    entries = {entry.id: entry for entry in price.costs.study.unscheduled}
    for payable, pence in price.unscheduled():
        yield _work_row(entries[payable.id], pence, price.places)


def _work_row(work: Activity | UnscheduledActivity, pence: Pence, places: int) -> Row:
    maximum = "No maximum" if work.max is None else str(work.max)
    return {"ref": work.id, "activity": work.name, "when": work.when or NOTHING_STATED, "price": shown(pence, places), "maximum": maximum}


def setup_rows(price: SitePrice) -> Iterator[Row]:
    entries = {entry.id: entry for entry in price.costs.study.setup_and_closedown}
    for payable, pence in price.of("setup_and_closedown"):
        entry: StudyActivity = entries[payable.id]
        departments = ", ".join(dict.fromkeys(cost.department for cost, _ in payable.lines)) or entry.department or NOTHING_STATED
        yield {
            "ref": entry.id,
            "activity": entry.name,
            "department": departments,
            "price": shown(pence, price.places),
            "per": _PER[entry.per],
            "trigger": entry.trigger or NOTHING_STATED,
        }


def screen_failure_rows(price: SitePrice) -> Iterator[Row]:
    for arm in price.arms:
        failure = price.screen_failure(arm)
        if failure is not None:
            yield {"arm": arm.id, "name": arm.name, "price": shown(failure, price.places)}


def pass_through_rows(price: SitePrice, details: SiteDetails) -> Iterator[Row]:
    for entry in price.costs.study.pass_through:
        own = details.expense_caps.get(entry.id)
        cap, per = (entry.cap, entry.per) if own is None else (own.cap, own.per or entry.per)
        yield _cost_row(entry.id, "Expense", entry.name, entry.basis, cap, per)
    for kind, cost in details.costs:
        yield _cost_row(cost.id, kind, cost.name, cost.basis, cost.cap, cost.per)


def _cost_row(ref: str, kind: str, name: str, basis: str, cap: str | None, per: str) -> Row:
    limit = "No cap" if cap is None else shown(pence_of(cap))
    return {"ref": ref, "kind": kind, "type": name, "basis": basis or NOTHING_STATED, "cap": limit, "per": per or NOTHING_STATED}
