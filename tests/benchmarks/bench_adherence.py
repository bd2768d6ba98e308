"""P8: the indicator of a month over 1,000,000 records, from the roll-up against a full recount, on both engines."""

import os
import random
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import URL

from ncvr.domain.adherence import AdherenceIndicator, indicator_of_costings, indicator_of_outcomes
from ncvr.domain.adherence_period import read_period
from ncvr.domain.adherence_records import AdherenceRecord, StudyFacts, costings_of
from ncvr.services.adherence import rebuild_rollup
from ncvr.services.adherence_recording import definition_sha256
from ncvr.store import adherence, adherence_rollup
from ncvr.store.connections import Connection, Store, address, open_store
from ncvr.store.schema import upgrade
from tests.adherence_town import definition, organisations
from tests.benchmarks.rows import Row, medians
from tests.databases import running_cluster

RECORDS = int(os.environ.get("NCVR_BENCH_RECORDS", "1000000"))
FIRST, DAYS, TRUSTS = date(2023, 10, 1), 1000, 200
MONTH, AS_OF, OBSERVED = read_period("2026-06"), date(2026, 12, 31), definition("observed-1")
NATION = organisations({f"N{number:03d}": ("England", "acute - large", "London", "", "", "") for number in range(TRUSTS)})


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        file = address(Path(folder) / "bench.db")
        upgrade(file, secrets.token_bytes)
        rows = _measured("SQLite", file)
    with running_cluster() as cluster:
        name = f"ncvr_bench_{secrets.token_hex(4)}"
        cluster.prepare(f"{name}_template")
        try:
            rows += _measured("PostgreSQL", cluster.copy(f"{name}_template", name).url)
        finally:
            cluster.drop(name)
            cluster.drop(f"{name}_template")
    return rows


def _measured(engine: str, url: URL) -> list[Row]:
    store = open_store(url)
    _fill(store)
    with store.reading() as connection:
        start = time.perf_counter()
        counted = _recounted(connection)
        recount = time.perf_counter() - start
        same = _rolled_up(connection).standings == counted.standings
        took = medians({"roll-up": lambda: _rolled_up(connection)}, rounds=7)["roll-up"]
    store.close()
    print(f"  {engine}: {counted.numerator} of {counted.denominator}; recount {recount:.1f} s, roll-up {took * 1000:.0f} ms", file=sys.stderr)
    return [
        Row(goal="P8", name=f"full recount of {RECORDS:,} records / the month from the roll-up, {engine}", value=recount / took, bound=100, holds="at least"),
        Row(goal="P8", name=f"roll-up and recount that differ, {engine}", value=int(not same), bound=0, holds="at most"),
    ]


def _recounted(connection: Connection) -> AdherenceIndicator:
    known = costings_of(adherence.all_records(connection), AS_OF, OBSERVED.dispute_within_days)
    return indicator_of_costings(known, [], NATION, OBSERVED, MONTH, AS_OF)


def _rolled_up(connection: Connection) -> AdherenceIndicator:
    told = adherence_rollup.outcomes_in(connection, MONTH.window(1), definition_sha256(OBSERVED), OBSERVED)
    return indicator_of_outcomes(told, [], NATION, OBSERVED, MONTH, AS_OF)


def _fill(store: Store) -> None:
    """The records a page at a time, and the roll-up as the last of them would leave it."""
    records = made_up_records(random.Random(8), RECORDS)
    with store.writing() as connection:
        while page := list(islice(records, 20_000)):
            adherence.add_records(connection, page, 0)
    with store.writing() as connection:
        rebuild_rollup(connection, AS_OF)


def made_up_records(chance: random.Random, count: int) -> Iterator[AdherenceRecord]:
    """Some five records a costing over a thousand days, in order of recording."""
    each = 5
    costings = count // each
    waiting: list[tuple[date, int, AdherenceRecord]] = []
    number = 0
    for costing in range(costings):
        day = FIRST + timedelta(days=costing * DAYS // costings)
        for step, kind in enumerate(_story(chance, each)):
            on = day + timedelta(days=step * chance.randint(1, 9))
            waiting.append((on, number, _record(chance, number, costing, kind, on)))
            number += 1
    waiting.sort(key=lambda told: told[:2])
    yield from (record for _, _, record in waiting)


def _story(chance: random.Random, length: int) -> list[str]:
    end = chance.choice(["accepted", "accepted", "accepted", "accepted", "refused", "declined"])
    middle = [chance.choice(["local_choice", "escalated", "escalation_not_upheld", "agreement_unmodified"]) for _ in range(length - 3)]
    return ["shared", *middle, end, "contracted" if end == "accepted" else "withdrawn"]


_FACTS = [StudyFacts(phase="III", sponsor=name) for name in ("Acme", "Bolt", "Core")]


def _record(chance: random.Random, number: int, costing: int, kind: Any, on: date) -> AdherenceRecord:
    known = {"study": chance.choice(_FACTS)} if kind == "shared" else {"reason_code": "outsourcing"} if kind == "refused" else {}
    code, iras_id = f"N{costing % TRUSTS:03d}", str(1000 + costing // TRUSTS)
    return AdherenceRecord.model_construct(
        {"id", "kind", "on", "recorded_on", "iras_id", "ods_code", *known},
        id=f"r{number}",
        kind=kind,
        on=on,
        recorded_on=on,
        iras_id=iras_id,
        ods_code=code,
        **known,
    )
