"""The resource review: reading, editing, every move, and queries on lines."""

from collections.abc import Callable
from typing import Any

from fastapi import Response

from ncvr.domain.review import ResourceReview
from ncvr.domain.study import Study
from ncvr.services import reviewing, site_comments
from ncvr.services.office import Act
from ncvr.store import queries
from ncvr.web.access import Answer, Door, Visit, json_answer
from ncvr.web.bodies import NewQuery, Nothing, QueryAnswer, Reason, Submission
from ncvr.web.records import Page
from ncvr.web.routing import Routes
from ncvr.web.study_records import QueryRecord, ReviewRecord, query_record, review_record
from ncvr.web.tables import table_answer

routes = Routes("Resource review")
REVIEW = "/studies/{iras_id}/review"
_ANSWER: dict[str, Any] = {"answer": ReviewRecord, "revision": True}


def _answer(act: Act, review: ResourceReview) -> Answer:
    waiting = queries.open_count(act.connection, review.iras_id, review.version)
    return json_answer(review_record(act, review, waiting), revision=review.revision)


def _move(visit: Visit, move: Callable[[Act, int], ResourceReview]) -> Response:
    expected = visit.revision
    return visit.change(lambda act: _answer(act, move(act, expected)))


@routes.add("GET", REVIEW, "review.read", **_ANSWER)
def read_review(visit: Door, iras_id: str) -> Response:
    """The review as it stands, with the schedule being worked on. Its ETag goes into If-Match of every change."""
    with visit.look() as act:
        return _answer(act, reviewing.read_review(act, iras_id)).response()


@routes.add("PUT", REVIEW, "review.edit", body=Study, **_ANSWER)
def edit_schedule(visit: Door, iras_id: str, reason: str = "") -> Response:
    """Replace the schedule: the company in draft and with_company, the reviewer in in_review. The body is an ncvr-study/1 file.

    Every line that differs is recorded, old and new, with the ``reason``.
    """
    study = visit.body(Study)
    return _move(visit, lambda act, expected: reviewing.edit_schedule(act, iras_id, study, expected, reason=reason))


@routes.add("POST", f"{REVIEW}/submit", "review.submit", body=Submission, example={"protocol_version": "2.0"}, **_ANSWER)
def submit_review(visit: Door, iras_id: str) -> Response:
    """Hand the schedule to the lead site, with the matching protocol. The first submission freezes late or early phase."""
    body = visit.body(Submission)
    return _move(visit, lambda act, expected: reviewing.submit(act, iras_id, expected, protocol_version=body.protocol_version))


@routes.add("POST", f"{REVIEW}/accept", "review.accept", body=Nothing, **_ANSWER)
def accept_review(visit: Door, iras_id: str) -> Response:
    """The lead site takes the review on."""
    visit.body(Nothing)
    return _move(visit, lambda act, expected: reviewing.accept(act, iras_id, expected))


@routes.add("POST", f"{REVIEW}/revert", "review.revert", body=Reason, example={"reason": "The visit windows are missing"}, **_ANSWER)
def revert_review(visit: Door, iras_id: str) -> Response:
    """The lead site sends a submission back as a draft."""
    body = visit.body(Reason)
    return _move(visit, lambda act, expected: reviewing.revert(act, iras_id, expected, reason=body.reason))


@routes.add("POST", f"{REVIEW}/query", "review.query", body=Nothing, **_ANSWER)
def query_review(visit: Door, iras_id: str) -> Response:
    """The reviewer hands the pen to the company, with at least one open query."""
    visit.body(Nothing)
    return _move(visit, lambda act, expected: reviewing.hand_back(act, iras_id, expected))


@routes.add("POST", f"{REVIEW}/respond", "review.respond", body=Nothing, **_ANSWER)
def respond_review(visit: Door, iras_id: str) -> Response:
    """The company hands the pen back, every query answered."""
    visit.body(Nothing)
    return _move(visit, lambda act, expected: reviewing.respond(act, iras_id, expected))


@routes.add("POST", f"{REVIEW}/agree", "review.agree", body=Nothing, **_ANSWER)
def agree_review(visit: Door, iras_id: str) -> Response:
    """First the reviewer agrees, then the company confirms: that makes the version immutable and prices every site."""
    visit.body(Nothing)
    return _move(visit, lambda act, expected: reviewing.agree(act, iras_id, expected))


@routes.add("POST", f"{REVIEW}/amend", "review.amend", body=Reason, example={"reason": "Protocol version 3.0"}, **_ANSWER)
def amend_review(visit: Door, iras_id: str) -> Response:
    """Open a draft of the next version. The agreed one stays, and so do its contracts."""
    body = visit.body(Reason)
    return _move(visit, lambda act, expected: reviewing.amend(act, iras_id, expected, reason=body.reason))


@routes.add("POST", f"{REVIEW}/withdraw", "review.withdraw", body=Reason, example={"reason": "The study will not open in the UK"}, **_ANSWER)
def withdraw_review(visit: Door, iras_id: str) -> Response:
    """Withdraw the study, or an amendment of it: then the agreed version stands again."""
    body = visit.body(Reason)
    return _move(visit, lambda act, expected: reviewing.withdraw(act, iras_id, expected, reason=body.reason))


@routes.add("GET", f"{REVIEW}/queries", "queries.read", answer=Page[QueryRecord])
def list_queries(visit: Door, iras_id: str) -> Response:
    """Every query and comment on the study, oldest first. A site that may only comment reads its own organisation's."""
    with visit.look() as act:
        return table_answer(visit, [query_record(query) for query in site_comments.queries_seen(act, iras_id)], None)


@routes.add("POST", f"{REVIEW}/queries", "queries.write", body=NewQuery, answer=QueryRecord, status=201, example={"line": "A02", "text": "Is this enough?"})
def add_query(visit: Door, iras_id: str) -> Response:
    """Ask about a line of the schedule, or remark on it. Write no personal or patient data.

    The reviewer asks queries; the company and the reviewer comment. A study of early phase or ATMP that its lead site started
    is also commented on (``kind`` ``comment``) by every site listed in it, while its first version is under review.
    """
    body = visit.body(NewQuery)
    return visit.change(lambda act: json_answer(query_record(reviewing.add_query(act, iras_id, kind=body.kind, line=body.line, text=body.text)), status=201))


@routes.add("POST", f"{REVIEW}/queries/{{query_id}}/answer", "queries.answer", body=QueryAnswer, answer=QueryRecord, example={"text": "Yes: see section 6.2"})
def answer_query(visit: Door, iras_id: str, query_id: str) -> Response:
    """Answer a query or comment of the other side, once."""
    body = visit.body(QueryAnswer)
    return visit.change(lambda act: json_answer(query_record(reviewing.answer_query(act, iras_id, query_id, text=body.text))))
