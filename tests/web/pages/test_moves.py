"""The whole way of a study through its pages: each move says what follows, is made, and says so; nobody writes over anybody."""

import pytest

from ncvr.domain.permissions import STUDY_OPERATIONS
from ncvr.domain.review import REVIEW_MOVES
from ncvr.domain.site_costing import COSTING_MOVES
from ncvr.services import costing, reviewing
from ncvr.services.identity import OPERATOR
from ncvr.store import ledger_entries
from ncvr.web.pages.move_words import REFUSAL_WORDS, REVIEW_WORDS, SITE_WORDS
from tests.offices import IRAS, small_study
from tests.services.walks import accepted, agreed, at, shared, submitted
from tests.web.pages.reading import reader
from tests.web.visiting import Web

STUDY = f"/studies/{IRAS}"
REVIEW, SITES = f"{STUDY}/review", f"{STUDY}/sites"


def test_every_move_of_the_tables_has_words_and_a_permission() -> None:
    assert set(REVIEW_WORDS) == set(REVIEW_MOVES)
    assert set(SITE_WORDS) == set(COSTING_MOVES) - {"escalate", "return_to_site", "supersede"}
    for words in (*REVIEW_WORDS.values(), *SITE_WORDS.values()):
        assert words.operation in STUDY_OPERATIONS
    for name, words in SITE_WORDS.items():
        assert STUDY_OPERATIONS[words.operation] >= COSTING_MOVES[name].by


def test_a_study_goes_through_its_review_by_its_pages_alone(api: Web) -> None:
    with api.town.act("company") as act:
        reviewing.create_study(act, small_study())
    company, reviewer = reader(api, "company"), reader(api, "reviewer")
    assert "Submit for review" in company.open(STUDY).links
    done = company.send(f"{REVIEW}/submit", protocol_version="2.0")
    assert (done.status, done.address) == (200, STUDY)
    assert "The schedule is submitted" in done.text
    assert "Submit for review" not in done.links
    assert "You have taken the review on" in reviewer.send(f"{REVIEW}/accept").text
    assert "You have agreed the resource" in reviewer.send(f"{REVIEW}/agree").text
    assert "Nothing waits for you" in reviewer.open(STUDY).text
    check = company.open(f"{REVIEW}/confirm")
    assert check.heading == "Confirm the resource"
    assert "fixed for all sites as version 1" in check.text
    assert "The resource is agreed and fixed" in company.send(f"{REVIEW}/confirm").text
    assert "The prices are locked" in company.send(f"{STUDY}/lock-all").text
    assert {at(api.town, code).state for code in ("RGT", "RA9", "RK9")} == {"locked"}
    company.send(f"{STUDY}/share-all")
    assert {at(api.town, code).state for code in ("RGT", "RA9", "RK9")} == {"shared"}
    assert "You have accepted the price" in reader(api, "site_ra9").send(f"{SITES}/RA9/accept").text
    refused = reader(api, "site_rk9").send(f"{SITES}/RK9/refuse", reason_code="staff_rates", reason="Ours are higher")
    assert "You have refused the price" in refused.text
    assert at(api.town, "RK9").reason_code == "staff_rates"


def test_what_is_missing_is_said_at_its_field_and_what_was_typed_stays(api: Web) -> None:
    submitted(api.town)
    reviewer = reader(api, "reviewer")
    again = reviewer.send(f"{REVIEW}/revert", reason="  ")
    assert again.status == 409
    assert again.tree.xpath("//title")[0].text.startswith("Error: Send back as a draft")
    assert again.links["The reason is missing."] == "#reason"
    agreed_back = reviewer.send(f"{REVIEW}/revert", reason="The windows are missing")
    assert "draft again" in agreed_back.text
    company = reader(api, "company")
    wrong = company.send(f"{REVIEW}/submit", protocol_version="9.9")
    assert wrong.status == 409
    assert "#protocol_version" in wrong.links.values()
    assert wrong.form(f"{REVIEW}/submit")["protocol_version"] == "9.9"


def test_a_refusal_without_a_reason_code_keeps_the_words_and_asks_for_one(api: Web) -> None:
    agreed(api.town)
    shared(api.town, "RA9")
    site = reader(api, "site_ra9")
    again = site.send(f"{SITES}/RA9/refuse", reason="Too low")
    assert again.status == 422
    assert again.links["Choose what you refuse the price for."] == "#reason_code"
    assert again.form(f"{SITES}/RA9/refuse")["reason"] == "Too low"
    assert "other" in REFUSAL_WORDS
    other = site.send(f"{SITES}/RA9/refuse", reason_code="other", reason="")
    assert (other.status, "#reason" in other.links.values()) == (409, True)
    assert at(api.town, "RA9").state == "shared"


