"""Power cut at any moment while the real server writes: whatever it acknowledged is there afterwards, whole (R1).

The server's writes are recorded, and the states in which a cut may leave the disk are made from the record. The same test
must find losses with a server that waits for the disk less.
"""

import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ncvr.services.record_keeping import verify_ledger
from ncvr.store.connections import address, open_store, sqlite_module
from tests.databases import Database
from tests.durability.counts import drawn, times
from tests.durability.disk import STRACE, Answered, Event, Synced, power_cuts, recorded
from tests.durability.ledgers import Kept, broken, kept, lost
from tests.durability.servers import SERVE, Server, environment, peopled
from tests.durability.traffic import Asked, Traffic
from tests.needs import require

STATES = times(10_000, 300)
CONTROL_STATES = times(1_500, 60)
CHANGES = times(1_500, 40)
STUDIES = times(6, 2)
WHOLE = times(100, 40)  # one state in so many is opened by the application itself, and every entry's hash computed
UNSAFE = (sys.executable, str(Path(__file__).with_name("unsafe_server.py")))


@dataclass(frozen=True)
class Record:
    """The files before, everything the server did to them, what people asked, and what the database held in the end."""

    first: dict[str, bytes]
    events: list[Event]
    asked: list[Asked]
    last: Kept


@dataclass
class Found:
    """What the states after a power cut were like."""

    states: int = 0
    unreadable: int = 0
    losing: int = 0
    half: int = 0
    most_lost: int = 0
    most_acknowledged: int = 0
    examples: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        said = f"{self.states} states after a power cut, up to {self.most_acknowledged} changes acknowledged before it"
        return f"{said}: {self.unreadable} unreadable, {self.losing} lose acknowledged changes (up to {self.most_lost}), {self.half} half done"


def record(words: Sequence[str], folder: Path, migrated_file: Path) -> Record:
    """Eight people at a real server on SQLite, its system calls written down."""
    require("strace", shutil.which("strace") is not None, "Install strace")
    data = folder / "data"
    data.mkdir(parents=True)
    shutil.copy(migrated_file, data / "ncvr.db")
    database = Database(address(data / "ncvr.db"), address(data / "ncvr.db"))
    made = peopled(database, folder, STUDIES)
    made.store.close()
    first = {path.name: path.read_bytes() for path in data.iterdir()}
    assert list(first) == ["ncvr.db"], first.keys()
    server = Server(words=[*STRACE, "-o", str(folder / "calls"), *words], told=environment(database, folder), log=folder / "server.log")
    server.asking = "/readyz" if words == SERVE else "/healthz"  # an unsafe one says itself that it is not ready
    server.start()
    traffic = Traffic([server], made.tokens["company"], [str(1_000_001 + number) for number in range(STUDIES)], drawn("power cuts"))
    try:
        with traffic.flowing():
            traffic.until(CHANGES)
    finally:
        server.kill()
    events = recorded(folder / "calls", data)
    store = open_store(database.url)
    last = kept(store)
    store.close()
    assert broken(last) == []
    return Record(first, events, traffic.asked, last)


def outcome(made: Record, states: int, folder: Path) -> Found:
    """Make so many states, open each and compare it with what was acknowledged by then."""
    found, keys = Found(), {each.correlation_id: each.key for each in made.asked if each.is_change}
    changes = {each.correlation_id for each in made.asked if each.is_change and each.acknowledged}
    moments = [number for number, event in enumerate(made.events) if isinstance(event, Answered) and event.status < 300 and event.correlation_id in changes]
    told = [made.events[number].correlation_id for number in moments]  # type: ignore[union-attr]
    folder.mkdir()
    for moment, files in power_cuts(made.first, made.events, states, drawn("power cuts")):
        acknowledged = set(told[: sum(1 for number in moments if number < moment)])
        for old in folder.iterdir():
            old.unlink()
        for name, content in files.items():
            (folder / name).write_bytes(content)
        _judge(made, found, folder / "ncvr.db", acknowledged, keys)
    return found


def _judge(made: Record, found: Found, path: Path, acknowledged: set[str], keys: dict[str, str]) -> None:
    found.states += 1
    found.most_acknowledged = max(found.most_acknowledged, len(acknowledged))
    try:
        said, entries, costings, kept_keys = _read(path)
    except sqlite_module().DatabaseError as error:
        found.unreadable += 1
        found.examples.append(str(error))
        return
    if said != "ok":
        found.unreadable += 1
        return
    there = {correlation_id for _, _, correlation_id in entries}
    missing = acknowledged - there
    found.losing += bool(missing)
    found.most_lost = max(found.most_lost, len(missing))
    whole = made.last.entries[: len(entries)]
    same = entries == [(entry.number, entry.hash, entry.correlation_id) for entry in whole]
    newest = {entry.object: (entry.revision, entry.new) for entry in whole if entry.field == "state"}
    agree = all(newest.get(name, state) == state for name, state in costings.items())
    answered = kept_keys == {keys[each] for each in there if each in keys}
    found.half += not (same and agree and answered)
    if found.states % WHOLE == 0 and not missing:
        store = open_store(address(path))
        assert verify_ledger(store).findings == ()
        store.close()


def _read(path: Path) -> tuple[str, list[tuple[int, str, str]], dict[str, tuple[int, str]], set[str]]:
    connection = sqlite_module().connect(path)
    try:
        said = "; ".join(row[0] for row in connection.execute("PRAGMA integrity_check"))
        entries = list(connection.execute("SELECT number, hash, correlation_id FROM ledger ORDER BY number"))
        rows = connection.execute("SELECT iras_id, number, revision, state FROM costings")
        costings = {f"study/{iras}/costing/{number}": (revision, state) for iras, number, revision, state in rows}
        return said, entries, costings, {row[0] for row in connection.execute("SELECT key FROM idempotency")}
    finally:
        connection.close()


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """A folder that is no disk, where there is one: thousands of files are made."""
    shared = Path("/dev/shm")
    folder = (shared if shared.is_dir() else tmp_path) / f"ncvr-power-cuts-{tmp_path.parent.name}-{tmp_path.name}"
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def test_no_power_cut_loses_what_was_acknowledged(tmp_path: Path, migrated_file: Path, memory: Path) -> None:
    made = record(SERVE, tmp_path, migrated_file)
    found = outcome(made, STATES, memory)
    syncs = sum(isinstance(event, Synced) for event in made.events)
    print(f"{len(made.events)} events, {syncs} of them syncs, {len(made.last.entries)} entries. {found}")
    assert lost(made.last, made.asked) == []
    assert found.most_acknowledged >= CHANGES
    assert (found.unreadable, found.losing, found.half) == (0, 0, 0), found.examples[:3]


@pytest.mark.parametrize("synchronous", ["NORMAL", "OFF"])
def test_the_same_test_finds_losses_of_a_server_that_does_not_wait_for_the_disk(synchronous: str, tmp_path: Path, migrated_file: Path, memory: Path) -> None:
    made = record([*UNSAFE, synchronous, "serve"], tmp_path, migrated_file)
    found = outcome(made, CONTROL_STATES, memory)
    print(f"synchronous={synchronous}: {found}")
    assert found.losing + found.unreadable > CONTROL_STATES // 10
    assert found.losing > 0
