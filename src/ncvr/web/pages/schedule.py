"""A schedule as the pages show it: an arm's rows and cells with what changed since the last version, and its running national cost."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from hashlib import sha256
from typing import Any

from ncvr.domain.cell_changes import LINE_CELLS, cells_of
from ncvr.domain.people import Standing
from ncvr.domain.permissions import not_found
from ncvr.domain.review import Query, ResourceReview
from ncvr.domain.running_cost import RunningCost, running_cost
from ncvr.domain.study import Activity, Arm, Study
from ncvr.domain.tariff import TariffEdition
from ncvr.money import shown
from ncvr.services.office import Act
from ncvr.services.reviewing import read_review
from ncvr.services.schedule_editing import may_edit
from ncvr.store import queries, studies
from ncvr.web.pages.page import Page

LISTS = {"unscheduled": "Unscheduled activities", "setup_and_closedown": "Set-up and close-down", "pass_through": "Pass-through costs"}
NOT_KNOWN = "not known yet"
Texts = Sequence[tuple[str, str | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class GridRow:
    """One resource line; the first of an activity carries its counts. A cell is its text and, if that changed, what it was."""

    line: str
    number: int
    name: str
    href: str
    paid: str
    asked: str
    new: bool
    changed: bool
    resource: Texts
    counts: Texts
    cost: str


@dataclass(kw_only=True)
class SeenSchedule:
    """The schedule as one person sees it now. ``before`` is the version agreed before this one, None for the first."""

    review: ResourceReview
    edition: TariffEdition
    editable: bool
    before: Study | None
    asked: list[Query]

    @cached_property
    def arms(self) -> dict[str, Arm]:
        return {arm.id: arm for arm in self.review.study.expanded_arms()}

    def arm(self, wanted: str) -> Arm | None:
        """The arm asked for, the first if none is; None while the study has none. Raises NotFound."""
        if wanted and wanted not in self.arms:
            raise not_found(f"arm {wanted}")
        return self.arms[wanted] if wanted else next(iter(self.arms.values()), None)

    def arm_before(self, arm: Arm) -> Arm | None:
        found = self.before.expanded_arms() if self.before is not None else ()
        return next((each for each in found if each.id == arm.id), None)

    def may_edit(self, arm: Arm) -> bool:
        """Whether this arm's own cells may be edited: an arm that repeats another has none."""
        return self.editable and arm.same_as is None

    @cached_property
    def said_on(self) -> Mapping[str, str]:
        """What was said on each line of this version: open queries first, else how many comments and answered queries."""
        on: dict[str, list[bool]] = {}
        for query in self.asked:
            if query.version == self.review.version:
                on.setdefault(query.line, []).append(query.open)
        return {line: _count(sum(waiting), "open query", "open queries") or _count(len(waiting), "comment", "comments") for line, waiting in on.items()}

    def national(self, amount: Fraction | None) -> str:
        """A national cost as people read it, rounded as the edition rounds."""
        return NOT_KNOWN if amount is None else shown(self.edition.rounding.apply(amount), self.edition.rounding.places)

    def gap(self, now: Fraction | None, before: Fraction | None) -> str:
        """The difference with its sign; nothing where there is none or one side is not known."""
        if now is None or before is None or now == before:
            return ""
        return ("+" if now > before else "") + self.national(now - before)


def seen_schedule(act: Act, iras_id: str) -> SeenSchedule:
    """Raises NotFound or NotPermitted for somebody who may not read the review."""
    review = read_review(act, iras_id)
    agreed = studies.version(act.connection, iras_id, review.version - 1) if review.version > 1 else None
    return SeenSchedule(
        review=review,
        edition=act.office.tariffs.in_force(act.today),
        editable=may_edit(act, review),
        before=agreed.study if agreed is not None else None,
        asked=queries.of_study(act.connection, iras_id),
    )


def check_standing(page: Page, operation: str, iras_id: str) -> Standing:
    """Before anything that was sent is looked at: a study one may not see answers as one that is not there. Raises NotFound or NotPermitted."""
    with page.look() as act:
        return act.standing(operation, iras_id)


def activity_link(iras_id: str, entry_id: str, arm: str = "") -> str:
    """The address of an entry's form. Ids need no quoting: they are letters, digits, dots, dashes and underscores."""
    return f"/studies/{iras_id}/review/activities/{entry_id}" + (f"?arm={arm}" if arm else "")


def grid_rows(seen: SeenSchedule, arm: Arm, cost: RunningCost) -> Iterator[GridRow]:
    """The rows of an arm's grid, in the file's order."""
    before = seen.arm_before(arm)
    known = {activity.id: cells_of(activity) for activity in before.activities} if before is not None else {}
    for activity in arm.activities:
        yield from _rows(seen, arm, activity, known.get(activity.id), seen.national(cost.lines[activity.id]), before is not None)


def _rows(seen: SeenSchedule, arm: Arm, activity: Activity, was: Mapping[str, str] | None, cost: str, compared: bool) -> Iterator[GridRow]:
    cells, href = cells_of(activity), activity_link(seen.review.iras_id, activity.id, arm.id)
    new, changed = compared and was is None, compared and cells != was
    old = was if compared and was is not None else cells
    for number in range(1, max(1, len(activity.resources)) + 1):
        first = number == 1
        yield GridRow(
            line=activity.id,
            number=number,
            name=activity.name,
            href=href,
            paid="paid each time" if activity.payment == "item" else "",
            asked=seen.said_on.get(activity.id, "") if first else "",
            new=new and first,
            changed=changed,
            resource=[_compared(cells, old, f"line/{number}/{key}") for key in LINE_CELLS],
            counts=[_compared(cells, old, f"count/{visit.id}") for visit in arm.visits] if first else (),
            cost=cost if first else "",
        )


def _compared(cells: Mapping[str, str], old: Mapping[str, str], cell: str) -> tuple[str, str | None]:
    now, was = cells.get(cell, ""), old.get(cell, "")
    return now, None if now == was else was or "nothing"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}" if number else ""


def shape(arm: Arm) -> str:
    """The same as long as the grid has the same rows and columns."""
    rows = [f"{activity.id} {max(1, len(activity.resources))}" for activity in arm.activities]
    return sha256("\n".join([*rows, "", *(visit.id for visit in arm.visits)]).encode()).hexdigest()[:16]


def removed_names(seen: SeenSchedule, arm: Arm) -> list[str]:
    """The activities that the version before had in this arm."""
    before, now = seen.arm_before(arm), {activity.id for activity in arm.activities}
    return [activity.name for activity in before.activities if activity.id not in now] if before is not None else []


def costs(seen: SeenSchedule, arm: Arm) -> tuple[RunningCost, Fraction | None]:
    """The arm's running cost, and what the arm of the version before costs under the same edition (None without one)."""
    before = seen.arm_before(arm)
    return running_cost(arm, seen.edition), running_cost(before, seen.edition).arm if before is not None else None


def line_names(study: Study) -> dict[str, str]:
    """Every line that can be commented on, by its id, the whole schedule first."""
    names = {"": "The whole schedule"}
    entries: list[Any] = [*study.unscheduled, *study.setup_and_closedown, *study.pass_through]
    for arm in study.arms:
        names[arm.id] = f"Arm {arm.id}: {arm.name}"
        names |= {activity.id: activity.name for activity in arm.activities}
    return names | {entry.id: entry.name for entry in entries}
