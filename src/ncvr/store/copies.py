"""Carrying every row of one database into another, whichever engine either is, and telling whether two hold the same."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import URL, Connection, column, delete, func, insert, select, table
from sqlalchemy.exc import DBAPIError

from ncvr.errors import Finding, StoreError
from ncvr.store.connections import owners_engine, sqlite_module
from ncvr.store.tables import meta, metadata

TABLES = frozenset(metadata.tables)  # of every module of tables: ncvr.store.rules, which connections need, names them all
_BATCH = 5_000
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
    # Without the columns' types, so that both engines give the same plain values.
    for row in _streamed(connection, select(table(name, *map(column, names)))):
        plain = tuple(bytes(value) if isinstance(value, memoryview) else int(value) if isinstance(value, bool) else value for value in row)
        total += int.from_bytes(hashlib.sha256(repr(plain).encode("utf-8", "surrogatepass")).digest(), "big")
        count += 1
    return TableContent(columns=names, rows=count, sha256=f"sha256:{total % _SUM:064x}")


def _streamed(connection: Connection, query: Any) -> Iterator[Any]:
    yield from connection.execute(query, execution_options={"yield_per": _BATCH})


def copy_rows(source: Connection, target: Connection) -> None:
    """Every row of every table into an empty database of the same schema; the key of cursors is the source's."""
    target.execute(delete(meta))
    for each in metadata.sorted_tables:
        for rows in source.execute(select(each), execution_options={"yield_per": _BATCH}).partitions():
            target.execute(insert(each), [dict(row._mapping) for row in rows])


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
