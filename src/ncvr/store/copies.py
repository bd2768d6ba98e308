"""Carrying every row of one database into another, whichever engine either is, and telling whether two hold the same."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import URL, Connection, Table, column, delete, func, insert, select, table
from sqlalchemy.exc import DBAPIError

from ncvr.errors import Finding, StoreError
from ncvr.store.connections import owners_engine, sqlite_module
from ncvr.store.questions import told_as_sqlalchemy
from ncvr.store.tables import meta, metadata

TABLES = frozenset(metadata.tables)  # of every module of tables: ncvr.store.rules, which connections need, names them all
_BATCH = 1_000
_SUM = 2**256


@dataclass(frozen=True, slots=True, kw_only=True)
class TableContent:
    """What one table holds: these columns, so many rows, and a sum over their hashes that no order of rows changes."""

    columns: tuple[str, ...]
    rows: int
    sha256: str


def content(connection: Connection, columns: Mapping[str, Sequence[str]] | None = None) -> dict[str, TableContent]:
    """What every table holds; or these columns of these tables, as an older schema had them. Raises StoreError if unreadable."""
    wanted = columns or {name: tuple(metadata.tables[name].columns.keys()) for name in sorted(TABLES)}
    try:
        return {name: _content(connection, name, tuple(names)) for name, names in wanted.items()}
    except DBAPIError as error:
        raise StoreError(f"it cannot be read ({str(error.orig).strip()})", "database", "Use another copy") from error


@contextmanager
def readable(place: str) -> Iterator[None]:
    """Raises StoreError where the file is so damaged that the database itself gives up, wherever it does."""
    try:
        yield
    except (DBAPIError, sqlite_module().Error, UnicodeDecodeError) as error:  # damage lies in texts too
        raise StoreError(f"it cannot be read ({error})", place, "Use another backup; this one is not whole") from error


def _content(connection: Connection, name: str, names: tuple[str, ...]) -> TableContent:
    count = total = 0
    for rows in _plain_rows(connection, name, names):
        for row in rows:
            total += int.from_bytes(hashlib.sha256(repr(row).encode("utf-8", "surrogatepass")).digest(), "big")
        count += len(rows)
    return TableContent(columns=names, rows=count, sha256=f"sha256:{total % _SUM:064x}")


def copy_rows(source: Connection, target: Connection) -> None:
    """Every row of every table into an empty database of the same schema; the key of cursors is the source's."""
    target.execute(delete(meta))
    for each in metadata.sorted_tables:
        names = tuple(each.columns.keys())
        for rows in _plain_rows(source, each.name, names):
            _add(target, each, rows)


def _plain_rows(connection: Connection, name: str, names: tuple[str, ...]) -> Iterator[list[tuple[Any, ...]]]:
    """A table's rows, so many at a time, as plain values that both engines give alike. Straight from the driver: there may be a million."""
    raw: Any = connection.connection.dbapi_connection
    words = str(select(table(name, *map(column, names))).compile(dialect=connection.dialect))
    is_postgresql = connection.dialect.name == "postgresql"
    # A cursor without a name would bring the whole table at once.
    cursor = raw.cursor(name="ncvr_rows") if is_postgresql else raw.cursor()
    with told_as_sqlalchemy(connection, words), closing(cursor):
        cursor.execute(words)
        while rows := cursor.fetchmany(_BATCH):
            yield [tuple(map(_without_truth, row)) for row in rows] if is_postgresql else rows


def _without_truth(value: Any) -> Any:
    """SQLite has no truth values, only 0 and 1."""
    return int(value) if isinstance(value, bool) else value


def _add(target: Connection, each: Table, rows: list[tuple[Any, ...]]) -> None:
    raw: Any = target.connection.dbapi_connection
    if target.dialect.name == "postgresql":
        into = target.dialect.identifier_preparer
        names = ", ".join(into.quote(name) for name in each.columns.keys())  # noqa: SIM118  (columns by name)
        words = f"COPY {into.quote(each.name)} ({names}) FROM STDIN"
        with told_as_sqlalchemy(target, words), raw.cursor() as cursor, cursor.copy(words) as stream:
            for row in rows:
                stream.write_row(row)
        return
    words = str(insert(each).compile(dialect=target.dialect))
    with told_as_sqlalchemy(target, words):
        raw.executemany(words, rows)


def rows_held(connection: Connection) -> int:
    """How many rows there are beside the key of cursors: 0 in a database just made."""
    return sum(connection.execute(select(func.count()).select_from(each)).scalar_one() for each in metadata.sorted_tables if each is not meta)


def check_file(url: URL) -> list[Finding]:
    """What SQLite itself finds wrong with a file: pages, indexes, references."""
    engine = owners_engine(url)
    try:
        with engine.connect() as connection:
            said = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check(20)") if row[0] != "ok"]
            said += [f"a row of {row[0]} refers to no row of {row[2]}" for row in connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(20)]
    except DBAPIError as error:
        said = [str(error.orig)]
    finally:
        engine.dispose()
    return [Finding("database", f"it is damaged: {sentence}", "Use another copy") for sentence in said]
