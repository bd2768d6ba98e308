"""A lead site starts an early phase study for a company: in a browser, at a phone, the wrong way first."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Visits
from tests.browser.test_every_page import check_page


def test_a_lead_site_starts_a_study_and_the_company_finds_it_in_its_work(visit: Visits) -> None:
    visit.complaints.expected = ("422 (Unprocessable",)
    reviewer = visit("reviewer")
    reviewer.get_by_role("button", name="Start a new study").click()
    form = reviewer.locator('form[action="/studies/new"]')
    form.get_by_label("Company whose study it is").fill("ZZZ")
    form.get_by_label("IRAS ID").fill("1009995")
    form.get_by_label("Short title").fill("A first trial in people of a new antibody")
    form.get_by_label("Phase", exact=True).select_option("I")
    form.get_by_role("button").click()
    expect(reviewer.locator(".nhsuk-error-summary")).to_contain_text("There is no company 'ZZZ' here")
    assert wrong_with(reviewer) == []

    form.get_by_label("Company whose study it is").fill("EXPHARMA")
    form.get_by_role("button").click()
    expect(reviewer).to_have_url(re.compile("/studies/1009995"))
    assert wrong_with(reviewer) == []

    company = visit("company")
    expect(company.get_by_role("link", name="Complete and submit 1009995")).to_be_visible()


def wrong_with(page: Page) -> list[str]:
    """What is wrong with the page at a desk and at a phone."""
    wrong = []
    for width in (DESKTOP, PHONE):
        page.set_viewport_size({"width": width, "height": 900})
        wrong += [f"{page.url} at {width}: {found}" for found in check_page(page, page.content())]
    return wrong
