"""Adherence through the API: what happened is counted, who may see why, and what is published stays."""

import csv
import io

import pytest

from tests.offices import IRAS
from tests.services.walks import accepted
from tests.web.pages.reading import reader
from tests.web.visiting import Web

MAY = "month=2026-05&definition=observed-1"


def claimed(web: Web) -> str:
    """The company says that RA9, which accepted, asked for more."""
    accepted(web.town, "RGT")
    site = web.as_("site_ra9")
    site.do(f"/studies/{IRAS}/sites/RA9", "accept")
    told = {"kind": "higher_price_asked", "on": "2026-05-04", "iras_id": IRAS, "ods_code": "RA9", "concerns": "overhead"}
    record: str = web.as_("company").post("/adherence/records", told)["id"]
    return record


def test_the_indicator_follows_from_what_happened(agreed_api: Web) -> None:
    record = claimed(agreed_api)
    answer = agreed_api.as_("national").get(f"/adherence/indicator?{MAY}")
    (found,) = answer["indicators"]
    assert (answer["format"], found["accepted"], found["not_accepted"], found["display"]) == ("ncvr-adherence/1", ["RGT"], ["RA9"], "50%")
    assert {each["ods_code"]: each["decided_by"] for each in found["explained"]}["RA9"] == record
    assert found["follow_up"][0]["next_step"].startswith("Remind the trust")
    assert (answer["records"], answer["ledger_head"][:7]) == (5, "sha256:")


def test_a_company_and_a_trust_see_the_figures_and_not_what_stands_behind_others(agreed_api: Web) -> None:
    claimed(agreed_api)
    for who in ("company", "rival", "site_rk9", "network", "reviewer"):
        answer = agreed_api.as_(who).get(f"/adherence/indicator?{MAY}")
        (found,) = answer["indicators"]
        assert found["display"] == "50%"
        assert not {"explained", "by_sponsor", "follow_up"} & found.keys()
        assert not {"refusal_reasons", "records", "ledger_head"} & answer.keys()
        assert agreed_api.as_(who).ask("GET", f"/adherence/indicator.csv?{MAY}").status_code == 403


def test_a_trust_disputes_through_the_api_and_sees_its_own_records(agreed_api: Web) -> None:
    record = claimed(agreed_api)
    told = {"kind": "disputed", "on": "2026-05-04", "iras_id": IRAS, "ods_code": "RA9", "about": record}
    agreed_api.as_("site_ra9").post("/adherence/records", told)
    own = agreed_api.as_("site_ra9").get("/adherence/records")["items"]
    assert [each["kind"] for each in own] == ["shared", "accepted", "higher_price_asked", "disputed"]
    assert agreed_api.as_("rival").get("/adherence/records")["items"] == []
    first = agreed_api.as_("national").get("/adherence/records?limit=2")
    second = agreed_api.as_("national").get(f"/adherence/records?limit=200&cursor={first['next']}")
    assert len(first["items"]) + len(second["items"]) == 6
    found = agreed_api.as_("auditor").get(f"/adherence/indicator?{MAY}")["indicators"][0]
    assert {"ods_code": "RA9", "reason": "disputed", "age_days": 0} in found["excluded"]


@pytest.mark.parametrize("period", ["month=9999-12", "quarter=9999-Q4", "month=0000-01", "month=0001-01", "quarter=0000-Q1", "month=1999-12", "month=2200-01"])
def test_a_period_no_trial_was_priced_in_is_refused_in_words(agreed_api: Web, period: str) -> None:
    national = agreed_api.as_("national")
    for address in (f"/adherence/indicator?{period}&months=120", f"/adherence/indicator.csv?{period}", f"/adherence/chart.svg?definition=observed-1&{period}"):
        answer = national.ask("GET", address)
        assert answer.status_code == 422, answer.text
        assert [(each["place"], each["remedy"]) for each in answer.json()["findings"]] == [("period", "Name a period from 2000 to 2199")]
    asked = {"period": period.partition("=")[2]}
    assert national.ask("POST", "/adherence/publications", asked).status_code == 422
    page = reader(agreed_api, "national").see(f"/adherence?period={asked['period']}")
    assert "Name a period from 2000 to 2199" in page.text


@pytest.mark.parametrize("period", ["2000-01", "2199-12"])
def test_the_first_and_the_last_period_count_back_and_on(agreed_api: Web, period: str) -> None:
    for address in (f"indicator?month={period}&months=120", f"chart.svg?definition=observed-1&month={period}&months=120"):
        assert agreed_api.as_("national").ask("GET", f"/adherence/{address}").status_code == 200


def test_the_csv_tells_about_itself_and_the_chart_is_a_picture(agreed_api: Web) -> None:
    claimed(agreed_api)
    answer = agreed_api.as_("national").ask("GET", f"/adherence/indicator.csv?{MAY}")
    rows = list(csv.reader(io.StringIO(answer.text)))
    about = {row[0]: row[1] for row in rows if row[0].startswith("#")}
    assert about["# ledger head"] == agreed_api.as_("national").get("/ledger/head")["hash"]
    chart = agreed_api.as_("company").ask("GET", f"/adherence/chart.svg?{MAY}")
    assert chart.headers["content-type"].startswith("image/svg+xml")
    assert chart.text.startswith("<svg")


def test_a_publication_stays_as_it_was_printed(agreed_api: Web) -> None:
    claimed(agreed_api)
    agreed_api.town.clock.set("2026-06-03")
    national = agreed_api.as_("national")
    declared = {"ods_code": "RA9", "position": "accepts_in_full", "declared_on": "2026-05-20", "source": "letter"}
    national.post("/adherence/publications", {"period": "2026-05"})
    national.post("/adherence/positions", {"positions": [declared]})
    refused = national.ask("POST", "/adherence/publications", {"period": "2026-05"})
    assert (refused.status_code, "nothing changed" in refused.text) == (409, True)
    agreed_api.town.clock.set("2026-06-05")
    second = national.post("/adherence/publications", {"period": "2026-05"})
    published = agreed_api.as_("rival").get("/adherence/publications")["items"]
    assert [each["revision"] for each in published] == [1, 2]
    assert published[0]["report"]["indicators"][0]["accepted"] == []
    assert second["report"]["indicators"][0]["accepted"] == ["RA9"]


def test_a_period_that_cannot_be_is_said(agreed_api: Web) -> None:
    national = agreed_api.as_("national")
    for words in ("", "?month=2026-13", "?month=2026-05&quarter=2026-Q2", "?month=2026-05&definition=felt-1"):
        assert national.ask("GET", f"/adherence/indicator{words}").status_code == 422, words


def test_clocks_are_read_through_the_api(agreed_api: Web) -> None:
    agreed_api.as_("company").post(f"/studies/{IRAS}/events", {"kind": "regulatory_application", "on": "2026-05-01"})
    items = {item["clock"]: item for item in agreed_api.as_("company").get("/adherence/clocks")["items"]}
    assert items["regulatory"]["unfinished"] == [{"iras_id": IRAS, "days": 3}]
    assert items["lead-site-review"]["finished"] == 1
