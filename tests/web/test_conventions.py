"""What holds for every route: who is asking, on which revision, in which words problems come back."""

import json
import logging
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from ncvr.domain.permissions import GENERAL_OPERATIONS, OPEN, STUDY_OPERATIONS
from ncvr.store import ledger_entries
from ncvr.web.app import PREFIX, ROUTES
from ncvr.web.envelope import LARGEST_BODY
from ncvr.web.pages.site_map import PAGES
from ncvr.web.routing import Route
from tests.offices import IRAS, study_file
from tests.services.walks import at
from tests.web.visiting import Visitor, Web

REVIEW, SITES = f"/studies/{IRAS}/review", f"/studies/{IRAS}/sites"
WORDS = {
    "iras_id": IRAS,
    "ods": "RA9",
    "number": "1",
    "query_id": "none",
    "case_id": "none",
    "factor_id": "none",
    "session_id": "none",
    "edition": "2026-04-01-tiny",
}
ROUNDS = 200 if os.environ.get("NCVR_ASSURE") == "full" else 10
GUARDED = [route for route in ROUTES if route.permission not in OPEN]
CHANGEABLE = [route for route in ROUTES if route.method != "GET" and route.revision and route.status == 200]


def filled(path: str) -> str:
    return path.format(**WORDS)


def test_every_route_needs_a_permission_of_the_one_table_and_a_token(api: Web) -> None:
    for route in GUARDED:
        assert route.permission in STUDY_OPERATIONS or route.permission in GENERAL_OPERATIONS
        for token in ("", "ncvr_made_up"):
            answer = Visitor(api.client, token).ask(route.method, filled(route.path), {}, params={"from": "a", "to": "b"})
            assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json"), route


def test_every_permission_is_used_by_a_route() -> None:
    assert {route.permission for route in (*GUARDED, *PAGES)} - OPEN == set(STUDY_OPERATIONS) | set(GENERAL_OPERATIONS)


def test_what_one_may_not_see_answers_exactly_as_what_is_not_there(agreed_api: Web) -> None:
    routes = [route for route in ROUTES if "{iras_id}" in route.path]
    assert len(routes) > 40
    for route in routes:
        _hidden_is_absent(agreed_api.as_("rival"), route)


def _hidden_is_absent(rival: Visitor, route: Route) -> None:
    body = route.example if route.example is not None else {"kind": "site_open", "on": "2026-05-01"} if "events" in route.path else {}
    if route.path in ("/studies/{iras_id}/review",):
        body = study_file()
    words = {"If-Match": '"r1"', "X-Correlation-ID": "same"}
    answers = [
        rival.ask(route.method, route.path.format(**WORDS | {"iras_id": number}), body, words, params={"from": "1", "to": "1"}) for number in (IRAS, "9999999")
    ]
    assert [answer.status_code for answer in answers] == [404, 404], answers[0].text
    assert answers[0].text.replace(IRAS, "9999999") == answers[1].text
    assert dict(answers[0].headers) == dict(answers[1].headers)


def test_every_change_says_which_revision_it_was_decided_on(agreed_api: Web) -> None:
    company = agreed_api.as_("company")
    assert len(CHANGEABLE) > 20
    for route in CHANGEABLE:
        body = route.example if route.example is not None else study_file() if route.path.endswith("review") else {}
        for tag in (None, "*", '"7"', "r1"):
            answer = company.ask(route.method, filled(route.path), body, {} if tag is None else {"If-Match": tag})
            assert answer.status_code == 428, answer.text
            assert "If-Match" in answer.json()["findings"][0]["place"]


def test_a_stale_revision_is_told_what_changed(agreed_api: Web) -> None:
    answer = agreed_api.as_("company").ask("POST", f"{SITES}/RA9/withdraw", {"reason": "x"}, {"If-Match": '"r1"'})
    assert answer.status_code == 412
    says = [finding["problem"] for finding in answer.json()["findings"]]
    assert [sentence.split(" at ")[0] for sentence in says] == ["costing.lock by a company representative", "costing.share by a company representative"]


def test_of_eight_who_decide_at_once_exactly_one_wins_every_round(api_both: Web) -> None:
    company = api_both.as_("company")
    company.post("/studies", study_file())
    for _ in range(ROUNDS):
        tag = {"If-Match": company.tag(REVIEW)}
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _, tag=tag: company.ask("PUT", REVIEW, study_file(), tag).status_code, range(8)))
        assert sorted(answers) == [200] + [412] * 7


