"""Nobody asks so often that it is a script gone wild: who does is told to wait, nobody else is, and it passes."""

from dataclasses import dataclass
from typing import Any

import pytest
from starlette.testclient import TestClient

from ncvr import settings
from ncvr.errors import InputError
from ncvr.services.access_journal import AccessJournal
from ncvr.web.app import create_app
from ncvr.web.paces import Paces
from tests.offices import IRAS
from tests.web.visiting import Web


@dataclass
class Seconds:
    """A clock that is set by hand."""

    now: int = 1000

    def __call__(self) -> int:
        return self.now * 10**9


@pytest.fixture
def seconds(api: Web) -> Seconds:
    """The API with three requests a minute for each person, by this clock."""
    made = Seconds()
    app: Any = api.client.app
    app.state.paces = Paces(3, made)
    return made


def statuses(api: Web, who: str, times: int) -> list[int]:
    return [api.as_(who).ask("GET", "/studies").status_code for _ in range(times)]


def test_who_asks_more_than_the_minutes_share_waits_and_nobody_else(api: Web, seconds: Seconds) -> None:
    assert statuses(api, "company", 4) == [200, 200, 200, 429]
    assert statuses(api, "rival", 3) == [200] * 3
    seconds.now += 42
    refused = api.as_("company").ask("GET", "/studies")
    assert (refused.status_code, refused.headers["retry-after"], refused.json()["type"]) == (429, "18", "urn:ncvr:problem:pace")
    assert "Go on in 18 seconds" in refused.text
    seconds.now += 18
    assert statuses(api, "company", 4) == [200, 200, 200, 429]


def test_a_request_counts_once_whatever_it_does(api: Web, seconds: Seconds) -> None:
    company = api.as_("company")
    headers = {"Authorization": f"Bearer {company.token}"}
    assert company.ask("GET", f"/studies/{IRAS}").status_code == 404  # recognised within the look
    assert api.client.get("/studies", headers=headers).status_code == 200  # a page, with its frame
    assert company.ask("POST", "/studies", {}).status_code == 422
    page = api.client.get("/", headers=headers)
    assert page.status_code == 429
    assert "Wait a moment" in page.text


def test_it_holds_for_every_page_and_route_and_is_kept_with_who_it_was(api: Web, seconds: Seconds) -> None:
    statuses(api, "company", 3)
    for method, path in (("GET", f"/studies/{IRAS}/sites/RA9/price"), ("GET", "/tariffs"), ("POST", "/studies"), ("GET", "/ledger/head")):
        assert api.as_("company").ask(method, path).status_code == 429, path
    app: Any = api.client.app
    journal: AccessJournal = app.state.journal
    journal.write()
    rows = api.as_("auditor").get("/accesses", params={"outcome": "refused"})["items"]
    assert {row["actor"] for row in rows if row["status"] == 429} == {api.town.people["company"].actor}


def test_what_needs_nobody_is_not_counted(api: Web, seconds: Seconds) -> None:
    assert [api.client.get(path).status_code for path in ("/healthz", "/openapi.json", "/sign-in") for _ in range(4)] == [200] * 12


def test_a_whole_day_of_ordinary_work_is_far_below_it(api: Web) -> None:
    assert statuses(api, "company", 100) == [200] * 100


@pytest.mark.parametrize("given", ["0", "-1", "many", "1000000", "1.5", ""])
def test_a_share_that_is_no_number_is_refused(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NCVR_REQUESTS_A_MINUTE", given)
    with pytest.raises(InputError, match="is no number of requests"):
        settings.requests_a_minute()


def test_the_share_is_set_where_it_is_run(api: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.requests_a_minute() == 6000
    monkeypatch.setenv("NCVR_REQUESTS_A_MINUTE", "2")
    other = Web(api.town, TestClient(create_app(api.town.office)))
    assert statuses(other, "company", 3) == [200, 200, 429]
