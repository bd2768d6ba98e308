"""What holds for every price, whatever the study and the tariff."""

import copy
import random
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ncvr.domain.amendment import amendment_edition, price_amendment
from ncvr.domain.canonical import canonical_json
from ncvr.domain.price_record import prices_record
from ncvr.domain.prices_file import check_fingerprints
from ncvr.domain.pricing import national_costs
from ncvr.domain.site_price import SitePrice, price_site, split_by_department
from ncvr.files.price_files import prices_from
from tests import editions
from tests.laws.rational_prices import rational_prices
from tests.laws.studies import SITES, studies, tariffs

ON = date(2026, 6, 1)


def priced(tariff: dict[str, Any], record: dict[str, Any], site: str = "RGT") -> SitePrice:
    return editions.site_price(editions.study(record), editions.edition(**tariff), site)


def by_key(price: SitePrice) -> dict[tuple[str, str, str], Decimal]:
    return {(payable.kind, payable.arm, payable.id): Decimal(pence).scaleb(-2) for payable, pence in zip(price.costs.payables, price.prices, strict=True)}


def record_of(tariff: dict[str, Any], study: dict[str, Any], sites: list[str], **asked: bool) -> dict[str, Any]:
    costs = national_costs(editions.study(study), editions.edition(**tariff))
    prices = [
        price_site(costs, site, f"Trust {site.ods_code}", costs.edition.multiplier(site.ods_code)) for site in costs.study.sites if site.ods_code in sites
    ]
    return prices_record(costs, prices, on=ON, software="ncvr test", **asked)


@given(tariffs(), studies(), st.sampled_from(SITES))
def test_every_price_is_that_of_an_independent_rational_calculator(tariff: dict[str, Any], study: dict[str, Any], site: str) -> None:
    assert by_key(priced(tariff, study, site)) == rational_prices(tariff, study, site)


@given(tariffs(), studies())
def test_visits_add_up_to_the_participant_total(tariff: dict[str, Any], study: dict[str, Any]) -> None:
    price = priced(tariff, study)
    for arm in price.arms:
        scheduled = {visit.id for visit in arm.visits if visit.kind == "scheduled"}
        assert price.per_participant(arm) == sum(pence for payable, pence in price.of("visit", arm.id) if payable.id in scheduled)


@given(tariffs(), studies())
def test_a_multiplier_of_one_gives_the_national_price(tariff: dict[str, Any], study: dict[str, Any]) -> None:
    tariff["multipliers"]["RGT"] = "1"
    price = priced(tariff, study)
    for payable, pence in zip(price.costs.payables, price.prices, strict=True):
        assert pence == price.costs.edition.rounding.apply(Fraction(payable.national, price.costs.units_per_pound))


@given(tariffs(), studies(), st.randoms(use_true_random=False))
def test_the_order_of_lines_does_not_matter(tariff: dict[str, Any], study: dict[str, Any], shuffled: random.Random) -> None:
    permuted = copy.deepcopy(study)
    for arm in permuted["arms"]:
        shuffled.shuffle(arm["activities"])
        for activity in arm["activities"]:
            shuffled.shuffle(activity["resources"])
    one, other = priced(tariff, study), priced(tariff, permuted)
    assert by_key(one) == by_key(other)
    splits = {(p.kind, p.arm, p.id): split_by_department(p, price) for p, price in zip(one.costs.payables, one.prices, strict=True)}
    for payable, price in zip(other.costs.payables, other.prices, strict=True):
        assert split_by_department(payable, price) == splits[payable.kind, payable.arm, payable.id]


@given(tariffs(), studies())
def test_departments_add_up_to_the_price_and_none_is_negative(tariff: dict[str, Any], study: dict[str, Any]) -> None:
    price = priced(tariff, study)
    for payable, pence in zip(price.costs.payables, price.prices, strict=True):
        split = split_by_department(payable, pence)
        assert sum(split.values()) == (pence if split else 0)
        assert all(share >= 0 for share in split.values())


