"""A backup is one only if it can be restored: taken while eight write, checked whole, and damage to it is found (R9)."""

import contextlib
import json
import re
import secrets
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from ncvr.domain.ledger import Change, Entry, Head, entry_after, head_of
from ncvr.errors import NcvrError, StoreError
from ncvr.services.backup import take_backup
from ncvr.services.identity import bearer
from ncvr.services.office import Office
from ncvr.services.opening import open_office
from ncvr.services.record_keeping import ledger_head, verify_ledger
from ncvr.services.restoring import DATABASE, NOTE, check_backup, read_note, restore_backup, sha256_of_file
from ncvr.store import copies, ledger_entries, sessions
from ncvr.store.connections import Connection, address, open_store, owners_engine
from tests.cli.running import run
from tests.databases import Database
from tests.durability.counts import drawn, times
from tests.offices import Town
from tests.services.walks import agreed, contracted, shared

BACKUPS = times(20, 3)
ENTRIES = times(1_000_000, 3_000)
FLIPS = times(2000, 20)


@contextlib.contextmanager
def eight_writing(town: Town) -> Iterator[list[str]]:
    """Eight people who append for as long as this lasts; the hashes of what was acknowledged."""
    acknowledged: list[str] = []
    over = threading.Event()

    def write(writer: int) -> None:
        number = 0
        while not over.is_set():
            with town.act("company") as act:
                act.record(Change(operation="test", object=f"writer/{writer}", revision=number))
                made = ledger_entries.head(act.connection).hash
            acknowledged.append(made)
            number += 1

    with ThreadPoolExecutor(8) as pool:
        writing = [pool.submit(write, writer) for writer in range(8)]
        try:
            yield acknowledged
        finally:
            over.set()
            for each in writing:
                each.result()


def hashes(office: Office) -> list[str]:
    with office.store.reading() as connection:
        return [entry.hash for entry in ledger_entries.entries(connection)]


@pytest.fixture
def peopled(both: Town) -> Town:
    """With a study agreed, a contract signed and a price shared; and with text that a copying program may take for its own signs."""
    agreed(both)
    contracted(both, "RA9")
    shared(both, "RK9")
    with both.act("company") as act:
        act.record(Change(operation="test", object="text", old="", new="\\N", reason="a tab\t, a line\r\n, \\., \\n, %s, ?, \u2028, £ and 𝄞"))
    return both


def test_a_backup_taken_while_eight_write_holds_all_that_was_acknowledged_and_is_a_prefix_of_what_goes_on(peopled: Town, tmp_path: Path) -> None:
    held = 0
    with eight_writing(peopled) as acknowledged:
        for number in range(BACKUPS):
            before = list(acknowledged)
            note = take_backup(peopled.office, tmp_path / f"backup-{number}")
            kept = open_office(database=tmp_path / f"backup-{number}" / DATABASE)
            there = hashes(kept)
            kept.store.close()
            assert set(before) <= set(there)
            assert there[-1] == note.ledger.head
            assert note.prices == 3
            held += len(before)
    everything = hashes(peopled.office)
    for number in range(BACKUPS):
        note = read_note(tmp_path / f"backup-{number}")
        assert everything[note.ledger.entries - 1] == note.ledger.head
        assert check_backup(tmp_path / f"backup-{number}", [note.ledger.head]) == note
    print(f"{BACKUPS} of {BACKUPS} backups under 8 writers held every one of {held} acknowledged changes ({len(everything)} entries in the end)")
    assert held > 0


@pytest.fixture
def backup(peopled: Town, tmp_path: Path) -> Path:
    folder = tmp_path / "kept"
    folder.mkdir()
    take_backup(peopled.office, folder / "backup")
    return folder / "backup"


def test_a_backup_is_for_its_owners_eyes_and_leaves_nothing_else_behind(backup: Path) -> None:
    assert [path.name for path in backup.parent.iterdir()] == [backup.name]
    assert sorted(path.name for path in backup.iterdir()) == [NOTE, DATABASE]
    assert (backup.stat().st_mode & 0o077, (backup / DATABASE).stat().st_mode & 0o077) == (0, 0)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path, migrated_file: Path) -> Iterator[Database]:
    """An empty database, on each engine: what one engine backed up, the other takes too."""
    if request.param == "sqlite":
        path = tmp_path / "empty.db"
        shutil.copy(migrated_file, path)
        yield Database(address(path), address(path))
        return
    cluster, name = request.getfixturevalue("cluster"), f"ncvr_restored_{secrets.token_hex(4)}"
    try:
        yield cluster.copy(request.getfixturevalue("template"), name)
    finally:
        cluster.drop(name)


