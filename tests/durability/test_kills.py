"""The real server killed while eight people work: nothing acknowledged is lost, nothing is half done, and it starts again (R2).

A killed process takes nothing from the operating system's cache, so this shows that changes are whole and that the service
comes back; that the disk has them is shown by ``test_power_loss.py``.
"""

import time
from dataclasses import replace
from pathlib import Path

from ncvr.store.connections import open_store
from tests.databases import Database, running_cluster
from tests.durability.counts import FULL, drawn, times
from tests.durability.ledgers import Kept, broken, kept, lost
from tests.durability.servers import peopled, serving
from tests.durability.traffic import Traffic

CYCLES = times(100, 2)
EACH = times(110, 12)
STUDIES = times(12, 3)
READY_WITHIN = 20  # seconds; the goal is 5 on a machine with nothing else to do


def test_no_kill_loses_what_was_acknowledged_or_leaves_it_half_done(database: Database, tmp_path: Path) -> None:
    made = peopled(database, tmp_path, STUDIES)
    made.store.close()
    chance, starts = drawn("kills"), []
    with serving(database, tmp_path) as server:
        traffic = Traffic([server], made.tokens["company"], [str(1_000_001 + number) for number in range(STUDIES)], chance)
        with traffic.flowing():
            for _ in range(CYCLES):
                traffic.until(EACH)
                time.sleep(chance.random() / 20)
                server.kill()
                starts.append(server.start())
            traffic.until(EACH)
    _say_and_check(database, traffic, f"{CYCLES} kills", starts)


def test_no_crash_of_the_database_server_loses_what_was_acknowledged(tmp_path: Path) -> None:
    with running_cluster() as cluster:
        assert cluster.crash is not None or not FULL
        if cluster.crash is None:
            return  # somebody else's server is not ours to crash
        cluster.prepare("ncvr_crashing")
        database = cluster.copy("ncvr_crashing", "ncvr_crashed")
        made = peopled(database, tmp_path, STUDIES)
        made.store.close()
        chance, crashes = drawn("crashes"), times(20, 1)
        with serving(database, tmp_path) as server:
            traffic = Traffic([server], made.tokens["company"], [str(1_000_001 + number) for number in range(STUDIES)], chance)
            with traffic.flowing():
                for _ in range(crashes):
                    traffic.until(EACH)
                    cluster.crash()
                traffic.until(EACH)
        _say_and_check(database, traffic, f"{crashes} crashes of PostgreSQL", [])


def _say_and_check(database: Database, traffic: Traffic, what: str, starts: list[float]) -> None:
    store = open_store(database.url)
    now = kept(store)
    store.close()
    unanswered = sum(each.status is None or each.status >= 500 for each in traffic.asked)
    slowest = f", ready again after at most {max(starts):.1f} s" if starts else ""
    print(f"{what}: {len(traffic.acknowledged)} changes acknowledged, {unanswered} requests without an answer, {len(now.entries)} entries{slowest}")
    assert broken(now) == []
    assert lost(now, traffic.asked) == []
    assert unanswered > 0
    _check_that_a_loss_would_be_noticed(now, traffic)
    assert all(seconds < READY_WITHIN for seconds in starts)


def _check_that_a_loss_would_be_noticed(now: Kept, traffic: Traffic) -> None:
    """The control: one acknowledged entry less, one more, and a costing that is a move ahead of its ledger."""
    acknowledged = {each.correlation_id for each in traffic.acknowledged}
    one = next(number for number, entry in enumerate(now.entries) if entry.correlation_id in acknowledged)
    assert lost(replace(now, entries=now.entries[:one] + now.entries[one + 1 :]), traffic.asked)
    assert lost(replace(now, entries=[*now.entries, now.entries[one]]), traffic.asked)
    assert broken(replace(now, entries=now.entries[:one] + now.entries[one + 1 :]))
    name = next(entry.object for entry in now.entries if entry.field == "state" and entry.object in now.costings)
    assert broken(replace(now, costings=now.costings | {name: (0, "nowhere")}))
