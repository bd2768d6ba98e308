"""From each schema there ever was to the newest, with data in it; a migration that fails, and one while the service runs."""

import secrets
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, column, inspect, select, table, text

from ncvr.domain.ledger import Change
from ncvr.domain.price_record import prices_record
from ncvr.errors import StoreError
from ncvr.services import reviewing
from ncvr.services.identity import OPERATOR
from ncvr.services.kept_prices import recomputed_price
from ncvr.services.pricing import SOFTWARE
from ncvr.services.record_keeping import ledger_head, verify_ledger
from ncvr.store import copies, costings, queries, schema
from ncvr.store.connections import address, open_store, owners_engine
from ncvr.store.schema import newest_version, schema_version, upgrade
from ncvr.store.tables import metadata
from tests.databases import APPLICATION, OWNER, Database
from tests.durability.counts import drawn, times
from tests.durability.ledgers import broken, kept, lost
from tests.durability.servers import peopled, serving
from tests.durability.traffic import Traffic
from tests.offices import IRAS, Town
from tests.services.walks import agreed, contracted, shared

MIGRATIONS = Path(schema.__file__).parent / "migrations"
VERSIONS = sorted(path.name[1:5] for path in (MIGRATIONS / "versions").glob("v[0-9]*.py"))
ENTRIES = times(1_000, 100)


