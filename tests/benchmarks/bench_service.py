"""P6, P7 and P10: an answer over the API, a durable append to the ledger, and the memory of a server at rest."""

import asyncio
import http.client
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Response
from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from ncvr import settings
from ncvr.domain.ledger import EMPTY, Change, Head, entry_after
from ncvr.domain.prices_file import PricesFile
from ncvr.services import costing
from ncvr.services.demo_database import DATABASE, SeededPerson, seed_demo
from ncvr.services.identity import OPERATOR
from ncvr.services.opening import open_office
from ncvr.store.connections import address, owners_engine
from ncvr.store.schema import upgrade
from ncvr.web.access import Door
from ncvr.web.app import create_app
from ncvr.web.paces import Paces
from tests.benchmarks.rows import Row, medians
from tests.databases import Database, free_port
from tests.offices import IRAS, Town, small_study, town
from tests.services.walks import agreed

PRICE = "/api/v1/studies/1012345/sites/RK9/price"
APPENDS = 300


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        people = seed_demo(folder, on=date(2026, 6, 1), tariffs=settings.tariffs_folder(), templates=settings.templates_folder())
        return [*_answers(folder), *_latencies(folder, people), *_appends(folder), *_memory(folder)]


def _answers(folder: Path) -> list[Row]:
    """The price as it is served, against the same door and the same look-up followed by a response model, or by bytes kept in memory."""
    made = town_of_a_big_study(folder)
    app = create_app(made.office)
    app.state.paces = Paces(10**9)  # one person asks all of it
    kept: dict[str, bytes] = {}

    def with_model(visit: Door, iras_id: str, ods: str) -> Any:
        with visit.look() as act:
            return PricesFile.model_validate_json(costing.read_costing(act, iras_id, ods, "price.read").price.record)

    def pre_encoded(visit: Door, iras_id: str, ods: str) -> Response:
        with visit.look() as act:
            found = costing.read_costing(act, iras_id, ods, "price.read")
            return Response(kept.setdefault(found.id, found.price.record), media_type="application/json")

    app.add_api_route("/model/{iras_id}/{ods}", with_model, response_model=PricesFile)
    app.add_api_route("/bytes/{iras_id}/{ods}", pre_encoded)
    for _ in range(2):  # as early in the list of routes as possible: the one served gains nothing from its place
        app.router.routes.insert(0, app.router.routes.pop())
    took = asyncio.run(_asked(app, made.tokens["company"]))
    made.store.close()
    return [
        Row(goal="P6", name="price of 62 KB / the same route with a response model", value=took["model"] / took["served"], bound=4, holds="at least"),
        Row(goal="P6", name="price of 62 KB / pre-encoded bytes behind the same door", value=took["raw"] / took["served"], bound=0.9, holds="at least"),
        Row(goal="P6", name="price unchanged / pre-encoded bytes behind the same door", value=took["raw"] / took["unchanged"], bound=0.9, holds="at least"),
    ]


def town_of_a_big_study(folder: Path) -> Town:
    """An agreed study of 680 visits, whose price is as long as that of a big trial."""
    path = folder / "big.db"
    upgrade(address(path), secrets.token_bytes)
    made = town(Database(address(path), address(path)), folder)
    visits = [{"id": f"V{number:03}", "name": f"Visit {number}"} for number in range(68)]
    work = {"name": "Nursing", "payment": "visit", "resources": [{"role": "research_nurse", "minutes": 45}], "occurrences": {"V001": 1}}
    arms = [{"id": f"ARM{arm}", "name": f"Arm {arm}", "visits": visits, "activities": [{"id": f"A{arm}", **work}]} for arm in range(10)]
    agreed(made, small_study(arms=arms, sites=[{"ods_code": "RA9", "target_participants": 10}]))
    return made


async def _asked(app: FastAPI, token: str) -> dict[str, float]:
    """Median seconds of each way, taking turns. One task asks all, as in a server: each of its own would start a thread of its own."""
    big = f"/api/v1/studies/{IRAS}/sites/RA9/price"
    tag, size = await _ask(app, token, big, 200, b"")
    assert 50_000 < size < 80_000, size
    model, raw = f"/model/{IRAS}/RA9", f"/bytes/{IRAS}/RA9"
    asked = {"served": (big, 200, b""), "model": (model, 200, b""), "raw": (raw, 200, b""), "unchanged": (big, 304, tag)}
    seconds: dict[str, list[float]] = {name: [] for name in asked}
    for number in range(220):
        for name, words in asked.items():
            start = time.perf_counter()
            await _ask(app, token, *words)
            if number >= 20:  # the first are for caches and threads
                seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(each) for name, each in seconds.items()}


