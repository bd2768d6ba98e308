"""Sites comment on a study of early phase or ATMP that its lead site started, while it is under review; on both engines."""

from typing import Any

import pytest

from ncvr.store import ledger_entries, queries, studies
from ncvr.store.tables import people as people_table
from ncvr.web.app import ROUTES
from tests.offices import IRAS, study_file
from tests.web.visiting import Visitor, Web

STUDY, REVIEW = f"/studies/{IRAS}", f"/studies/{IRAS}/review"
QUERIES = f"{REVIEW}/queries"


def early(**known: Any) -> dict[str, Any]:
    """A phase I study led by RGT that RGT and RA9 take part in; RK9 does not."""
    sites = [{"ods_code": "RGT", "target_participants": 4}, {"ods_code": "RA9", "target_participants": 10}]
    waiver = {"arm": "A", "visit": "V1", "protocol_activity": "MRI", "reason": "not needed", "by": "Dr Waiver", "on": "2026-02-01"}
    return study_file(study=study_file()["study"] | {"phase": "I"}, sites=sites, waivers=[waiver]) | known


def submitted(web: Web, **known: Any) -> tuple[Visitor, Visitor]:
    """Started by its lead site and submitted by the company, both of whom come back."""
    company, reviewer = web.as_("company"), web.as_("reviewer")
    reviewer.post("/studies?owner=ACME", early(**known))
    company.do(REVIEW, "submit", {"protocol_version": "2.0"})
    return company, reviewer


def status(web: Web, who: str, path: str = STUDY) -> int:
    return int(web.as_(who).ask("GET", path).status_code)


def comment(text: str, line: str = "A02") -> dict[str, str]:
    return {"kind": "comment", "line": line, "text": text}


def test_every_listed_site_comments_and_the_parties_read_which_site_wrote_what(api_both: Web) -> None:
    company, reviewer = submitted(api_both)
    ra9, rgt = api_both.as_("site_ra9"), api_both.as_("site_rgt")
    made = ra9.post(QUERIES, comment("45 minutes are short"))
    assert (made["by"], made["organisation"], made["kind"], made["open"]) == ("commenting_site", "RA9", "comment", False)
    rgt.post(QUERIES, comment("The whole is fine", line=""))
    reviewer.post(QUERIES, comment("Thank you", line="A"))

    # Each site reads its own organisation's comments; the parties read all.
    assert [each["text"] for each in ra9.get(QUERIES)["items"]] == ["45 minutes are short"]
    assert [each["text"] for each in rgt.get(QUERIES)["items"]] == ["The whole is fine"]
    for who in ("company", "reviewer", "national", "auditor"):
        told = api_both.as_(who).get(QUERIES)["items"]
        assert [(each["by"], each["organisation"]) for each in told] == [("commenting_site", "RA9"), ("commenting_site", "RGT"), ("reviewer", "RGT")]
    assert company.get(f"{STUDY}/members")["sites_that_may_comment"] == ["RA9", "RGT"]

    # Either party answers, once; the site reads the answer. A comment holds nothing up.
    reviewer.post(f"{QUERIES}/{made['id']}/answer", {"text": "We time it again"})
    assert ra9.get(QUERIES)["items"][0]["answer"] == "We time it again"
    assert company.ask("POST", f"{QUERIES}/{made['id']}/answer", {"text": "So do we"}).status_code == 409
    reviewer.do(REVIEW, "accept")
    reviewer.do(REVIEW, "agree")
    assert company.do(REVIEW, "agree")["state"] == "agreed"
    assert api_both.as_("auditor").get("/ledger/verify")["findings"] == []


def test_a_comment_is_in_the_ledger_as_any_other_with_who_and_in_which_role(api_both: Web) -> None:
    submitted(api_both)
    made = api_both.as_("site_ra9").post(QUERIES, comment("45 minutes are short"))
    with api_both.town.store.reading() as connection:
        (entry,) = [entry for entry in ledger_entries.entries(connection) if entry.operation == "queries.comment"]
        named = connection.execute(people_table.select().where(people_table.c.actor == entry.actor)).one()
    assert (entry.object, entry.field, entry.new) == (f"study/{IRAS}/query/{made['id']}", "A02", "45 minutes are short")
    assert (entry.role, named.organisation) == ("site_representative", "RA9")


