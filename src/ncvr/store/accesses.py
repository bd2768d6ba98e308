"""Rows of who read or was refused what: written many at once, read in the order of time."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, insert, or_, select
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from ncvr.errors import InputError, StoreError
from ncvr.store.access_tables import accesses
from ncvr.store.connections import Store

_log = logging.getLogger("ncvr.store")
Outcome = Literal["any", "read", "refused"]
_FIRST_REFUSAL = 400
# An address of the API and of a page tell of the same study.
_OF_STUDIES = ("/studies/", "/api/v1/studies/")


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


class Place(NamedTuple):
    """Where a row stands in the order of time."""

    at: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which accesses are asked for. ``since`` and ``before`` are moments, as the rows have them; empty means any."""

    actor: str = ""
    iras_id: str = ""
    since: str = ""
    before: str = ""
    outcome: Outcome = "any"


def unwritten(store: Store, rows: Sequence[Access]) -> Sequence[Access]:
    """Write them all, in one transaction; returns those that are to be tried again.

    One that no database can keep is left out, and said in the log without its words, so that it keeps no other from being written.
    """
    try:
        with store.writing() as connection:
            connection.execute(insert(accesses), [asdict(row) for row in rows])
    except (SQLAlchemyError, StoreError, InputError) as error:
        if len(rows) > 1 and not isinstance(error, OperationalError | StoreError):
            half = len(rows) // 2
            return [*unwritten(store, rows[:half]), *unwritten(store, rows[half:])]
        if isinstance(error, InputError):
            _log.exception("an access cannot be kept; it was of the request %s", rows[0].correlation_id)
            return []
        _log.exception("accesses are not written yet: the database does not take them")
        return rows
    return []


def found(connection: Connection, wanted: Wanted, *, after: Place | None = None, limit: int | None = None) -> Iterator[Access]:
    """The accesses asked for, newest first; those that come ``after`` this place."""
    query = select(accesses).where(*_rules(wanted)).order_by(accesses.c.at.desc(), accesses.c.id.desc()).limit(limit)
    if after is not None:
        query = query.where(or_(accesses.c.at < after.at, and_(accesses.c.at == after.at, accesses.c.id < after.id)))
    for row in connection.execute(query, execution_options={"yield_per": 500}):
        yield Access(**row._mapping)


def _rules(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.actor:
        yield accesses.c.actor == wanted.actor
    if wanted.since:
        yield accesses.c.at >= wanted.since
    if wanted.before:
        yield accesses.c.at < wanted.before
    if wanted.outcome != "any":
        refused = accesses.c.status >= _FIRST_REFUSAL
        yield refused if wanted.outcome == "refused" else ~refused
    if wanted.iras_id:
        of_study = [first + wanted.iras_id for first in _OF_STUDIES]
        yield or_(accesses.c.path.in_(of_study), *(accesses.c.path.startswith(path + "/", autoescape=True) for path in of_study))
