"""Files that are sent through the pages and are not what they should be: each says so, and nothing is taken over."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visits
from tests.browser.steps import STUDY, downloaded
from tests.browser.test_every_page import check_page

SUMMARY = ".nhsuk-error-summary"
# The name of a file, what is in it, and what the page says of it.
NO_CONTRACTS = [
    ("scan.docx", b"%PDF-1.7", "This is not a Word file"),
    ("old.docx", bytes.fromhex("d0cf11e0a1b11ae1"), "This is an old .doc file, or one with a password"),
]


@pytest.mark.parametrize(("name", "content", "says"), NO_CONTRACTS)
def test_a_file_that_is_no_contract_is_told_apart_by_name(visit: Visits, tmp_path: Path, name: str, content: bytes, says: str) -> None:
    visit.complaints.expected = ("422 (Unprocessable",)
    page, file = visit("site.rgt"), tmp_path / name
    file.write_bytes(content)
    page.goto("/verify")
    page.get_by_role("button", name="Verify this file").click()
    expect(page.locator(SUMMARY)).to_contain_text("No file was chosen")
    page.get_by_label("Contract", exact=True).set_input_files(file)
    page.get_by_role("button", name="Verify this file").click()
    expect(page.locator(SUMMARY)).to_contain_text(says)
    assert check_page(page, page.content()) == []


def test_a_contract_with_one_digit_changed_is_modified_and_the_page_says_where(visit: Visits, demo_folder: Path) -> None:
    (altered,) = (demo_folder / "altered").glob("*.docx")
    page = visit("site.rgt")
    page.goto("/verify")
    page.get_by_label("Contract", exact=True).set_input_files(altered)
    page.get_by_role("button", name="Verify this file").click()
    expect(page.locator("#verdict h1")).to_contain_text("Modified")
    expect(page.locator("#findings")).to_contain_text("The visits above add up to £4,976.35, but the total reads £4,976.34")


def test_what_is_no_workbook_of_this_study_changes_nothing(visit: Visits, tmp_path: Path) -> None:
    visit.complaints.expected = ("422 (Unprocessable",)
    page = visit("company")
    page.goto("/studies/1012345/workbook")
    another = downloaded(page, page.get_by_role("link", name="Download the workbook"), tmp_path)
    text = tmp_path / "study.xlsx"
    text.write_text("minutes")
    page.goto(f"{STUDY}/review")
    before = page.locator("#arm-total").inner_text()
    for file in (None, text, another):
        page.goto(f"{STUDY}/workbook")
        if file is not None:
            page.get_by_label("The workbook").set_input_files(file)
        page.get_by_role("button", name="Check this workbook").click()
        expect(page.locator(SUMMARY)).to_be_visible()
        assert page.title().startswith("Error: ")
        assert check_page(page, page.content()) == []
    page.goto(f"{STUDY}/review")
    assert page.locator("#arm-total").inner_text() == before
