"""The schema as migrated is the schema as the code knows it; and a database that is not safe is not used."""

import secrets
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from ncvr.domain.people import Person
from ncvr.errors import StoreError
from ncvr.store import people
from ncvr.store.connections import SAFE_SQLITE, address, check_writers, open_store, owners_engine, sqlite_version
from ncvr.store.schema import cursor_key, newest_version, schema_version, upgrade
from ncvr.store.tables import metadata
from tests.databases import Database


@pytest.mark.filterwarnings("ignore:.*uq_people_email_in_any_case")  # of an expression, so SQLite cannot list it; a test below tries it
def test_the_migrations_make_the_tables_that_the_code_knows(database: Database) -> None:
    engine = owners_engine(database.owner_url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert schema_version(connection) == newest_version() == MigrationContext.configure(connection).get_current_revision()
    engine.dispose()


def test_upgrading_twice_changes_nothing_and_keeps_the_key_of_cursors(sqlite_database: Database) -> None:
    store = open_store(sqlite_database.url)
    key = cursor_key(store)
    assert upgrade(sqlite_database.url, secrets.token_bytes) == (newest_version(), newest_version())
    assert cursor_key(store) == key
    assert len(key) == 32
    store.close()


def test_the_database_itself_knows_one_address_in_capitals_or_not(database: Database) -> None:
    store = open_store(database.url)
    person = Person(actor="p-1", role="auditor", organisation="")
    with store.writing() as connection:
        people.add_person(connection, person, email="Ann.Lee@example.org", name="Ann", demo=False, at="2026-05-04")
    with pytest.raises(IntegrityError), store.writing() as connection:
        people.add_person(connection, replace(person, actor="p-2"), email="ann.lee@example.org", name="Ann", demo=False, at="2026-05-04")
    with store.reading() as connection:
        assert people.person_by_email(connection, "ANN.LEE@EXAMPLE.ORG") == person
        assert connection.execute(select(metadata.tables["people"].c.email)).scalar_one() == "Ann.Lee@example.org"  # as it was typed
    store.close()


def test_an_old_sqlite_is_not_written_by_several_processes(tmp_path: Path) -> None:
    sqlite, postgresql = address(tmp_path / "x.db"), address("postgresql://example.org/ncvr")
    with pytest.raises(StoreError, match=r"SQLite 3\.51\.2 may corrupt"):
        check_writers(sqlite, 2, (3, 51, 2))
    check_writers(sqlite, 1, (3, 40, 1))
    check_writers(sqlite, 4, SAFE_SQLITE)
    check_writers(postgresql, 8, (3, 40, 1))


def test_the_driver_that_ships_has_a_safe_sqlite_where_a_wheel_exists() -> None:
    pytest.importorskip("pysqlite3")
    assert sqlite_version() >= SAFE_SQLITE


def test_a_connection_is_durable_checks_references_and_lets_no_setting_be_changed(sqlite_database: Database) -> None:
    store = open_store(sqlite_database.url)
    with store.reading() as connection:
        settings = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("journal_mode", "synchronous", "foreign_keys")}
    store.close()
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
