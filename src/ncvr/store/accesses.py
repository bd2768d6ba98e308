"""Rows of who read or was refused what: written many at once, read in the order of time."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import SQLAlchemyError

from ncvr.store.access_tables import accesses
from ncvr.store.connections import Store

_log = logging.getLogger("ncvr.store")


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """``times`` such requests of one person, the first of them at ``at`` under ``correlation_id``."""

    id: str
    at: str
    actor: str | None
    method: str
    path: str
    status: int
    times: int
    correlation_id: str


def written(store: Store, rows: Sequence[Access]) -> bool:
    """Whether all of them are on disk now; if not, none is, and the log says why."""
    try:
        with store.writing() as connection:
            connection.execute(insert(accesses), [asdict(row) for row in rows])
    except SQLAlchemyError:
        _log.exception("accesses are not written yet: the database does not take them")
        return False
    return True


def since(connection: Connection, at: str) -> Iterator[Access]:
    """Every access from this moment on, oldest first."""
    query = select(accesses).where(accesses.c.at >= at).order_by(accesses.c.at, accesses.c.id)
    for row in connection.execute(query, execution_options={"yield_per": 500}):
        yield Access(**row._mapping)
