"""The same work where no script runs: every step is an ordinary form, a link or a file."""

from pathlib import Path

import openpyxl
from playwright.sync_api import expect

from tests.browser.conftest import Visits
from tests.browser.steps import STUDY, answer_query, confirm, downloaded, give_details, next_act, said, verdict

SITE = f"{STUDY}/sites/RK9"


def test_a_study_is_reviewed_priced_shared_accepted_and_amended_by_a_workbook(visit: Visits, tmp_path: Path) -> None:
    visit.complaints.expected = ("422 (Unprocessable",)
    company, reviewer, site = (visit(who, scripts=False) for who in ("company", "reviewer", "site.rk9"))

    company.goto(f"{STUDY}/review")
    answer_query(company, "Yes, for all of it")
    next_act(company, STUDY, "Hand back to the lead site", "The schedule is with the lead site again")

    # The reviewer edits an activity in its form: the grid is a plain table here.
    reviewer.goto(f"{STUDY}/review")
    reviewer.get_by_role("link", name="Informed consent").first.click()
    reviewer.get_by_label("Minutes", exact=True).first.fill("half an hour")
    reviewer.get_by_role("button", name="Save activity").click()
    expect(reviewer.locator(".nhsuk-error-summary")).to_contain_text("half an hour")
    reviewer.get_by_label("Minutes", exact=True).first.fill("15")
    reviewer.get_by_role("button", name="Save activity").click()
    expect(said(reviewer)).to_contain_text("The activity is saved")
    reviewer.goto(f"{STUDY}/review/agree")
    confirm(reviewer, "Agree the resource", "You have agreed the resource")

    next_act(company, STUDY, "Confirm the resource", "The resource is agreed and fixed")
    next_act(company, SITE, "Lock the price", "The price is locked")
    give_details(company, "RK9")
    next_act(company, SITE, "Share with the site", "The price and its contract are shared")
    next_act(site, STUDY, "Accept the price", "You have accepted the price")
    site.goto(f"{STUDY}/contracts")
    assert verdict(site, downloaded(site, site.get_by_role("link", name="Download contract"), tmp_path), "RK9") == "Unmodified"

    # An amendment, made in a workbook: of what it proposes one change is taken over, the other is not.
    company.goto(f"{STUDY}/review/amend")
    company.get_by_label("Reason").fill("Consent takes longer than we thought")
    confirm(company, "Amend the study", "A draft of the next version is open")
    company.goto(f"{STUDY}/workbook")
    file = downloaded(company, company.get_by_role("link", name="Download the workbook"), tmp_path)
    fill_in(file, {("P05", 10): 12, ("P06", 15): 25})
    company.get_by_label("The workbook").set_input_files(file)
    company.get_by_role("button", name="Check this workbook").click()
    expect(company.locator("h1")).to_have_text("What the workbook changes")
    changes = company.locator('input[name="change"]')
    expect(changes).to_have_count(2)
    changes.nth(1).uncheck()
    company.get_by_role("button", name="Accept the ticked changes").click()
    expect(said(company)).to_contain_text("The changes of the workbook are accepted")
    company.goto(f"{STUDY}/differences?from=1&to=2")
    expect(company.locator("main")).to_contain_text("1 line changed")
    company.goto(f"{STUDY}/review/submit")
    company.get_by_label("Version of the protocol").fill("2")
    confirm(company, "Submit for review", "The schedule is submitted")


def fill_in(file: Path, changes: dict[tuple[str, int], int]) -> None:
    """Change minutes in the workbook, each found by its activity and by what it was, as somebody does in Excel."""
    book = openpyxl.load_workbook(file)
    for (line, was), now in changes.items():
        rows = [row for sheet in book.worksheets for row in sheet.iter_rows() if row[1].value == line]
        cell = next(cell for row in rows for cell in row[:10] if cell.value == was)
        cell.value = now
    book.save(file)
