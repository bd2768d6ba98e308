"""Many contracts, prices and receipts, each with each: exactly the true ones pass."""

import copy
from functools import cache
from typing import Any

from ncvr.domain.prices_file import PricesFile
from ncvr.domain.receipt import Receipt
from ncvr.files.receipt_files import receipt_record
from ncvr.files.verification.judging import judge
from ncvr.files.verification.opened import OpenedContract, open_contract
from tests import contract_fixtures, contracts
from tests.mutation_bank.bank import how_many

Trio = tuple[OpenedContract, PricesFile, Receipt]


def studies(number: int) -> dict[str, Any]:
    """Versions of one study: other minutes, another arm, a later version."""
    study = copy.deepcopy(contracts.STUDY)
    study["version"] = 1 + number % 3
    study["arms"][0]["activities"][0]["resources"][0]["minutes"] = 20 + number
    if number % 4 == 3:
        study["arms"][1]["name"] = "Another arm"
    return study


@cache
def templates() -> tuple[Any, ...]:
    return (contracts.sample(), contract_fixtures.second_template())


def of_the_sample(number: int) -> Trio:
    price = contracts.site_price(studies(number // 2), ("RGT", "RP4")[number % 2])
    filled = contracts.sample_filler().fill(contracts.appendix(price, contracts.details()), price.site.key)
    record = contracts.prices(price)
    receipt = receipt_record(contracts.sample(), filled, record, dates={}, salt=f"{number:032x}", certified=True)
    return open_contract(filled.content, templates(), "", f"contract {number}"), PricesFile.model_validate(record), Receipt.model_validate(receipt)


def of_the_second_family(number: int) -> Trio:
    told = contract_fixtures.Filling(iras=str(1004567 + number), transplant=number % 2 == 0)
    content = contract_fixtures.filled(told)
    receipt = contract_fixtures.receipt_of(told, contract_fixtures.second_template(), content)
    price = PricesFile.model_validate(contract_fixtures.prices_of(told))
    return open_contract(content, templates(), "", f"second {number}"), price, Receipt.model_validate(receipt)


def test_of_all_combinations_exactly_the_true_ones_pass() -> None:
    count = how_many(9, 30)
    trios = [of_the_sample(number) if number % 5 else of_the_second_family(number) for number in range(count)]
    passed = set()
    tried = 0
    for one, (contract, _, _) in enumerate(trios):
        for two, (_, price, _) in enumerate(trios):
            for three, (_, _, receipt) in enumerate(trios):
                tried += 1
                if judge(contract, price=price, receipt=receipt).verdict == "unmodified":
                    passed.add((one, two, three))
    print(f"{tried} combinations, {len(passed)} pass")
    assert passed == {(number, number, number) for number in range(count)}
