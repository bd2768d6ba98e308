"""Queries and comments on the lines of a schedule: what was said, and what this person may say."""

from collections.abc import Sequence

from fastapi import Response

from ncvr.domain.people import Standing
from ncvr.errors import Finding, InputError, MoveNotAllowed, NcvrError
from ncvr.services import reviewing
from ncvr.services.office import Act
from ncvr.web.pages.page import Page, Seen, own_address
from ncvr.web.pages.said import Discussion, said
from ncvr.web.pages.schedule import SeenSchedule, check_standing, line_names, seen_schedule
from ncvr.web.pages.study_to_comment import study_to_comment
from ncvr.web.routing import Routes

routes = Routes("Pages")
_MOST = 4000


def discussion(act: Act, seen: SeenSchedule, line: str = "") -> Discussion:
    """What was said on one line, or on all."""
    by = _standing(act, seen)
    lines = line_names(seen.review.study)
    wanted = line if line in lines else ""
    over = seen.review.state in ("agreed", "withdrawn")
    shown = [query for query in seen.asked if not wanted or query.line == wanted]
    told = [said(act, query, lines, answerable=by is not None and query.by != by and query.answer is None and not over) for query in shown]
    waiting = sum(query.open and query.version == seen.review.version for query in seen.asked)
    return Discussion(said=told, kinds=_kinds(seen, by), lines=lines, line=wanted or None, open=waiting)


def _standing(act: Act, seen: SeenSchedule) -> Standing | None:
    try:
        return act.standing("queries.write", seen.review.iras_id)
    except NcvrError:
        return None


def _kinds(seen: SeenSchedule, by: Standing | None) -> Sequence[str]:
    if by is None or seen.review.state in ("agreed", "withdrawn"):
        return ()
    return ("query", "comment") if by == "reviewer" and seen.review.state == "in_review" else ("comment",)


@routes.add("POST", "/studies/{iras_id}/review/queries", "queries.write", media_type="text/html")
def write_query(page: Seen, iras_id: str) -> Response:
    """Ask, or remark; then back to where the person was."""
    by = check_standing(page, "queries.write", iras_id)
    kind, line = page.field("kind"), page.field("line")
    try:
        text = _text(page, "text")
        with page.act() as act:
            reviewing.add_query(act, iras_id, kind="query" if kind == "query" else "comment", line=line, text=text)
    except (InputError, MoveNotAllowed) as error:
        return _again(page, iras_id, by, error)
    back = f"/studies/{iras_id}#queries" if by == "commenting_site" else _back(page, iras_id)
    return page.go(back, said="query-sent" if kind == "query" else "comment-added")


@routes.add("POST", "/studies/{iras_id}/review/queries/{query_id}/answer", "queries.answer", media_type="text/html")
def answer_query_page(page: Seen, iras_id: str, query_id: str) -> Response:
    """Answer a query or comment of the other side, once."""
    by = check_standing(page, "queries.answer", iras_id)
    try:
        text = _text(page, f"answer-{query_id}")
        with page.act() as act:
            reviewing.answer_query(act, iras_id, query_id, text=text)
    except (InputError, MoveNotAllowed) as error:
        return _again(page, iras_id, by, error)
    return page.go(_back(page, iras_id), said="answer-sent")


def _text(page: Page, name: str) -> str:
    text = page.field(name)
    if not text:
        raise InputError("nothing is written", name, "Write what you want to say")
    if len(text) > _MOST:
        raise InputError(f"the text has {len(text):,} characters", name, f"Write at most {_MOST:,}")
    return text


def _back(page: Page, iras_id: str) -> str:
    back = page.field("back")
    inside = own_address(back).startswith(f"/studies/{iras_id}/review")
    return (back if inside else f"/studies/{iras_id}/review") + "#queries"


def _again(page: Page, iras_id: str, by: Standing, error: NcvrError) -> Response:
    """The discussion with what stands in the way and what was typed."""
    with page.look() as act:
        if by == "commenting_site":
            return study_to_comment(page, act, iras_id, error)
        seen = seen_schedule(act, iras_id)
        talk = discussion(act, seen)
    typed = {name: value for name, value in page.form.items() if isinstance(value, str)}
    findings: Sequence[Finding] = error.findings
    return page.refused(type(error).of(findings), "review_discussion.html", seen=seen, review=seen.review, talk=talk, typed=typed, back=_back(page, iras_id))