def opened(town: Town, database: Database) -> Office:
    return replace(town.office, store=open_store(database.url))


def test_either_engine_takes_what_either_backed_up_and_records_it(peopled: Town, backup: Path, empty: Database) -> None:
    office = opened(peopled, empty)
    note, ended = restore_backup(office, empty.owner_url, backup, [], accept_loss=False)
    assert ended == 0
    with office.store.reading() as connection:
        found = copies.content(connection)
        newest = list(ledger_entries.entries(connection, after=note.ledger.entries))
    changed = {name for name, each in found.items() if each.sha256 != note.tables[name].sha256}
    assert changed == {"ledger"}
    assert [(entry.operation, entry.new, entry.previous_hash) for entry in newest] == [("database.restore", note.ledger.head, note.ledger.head)]
    assert verify_ledger(office.store, [note.ledger.head]).findings == ()
    with pytest.raises(StoreError, match="not empty"):
        restore_backup(office, empty.owner_url, backup, [], accept_loss=False)
    office.store.close()


def test_a_restored_office_goes_on_with_the_same_tokens_and_every_session_ended(peopled: Town, empty: Database, tmp_path: Path) -> None:
    with peopled.act("company") as act:
        sessions.add(act.connection, "5" * 64, act.person.actor, "full", act.now)
    take_backup(peopled.office, tmp_path / "backup")
    office = opened(peopled, empty)
    assert restore_backup(office, empty.owner_url, tmp_path / "backup", [], accept_loss=False)[1] == 1
    assert bearer(office, peopled.tokens["company"]) == peopled.people["company"]
    restored = replace(peopled, office=office)
    assert contracted(restored, "RGT").state == "contracted"
    office.store.close()


def test_a_backup_older_than_an_anchor_is_refused_and_if_forced_the_ledger_says_so(peopled: Town, backup: Path, empty: Database) -> None:
    shared(peopled, "RGT")
    later = ledger_head(peopled.store).hash
    office = opened(peopled, empty)
    with pytest.raises(StoreError, match="not in this ledger"):
        check_backup(backup, [later])
    with pytest.raises(StoreError, match="not in this ledger"):
        restore_backup(office, empty.owner_url, backup, [later], accept_loss=False)
    assert ledger_head(office.store).number == 0
    restore_backup(office, empty.owner_url, backup, [later], accept_loss=True)
    with office.store.reading() as connection:
        *_, newest = ledger_entries.entries(connection)
    assert later in newest.reason
    office.store.close()


# What goes wrong between the rows that are read and the file that is kept.
LOST_ON_THE_WAY = {
    "a row of the ledger": "DELETE FROM ledger WHERE number = (SELECT max(number) FROM ledger)",
    "a price": "UPDATE prices SET record = x'7b7d'",
    "a fingerprint": "UPDATE prices SET fingerprint = 'sha256:' || hex(randomblob(32))",
    "a person": "DELETE FROM tokens WHERE sha256 = (SELECT min(sha256) FROM tokens)",
    "a signature": "UPDATE costings SET signed_on = '2020-01-01' WHERE state = 'contracted'",
    "the key of cursors": "DELETE FROM meta",
    "a row too many": "INSERT INTO companies VALUES ('X', 'X', NULL)",
}


@pytest.mark.parametrize("lost", LOST_ON_THE_WAY)
def test_what_is_lost_while_copying_is_found_and_no_backup_is_left(here: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: str) -> None:
    agreed(here)
    contracted(here, "RA9")
    whole = copies.copy_rows

    def losing(source: Connection, target: Connection) -> None:
        whole(source, target)
        for trigger in ("ledger_no_delete", "prices_no_update"):
            target.exec_driver_sql(f"DROP TRIGGER {trigger}")
        target.exec_driver_sql(LOST_ON_THE_WAY[lost])

    monkeypatch.setattr(copies, "copy_rows", losing)
    with pytest.raises(StoreError, match="does not hold the"):
        take_backup(here.office, tmp_path / "backup")
    assert not [path.name for path in tmp_path.iterdir() if "backup" in path.name or path.name.startswith(".ncvr")]


