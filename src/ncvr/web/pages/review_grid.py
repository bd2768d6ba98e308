"""The review grid: an arm's activities by visit, and the cells that are saved from it."""

from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import Response
from pydantic import Field

from ncvr.domain.cell_changes import CellChange, cells_of, line_texts
from ncvr.domain.running_cost import RunningCost, running_cost, running_cost_after
from ncvr.domain.study import Arm, Id, Record, Text
from ncvr.errors import ChangedMeanwhile, NcvrError, PriceIsFixed
from ncvr.services.office import Act
from ncvr.services.revisions import review_object
from ncvr.services.schedule_editing import CellsEdited, edit_cells
from ncvr.store import accounts, ledger_entries
from ncvr.web.access import PRICE_WORDS, json_answer
from ncvr.web.pages.discussion import discussion
from ncvr.web.pages.page import Page, Seen
from ncvr.web.pages.schedule import LISTS, SeenSchedule, activity_link, check_standing, costs, grid_rows, removed_names, seen_schedule, shape
from ncvr.web.pages.table import Cell, Column, Row, Table
from ncvr.web.problems import answer
from ncvr.web.routing import Routes

routes = Routes("Pages")
_LONDON = ZoneInfo("Europe/London")
# As many cells as a grid may have at once; more come in a workbook.
_MOST_CHANGES = 10_000


class CellEdit(Record):
    """One cell as the person saw it and as it is to be."""

    line: Id
    cell: Annotated[str, Field(max_length=100)]
    old: Text
    new: Text


class CellEdits(Record):
    """What was typed or pasted since the last saving, decided on this revision."""

    arm: Id
    revision: Annotated[int, Field(ge=0)]
    changes: Annotated[list[CellEdit], Field(min_length=1, max_length=_MOST_CHANGES)]


@routes.add("GET", "/studies/{iras_id}/review", "review.read", media_type="text/html")
def review_page(page: Seen, iras_id: str) -> Response:
    """The arm asked for, or the first."""
    with page.look() as act:
        seen = seen_schedule(act, iras_id)
        talk = discussion(act, seen, page.asked("line"))
    arm = seen.arm(page.asked("arm"))
    if page.asked("csv") == "schedule" and arm is not None:
        return page.show("review.html", tables=[_csv_table(seen, arm)])
    return page.show("review.html", talk=talk, seen=seen, review=seen.review, arm=arm, **(_of_arm(page, seen, arm) if arm is not None else {}))


def _of_arm(page: Page, seen: SeenSchedule, arm: Arm) -> dict[str, Any]:
    cost, before = costs(seen, arm)
    rows = list(grid_rows(seen, arm, cost))
    only = page.asked("only") == "changes" and seen.before is not None
    return {
        "rows": [row for row in rows if row.changed] if only else rows,
        "only": only,
        "removed": removed_names(seen, arm),
        "total": seen.national(cost.arm),
        "gap": seen.gap(cost.arm, before),
        "unpriced": [activity.name for activity in arm.activities if activity.id in cost.unpriced],
        "visit_costs": [seen.national(cost.visits[visit.id]) for visit in arm.visits],
        "shape": shape(arm),
        "edit": seen.may_edit(arm),
        "who": page.person.actor,
    }


def _csv_table(seen: SeenSchedule, arm: Arm) -> Table:
    """The grid as a table of words, as it is downloaded."""
    cost, _ = costs(seen, arm)
    heads = [("line", "Activity id"), ("name", "Activity"), ("resource", "Role or code"), ("minutes", "Minutes"), ("quantity", "Quantity")]
    visits = [(f"visit-{number}", visit.name) for number, visit in enumerate(arm.visits)]
    rows: list[Row] = []
    for row in grid_rows(seen, arm, cost):
        texts = [row.line, row.name, *(text for text, _ in row.resource), *(text for text, _ in row.counts)]
        rows.append(dict(zip([key for key, _ in heads + visits], texts, strict=False)) | {"cost": row.cost})
    columns = [Column(key, head) for key, head in [*heads, *visits, ("cost", "National cost, once")]]
    return Table(name="schedule", caption="Activities by visit", columns=columns, rows=rows)


@routes.add("GET", "/studies/{iras_id}/review/other", "review.read", media_type="text/html")
def other_work_page(page: Seen, iras_id: str) -> Response:
    """What belongs to no visit: unscheduled activities, set-up and close-down, pass-through costs."""
    with page.look() as act:
        seen = seen_schedule(act, iras_id)
        talk = discussion(act, seen, page.asked("line"))
    tables = [_list_table(seen, name) for name in LISTS]
    return page.show("review_other.html", tables=tables, seen=seen, review=seen.review, talk=talk, lists=LISTS)


def _list_table(seen: SeenSchedule, name: str) -> Table:
    last = ("cap", "At most") if name == "pass_through" else ("resources", "Resources")
    columns = [Column("name", "Name"), Column("when", "Paid when"), Column(*last), Column("asked", "Queries and comments")]
    empty = "None. " + ("Add the first with the button below." if seen.editable else "")
    return Table(name=name, caption=LISTS[name], columns=columns, rows=[_list_row(seen, entry) for entry in getattr(seen.review.study, name)], empty=empty)