@given(tariffs(), studies())
def test_workings_add_up_exactly_and_the_price_is_exact_plus_rounding(tariff: dict[str, Any], study: dict[str, Any]) -> None:
    price = priced(tariff, study)
    for payable, pence in zip(price.costs.payables, price.prices, strict=True):
        workings = price.workings(payable)
        assert sum((line.total for line in workings.lines), Fraction(0)) == workings.exact
        assert workings.exact + workings.rounding == Fraction(pence, 100)
        for line in workings.lines:
            assert line.total_activity_cost + line.indirect + line.capacity + line.multiplier_amount == line.total


@given(tariffs(), studies())
def test_pricing_twice_gives_the_same_bytes(tariff: dict[str, Any], study: dict[str, Any]) -> None:
    assert canonical_json(record_of(tariff, study, SITES)) == canonical_json(record_of(copy.deepcopy(tariff), copy.deepcopy(study), SITES))


@given(tariffs(), studies())
def test_another_site_an_investigator_or_an_explanation_leaves_the_fingerprint_alone(tariff: dict[str, Any], study: dict[str, Any]) -> None:
    alone = record_of(tariff, study, ["RGT"])["prices"][0]["fingerprint"]
    named = copy.deepcopy(study)
    named["sites"][0]["principal_investigator"] = "Dr Ada Example"
    among = record_of(tariff, named, SITES, explain=True, by_department=True)
    assert next(entry["fingerprint"] for entry in among["prices"] if entry["site"]["ods_code"] == "RGT") == alone


@given(tariffs(), studies(), st.booleans())
def test_a_written_price_file_reads_back_and_a_changed_figure_is_found(tariff: dict[str, Any], study: dict[str, Any], explain: bool) -> None:
    record = record_of(tariff, study, SITES, explain=explain, by_department=explain)
    reading = prices_from(record, "prices.json")
    assert reading.value is not None, reading.findings
    visit = record["prices"][1]["arms"][0]["visits"][0]
    visit["price"] = visit["price"][:-1] + str((int(visit["price"][-1]) + 1) % 10)
    assert [finding.place for finding in check_fingerprints(record)] == ["site RP4"]


@given(tariffs(), tariffs(), studies(), st.sampled_from(["current_edition", "original_edition"]))
def test_an_amendment_leaves_the_signed_price_of_what_did_not_change(
    signed_tariff: dict[str, Any], current_tariff: dict[str, Any], study: dict[str, Any], policy: str
) -> None:
    signed = priced(signed_tariff, study)
    amended_study = copy.deepcopy(study)
    amended_study["version"] = 2
    amended_study["arms"][0]["activities"].append(
        {"id": "NEW", "name": "New", "payment": "item", "resources": [{"item": "ECG"}], "occurrences": {}},
    )
    withdrawn = [amended_study["unscheduled"].pop(0)["id"]] if amended_study["unscheduled"] else []
    current_tariff["unit"] = signed_tariff["unit"]
    current = editions.edition(**current_tariff, name="2027-04-01-made-for-tests", in_force_from=date(2027, 4, 1))
    original = signed.costs.edition if policy == "original_edition" else current
    amended = editions.site_price(editions.study(amended_study), original, "RGT")
    lines = price_amendment(signed, amended)
    was = by_key(signed)
    for line in lines:
        match line.change:
            case "unchanged":
                assert line.price == line.signed == int(was[line.kind, line.arm, line.id] * 100)
            case "new":
                assert (line.id, line.signed, line.edition) == ("NEW", None, original.edition)
            case "withdrawn":
                assert line.price is None
    assert [line.id for line in lines if line.change == "new"] == ["NEW"]
    assert [line.id for line in lines if line.change == "withdrawn"] == withdrawn


def test_the_signed_edition_says_which_edition_prices_its_amendments() -> None:
    signed, current = editions.edition(), editions.edition(name="2027-04-01-made-for-tests")
    assert amendment_edition(signed, current) is current
    assert amendment_edition(_own_pricing(signed), current).edition == signed.edition


def _own_pricing(edition: Any) -> Any:
    from dataclasses import replace

    return replace(edition, amendment_pricing="original_edition")