def test_a_site_sees_the_resource_and_its_own_entry_and_gets_nothing_to_edit_with(api_both: Web) -> None:
    submitted(api_both)
    answer = api_both.as_("site_ra9").ask("GET", STUDY)
    seen = answer.json()
    assert "etag" not in answer.headers
    assert (seen["your_standing"], seen["state"], seen["version"], seen["agreed_versions"]) == ("commenting_site", "submitted", 1, 0)
    assert [site["ods_code"] for site in seen["study"]["sites"]] == ["RA9"]
    assert seen["study"]["arms"] == api_both.as_("company").get(REVIEW)["study"]["arms"]
    assert seen["study"]["pass_through"] == []
    assert not [words for words in ("Travel", "35.00", "Waiver", "revision", '"target_participants":4') if words in answer.text]
    (listed,) = api_both.as_("site_ra9").get("/studies")["items"]
    assert (listed["iras_id"], listed["state"]) == (IRAS, "submitted")


def test_nothing_else_of_the_study_is_read_by_a_site_that_only_comments(api: Web) -> None:
    submitted(api)
    known = {"iras_id": IRAS, "ods": "RA9", "number": "1"}
    said = {
        route.path: status(api, "site_ra9", f"{route.path.format(**known)}?from=1&to=1")
        for route in ROUTES
        if route.method == "GET" and "{iras_id}" in route.path
    }
    assert len(said) > 12
    assert {path for path, answered in said.items() if answered != 403} == {"/studies/{iras_id}", "/studies/{iras_id}/review/queries"}


def test_a_commenting_site_asks_no_query_answers_nobody_and_names_no_line_it_does_not_see(api_both: Web) -> None:
    _, reviewer = submitted(api_both)
    reviewer.do(REVIEW, "accept")
    asked = reviewer.post(QUERIES, {"line": "A02", "text": "Is this enough?"})
    ra9 = api_both.as_("site_ra9")
    refused = ra9.ask("POST", QUERIES, {"line": "A02", "text": "Is this enough?"})
    assert (refused.status_code, refused.json()["findings"][0]["remedy"]) == (409, "Write a comment instead")
    assert ra9.ask("POST", f"{QUERIES}/{asked['id']}/answer", {"text": "Yes"}).status_code == 403
    own = ra9.post(QUERIES, comment("A remark"))
    assert ra9.ask("POST", f"{QUERIES}/{own['id']}/answer", {"text": "Yes"}).status_code == 403
    # A pass-through cost is no line for it, nor is one that is not there: both are said alike.
    hidden, absent = (ra9.ask("POST", QUERIES, comment("How much?", line=line)) for line in ("P01", "P99"))
    assert hidden.status_code == absent.status_code == 422
    assert hidden.json()["findings"][0]["problem"] == absent.json()["findings"][0]["problem"].replace("P99", "P01")
    assert ra9.ask("POST", QUERIES, comment("")).status_code == 422
    assert reviewer.get(REVIEW)["open_queries"] == 1


def test_a_site_that_is_not_listed_and_a_rival_find_nothing(api_both: Web) -> None:
    submitted(api_both)
    for who in ("site_rk9", "rival", "other_reviewer", "network"):
        assert status(api_both, who) == 404
        assert api_both.as_(who).ask("POST", QUERIES, comment("Hello")).status_code == 404
        assert api_both.as_(who).get("/studies")["items"] == []


def opened(web: Web) -> bool:
    """Whether RA9 may comment: the study, its comments and the list of studies all say so, or none does."""
    said = {status(web, "site_ra9"), status(web, "site_ra9", QUERIES)}
    listed = [each["iras_id"] for each in web.as_("site_ra9").get("/studies")["items"]]
    assert said in ({200}, {404})
    assert (said == {200}) == (listed == [IRAS])
    return said == {200}


def test_a_study_is_open_to_its_sites_from_submission_to_agreement_and_not_before_or_after(api_both: Web) -> None:
    company, reviewer = api_both.as_("company"), api_both.as_("reviewer")
    reviewer.post("/studies?owner=ACME", early())
    assert not opened(api_both)  # nothing was handed over yet
    company.do(REVIEW, "submit", {"protocol_version": "2.0"})
    assert opened(api_both)
    reviewer.do(REVIEW, "revert", {"reason": "The windows are missing"})
    assert not opened(api_both)
    company.do(REVIEW, "submit", {"protocol_version": "2.0"})
    reviewer.do(REVIEW, "accept")
    assert opened(api_both)
    asked = reviewer.post(QUERIES, {"line": "A02", "text": "Is this enough?"})
    reviewer.do(REVIEW, "query")
    assert opened(api_both)
    company.post(f"{QUERIES}/{asked['id']}/answer", {"text": "It is"})
    company.do(REVIEW, "respond")
    reviewer.do(REVIEW, "agree")
    company.do(REVIEW, "agree")
    assert not opened(api_both)
    # Then as in any study: what is shared with the site. An amendment is the parties' again.
    company.do(f"{STUDY}/sites/RA9", "lock")
    company.do(f"{STUDY}/sites/RA9", "share")
    assert api_both.as_("site_ra9").get(STUDY)["your_standing"] == "site"
    company.do(REVIEW, "amend", {"reason": "Protocol version 3.0"})
    company.do(REVIEW, "submit", {"protocol_version": "2.0"})
    assert api_both.as_("site_ra9").get(STUDY)["your_standing"] == "site"
    assert status(api_both, "site_ra9", QUERIES) == 403
    assert status(api_both, "site_rgt") == 404


