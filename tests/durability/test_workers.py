"""Several servers on one PostgreSQL, on two addresses; one of them killed under load. The others go on, and nothing is lost."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from ncvr.services.opening import check_serving
from ncvr.store.connections import open_store
from tests.databases import Cluster, Database
from tests.durability.counts import drawn, times
from tests.durability.ledgers import broken, kept, lost
from tests.durability.servers import SERVE, peopled, serving
from tests.durability.test_history import violations
from tests.durability.traffic import Traffic

EACH = times(500, 15)
KILLS = times(20, 1)
ADDRESSES = ("127.0.0.1", "127.0.0.2", "127.0.0.1")


def test_one_of_several_servers_is_killed_and_the_others_go_on_with_one_history(cluster: Cluster, template: str, tmp_path: Path) -> None:
    database = cluster.copy(template, "ncvr_workers")
    made = peopled(database, tmp_path, 2)
    made.store.close()
    chance = drawn("workers")
    with ExitStack() as running:
        servers = [running.enter_context(serving(database, tmp_path, host=host)) for host in ADDRESSES]
        traffic = Traffic(servers, made.tokens["company"], ["1000001", "1000002"], chance)
        with traffic.flowing():
            traffic.until(EACH)
            for _ in range(KILLS):
                dead = chance.choice(servers)
                dead.kill()
                traffic.until(EACH)
                dead.start()
            traffic.until(EACH)
    store = open_store(database.url)
    now = kept(store)
    store.close()
    unanswered = sum(each.status is None for each in traffic.asked)
    print(
        f"{len(servers)} servers on {len(set(ADDRESSES))} addresses, {KILLS} kills: {len(traffic.acknowledged)} changes acknowledged, {unanswered} unanswered"
    )
    assert (broken(now), lost(now, traffic.asked), list(violations(traffic.asked, now))) == ([], [], [])
    assert unanswered > 0
    assert not [each for each in traffic.asked if each.status == 500]
    cluster.drop("ncvr_workers")


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_one_command_with_several_workers_serves_both_engines(request: pytest.FixtureRequest, engine: str, tmp_path: Path) -> None:
    name = "ncvr_two_workers"
    database: Database = (
        request.getfixturevalue("sqlite_database") if engine == "sqlite" else request.getfixturevalue("cluster").copy(request.getfixturevalue("template"), name)
    )
    made = peopled(database, tmp_path, 1)
    assert check_serving(made.store, "127.0.0.1", 2) is None
    made.store.close()
    with serving(database, tmp_path, words=(*SERVE, "--workers", "2")) as server:
        traffic = Traffic([server], made.tokens["company"], ["1000001"], drawn("two workers"))
        with traffic.flowing():
            traffic.until(EACH)
    store = open_store(database.url)
    now = kept(store)
    store.close()
    assert (broken(now), lost(now, traffic.asked), list(violations(traffic.asked, now))) == ([], [], [])
    if engine == "postgresql":
        request.getfixturevalue("cluster").drop(name)
