"""Whether a database may be used: the newest schema, settings under which nothing acknowledged is lost, and rules in place."""

from collections.abc import Iterator

from sqlalchemy import Connection, text

from ncvr.errors import Finding
from ncvr.store.connections import SAFE_SQLITE, Store, sqlite_version
from ncvr.store.schema import newest_version, schema_version

OLDEST_POSTGRESQL = 150000  # server_version_num of the oldest version the tests run on


def engine_version(store: Store) -> str:
    """The engine and its version, as people read it."""
    with store.reading() as connection:
        if store.is_postgresql:
            return f"PostgreSQL {connection.execute(text('SHOW server_version')).scalar_one()}"
    return f"SQLite {'.'.join(map(str, sqlite_version()))}"


def check_database(store: Store) -> list[Finding]:
    """What keeps this database from being used; a notice where it may be used by one process only."""
    with store.reading() as connection:
        return [*_schema(connection), *(_postgresql(connection) if store.is_postgresql else _sqlite(connection))]


def _schema(connection: Connection) -> Iterator[Finding]:
    version, newest = schema_version(connection), newest_version()
    if version != newest:
        yield Finding("database", f"its schema is {version or 'missing'}, not {newest}", "Run: ncvr db upgrade")


def _sqlite(connection: Connection) -> Iterator[Finding]:
    journal, synchronous = ("wal", 2) if sqlite_version() >= SAFE_SQLITE else ("delete", 3)
    wanted = {"journal_mode": journal, "synchronous": synchronous, "foreign_keys": 1, "recursive_triggers": 1}
    for name, value in wanted.items():
        found = connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
        if found != value:
            yield Finding("database", f"SQLite's {name} is {found}, not {value}", "Use the file on a disk where SQLite can set it")
    if sqlite_version() < SAFE_SQLITE:
        yield Finding("database", "this SQLite is old: people who write wait for those who read", "Keep to one worker, or install pysqlite3", "notice")


def _postgresql(connection: Connection) -> Iterator[Finding]:
    version = int(connection.execute(text("SHOW server_version_num")).scalar_one())
    if version < OLDEST_POSTGRESQL:
        yield Finding("database", f"PostgreSQL {version // 10000} is not tested", "Use PostgreSQL 15 or newer")
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        if connection.execute(text(f"SHOW {name}")).scalar_one() == "off":
            yield Finding("database", f"PostgreSQL's {name} is off: what was acknowledged could be lost", f"Set {name} on")
    superuser = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
    owner = f"SELECT pg_get_userbyid(relowner) = current_user OR ({superuser}) FROM pg_class WHERE oid = 'ledger'::regclass"  # noqa: S608
    if connection.execute(text(owner)).scalar_one():
        remedy = "Migrate with NCVR_MIGRATION_URL as the owner, and give NCVR_DATABASE_URL a role that owns nothing"
        yield Finding("database", "the service's role owns the ledger, so it could change it", remedy)