OWNERS_CHANGES = {
    "an entry of the ledger": "UPDATE ledger SET actor = 'nobody' WHERE number = 3",
    "a fingerprint": "UPDATE prices SET fingerprint = 'sha256:0000000000000000000000000000000000000000000000000000000000000000'",
    "the multiplier of a price": "UPDATE prices SET multiplier = '1.5'",
    "the minutes of an agreed version": "UPDATE study_versions SET document = replace(document, '\"minutes\":20', '\"minutes\":21')",
    "an edition": "UPDATE editions SET content = replace(content, '40.50', '40.51')",
}


@pytest.mark.parametrize("changed", OWNERS_CHANGES)
def test_a_database_that_its_owner_altered_is_not_backed_up_as_if_it_were_whole(sqlite_database: Database, here: Town, tmp_path: Path, changed: str) -> None:
    agreed(here)
    contracted(here, "RA9")
    table = OWNERS_CHANGES[changed].split()[1]
    engine = owners_engine(sqlite_database.owner_url)
    with engine.connect() as connection, connection.begin():
        connection.exec_driver_sql(f"DROP TRIGGER {table}_no_update")
        assert connection.exec_driver_sql(OWNERS_CHANGES[changed]).rowcount > 0
    engine.dispose()
    with pytest.raises(NcvrError, match=r"hash|fingerprint|computes? again|edition"):
        take_backup(here.office, tmp_path / "backup")
    assert not (tmp_path / "backup").exists()


def test_every_damaged_file_is_found(here: Town, tmp_path: Path) -> None:
    agreed(here)
    take_backup(here.office, tmp_path / "backup")
    path, chance = tmp_path / "backup" / DATABASE, drawn("damaged backups")
    whole = path.read_bytes()
    for _ in range(20):
        damaged = bytearray(whole)
        damaged[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        path.write_bytes(bytes(damaged))
        with pytest.raises(StoreError, match="is not the file"):
            check_backup(tmp_path / "backup")
    for cut in (0, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:cut])
        with pytest.raises(StoreError, match="is not the file"):
            check_backup(tmp_path / "backup")
    path.write_bytes(whole)
    check_backup(tmp_path / "backup")


def test_damage_under_a_note_that_was_made_to_fit_is_found_wherever_it_touches_what_is_kept(here: Town, tmp_path: Path) -> None:
    """The file's own hash put right, as by a copying program that computes it anew: pages, rows and ledger still tell."""
    agreed(here)
    take_backup(here.office, tmp_path / "backup")
    folder, chance = tmp_path / "backup", drawn("damage under a fitting note")
    whole, note = (folder / DATABASE).read_bytes(), json.loads((folder / NOTE).read_bytes())
    anywhere = [chance.randrange(len(whole)) for _ in range(FLIPS)]
    # wherever the head's hash stands: one of these places is its row, whatever pages that were split may have left elsewhere
    of_the_head = [match.start() for match in re.finditer(re.escape(note["ledger"]["head"].encode()), whole)]
    found: Counter[str] = Counter()
    for kind, place in [("anywhere", place) for place in anywhere] + [("of the head", place) for place in of_the_head]:
        damaged = bytearray(whole)
        damaged[place] ^= 1 << chance.randrange(8)
        (folder / DATABASE).write_bytes(bytes(damaged))
        (folder / NOTE).write_text(json.dumps(note | {"sha256": sha256_of_file(folder / DATABASE)}))
        try:
            check_backup(folder)  # whole: in a place no row lies in; what is kept is the same to the byte, or the row sums would differ
        except StoreError:
            found[kind] += 1
    print(f"{found['anywhere']} of {FLIPS} flipped bits found, and {found['of the head']} of {len(of_the_head)} in the newest hash")
    assert found["of the head"] > 0


