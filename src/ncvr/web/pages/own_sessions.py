"""Where one is signed in: one's own browser sessions, to sign out one of them or all others, after a word of what that does."""

from fastapi import Response

from ncvr.errors import Finding, NotFound
from ncvr.services import own_sessions
from ncvr.services.front_door import open_session
from ncvr.services.own_factors import is_young
from ncvr.services.own_sessions import OwnSession
from ncvr.store.sessions import Session
from ncvr.web.pages.page import Page, Seen
from ncvr.web.pages.table import Cell, Column, Row, Table
from ncvr.web.pages.templates import moment
from ncvr.web.pages.words import Tag
from ncvr.web.recognising import SESSION_COOKIE, cookie
from ncvr.web.routing import Routes

routes = Routes("Pages")
ADDRESS = "/sessions"
_COLUMNS = (Column("opened", "Signed in"), Column("used", "Last used"), Column("which", "Which"))
_HERE = Tag("This one", "blue")
_AGAIN = Finding("sessions", "You signed in a while ago, and this could be somebody else", "Sign in again, then sign it out")
_OVER = Finding("sessions", "This session is over already", "See what is still open below")


@routes.add("GET", ADDRESS, "session.own", media_type="text/html")
def sessions_page(page: Seen) -> Response:
    """The sessions that are open."""
    return _listed(page, _current(page))


@routes.add("POST", ADDRESS, "session.own", media_type="text/html")
def end_sessions(page: Seen) -> Response:
    """First what it does is said; then it is done."""
    current, which = _current(page), page.field("which")
    if current is None or not is_young(page.visit.office, current):
        return _listed(page, current, _AGAIN)
    if page.field("step") != "end":
        return _asked(page, current, which)
    try:
        with page.act() as act:
            if which == "others":
                own_sessions.end_other_sessions(act, current)
            else:
                own_sessions.end_own_session(act, which)
    except NotFound:
        return _listed(page, current, _OVER)
    return page.go(ADDRESS, said="sessions-ended")


def _asked(page: Page, current: Session, which: str) -> Response:
    with page.look() as act:
        listed = own_sessions.own_sessions(act, current)
    chosen = [each for each in listed if not each.current and which in ("others", each.id)]
    return page.show("sessions_check.html", chosen=chosen, which=which) if chosen else _listed(page, current, _OVER)


def _current(page: Page) -> Session | None:
    """The session this page is asked in; None for a program with a token."""
    session = open_session(page.visit.office, cookie(page.visit.headers, SESSION_COOKIE) or "")
    return session if session is not None and session.stage == "full" and session.person == page.person else None


def _listed(page: Page, current: Session | None, problem: Finding | None = None) -> Response:
    with page.look() as act:
        listed = own_sessions.own_sessions(act, current)
    empty = "You are signed in nowhere: this page was asked for with a token."
    table = Table(name="sessions", caption="Your sessions", columns=_COLUMNS, rows=[_row(each) for each in listed], empty=empty)
    return page.show(
        "sessions.html",
        tables=[table],
        problems=() if problem is None else (problem,),
        others=[each for each in listed if not each.current],
        young=current is not None and is_young(page.visit.office, current),
    )


def _row(session: OwnSession) -> Row:
    return {
        "opened": Cell(moment(session.opened_at), order=session.opened_at),
        "used": Cell(moment(session.used_at), order=session.used_at),
        "which": Cell("", tag=_HERE) if session.current else Cell("Another"),
    }