def test_a_person_is_refused_on_the_very_next_request_after_the_token_is_revoked(api: Web) -> None:
    from ncvr.services.identity import OPERATOR, revoke_tokens

    company = api.as_("company")
    company.get("/studies")
    with api.town.office.act(OPERATOR, "test") as act:
        assert revoke_tokens(act, "company@example.org") == 1
    assert company.ask("GET", "/studies").status_code == 401
    api.town.clock.set("2027-06-01")
    assert api.as_("rival").ask("GET", "/studies").status_code == 401  # its year is over


def test_problems_have_place_and_remedy_and_quote_the_correlation_id(api: Web) -> None:
    broken = study_file()
    broken["arms"][0]["visits"][0]["name"] = ""
    broken["colour"] = "blue"
    answer = api.as_("company").ask("POST", "/studies", broken, {"X-Correlation-ID": "mine-1"})
    problem = answer.json()
    assert (answer.status_code, problem["instance"], answer.headers["x-correlation-id"]) == (422, "mine-1", "mine-1")
    assert {finding["place"] for finding in problem["findings"]} == {"body: arms.0.visits.0.name", "body: colour"}
    assert all(finding["remedy"] for finding in problem["findings"])


def test_what_is_no_json_or_names_a_key_twice_is_refused(api: Web) -> None:
    headers = {"Authorization": f"Bearer {api.town.tokens['company']}"}
    for content in (b"{", b'{"format": 1, "format": 2}', b"\xff"):
        assert api.client.post(f"{PREFIX}/studies", content=content, headers=headers).status_code == 400


def test_what_is_too_large_is_refused_before_it_is_read(api: Web) -> None:
    headers = {"Authorization": f"Bearer {api.town.tokens['company']}"}
    assert api.client.post(f"{PREFIX}/studies", content=b" " * (LARGEST_BODY + 1), headers=headers).status_code == 413
    pieces = (b" " * (1024 * 1024) for _ in range(20))
    assert api.client.post(f"{PREFIX}/studies", content=pieces, headers=headers).status_code == 413


def test_unknown_addresses_methods_and_words_are_problems_too(api: Web) -> None:
    company = api.as_("company")
    for method, path, status in (("GET", "/nothing", 404), ("DELETE", "/studies", 405), ("GET", "/studies?limit=many", 422)):
        answer = company.ask(method, path)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_a_cursor_turns_the_pages_of_its_owner_and_of_that_list_only(api: Web) -> None:
    company, auditor = api.as_("company"), api.as_("auditor")
    numbers = [str(1004560 + number) for number in range(5)]
    for number in numbers:
        company.post("/studies", study_file(number))
    seen: list[str] = []
    cursor = None
    while True:
        page = company.get("/studies", params={"limit": "2", **({"cursor": cursor} if cursor else {})})
        seen += [study["iras_id"] for study in page["items"]]
        if page["next"] is None:
            break
        cursor = page["next"]
    assert seen == numbers
    for visitor, path, given in ((auditor, "/studies", cursor), (company, "/organisations", cursor), (company, "/studies", "AAAA"), (company, "/studies", "é")):
        assert visitor.ask("GET", path, params={"cursor": given or ""}).status_code == 400


def test_lists_and_prices_come_as_csv_for_those_who_ask(agreed_api: Web) -> None:
    company = agreed_api.as_("company")
    for path, first in (("/studies", "iras_id,owner,"), (SITES, "ods_code,site,"), (f"{SITES}/RA9/price", "")):
        answer = company.ask("GET", path, headers={"Accept": "text/csv"})
        assert answer.headers["content-type"].startswith("text/csv")
        assert answer.text.startswith(first)
        assert "," in answer.text.splitlines()[1]


def test_text_that_a_spreadsheet_would_run_is_defused(api: Web) -> None:
    company = api.as_("company")
    company.post("/studies", study_file())
    company.post(f"{REVIEW}/queries", {"kind": "comment", "line": "A02", "text": "=1+1"})
    assert "'=1+1" in company.ask("GET", f"{REVIEW}/queries", headers={"Accept": "text/csv"}).text


