"""What a signed receipt adds to the verdict on a contract, and that none but a right one adds anything."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ncvr.domain.receipt import Receipt
from ncvr.domain.signing_key import SigningKey
from ncvr.domain.verdict import Verdict
from ncvr.files.appendix_verifier import verify_contract
from ncvr.files.docx_package import read_package, write_package
from ncvr.files.price_files import prices_from
from ncvr.files.receipt_files import receipt_from
from ncvr.files.signing_keys import Signer
from tests.contracts import ON, prices, sample, site_price
from tests.signatures import contract, signer, with_public


@pytest.fixture(scope="module")
def pen(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return signer(tmp_path_factory.mktemp("keys"))


def receipt(record: dict[str, Any]) -> Receipt:
    reading = receipt_from(record, "receipt")
    assert reading.value is not None, reading.findings
    return reading.value


def judged(record: dict[str, Any], *keys: SigningKey, as_of: date | None = ON, document: bytes | None = None, **more: Any) -> Verdict:
    return verify_contract(document or contract().document, [sample()], receipt=receipt(record), keys=keys, as_of=as_of, **more)


def test_figures_equal_to_a_validly_signed_receipt_need_no_price(pen: Signer) -> None:
    verdict = judged(pen.signed(contract().receipt), pen.key, signed_only=True)
    assert verdict.verdict == "unmodified", verdict.findings
    assert verdict.receipt == "valid signature"
    assert verdict.numbers_from == "signed receipt"
    assert verdict.says == "The text is unmodified, and the figures are those of a validly signed receipt"
    assert any(finding.check == "signature" and pen.key.id in finding.says for finding in verdict.findings)


def test_an_unsigned_receipt_still_counts_with_the_words_beside_it_unless_only_signed_ones_may(pen: Signer) -> None:
    loose, strict = judged(contract().receipt, pen.key), judged(contract().receipt, pen.key, signed_only=True)
    assert (loose.verdict, loose.receipt) == ("unmodified", "unsigned")
    assert "equal to an unsigned receipt" in loose.says
    assert strict.verdict == "cannot tell"


def test_a_changed_receipt_is_forged_even_beside_the_right_price(pen: Signer) -> None:
    changed = {**pen.signed(contract().receipt), "software": "ncvr 9"}
    trusted = prices_from(prices(site_price()), "prices").value
    verdict = judged(changed, pen.key, price=trusted)
    assert (verdict.verdict, verdict.receipt) == ("modified", "forged")
    assert "was changed after" in verdict.errors[0].says


def test_no_key_that_is_unknown_expired_revoked_or_for_another_purpose_is_accepted(pen: Signer, tmp_path: Path) -> None:
    signed = pen.signed(contract().receipt)
    stamp = signer(tmp_path, purpose="checkpoint")
    cases: dict[str, tuple[dict[str, Any], tuple[SigningKey, ...], date | None]] = {
        "unknown": (signed, (), ON),
        "expired": (signed, (pen.key,), date(2030, 1, 1)),
        "not yet valid": (signed, (pen.key,), date(2025, 1, 1)),
        "revoked": (signed, (with_public(pen.key, revoked_on=ON),), ON),
        "wrong purpose": (stamp.signed(contract().receipt), (stamp.key,), ON),
        "no day": (signed, (pen.key,), None),
    }
    for name, (record, keys, as_of) in cases.items():
        verdict = judged(record, *keys, as_of=as_of, signed_only=True)
        assert (verdict.verdict, verdict.receipt) == ("cannot tell", "unsigned"), name
        assert any("the signature does not count" in finding.says for finding in verdict.findings), name


def test_a_signed_receipt_does_not_cover_up_a_changed_figure(pen: Signer) -> None:
    package = read_package(contract().document)
    body = package.content("word/document.xml")
    amount = contract().receipt["price"]["setup_and_closedown"][0]["price"]
    shown = f"£{int(amount.partition('.')[0]):,}.{amount.partition('.')[2]}".encode()
    assert shown in body
    altered = write_package(package, {"word/document.xml": body.replace(shown, b"\xc2\xa39,999.99", 1)})
    verdict = judged(pen.signed(contract().receipt), pen.key, document=altered)
    assert (verdict.verdict, verdict.numbers, verdict.receipt) == ("modified", "different", "valid signature")


def test_the_signed_receipt_of_another_site_does_not_fit(pen: Signer) -> None:
    verdict = judged(pen.signed(contract("RP4").receipt), pen.key)
    assert verdict.verdict == "modified"


def test_a_signed_receipt_of_an_uncertified_contract_cannot_tell(pen: Signer) -> None:
    verdict = judged(pen.signed({**contract().receipt, "certified": False}), pen.key)
    assert (verdict.verdict, verdict.receipt) == ("cannot tell", "valid signature")
