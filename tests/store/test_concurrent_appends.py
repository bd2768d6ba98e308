"""Eight writers at once: one chain. And that the lock is what keeps it one."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ncvr.domain.ledger import Change
from ncvr.services.record_keeping import ledger_head, verify_ledger
from ncvr.store import ledger_entries
from ncvr.store.connections import Connection, Store, owners_engine
from tests.databases import Database
from tests.offices import Town

WRITERS, EACH = 8, 25


def append_from_eight(town: Town) -> int:
    """Eight writers append; returns how many appends failed."""
    start = threading.Barrier(WRITERS)

    def write(writer: int) -> int:
        failed = 0
        start.wait()
        for number in range(EACH):
            try:
                with town.act("company") as act:
                    act.record(Change(operation="test", object=f"writer/{writer}", revision=number))
            except DBAPIError:
                failed += 1
        return failed

    with ThreadPoolExecutor(WRITERS) as pool:
        return sum(pool.map(write, range(WRITERS)))


def forks(store: Store) -> int:
    with store.reading() as connection:
        same = "SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM ledger GROUP BY previous_hash HAVING count(*) > 1) AS twice"
        return int(connection.execute(text(same)).scalar_one())


def test_eight_writers_make_one_chain(both: Town) -> None:
    before = ledger_head(both.store).number
    assert append_from_eight(both) == 0
    assert forks(both.store) == 0
    checked = verify_ledger(both.store)
    assert checked.findings == ()
    assert checked.head.number == before + WRITERS * EACH


def test_without_the_lock_a_fork_is_tried_and_not_stored(both: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    take_out_the_lock(monkeypatch)
    assert append_from_eight(both) > 0
    assert forks(both.store) == 0
    assert verify_ledger(both.store).findings == ()


def test_without_the_lock_and_without_the_unique_predecessor_the_chain_forks(database: Database, both: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    if not database.is_postgresql:
        return  # SQLite has one writer at a time: even without our lock it refuses the second snapshot, as the test above shows
    engine = owners_engine(database.owner_url)
    with engine.connect() as connection, connection.begin():
        for constraint in ("uq_ledger_previous_hash", "uq_ledger_hash", "pk_ledger"):
            connection.execute(text(f"ALTER TABLE ledger DROP CONSTRAINT {constraint}"))
    engine.dispose()
    take_out_the_lock(monkeypatch)
    append_from_eight(both)
    assert forks(both.store) > 0
    assert verify_ledger(both.store).findings


def take_out_the_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL: no advisory lock. SQLite: a writer reads before it takes the database's lock."""

    @contextmanager
    def without(store: Store) -> Iterator[Connection]:
        with store.engine.connect() as connection, connection.begin():
            store._begin(connection, "BEGIN")
            yield connection

    monkeypatch.setattr(ledger_entries, "lock", lambda connection: None)
    monkeypatch.setattr(Store, "writing", without)
