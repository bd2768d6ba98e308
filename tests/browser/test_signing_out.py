"""What stays in a browser once somebody has signed out or a session has ended, and what is lost: nothing that was not sent."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from playwright.sync_api import Page, expect

from ncvr.domain.signing_in import SESSION_IDLE
from ncvr.web.recognising import DEVICE_COOKIE, SESSION_COOKIE
from tests.browser.conftest import Visits

IDLE = int(SESSION_IDLE.total_seconds() * 1000)


@pytest.fixture
def neighbour() -> Iterator[str]:
    """Another service of this machine, with a cookie of its own."""

    class Hello(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Set-Cookie", "neighbours=own; Path=/")
            self.end_headers()
            self.wfile.write(b"Hello")

        def log_message(self, *_words: object) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Hello)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join(10)


def cookies(page: Page) -> set[str]:
    return {str(each.get("name")) for each in page.context.cookies()}


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in?said=signed-out")


def test_signing_out_empties_the_browser_of_ours_and_of_nothing_else(visit: Visits, neighbour: str) -> None:
    page = visit("company")
    page.goto(neighbour)
    page.goto("/studies")
    page.evaluate("sessionStorage.setItem('ncvr half typed', '20'); localStorage.setItem('ncvr', '1')")
    assert cookies(page) == {SESSION_COOKIE, DEVICE_COOKIE, "neighbours"}
    sign_out(page)
    assert page.evaluate("[sessionStorage.length, localStorage.length]") == [0, 0]
    assert cookies(page) == {DEVICE_COOKIE, "neighbours"}
    page.go_back()
    page.wait_for_url("**/sign-in?then=**")


def test_every_other_tab_goes_to_the_door_too(visit: Visits) -> None:
    page = visit("company")
    other = page.context.new_page()
    other.goto("/studies")
    other.evaluate("sessionStorage.setItem('ncvr half typed', '20')")
    sign_out(page)
    other.wait_for_url("**/sign-in?said=signed-out")
    assert other.evaluate("sessionStorage.length") == 0


def test_the_tabs_go_even_when_the_service_does_not_answer(visit: Visits) -> None:
    visit.complaints.expected = ("ERR_INTERNET_DISCONNECTED", "ERR_FAILED")
    page = visit("company")
    other = page.context.new_page()
    other.goto("/studies")
    page.route("**/sign-out", lambda route: route.abort())
    page.get_by_role("button", name="Sign out").click()
    other.wait_for_url("**/sign-in?said=signed-out")
    assert other.locator("text=xanomeline").count() == 0


def test_a_page_is_put_away_once_a_session_would_be_over_and_shown_again_on_asking(visit: Visits) -> None:
    page = visit("company")
    page.clock.install()
    page.goto("/studies")
    expect(page.locator("#studies")).to_be_visible()
    page.clock.fast_forward(IDLE - 5000)
    expect(page.locator("#studies")).to_be_visible()
    page.clock.fast_forward(10_000)
    expect(page.get_by_role("heading", level=1)).to_have_text("This page was put away")
    assert page.title().startswith("This page was put away – ")
    assert page.locator("#studies").count() == 0
    page.get_by_role("link", name="Show it again").click()
    expect(page.locator("#studies")).to_be_visible()


def test_what_was_typed_and_not_sent_is_not_put_away(visit: Visits) -> None:
    page = visit("company")
    page.clock.install()
    page.goto("/studies")
    page.get_by_label("IRAS ID, short title or sponsor").fill("half of a wo")
    page.clock.fast_forward(IDLE + 10_000)
    expect(page.get_by_label("IRAS ID, short title or sponsor")).to_have_value("half of a wo")
    other = page.context.new_page()
    other.goto("/tariffs")
    sign_out(other)
    expect(page.get_by_label("IRAS ID, short title or sponsor")).to_have_value("half of a wo")
