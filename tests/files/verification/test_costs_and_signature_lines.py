"""What decides money but is no price: costs passed on are held to the price's caps, and a signature line holds no condition."""

from datetime import date

import pytest

from ncvr import examples, settings
from ncvr.domain.price_record import prices_record
from ncvr.domain.prices_file import PricesFile
from ncvr.domain.receipt import Receipt
from ncvr.domain.verdict import Verdict
from ncvr.files.appendix_verifier import verify_contract
from ncvr.files.docx_package import read_package, write_package
from ncvr.files.template_registry import read_templates
from ncvr.services.contracting import SiteContract, fill_contracts
from ncvr.services.pricing import SOFTWARE

ON = date(2026, 6, 1)
BLANK = "______________________________________"


@pytest.fixture(scope="module")
def filled() -> tuple[SiteContract, PricesFile]:
    made = fill_contracts(
        examples.study(), examples.details(), template="mCTA", templates=settings.templates_folder(), tariffs=settings.tariffs_folder(), on=ON, sites=["RGT"]
    )
    record = prices_record(made.priced.costs, made.priced.prices, on=ON, software=SOFTWARE)
    return made.contracts[0], PricesFile.model_validate(record)


def judged(filled: tuple[SiteContract, PricesFile], before: str = "", after: str = "", *, receipt: bool = False) -> Verdict:
    contract, price = filled
    package = read_package(contract.content)
    body = package.content("word/document.xml")
    assert before.encode() in body
    content = write_package(package, {"word/document.xml": body.replace(before.encode(), after.encode(), 1)})
    templates, _ = read_templates(settings.templates_folder())
    return verify_contract(content, templates, price=price, receipt=Receipt.model_validate(contract.receipt) if receipt else None)


def test_an_untouched_contract_is_unmodified_and_its_own_costs_are_listed_to_read(filled: tuple[SiteContract, PricesFile]) -> None:
    verdict = judged(filled)
    assert verdict.verdict == "unmodified"
    said = [finding.says for finding in verdict.findings if finding.level == "notice"]
    assert any(words.startswith("X11 ") and "the price does not hold this cost, so it is not compared" in words for words in said)
    assert not [finding for finding in judged(filled, receipt=True).findings if finding.check == "figures"], "the receipt holds them"


@pytest.mark.parametrize(("before", "after"), [("£35.00", "£350.00"), ("£35.00", "No cap")])
def test_a_changed_cap_is_found_beside_the_price(filled: tuple[SiteContract, PricesFile], before: str, after: str) -> None:
    verdict = judged(filled, before, after)
    assert (verdict.verdict, verdict.numbers) == ("modified", "different")
    assert any("the cap of X01 Participant and carer travel is £35.00 in the price" in finding.says for finding in verdict.findings)


def test_an_expense_that_the_price_does_not_know_is_found(filled: tuple[SiteContract, PricesFile]) -> None:
    verdict = judged(filled, ">X01<", ">X99<")
    said = " | ".join(finding.says for finding in verdict.findings)
    assert verdict.verdict == "modified"
    assert "X99 Participant and carer travel is no expense of the price" in said
    assert "X01 is a cost passed on in the price, but not in the schedule" in said


def test_the_words_of_a_row_and_the_free_text_are_listed_when_nothing_vouches_for_them(filled: tuple[SiteContract, PricesFile]) -> None:
    verdict = judged(filled, "Each year", "Each month")
    listed = " | ".join(f"{value.value} ({value.compared})" for value in verdict.values_found)
    assert "S07; Pharmacy maintenance; Pharmacy; Each month; each anniversary of opening (not compared)" in listed
    assert "wishes to have a clinical investigation carried out" in listed
    assert judged(filled, "Each year", "Each month", receipt=True).verdict == "modified"


@pytest.mark.parametrize("words", ["Signed subject to a 10% reduction of all prices", "on the terms of the letter that the parties exchanged", "£1"])
def test_a_signature_line_holds_no_condition(filled: tuple[SiteContract, PricesFile], words: str) -> None:
    verdict = judged(filled, BLANK, words, receipt=True)
    assert verdict.verdict == "modified"
    assert any("says more than a name or a date" in finding.says for finding in verdict.findings)


@pytest.mark.parametrize("words", ["Rosalind Hart", "1 July 2026", "01/07/2026"])
def test_a_name_or_a_date_on_the_line_is_said_and_no_change(filled: tuple[SiteContract, PricesFile], words: str) -> None:
    verdict = judged(filled, BLANK, words, receipt=True)
    assert verdict.verdict == "unmodified"
    assert any("has been completed" in finding.says for finding in verdict.findings)
