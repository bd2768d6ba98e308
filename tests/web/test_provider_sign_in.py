"""Signing in with a real identity provider, and the twelve attacks on it (R24). Each is an answer that would let in, but for one thing."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest
from starlette.testclient import TestClient

from ncvr.domain.identity_provider import CALLBACK
from ncvr.domain.signing_in import WAITING_LONGEST
from ncvr.services.identity import OPERATOR
from ncvr.services.own_account import block
from ncvr.services.provider_sign_in import unlink
from ncvr.web.app import PREFIX, create_app
from ncvr.web.recognising import DEVICE_COOKIE, SESSION_COOKIE, TICKET_COOKIE
from tests.accounts import email_of, house
from tests.identity_providers import ACCOUNTS, CLIENT, HERE, Provider, running_provider
from tests.offices import Town

START = f"{PREFIX}/session/oidc"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with running_provider(tmp_path_factory.mktemp("provider")) as provider:
        yield provider


@dataclass
class Doors:
    """A service that knows the provider, and browsers in front of it."""

    town: Town
    provider: Provider
    apps: dict[str, Any] = field(default_factory=dict)

    def browser(self, base_url: str = HERE, **changed: Any) -> TestClient:
        app = self.apps.get(str(changed)) or create_app(replace(self.town.office, provider=self.provider.known(**changed)))
        self.apps[str(changed)] = app
        return TestClient(app, base_url=base_url, headers={"Sec-Fetch-Site": "none"}, follow_redirects=False, raise_server_exceptions=False)

    def switch_second_factor_off(self, who: str) -> None:
        house(self.town).switch(self.town.people[who].organisation, False)

    def now(self) -> int:
        return int(self.town.clock.moment.timestamp())


@pytest.fixture
def doors(here: Town, running: Provider) -> Doors:
    running.alter()
    here.clock.moment = datetime.now(UTC)
    made = Doors(here, running)
    made.switch_second_factor_off("company")
    return made


def sent(browser: TestClient, path: str = START) -> str:
    """Where the service sends the browser to sign in."""
    answer = browser.get(path)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def answered(doors: Doors, browser: TestClient, account: str = "company") -> str:
    """The address that the provider sends the browser back to."""
    return doors.provider.signed_in(sent(browser), account)


def come_back(browser: TestClient, address: str, **changed: str | None) -> Any:
    """Back at the service, with the answer as it is or with some of it changed (None: left out)."""
    parts = urlsplit(address)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == HERE + CALLBACK
    words = {name: values[0] for name, values in parse_qs(parts.query).items()} | changed
    return browser.get(f"{parts.path}?{urlencode({name: value for name, value in words.items() if value is not None})}")


def refused(browser: TestClient, answer: Any, says: str = "") -> None:
    """The answer is a refusal, and nobody is in."""
    assert answer.status_code == 401, (answer.status_code, answer.text, answer.headers)
    assert answer.json()["type"] == "urn:ncvr:problem:not-signed-in"
    assert says in answer.text
    assert SESSION_COOKIE not in browser.cookies
    assert browser.get(f"{PREFIX}/session").status_code == 401


def silent(browser: TestClient, answer: Any) -> None:
    """The provider cannot be asked, which is said, and nobody is in."""
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:ncvr:problem:provider-silent"), answer.text
    assert answer.json()["findings"][0]["remedy"] == "Try again in a minute, or sign in with your password"
    assert SESSION_COOKIE not in browser.cookies
    assert browser.get(f"{PREFIX}/session").status_code == 401


def let_in(browser: TestClient, answer: Any, organisation: str = "ACME") -> None:
    assert answer.status_code == 303, answer.text
    assert browser.get(f"{PREFIX}/session").json()["organisation"] == organisation


def with_a_lie(doors: Doors, **how: Any) -> tuple[TestClient, Any]:
    """Somebody signs in while the provider says something else than it should."""
    browser = doors.browser()
    address = answered(doors, browser)
    doors.provider.alter(**how)
    return browser, come_back(browser, address)


def test_somebody_known_signs_in_at_the_provider_and_is_in(doors: Doors) -> None:
    browser = doors.browser()
    assert browser.get(f"{PREFIX}/studies").status_code == 401
    answer = come_back(browser, answered(doors, browser))
    let_in(browser, answer)
    assert answer.headers["location"] == "/"
    assert {SESSION_COOKIE, DEVICE_COOKIE} <= set(browser.cookies)
    assert TICKET_COOKIE not in browser.cookies
    assert browser.get(f"{PREFIX}/studies").status_code == 200
    assert browser.delete(f"{PREFIX}/session").status_code == 204


def test_the_ledger_says_that_somebody_was_linked_and_not_whom_the_provider_means(doors: Doors) -> None:
    for _ in range(2):
        browser = doors.browser()
        let_in(browser, come_back(browser, answered(doors, browser)))
    with doors.town.store.reading() as connection:
        rows = connection.exec_driver_sql("SELECT operation, new FROM ledger WHERE operation IN ('identity.link', 'session.open') ORDER BY number").all()
    assert [tuple(row) for row in rows] == [
        ("identity.link", doors.provider.issuer), ("session.open", "identity provider"), ("session.open", "identity provider"),
    ]  # fmt: skip


def test_an_address_that_changes_at_the_provider_stays_the_same_person(doors: Doors) -> None:
    browser = doors.browser()
    let_in(browser, come_back(browser, answered(doors, browser)))
    browser, answer = with_a_lie(doors, claims={"email": "married@example.org", "email_verified": False})
    let_in(browser, answer)


def test_an_address_told_apart_from_what_is_signed_is_enough(here: Town, tmp_path: Any) -> None:
    here.clock.moment = datetime.now(UTC)
    with running_provider(tmp_path, claims_in_userinfo=True) as provider:
        doors = Doors(here, provider)
        doors.switch_second_factor_off("company")
        browser = doors.browser()
        let_in(browser, come_back(browser, answered(doors, browser)))
        liar = doors.browser()
        address = answered(doors, liar, "stranger")
        provider.alter(userinfo=ACCOUNTS["rival"].claims() | {"sub": "rival"})
        refused(liar, come_back(liar, address), "has verified your email address")  # told of somebody else than was signed


# The twelve attacks.


def test_attack_1_state_an_answer_of_another_browser_lets_nobody_in(doors: Doors) -> None:
    victim, attacker = doors.browser(), doors.browser()
    theirs = answered(doors, attacker, "rival")
    sent(victim)
    refused(victim, come_back(victim, theirs), "not the answer to a sign-in of this browser")
    refused(victim, come_back(victim, theirs, state="0" * 64))
    refused(victim, come_back(victim, theirs, state=None))
    nobody = doors.browser()  # one that never started
    refused(nobody, come_back(nobody, theirs))


def test_attack_2_nonce_what_was_signed_for_another_sign_in_lets_nobody_in(doors: Doors) -> None:
    for lie in ({"claims": {"nonce": "of-another-sign-in"}}, {"without": ["nonce"]}):
        refused(*with_a_lie(doors, **lie), "not accepted here")


def test_attack_3_pkce_a_stolen_code_is_worth_nothing_in_another_browser(doors: Doors) -> None:
    asked = parse_qs(urlsplit(sent(doors.browser())).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["code_challenge"][0]) == 43
    victim, thief = doors.browser(), doors.browser()
    stolen = parse_qs(urlsplit(answered(doors, victim)).query)["code"][0]
    refused(thief, come_back(thief, answered(doors, thief, "rival"), code=stolen), "does not accept this sign-in")


def test_attack_4_issuer_what_another_provider_signed_lets_nobody_in(doors: Doors) -> None:
    for lie in ({"claims": {"iss": "https://login.rival.example"}}, {"claims": {"iss": doors.provider.issuer + "/"}}, {"without": ["iss"]}):
        refused(*with_a_lie(doors, **lie), "not accepted here")
    doors.apps.clear()
    doors.provider.alter(description={"issuer": "https://login.rival.example"})
    browser = doors.browser()
    silent(browser, browser.get(START))


def test_attack_5_audience_what_was_signed_for_another_service_lets_nobody_in(doors: Doors) -> None:
    for audience in ("another", ["another"], [CLIENT, "another"], []):
        refused(*with_a_lie(doors, claims={"aud": audience}), "not accepted here")
    for claims in ({"azp": "another"}, {"aud": "another", "azp": CLIENT}):
        refused(*with_a_lie(doors, claims=claims), "not accepted here")


@pytest.mark.parametrize("by", ["nobody", "a shared secret", "the client secret", "a stranger"])
def test_attack_6_algorithm_only_the_providers_own_signature_lets_anybody_in(doors: Doors, by: str) -> None:
    refused(*with_a_lie(doors, signs=by), "not accepted here")


def test_attack_7_expiry_what_was_signed_too_long_ago_or_not_yet_lets_nobody_in(doors: Doors) -> None:
    for claims in ({"exp": doors.now() - 3600}, {"iat": doors.now() + 3600}, {"nbf": doors.now() + 3600}):
        refused(*with_a_lie(doors, claims=claims), "not accepted here")
    for name in ("exp", "iat"):
        refused(*with_a_lie(doors, without=[name]), "not accepted here")


def test_attack_7_expiry_a_sign_in_must_come_back_within_minutes(doors: Doors) -> None:
    browser = doors.browser()
    address = answered(doors, browser)
    doors.town.clock.moment += WAITING_LONGEST + timedelta(seconds=5)
    refused(browser, come_back(browser, address), "you waited too long")


def test_attack_8_replay_an_answer_is_good_once_whoever_comes_with_it(doors: Doors) -> None:
    browser = doors.browser()
    address, ticket = answered(doors, browser), browser.cookies[TICKET_COOKIE]
    let_in(browser, come_back(browser, address))
    again = doors.browser()
    again.cookies.set(TICKET_COOKIE, ticket)
    refused(again, come_back(again, address), "it was used")
    # nor with a fresh code of the provider: the ticket is over
    fresh = doors.provider.signed_in(sent(doors.browser()), "company")
    code = parse_qs(urlsplit(fresh).query)["code"][0]
    refused(again, come_back(again, address, code=code), "it was used")


def test_attack_8_replay_the_provider_refuses_a_used_code_too(doors: Doors) -> None:
    first, second = doors.browser(), doors.browser()
    address = answered(doors, first)
    let_in(first, come_back(first, address))
    used = parse_qs(urlsplit(address).query)["code"][0]
    refused(second, come_back(second, answered(doors, second), code=used), "does not accept this sign-in")


def test_attack_9_mix_up_an_answer_of_another_provider_lets_nobody_in(doors: Doors) -> None:
    for issuer in ("https://login.rival.example", doors.provider.issuer + "/", None):
        browser = doors.browser()
        refused(browser, come_back(browser, answered(doors, browser), iss=issuer), "comes from another provider")


def test_attack_10_unverified_an_address_that_nobody_verified_lets_nobody_in(doors: Doors) -> None:
    for account in ("unverified", "verified-in-words"):
        browser = doors.browser()
        refused(browser, come_back(browser, answered(doors, browser, account)), "has verified your email address")
    refused(*with_a_lie(doors, without=["email_verified"]), "has verified your email address")


def test_attack_11_rotation_a_withdrawn_key_signs_nothing_more_and_a_new_one_is_believed(doors: Doors) -> None:
    before = doors.browser()
    let_in(before, come_back(before, answered(doors, before)))
    doors.provider.alter(rotate=True)
    after = TestClient(before.app, base_url=HERE, follow_redirects=False)
    let_in(after, come_back(after, answered(doors, after)))
    old = TestClient(before.app, base_url=HERE, follow_redirects=False)
    address = answered(doors, old)
    doors.provider.alter(signs="a withdrawn key")
    refused(old, come_back(old, address), "not accepted here")


@pytest.mark.parametrize(
    "then",
    ["https://rival.example/", "//rival.example/", "/\\rival.example", "/\t/rival.example"],
)
def test_attack_12_open_redirect_nobody_is_sent_on_to_another_site(doors: Doors, then: str) -> None:
    browser = doors.browser()
    address = doors.provider.signed_in(sent(browser, f"{START}?{urlencode({'then': then})}"), "company")
    answer = come_back(browser, address)
    let_in(browser, answer)
    assert answer.headers["location"] == "/"


def test_attack_12_open_redirect_the_provider_sends_nobody_elsewhere_whatever_a_request_claims(doors: Doors) -> None:
    for browser in (doors.browser("https://ncvr.rival.example"), doors.browser("http://ncvr.example")):
        asked = parse_qs(urlsplit(sent(browser, f"{START}?redirect_uri=https://rival.example{CALLBACK}")).query)
        assert asked["redirect_uri"] == [HERE + CALLBACK]
    address = sent(doors.browser()).replace("ncvr.example", "rival.example")
    assert httpx2.get(address, verify=False).status_code == 400


# What else is to be kept.


def test_a_person_is_brought_to_the_page_they_wanted(doors: Doors) -> None:
    browser = doors.browser()
    address = doors.provider.signed_in(sent(browser, f"{START}?{urlencode({'then': '/studies?q=leeds'})}"), "company")
    assert come_back(browser, address).headers["location"] == "/studies?q=leeds"


def test_a_page_to_go_to_is_not_changed_on_the_way(doors: Doors) -> None:
    browser = doors.browser()
    address = answered(doors, browser)
    chosen, issued, _ = browser.cookies[TICKET_COOKIE].split(".")
    browser.cookies.clear()
    browser.cookies.set(TICKET_COOKIE, f"{chosen}.{issued}.L3N0dWRpZXM=")
    refused(browser, come_back(browser, address))


@pytest.mark.parametrize("ticket", ["", ".", "..", "a.b.c", "a.1.c", "a.99999999999999999999.L3M=", "a.1.é", "a.١.L3M=", "x" * 5000])
def test_a_ticket_that_is_none_is_refused(doors: Doors, ticket: str) -> None:
    browser = doors.browser()
    answer = browser.get(f"{PREFIX}/session/oidc/callback?state=x&code=y", headers={b"Cookie": f"{TICKET_COOKIE}={ticket}".encode()})
    refused(browser, answer)


def test_nobody_is_made_by_signing_in(doors: Doors) -> None:
    browser = doors.browser()
    refused(browser, come_back(browser, answered(doors, browser, "stranger")), "nobody is known here under this address")


def test_the_provider_names_nobody_of_another_organisations_address(doors: Doors) -> None:
    browser = doors.browser()
    refused(browser, come_back(browser, answered(doors, browser, "elsewhere")), "may not name people with your email address")
    known = doors.browser()
    let_in(known, come_back(known, answered(doors, known)))
    narrowed = doors.browser(domains=("trust.example",))  # linked before, and not spoken for any more
    refused(narrowed, come_back(narrowed, answered(doors, narrowed)), "may not name people with your email address")


def test_another_account_of_the_provider_with_the_same_address_does_not_take_over(doors: Doors) -> None:
    browser = doors.browser()
    let_in(browser, come_back(browser, answered(doors, browser)))
    again = doors.browser()
    refused(again, come_back(again, answered(doors, again, "impostor")), "somebody else at the provider is this person")
    with doors.town.office.act(OPERATOR, "unlink") as act:
        assert unlink(act, email_of("company")) == 1
    anew = doors.browser()
    let_in(anew, come_back(anew, answered(doors, anew, "impostor")))


def test_who_is_blocked_stays_out(doors: Doors) -> None:
    browser = doors.browser()
    let_in(browser, come_back(browser, answered(doors, browser)))
    with doors.town.office.act(OPERATOR, "block") as act:
        block(act, email_of("company"))
    assert browser.get(f"{PREFIX}/session").status_code == 401
    again = doors.browser()
    refused(again, come_back(again, answered(doors, again)), "nobody is known here")


def stage_after(doors: Doors, who: str, claims: dict[str, Any], **changed: Any) -> str:
    """Where somebody stands after signing in at a provider that says this of how they did."""
    browser = doors.browser(**changed)
    address = answered(doors, browser, who)
    doors.provider.alter(**({"claims": claims} if claims else {}))
    answer = come_back(browser, address)
    assert answer.status_code == 303, answer.text
    inside = browser.get(f"{PREFIX}/studies").status_code == 200
    assert inside == (answer.headers["location"] == "/")
    return "full" if inside else str(answer.headers["location"])


def test_a_national_administrator_shows_a_second_factor_of_ours_unless_the_providers_is_trusted(doors: Doors) -> None:
    waits = "/sign-in/second-factor?then=%2F"
    with_two = {"acr": "two-factors", "amr": ["pwd", "otp"]}
    assert stage_after(doors, "national", {}) == waits
    assert stage_after(doors, "national", with_two) == waits  # said, but not trusted here
    assert stage_after(doors, "national", with_two, trusted_second_factor={"acr": ["two-factors"]}) == "full"
    assert stage_after(doors, "national", with_two, trusted_second_factor={"amr": ["otp", "hwk"]}) == "full"
    for said in ({"acr": "one"}, {"amr": ["pwd"]}, {"amr": "otp"}, {}):
        if said.get("amr") != "otp":  # not a list: the whole answer is refused
            assert stage_after(doors, "national", said, trusted_second_factor={"acr": ["two-factors"], "amr": ["otp"]}) == waits


def test_a_second_factor_is_asked_for_as_after_a_password(doors: Doors) -> None:
    door = house(doors.town)
    assert stage_after(doors, "rival", {}) == "/sign-in/second-factor?then=%2F"  # the organisation asks for one
    door.switch("RIVAL", False)
    assert stage_after(doors, "rival", {}) == "full"
    door.give_password("national")
    door.enrol("national")
    browser = doors.browser()
    assert come_back(browser, answered(doors, browser, "national")).headers["location"] == "/sign-in/code?then=%2F"
    doors.town.clock.moment += timedelta(minutes=1)
    answer = browser.post(f"{PREFIX}/session/code", json={"code": door.code("national")}, headers={"Sec-Fetch-Site": "same-origin"})
    assert (answer.status_code, answer.json()["stage"]) == (201, "full")


def test_whoever_was_here_before_is_signed_out(doors: Doors) -> None:
    doors.switch_second_factor_off("rival")
    browser = doors.browser()
    let_in(browser, come_back(browser, answered(doors, browser)))
    first = browser.cookies[SESSION_COOKIE]
    let_in(browser, come_back(browser, answered(doors, browser, "rival")), "RIVAL")
    browser.cookies.clear()
    assert browser.get(f"{PREFIX}/session", headers={"Cookie": f"{SESSION_COOKIE}={first}"}).status_code == 401


def test_who_says_no_at_the_provider_is_told_so(doors: Doors) -> None:
    browser = doors.browser()
    address = answered(doors, browser)
    refused(browser, come_back(browser, address, code=None, error="access_denied"), "it did not let you in")


def test_a_provider_that_does_not_answer_is_said_and_nothing_of_our_insides(doors: Doors) -> None:
    gone = doors.browser(issuer="http://127.0.0.1:9")
    silent(gone, gone.get(START))
    without_secret = doors.browser(client_secret_file="not-there")
    answer = without_secret.get(START)
    silent(without_secret, answer)
    assert "not-there" not in answer.text
    assert str(doors.provider.folder) not in answer.text


def test_a_wrong_secret_is_refused_by_the_provider(doors: Doors) -> None:
    secret = doors.provider.folder / "wrong-secret"
    secret.write_text("wrong")
    secret.chmod(0o600)
    browser = doors.browser(client_secret_file=secret.name)
    refused(browser, come_back(browser, answered(doors, browser)), "does not accept this sign-in")


def test_addresses_of_the_provider_that_are_not_safe_are_not_used(doors: Doors) -> None:
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        doors.apps.clear()
        doors.provider.alter(description={name: "http://login.rival.example/"})
        browser = doors.browser()
        silent(browser, browser.get(START))


def test_without_a_provider_both_addresses_say_so(here: Town) -> None:
    browser = TestClient(create_app(here.office), base_url=HERE)
    for path in (START, f"{PREFIX}/session/oidc/callback"):
        answer = browser.get(path)
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:ncvr:problem:no-provider")


def test_people_are_told_on_a_page_and_the_door_leads_to_the_provider(doors: Doors) -> None:
    browser = doors.browser()
    door = browser.get("/sign-in?then=/studies?q=leeds")
    assert "Sign in with Example login" in door.text
    assert 'href="/api/v1/session/oidc?then=%2Fstudies%3Fq%3Dleeds"' in door.text
    assert "Sign in with Example" not in TestClient(create_app(doors.town.office), base_url=HERE).get("/sign-in").text
    told = browser.get(f"{START}/callback?state=x", headers={"Accept": "text/html"})
    assert (told.status_code, told.headers["content-type"]) == (401, "text/html; charset=utf-8")
    assert "not the answer to a sign-in of this browser" in told.text