@pytest.mark.parametrize(
    ("says", "change"),
    [
        ("its ledger ends with", lambda note: note["ledger"].update(head="sha256:" + "1" * 64)),
        ("not as backup.json says", lambda note: note["ledger"].update(entries=1)),
        ("companies", lambda note: note["tables"]["companies"].update(rows=99)),
        ("does not say what table", lambda note: note["tables"].pop("prices")),
        ("schema", lambda note: note.update(database_schema="9999")),
        ("not known here", lambda note: note.update(more=1)),
        ("missing", lambda note: note.pop("ledger")),
    ],
)
def test_a_note_that_does_not_fit_is_refused(here: Town, tmp_path: Path, says: str, change: Callable[[Any], Any]) -> None:
    take_backup(here.office, tmp_path / "backup")
    note = json.loads((tmp_path / "backup" / NOTE).read_bytes())
    change(note)
    (tmp_path / "backup" / NOTE).write_text(json.dumps(note))
    with pytest.raises(NcvrError) as refused:
        check_backup(tmp_path / "backup")
    assert says in " ".join(map(str, refused.value.findings))


def test_an_operator_backs_up_checks_and_restores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("NCVR_DATABASE_FILE", str(tmp_path / "ncvr.db"))
    run(capsys, "db", "upgrade")
    run(capsys, "user", "add", "a@example.org", "--role", "auditor")
    head = run(capsys, "ledger", "head").out.strip()
    kept = tmp_path / "monday"
    done = run(capsys, "backup", kept)
    assert (done.code, "restored to a scratch place and found whole" in done.out, head in done.out) == (0, True, True)
    again = run(capsys, "backup", kept)
    assert (again.code, "exists already" in again.err) == (2, True)
    assert run(capsys, "backup", tmp_path / "no" / "where").code == 2
    assert run(capsys, "restore", kept, "--check", "--anchor", head).code == 0
    assert "cannot be read" in run(capsys, "restore", tmp_path, "--check").err
    assert "not empty" in run(capsys, "restore", kept).err
    monkeypatch.setenv("NCVR_DATABASE_FILE", str(tmp_path / "new.db"))
    assert "ncvr db upgrade" in run(capsys, "restore", kept).err
    run(capsys, "db", "upgrade")
    wrong = "sha256:" + "2" * 64
    refused = run(capsys, "restore", kept, "--anchor", wrong)
    assert (refused.code, "not in this ledger" in refused.err) == (2, True)
    assert run(capsys, "restore", kept, "--anchor", wrong, "--accept-loss").code == 0
    assert run(capsys, "ledger", "verify", "--anchor", head).out == "2 entries: verified against 1 anchor.\n"


def more_entries(town: Town, head: Head) -> Iterator[Entry]:
    for number in range(ENTRIES):
        change = Change(operation="test", object=f"object/{number % 1000}", revision=number)
        entry = entry_after(head, change, at=town.clock(), actor="operator", role="auditor", correlation_id="-", salt=number.to_bytes(16, "big"))
        yield entry
        head = head_of(entry)


def test_a_long_ledger_is_back_in_service_within_a_minute(here: Town, tmp_path: Path, sqlite_database: Database, migrated_file: Path) -> None:
    engine = owners_engine(sqlite_database.owner_url)
    with engine.connect().execution_options(ncvr_writing=True) as connection, connection.begin():
        rows = map(astuple, more_entries(here, ledger_entries.head(connection)))
        while some := list(islice(rows, 1000)):
            connection.exec_driver_sql(f"INSERT INTO ledger VALUES ({','.join('?' * 15)})", some)
    engine.dispose()
    begun = time.perf_counter()
    take_backup(here.office, tmp_path / "backup")
    took = time.perf_counter() - begun
    shutil.copy(migrated_file, tmp_path / "empty.db")
    empty = Database(address(tmp_path / "empty.db"), address(tmp_path / "empty.db"))
    office = opened(here, empty)
    begun = time.perf_counter()
    note, _ = restore_backup(office, empty.owner_url, tmp_path / "backup", [], accept_loss=False)
    back = time.perf_counter() - begun
    office.store.close()
    print(f"{note.ledger.entries} entries: backed up and checked in {took:.0f} s, checked and restored in {back:.0f} s")
    assert back < 60
