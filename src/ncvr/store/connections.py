"""Opening the database: an embedded SQLite file by default, PostgreSQL where an address is given.

SQLite is the one whose write-ahead log has no reset fault, where its wheel exists; an older one keeps a rollback journal
and is served by one process only (:func:`check_writers`). Every connection of the application carries the authorizer of :mod:`ncvr.store.rules`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DataError, OperationalError

from ncvr.errors import InputError, StoreError
from ncvr.store.questions import asked_of_driver
from ncvr.store.rules import sqlite_authorizer

__all__ = ["URL", "Connection", "Store", "address", "check_writers", "open_store", "owners_engine", "sqlite_version"]

# All SQLite before it can corrupt a write-ahead log when two connections commit and checkpoint at once.
SAFE_SQLITE = (3, 51, 3)
# Held by every connection of the service on PostgreSQL, so that a migration knows of it. Any number but the ledger's.
SERVING = 0x6E637673
_BUSY_MILLISECONDS = 30_000
_QUIET: dict[str, Any] = {"hide_parameters": True}  # what a statement that fails was to write is in no message, and so in no log
# Used only as far as needed. Whole tables are copied and checked by the owner; the indexes of a million hashes do not fit in the usual two.
_OWNERS_CACHE_MEGABYTES = 256


def sqlite_module() -> ModuleType:
    """The SQLite driver: the wheel with a safe SQLite, else the one that Python brings."""
    name = "pysqlite3.dbapi2" if find_spec("pysqlite3") is not None else "sqlite3.dbapi2"
    return import_module(name)


def sqlite_version() -> tuple[int, ...]:
    version: tuple[int, ...] = sqlite_module().sqlite_version_info
    return version


def check_writers(url: URL, workers: int, version: tuple[int, ...]) -> None:
    """Raises StoreError for more than one writing process on an SQLite whose write-ahead log is not safe for them."""
    if url.get_backend_name() == "sqlite" and workers > 1 and version < SAFE_SQLITE:
        said, safe = ".".join(map(str, version)), ".".join(map(str, SAFE_SQLITE))
        raise StoreError(
            f"SQLite {said} may corrupt its log with {workers} processes", "--workers", f"Run one worker, use SQLite {safe} or newer, or PostgreSQL"
        )


def address(url_or_path: str | Path) -> URL:
    """A database address: a PostgreSQL URL as given, anything else as the path of an SQLite file."""
    if isinstance(url_or_path, str) and url_or_path.startswith(("postgresql://", "postgres://", "postgresql+psycopg://")):
        return make_url(url_or_path).set(drivername="postgresql+psycopg")
    return URL.create("sqlite+pysqlite", database=str(url_or_path))


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A database in use. ``writing`` and ``reading`` are one transaction each: all of it, or nothing.

    ``schema`` is what SQLite is held against as each begins; on PostgreSQL it is as each connection is made.
    """

    engine: Engine
    schema: "SeenSchema | None" = None

    @property
    def is_postgresql(self) -> bool:
        return self.engine.dialect.name == "postgresql"

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        # A writer takes the lock before it reads what it decides on; two could otherwise both decide on the old state.
        with self._reached(), self.engine.connect() as connection, connection.begin():
            self._begin(connection, "BEGIN IMMEDIATE")
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self._reached(), self.engine.connect() as connection, connection.begin():
            self._begin(connection, "BEGIN")
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """One transaction that reads one moment, however long it takes and whatever others write meanwhile."""
        isolation: Any = "REPEATABLE READ" if self.is_postgresql else None
        engine = self.engine.execution_options(isolation_level=isolation) if isolation else self.engine
        with engine.connect() as connection, connection.begin():
            self._begin(connection, "BEGIN")
            yield connection

    def _begin(self, connection: Connection, words: str) -> None:
        """Begin on SQLite, whose driver does not. Not by an event of the engine: every statement would then ask for listeners."""
        if self.is_postgresql:
            return
        asked_of_driver(connection, words)
        if self.schema is not None:
            self.schema.check(connection.connection.dbapi_connection)

    @contextmanager
    def _reached(self) -> Iterator[None]:
        """Raises StoreError where the database went away or is too busy; if while it confirmed, what was asked may be done.

        Raises InputError for what no column takes, which is nearly always refused before it comes here.
        """
        try:
            yield
        except DataError as error:
            remedy = "Leave out signs that are no text, and numbers of ten digits and more"
            raise InputError("it holds a sign or a number that cannot be kept", "request", remedy) from error
        except OperationalError as error:
            if not self.is_postgresql and "locked" not in str(error.orig):
                raise
            remedy = "Wait a moment and send the same again; with the same Idempotency-Key it is not done twice"
            raise StoreError("the database did not answer, so whether it was done is not known", "database", remedy) from error

    def close(self) -> None:
        self.engine.dispose()


