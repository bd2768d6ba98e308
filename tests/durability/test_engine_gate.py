"""No engine, setting or role is served under which what was acknowledged could be lost or changed (R10)."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from ncvr.domain.ledger import Change
from ncvr.errors import Finding, StoreError
from ncvr.services import opening
from ncvr.services.opening import check_serving, open_office, upgrade_database
from ncvr.services.record_keeping import verify_ledger
from ncvr.store import connections, readiness
from ncvr.store.connections import SAFE_SQLITE, open_store
from ncvr.store.readiness import check_database
from ncvr.store.rules import APPEND_ONLY, REMOVABLE
from ncvr.store.tables import metadata
from tests.databases import APPLICATION, OWNER, Cluster, Database
from tests.durability.servers import named
from tests.offices import Town

OLD, OLDEST_SAFE = (3, 51, 2), (3, 51, 3)


@pytest.fixture
def old_sqlite(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine without the wheel, whose SQLite has the fault."""
    for module in (connections, readiness, opening):
        monkeypatch.setattr(module, "sqlite_version", lambda: OLD)


@pytest.mark.usefixtures("old_sqlite")
def test_an_old_sqlite_keeps_no_write_ahead_log_and_is_served_by_one_process(here: Town) -> None:
    here.store.close()
    with here.store.reading() as connection:
        settings = [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("journal_mode", "synchronous")]
    assert settings == ["delete", 3]
    assert [finding.level for finding in check_database(here.store)] == ["notice"]
    assert check_serving(here.store, "127.0.0.1", 1) is None
    with pytest.raises(StoreError, match=r"3\.51\.2 may corrupt"):
        check_serving(here.store, "127.0.0.1", 2)


@pytest.mark.usefixtures("old_sqlite")
def test_eight_who_write_at_once_make_one_chain_on_an_old_sqlite_too(here: Town) -> None:
    here.store.close()
    start = threading.Barrier(8)

    def write(writer: int) -> None:
        start.wait()
        for number in range(10):
            with here.act("company") as act:
                act.record(Change(operation="test", object=f"writer/{writer}", revision=number))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    checked = verify_ledger(here.store)
    assert (checked.findings, checked.head.number >= 80) == ((), True)


def test_a_safe_sqlite_keeps_a_write_ahead_log_for_any_number_of_processes(here: Town) -> None:
    if connections.sqlite_version() < SAFE_SQLITE:
        pytest.skip("the wheel with a safe SQLite does not exist for this machine")
    with here.store.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
    assert check_serving(here.store, "127.0.0.1", 8) is None
    assert SAFE_SQLITE == OLDEST_SAFE


@contextmanager
def set_to(cluster: Cluster, name: str, value: str) -> Iterator[None]:
    """A setting of the whole server, for a while."""
    cluster.execute(f"ALTER SYSTEM SET {name} = {value}", "SELECT pg_reload_conf()")
    try:
        yield
    finally:
        cluster.execute(f"ALTER SYSTEM RESET {name}", "SELECT pg_reload_conf()")


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes", "synchronous_commit"])
def test_postgresql_is_not_ready_while_it_does_not_wait_for_the_disk(cluster: Cluster, template: str, setting: str) -> None:
    assert template
    database = cluster.copy(template, f"ncvr_gate_{setting}")
    store = open_store(database.url)
    assert check_database(store) == []
    store.close()
    with set_to(cluster, setting, "off"):
        found = [finding.problem for finding in _until_found(store)]
    store.close()
    assert found == [f"PostgreSQL's {setting} is off: what was acknowledged could be lost"]
    cluster.drop(f"ncvr_gate_{setting}")


def _until_found(store: connections.Store) -> list[Finding]:
    """The server reads its settings anew a moment after it is told to."""
    for _ in range(200):
        if found := check_database(store):
            return found
        store.close()
        threading.Event().wait(0.02)
    return []


def test_the_services_role_owns_nothing_and_has_only_the_rights_it_needs(cluster: Cluster, template: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set up as an operator does: the owner migrates, and the service's role gets its rights by that."""
    assert template
    cluster.execute(f"CREATE DATABASE ncvr_roles OWNER {OWNER}")
    database = Database(cluster.url("ncvr_roles", APPLICATION), cluster.url("ncvr_roles", OWNER))
    monkeypatch.setenv("NCVR_DATABASE_URL", named(database))
    monkeypatch.setenv("NCVR_MIGRATION_URL", named(Database(database.owner_url, database.owner_url)))
    upgrade_database()
    office = open_office()
    with office.store.reading() as connection:
        owned = connection.execute(text("SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = current_user")).scalar_one()
        powers = connection.execute(
            text("SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        ).scalar_one()
        asked = "SELECT table_name, string_agg(privilege_type, ' ' ORDER BY privilege_type) FROM information_schema.role_table_grants "
        rows = connection.execute(text(asked + "WHERE grantee = current_user GROUP BY table_name")).all()
    findings = check_database(office.store)
    office.store.close()
    assert (owned, powers, findings) == (0, False, [])
    rights = {str(name): str(granted) for name, granted in rows}
    assert rights.pop("alembic_version") == "SELECT"
    assert rights == {name: _rights(name) for name in metadata.tables}
    assert {rights[name] for name in APPEND_ONLY} == {"INSERT SELECT"}
    owning = open_store(database.owner_url)
    assert "owns the ledger" in str(check_database(owning)[0])
    owning.close()
    cluster.drop("ncvr_roles")


def _rights(name: str) -> str:
    return "INSERT SELECT" if name in APPEND_ONLY else "DELETE INSERT SELECT UPDATE" if name in REMOVABLE else "INSERT SELECT UPDATE"
