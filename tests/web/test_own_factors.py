"""One's own second factors over HTTP: added, taken away and recovered from, in a session that is young."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pyotp import TOTP
from starlette.testclient import TestClient

from ncvr.domain.signing_in import WAITING_LONGEST
from ncvr.services.front_door import sha256_hex
from ncvr.store import sessions
from ncvr.web.app import PREFIX, ROUTES, create_app
from ncvr.web.recognising import SESSION_COOKIE
from tests.accounts import PASSWORD, House, email_of, house
from tests.authenticator import Passkey
from tests.offices import Town

HERE = "https://ncvr.example"
FACTORS = f"{PREFIX}/session/factors"


@pytest.fixture
def door(both: Town) -> House:
    made = house(both)
    for who in ("national", "company"):
        made.give_password(who)
    made.switch("ACME", False)
    return made


@pytest.fixture
def browser(door: House) -> Iterator[TestClient]:
    with TestClient(create_app(door.town.office), base_url=HERE, headers={"Origin": HERE}) as client:
        yield client


def signed_in(browser: TestClient, door: House, who: str = "company") -> None:
    """In a full session, with an authenticator app where one is asked for."""
    if who == "national":
        opened, _ = door.enrol(who)
        browser.cookies.set(SESSION_COOKIE, opened.token)
    else:
        assert browser.post(f"{PREFIX}/session", json={"email": email_of(who), "password": PASSWORD}).status_code == 201


def post(browser: TestClient, path: str, **body: Any) -> Any:
    return browser.post(FACTORS + path, json=body)


def kinds(browser: TestClient) -> list[str]:
    return [factor["kind"] for factor in browser.get(FACTORS).json()["factors"]]


def add_app(browser: TestClient, door: House) -> tuple[str, list[str]]:
    """A further app: its secret, and the recovery codes."""
    secret = post(browser, "/app").json()["secret"]
    answer = post(browser, "/app/confirm", code=TOTP(secret).at(door.town.clock.moment))
    assert answer.status_code == 201, answer.text
    return secret, answer.json()["recovery_codes"]


def add_passkey(browser: TestClient, key: Passkey) -> Any:
    return post(browser, "/passkey/made", credential=key.make(post(browser, "/passkey/options").json()))


def passkey() -> Passkey:
    return Passkey(says_origin=HERE, says_site="ncvr.example")


def test_an_app_is_added_shown_at_the_next_sign_in_and_taken_away(browser: TestClient, door: House) -> None:
    signed_in(browser, door)
    assert browser.get(FACTORS).json() == {"factors": [], "recovery_codes": 0}
    assert post(browser, "/app/confirm", code="123456").status_code == 401  # none was offered
    secret, codes = add_app(browser, door)
    assert (kinds(browser), browser.get(FACTORS).json()["recovery_codes"], len(codes)) == (["totp"], 10, 10)
    assert secret not in browser.get(FACTORS).text
    door.town.clock.moment += timedelta(minutes=1)
    assert browser.post(f"{PREFIX}/session", json={"email": email_of("company"), "password": PASSWORD}).json()["stage"] == "due"
    assert browser.get(FACTORS).status_code == 401  # a password alone sees and changes nothing
    assert post(browser, "/recovery-codes").status_code == 401
    assert browser.post(f"{PREFIX}/session/code", json={"code": TOTP(secret).at(door.town.clock.moment)}).status_code == 201
    factor = browser.get(FACTORS).json()["factors"][0]["id"]
    assert browser.delete(f"{FACTORS}/{factor}").status_code == 204
    assert browser.get(FACTORS).json() == {"factors": [], "recovery_codes": 0}
    assert browser.delete(f"{FACTORS}/{factor}").status_code == 404


def test_a_passkey_is_added_once_and_by_nobody_else(browser: TestClient, door: House) -> None:
    signed_in(browser, door)
    key = passkey()
    assert len(add_passkey(browser, key).json()["recovery_codes"]) == 10
    assert kinds(browser) == ["passkey"]
    assert add_passkey(browser, key).status_code == 401
    options = post(browser, "/passkey/options").json()
    assert post(browser, "/passkey/made", credential=passkey().make(options | {"challenge": "AAAA"})).status_code == 401
    assert kinds(browser) == ["passkey"]
    browser.cookies.clear()
    signed_in(browser, door, "national")
    assert add_passkey(browser, key).status_code == 401  # it is somebody's already
    assert kinds(browser) == ["totp"]


def test_the_last_factor_of_somebody_who_must_have_one_stays(browser: TestClient, door: House) -> None:
    signed_in(browser, door, "national")
    first = browser.get(FACTORS).json()["factors"][0]["id"]
    refused = browser.delete(f"{FACTORS}/{first}")
    assert refused.status_code == 409
    assert "your last second factor" in refused.text
    assert add_passkey(browser, passkey()).status_code == 201
    assert browser.delete(f"{FACTORS}/{first}").status_code == 204
    assert (kinds(browser), browser.get(FACTORS).json()["recovery_codes"]) == (["passkey"], 10)


def test_new_recovery_codes_void_those_before(browser: TestClient, door: House) -> None:
    signed_in(browser, door)
    assert post(browser, "/recovery-codes").status_code == 409  # nothing to recover from
    _, before = add_app(browser, door)
    after = post(browser, "/recovery-codes").json()["recovery_codes"]
    assert not set(before) & set(after)
    for codes, status in ((before, 401), (after, 201)):
        browser.post(f"{PREFIX}/session", json={"email": email_of("company"), "password": PASSWORD})
        assert browser.post(f"{PREFIX}/session/code", json={"code": codes[0]}).status_code == status


def test_nobody_takes_away_a_factor_of_somebody_else(browser: TestClient, door: House) -> None:
    signed_in(browser, door, "national")
    theirs = browser.get(FACTORS).json()["factors"][0]["id"]
    browser.cookies.clear()
    signed_in(browser, door)
    assert browser.delete(f"{FACTORS}/{theirs}").status_code == 404


def test_a_session_that_is_not_young_changes_nothing_of_this(browser: TestClient, door: House) -> None:
    signed_in(browser, door)
    add_app(browser, door)
    factor = browser.get(FACTORS).json()["factors"][0]["id"]
    door.town.clock.moment += WAITING_LONGEST
    changing = [route for route in ROUTES if route.path.startswith("/session/factors") and route.method != "GET"]
    assert len(changing) == 6
    for route in changing:
        answer = browser.request(route.method, PREFIX + route.path.format(factor_id=factor), json=route.example or {})
        assert answer.status_code == 401, (route.path, answer.text)
        assert "sign in again" in answer.text
    assert kinds(browser) == ["totp"]  # seeing is still allowed
    assert browser.get(f"{PREFIX}/studies").status_code == 200


def test_a_token_and_anothers_cookie_do_nothing_here(browser: TestClient, door: House) -> None:
    signed_in(browser, door)
    for who, cookie in (("company", False), ("rival", True)):
        client = TestClient(browser.app, base_url=HERE)
        headers = {"Authorization": f"Bearer {door.town.tokens[who]}"}
        if cookie:
            headers["Cookie"] = f"{SESSION_COOKIE}={browser.cookies[SESSION_COOKIE]}"
        assert client.get(FACTORS, headers=headers).status_code == 401
        assert client.post(f"{FACTORS}/app", headers=headers).status_code == 401


def test_the_ledger_says_what_was_changed_and_no_secret(browser: TestClient, door: House) -> None:
    signed_in(browser, door)
    secret, codes = add_app(browser, door)
    factor = browser.get(FACTORS).json()["factors"][0]["id"]
    browser.delete(f"{FACTORS}/{factor}")
    with door.town.store.reading() as connection:
        rows = [str(tuple(row)) for row in connection.exec_driver_sql("SELECT operation, field, old, new FROM ledger")]
        session = sessions.one(connection, sha256_hex(browser.cookies[SESSION_COOKIE]))
    assert session is not None
    said = "\n".join(rows)
    assert "factor.add" in said
    assert "('factor.remove', 'second factors', '1', '0')" in said
    assert secret not in said
    assert codes[0] not in said
