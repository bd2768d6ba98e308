"""Signing in over HTTP as a browser does: cookies, the second factor, and what comes from other sites."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pyotp import TOTP
from starlette.testclient import TestClient

from ncvr.services.identity import OPERATOR, new_token
from ncvr.services.own_account import block, password_link
from ncvr.web.app import PREFIX, ROUTES, create_app
from ncvr.web.recognising import DEVICE_COOKIE, SESSION_COOKIE, TICKET_COOKIE
from ncvr.web.same_origin import SAFE_METHODS, SameOrigin
from ncvr.web.security_headers import SECURITY_HEADERS
from tests.accounts import PASSWORD, House, email_of, house
from tests.offices import Town

HERE = "https://ncvr.example"
FROM_HERE = {"Origin": HERE, "Sec-Fetch-Site": "same-origin"}
CHANGING = [route for route in ROUTES if route.method not in SAFE_METHODS]


@pytest.fixture
def door(here: Town) -> House:
    return house(here)


@pytest.fixture
def browser(door: House) -> Iterator[TestClient]:
    with TestClient(create_app(door.town.office), base_url=HERE, headers=FROM_HERE, raise_server_exceptions=False) as client:
        yield client


def post(browser: TestClient, path: str, **body: Any) -> Any:
    return browser.post(PREFIX + path, json=body)


def signed_in(browser: TestClient, door: House, who: str = "company") -> Any:
    door.switch(door.town.people[who].organisation, False)
    door.give_password(who)
    answer = post(browser, "/session", email=email_of(who), password=PASSWORD)
    assert answer.status_code == 201, answer.text
    return answer


def test_a_browser_signs_in_sees_its_studies_and_signs_out(browser: TestClient, door: House) -> None:
    assert browser.get(f"{PREFIX}/studies").status_code == 401
    answer = signed_in(browser, door)
    assert answer.json() == {"stage": "full", "role": "company_representative", "organisation": "ACME", "failures": 0}
    assert browser.get(f"{PREFIX}/studies").status_code == 200
    assert browser.get(f"{PREFIX}/session").json()["organisation"] == "ACME"
    kept = dict(browser.cookies)
    assert browser.delete(f"{PREFIX}/session").status_code == 204
    assert SESSION_COOKIE not in browser.cookies
    assert browser.get(f"{PREFIX}/studies", headers={"Cookie": f"{SESSION_COOKIE}={kept[SESSION_COOKIE]}"}).status_code == 401


def test_who_signs_out_leaves_nothing_in_the_browser_but_that_the_device_is_known(browser: TestClient, door: House) -> None:
    for method, path in (("DELETE", f"{PREFIX}/session"), ("POST", "/sign-out")):
        answer = signed_in(browser, door)
        assert "clear-site-data" not in answer.headers
        answer = browser.request(method, path, follow_redirects=False)
        assert answer.status_code in (204, 303)
        assert answer.headers["clear-site-data"] == '"cache", "storage"'  # "cookies" would take those of other services too
        assert SESSION_COOKIE not in browser.cookies
        assert TICKET_COOKIE not in browser.cookies
        assert DEVICE_COOKIE in browser.cookies
        again = browser.request(method, path, follow_redirects=False)
        assert again.headers["clear-site-data"] == '"cache", "storage"'  # also where the session was over already


def test_the_cookies_are_for_this_host_alone_and_no_script_reads_them(browser: TestClient, door: House) -> None:
    given = signed_in(browser, door).headers.get_list("set-cookie")
    assert [cookie.partition("=")[0] for cookie in given] == [SESSION_COOKIE, DEVICE_COOKIE]
    for cookie in given:
        assert cookie.startswith("__Host-")
        assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
        assert "domain" not in cookie.lower()
    assert "max-age" not in given[0].lower()  # gone when the browser closes


def test_every_sign_in_has_a_new_token_and_the_one_before_it_in_this_browser_is_over(browser: TestClient, door: House) -> None:
    signed_in(browser, door)
    first = browser.cookies[SESSION_COOKIE]
    assert post(browser, "/session", email=email_of("company"), password=PASSWORD).status_code == 201
    assert browser.cookies[SESSION_COOKIE] != first
    assert browser.get(f"{PREFIX}/studies").status_code == 200
    browser.cookies.clear()
    assert browser.get(f"{PREFIX}/studies", headers={"Cookie": f"{SESSION_COOKIE}={first}"}).status_code == 401


def test_a_second_factor_is_chosen_at_the_first_sign_in_and_shown_at_the_next(browser: TestClient, door: House) -> None:
    door.give_password("national")
    assert post(browser, "/session", email=email_of("national"), password=PASSWORD).json()["stage"] == "enrol"
    assert browser.get(f"{PREFIX}/studies").status_code == 401  # a password alone opens nothing
    app = post(browser, "/session/app").json()
    assert app["uri"].startswith("otpauth://totp/NCVR:national%40example.org?secret=")
    assert post(browser, "/session/app/confirm", code="000000").status_code == 401
    codes = post(browser, "/session/app/confirm", code=TOTP(app["secret"]).at(door.town.clock.moment)).json()["recovery_codes"]
    assert len(codes) == 10
    assert browser.get(f"{PREFIX}/studies").status_code == 200
    assert browser.delete(f"{PREFIX}/session").status_code == 204
    door.town.clock.moment += timedelta(minutes=1)
    assert post(browser, "/session", email=email_of("national"), password=PASSWORD).json()["stage"] == "due"
    assert browser.get(f"{PREFIX}/studies").status_code == 401
    assert post(browser, "/session/app").status_code == 401  # a new app cannot stand in for the one that is due
    waiting = browser.cookies[SESSION_COOKIE]
    assert post(browser, "/session/code", code=TOTP(app["secret"]).at(door.town.clock.moment)).json()["stage"] == "full"
    assert browser.cookies[SESSION_COOKIE] != waiting
    assert browser.get(f"{PREFIX}/studies").status_code == 200


@pytest.mark.parametrize("page", [False, True])
def test_a_device_used_before_shows_its_code_while_others_guess_and_after_five_wrong_ones_one_signs_in_anew(
    browser: TestClient, door: House, page: bool
) -> None:
    def show(code: str) -> Any:
        if not page:
            return post(browser, "/session/code", code=code)
        return browser.post("/sign-in/code", data={"code": code, "then": "/"}, follow_redirects=False)

    door.give_password("national")
    signed_in, _ = door.enrol("national")
    assert signed_in.device is not None
    door.town.clock.moment += timedelta(minutes=1)
    for number in range(15):
        door.show(door.password_only("national"), f"{number:06d}", address=f"198.51.100.{number}")
    assert post(browser, "/session", email=email_of("national"), password=PASSWORD).json()["stage"] == "due"
    assert show(door.code("national")).status_code == (422 if page else 429)  # a device that nobody knows
    assert SESSION_COOKIE in browser.cookies
    browser.cookies.set(DEVICE_COOKIE, signed_in.device, domain="ncvr.example", path="/")
    for number in range(5):
        said = show(f"{number:06d}")
        assert ("Sign in again" in said.text if page else "sign in anew" in said.text) == (number == 4 or not page)
    assert ("Sign in again" if page else "sign in anew") in show(door.code("national")).text  # right, but the session is over
    assert post(browser, "/session", email=email_of("national"), password=PASSWORD).json()["stage"] == "due"
    assert show(door.code("national")).status_code == (303 if page else 201)
    assert browser.get(f"{PREFIX}/studies").status_code == 200


def test_somebody_unknown_and_a_wrong_password_hear_the_same(browser: TestClient, door: House) -> None:
    door.give_password("company")
    answers = []
    for who in ("company", "nobody", "rival"):
        answer = browser.post(f"{PREFIX}/session", json={"email": email_of(who), "password": "wrong"}, headers={"X-Correlation-ID": "one"})
        answers.append((answer.status_code, answer.content, sorted(answer.headers.items())))
    assert answers[0][0] == 401
    assert answers[0] == answers[1] == answers[2]
    assert b"email address or password is not right" in answers[0][1]


def test_too_many_attempts_are_told_how_long_to_wait(browser: TestClient) -> None:
    for _ in range(5):
        assert post(browser, "/session", email="x@example.org", password="x").status_code == 401
    answer = post(browser, "/session", email="x@example.org", password="x")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")
    assert "Try again in 2 seconds" in answer.text


def test_a_password_is_set_by_link_and_changed_in_a_session(browser: TestClient, door: House) -> None:
    door.switch("ACME", False)
    with door.town.office.act(OPERATOR, "link") as act:
        secret = password_link(act, email_of("company"))
    weak = post(browser, "/session/password-by-link", link=secret, password="password1234")
    assert weak.status_code == 422
    assert "first that are guessed" in weak.text
    assert "password1234" not in weak.text
    assert post(browser, "/session/password-by-link", link=secret, password=PASSWORD).status_code == 204
    assert post(browser, "/session", email=email_of("company"), password=PASSWORD).status_code == 201
    changed = {"old": PASSWORD, "new": "another seven quiet otters"}
    assert browser.put(f"{PREFIX}/session/password", json=changed | {"old": "wrong"}).status_code == 401
    assert browser.put(f"{PREFIX}/session/password", json=changed).status_code == 204
    assert browser.get(f"{PREFIX}/studies").status_code == 200


def test_who_is_blocked_is_out_at_the_very_next_request(browser: TestClient, door: House) -> None:
    signed_in(browser, door)
    token = {"Authorization": f"Bearer {door.town.tokens['company']}"}
    assert browser.get(f"{PREFIX}/studies").status_code == 200
    assert browser.get(f"{PREFIX}/studies", headers=token).status_code == 200
    with door.town.office.act(OPERATOR, "block") as act:
        block(act, email_of("company"))
    assert browser.get(f"{PREFIX}/studies").status_code == 401
    assert browser.get(f"{PREFIX}/studies", headers=token).status_code == 401


def test_a_token_for_reading_changes_nothing(browser: TestClient, door: House) -> None:
    with door.town.office.act(OPERATOR, "token") as act:
        headers = {"Authorization": f"Bearer {new_token(act, email_of('company'), 7, scope='read')}"}
    assert browser.get(f"{PREFIX}/studies", headers=headers).status_code == 200
    refused = 0
    for route in CHANGING:
        if route.permission != "session.open":
            answer = browser.request(route.method, PREFIX + filled(route.path), json={}, headers=headers)
            assert answer.status_code == 403, (route.method, route.path, answer.text)
            assert "for reading only" in answer.text
            refused += 1
    assert refused >= 30


def test_a_stranger_learns_nothing_of_what_would_be_wrong_with_the_question(browser: TestClient) -> None:
    for path in ("/studies?limit=many", "/tariffs/compare", "/studies/1/diff?from=x", "/adherence/indicator?as_of=x"):
        assert browser.get(PREFIX + path).status_code == 401


def test_a_token_that_is_sent_decides_even_when_it_is_wrong(browser: TestClient, door: House) -> None:
    signed_in(browser, door)
    assert browser.get(f"{PREFIX}/studies", headers={"Authorization": "Bearer ncvr_wrong"}).status_code == 401
    assert browser.get(f"{PREFIX}/studies", headers={"Authorization": "Basic eDp5"}).status_code == 401


def filled(path: str) -> str:
    for name in ("iras_id", "n", "ods", "id", "edition"):
        path = path.replace(f"{{{name}}}", "1004567")
    return path.replace("{", "").replace("}", "")


# What a browser says of a request that a page of ours did not make; None: it says nothing of the kind.
ELSEWHERE: list[tuple[str | None, str | None]] = [
    ("cross-site", "https://rival.example"),
    ("cross-site", None),
    ("same-site", "https://other.ncvr.example"),
    ("same-site", HERE),
    ("cross-site", HERE),
    (None, "https://rival.example"),
    (None, "null"),
    (None, "https://ncvr.example.rival.example"),
    (None, "https://ncvr.example:8443"),
    (None, ""),
    (None, None),
    ("", HERE),
]


def from_elsewhere(site: str | None, origin: str | None) -> dict[str, str]:
    return {name: value for name, value in (("Sec-Fetch-Site", site), ("Origin", origin)) if value is not None}


def test_no_page_of_another_site_changes_anything_with_somebodys_cookie(browser: TestClient, door: House) -> None:
    signed_in(browser, door)
    cookies = {"Cookie": f"{SESSION_COOKIE}={browser.cookies[SESSION_COOKIE]}"}
    client = TestClient(browser.app, base_url=HERE, raise_server_exceptions=False)
    tried = 0
    for route in CHANGING:
        for site, origin in ELSEWHERE:
            answer = client.request(route.method, PREFIX + filled(route.path), json={}, headers=cookies | from_elsewhere(site, origin))
            assert answer.status_code == 403, (route.method, route.path, site, origin, answer.text)
            assert answer.json()["type"] == "urn:ncvr:problem:another-site"
            tried += 1
    assert tried == len(CHANGING) * len(ELSEWHERE) >= 400
    assert browser.get(f"{PREFIX}/session").status_code == 200  # nobody signed the person out meanwhile


@pytest.mark.parametrize("headers", [FROM_HERE, {"Sec-Fetch-Site": "none"}, {"Origin": HERE}], ids=str)
def test_a_page_of_ours_changes_what_the_person_may(browser: TestClient, door: House, headers: dict[str, str]) -> None:
    signed_in(browser, door)
    cookies = {"Cookie": f"{SESSION_COOKIE}={browser.cookies[SESSION_COOKIE]}"}
    client = TestClient(browser.app, base_url=HERE)
    assert client.delete(f"{PREFIX}/session", headers=cookies | headers).status_code == 204


def test_nobody_is_signed_in_from_another_sites_page_unawares(browser: TestClient, door: House) -> None:
    door.give_password("company")
    client = TestClient(browser.app, base_url=HERE)
    body = {"email": email_of("company"), "password": PASSWORD}
    assert client.post(f"{PREFIX}/session", json=body, headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://rival.example"}).status_code == 403


def test_without_the_check_another_site_would_succeed(door: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the requests refused above do what they ask once the check is out."""

    async def let_all_pass(self: SameOrigin, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)

    monkeypatch.setattr(SameOrigin, "__call__", let_all_pass)
    with TestClient(create_app(door.town.office), base_url=HERE, headers=FROM_HERE) as browser:
        signed_in(browser, door)
        assert browser.delete(f"{PREFIX}/session", headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://rival.example"}).status_code == 204


def test_a_program_with_a_token_is_not_asked_where_it_comes_from(browser: TestClient, door: House) -> None:
    client = TestClient(browser.app, base_url=HERE)
    answer = client.post(f"{PREFIX}/studies", json={}, headers={"Authorization": f"Bearer {door.town.tokens['company']}"})
    assert answer.status_code == 422  # read and understood


def test_every_answer_has_the_headers(browser: TestClient, door: House) -> None:
    signed_in(browser, door)
    answers = [browser.request(route.method, PREFIX + filled(route.path), json={} if route.method != "GET" else None) for route in ROUTES]
    answers += [browser.get(path) for path in ("/healthz", "/readyz", "/metrics", "/openapi.json", "/nowhere")]
    answers.append(browser.post(f"{PREFIX}/session", json={"email": "x@example.org", "password": "x"}, headers={"Sec-Fetch-Site": "cross-site"}))
    answers.append(browser.post(f"{PREFIX}/studies", content=b"x" * 17_000_000))
    assert {200, 401, 403, 404, 405, 413, 422} & {answer.status_code for answer in answers} >= {200, 403, 404, 413, 422}
    assert not [(answer.request.method, answer.request.url.path) for answer in answers if answer.status_code == 500]
    for answer in answers:
        for name, value in SECURITY_HEADERS.items():
            assert answer.headers.get_list(name) == [value], (answer.request.url, name)
        assert "no-store" in answer.headers["cache-control"]
    assert len(answers) >= 60


def test_an_unexpected_fault_has_the_headers_too(browser: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("our insides")

    monkeypatch.setattr("ncvr.services.signing_in.sign_in", fails)
    answer = post(browser, "/session", email="x@example.org", password="x")
    assert answer.status_code == 500
    assert "insides" not in answer.text
    assert {name: answer.headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere() -> None:
    policy = SECURITY_HEADERS["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "frame-ancestors 'none'" in policy
    for loose in ("unsafe", "*", "http", "data:", "blob:"):
        assert loose not in policy
