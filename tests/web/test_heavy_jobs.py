"""One heavy job at a time for each person, and nobody waits for another's."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from ncvr.domain.verdict import cannot_tell
from ncvr.web.app import ROUTES
from ncvr.web.heavy_jobs import HeavyJobs, is_heavy
from tests.web.visiting import Web

VERIFY = "/api/v1/contracts/verify"


class Slow:
    """Checks of contracts that take as long as the test likes."""

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Semaphore(0), threading.Event()

    def __call__(self, *_: Any) -> Any:
        self.begun.release()
        assert self.go_on.wait(30)
        return cannot_tell("nothing was looked at")


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    made = Slow()
    monkeypatch.setattr("ncvr.services.site_contracts.verify_document", made)
    yield made
    made.go_on.set()


def check(api: Web, who: str) -> Any:
    return api.client.post(VERIFY, content=b"PK", headers={"Authorization": f"Bearer {api.town.tokens[who]}"})


def test_a_second_heavy_job_waits_for_the_first_of_the_same_person_only(api: Web, slow: Slow) -> None:
    with ThreadPoolExecutor(4) as pool:
        first: Future[Any] = pool.submit(check, api, "company")
        assert slow.begun.acquire(timeout=30)
        refused = check(api, "company")
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "5")
        assert "still under way" in refused.text
        other = pool.submit(check, api, "rival")
        assert slow.begun.acquire(timeout=30)
        assert api.as_("company").ask("GET", "/studies").status_code == 200  # light work goes on
        slow.go_on.set()
        assert (first.result().status_code, other.result().status_code) == (200, 200)
    assert check(api, "company").status_code == 200


def test_a_job_that_fails_gives_its_place_back(api: Web) -> None:
    company = api.as_("company")
    for _ in range(3):
        assert company.ask("GET", "/studies/1004567/contracts.zip").status_code == 404
        assert company.ask("GET", "/ledger/verify").status_code == 403


def test_a_stranger_takes_nobodys_place(api: Web) -> None:
    assert api.client.post(VERIFY, content=b"PK").status_code == 401


def test_the_heavy_routes_are_those_that_make_or_check_documents() -> None:
    heavy = {f"{route.method} {route.path}" for route in ROUTES if is_heavy(route.method, route.path)}
    assert heavy >= {"GET /studies/{iras_id}/contracts.zip", "POST /contracts/verify", "GET /ledger/verify", "POST /tariffs/{edition}/reprice"}
    assert len(heavy) <= 6


def shares(api: Web, **of: int) -> None:
    """From now on with these shares of an hour."""
    app: Any = api.client.app
    app.state.heavy_jobs = HeavyJobs(**of)


def test_a_persons_share_of_an_hour_is_used_up_for_that_person_and_comes_back(api: Web) -> None:
    shares(api, a_persons=3)
    assert [check(api, "company").status_code for _ in range(3)] == [200] * 3
    refused = check(api, "company")
    assert (refused.status_code, refused.json()["type"]) == (429, "urn:ncvr:problem:quota")
    assert 3590 < int(refused.headers["retry-after"]) <= 3600
    assert api.as_("company").ask("GET", "/studies").status_code == 200  # light work goes on
    assert check(api, "rival").status_code == 200
    api.town.clock.moment += timedelta(minutes=61)
    assert check(api, "company").status_code == 200


def test_an_organisations_share_is_that_of_all_its_people(api: Web) -> None:
    shares(api, an_organisations=2)
    assert [check(api, who).status_code for who in ("site_rgt", "reviewer", "site_rgt", "reviewer")] == [200, 200, 429, 429]
    assert check(api, "site_ra9").status_code == 200


def test_a_refused_job_uses_nothing_up(api: Web) -> None:
    shares(api, a_persons=1)
    assert check(api, "company").status_code == 200
    waits = []
    for _ in range(3):
        api.town.clock.moment += timedelta(minutes=10)
        waits.append(int(check(api, "company").headers["retry-after"]) // 60)
    assert waits == sorted(waits, reverse=True)
    api.town.clock.moment += timedelta(minutes=31)
    assert check(api, "company").status_code == 200
