"""A person's own browser sessions: seen, and ended one by one or all but the one they sit at."""

from dataclasses import dataclass

from ncvr.domain.ledger import Change
from ncvr.domain.permissions import not_found
from ncvr.services.front_door import is_open
from ncvr.services.office import Act
from ncvr.store import sessions
from ncvr.store.sessions import Session

_NAMED_BY = 16  # hexadecimal digits of the hash that is kept: enough to name one of somebody's own, and no use at the door


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSession:
    """An open session as its person sees it; times are ISO text. ``current``: the one they sit at."""

    id: str
    opened_at: str
    used_at: str
    current: bool


def own_sessions(act: Act, current: Session | None) -> list[OwnSession]:
    """The sessions that are open, the last used first."""
    act.allowed("session.own")
    own = current.sha256 if current is not None else ""
    return [OwnSession(id=each.sha256[:_NAMED_BY], opened_at=each.created_at, used_at=each.seen_at, current=each.sha256 == own) for each in _open(act)]


def end_own_session(act: Act, session_id: str) -> None:
    """End one of one's own sessions at once. Raises NotFound for what is not one's own, or is over."""
    act.allowed("session.own")
    found = next((each for each in _open(act) if each.sha256[:_NAMED_BY] == session_id), None)
    if found is None or not sessions.end(act.connection, found.sha256, act.now):
        raise not_found(f"session {session_id}")
    _record(act, "1", "signed out elsewhere")


def end_other_sessions(act: Act, current: Session) -> int:
    """End every session of one's own but this one at once; returns how many there were."""
    act.allowed("session.own")
    ended = sessions.end_all(act.connection, act.person.actor, act.now, but=current.sha256)
    _record(act, str(ended), "all others signed out")
    return ended


def _open(act: Act) -> list[Session]:
    now = act.office.clock.now()
    return [each for each in sessions.of_person(act.connection, act.person.actor) if each.stage == "full" and is_open(each, now)]


def _record(act: Act, count: str, how: str) -> None:
    act.record(Change(operation="session.end", object=f"person/{act.person.actor}", field="sessions", old=count, new=how))
