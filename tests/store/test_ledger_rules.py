"""The database itself refuses to change the ledger: the bypasses a clever application, or its thief, would try."""

import secrets

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ncvr.domain.ledger import Change
from ncvr.services.record_keeping import ledger_head, verify_ledger
from ncvr.store.connections import owners_engine
from ncvr.store.schema import upgrade
from tests.databases import APPLICATION, OWNER, Database
from tests.offices import Town

COLUMNS = "number, at, actor, role, operation, object, revision, field, old, new, reason, correlation_id, previous_hash, salt, hash"
COPY = COLUMNS.replace("actor,", "'nobody',")
ENTRY = f"INSERT INTO ledger ({COLUMNS}) SELECT {COPY} FROM ledger WHERE number = 2"

SQLITE = [
    "UPDATE ledger SET actor = 'nobody' WHERE number = 2",
    "UPDATE OR REPLACE ledger SET actor = 'nobody'",
    "DELETE FROM ledger WHERE number = 2",
    "DELETE FROM ledger",
    f"INSERT OR REPLACE INTO ledger ({COLUMNS}) SELECT {COPY} FROM ledger WHERE number = 2",
    f"REPLACE INTO ledger ({COLUMNS}) SELECT {COPY} FROM ledger WHERE number = 2",
    f"{ENTRY} ON CONFLICT (number) DO UPDATE SET actor = 'nobody'",
    "DROP TRIGGER ledger_no_update",
    "DROP TABLE ledger",
    "ALTER TABLE ledger RENAME TO old_ledger",
    "ALTER TABLE ledger DROP COLUMN actor",
    "ALTER TABLE ledger RENAME COLUMN actor TO actress",
    "PRAGMA writable_schema = ON",
    "UPDATE sqlite_schema SET sql = '' WHERE name = 'ledger_no_update'",
    "DELETE FROM sqlite_schema WHERE name = 'ledger_no_delete'",
    "PRAGMA recursive_triggers = OFF",
    "PRAGMA foreign_keys = OFF",
    "ATTACH DATABASE ':memory:' AS other",
    "CREATE TEMP TRIGGER mine AFTER INSERT ON ledger BEGIN SELECT 1; END",
    "CREATE TEMP TABLE ledger (number INTEGER)",
    "CREATE TRIGGER mine AFTER INSERT ON ledger BEGIN SELECT 1; END",
    "CREATE TABLE mine (number INTEGER)",
    "VACUUM INTO 'copy.db'",
    "SELECT load_extension('mine')",
]
POSTGRESQL = [
    "UPDATE ledger SET actor = 'nobody' WHERE number = 2",
    "DELETE FROM ledger WHERE number = 2",
    "WITH gone AS (DELETE FROM ledger RETURNING 1) SELECT count(*) FROM gone",
    "TRUNCATE ledger",
    "TRUNCATE ledger CASCADE",
    f"{ENTRY} ON CONFLICT (number) DO UPDATE SET actor = 'nobody'",
    "MERGE INTO ledger USING (SELECT 2 AS n) AS one ON number = n WHEN MATCHED THEN UPDATE SET actor = 'nobody'",
    "MERGE INTO ledger USING (SELECT 2 AS n) AS one ON number = n WHEN MATCHED THEN DELETE",
    "DROP TRIGGER ledger_no_change ON ledger",
    "ALTER TABLE ledger DISABLE TRIGGER ALL",
    "ALTER TABLE ledger DISABLE TRIGGER ledger_no_change",
    "SET session_replication_role = replica",
    "DROP TABLE ledger CASCADE",
    "ALTER TABLE ledger RENAME TO old_ledger",
    "ALTER TABLE ledger ALTER COLUMN actor TYPE text USING 'nobody'",
    "CREATE RULE mine AS ON INSERT TO ledger DO INSTEAD NOTHING",
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
    "DROP FUNCTION refuse_change() CASCADE",
    f"GRANT {OWNER} TO {APPLICATION}",
    f"ALTER TABLE ledger OWNER TO {APPLICATION}",
    f"SET ROLE {OWNER}",
    "CREATE TEMP TABLE ledger (number integer)",
    "CREATE TABLE mine (number integer)",
    "CREATE TRIGGER mine BEFORE INSERT ON ledger FOR EACH ROW EXECUTE FUNCTION refuse_change()",
]


