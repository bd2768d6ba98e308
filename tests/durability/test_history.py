"""Eight people at the same few costings while the server is killed: the history of each is one line that everybody saw (R5)."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ncvr.domain.ledger import Entry
from ncvr.store.connections import open_store
from tests.databases import Database
from tests.durability.counts import drawn, times
from tests.durability.ledgers import Kept, broken, kept, lost
from tests.durability.servers import SERVE, Server, environment, peopled
from tests.durability.traffic import Asked, Traffic

OPERATIONS = times(10_000, 250)
FAULTS = times(5, 1)
STUDIES = 2
UNSAFE = (sys.executable, str(Path(__file__).with_name("unsafe_server.py")), "LAST-WINS", "serve")


def lived_through(database: Database, folder: Path, faults: int, operations: int, words: tuple[str, ...] = SERVE) -> tuple[Traffic, Kept]:
    """So many operations with so many kills between them."""
    made = peopled(database, folder, STUDIES)
    made.store.close()
    server = Server(words=words, told=environment(database, folder), log=folder / "server.log")
    server.start()
    traffic = Traffic([server], made.tokens["company"], [str(1_000_001 + number) for number in range(STUDIES)], drawn("history"))
    try:
        with traffic.flowing():
            for number in range(1, faults + 2):
                traffic.until_asked(operations * number // (faults + 1))
                if number <= faults:
                    server.kill()
                    server.start()
    finally:
        server.stop()
    store = open_store(database.url)
    now = kept(store)
    store.close()
    return traffic, now


def violations(asked: list[Asked], now: Kept) -> Iterator[str]:
    """Everything that one line of changes for each costing, seen in order by everybody, cannot explain."""
    first = {each.key: each.begun for each in sorted(asked, key=lambda each: -each.begun)}
    # A change that was sent again, since its server died before it answered, is answered with what the first sending did.
    asked = [replace(each, begun=first[each.key]) if each.is_change else each for each in asked]
    for (iras_id, site), name in now.named.items():
        line = [entry for entry in now.entries if entry.object == name and entry.field == "state"]
        of = [each for each in asked if each.costing.endswith(f"/{iras_id}/sites/{site}") and each.status == 200 and each.what != "event"]
        yield from _of_one(name, line, of)


def _of_one(name: str, line: list[Entry], asked: list[Asked]) -> Iterator[str]:
    revisions = [entry.revision for entry in line]
    if revisions != list(range(revisions[0], revisions[0] + len(revisions))) if revisions else False:
        yield f"{name}: its revisions are no line: {revisions}"
    states = {entry.revision: entry.new for entry in line}
    for each in asked:
        assert each.revision is not None
        if each.is_change and each.revision != (each.expected or 0) + 1:
            yield f"{name}: decided on revision {each.expected}, became {each.revision}"
        if each.state != states.get(each.revision, "priced"):
            yield f"{name}: {each.what} saw revision {each.revision} {each.state}, which was never so"
    changed = [each.revision for each in asked if each.is_change]
    if len(set(changed)) != len(changed):
        yield f"{name}: two changes were acknowledged as the same revision"
    yield from _of_the_past(name, asked)


def _of_the_past(name: str, asked: list[Asked]) -> Iterator[str]:
    """Nobody who begins to ask is shown something older than what anybody had been shown by then."""
    by_end, newest, ended = sorted(asked, key=lambda each: each.ended), 0, 0
    for each in sorted(asked, key=lambda each: each.begun):
        while ended < len(by_end) and by_end[ended].ended < each.begun:
            newest = max(newest, by_end[ended].revision or 0)
            ended += 1
        if (each.revision or 0) < newest:
            yield f"{name}: {each.what} was shown revision {each.revision} after somebody had seen {newest}"


def test_every_costing_has_one_history_that_everybody_saw_in_order(database: Database, tmp_path: Path) -> None:
    traffic, now = lived_through(database, tmp_path, FAULTS, OPERATIONS)
    found = list(violations(traffic.asked, now))
    refused = sum(each.status == 412 for each in traffic.asked)
    print(f"{len(traffic.asked)} operations, {len(traffic.acknowledged)} changes acknowledged, {refused} overtaken, {FAULTS} kills: {len(found)} violations")
    assert found == []
    assert (broken(now), lost(now, traffic.asked)) == ([], [])
    assert refused > 0, "nobody was in anybody's way, so nothing was shown"
    _check_that_a_violation_would_be_noticed(traffic.asked, now)


def _check_that_a_violation_would_be_noticed(asked: list[Asked], now: Kept) -> None:
    reads = sorted((each for each in asked if each.what == "read" and each.status == 200 and (each.revision or 0) > 3), key=lambda each: each.begun)
    stale = replace(reads[-1], revision=1, state="priced")
    assert any("after somebody had seen" in each for each in violations([*asked, stale], now))
    change = next(each for each in asked if each.what == "lock" and each.status == 200)
    assert any("the same revision" in each for each in violations([*asked, replace(change, correlation_id="other")], now))
    assert any("never so" in each for each in violations([*asked, replace(reads[0], state="contracted")], now))
    entry = next(number for number, each in enumerate(now.entries) if each.object in now.named.values() and each.field == "state")
    assert list(violations(asked, replace(now, entries=now.entries[:entry] + now.entries[entry + 1 :])))


def test_the_same_test_finds_a_server_where_the_last_one_wins(sqlite_database: Database, tmp_path: Path) -> None:
    traffic, now = lived_through(sqlite_database, tmp_path, 0, times(3_000, 250), UNSAFE)
    found = list(violations(traffic.asked, now))
    print(f"last one wins: {len(found)} violations in {len(traffic.asked)} operations, such as: {found[:1]}")
    assert any("decided on revision" in each for each in found)
