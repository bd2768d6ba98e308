"""Every page, as every role, at the width of a desk and of a phone: accessible, quiet, nothing over the edge, nothing broken."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import DESKTOP, PHONE, Visits
from tests.browser.walking import walk

EVERYBODY = ("company", "reviewer", "site.rgt", "network", "national", "auditor", "cro")
_AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
_INLINE = re.compile(r"<[^>]+\s(style|on\w+)\s*=|<script(?![^>]*\bsrc=)[^>]*>|<style|javascript:", re.IGNORECASE)


_looked_at: set[tuple[int, str]] = set()


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA: rule and element. What several people are shown to the letter is looked at once at each width."""
    shown = (page.viewport_size or {"width": 0})["width"], page.locator("main").evaluate("main => main.outerHTML")
    context = {"exclude": [["main"]]} if shown in _looked_at else None
    _looked_at.add(shown)
    found = Axe().run(page, context=context, options=_AXE).response["violations"]
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]


def check_page(page: Page, html: str) -> list[str]:
    """What is wrong with the page as it stands, except what the browser's console says."""
    wrong = violations(page)
    headings = page.locator("h1").all_inner_texts()
    if len(headings) != 1:
        wrong.append(f"{len(headings)} first headings")
    elif not page.title().removeprefix("Error: ").startswith(" ".join(headings[0].split())[:30]):
        wrong.append(f"the title {page.title()!r} does not begin with the heading {headings[0]!r}")
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        wrong.append(f"the page is {page.evaluate('document.documentElement.scrollWidth')} pixels wide")
    wrong += [f"inline: {found[0][:120]}" for found in _INLINE.finditer(html)]
    return wrong


@pytest.mark.parametrize("who", EVERYBODY)
def test_every_page_a_link_leads_to_is_accessible_and_fits(who: str, visit: Visits) -> None:
    page = visit(who)
    wrong = []
    for step in walk(page):
        assert step.answer.status == 200, f"{step.address} answers {step.answer.status}"
        html = step.answer.text()
        for width in (DESKTOP, PHONE):
            page.set_viewport_size({"width": width, "height": 900})
            wrong += [f"{step.address} at {width}: {found}" for found in check_page(page, html)]
    assert wrong == []


def test_the_door_and_the_pages_of_errors_are_accessible_and_fit(visit: Visits) -> None:
    visit.complaints.expected = ("404 (Not Found)", "422 (Unprocessable")
    page = visit(None)
    wrong = []
    for address in ("/sign-in", "/sign-in/code", "/password?link=x"):
        answer = page.goto(address)
        assert answer is not None
        wrong += check_page(page, answer.text())
    page.goto("/sign-in")
    page.get_by_label("Email address").fill("nobody@demo.example")
    page.get_by_label("Password", exact=True).fill("not this one")
    page.get_by_role("button", name="Sign in").click()
    assert page.title().startswith("Error: Sign in")
    wrong += check_page(page, page.content())
    answer = visit("company").goto("/nowhere")
    assert answer is not None
    assert answer.status == 404
    assert wrong == []


def test_somebody_unknown_is_asked_to_sign_in_and_comes_back_to_the_page_they_wanted(visit: Visits) -> None:
    page = visit(None)
    page.goto("/studies?q=xanomeline")
    page.locator('form:has(input[value="company@demo.example"]) button').click()
    page.wait_for_url("**/studies?q=xanomeline")
    assert page.locator("h1").inner_text() == "Studies"


def test_signing_out_ends_the_session_at_once(visit: Visits) -> None:
    page = visit("company")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in?said=signed-out")
    page.goto("/studies")
    assert "/sign-in" in page.url
