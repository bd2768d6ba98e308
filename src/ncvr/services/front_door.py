"""The one door: who is at it, by a bearer token or by a browser session. Every request asks anew, so what is ended is over at once."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from ncvr.domain.ledger import instant
from ncvr.domain.people import Person
from ncvr.domain.signing_in import SESSION_IDLE, SESSION_LONGEST, WAITING_LONGEST, Scope
from ncvr.services.office import Office
from ncvr.store import people, sessions
from ncvr.store.connections import Connection
from ncvr.store.sessions import Session

# A busy page asks often; that somebody is there is written down once a minute.
_NOTED_EVERY = timedelta(minutes=1)
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who it is and how we know. A token of scope ``read`` changes nothing; a session does what the person may."""

    person: Person
    by: Literal["token", "session"]
    scope: Scope = "act"

    def may_ask(self, method: str) -> bool:
        """Whether what they showed is good for a request of this method."""
        return self.scope == "act" or method in _SAFE_METHODS


def sha256_hex(secret: str) -> str:
    """What is kept of a token, cookie or link."""
    return hashlib.sha256(secret.encode("utf-8")).hexdigest()


def visitor_by_token(office: Office, token: str) -> Visitor | None:
    """None for an unknown, ended or revoked token, and for one of a person who may no longer come in."""
    with office.store.reading() as connection:
        return bearer(office, connection, token)


def bearer(office: Office, connection: Connection, token: str) -> Visitor | None:
    """The same within a transaction that goes on to read what the visitor asks for."""
    found = people.bearer_of(connection, sha256_hex(token), instant(office.clock.now()))
    return None if found is None else Visitor(person=found.person, by="token", scope=found.scope)


def visitor_by_session(office: Office, token: str) -> Visitor | None:
    """None for a session that is unknown, over, or still waits for a second factor."""
    session = open_session(office, token)
    if session is None or session.stage != "full":
        return None
    now = office.clock.now()
    if now - datetime.fromisoformat(session.seen_at) >= _NOTED_EVERY:
        with office.store.writing() as connection:
            sessions.seen(connection, session.sha256, instant(now))
    return Visitor(person=session.person, by="session")


def open_session(office: Office, token: str) -> Session | None:
    """The session of a cookie, at whatever stage, if it is not over."""
    with office.store.reading() as connection:
        session = sessions.one(connection, sha256_hex(token))
    return session if session is not None and is_open(session, office.clock.now()) else None


def is_open(session: Session, now: datetime) -> bool:
    """Whether neither limit has passed: how long ago it was used, and how long ago it was opened."""
    age, idle = now - datetime.fromisoformat(session.created_at), now - datetime.fromisoformat(session.seen_at)
    if session.stage != "full":
        return age < WAITING_LONGEST
    return idle < SESSION_IDLE and age < SESSION_LONGEST
