"""The ledger's rows: read in order, and written one at a time under a lock that lasts until the transaction ends."""

from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Integer, bindparam, func, literal_column, select, text

from ncvr.domain.ledger import EMPTY, ENTRY_FIELDS, Entry, Head
from ncvr.store.questions import Question, asked_of_driver
from ncvr.store.tables import ledger

# Any number, as long as everybody takes the same: PostgreSQL's advisory locks have no names.
_LOCK = 0x6E637672
_PAGE = 1_000
_HEAD = Question(select(ledger.c.number, ledger.c.hash, ledger.c.at).order_by(ledger.c.number.desc()).limit(literal_column("1")))
# As the drivers take it: every change appends, and to have a statement put together takes longer than running it.
_COLUMNS = ", ".join(f'"{name}"' for name in ENTRY_FIELDS)
_APPEND = {
    engine: f"INSERT INTO ledger ({_COLUMNS}) VALUES ({', '.join([mark] * len(ENTRY_FIELDS))})"  # noqa: S608  (words of our own)
    for engine, mark in (("sqlite", "?"), ("postgresql", "%s"))
}
_values = attrgetter(*ENTRY_FIELDS)
_WHOLE = select(*(ledger.c[name] for name in ENTRY_FIELDS))
_NEXT_PAGE = Question(_WHOLE.where(ledger.c.number > bindparam("after", type_=Integer)).order_by(ledger.c.number).limit(literal_column(str(_PAGE))))


def lock(connection: Connection) -> None:
    """Only one transaction appends at a time. SQLite's writers already hold the database's lock."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def head(connection: Connection) -> Head:
    """The newest entry; :data:`EMPTY` before the first."""
    row = _HEAD.row(connection)
    return EMPTY if row is None else Head(number=row.number, hash=row.hash, at=row.at)


def append(connection: Connection, entry: Entry) -> None:
    asked_of_driver(connection, _APPEND[connection.dialect.name], _values(entry))


def entries(connection: Connection, after: int = 0) -> Iterator[Entry]:
    """Every entry after this number, in order, a page at a time: a ledger may be longer than memory."""
    while True:
        rows = _NEXT_PAGE.rows(connection, after=after)
        yield from map(_entry, rows)
        if len(rows) < _PAGE:
            return
        after = rows[-1].number


def changes_of(connection: Connection, object_name: str, after_revision: int) -> list[Entry]:
    """What was done to one object since it had this revision."""
    rows = connection.execute(_WHOLE.where(ledger.c.object == object_name, ledger.c.revision > after_revision).order_by(ledger.c.number).limit(200))
    return list(map(_entry, rows))


def of_objects(connection: Connection, names: Sequence[str], *, most: int) -> list[Entry]:
    """What was done to these objects, newest first."""
    rows = connection.execute(_WHOLE.where(ledger.c.object.in_(names)).order_by(ledger.c.number.desc()).limit(most))
    return list(map(_entry, rows))


def count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(ledger)).scalar_one()


def _entry(row: Any) -> Entry:
    return Entry(**dict(zip(ENTRY_FIELDS, row, strict=True)))
