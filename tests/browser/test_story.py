"""The whole story of a study through its pages, by its people: from a query to a signed contract that its history tells."""

import re
import zipfile
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Served, Visits
from tests.browser.steps import STUDY, answer_query, confirm, downloaded, fill_day, give_details, next_act, said, verdict
from tests.browser.test_grid import cell, saved

TOLD = (  # newest first
    "Priya Natarajan recorded the contract of University Hospitals Plymouth NHS Trust, signed on",
    "Owen Pascoe accepted the price of University Hospitals Plymouth NHS Trust",
    "Priya Natarajan shared the price and contract of University Hospitals Plymouth NHS Trust with the site",
    "Priya Natarajan changed the contract details of University Hospitals Plymouth NHS Trust",
    "Priya Natarajan confirmed the resource, which fixed it",
    "Thomas Aldridge agreed the resource",
    "Thomas Aldridge changed minutes of Consultant (medical) in Informed consent (P01) from 20 to 10",
    "Priya Natarajan handed the schedule back to the lead site",
    "Priya Natarajan answered the query on Informed consent (P01): “For the first ten minutes; a nurse goes on”",
    "Priya Natarajan submitted the schedule for review",
)
SITE, OTHER = f"{STUDY}/sites/RK9", f"{STUDY}/sites/RTD"


def test_from_a_query_to_a_signed_contract_by_the_people_of_a_study(visit: Visits, served: Served, tmp_path: Path) -> None:
    visit.complaints.expected = ("404 (Not Found)", "409 (Conflict)")
    company, reviewer, site, other, network = (visit(who) for who in ("company", "reviewer", "site.rk9", "site.rtd", "network"))

    # What waits for the company leads to the query; it is answered, and the schedule handed back.
    company.goto("/")
    company.locator(f'main a[href^="{STUDY}"]').first.click()
    answer_query(company, "For the first ten minutes; a nurse goes on")
    next_act(company, STUDY, "Hand back to the lead site", "The schedule is with the lead site again")

    # The reviewer reads the answer, shortens the consultant's minutes in the grid, and agrees.
    reviewer.goto(f"{STUDY}/review")
    expect(reviewer.locator("#queries")).to_contain_text("For the first ten minutes")
    before = reviewer.locator("#arm-total").inner_text()
    cell(reviewer, "P01", 2).click()
    reviewer.keyboard.type("10")
    reviewer.keyboard.press("Enter")
    saved(reviewer)
    assert reviewer.locator("#arm-total").inner_text() != before
    reviewer.goto(STUDY)
    reviewer.get_by_role("link", name="Agree the resource").click()
    confirm(reviewer, "Agree the resource", "You have agreed the resource")

    # The company confirms. A site finds nothing until its price is shared with it.
    next_act(company, STUDY, "Confirm the resource", "The resource is agreed and fixed")
    site.goto(STUDY)
    expect(site.locator("h1")).to_have_text("Page not found")
    for code, address in (("RK9", SITE), ("RTD", OTHER)):
        next_act(company, address, "Lock the price", "The price is locked")
        give_details(company, code)
        next_act(company, address, "Share with the site", "The price and its contract are shared")

    # The site looks at why its price is what it is: the workings end in the price that its link showed. It accepts.
    site.goto(f"{STUDY}/prices")
    price = site.locator(f'#prices a[href^="{SITE}/why/visit/"]').first
    pounds = price.inner_text()
    price.click()
    expect(site.locator("h1")).to_contain_text(f"costs {pounds}")
    expect(site.locator("#sentence")).to_contain_text("multiplier")
    expect(site.locator("#workings tfoot tr").last).to_contain_text(pounds)
    next_act(site, STUDY, "Accept the price", "You have accepted the price")

    # Another site misses something, which the network finds in the costing already; the site may accept again.
    escalate(other, network)
    next_act(other, STUDY, "Accept the price", "You have accepted the price")

    # The company downloads the contract, has the very file verified, and records the signature.
    company.goto(f"{STUDY}/contracts")
    contract = downloaded(company, company.locator(f'a[href="{SITE}/contract.docx"]'), tmp_path)
    assert verdict(company, contract, "RK9") == "Unmodified"
    company.goto(SITE)
    company.locator("#next-act").click()
    company.get_by_label("Fingerprint in the signed document").fill(fingerprint(contract))
    fill_day(company, "signed_on", "2026-01-04")
    company.get_by_role("button", name="Record the signed contract").click()
    expect(company.locator(".nhsuk-error-summary")).to_contain_text("The price was made only on")
    fill_day(company, "signed_on", served.office.clock.today().isoformat())  # the fingerprint is still there
    confirm(company, "Record the signed contract", "The contract is recorded, and its price is frozen")
    assert re.findall(r"Contracted|Accepted", company.locator("#sites").inner_text()) == ["Contracted", "Accepted"]

    # The history tells all of it, newest first.
    told = history(company)
    missing = [words for words in TOLD if words not in told]
    assert missing == [], told
    assert sorted(TOLD, key=told.index) == list(TOLD)


def escalate(site: Page, network: Page) -> None:
    """The site of the other price escalates an omission; the network decides it."""
    site.goto(f"{OTHER}/escalate")
    site.get_by_label("What is missing").fill("Line flush")
    site.get_by_label("Who does it").select_option("research_nurse")
    site.get_by_label("Minutes each time").fill("10")
    site.get_by_label("Times", exact=True).fill("1")
    site.locator('[name="ground"]').first.check()
    site.get_by_label("Where in the protocol").fill("6.2")
    site.get_by_label("Reason", exact=True).fill("In the protocol, not in the costing")
    site.get_by_role("button", name="Work out what it comes to").click()
    site.get_by_role("button", name="Send escalation").click()
    expect(said(site)).to_contain_text("The escalation is sent")
    network.goto(STUDY)
    network.locator("#next-act").click()
    network.locator("#escalations tbody a").first.click()
    network.locator('[name="outcome"][value="already_included"]').check()
    network.get_by_label("Reason", exact=True).fill("Part of the infusion’s time")
    network.get_by_role("button", name="Decide", exact=True).click()
    expect(said(network)).to_contain_text("The escalation is decided")


def fingerprint(contract: Path) -> str:
    """As it is printed in the financial appendix."""
    with zipfile.ZipFile(contract) as package:
        text = re.sub("<[^>]+>", "", package.read("word/document.xml").decode("utf-8"))
    printed = re.search("sha256:[0-9a-f]{64}", text)
    assert printed is not None
    return printed[0]


def history(page: Page) -> str:
    """The entries of every page of the history, one a line."""
    page.goto(f"{STUDY}/history")
    told = page.locator(".ncvr-history li").all_inner_texts()
    while (older := page.get_by_role("link", name="Show older entries")).count():
        older.click()
        told += page.locator(".ncvr-history li").all_inner_texts()
    return "\n".join(" ".join(each.split()) for each in told)