def test_who_was_faster_is_named_with_what_they_did_and_when(api: Web) -> None:
    review = submitted(api.town)
    reviewer = reader(api, "reviewer")
    form = reviewer.open(f"{REVIEW}/revert").form(f"{REVIEW}/revert")
    with api.town.act("reviewer") as act:
        reviewing.accept(act, IRAS, review.revision)
    late = reviewer.ask("POST", f"{REVIEW}/revert", form | {"reason": "too late"})
    assert (late.status, late.heading) == (412, "Somebody was faster")
    assert "reviewer (RGT) took on the review on 4 May 2026 at 10:00" in late.text
    assert late.links["See where it stands now"] == STUDY
    gone = reviewer.see(f"{REVIEW}/accept")
    assert (gone.status, gone.heading) == (409, "This cannot be done now")
    assert "took on the review" in gone.text


def test_a_site_hears_what_the_company_did_but_not_who_it_was(api: Web) -> None:
    agreed(api.town)
    found = shared(api.town, "RA9")
    site = reader(api, "site_ra9")
    form = site.open(f"{SITES}/RA9/accept").form(f"{SITES}/RA9/accept")
    with api.town.act("company") as act:
        costing.withdraw(act, IRAS, "RA9", found.revision, reason="not needed")
    late = site.ask("POST", f"{SITES}/RA9/accept", form)
    assert late.status == 412
    assert "Company representative (ACME) withdrew" in late.text
    assert "company (ACME)" not in late.text


def test_a_form_without_its_revision_is_not_acted_on(api: Web) -> None:
    submitted(api.town)
    assert reader(api, "reviewer").ask("POST", f"{REVIEW}/accept", {}).status == 428


def test_a_contract_is_recorded_with_its_day_and_fingerprint(api: Web) -> None:
    agreed(api.town)
    found = accepted(api.town, "RA9")
    company, address = reader(api, "company"), f"{SITES}/RA9/contract"
    day = {"signed_on-day": "4", "signed_on-month": "5", "signed_on-year": "2026", "template": "mCTA/sample-1"}
    no_day = company.send(address, **day | {"signed_on-day": "31", "signed_on-month": "2"}, fingerprint=found.price.fingerprint)
    assert (no_day.status, no_day.links["The day of signature is not a day of the calendar."]) == (422, "#signed_on-day")
    other = company.send(address, **day, fingerprint="sha256:" + "0" * 64)
    assert (other.status, "#fingerprint" in other.links.values()) == (409, True)
    assert "the contract is recorded" in company.send(address, **day, fingerprint=found.price.fingerprint).text.lower()
    assert at(api.town, "RA9").state == "contracted"


def test_all_or_none_are_locked_when_one_has_changed_meanwhile(api: Web) -> None:
    agreed(api.town)
    company = reader(api, "company")
    page = company.open(f"{STUDY}/lock-all")
    sent = page.tree.xpath("//main//input[@name='site']/@value")
    assert len(sent) == 3
    with api.town.act("company") as act:
        costing.lock(act, IRAS, "RK9", at(api.town, "RK9").revision)
    late = company.ask("POST", f"{STUDY}/lock-all", {"site": sent})
    assert (late.status, "locked the price of" in late.text) == (412, True)
    assert [at(api.town, code).state for code in ("RGT", "RA9", "RK9")] == ["priced", "priced", "locked"]


def test_a_stale_price_is_repriced_and_not_locked(api: Web) -> None:
    agreed(api.town)
    api.town.clock.set("2026-10-02")
    company = reader(api, "company")
    assert "To re-price" in company.open(STUDY).text
    blocked = company.open(f"{SITES}/RA9/lock")
    assert "Mend this first" in blocked.text
    assert not blocked.tree.xpath("//main//form")
    assert "No site has a price to lock now" in company.open(f"{STUDY}/lock-all").text
    assert "priced again" in company.send(f"{SITES}/RA9/reprice").text
    assert at(api.town, "RA9").price.edition == "2026-10-01-tiny"
    national = reader(api, "national")
    done = national.send("/tariffs/2026-10-01-tiny/reprice")
    assert done.heading == "Re-priced from 2026-10-01-tiny"
    assert {at(api.town, code).price.edition for code in ("RGT", "RA9", "RK9")} == {"2026-10-01-tiny"}
    assert "nothing to re-price" in national.open("/tariffs/2026-10-01-tiny/reprice").text


@pytest.mark.parametrize("who", ["rival", "site_rk9", "network"])
def test_who_has_no_part_in_a_study_finds_no_page_of_its_moves(api: Web, who: str) -> None:
    submitted(api.town)
    for name in ("submit", "accept", "agree", "withdraw"):
        assert reader(api, who).see(f"{REVIEW}/{name}").status == 404


def test_a_move_through_a_page_is_recorded_as_one_through_the_api(api: Web) -> None:
    submitted(api.town)
    reader(api, "reviewer").send(f"{REVIEW}/accept")
    with api.town.office.look(OPERATOR) as act:
        last = ledger_entries.changes_of(act.connection, f"study/{IRAS}/review", 0)[-1]
    assert (last.operation, last.old, last.new, last.actor) == ("review.accept", "submitted", "in_review", api.town.people["reviewer"].actor)
