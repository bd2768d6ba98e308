"""What the database itself refuses: changing or removing a row of an append-only table, whoever asks.

SQLite: triggers, and on every connection of the application an authorizer that allows only what the application does.
PostgreSQL: triggers, also on TRUNCATE, and an application role that owns nothing and may only read and insert there.
"""

from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import Connection, text

from ncvr.store import access_tables, account_tables, adherence_tables, tables
from ncvr.store.tables import metadata

APPEND_ONLY = tables.APPEND_ONLY + adherence_tables.APPEND_ONLY + access_tables.APPEND_ONLY
REMOVABLE = tables.REMOVABLE + account_tables.REMOVABLE + adherence_tables.REMOVABLE
_OK, _DENY = 0, 1
# SQLite's action codes, of its C interface.
_DELETE, _FUNCTION, _INSERT, _PRAGMA, _READ, _RECURSIVE, _SAVEPOINT, _SELECT, _TRANSACTION, _UPDATE = 9, 31, 18, 19, 20, 33, 32, 21, 22, 23
_READABLE_PRAGMAS = frozenset({"journal_mode", "synchronous", "foreign_keys", "recursive_triggers", "integrity_check"})
_FORBIDDEN_FUNCTIONS = frozenset({"load_extension", "writefile", "readfile", "edit", "fts3_tokenizer"})

Authorizer = Callable[[int, str | None, str | None, str | None, str | None], int]


def sqlite_authorizer(action: int, first: str | None, second: str | None, _database: str | None, _trigger: str | None) -> int:
    """Allow what the application does; deny everything else: DROP, ALTER, ATTACH, CREATE, settings, and more."""
    if action in (_SELECT, _READ, _TRANSACTION, _SAVEPOINT, _RECURSIVE):
        return _OK
    if action == _INSERT:
        return _OK if first in metadata.tables else _DENY
    if action == _UPDATE:
        return _OK if first in metadata.tables and first not in APPEND_ONLY else _DENY
    if action == _DELETE:
        return _OK if first in REMOVABLE else _DENY
    if action == _PRAGMA:
        return _OK if first in _READABLE_PRAGMAS and second is None else _DENY
    if action == _FUNCTION:
        return _DENY if second in _FORBIDDEN_FUNCTIONS else _OK
    return _DENY


def sqlite_rules(append_only: Sequence[str] = tables.APPEND_ONLY) -> Iterator[str]:
    """The triggers of these tables of an SQLite database; each migration adds those of its own tables."""
    for table in append_only:
        for event in ("UPDATE", "DELETE"):
            yield (
                f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: nothing in it is changed or removed'); END"
            )


def postgresql_rules() -> Iterator[str]:
    """The trigger function and triggers of a PostgreSQL database; ALWAYS fires also under the replication role."""
    yield (
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION '% is append-only: nothing in it is changed or removed', TG_TABLE_NAME; END $$"
    )
    yield from postgresql_triggers(tables.APPEND_ONLY)


def postgresql_triggers(append_only: Sequence[str]) -> Iterator[str]:
    """The triggers of these tables, once the function is there."""
    for table in append_only:
        yield f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        yield f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        for trigger in (f"{table}_no_change", f"{table}_no_truncate"):
            yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}"


def grant_to_application(connection: Connection, role: str) -> None:
    """Give the application's PostgreSQL role what it needs and no more. ``role`` is an existing role."""
    quoted = connection.dialect.identifier_preparer.quote(role)
    database = connection.dialect.identifier_preparer.quote(connection.execute(text("SELECT current_database()")).scalar_one())
    # A temporary table named as one of ours would stand in front of it.
    connection.execute(text(f"REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC"))
    connection.execute(text("REVOKE CREATE ON SCHEMA public FROM PUBLIC"))
    connection.execute(text(f"GRANT USAGE ON SCHEMA public TO {quoted}"))
    connection.execute(text(f"GRANT SELECT ON alembic_version TO {quoted}"))
    for table in metadata.tables:
        rights = "SELECT, INSERT" if table in APPEND_ONLY else "SELECT, INSERT, UPDATE, DELETE" if table in REMOVABLE else "SELECT, INSERT, UPDATE"
        connection.execute(text(f"GRANT {rights} ON {table} TO {quoted}"))
