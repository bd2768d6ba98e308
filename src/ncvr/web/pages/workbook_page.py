"""A study out to Excel and back: the download, the upload, and the proposal whose changes are taken over one by one.

The uploaded file is read and forgotten. What it proposes travels in the form of the proposal, and is an ordinary edit when it
comes back: nothing in it is trusted that whoever holds the pen could not have typed.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from fastapi import Response

from ncvr.domain.review import ResourceReview
from ncvr.domain.study import Study, study_record
from ncvr.domain.study_changes import SCHEDULE, StudyChange, study_changes
from ncvr.domain.tariff import TariffEdition
from ncvr.errors import InputError, MoveNotAllowed, NcvrError, NotPermitted, StudyError, WorkbookError
from ncvr.files.json_files import parse_json, validated
from ncvr.services import study_workbooks
from ncvr.services.costing import record_price_edit_refused
from ncvr.services.office import Act
from ncvr.services.reviewing import read_review
from ncvr.services.schedule_editing import accept_changes, change_name, may_edit
from ncvr.web.envelope import LARGEST_DOCUMENT
from ncvr.web.pages.differences import Names, effect_text
from ncvr.web.pages.page import Page, Seen
from ncvr.web.pages.schedule import check_standing
from ncvr.web.routing import Routes

routes = Routes("Pages")
WORKBOOK = "/studies/{iras_id}/workbook"
# A form has a box a change; a browser with more of them is slow, and nobody reads them.
MOST_BOXES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """One change as the proposal shows it."""

    name: str
    line: str
    what: str
    old: str | None
    new: str | None
    effect: str
    cell: str


@routes.add("GET", WORKBOOK, "workbook.read", media_type="text/html")
def workbook_page(page: Seen, iras_id: str) -> Response:
    """Download, and for whoever holds the pen: upload."""
    return page.show("workbook.html", **_of_study(page, iras_id))


def _of_study(page: Page, iras_id: str) -> dict[str, Any]:
    with page.look() as act:
        by = act.standing("workbook.read", iras_id)
        review = None if by == "site" else read_review(act, iras_id)
        editable = review is not None and may_edit(act, review)
    return {"iras_id": iras_id, "review": review, "editable": editable, "standing": by, "most": LARGEST_DOCUMENT // (1024 * 1024), "refused": ()}


@routes.add("POST", WORKBOOK, "review.edit", media_type="text/html")
def propose_page(page: Seen, iras_id: str) -> Response:
    """What the uploaded workbook would change; nothing is taken over yet."""
    check_standing(page, "review.edit", iras_id)
    content = page.upload("file")
    try:
        if not content:
            raise WorkbookError("no file is chosen", "file", "Choose the workbook that was downloaded here and filled in")
        with page.look() as act:
            proposal = study_workbooks.propose_workbook(act, iras_id, content)
            review = read_review(act, iras_id)
    except (WorkbookError, MoveNotAllowed, NotPermitted) as error:
        return _refused(page, iras_id, error)
    cells = {change_name(named.change.key): named.cell for named in proposal.changes}
    changes = [named.change for named in proposal.changes]
    notices = [{"place": found.place, "problem": found.problem, "remedy": found.remedy} for found in proposal.notices]
    return page.show("proposal.html", **_proposal(review, proposal.study, changes, proposal.edition, cells), notices=notices, chosen=None)


def _refused(page: Page, iras_id: str, error: NcvrError) -> Response:
    """The upload again, with everything that stands against the workbook. A changed price is an attempt that is recorded."""
    if isinstance(error, WorkbookError) and study_workbooks.names_a_price(error):
        with page.act() as act:
            record_price_edit_refused(act, f"POST {page.request.url.path}: {error.place}"[:500])
    known = _of_study(page, iras_id)
    if len(error.findings) == 1 and error.findings[0].place == "file":
        return page.refused(error, "workbook.html", **known)
    says = WorkbookError("nothing of this workbook was taken over", "file", "Mend what is listed below, and upload it again")
    return page.refused(says, "workbook.html", **known | {"refused": error.findings})


@routes.add("POST", WORKBOOK + "/accept", "review.edit", media_type="text/html")
def accept_page(page: Seen, iras_id: str) -> Response:
    """Take over the chosen changes, or all of them."""
    check_standing(page, "review.edit", iras_id)
    expected = page.revision
    try:
        with page.act() as act:
            proposed = _carried(page, read_review(act, iras_id))
            chosen = _all_names(act, iras_id, proposed) if page.field("act") == "all" else set(page.ticked("change"))
            accept_changes(act, iras_id, proposed, chosen, expected, reason="taken over from a workbook")
    except StudyError as error:
        with page.look() as act:
            review = read_review(act, iras_id)
            edition = act.office.tariffs.in_force(act.today)
        proposed = _carried(page, review)
        changes = study_changes(review.study, proposed, edition)
        return page.refused(error, "proposal.html", **_proposal(review, proposed, changes, edition, {}), notices=(), chosen=set(page.ticked("change")))
    return page.go(f"/studies/{iras_id}/review", said="changes-accepted")


def _carried(page: Page, review: ResourceReview) -> Study:
    """The proposed schedule as the form carried it, in the study as it is. Raises InputError."""
    record = parse_json(page.field("schedule").encode("utf-8"), "the proposal")
    own = study_record(review.study)
    value, findings = validated(Study, own | {name: record.get(name, []) for name in SCHEDULE} if isinstance(record, dict) else record, "the proposal")
    if value is None:
        raise InputError.of(findings)
    return value


def _all_names(act: Act, iras_id: str, proposed: Study) -> set[str]:
    edition = act.office.tariffs.in_force(act.today)
    return {change_name(change.key) for change in study_changes(read_review(act, iras_id).study, proposed, edition)}


def _proposal(review: ResourceReview, study: Study, changes: Sequence[StudyChange], edition: TariffEdition, cells: Mapping[str, str]) -> dict[str, Any]:
    names = Names(review.study, study)
    shown = [_shown(change, names, edition, cells) for change in changes]
    effects = [change.effect for change in changes]
    known = [effect for effect in effects if effect is not None]
    groups = [(part, [entry for _, entry in found]) for part, found in groupby(zip(changes, shown, strict=True), lambda pair: names.part(pair[0]))]
    written = study_record(study)
    return {
        "review": review,
        "iras_id": review.iras_id,
        "groups": groups,
        "count": len(shown),
        "boxes": len(shown) <= MOST_BOXES,
        "effect": effect_text(sum(known, start=0 * known[0]) if known and len(known) == len(effects) else None, edition) if effects else "",
        "edition": edition,
        "schedule": json.dumps({name: written[name] for name in SCHEDULE}, ensure_ascii=False, separators=(",", ":")),
    }


def _shown(change: StudyChange, names: Names, edition: TariffEdition, cells: Mapping[str, str]) -> Proposed:
    name = change_name(change.key)
    return Proposed(
        name=name,
        line=names.line(change),
        what=names.field(change),
        old=change.old,
        new=change.new,
        effect=effect_text(change.effect, edition),
        cell=cells.get(name, ""),
    )
