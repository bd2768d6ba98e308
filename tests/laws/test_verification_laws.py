"""What is filled verifies, for every legal study, site and details; and no number of it can be another."""

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ncvr.domain.prices_file import PricesFile
from ncvr.domain.receipt import Receipt
from ncvr.domain.verdict import Verdict
from ncvr.files.appendix_verifier import verify_contract
from ncvr.files.docx_package import read_package, write_package
from ncvr.files.receipt_files import receipt_record
from tests.contract_fixtures import ARM_A, ARM_B, Arm, Filling, filled, prices_of, receipt_of, second_template
from tests.contracts import appendix, details, prices, sample, sample_filler
from tests.laws.studies import SITES, studies, tariffs
from tests.laws.test_contract_laws import MONEY, WORDS, priced

ARM_C = Arm("C", "Third", (("C/V1", "Only visit", "–", "£0.10"),), "£0.10")
DETAILS = st.fixed_dictionaries(
    {
        "choices": st.fixed_dictionaries({"archiving_party": st.sampled_from(["site", "sponsor"])}),
        "conditions": st.fixed_dictionaries({"transplantation": st.booleans(), "equipment_on_loan": st.booleans()}),
        "screen_failure": st.sampled_from([{"pay": "all"}, {"pay": "rule", "rule": "one in three"}]),
        "recitals": st.none() | st.lists(st.sampled_from(["A recital.", "Another “one” & more.", "It < is."]), min_size=1, max_size=6),
        "sponsor": st.fixed_dictionaries(
            {
                "legal_name": st.sampled_from(["Smith & Nephew <UK> Ltd", "Société Générale", "A]]>B"]),
                "number": st.just("1"),
                "address": st.just("x"),
                "signing_party": st.just("y"),
            }
        ),
    }
)


def verified(study: dict[str, Any], tariff: dict[str, Any], site: str, told: dict[str, Any]) -> tuple[bytes, PricesFile, Receipt, Verdict]:
    price = priced(study, tariff, site)
    contract = sample_filler().fill(appendix(price, details(**told)), site)
    record = prices(price)
    receipt = Receipt.model_validate(receipt_record(sample(), contract, record, dates={}, salt="00" * 16, certified=True))
    beside = PricesFile.model_validate(record)
    return contract.content, beside, receipt, verify_contract(contract.content, [sample()], price=beside, receipt=receipt)


@settings(max_examples=25)
@given(study=studies(), tariff=tariffs(), site=st.sampled_from(SITES), told=DETAILS)
def test_what_is_filled_is_unmodified_at_every_level(study: dict[str, Any], tariff: dict[str, Any], site: str, told: dict[str, Any]) -> None:
    _, _, _, verdict = verified(study, tariff, site, told)
    levels = (verdict.verdict, verdict.words, verdict.numbers, verdict.values, verdict.formatting, verdict.strict)
    assert levels == ("unmodified", "equal", "equal", "equal", "equal", "equal"), [str(finding) for finding in verdict.findings]


@settings(max_examples=25)
@given(study=studies(), tariff=tariffs(), site=st.sampled_from(SITES), data=st.data())
def test_any_other_amount_is_found(study: dict[str, Any], tariff: dict[str, Any], site: str, data: st.DataObject) -> None:
    content, beside, receipt, _ = verified(study, tariff, site, {})
    package = read_package(content)
    text = package.content("word/document.xml").decode()
    amounts = list(MONEY.finditer(text))
    amount = data.draw(st.sampled_from(amounts))
    at = data.draw(st.sampled_from([at for at in range(amount.start(), amount.end()) if text[at].isdigit()]))
    digit = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != text[at]]))
    changed = write_package(package, {"word/document.xml": (text[:at] + digit + text[at + 1 :]).encode()})
    assert verify_contract(changed, [sample()], price=beside, receipt=receipt).verdict == "modified"


@given(words=st.fixed_dictionaries(dict.fromkeys(("study", "sponsor", "site", "sponsor_contact", "site_contact", "phase"), WORDS)))
def test_what_the_oracle_writes_is_unmodified_whatever_the_values(words: dict[str, Any]) -> None:
    """Save words that a reader could not tell from others: those are reported, and nothing else is."""
    template = second_template()
    told = replace(Filling(), **words)
    content = filled(told)
    beside, receipt = PricesFile.model_validate(prices_of(told)), Receipt.model_validate(receipt_of(told, template, content))
    verdict = verify_contract(content, [template], price=beside, receipt=receipt)
    assert {finding.check for finding in verdict.errors} <= {"characters", "residue"}, [str(finding) for finding in verdict.errors]


@given(
    transplant=st.booleans(),
    keeper=st.sampled_from(["site", "sponsor"]),
    phase=st.sampled_from(["I", "III"]),
    arms=st.sampled_from([(ARM_A,), (ARM_B,), (ARM_A, ARM_B), (ARM_B, ARM_A, ARM_C)]),
    recitals=st.none() | st.lists(st.sampled_from(["One.", "Two, with “quotes”.", "3"]), min_size=1, max_size=5),
)
def test_every_shape_that_the_oracle_writes_is_unmodified(**shape: Any) -> None:
    template = second_template()
    told = replace(Filling(), **shape)
    content = filled(told)
    beside, receipt = PricesFile.model_validate(prices_of(told)), Receipt.model_validate(receipt_of(told, template, content))
    verdict = verify_contract(content, [template], price=beside, receipt=receipt)
    assert verdict.verdict == "unmodified", [str(finding) for finding in verdict.findings]
    assert verdict.strict == "equal"
