"""A contract with its receipt, and keys to sign it with."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from ncvr.domain.signing_key import Purpose, SigningKey
from ncvr.files.receipt_files import receipt_record
from ncvr.files.signing_keys import Signer, record_new_key, signer_in_force
from tests.contracts import ON, appendix, details, filler, prices, sample, site_price

FIRST, LAST = date(2026, 1, 1), date(2027, 12, 31)
OWNER = "Example Pharma Ltd"


@dataclass(frozen=True)
class Contract:
    document: bytes
    receipt: dict[str, Any]


TWO_PEOPLE = ("Ada Example", "Grace Example")


@cache
def contract(site: str = "RGT") -> Contract:
    """One filled sample agreement and its unsigned receipt."""
    template, price = sample(), site_price(site=site)
    filled = filler(template).fill(appendix(price, details()), site)
    return Contract(filled.content, receipt_record(template, filled, prices(price), dates={"contract": date(2026, 7, 1)}, salt="5" * 32, certified=True))


def signer(folder: Path, *, purpose: Purpose = "receipt", on: date = ON, first: date = FIRST, last: date = LAST) -> Signer:
    """A new key of this folder, ready to sign."""
    key = record_new_key(folder, owner=OWNER, purpose=purpose, valid_from=first, valid_to=last, approved_by=TWO_PEOPLE)
    ready = signer_in_force(folder, purpose=purpose, on=on, wanted=key.id)
    assert ready is not None
    return ready


def with_public(key: SigningKey, **changes: Any) -> SigningKey:
    """The entry of a key with something in it changed."""
    return SigningKey.model_validate({**key.model_dump(), **changes})
