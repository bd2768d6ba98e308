"""Bringing a database to the newest schema, and knowing which one it has. The migrations ship in the package."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import URL, Connection, insert, select, text

from ncvr.errors import StoreError
from ncvr.store.connections import SERVING, Store, owners_engine
from ncvr.store.rules import grant_to_application
from ncvr.store.tables import meta

CURSOR_KEY = "cursor_key"
_IN_SQLITE = "SELECT name FROM sqlite_master WHERE name = 'alembic_version'"


_MIGRATIONS = Path(__file__).parent / "migrations"


def newest_version() -> str:
    """The newest migration that ships, by its file's name: a server that migrates nothing need not load what does."""
    return max(path.name[1:5] for path in (_MIGRATIONS / "versions").glob("v[0-9][0-9][0-9][0-9]_*.py"))


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def schema_version(connection: Connection) -> str | None:
    """The version the database has; None for an empty one. Asked plainly: the application may not ask for a table's columns."""
    there = "SELECT to_regclass('alembic_version')" if connection.dialect.name == "postgresql" else _IN_SQLITE
    if connection.execute(text(there)).scalar() is None:
        return None
    version: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return version


def upgrade(url: URL, random_bytes: Callable[[int], bytes], *, application_role: str | None = None) -> tuple[str | None, str]:
    """Migrate to the newest schema in one transaction; returns the versions before and after.

    ``url`` is the owner's; on PostgreSQL ``application_role`` gets its rights. ``random_bytes`` gives the key that cursors
    are signed with, made once.
    """
    engine = owners_engine(url)
    try:
        with engine.connect().execution_options(ncvr_writing=True) as connection, connection.begin():
            before = schema_version(connection)
            if before != newest_version():
                _check_nobody_serves(connection)
                _migrate(connection)
            if connection.scalar(select(meta.c.value).where(meta.c.name == CURSOR_KEY)) is None:
                connection.execute(insert(meta).values(name=CURSOR_KEY, value=random_bytes(32).hex()))
            if application_role is not None and connection.dialect.name == "postgresql":
                grant_to_application(connection, application_role)
    finally:
        engine.dispose()
    return before, newest_version()


def _check_nobody_serves(connection: Connection) -> None:
    """Raises StoreError while the service is connected; from here on, who connects waits until the migration is over.

    SQLite has one writer at a time: a service that is running there waits, and stops when it sees the new schema.
    """
    if connection.dialect.name == "postgresql" and not connection.execute(text(f"SELECT pg_try_advisory_xact_lock({SERVING})")).scalar_one():
        raise StoreError("the service is running on it, with the old schema", "database", "Stop every ncvr serve, then run ncvr db upgrade again")


def cursor_key(store: Store) -> bytes:
    """The key that cursors are signed with."""
    with store.reading() as connection:
        return cursor_key_in(connection)


def cursor_key_in(connection: Connection) -> bytes:
    """The same within a transaction, which takes no second connection for it."""
    return bytes.fromhex(connection.execute(select(meta.c.value).where(meta.c.name == CURSOR_KEY)).scalar_one())