def bring_to(connection: Connection, version: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, version)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database with nothing in it, on each engine."""
    if request.param == "sqlite":
        url = address(tmp_path / "old.db")
        yield Database(url, url)
        return
    cluster, name = request.getfixturevalue("cluster"), f"ncvr_old_{secrets.token_hex(4)}"
    request.getfixturevalue("template")  # makes the roles
    cluster.execute(f"CREATE DATABASE {name} OWNER {OWNER}")
    try:
        yield Database(cluster.url(name, APPLICATION), cluster.url(name, OWNER))
    finally:
        cluster.drop(name)


@pytest.fixture
def worked(here: Town) -> Town:
    """An office that has worked for a while, at the newest schema."""
    agreed(here)
    contracted(here, "RA9")
    shared(here, "RK9")
    with here.act("company") as act:
        amended = reviewing.amend(act, IRAS, reviewing.read_review(act, IRAS).revision, reason="More visits")
        reviewing.add_query(act, IRAS, kind="comment", line="", text="One more visit")
        reviewing.withdraw(act, IRAS, amended.revision, reason="Not now")
    for number in range(ENTRIES):
        with here.act("company") as act:
            act.record(Change(operation="test", object=f"object/{number}"))
    return here


def as_it_was(worked: Town, engine: Engine, version: str) -> dict[str, list[Any]]:
    """A database of that version, with the rows that it could hold then; returns them."""
    with engine.connect().execution_options(ncvr_writing=True) as connection, connection.begin():
        bring_to(connection, version)
        held: dict[str, list[Any]] = {}
        with worked.store.snapshot() as source:
            for each in metadata.sorted_tables:
                if not inspect(connection).has_table(each.name):
                    continue
                names = [found["name"] for found in inspect(connection).get_columns(each.name) if found["name"] in each.c]
                held[each.name] = rows = [dict(row._mapping) for row in source.execute(select(*(each.c[name] for name in names)))]
                if rows:
                    connection.execute(table(each.name, *(column(name, each.c[name].type) for name in names)).insert(), rows)
    return held


@pytest.mark.parametrize("version", VERSIONS)
def test_a_database_of_each_version_becomes_the_newest_with_all_it_held(worked: Town, empty: Database, version: str) -> None:
    engine = owners_engine(empty.owner_url)
    held = as_it_was(worked, engine, version)
    assert upgrade(empty.owner_url, secrets.token_bytes, application_role=APPLICATION if empty.is_postgresql else None) == (version, newest_version())
    office = replace(worked.office, store=open_store(empty.url))
    assert verify_ledger(office.store, [ledger_head(worked.store).hash]).says == "verified against 1 anchor"
    with office.look(OPERATOR) as act:
        every = list(costings.every(act.connection))
        again = [recomputed_price(act, each) for each in every]
        for name, rows in held.items():
            there = act.connection.execute(select(metadata.tables[name])).mappings().all()
            assert len(there) >= len(rows), name
        assert [(query.text, query.organisation) for query in queries.of_study(act.connection, IRAS)] == [("One more visit", "ACME")]
    records = [prices_record(price.costs, [price], on=each.price.pricing_date, software=SOFTWARE) for price, each in zip(again, every, strict=True)]
    assert [record["prices"][0]["fingerprint"] for record in records] == [each.price.fingerprint for each in every]
    assert len(every) == 3
    restored = Town(office, worked.clock, worked.people, worked.tokens)
    assert contracted(restored, "RGT").state == "contracted"
    office.store.close()
    engine.dispose()


@pytest.mark.parametrize("version", ["0001", "0007"])
def test_a_database_in_which_two_people_have_one_address_is_not_half_migrated(empty: Database, version: str) -> None:
    engine = owners_engine(empty.owner_url)
    people = metadata.tables["people"]
    with engine.begin() as connection:
        bring_to(connection, version)
        for actor, email in (("p-1", "ann.lee@example.org"), ("p-2", "bo@example.org"), ("p-3", "Ann.Lee@example.org"), ("p-4", None), ("p-5", None)):
            row = {"actor": actor, "email": email, "role": "auditor", "organisation": "", "demo": False, "created_at": "2026-05-04"}
            connection.execute(table("people", *(column(name, people.c[name].type) for name in row)).insert(), row)
    with pytest.raises(StoreError, match="p-1 and p-3 have the same e-mail address") as refused:
        upgrade(empty.owner_url, secrets.token_bytes)
    assert "ncvr person forget" in str(refused.value.findings[0])
    assert "p-2" not in str(refused.value.findings[0])
    with engine.begin() as connection:
        assert schema_version(connection) == version
        assert inspect(connection).has_table("accesses") == (version >= "0005")
        connection.execute(text("UPDATE people SET email = NULL WHERE actor = 'p-1'"))  # as the version before forgets one
    assert upgrade(empty.owner_url, secrets.token_bytes) == (version, newest_version())
    engine.dispose()


def test_every_version_that_shipped_is_tried() -> None:
    assert [f"{number:04}" for number in range(1, len(VERSIONS) + 1)] == VERSIONS
    assert VERSIONS[-1] == newest_version()


NEXT = '''
"""One more, for tests."""

from alembic import op

revision = "9999"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE TABLE one_more (number INTEGER)")
    op.execute("ALTER TABLE studies ADD COLUMN one_more TEXT")
    {then}
'''


@pytest.fixture
def next_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """As if the software had one migration more, from now on."""

    def release(then: str = "") -> None:
        folder = tmp_path / "migrations"
        shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "versions" / "v9999_next.py").write_text(NEXT.format(before=VERSIONS[-1], then=then))
        monkeypatch.setattr(schema, "_MIGRATIONS", folder)

    return release


def test_a_migration_that_fails_leaves_the_old_version_working(database: Database, both: Town, next_release: Any) -> None:
    both.store.close()
    with both.store.snapshot() as connection:
        before = copies.content(connection)
    both.store.close()
    next_release('op.execute("INSERT INTO nowhere VALUES (1)")')
    with pytest.raises(Exception, match="nowhere"):
        upgrade(database.owner_url, secrets.token_bytes)
    with both.store.snapshot() as connection:
        assert schema_version(connection) == VERSIONS[-1]
        asked = "SELECT to_regclass('one_more')" if database.is_postgresql else "SELECT name FROM sqlite_master WHERE name = 'one_more'"
        assert connection.execute(text(asked)).scalar() is None
        assert copies.content(connection) == before
    agreed(both)
    assert verify_ledger(both.store).findings == ()


def test_a_migration_while_the_service_runs_is_refused_or_stops_it_and_loses_nothing(database: Database, tmp_path: Path, next_release: Any) -> None:
    made = peopled(database, tmp_path, 2)
    made.store.close()
    next_release()
    with serving(database, tmp_path) as server:
        traffic = Traffic([server], made.tokens["company"], ["1000001", "1000002"], drawn("migrating"))
        with traffic.flowing():
            traffic.until(20)
            if database.is_postgresql:
                with pytest.raises(StoreError, match="the service is running"):
                    upgrade(database.owner_url, secrets.token_bytes)
                traffic.until(20)
            else:
                assert upgrade(database.owner_url, secrets.token_bytes) == (VERSIONS[-1], "9999")
                _wait_until_refused(traffic)
                traffic.give_up()
    if database.is_postgresql:
        assert upgrade(database.owner_url, secrets.token_bytes) == (VERSIONS[-1], "9999")
    store = open_store(database.url)
    now = kept(store)
    store.close()
    refused = sum(each.status == 503 for each in traffic.asked)
    print(f"{len(traffic.acknowledged)} changes acknowledged, {refused} refused after the migration")
    assert (broken(now), lost(now, traffic.asked)) == ([], [])
    assert (refused > 0) != database.is_postgresql
    assert not [each for each in traffic.asked if each.status == 500]


def _wait_until_refused(traffic: Traffic) -> None:
    traffic.wait(lambda: any(each.status == 503 for each in traffic.asked))
    answered = len(traffic.acknowledged)
    traffic.wait(lambda: sum(each.status == 503 for each in traffic.asked) > 20)
    assert len(traffic.acknowledged) <= answered + 8  # those that had their answer on the way


def test_who_connects_while_a_migration_runs_waits_for_its_end(cluster: Any, template: str, tmp_path: Path) -> None:
    name = f"ncvr_waiting_{secrets.token_hex(4)}"
    database = cluster.copy(template, name)
    engine, store = owners_engine(database.owner_url), open_store(database.url)
    with engine.connect() as migrating, migrating.begin():
        schema._check_nobody_serves(migrating)
        url = database.url.update_query_dict({"options": "-c lock_timeout=300ms"})
        impatient = open_store(url)
        with pytest.raises(StoreError, match="did not answer"), impatient.reading():
            raise AssertionError("it did not wait")
        impatient.close()
    with store.reading() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    store.close()
    engine.dispose()
    cluster.drop(name)
