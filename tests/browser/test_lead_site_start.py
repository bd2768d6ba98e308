"""A lead site starts an early phase study for a company: in a browser, at a phone, the wrong way first."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, Visits
from tests.browser.test_every_page import check_page


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_a_lead_site_starts_a_study_and_the_company_finds_it_in_its_work(width: int, visit: Visits) -> None:
    visit.complaints.expected = ("422 (Unprocessable",)
    reviewer = visit("reviewer", width=width)
    reviewer.get_by_role("button", name="Start a new study").click()
    form = reviewer.locator('form[action="/studies/new"]')
    form.get_by_label("Company whose study it is").fill("ZZZ")
    form.get_by_label("IRAS ID").fill("1009995")
    form.get_by_label("Short title").fill("A first trial in people of a new antibody")
    form.get_by_label("Phase", exact=True).select_option("I")
    form.get_by_role("button").click()
    expect(reviewer.locator(".nhsuk-error-summary")).to_contain_text("There is no company 'ZZZ' here")
    assert check_page(reviewer, reviewer.content()) == []

    form.get_by_label("Company whose study it is").fill("EXPHARMA")
    form.get_by_role("button").click()
    expect(reviewer).to_have_url(re.compile("/studies/1009995"))
    assert check_page(reviewer, reviewer.content()) == []

    company = visit("company", width=width)
    expect(company.get_by_role("link", name="Complete and submit 1009995")).to_be_visible()
