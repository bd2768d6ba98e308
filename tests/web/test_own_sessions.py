"""People see where they are signed in and sign out what they choose: their own only, soon after they signed in themselves."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from lxml import html
from starlette.testclient import TestClient

from ncvr.domain.signing_in import SESSION_IDLE, WAITING_LONGEST
from ncvr.store import ledger_entries
from ncvr.web.app import PREFIX, create_app
from ncvr.web.recognising import SESSION_COOKIE
from tests.accounts import PASSWORD, House, email_of, house
from tests.offices import Town

HERE = "https://ncvr.example"
SESSIONS = f"{PREFIX}/sessions"


@pytest.fixture
def door(both: Town) -> House:
    made = house(both)
    for who in ("company", "rival"):
        made.switch(made.town.people[who].organisation, False)
        made.give_password(who)
    return made


@pytest.fixture
def browsers(door: House) -> Iterator[list[TestClient]]:
    """Three browsers."""
    app = create_app(door.town.office)
    headers = {"Origin": HERE, "Sec-Fetch-Site": "same-origin"}
    made = [TestClient(app, base_url=HERE, headers=headers) for _ in range(3)]
    yield made
    for each in made:
        each.close()


def sign_in(browser: TestClient, who: str = "company") -> None:
    assert browser.post(f"{PREFIX}/session", json={"email": email_of(who), "password": PASSWORD}).status_code == 201


def listed(browser: TestClient) -> list[dict[str, Any]]:
    answer = browser.get(SESSIONS)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def is_in(browser: TestClient) -> bool:
    return browser.get(f"{PREFIX}/session").status_code == 200


def read(browser: TestClient) -> Any:
    found: Any = html.fromstring(browser.get("/sessions").text).xpath("//main")
    return found[0]


def test_one_sees_every_open_session_of_ones_own_and_which_one_is_this(browsers: list[TestClient], door: House) -> None:
    first, second, other = browsers
    sign_in(first)
    door.town.clock.moment += timedelta(minutes=5)
    sign_in(second)
    sign_in(other, "rival")
    seen = listed(second)
    assert [each["current"] for each in seen] == [True, False]
    assert seen[1]["opened_at"] < seen[0]["opened_at"]
    assert [each["current"] for each in listed(first)].count(True) == 1
    assert len(listed(other)) == 1
    assert first.cookies[SESSION_COOKIE] not in second.get(SESSIONS).text


def test_one_of_them_is_signed_out_at_once_and_the_record_has_it(browsers: list[TestClient], door: House) -> None:
    first, second, _ = browsers
    sign_in(first)
    sign_in(second)
    theirs = next(each["id"] for each in listed(second) if not each["current"])
    assert second.delete(f"{SESSIONS}/{theirs}").status_code == 204
    assert (is_in(first), is_in(second)) == (False, True)
    assert second.delete(f"{SESSIONS}/{theirs}").status_code == 404
    with door.town.store.reading() as connection:
        *_, last = ledger_entries.entries(connection)
    assert (last.operation, last.object, last.new) == ("session.end", f"person/{door.town.people['company'].actor}", "signed out elsewhere")


def test_all_others_are_signed_out_and_nobody_elses(browsers: list[TestClient]) -> None:
    first, second, other = browsers
    sign_in(first)
    sign_in(second)
    sign_in(other, "rival")
    assert second.delete(SESSIONS).status_code == 204
    assert (is_in(first), is_in(second), is_in(other)) == (False, True, True)
    assert len(listed(second)) == 1


def test_nobody_ends_a_session_of_somebody_else(browsers: list[TestClient]) -> None:
    first, _, other = browsers
    sign_in(first)
    sign_in(other, "rival")
    assert other.delete(f"{SESSIONS}/{listed(first)[0]['id']}").status_code == 404
    assert is_in(first)


def test_who_signed_in_a_while_ago_sees_them_and_ends_none(browsers: list[TestClient], door: House) -> None:
    first, second, _ = browsers
    sign_in(first)
    sign_in(second)
    theirs = next(each["id"] for each in listed(second) if not each["current"])
    door.town.clock.moment += WAITING_LONGEST
    assert second.delete(f"{SESSIONS}/{theirs}").status_code == second.delete(SESSIONS).status_code == 401
    assert len(listed(second)) == 2
    page = second.post("/sessions", data={"which": theirs, "step": "end"})
    assert page.status_code == 422
    assert "You signed in a while ago" in page.text
    assert read(second).xpath(".//a[@href='/sign-in?then=/sessions']")
    assert is_in(first)


def test_a_session_that_is_over_by_its_age_is_not_shown(browsers: list[TestClient], door: House) -> None:
    first, second, _ = browsers
    sign_in(first)
    door.town.clock.moment += SESSION_IDLE
    sign_in(second)
    assert len(listed(second)) == 1


def test_a_token_is_no_session_and_sees_none(browsers: list[TestClient], door: House) -> None:
    token = {"Authorization": f"Bearer {door.town.tokens['company']}"}
    sign_in(browsers[0])
    answers = [browsers[1].request(method, SESSIONS, headers=token) for method in ("GET", "DELETE")]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert is_in(browsers[0])


def test_the_page_says_what_it_does_before_it_does_it(browsers: list[TestClient]) -> None:
    first, second, third = browsers
    for each in browsers:
        sign_in(each)
    page = read(third)
    assert len(page.xpath(".//tbody/tr")) == 3
    assert page.xpath(".//tbody//strong")[0].text == "This one"
    which = page.xpath(".//input[@name='which']/@value")
    assert which[-1] == "others"
    check = third.post("/sessions", data={"which": which[0]})
    assert "What was typed there and not sent is lost" in check.text
    assert is_in(first)
    assert is_in(second)
    done = third.post("/sessions", data={"which": which[0], "step": "end"})
    assert "It is signed out" in done.text
    assert [is_in(first), is_in(second)].count(True) == 1
    again = third.post("/sessions", data={"which": which[0], "step": "end"})
    assert "This session is over already" in again.text
    third.post("/sessions", data={"which": "others", "step": "end"})
    assert [is_in(first), is_in(second), is_in(third)] == [False, False, True]
    assert "over already" in third.post("/sessions", data={"which": "others"}).text


def test_ones_own_session_is_not_ended_from_the_list(browsers: list[TestClient]) -> None:
    sign_in(browsers[0])
    (own,) = listed(browsers[0])
    assert "over already" in browsers[0].post("/sessions", data={"which": own["id"]}).text
    assert is_in(browsers[0])