async def _ask(app: FastAPI, token: str, path: str, status: int, tag: bytes) -> tuple[bytes, int]:
    """Ask the application itself, without a network between: the entity tag and the size of the body."""
    headers = [(b"authorization", f"Bearer {token}".encode()), *([(b"if-none-match", tag)] if tag else [])]
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": headers, "root_path": "", "http_version": "1.1"}
    said: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        said.append(message)

    await app({**scope, "scheme": "http", "server": ("bench", 80), "client": ("bench", 1), "raw_path": path.encode()}, receive, send)
    assert said[0]["status"] == status
    return dict(said[0]["headers"]).get(b"etag", b""), sum(len(message.get("body", b"")) for message in said)


def _latencies(folder: Path, people: tuple[SeededPerson, ...]) -> list[Row]:
    headers = {"Authorization": f"Bearer {people[0].token}"}
    with _server([sys.executable, "-m", "ncvr", "serve"], folder) as (port, _):

        def connection(_: int) -> list[float]:
            taken = []
            client = http.client.HTTPConnection("127.0.0.1", port)
            for _ in range(60):
                begun = time.perf_counter()
                client.request("GET", PRICE, headers=headers)
                client.getresponse().read()
                taken.append(time.perf_counter() - begun)
            client.close()
            return taken[10:]

        with ThreadPoolExecutor(16) as pool:
            every = sorted(seconds for each in pool.map(connection, range(16)) for seconds in each)
    p50, p99 = every[len(every) // 2], every[len(every) * 99 // 100]
    return [Row(goal="P6", name="p99 of p50 at 16 connections", value=p99 / p50, bound=4, holds="at most")]


class _Base(DeclarativeBase):
    pass


class _Line(_Base):
    """The same record with the same rules, as one maps it."""

    __tablename__ = "ledger"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[str]
    actor: Mapped[str]
    role: Mapped[str]
    operation: Mapped[str]
    object: Mapped[str] = mapped_column(index=True)
    revision: Mapped[int]
    field: Mapped[str]
    old: Mapped[str | None]
    new: Mapped[str | None]
    reason: Mapped[str]
    correlation_id: Mapped[str]
    previous_hash: Mapped[str] = mapped_column(unique=True)
    salt: Mapped[str]
    hash: Mapped[str] = mapped_column(unique=True)


def _appends(folder: Path) -> list[Row]:
    path = folder / "ledger.db"
    upgrade(address(path), secrets.token_bytes)
    office = open_office(database=path)
    mapped = owners_engine(address(folder / "mapped.db")).execution_options(ncvr_writing=True)
    _Base.metadata.create_all(mapped)
    raw = os.open(folder / "raw", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    change = Change(operation="bench", object="bench")

    def chained() -> None:
        with office.act(OPERATOR, "bench") as act:
            act.record(change)

    def by_orm() -> None:
        with Session(mapped) as session:
            last = session.scalars(select(_Line).order_by(_Line.number.desc()).limit(1)).first()
            head = EMPTY if last is None else Head(number=last.number, hash=last.hash, at=last.at)
            entry = entry_after(head, change, at=settings.now(), actor="operator", role="operator", correlation_id="bench", salt=secrets.token_bytes(16))
            session.add(_Line(**asdict(entry)))
            session.commit()

    def synced() -> None:
        os.write(raw, b"x" * 4096)  # a page: what a write-ahead log writes at least
        os.fdatasync(raw)

    took = medians({"append": chained, "orm": by_orm, "sync": synced}, rounds=APPENDS)
    os.close(raw)
    mapped.dispose()
    office.store.close()
    return [
        Row(goal="P7", name="durable append with hash chain, times a raw fdatasync", value=took["sync"] / took["append"], bound=0.5, holds="at least"),
        Row(goal="P7", name="durable append with hash chain, times an ORM commit", value=took["orm"] / took["append"], bound=2, holds="at least"),
    ]


BARE = """
from fastapi import FastAPI
app = FastAPI()
@app.get("/healthz")
def health() -> dict[str, str]:
    return {"status": "ok"}
"""


def _memory(folder: Path) -> list[Row]:
    (folder / "bare.py").write_text(textwrap.dedent(BARE))
    bare = [sys.executable, "-m", "uvicorn", "bare:app", "--app-dir", str(folder)]
    sizes = []
    for words in (bare, [sys.executable, "-m", "ncvr", "serve"]):
        with _server(words, folder) as (_, process):
            sizes.append(_resident(process.pid))
    return [Row(goal="P10", name="memory of the server at rest, times a bare application", value=sizes[1] / sizes[0], bound=2, holds="at most")]


def _resident(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1])


@contextmanager
def _server(words: list[str], folder: Path) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """A server in a process of its own, once it answers."""
    port = free_port()
    environment = os.environ | {"NCVR_DATABASE_FILE": str(folder / DATABASE)}
    with subprocess.Popen([*words, "--port", str(port)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(200):
                try:
                    client = http.client.HTTPConnection("127.0.0.1", port)
                    client.request("GET", "/healthz")
                    client.getresponse().read()
                    break
                except OSError:
                    time.sleep(0.1)
            yield port, process
        finally:
            process.terminate()
            process.wait(20)
