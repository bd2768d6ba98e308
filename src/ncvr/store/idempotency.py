"""Answers kept for a day beside their effect, so that a request sent twice is done once."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, delete, insert, select, text

from ncvr.store.tables import idempotency


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whose request, to what, under which key: another person's same key is another key."""

    actor: str
    method: str
    path: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The answer as it was sent; ``headers`` is JSON text."""

    body_sha256: str
    status: int
    headers: str
    body: bytes


def try_lock(connection: Connection, asked: Asked) -> bool:
    """Whether nobody else is at the same request. SQLite's writers come one after the other anyway."""
    if connection.dialect.name != "postgresql":
        return True
    words = f"{asked.actor}\n{asked.method}\n{asked.path}\n{asked.key}"
    return connection.execute(text("SELECT pg_try_advisory_xact_lock(hashtextextended(:words, 0))"), {"words": words}).scalar_one() is True


def answered(connection: Connection, asked: Asked, *, since: str) -> Answered | None:
    """The answer given since then."""
    row = connection.execute(select(idempotency).where(*_same(asked), idempotency.c.at > since)).first()
    return None if row is None else Answered(body_sha256=row.body_sha256, status=row.status, headers=row.headers, body=bytes(row.body))


def keep(connection: Connection, asked: Asked, answer: Answered, *, at: str, since: str) -> None:
    """Keep an answer, and forget those that are older than ``since``."""
    connection.execute(delete(idempotency).where(idempotency.c.at <= since))
    row = {name: getattr(asked, name) for name in Asked.__slots__} | {name: getattr(answer, name) for name in Answered.__slots__}
    connection.execute(insert(idempotency), row | {"at": at})


def _same(asked: Asked) -> tuple[ColumnElement[bool], ...]:
    return tuple(idempotency.c[name] == getattr(asked, name) for name in Asked.__slots__)
