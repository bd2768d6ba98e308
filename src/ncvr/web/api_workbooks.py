"""A study as a workbook, and a workbook that comes back as a proposal of named changes."""

from typing import TYPE_CHECKING

from fastapi import Response
from starlette.responses import StreamingResponse

from ncvr.errors import PriceIsFixed, WorkbookError
from ncvr.services import study_workbooks
from ncvr.services.office import Act
from ncvr.web.access import Answer, Door, json_answer
from ncvr.web.api_contracts import in_pieces, named
from ncvr.web.routing import Routes
from ncvr.web.study_records import ProposalRecord, proposal_record

if TYPE_CHECKING:
    from ncvr.services.workbook import Proposal

routes = Routes("Workbooks")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@routes.add("GET", "/studies/{iras_id}/workbook.xlsx", "workbook.read", media_type=XLSX)
def download_workbook(visit: Door, iras_id: str) -> Response:
    """The study as an Excel workbook with live prices. A site gets its own prices only, a reviewer the resource without prices."""
    with visit.look() as act:
        content = study_workbooks.study_workbook(act, iras_id)
    headers = named(f"{iras_id}.xlsx") | {"Content-Length": str(len(content))}
    return StreamingResponse(in_pieces(content), media_type=XLSX, headers=headers)


@routes.add("POST", "/studies/{iras_id}/workbook", "review.edit", answer=ProposalRecord)
def upload_workbook(visit: Door, iras_id: str, apply: bool = False, reason: str = "") -> Response:
    """What a workbook that was downloaded here and filled in would change. The body is the .xlsx itself; it is not kept.

    With ``apply=true`` and If-Match the changes are taken over as an edit of the schedule. A changed price cell is an attempt
    to edit a price: refused, and recorded.
    """
    try:
        if not apply:
            with visit.look() as act:
                return _answer(study_workbooks.propose_workbook(act, iras_id, visit.content)).response()
        expected = visit.revision

        def effect(act: Act) -> Answer:
            proposal, review = study_workbooks.apply_workbook(act, iras_id, visit.content, expected, reason=reason)
            return _answer(proposal, revision=review.revision)

        return visit.change(effect)
    except WorkbookError as refused:
        if study_workbooks.names_a_price(refused):
            raise PriceIsFixed.of(refused.findings) from refused
        raise


def _answer(proposal: "Proposal", revision: int | None = None) -> Answer:
    return json_answer(proposal_record(proposal, applied=revision is not None), revision=revision)
