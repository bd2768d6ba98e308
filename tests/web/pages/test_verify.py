"""Verifying a contract on a page: what came out in words and colour, plain reasons for what is no contract, and no figure for who may not see it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import Database
from tests.offices import IRAS
from tests.web.pages.reading import Sheet, reader
from tests.web.test_verified_agreements import agreements, altered, contract_of, opened
from tests.web.visiting import Web


@pytest.fixture
def shared_api(sqlite_database: Database, tmp_path: Path) -> Iterator[Web]:
    yield from opened(sqlite_database, tmp_path)


def sent(api: Web, who: str, content: bytes, *, receipt: bytes = b"", **typed: str) -> Sheet:
    files = {"file": ("returned <b>.docx", content), **({"receipt": ("receipt.json", receipt)} if receipt else {})}
    return reader(api, who).ask("POST", "/verify", data=typed, files=files)


def test_a_contract_as_it_went_out_is_unmodified_and_a_changed_one_names_the_change(shared_api: Web) -> None:
    content = contract_of(shared_api, "RGT")
    same = sent(shared_api, "company", content, iras_id=IRAS, ods="rgt")
    assert same.heading == "Unmodified"
    assert "ncvr-verdict--green" in same.tree.xpath("//div[@id='verdict']")[0].get("class")
    assert [each.text_content() for each in same.tree.xpath("//table[@id='compared']//tbody//th")] == ["Words", "Numbers", "Filled values", "Formatting"]
    assert [record["kind"] for record in agreements(shared_api)] == ["agreement_unmodified"]
    other = sent(shared_api, "company", altered(content), iras_id=IRAS, ods="RGT")
    assert other.heading.startswith("Modified: 1 finding")
    cells = [each.text_content().strip() for each in other.tree.xpath("//table[@id='findings']//tbody/tr/*")]
    assert "Participating Organisation" in cells[1]
    assert "Participating Organization" in cells[2]
    report = other.tree.xpath("//a[@download='verification.html']")[0].get("href")
    assert report.startswith("data:text/html")


def test_a_receipt_has_the_filled_values_compared(shared_api: Web) -> None:
    content = contract_of(shared_api, "RGT")
    receipt = shared_api.as_("company").ask("GET", f"/studies/{IRAS}/sites/RGT/receipt.json").content
    page = sent(shared_api, "company", content, receipt=receipt, iras_id=IRAS, ods="RGT")
    results = [each.text_content().strip() for each in page.tree.xpath("//table[@id='compared']//tbody/tr/td[1]")]
    assert results == ["Equal", "Equal", "Equal", "Equal"]
    wrong = sent(shared_api, "company", content, receipt=b'{"format": "other"}')
    assert wrong.status == 422
    assert "This is no receipt of ours" in wrong.text


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "No file was chosen"),
        (b"%PDF-1.7", "This is not a Word file"),
        (bytes.fromhex("d0cf11e0a1b11ae1"), "an old .doc file, or one with a password"),
        (b"PK" + bytes(20 * 2**20), "larger than 20 MB"),
    ],
)
def test_what_is_no_contract_file_is_said_plainly_at_the_field(shared_api: Web, content: bytes, says: str) -> None:
    page = sent(shared_api, "company", content)
    assert page.status == 422
    assert says in page.text
    assert page.tree.xpath("//div[contains(@class, 'nhsuk-error-summary')]//a/@href") == ["#file"]


def test_a_broken_file_cannot_be_told_and_the_page_says_what_to_do(shared_api: Web) -> None:
    page = sent(shared_api, "auditor", b"PK\x03\x04 broken")
    assert page.heading == "Cannot tell"
    assert "What to do:" in page.text


@pytest.mark.parametrize("who", ["rival", "reviewer", "site_rk9"])
def test_who_may_not_read_the_price_learns_no_figure_of_it(shared_api: Web, who: str) -> None:
    content = altered(contract_of(shared_api, "RGT"))
    named = sent(shared_api, who, content, iras_id=IRAS, ods="RGT")
    assert named.status == 422
    absent = sent(shared_api, who, content, iras_id="1009999", ods="RGT")
    assert named.text == absent.text
    assert agreements(shared_api) == []
    alone = sent(shared_api, who, content)
    assert alone.status == 200
    assert not alone.tree.xpath("//table[@id='schedule']//td[4][normalize-space()]")


def test_a_study_without_a_site_is_asked_for_the_other(shared_api: Web) -> None:
    page = sent(shared_api, "company", b"PK", iras_id=IRAS)
    assert page.status == 422
    assert page.tree.xpath("//div[contains(@class, 'nhsuk-error-summary')]//a/@href") == ["#ods"]
