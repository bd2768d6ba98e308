"""A study of early phase or ATMP that its lead site starts for a company, from the first draft on, on both engines."""

from typing import Any

import pytest

from ncvr.services.identity import OPERATOR, add_company
from tests.offices import IRAS, study_file
from tests.web.visiting import Web

REVIEW = f"/studies/{IRAS}/review"


def early(**known: Any) -> dict[str, Any]:
    """A phase I study led by RGT that RGT and RA9 take part in; ``known`` are fields of the file."""
    return study_file(study=study_file()["study"] | {"phase": "I"}, sites=[{"ods_code": "RGT"}, {"ods_code": "RA9", "target_participants": 10}]) | known


def of_kind(**known: Any) -> dict[str, Any]:
    return early(study=early()["study"] | known)


def test_a_lead_site_starts_an_early_phase_study_and_the_company_takes_it_from_there(api_both: Web) -> None:
    company, reviewer, rival, auditor = (api_both.as_(who) for who in ("company", "reviewer", "rival", "auditor"))
    made = reviewer.post("/studies?owner=ACME", early())
    assert (made["owner"], made["state"], made["started_by_lead_site"]) == ("ACME", "draft", "RGT")
    assert rival.ask("GET", f"/studies/{IRAS}").status_code == 404

    # The pen is the company's, and so is every move of a company.
    tag = {"If-Match": reviewer.tag(REVIEW)}
    assert reviewer.ask("PUT", REVIEW, early(), tag).status_code == 403
    assert reviewer.ask("POST", f"{REVIEW}/submit", {"protocol_version": "2.0"}, tag).status_code == 403
    assert reviewer.ask("POST", f"{REVIEW}/withdraw", {"reason": "no"}, tag).status_code == 403
    longer = early()
    longer["arms"][0]["activities"][1]["resources"][0]["minutes"] = 60
    company.do(REVIEW, "", longer, method="PUT")
    submitted = company.do(REVIEW, "submit", {"protocol_version": "2.0"})
    assert (submitted["state"], submitted["study"]["study"]["ncvr_class"]) == ("submitted", "early")

    # The review goes its ordinary way, and the fact stays.
    reviewer.do(REVIEW, "accept")
    reviewer.do(REVIEW, "agree")
    agreed = company.do(REVIEW, "agree")
    assert (agreed["state"], agreed["started_by_lead_site"]) == ("agreed", "RGT")
    assert [site["state"] for site in company.get(f"/studies/{IRAS}/sites")["items"]] == ["priced", "priced"]
    assert auditor.get("/ledger/verify")["findings"] == []


def test_a_study_that_its_company_starts_says_so(api: Web) -> None:
    company = api.as_("company")
    assert company.post("/studies?owner=ACME", study_file())["started_by_lead_site"] is None
    assert company.get(REVIEW)["owner"] == "ACME"


@pytest.mark.parametrize("kind", [{"phase": "IIa"}, {"phase": "III", "atmp": True}, {"phase": "I/II", "ncvr_class": "early"}])
def test_early_phase_and_advanced_therapies_are_what_a_lead_site_starts(api: Web, kind: dict[str, Any]) -> None:
    assert api.as_("reviewer").post("/studies?owner=ACME", of_kind(**kind))["state"] == "draft"


@pytest.mark.parametrize(
    ("owner", "file", "place", "says"),
    [
        ("ACME", study_file(), "study, ncvr_class", "only early phase and ATMP"),
        ("ACME", of_kind(phase="II", ncvr_class="late"), "study, ncvr_class", "only early phase and ATMP"),
        ("ACME", of_kind(phase="II"), "study, ncvr_class", "only early phase and ATMP"),
        ("ACME", of_kind(phase=None), "study, ncvr_class", "only early phase and ATMP"),
        ("ACME", early(lead_site="RA9"), "lead_site", "not those of RA9"),
        ("ACME", early(lead_site=None), "lead_site", "not those of none"),
        ("", early(), "owner", "is missing"),
        ("ACNE", early(), "owner", "no company 'ACNE' here"),
        ("RGT", early(), "owner", "no company 'RGT'"),
        ("SPIN", early(), "owner", "RGT stands on the side of SPIN"),
    ],
)
def test_what_a_lead_site_may_not_start_is_refused_with_place_and_remedy(api: Web, owner: str, file: dict[str, Any], place: str, says: str) -> None:
    with api.town.office.act(OPERATOR, "a company of the trust") as act:
        add_company(act, "SPIN", "Spin-out", "RGT")
    refused = api.as_("reviewer").ask("POST", f"/studies?owner={owner}", file)
    assert refused.status_code == 422
    (found,) = refused.json()["findings"]
    assert (found["place"], bool(found["remedy"])) == (place, True)
    assert says in found["problem"]
    assert api.as_("national").get("/studies")["items"] == []


def test_a_code_mistyped_tells_a_lead_site_of_no_other_company(api: Web) -> None:
    assert "ACME" not in api.as_("reviewer").ask("POST", "/studies?owner=ACM", early()).text


def test_everything_that_stands_in_the_way_is_said_at_once(api: Web) -> None:
    refused = api.as_("reviewer").ask("POST", "/studies?owner=ACME", study_file(lead_site="RA9"))
    assert [found["place"] for found in refused.json()["findings"]] == ["study, ncvr_class", "lead_site"]


def test_a_company_starts_a_study_for_itself_only(api: Web) -> None:
    refused = api.as_("company").ask("POST", "/studies?owner=RIVAL", study_file())
    assert (refused.status_code, refused.json()["findings"][0]["place"]) == (422, "owner")


@pytest.mark.parametrize("who", ["site_rgt", "network", "national", "auditor"])
def test_nobody_else_starts_a_study(api: Web, who: str) -> None:
    assert api.as_(who).ask("POST", "/studies?owner=ACME", early()).status_code == 403


def test_a_number_that_is_taken_stays_taken(api: Web) -> None:
    api.as_("rival").post("/studies", study_file())
    refused = api.as_("reviewer").ask("POST", "/studies?owner=ACME", early())
    assert (refused.status_code, "RIVAL" in refused.text) == (422, False)


def test_a_request_sent_again_for_another_company_is_another_request(api: Web) -> None:
    key = {"Idempotency-Key": "once"}
    reviewer = api.as_("reviewer")
    first = reviewer.post("/studies?owner=ACME", early(), headers=key)
    assert reviewer.post("/studies?owner=ACME", early(), headers=key) == first
    assert reviewer.ask("POST", "/studies?owner=RIVAL", early(), key).json()["type"].endswith("key-used")
