"""What a signature is worth, on which day, and with which key."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from ncvr.domain.signing_key import KeyList, SignatureCheck, SigningKey, check_signature, signed_bytes
from ncvr.files.signing_keys import Signer
from tests.contracts import ON
from tests.signatures import FIRST, LAST, contract, signer, with_public


@pytest.fixture(scope="module")
def pen(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return signer(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def receipt(pen: Signer) -> dict[str, Any]:
    return pen.signed(contract().receipt)


def judged(receipt: dict[str, Any], *keys: SigningKey, as_of: date = ON) -> SignatureCheck:
    return check_signature(receipt, keys, purpose="receipt", as_of=as_of)


def test_a_right_signature_by_a_known_valid_key_counts(pen: Signer, receipt: dict[str, Any]) -> None:
    check = judged(receipt, pen.key)
    assert check.counts
    assert check.key == pen.key
    assert str(ON) in check.says


def test_an_unsigned_receipt_is_said_to_be_unsigned(pen: Signer) -> None:
    check = judged(contract().receipt, pen.key)
    assert check.standing == "unsigned"
    assert "anybody could have written it" in check.says


def test_a_signature_that_names_no_key_is_forged(pen: Signer, receipt: dict[str, Any]) -> None:
    assert judged({**receipt, "signed_by": None}, pen.key).standing == "forged"


def test_a_key_that_is_not_in_the_list_proves_nothing(receipt: dict[str, Any]) -> None:
    assert judged(receipt).standing == "unknown key"


def test_a_receipt_that_was_changed_after_it_was_signed_is_forged(pen: Signer, receipt: dict[str, Any]) -> None:
    for change in ({"pricing_date": "2026-06-02"}, {"signed_by": {**receipt["signed_by"], "signed_on": "2026-05-01"}}, {"certified": False}):
        assert judged({**receipt, **change}, pen.key).standing == "forged"


def test_the_signature_of_another_receipt_is_forged(pen: Signer, receipt: dict[str, Any]) -> None:
    other = pen.signed(contract("RP4").receipt)
    assert judged({**receipt, "signature": other["signature"]}, pen.key).standing == "forged"


def test_a_signature_by_another_key_under_this_keys_name_is_forged(pen: Signer, receipt: dict[str, Any], tmp_path: Path) -> None:
    impostor = signer(tmp_path).signed(contract().receipt)
    assert judged({**impostor, "signed_by": receipt["signed_by"]}, pen.key).standing == "forged"


def test_a_signature_written_another_way_in_base64_is_forged(pen: Signer, receipt: dict[str, Any]) -> None:
    text = receipt["signature"]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    same_bytes = text[:85] + alphabet[alphabet.index(text[85]) + 1] + "=="  # only unused bits of the last sign differ
    assert judged({**receipt, "signature": same_bytes}, pen.key).standing == "forged"


def test_a_key_for_another_purpose_does_not_count(tmp_path: Path) -> None:
    pen = signer(tmp_path, purpose="checkpoint")
    assert judged(pen.signed(contract().receipt), pen.key).standing == "wrong purpose"


@pytest.mark.parametrize(
    ("as_of", "standing"),
    [
        (FIRST, "not yet valid"),  # the key is valid, but the receipt was signed later
        (ON - timedelta(days=1), "not yet valid"),
        (ON, "valid"),
        (LAST, "valid"),
        (LAST + timedelta(days=1), "expired"),
    ],
)
def test_the_day_asked_about_lies_within_the_keys_days_and_not_before_the_signing(pen: Signer, receipt: dict[str, Any], as_of: date, standing: str) -> None:
    assert judged(receipt, pen.key, as_of=as_of).standing == standing


def test_a_key_that_signed_before_its_first_day_or_after_its_last_does_not_count(pen: Signer, receipt: dict[str, Any]) -> None:
    later = with_public(pen.key, valid_from=ON + timedelta(days=1))
    earlier = with_public(pen.key, valid_to=ON - timedelta(days=1))
    assert judged(receipt, later, as_of=LAST).standing == "not yet valid"
    assert judged(receipt, earlier, as_of=ON).standing == "expired"


def test_a_revoked_key_counts_for_nothing_even_for_what_it_says_it_signed_before(pen: Signer, receipt: dict[str, Any]) -> None:
    revoked = with_public(pen.key, revoked_on=date(2026, 9, 1))
    assert judged(receipt, revoked, as_of=date(2026, 8, 31)).standing == "valid"
    assert judged(receipt, revoked, as_of=date(2026, 9, 1)).standing == "revoked"
    assert judged(receipt, revoked, as_of=date(2026, 12, 1)).standing == "revoked"


def test_signed_bytes_carry_the_formats_name_so_that_no_signature_fits_another_kind_of_record() -> None:
    assert signed_bytes("ncvr-receipt/1", {"a": 1}).startswith(b"ncvr-receipt/1\x00")
    assert signed_bytes("ncvr-receipt/1", {"a": 1}) != signed_bytes("ncvr-other/1", {"a": 1})
    assert len(signed_bytes("ncvr-receipt/1", {})) == len(b"ncvr-receipt/1") + 1 + 32


def test_another_public_key_cannot_stand_under_a_known_id(pen: Signer, tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="the id is not that of the public key"):
        with_public(pen.key, public_key=signer(tmp_path).key.public_key)


def test_a_key_whose_last_day_is_before_its_first_is_refused(pen: Signer) -> None:
    with pytest.raises(ValidationError, match="the last day is before the first"):
        with_public(pen.key, valid_to=FIRST - timedelta(days=1))


def test_a_list_that_names_a_key_twice_is_refused(pen: Signer) -> None:
    with pytest.raises(ValidationError, match="stands twice"):
        KeyList(keys=[pen.key, with_public(pen.key, revoked_on=ON)])
