"""Passkeys over HTTP: made at the first sign-in, used at the next, and worth nothing anywhere else."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from ncvr.web.app import PREFIX, create_app
from tests.accounts import PASSWORD, House, email_of, house
from tests.authenticator import Passkey
from tests.offices import Town

HERE = "https://ncvr.example"


@pytest.fixture
def door(both: Town) -> House:
    made = house(both)
    made.give_password("national")
    made.give_password("auditor")
    return made


@pytest.fixture
def browser(door: House) -> Iterator[TestClient]:
    with TestClient(create_app(door.town.office), base_url=HERE, headers={"Origin": HERE}) as client:
        yield client


def passkey(**known: Any) -> Passkey:
    return Passkey(**{"says_origin": HERE, "says_site": "ncvr.example"} | known)


def post(browser: TestClient, path: str, **body: Any) -> Any:
    return browser.post(f"{PREFIX}/session{path}", json=body)


def password(browser: TestClient, who: str = "national") -> str:
    stage: str = post(browser, "", email=email_of(who), password=PASSWORD).json()["stage"]
    return stage


def enrolled(browser: TestClient, key: Passkey, who: str = "national") -> list[str]:
    assert password(browser, who) == "enrol"
    answer = post(browser, "/passkey/made", credential=key.make(post(browser, "/passkey/options").json()))
    assert answer.status_code == 201, answer.text
    codes: list[str] = answer.json()["recovery_codes"]
    return codes


def inside(browser: TestClient) -> bool:
    return browser.get(f"{PREFIX}/studies").status_code == 200


def test_a_passkey_is_made_at_the_first_sign_in_and_used_at_the_next(browser: TestClient) -> None:
    key = passkey()
    codes = enrolled(browser, key)
    assert len(codes) == 10
    assert inside(browser)
    for _ in range(2):
        assert password(browser) == "due"
        assert not inside(browser)
        answer = post(browser, "/passkey", credential=key.use(post(browser, "/passkey/options").json()))
        assert (answer.status_code, answer.json()["stage"]) == (201, "full")
        assert inside(browser)
    assert password(browser) == "due"
    assert post(browser, "/code", code=codes[0]).status_code == 201  # for the day the key is lost


def test_a_passkey_opens_while_others_who_know_the_password_guess_codes(browser: TestClient, door: House) -> None:
    key = passkey()
    enrolled(browser, key)
    for number in range(30):
        door.show(door.password_only("national", address=f"198.51.100.{number}"), f"{number:06d}", address=f"198.51.100.{number}")
    browser.cookies.clear()  # another computer
    assert password(browser) == "due"
    assert post(browser, "/code", code="000000").status_code == 429
    assert post(browser, "/passkey", credential=key.use(post(browser, "/passkey/options").json())).status_code == 201
    assert inside(browser)


@pytest.mark.parametrize("lie", [{"says_origin": "https://ncvr.example.rival.example"}, {"says_site": "rival.example"}], ids=str)
def test_a_passkey_of_another_site_is_neither_made_nor_used_here(browser: TestClient, lie: dict[str, str]) -> None:
    assert password(browser) == "enrol"
    liar = passkey(**lie)
    assert post(browser, "/passkey/made", credential=liar.make(post(browser, "/passkey/options").json())).status_code == 401
    key = passkey()
    enrolled(browser, key)
    assert password(browser) == "due"
    phished = passkey(key=key.key, credential=key.credential, count=key.count, **lie)
    assert post(browser, "/passkey", credential=phished.use(post(browser, "/passkey/options").json())).status_code == 401
    assert not inside(browser)


def test_a_signature_is_good_for_one_challenge_of_one_session(browser: TestClient) -> None:
    key = passkey()
    enrolled(browser, key)
    assert password(browser) == "due"
    options = post(browser, "/passkey/options").json()
    signed = key.use(options)
    assert post(browser, "/passkey", credential=signed).status_code == 201
    assert password(browser) == "due"
    assert post(browser, "/passkey", credential=signed).status_code == 401  # no challenge was asked for
    post(browser, "/passkey/options")
    assert post(browser, "/passkey", credential=signed).status_code == 401  # it was another one
    assert post(browser, "/passkey", credential=key.use(options)).status_code == 401
    assert not inside(browser)


def test_a_challenge_is_good_for_one_answer_right_or_wrong(browser: TestClient) -> None:
    key = passkey()
    enrolled(browser, key)
    assert password(browser) == "due"
    options = post(browser, "/passkey/options").json()
    assert post(browser, "/passkey", credential=passkey(credential=key.credential).use(options)).status_code == 401
    assert post(browser, "/passkey", credential=key.use(options)).status_code == 401
    assert post(browser, "/passkey", credential=key.use(post(browser, "/passkey/options").json())).status_code == 201


def test_the_key_of_somebody_else_opens_nothing(browser: TestClient) -> None:
    mine, other = passkey(), passkey()
    enrolled(browser, mine)
    enrolled(browser, other, "auditor")
    assert password(browser) == "due"
    assert post(browser, "/passkey", credential=other.use(post(browser, "/passkey/options").json())).status_code == 401
    forged = passkey(credential=mine.credential, count=9)  # the right name, another key
    assert post(browser, "/passkey", credential=forged.use(post(browser, "/passkey/options").json())).status_code == 401
    assert not inside(browser)


def test_a_copy_of_a_key_that_counts_is_noticed(browser: TestClient) -> None:
    key = passkey()
    enrolled(browser, key)
    copy = passkey(key=key.key, credential=key.credential)
    for _ in range(3):
        assert password(browser) == "due"
        assert post(browser, "/passkey", credential=key.use(post(browser, "/passkey/options").json())).status_code == 201
    assert password(browser) == "due"
    assert post(browser, "/passkey", credential=copy.use(post(browser, "/passkey/options").json())).status_code == 401


def test_a_new_passkey_cannot_stand_in_for_the_factor_that_is_due(browser: TestClient) -> None:
    enrolled(browser, passkey())
    assert password(browser) == "due"
    assert post(browser, "/passkey/made", credential=passkey().make(post(browser, "/passkey/options").json())).status_code == 401
    assert not inside(browser)


@pytest.mark.parametrize(
    "credential", [{}, {"id": "x"}, {"id": 1, "response": None}, {"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}], ids=str
)
def test_what_is_no_passkey_is_refused(browser: TestClient, credential: dict[str, Any]) -> None:
    assert password(browser) == "enrol"
    post(browser, "/passkey/options")
    assert post(browser, "/passkey/made", credential=credential).status_code == 401
    assert post(browser, "/passkey", credential=credential).status_code == 401
