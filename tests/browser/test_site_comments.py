"""A site comments on an early phase study while it is under review: in a browser, at a desk and at a phone, the wrong way first."""

import pytest
from playwright.sync_api import expect

from ncvr import examples
from ncvr.domain.study import Study
from ncvr.services import reviewing
from ncvr.store import people
from tests.browser.conftest import PHONE, Served, Visits
from tests.browser.steps import said
from tests.browser.test_lead_site_start import wrong_with

IRAS = "1009996"


def early() -> Study:
    """The demo's study in phase I: three arms of 31 activities in 13 visits each are a wide page."""
    study = examples.study()
    return study.model_copy(
        update={
            "study": study.study.model_copy(
                update={"iras_id": IRAS, "phase": "I", "ncvr_class": None, "short_title": "A first trial in people of a new antibody"}
            )
        }
    )


@pytest.fixture
def under_review(served: Served) -> str:
    """Started by its lead site, submitted by its company."""
    with served.office.store.reading() as connection:
        reviewer, company = (people.person_by_email(connection, f"{who}@demo.example") for who in ("reviewer", "company"))
    assert reviewer is not None
    assert company is not None
    study = early()
    assert study.study.protocol is not None
    with served.office.act(reviewer, "started") as act:
        revision = reviewing.create_study(act, study, "EXPHARMA").revision
    with served.office.act(company, "submitted") as act:
        reviewing.submit(act, IRAS, revision, protocol_version=study.study.protocol.version)
    return IRAS


def test_a_site_finds_the_study_comments_on_it_and_reads_its_comment(visit: Visits, under_review: str) -> None:
    visit.complaints.expected = ("422 (Unprocessable",)
    site = visit("site.rtd", width=PHONE)
    expect(site.get_by_role("heading", name="You may comment")).to_be_visible()
    assert wrong_with(site) == []
    site.get_by_role("link", name=f"Comment on {under_review}").click()
    expect(site.locator("h1")).to_contain_text("A first trial in people")
    expect(site.locator("#queries")).to_contain_text("Your organisation has not commented yet.")
    assert wrong_with(site) == []

    site.get_by_role("button", name="Add comment").click()
    expect(site.locator(".nhsuk-error-summary")).to_contain_text("Nothing is written")
    assert wrong_with(site) == []

    site.get_by_label("What you want to say").fill("The infusion takes us longer than this")
    site.get_by_role("button", name="Add comment").click()
    expect(said(site)).to_contain_text("Your comment is added")
    expect(site.locator(".ncvr-said")).to_contain_text("The infusion takes us longer than this")
    assert wrong_with(site) == []

    site.goto("/studies")
    expect(site.get_by_role("cell", name="You may comment")).to_be_visible()
    assert wrong_with(site) == []


def test_a_site_without_scripts_comments_too_and_a_site_outside_finds_nothing(visit: Visits, under_review: str) -> None:
    visit.complaints.expected = ("404 (Not Found)",)
    plain = visit("site.rk9", scripts=False)
    plain.goto(f"/studies/{under_review}")
    plain.get_by_label("What you want to say").fill("Without scripts")
    plain.get_by_role("button", name="Add comment").click()
    expect(plain.locator(".ncvr-said")).to_contain_text("Without scripts")
    outside = visit("site.rx1")
    answer = outside.goto(f"/studies/{under_review}")
    assert answer is not None
    assert answer.status == 404
