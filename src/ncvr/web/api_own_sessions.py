"""One's own browser sessions: seen in one of them, and ended in one that is young."""

from dataclasses import asdict

from fastapi import Response
from typing_extensions import TypedDict

from ncvr.services import own_sessions
from ncvr.web.access import Door
from ncvr.web.api_factors import young_session
from ncvr.web.api_session import full_session
from ncvr.web.records import Page
from ncvr.web.routing import Routes
from ncvr.web.tables import table_answer

routes = Routes("Session")


class OwnSessionRecord(TypedDict):
    """``current``: the one that asks."""

    id: str
    opened_at: str
    used_at: str
    current: bool


@routes.add("GET", "/sessions", "session.own", answer=Page[OwnSessionRecord])
def list_sessions(visit: Door) -> Response:
    """Where you are signed in: your browser sessions that are open, the last used first."""
    session = full_session(visit)
    with visit.look() as act:
        return table_answer(visit, [asdict(each) for each in own_sessions.own_sessions(act, session)], None)


@routes.add("DELETE", "/sessions/{session_id}", "session.own", status=204)
def end_session(visit: Door, session_id: str) -> Response:
    """Sign out one of your sessions, at once. Needs a session in which you signed in within ten minutes."""
    young_session(visit)
    with visit.office.act(visit.person, visit.correlation_id) as act:
        own_sessions.end_own_session(act, session_id)
    return Response(status_code=204)


@routes.add("DELETE", "/sessions", "session.own", status=204)
def end_other_sessions(visit: Door) -> Response:
    """Sign out every session of yours but this one, at once. Needs a session in which you signed in within ten minutes."""
    session = young_session(visit)
    with visit.office.act(visit.person, visit.correlation_id) as act:
        own_sessions.end_other_sessions(act, session)
    return Response(status_code=204)
