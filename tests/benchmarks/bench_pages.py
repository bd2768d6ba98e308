"""The pages as ratios to a bare template page: every page, the 60 x 40 grid, its size, a key in it, and the first page after a start."""

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from ncvr import examples, settings
from ncvr.domain.study import Study, study_record
from ncvr.services import reviewing
from ncvr.services.demo_database import DATABASE
from ncvr.services.demo_door import sign_in_as
from ncvr.services.demonstration import demonstrate
from ncvr.services.opening import open_office
from ncvr.services.signing_in import Opened
from ncvr.web.recognising import SESSION_COOKIE
from tests.benchmarks.rows import Row, medians

BARE, BIG = "/accessibility", "1777777"
# A page of every kind that shows a study or reference data, and who looks at it.
PAGES = {
    "company": (
        *("/", "/studies", "/studies/1012345", "/studies/1012345/prices", "/studies/1012345/contracts", "/studies/1012345/escalations"),
        *("/studies/1012345/history", "/studies/1023456/review", "/studies/1023456/workbook", "/tariffs", "/tariffs/compare", "/organisations", "/verify"),
    ),
    "national": ("/adherence", "/adherence/lists", "/adherence/clocks", "/tariffs/2026-04-01-illustrative"),
}


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "demo"
        demonstrate(folder, tariffs=settings.tariffs_folder(), templates=settings.templates_folder(), progress=lambda _step: None)
        cookies = {who: _session(folder, who) for who in PAGES}
        _big_study(folder)
        started = time.perf_counter()
        with _served(folder) as port:
            _get(_connection(port), BARE, "")
            first = time.perf_counter() - started
            rows = _page_rows(port, cookies)
            rows += [Row(goal="pages", name="seconds from start to the first page", value=first, bound=2, holds="at most")]
            return rows + _key_rows(port)


def _page_rows(port: int, cookies: dict[str, str]) -> list[Row]:
    connection = _connection(port)
    ways = {(who, address): _way(connection, address, cookies[who]) for who in PAGES for address in PAGES[who]}
    grid = ("company", f"/studies/{BIG}/review")
    ways |= {grid: _way(connection, grid[1], cookies["company"]), ("", BARE): _way(connection, BARE, cookies["company"])}
    took = medians({f"{who} {address}": way for (who, address), way in ways.items()})
    bare = took[f" {BARE}"]
    slowest = max((name for name in took if BIG not in name), key=took.__getitem__)
    size = len(_get(connection, grid[1], cookies["company"]))
    return [
        Row(goal="pages", name=f"slowest of {len(took) - 2} pages ({slowest}) / bare page", value=took[slowest] / bare, bound=10, holds="at most"),
        Row(goal="pages", name="60 x 40 grid / bare page", value=took[f"{grid[0]} {grid[1]}"] / bare, bound=15, holds="at most"),
        Row(goal="pages", name="60 x 40 grid, kB before compression", value=size / 1000, bound=100, holds="at most"),
    ]


def _key_rows(port: int) -> list[Row]:
    """Milliseconds from a key to the next frame in the grid, in Chromium; no row where there is none."""
    path = shutil.which("chromium")
    if path is None:
        print("no Chromium here: keys in the grid are not measured", file=sys.stderr)
        return []
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=path)
        page = browser.new_page(base_url=f"http://127.0.0.1:{port}", viewport={"width": 1280, "height": 900})
        page.goto("/sign-in")
        page.locator('form:has(input[value="company@demo.example"]) button').click()
        page.goto(f"/studies/{BIG}/review")
        page.locator("[role=grid] td[tabindex='0']").first.focus()
        page.evaluate(_LISTEN)
        for _ in range(10):
            for key in ("ArrowRight", "ArrowDown", "5", "Enter"):
                page.keyboard.press(key)
                page.wait_for_timeout(30)
        took = page.evaluate("window.took")
        browser.close()
    return [Row(goal="pages", name=f"key to next frame in the grid, ms, median of {len(took)}", value=statistics.median(took), bound=50, holds="at most")]


_LISTEN = """() => { window.took = []; addEventListener("keydown", event => {
  const begun = event.timeStamp; requestAnimationFrame(() => setTimeout(() => window.took.push(performance.now() - begun), 0)); }, true); }"""


def _big_study(folder: Path) -> None:
    """A draft with 60 activities and 40 visits, half of the cells filled."""
    record: dict[str, Any] = study_record(examples.study())
    record["study"] |= {"iras_id": BIG, "short_title": "Sixty by forty"}
    arm = record["arms"][0]
    visits = [{"id": f"V{number}", "name": f"Visit {number}"} for number in range(1, 41)]
    activities = [
        {
            "id": f"A{number:02d}",
            "name": f"Activity number {number}",
            "resources": [{"role": "research_nurse", "minutes": 20}],
            "payment": "visit",
            "occurrences": {visit["id"]: 1 for at, visit in enumerate(visits) if (at + number) % 2},
        }
        for number in range(1, 61)
    ]
    kept = {name: arm[name] for name in ("id", "name") if name in arm}
    record["arms"] = [{**kept, "visits": visits, "activities": activities}]
    for site in record["sites"]:
        for name in ("arms", "arm_participants"):
            site.pop(name, None)
    for name in ("version", "state", "unscheduled", "setup_and_closedown", "pass_through", "waivers"):
        record.pop(name, None)
    office = open_office(database=folder / DATABASE)
    opened = sign_in_as(office, "company@demo.example")
    assert isinstance(opened, Opened)
    with office.act(opened.person, "bench") as act:
        reviewing.create_study(act, Study.model_validate(record))
    office.store.close()


def _session(folder: Path, who: str) -> str:
    office = open_office(database=folder / DATABASE)
    opened = sign_in_as(office, f"{who}@demo.example")
    assert isinstance(opened, Opened)
    office.store.close()
    return f"{SESSION_COOKIE}={opened.token}"


@contextmanager
def _served(folder: Path) -> Iterator[int]:
    """A server process of its own, as people start it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    environment = {**os.environ, "NCVR_DATABASE_FILE": str(folder / DATABASE)}
    words = [sys.executable, "-m", "uvicorn", "--factory", "ncvr.web.serving:application", "--port", str(port), "--log-level", "warning", "--no-access-log"]
    with subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            yield port
        finally:
            server.terminate()


def _connection(port: int) -> HTTPConnection:
    """Connected as soon as the port is open."""
    for _ in range(500):
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.connect()
        except ConnectionRefusedError:
            time.sleep(0.01)
        else:
            return connection
    raise SystemExit("the server did not start")


def _way(connection: HTTPConnection, address: str, cookie: str) -> Any:
    return lambda: _get(connection, address, cookie)


def _get(connection: HTTPConnection, address: str, cookie: str) -> bytes:
    connection.request("GET", address, headers={"Cookie": cookie} if cookie else {})
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != 200:
        raise SystemExit(f"{address} answers {answer.status}")
    return content
