"""The worked examples that a finance manager can read, run one by one."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from ncvr.domain.projection import project
from ncvr.domain.site_price import SitePrice
from ncvr.errors import NcvrError
from ncvr.money import exact_text, pounds
from tests import editions

FOLDER = Path(__file__).parent.parent / "worked_examples"
EXAMPLES = [(file.stem, example) for file in sorted(FOLDER.glob("*.yaml")) for example in yaml.safe_load(file.read_text("utf-8"))]


def test_there_are_worked_examples() -> None:
    assert len(EXAMPLES) >= 15


@pytest.mark.parametrize(("file", "example"), EXAMPLES, ids=[f"{file}: {example['title']}" for file, example in EXAMPLES])
def test_the_price_is_the_one_worked_out_by_hand(file: str, example: dict[str, Any]) -> None:
    if "refused" in example:
        with pytest.raises(NcvrError) as refusal:
            _price(example)
        said = " | ".join(str(finding) for finding in refusal.value.findings)
        for words in example["refused"]:
            assert words in said
        return
    price = _price(example)
    assert _figures(price, example["prices"]) == example["prices"]
    for key, amount in example.get("exact", {}).items():
        assert exact_text(price.workings(_payable(price, key)).exact) == amount


def _price(example: dict[str, Any]) -> SitePrice:
    tariff = example["tariff"]
    edition = editions.edition(
        staff=tariff.get("staff"),
        items={code: (cost, kind) for code, (cost, kind) in tariff.get("items", {}).items()},
        multipliers=tariff["multipliers"],
        setup_shares={kind: tuple(shares) for kind, shares in tariff.get("setup_uplifts", {}).items()},
        unit=tariff.get("rounded_to", "0.01"),
    )
    site = example.get("site", next(iter(tariff["multipliers"])))
    return editions.site_price(editions.study({"sites": [{"ods_code": site}]} | example["study"]), edition, site)


def _figures(price: SitePrice, wanted: dict[str, str]) -> dict[str, str]:
    return {key: _figure(price, key) for key in wanted}


def _figure(price: SitePrice, key: str) -> str:
    arms = {arm.id: arm for arm in price.arms}
    if key == "projected":
        total = project(price).total
        return "none" if total is None else pounds(total, price.places)
    if key.endswith(" per participant"):
        return pounds(price.per_participant(arms[key.split()[0]]), price.places)
    if key.endswith(" screen failure"):
        failure = price.screen_failure(arms[key.split()[0]])
        return "none" if failure is None else pounds(failure, price.places)
    payable = _payable(price, key)
    return pounds(price.price(payable.kind, payable.id, payable.arm), price.places)


def _payable(price: SitePrice, key: str) -> Any:
    arm, _, own = key.removesuffix(" each").rpartition("/")
    return next(payable for payable in price.costs.payables if payable.arm == arm and payable.id == own)
