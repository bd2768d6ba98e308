"""Counts of failed attempts, by bucket: opaque names, so that neither addresses nor people stand here."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, text

from ncvr.store.account_tables import sign_in_attempts


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """``last_at`` is the moment of the last failure; empty before the first."""

    failures: int
    last_at: str


def lock(connection: Connection, buckets: Collection[str]) -> dict[str, Counted]:
    """What was counted so far; nobody else counts in these buckets until the transaction ends."""
    names = sorted(buckets)  # always in one order, or two could wait for each other
    statement = "INSERT INTO sign_in_attempts (bucket, failures, last_at) VALUES (:bucket, 0, '') ON CONFLICT (bucket) DO NOTHING"
    connection.execute(text(statement), [{"bucket": name} for name in names])
    query = select(sign_in_attempts).where(sign_in_attempts.c.bucket.in_(names)).order_by(sign_in_attempts.c.bucket).with_for_update()
    found = {row.bucket: Counted(failures=row.failures, last_at=row.last_at) for row in connection.execute(query)}
    return {name: found.get(name, Counted(failures=0, last_at="")) for name in names}


def save(connection: Connection, counted: dict[str, Counted]) -> None:
    statement = (
        "INSERT INTO sign_in_attempts (bucket, failures, last_at) VALUES (:bucket, :failures, :last_at) "
        "ON CONFLICT (bucket) DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at"
    )
    rows = [{"bucket": name, "failures": counted[name].failures, "last_at": counted[name].last_at} for name in sorted(counted)]
    connection.execute(text(statement), rows)


def clear(connection: Connection, *, before: str) -> None:
    """Forget what is too old to make anybody wait. In a transaction of its own: it locks rows in no order."""
    connection.execute(delete(sign_in_attempts).where(sign_in_attempts.c.last_at < before))