def test_an_explained_price_adds_up_and_a_price_unchanged_is_not_sent_again(agreed_api: Web) -> None:
    company = agreed_api.as_("company")
    explained = company.get(f"{SITES}/RA9/price", params={"explain": "true"})
    plain = company.ask("GET", f"{SITES}/RA9/price")
    assert explained["prices"][0]["fingerprint"] == plain.json()["prices"][0]["fingerprint"]
    assert explained["prices"][0]["arms"][0]["visits"][0]["workings"]["lines"]
    assert plain.headers["cache-control"] == "private, no-store"
    again = company.ask("GET", f"{SITES}/RA9/price", headers={"If-None-Match": plain.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_reviewer_sees_states_and_no_prices_and_an_auditor_reads_all(agreed_api: Web) -> None:
    reviewer, auditor = agreed_api.as_("reviewer"), agreed_api.as_("auditor")
    assert all(site["price"] is None for site in reviewer.get(SITES)["items"])
    assert reviewer.ask("GET", f"{SITES}/RA9/price").status_code == 403
    assert auditor.get(f"{SITES}/RA9/price")["prices"]
    assert auditor.ask("POST", f"{SITES}/RA9/lock", {}, {"If-Match": '"r3"'}).status_code == 403


def test_a_site_sees_the_study_with_itself_alone_in_it(agreed_api: Web) -> None:
    study = agreed_api.as_("site_ra9").get(f"/studies/{IRAS}")
    assert [site["ods_code"] for site in study["study"]["sites"]] == ["RA9"]
    assert "RK9" not in json.dumps(study)


def test_health_readiness_and_measures_need_no_token_and_tell_no_secrets(api_both: Web) -> None:
    assert api_both.client.get("/healthz").json()["status"] == "ok"
    ready = api_both.client.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    assert ready.json()["database"].startswith(("SQLite 3", "PostgreSQL 1"))
    api_both.as_("company").post("/studies", study_file())
    text = api_both.client.get("/metrics").text
    assert 'ncvr_requests_total{method="POST",route="/api/v1/studies",status="201"} 1.0' in text
    assert "ncvr_ledger_entries" in text
    assert IRAS not in text


def test_the_log_has_one_line_a_request_without_names_minutes_or_prices(api: Web, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="ncvr.web"):
        api.as_("company").post("/studies", study_file())
    line = json.loads(caplog.records[-1].getMessage())
    assert line | {"method": "POST", "route": "/api/v1/studies", "status": 201, "actor": api.town.people["company"].actor} == line
    assert set(line) == {"method", "route", "status", "ms", "correlation_id", "actor"}


def test_a_merged_trusts_costing_is_reassigned_through_the_api(api: Web) -> None:
    company, reviewer = api.as_("company"), api.as_("reviewer")
    company.post("/studies", study_file(sites=[{"ods_code": "RXX", "principal_investigator": "Dr Example", "target_participants": 10}]))
    company.do(REVIEW, "submit", {"protocol_version": "2.0"})
    reviewer.do(REVIEW, "accept")
    reviewer.do(REVIEW, "agree")
    company.do(REVIEW, "agree")
    api.town.clock.set("2026-07-02")
    moved = company.do(f"{SITES}/RXX", "reassign", {"ods_code": "RGT"})
    assert (moved["ods_code"], moved["former_code"], moved["stale"]) == ("RGT", "RXX", False)
    assert at(api.town, "RGT").price.multiplier == "1.08"


def test_tariffs_are_listed_shown_and_compared(api: Web) -> None:
    company = api.as_("company")
    listed = company.get("/tariffs")["items"]
    assert [(edition["edition"], edition["in_force_today"], edition["in_force_until"]) for edition in listed] == [
        ("2026-04-01-tiny", True, "2026-09-30"),
        ("2026-10-01-tiny", False, None),
    ]
    assert company.get("/tariffs/2026-10-01-tiny")["staff_rates"]["consultant"]["hourly_rate"] == "104.00"
    assert company.get("/tariffs/compare", params={"from": "2026-04-01-tiny", "to": "2026-10-01-tiny"})["changes"]
    assert company.ask("GET", "/tariffs/2020").status_code == 404
    assert [each["ods_code"] for each in company.get("/organisations", params={"q": "ply"})["items"]] == ["RK9"]


def test_two_versions_are_compared_line_by_line_in_minutes_and_pounds(agreed_api: Web) -> None:
    company = agreed_api.as_("company")
    company.do(REVIEW, "amend", {"reason": "more nursing"})
    longer = study_file(version=2)
    longer["arms"][0]["activities"][1]["resources"][0]["minutes"] = 60
    answer = company.ask("PUT", REVIEW, longer, {"If-Match": company.tag(REVIEW)}, params={"reason": "seen at two sites"})
    assert answer.status_code == 200
    difference = company.get(f"/studies/{IRAS}/diff", params={"from": "1", "to": "2"})
    assert [(change["what"], change["place"]) for change in difference["changes"]]
    # 15 minutes more, three times, at 40.50 an hour, with 90% on top
    assert [change["effect"] for change in difference["changes"] if change["effect"] not in (None, "0")] == ["57.7125"]
    assert (difference["old"]["minutes"], difference["new"]["minutes"]) == ("275", "320")
    with agreed_api.town.store.reading() as connection:
        lines = [entry for entry in ledger_entries.entries(connection) if entry.operation in ("review.edit", "review.line")]
    assert lines[0].reason == "seen at two sites"
    assert any((entry.old, entry.new) == ("45", "60") or "45" in (entry.old or "") for entry in lines[1:])
    assert company.ask("GET", f"/studies/{IRAS}/diff", params={"from": "1", "to": "9"}).status_code == 404


def test_what_a_price_was_before_and_how_a_contract_was_varied_stay_readable(agreed_api: Web) -> None:
    company, site = agreed_api.as_("company"), agreed_api.as_("site_ra9")
    agreed_api.town.clock.set("2026-10-01")
    company.do(f"{SITES}/RA9", "reprice")
    history = company.get(f"{SITES}/RA9/prices")["items"]
    assert [price["edition"] for price in history] == ["2026-04-01-tiny", "2026-10-01-tiny"]
    assert history[0]["total"] != history[1]["total"]
    for visitor, move in ((company, "lock"), (company, "share"), (site, "accept")):
        visitor.do(f"{SITES}/RA9", move)
    signed = {"signed_on": "2026-10-01", "fingerprint": history[1]["fingerprint"], "template": "mCTA/sample-1"}
    company.do(f"{SITES}/RA9", "contract", signed)
    company.do(REVIEW, "amend", {"reason": "no set-up"})
    company.do(REVIEW, "", study_file(version=2, setup_and_closedown=[]), method="PUT")
    company.do(REVIEW, "submit", {"protocol_version": "2.0"})
    for who, move in (("reviewer", "accept"), ("reviewer", "agree"), ("company", "agree")):
        agreed_api.as_(who).do(REVIEW, move)
    assert company.do(f"{SITES}/RA9", "vary", {"version": 2})["variation_to_do"] is False
    varied = company.get(f"{SITES}/RA9/variations")["items"][0]["payables"]
    assert [(entry["id"], entry["change"], entry["price"]) for entry in varied if entry["change"] != "unchanged"] == [("S01", "withdrawn", None)]


@pytest.mark.parametrize(
    ("address", "says", "remedy"),
    [
        ("/studies?limit=many", "a whole number is needed", "Write digits only, without quotes, point or exponent"),
        ("/adherence/clocks?as_of=yesterday", "'yesterday' is not a date", "Write it as 2026-04-01"),
        ("/tariffs/compare?to=2026-04-01-tiny", "this field is missing", "Add it"),
    ],
)
def test_what_is_wrong_with_the_words_of_an_address_is_said_in_ours(api: Web, address: str, says: str, remedy: str) -> None:
    answer = api.as_("company").ask("GET", address)
    assert answer.status_code == 422
    assert [(found["problem"], found["remedy"]) for found in answer.json()["findings"]] == [(says, remedy)]


def test_an_anchor_that_is_no_hash_is_refused_and_not_looked_for(api_both: Web) -> None:
    refused = api_both.as_("auditor").ask("GET", "/ledger/verify", params={"anchor": "yesterday's"})
    assert (refused.status_code, "anchor" in refused.text) == (422, True)
    proves_nothing = api_both.as_("auditor").ask("GET", "/ledger/verify", params={"anchor": "sha256:" + "0" * 64})
    assert (proves_nothing.status_code, "proves nothing" in proves_nothing.text) == (422, True)
    unknown = api_both.as_("auditor").get("/ledger/verify", params={"anchor": "sha256:" + "0" * 63 + "1"})
    assert [found["problem"] for found in unknown["findings"]] == ["the anchor sha256:" + "0" * 63 + "1 is not in this ledger"]
