"""The contracts that the bank alters: one of the shipped sample, one of the second family, each with price and receipt."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from ncvr.domain.prices_file import PricesFile
from ncvr.domain.receipt import Receipt
from ncvr.files.appendix_verifier import PinnedTemplate
from tests import contract_fixtures

SECOND = contract_fixtures.Filling(transplant=True, keeper="sponsor")
SECOND_LEVELS = {"Heading1": 0, "Clause": 1, "Letter": 2}
SAMPLE_LEVELS = {"Heading1": 0, "Clause2": 1, "Clause3": 2}


@dataclass(frozen=True)
class Base:
    name: str
    content: bytes
    templates: Sequence[PinnedTemplate]
    price: PricesFile
    receipt: Receipt
    levels: dict[str, int]  # the numbered paragraph styles, for our own counting of clauses


@cache
def sample_base() -> Base:
    """A contract of the sample agreement, with transplant clauses and two arms."""
    from ncvr.files.receipt_files import receipt_record
    from tests import contracts

    price = contracts.site_price()
    told = contracts.details(conditions={"transplantation": True, "equipment_on_loan": False}, choices={"archiving_party": "sponsor"})
    filled = contracts.sample_filler().fill(contracts.appendix(price, told), "RGT")
    record = contracts.prices(price)
    receipt = receipt_record(contracts.sample(), filled, record, dates={}, salt="5a" * 16, certified=True)
    return Base("sample", filled.content, [contracts.sample()], PricesFile.model_validate(record), _receipt(receipt), SAMPLE_LEVELS)


@cache
def second_base() -> Base:
    """A contract of the second family as the oracle writes it."""
    template = contract_fixtures.second_template()
    content = contract_fixtures.filled(SECOND)
    price = PricesFile.model_validate(contract_fixtures.prices_of(SECOND))
    return Base("second", content, [template], price, _receipt(contract_fixtures.receipt_of(SECOND, template, content)), SECOND_LEVELS)


def _receipt(record: dict[str, Any]) -> Receipt:
    return Receipt.model_validate(record)


BASES = {"sample": sample_base, "second": second_base}
