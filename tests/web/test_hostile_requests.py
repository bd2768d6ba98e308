"""Requests that no program of ours sends: each is answered in words, keeps nothing of the service busy, and leaves nothing behind."""

import asyncio
from typing import Any

import pytest
from starlette.types import Message

from ncvr.store import ledger_entries
from ncvr.web.app import create_app
from tests.offices import IRAS, Town
from tests.services.walks import agreed, shared
from tests.web.visiting import Web, web

NUL = "somebody\0@example.org"


@pytest.fixture
def served(both: Town) -> Web:
    agreed(both)
    shared(both, "RA9")
    return web(both)


@pytest.mark.parametrize(
    "path", ["/api/v1/studies/%00", "/api/v1/escalations/a%00", "/api/v1/accesses?person=%00", "/studies?q=a%00b", "/tariffs/%0d%0a", "/studies/%7f"]
)
@pytest.mark.parametrize("who", ["", "company"])
def test_an_address_with_signs_that_nothing_is_called_by_is_refused_at_the_door(served: Web, path: str, who: str) -> None:
    answer = served.client.get(path, headers={"Authorization": f"Bearer {served.town.tokens[who]}"} if who else {})
    assert (answer.status_code, "signs that nothing is called by" in answer.text) == (400, True)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/session", {"email": NUL, "password": "guessed it"}),
        ("/api/v1/studies", {"study": {"title": "a\0b"}}),
        ("/api/v1/studies", {"arms": [{"name": NUL}]}),
    ],
)
def test_text_with_a_nul_is_refused_with_its_place(served: Web, path: str, body: Any) -> None:
    answer = served.client.post(path, json=body, headers={"Authorization": f"Bearer {served.town.tokens['company']}"})
    assert answer.status_code == 400
    (found,) = answer.json()["findings"]
    assert found["place"].startswith("body.")
    assert "NUL" in found["problem"]


def test_a_form_with_a_nul_or_a_number_without_end_is_no_fault_of_ours(served: Web) -> None:
    assert served.client.post("/sign-in", data={"email": NUL, "password": "x"}, headers={"Sec-Fetch-Site": "same-origin"}).status_code in (200, 401, 422)
    company = served.as_("company")
    for revision in ("r9999999999", "r2147483648"):
        answer = company.ask("POST", f"/studies/{IRAS}/sites/RA9/withdraw", {"reason": "x"}, {"If-Match": f'"{revision}"'})
        assert answer.status_code == 412, answer.text


@pytest.mark.parametrize("path", ["/api/v1/studies", "/api/v1/session"])
@pytest.mark.parametrize("levels", [60, 900, 5_000])
def test_a_body_that_is_nested_without_end_is_refused(served: Web, path: str, levels: int) -> None:
    answer = served.client.post(path, content=b"[" * levels + b"]" * levels, headers={"Authorization": f"Bearer {served.town.tokens['company']}"})
    assert (answer.status_code, "nested" in answer.text) == (400, True)


def test_a_price_word_where_everybody_may_ask_is_only_a_field_that_is_not_known(served: Web) -> None:
    with served.town.store.reading() as connection:
        before = ledger_entries.head(connection)
    for path in ("/api/v1/session/password-by-link", "/api/v1/session"):
        answer = served.client.post(path, json={"price": 1})
        assert (answer.status_code, "not known here" in answer.text) == (422, True), answer.text
    with served.town.store.reading() as connection:
        assert ledger_entries.head(connection) == before


def asked_in_pieces(town: Town, path: str, headers: dict[bytes, bytes], pieces: int) -> tuple[int, int]:
    """The status of the answer, and how many pieces of its body the service took for it."""
    taken, status = [0], [0]

    async def receive() -> Message:
        taken[0] += 1
        return {"type": "http.request", "body": b"x" * 65_536, "more_body": taken[0] < pieces}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            status[0] = message["status"]

    app = create_app(town.office)
    scope: dict[str, Any] = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
    }
    scope |= {"root_path": "", "headers": list(headers.items())}
    scope |= {"client": ("192.0.2.1", 1), "server": ("test", 80), "app": app, "state": {}}
    asyncio.run(app(scope, receive, send))
    return status[0], taken[0]


@pytest.mark.parametrize("path", ["/api/v1/contracts/verify", "/verify", "/api/v1/studies", "/api/v1/session", "/sign-in"])
@pytest.mark.parametrize("length", [{b"content-length": b"16000000"}, {b"transfer-encoding": b"chunked"}])
@pytest.mark.parametrize("token", [{}, {b"authorization": b"Bearer made-up"}])
def test_of_a_stranger_no_more_is_read_than_a_sign_in_needs(here: Town, path: str, length: dict[bytes, bytes], token: dict[bytes, bytes]) -> None:
    headers = {b"host": b"test", b"sec-fetch-site": b"same-origin", b"content-type": b"application/octet-stream"}
    status, taken = asked_in_pieces(here, path, headers | length | token, pieces=200)
    assert status in (303, 401, 413)
    assert taken <= 1


def test_of_somebody_known_all_is_read(here: Town) -> None:
    headers = {b"host": b"test", b"content-length": b"655360", b"authorization": f"Bearer {here.tokens['company']}".encode()}
    assert asked_in_pieces(here, "/api/v1/contracts/verify", headers, pieces=10)[1] >= 10


def test_a_method_that_somebody_made_up_adds_nothing_to_the_measures(served: Web) -> None:
    for method in ("M3X", "SECRET-WORD"):
        assert served.client.request(method, "/healthz").status_code == 405
    measures = served.client.get("/metrics").text
    assert 'method="OTHER"' in measures
    assert "M3X" not in measures
    assert "SECRET" not in measures


def test_a_number_of_thousands_of_digits_is_refused_in_our_own_words(served: Web) -> None:
    answer = served.client.post(
        "/api/v1/studies", content=b'{"version": ' + b"9" * 5_000 + b"}", headers={"Authorization": f"Bearer {served.town.tokens['company']}"}
    )
    assert (answer.status_code, "a number has 5000 digits" in answer.text, "sys." in answer.text) == (400, True, False)


def test_an_address_with_a_slash_too_many_leads_nowhere_and_least_of_all_to_where_the_request_says(served: Web) -> None:
    for path in ("/api/v1/studies/", "/studies/", "/tariffs/"):
        answer = served.client.get(path, headers={"Host": "elsewhere.example"}, follow_redirects=False)
        assert (answer.status_code, "location" in answer.headers) == (404, False)


@pytest.mark.parametrize("day", ["0", "86400", "2026-05-04T00:00:00", "2026-5-4", "2026-02-30"])
def test_a_day_is_written_in_one_way_and_a_number_is_none(served: Web, day: str) -> None:
    auditor = served.as_("auditor")
    for path, name in (("/adherence/clocks", "as_of"), ("/adherence/indicator", "as_of"), ("/accesses", "since"), ("/accesses", "until")):
        answer = auditor.ask("GET", path, params={"month": "2026-05", name: day} if "indicator" in path else {name: day})
        assert answer.status_code == 422, answer.text
        (found,) = answer.json()["findings"]
        assert (found["place"], "2026-04-01" in found["remedy"]) == (f"query.{name}", True), found
