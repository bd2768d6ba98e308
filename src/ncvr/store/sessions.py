"""Browser sessions and the devices people signed in from; only hashes of what the browser holds."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from ncvr.domain.people import Person
from ncvr.domain.signing_in import Stage
from ncvr.store.account_tables import known_devices, sessions
from ncvr.store.people import has_address, person_of
from ncvr.store.tables import people


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """An open session; times are ISO text. ``challenge`` waits for a passkey's answer."""

    sha256: str
    person: Person
    stage: Stage
    created_at: str
    seen_at: str
    challenge: str | None


def add(connection: Connection, sha256: str, actor: str, stage: Stage, at: str) -> None:
    connection.execute(insert(sessions).values(sha256=sha256, actor=actor, stage=stage, created_at=at, seen_at=at))


def of_person(connection: Connection, actor: str) -> list[Session]:
    """The sessions of a person that were not ended, the last used first; some may be over by their age."""
    query = select(sessions, people.c.role, people.c.organisation).join(people, people.c.actor == sessions.c.actor)
    mine = query.where(sessions.c.actor == actor, sessions.c.ended_at.is_(None), people.c.blocked_at.is_(None))
    rows = connection.execute(mine.order_by(sessions.c.seen_at.desc(), sessions.c.sha256))
    return [found for row in rows if (found := _session(row)) is not None]


def one(connection: Connection, sha256: str) -> Session | None:
    """The session, unless it was ended or its person may no longer come in."""
    query = select(sessions, people.c.role, people.c.organisation).join(people, people.c.actor == sessions.c.actor)
    return _session(connection.execute(query.where(sessions.c.sha256 == sha256, sessions.c.ended_at.is_(None), people.c.blocked_at.is_(None))).first())


def _session(row: Row[Any] | None) -> Session | None:
    person = person_of(row)
    if row is None or person is None:
        return None
    return Session(sha256=row.sha256, person=person, stage=row.stage, created_at=row.created_at, seen_at=row.seen_at, challenge=row.challenge)


def seen(connection: Connection, sha256: str, at: str) -> None:
    connection.execute(update(sessions).where(sessions.c.sha256 == sha256, sessions.c.ended_at.is_(None)).values(seen_at=at))


def set_challenge(connection: Connection, sha256: str, challenge: str) -> None:
    connection.execute(update(sessions).where(sessions.c.sha256 == sha256).values(challenge=challenge))


def take_challenge(connection: Connection, sha256: str, challenge: str) -> bool:
    """Whether the session still waited with this challenge; of two answers one hears yes."""
    waiting = (sessions.c.sha256 == sha256, sessions.c.challenge == challenge)
    return connection.execute(update(sessions).where(*waiting).values(challenge=None)).rowcount == 1


def end(connection: Connection, sha256: str, at: str) -> bool:
    """Whether it was open until now."""
    return connection.execute(update(sessions).where(sessions.c.sha256 == sha256, sessions.c.ended_at.is_(None)).values(ended_at=at)).rowcount == 1


def end_all(connection: Connection, actor: str, at: str, *, but: str = "") -> int:
    """End every session of a person but one; returns how many there were."""
    others = (sessions.c.actor == actor, sessions.c.ended_at.is_(None), sessions.c.sha256 != but)
    return connection.execute(update(sessions).where(*others).values(ended_at=at)).rowcount


def end_everybodys(connection: Connection, at: str) -> int:
    """End every open session; returns how many there were."""
    return connection.execute(update(sessions).where(sessions.c.ended_at.is_(None)).values(ended_at=at)).rowcount


def clear(connection: Connection, *, before: str) -> None:
    """Forget sessions opened before this moment, all over by then."""
    connection.execute(delete(sessions).where(sessions.c.created_at < before))


def remember_device(connection: Connection, sha256: str, actor: str, at: str) -> None:
    """The device is this person's from now on, whosever it was."""
    connection.execute(delete(known_devices).where(known_devices.c.sha256 == sha256))
    connection.execute(insert(known_devices).values(sha256=sha256, actor=actor, seen_at=at))


def knows_device(connection: Connection, sha256: str, email: str, since: str) -> bool:
    """Whether the person of this address signed in from this device since then."""
    query = select(known_devices.c.actor).join(people, people.c.actor == known_devices.c.actor)
    mine = (known_devices.c.sha256 == sha256, has_address(email), known_devices.c.seen_at > since)
    return connection.execute(query.where(*mine)).first() is not None


def forget_devices(connection: Connection, actor: str) -> None:
    connection.execute(delete(known_devices).where(known_devices.c.actor == actor))