def _list_row(seen: SeenSchedule, entry: Any) -> Row:
    lines = [f"{line.role}, {line_texts(line)['minutes']} min" if line.role else str(line.item) for line in getattr(entry, "resources", ())]
    when = next((text for name in ("when", "trigger", "basis") if (text := getattr(entry, name, ""))), "")
    return {
        "name": Cell(entry.name, href=activity_link(seen.review.iras_id, entry.id)),
        "when": when,
        "resources": "; ".join(lines) or getattr(entry, "no_charge", None) or getattr(entry, "to_do", None) or "none yet",
        "cap": f"£{entry.cap}" if getattr(entry, "cap", None) else "at cost",
        "asked": seen.said_on.get(entry.id, ""),
    }


@routes.add("POST", "/studies/{iras_id}/review/cells", "review.edit")
def save_cells(page: Seen, iras_id: str) -> Response:
    """Save what was typed; the answer is the new revision, the figures that changed as text, and what could not be saved and why."""
    check_standing(page, "review.edit", iras_id)
    try:
        asked = page.visit.body(CellEdits)
        changes = [CellChange(line=change.line, cell=change.cell, old=change.old, new=change.new) for change in asked.changes]
        _refuse_prices(changes)
        with page.act() as act:
            edited = edit_cells(act, iras_id, changes, asked.revision)
            seen = seen_schedule(act, iras_id)
            return json_answer(_saved(act, seen, asked, edited)).response()
    except ChangedMeanwhile as meanwhile:
        with page.look() as act:
            return json_answer(_meanwhile(act, iras_id, asked, meanwhile), status=412).response()
    except PriceIsFixed:
        raise  # it is recorded
    except NcvrError as error:
        return answer(error, page.visit.correlation_id)


def _refuse_prices(changes: list[CellChange]) -> None:
    found = next((change for change in changes if change.cell.rpartition("/")[2].lower() in PRICE_WORDS and not change.cell.startswith("count/")), None)
    if found is not None:
        raise PriceIsFixed("nobody edits a price", f"{found.line} {found.cell}", "A price follows from the agreed resource, the tariff and the multiplier")


def _saved(act: Act, seen: SeenSchedule, asked: CellEdits, edited: CellsEdited) -> dict[str, Any]:
    """What the grid has to show anew."""
    touched = set(edited.changed.lines)
    old = next((arm for arm in edited.before.study.expanded_arms() if arm.id == asked.arm), None)
    arm = seen.arm(asked.arm)
    assert arm is not None  # an arm was named
    before = running_cost(old if old is not None else arm, seen.edition)
    after = running_cost_after(arm, seen.edition, before, touched)
    base = seen.arm_before(arm)
    gap = seen.gap(after.arm, running_cost(base, seen.edition).arm) if base is not None else ""
    return {
        "revision": edited.review.revision,
        "at": _time(act.now),
        "figures": {"arm": seen.national(after.arm), "gap": gap, "lines": _changed(seen, before.lines, after.lines), "visits": _visits(seen, before, after)},
        "cells": _as_written(old if old is not None else arm, arm, asked, touched),
        "problems": [{name: getattr(found, name) for name in ("line", "cell", "problem", "remedy")} for found in edited.changed.problems],
    }


def _changed(seen: SeenSchedule, before: Any, after: Any) -> dict[str, str]:
    return {key: seen.national(cost) for key, cost in after.items() if key not in before or before[key] != cost}


def _visits(seen: SeenSchedule, before: RunningCost, after: RunningCost) -> dict[str, str]:
    return _changed(seen, before.visits, after.visits)


def _as_written(old: Arm, arm: Arm, asked: CellEdits, touched: set[str]) -> dict[str, dict[str, str]]:
    """The cells of the touched lines that hold something else than the grid thinks, such as a quantity that nobody typed."""
    sent = {(change.line, change.cell): change.new for change in asked.changes}
    before = {activity.id: cells_of(activity) for activity in old.activities if activity.id in touched}
    written: dict[str, dict[str, str]] = {}
    for activity in arm.activities:
        if activity.id not in touched:
            continue
        was, cells = before[activity.id], cells_of(activity)
        names = [*cells, *(cell for line, cell in sent if line == activity.id and cell not in cells)]
        thought = {cell: sent.get((activity.id, cell), was.get(cell, "")) for cell in names}
        written[activity.id] = {cell: cells.get(cell, "") for cell in names if cells.get(cell, "") != thought[cell]}
    return {line: cells for line, cells in written.items() if cells}


def _meanwhile(act: Act, iras_id: str, asked: CellEdits, error: ChangedMeanwhile) -> dict[str, Any]:
    """What stands there now, and who was the last to change it."""
    seen = seen_schedule(act, iras_id)
    arm = seen.arms.get(asked.arm)
    since = ledger_entries.changes_of(act.connection, review_object(iras_id), asked.revision)
    account = accounts.one(act.connection, since[-1].actor) if since else None
    return {
        "problem": error.problem,
        "revision": seen.review.revision,
        "by": (account.name if account is not None else None) or "somebody",
        "at": _time(since[-1].at) if since else "",
        "edit": arm is not None and seen.may_edit(arm),
        "shape": shape(arm) if arm is not None else "",
        "cells": {activity.id: cells_of(activity) for activity in arm.activities} if arm is not None else {},
    }


def _time(at: str) -> str:
    return f"{datetime.fromisoformat(at).astimezone(_LONDON):%H:%M}"