def test_a_study_that_is_withdrawn_is_gone_for_its_sites(api_both: Web) -> None:
    company, _ = submitted(api_both)
    company.do(REVIEW, "withdraw", {"reason": "It will not open in the UK"})
    assert not opened(api_both)


def with_company(web: Web) -> Visitor:
    """Handed to the company, who may change it."""
    company, reviewer = submitted(web)
    reviewer.do(REVIEW, "accept")
    reviewer.post(QUERIES, {"line": "A02", "text": "Is this enough?"})
    reviewer.do(REVIEW, "query")
    assert opened(web)
    return company


def test_a_site_taken_off_the_list_finds_nothing_and_one_put_on_it_may_comment(api_both: Web) -> None:
    company = with_company(api_both)
    company.do(REVIEW, "", company.get(REVIEW)["study"] | {"sites": [{"ods_code": "RK9"}]}, method="PUT")
    assert not opened(api_both)
    assert status(api_both, "site_rk9") == 200


def test_another_lead_site_closes_the_study_to_its_sites(api_both: Web) -> None:
    company = with_company(api_both)
    company.do(REVIEW, "", company.get(REVIEW)["study"] | {"lead_site": "RK9"}, method="PUT")
    assert not opened(api_both)
    assert status(api_both, "site_rgt") == 404


def test_a_study_that_its_company_started_or_of_late_phase_is_not_open_to_its_sites(api_both: Web) -> None:
    company = api_both.as_("company")
    company.post("/studies", early())
    company.do(REVIEW, "submit", {"protocol_version": "2.0"})
    assert not opened(api_both)


def test_a_study_that_turned_out_to_be_late_phase_is_not_open_to_its_sites(api_both: Web) -> None:
    company, reviewer = api_both.as_("company"), api_both.as_("reviewer")
    reviewer.post("/studies?owner=ACME", early())
    company.do(REVIEW, "", early(study=study_file()["study"]), method="PUT")
    company.do(REVIEW, "submit", {"protocol_version": "2.0"})
    assert not opened(api_both)


def test_a_reviewer_does_not_list_a_site_that_would_come_to_see_the_study(api: Web) -> None:
    _, reviewer = submitted(api)
    reviewer.do(REVIEW, "accept")
    study = reviewer.get(REVIEW)["study"]
    more = study | {"sites": [*study["sites"], {"ods_code": "RK9"}]}
    refused = reviewer.ask("PUT", REVIEW, more, {"If-Match": reviewer.tag(REVIEW)})
    assert (refused.status_code, refused.json()["findings"][0]["place"]) == (422, "sites")
    assert status(api, "site_rk9") == 404


def test_clocks_and_records_know_nothing_of_a_study_a_site_only_comments_on(api: Web) -> None:
    company, _ = submitted(api)
    nothing_there = api.as_("site_rk9").get("/adherence/clocks")
    company.post(f"{STUDY}/events", {"kind": "regulatory_application", "on": "2026-05-01"})
    assert api.as_("site_ra9").get("/adherence/clocks") == nothing_there
    assert company.get("/adherence/clocks") != nothing_there


def test_a_site_that_lost_its_right_between_question_and_answer_writes_nothing(api: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock is taken after the standing is asked; what holds under the lock counts."""
    company = with_company(api)
    town = api.town
    with town.store.reading() as connection:
        before = studies.membership(connection, IRAS, town.office.clock.today())
    company.do(REVIEW, "", company.get(REVIEW)["study"] | {"sites": []}, method="PUT")
    monkeypatch.setattr(studies, "membership", lambda *_: before)
    assert api.as_("site_ra9").ask("POST", QUERIES, comment("Too late")).status_code == 404
    assert status(api, "site_ra9") == 404
    with town.act("company") as act:
        assert [query.text for query in queries.of_study(act.connection, IRAS)] == ["Is this enough?"]
