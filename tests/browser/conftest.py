"""A real browser at a real server over a copy of the demo. Whatever the browser complains of fails the test."""

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, expect, sync_playwright

from ncvr import settings
from ncvr.services.demo_database import DATABASE
from ncvr.services.demonstration import demonstrate
from ncvr.services.office import Office
from ncvr.services.opening import open_office
from ncvr.web.app import create_app
from tests.needs import require

PHONE, DESKTOP = 375, 1280
# What Chromium says of every sign-out, as it should be.
CLEARED = "Clear-Site-Data header on"
expect.set_options(timeout=20_000)  # as the pages themselves wait: machines that test have more to do


# For a module and no longer: it keeps an event loop running, in which tests of other modules could not run one of their own.
@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """Debian's Chromium, started once a module."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    require("Chromium", path is not None, "Install chromium")
    browser = playwright.chromium.launch(executable_path=path)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, made once: three studies in different states and people of every role."""
    folder = tmp_path_factory.mktemp("demo") / "demo"
    demonstrate(folder, tariffs=settings.tariffs_folder(), templates=settings.templates_folder(), progress=lambda _step: None)
    return folder


@dataclass
class Served:
    """A running server: its address, and the office behind it."""

    address: str
    office: Office


@pytest.fixture
def served(demo_folder: Path, tmp_path: Path) -> Iterator[Served]:
    """A server over a copy of the demo's database, for one test."""
    database = Path(shutil.copy(demo_folder / DATABASE, tmp_path / DATABASE))
    office = open_office(database=database)
    server = uvicorn.Server(uvicorn.Config(create_app(office), host="127.0.0.1", port=0, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = monotonic() + 30
    while not server.started:
        assert thread.is_alive(), "the server ended"
        assert monotonic() < until, "the server did not start"
        sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Served(address=f"http://127.0.0.1:{port}", office=office)
    server.should_exit = True
    thread.join(timeout=30)
    office.store.close()


@dataclass
class Complaints:
    """What the browser said that it should not have had to say."""

    said: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()

    def note(self, text: str) -> None:
        if not any(words in text for words in (CLEARED, *self.expected)):
            self.said.append(text)


@dataclass
class Visits:
    """Opens pages for the demo's people; ``complaints`` are looked at when the test ends."""

    browser: Browser
    served: Served
    complaints: Complaints = field(default_factory=Complaints)
    contexts: list[BrowserContext] = field(default_factory=list)

    def __call__(self, who: str | None, *, width: int = DESKTOP, scripts: bool = True) -> Page:
        """A page for one of the demo's people (``"company"``), signed in through the list at the door; None for a stranger."""
        context = self.browser.new_context(
            base_url=self.served.address, viewport={"width": width, "height": 900}, java_script_enabled=scripts, accept_downloads=True
        )
        context.set_default_timeout(20_000)
        self.contexts.append(context)
        page = context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.note(f"{page.url}: {error}"))
        if who is not None:
            page.goto("/sign-in")
            page.locator(f'form:has(input[value="{who}@demo.example"]) button').click()
            page.wait_for_url(lambda url: "/sign-in" not in url)
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        where = message.location.get("url", "") if message.location else ""
        self.complaints.note(f"{where}: {message.type}: {message.text}")


@pytest.fixture
def visit(chromium: Browser, served: Served) -> Iterator[Visits]:
    """Open pages as anybody. The test fails at its end on any message of the browser's console, policy violations among them."""
    visits = Visits(chromium, served)
    yield visits
    for context in visits.contexts:
        context.close()
    assert visits.complaints.said == []


Visit = Callable[..., Page]