def open_store(url: URL) -> Store:
    """The application's door to a database that :func:`ncvr.store.schema.upgrade` has made."""
    if url.get_backend_name() == "postgresql":
        return Store(engine=_postgresql_engine(url, guarded=True))
    return Store(engine=_sqlite_engine(url, guarded=True), schema=SeenSchema())


def owners_engine(url: URL) -> Engine:
    """A connection without the application's limits: for migrations and for nothing else. The option ``ncvr_writing`` takes the lock first."""
    if url.get_backend_name() == "postgresql":
        return _postgresql_engine(url, guarded=False)
    engine = _sqlite_engine(url, guarded=False)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("ncvr_writing") else "BEGIN")

    return engine


def _sqlite_engine(url: URL, *, guarded: bool) -> Engine:
    engine = create_engine(url, module=sqlite_module(), connect_args={"check_same_thread": False}, **_QUIET)

    @event.listens_for(engine, "connect")
    def _set_up(raw: DBAPIConnection, _record: Any) -> None:
        _set_up_sqlite(raw, guarded=guarded)

    return engine


def _postgresql_engine(url: URL, *, guarded: bool) -> Engine:
    engine = create_engine(url, pool_size=8, max_overflow=8, pool_pre_ping=True, **_QUIET)
    schema = SeenSchema("SELECT to_regclass('alembic_version')")

    @event.listens_for(engine, "connect")
    def _set_up(raw: Any, _record: Any) -> None:
        if guarded:
            raw.execute(f"SELECT pg_advisory_lock_shared({SERVING})")  # held while connected; waits while a migration runs
            schema.check(raw)
            raw.commit()

    return engine


class SeenSchema:
    """The schema that a process first saw. Its code fits no other, so it stops where another program has upgraded since."""

    def __init__(self, asked: str = "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'") -> None:
        self._asked, self._seen = asked, ""

    def check(self, raw: Any) -> None:
        """Raises StoreError if the schema is another by now."""
        if not self._seen and (raw.execute(self._asked).fetchone() or [None])[0] is None:
            return  # an empty database
        row = raw.execute("SELECT version_num FROM alembic_version").fetchone()
        version = row[0] if row else ""
        if self._seen not in ("", version):
            raise StoreError(f"the database has schema {version} by now, not {self._seen}", "database", "Stop this process and start the new software")
        self._seen = version


def _set_up_sqlite(raw: Any, *, guarded: bool) -> None:
    # A rollback journal has no reset fault. Its commit is the removal of a file, which EXTRA waits for too.
    journal, synchronous = ("WAL", "FULL") if sqlite_version() >= SAFE_SQLITE else ("DELETE", "EXTRA")
    raw.isolation_level = None
    cursor = raw.cursor()
    for setting in (
        f"busy_timeout={_BUSY_MILLISECONDS}",
        f"journal_mode={journal}",
        f"synchronous={synchronous}",
        "foreign_keys=ON",
        "recursive_triggers=ON",
        "trusted_schema=OFF",
        "secure_delete=ON",  # what is forgotten is gone from the file too
    ):
        cursor.execute(f"PRAGMA {setting}")
    if guarded:
        raw.set_authorizer(sqlite_authorizer)
    else:
        cursor.execute(f"PRAGMA cache_size=-{_OWNERS_CACHE_MEGABYTES * 1024}")
    cursor.close()