def attempts(database: Database) -> list[str]:
    return POSTGRESQL if database.is_postgresql else SQLITE


def test_at_least_twenty_bypasses_are_tried_on_each_engine() -> None:
    assert min(len(SQLITE), len(POSTGRESQL)) >= 20


def test_every_bypass_is_refused_to_the_application_and_an_honest_entry_is_not(database: Database, both: Town) -> None:
    if database.is_postgresql:  # a copied database does not bring its own privileges along
        upgrade(database.owner_url, secrets.token_bytes, application_role=APPLICATION)
    before = ledger_head(both.store)
    passed = [statement for statement in attempts(database) if not _refused(both, statement)]
    assert passed == []
    assert verify_ledger(both.store, [before.hash]).findings == ()
    with both.act("company") as act:
        act.record(Change(operation="honest", object="test"))
    assert ledger_head(both.store).number == before.number + 1


def _refused(town: Town, statement: str) -> bool:
    """Whether the application's own connection could not do this."""
    try:
        with town.store.engine.connect() as connection, connection.begin():
            connection.exec_driver_sql(statement)
    except DBAPIError:
        return True
    return False


@pytest.mark.parametrize("table", ["study_versions", "prices", "variations", "editions", "events"])
def test_what_else_is_append_only_is_neither_changed_nor_removed(both: Town, table: str) -> None:
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET {'edition' if table == 'editions' else 'version'} = NULL"):
        assert _refused(both, statement)


OWNERS_TAMPERING = [
    "UPDATE ledger SET actor = 'nobody' WHERE number = 3",
    "UPDATE ledger SET salt = '00000000000000000000000000000000' WHERE number = 3",
    "UPDATE ledger SET at = '2020-01-01T00:00:00.000000Z' WHERE number = 3",
    "DELETE FROM ledger WHERE number = 3",
    "DELETE FROM ledger WHERE number > 5",
    "DELETE FROM ledger",
    "UPDATE ledger SET number = 1000 WHERE number = 3",
]


@pytest.mark.parametrize("tampering", OWNERS_TAMPERING)
def test_what_the_owner_of_the_database_alters_is_found_given_one_anchor(database: Database, both: Town, tampering: str) -> None:
    anchor = ledger_head(both.store).hash
    engine = owners_engine(database.owner_url)
    with engine.connect() as connection, connection.begin():
        for lifted in _lift_rules(database):
            connection.execute(text(lifted))
        connection.execute(text(tampering))
    engine.dispose()
    assert verify_ledger(both.store, [anchor]).findings


def _lift_rules(database: Database) -> list[str]:
    if database.is_postgresql:
        return ["DROP TRIGGER ledger_no_change ON ledger"]
    return ["DROP TRIGGER ledger_no_update", "DROP TRIGGER ledger_no_delete"]


def test_the_statements_are_sound_and_pass_once_the_rules_are_gone(database: Database, both: Town) -> None:
    """The control: without trigger, authorizer and role, the owner's connection does what the application was refused."""
    tried = ["UPDATE ledger SET actor = 'nobody' WHERE number = 2", f"{ENTRY} ON CONFLICT (number) DO UPDATE SET actor = 'nobody'"]
    engine = owners_engine(database.owner_url)
    with engine.connect() as connection, connection.begin():
        for statement in [*_lift_rules(database), *tried]:
            connection.exec_driver_sql(statement)
        changed = connection.execute(text("SELECT count(*) FROM ledger WHERE actor = 'nobody'")).scalar_one()
    engine.dispose()
    assert changed == 1
    assert verify_ledger(both.store).findings
