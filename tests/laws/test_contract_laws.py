"""What holds for every contract: it says what was priced, all of it, and nothing outside its holes changes."""

import re
from typing import Any
from unicodedata import normalize

from hypothesis import given
from hypothesis import strategies as st

from ncvr.domain.appendix import PRICE_COLUMNS, FinancialAppendix
from ncvr.domain.site_price import SitePrice
from ncvr.files.appendix_reader import ReadSchedule, read_contract
from ncvr.money import shown
from tests import editions
from tests.contracts import appendix, details, sample, sample_filler, shown_text, site_price
from tests.laws.studies import SITES, studies, tariffs

MONEY = re.compile(r"£[0-9,]+(?:\.[0-9]{2})?")
# Anything a person may type, in NFC as every file is read: no control, format, private or surrogate characters, no line separators.
WORDS = st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"]), min_size=1, max_size=80).filter(
    lambda text: text == normalize("NFC", text.strip())
)


def priced(study: dict[str, Any], tariff: dict[str, Any], site: str) -> SitePrice:
    identity = {"iras_id": "1004567", "title": "T", "phase": "III", "protocol": {"number": "P", "version": "1", "date": "2026-01-15"}}
    return editions.site_price(editions.study(study | {"study": identity, "lead_site": "RGT"}), editions.edition(**tariff), site)


def fill(given_appendix: FinancialAppendix) -> bytes:
    return sample_filler().fill(given_appendix, "site").content


def tables_of(given_appendix: FinancialAppendix) -> tuple[Any, ...]:
    return given_appendix.tables, tuple(arm.tables for arm in given_appendix.arms)


def tables_read(schedule: ReadSchedule) -> tuple[Any, ...]:
    rows = {table.name: table.rows for table in sample().profile.tables}
    return {rows[name]: read for name, read in schedule.tables.items()}, tuple({rows[name]: read for name, read in arm.tables.items()} for arm in schedule.arms)


@given(study=studies(), tariff=tariffs(), site=st.sampled_from(SITES))
def test_what_is_filled_is_read_back(study: dict[str, Any], tariff: dict[str, Any], site: str) -> None:
    composed = appendix(priced(study, tariff, site), details())
    assert tables_read(read_contract(fill(composed), [sample()])) == tables_of(composed)


@given(study=studies(), tariff=tariffs(), site=st.sampled_from(SITES))
def test_every_amount_in_the_appendix_is_in_its_price_and_every_price_is_in_it(study: dict[str, Any], tariff: dict[str, Any], site: str) -> None:
    price = priced(study, tariff, site)
    printed = sorted(MONEY.findall(shown_text(fill(appendix(price, details(archiving={"location": "here"}))))))
    amounts = [*price.prices, *(price.per_participant(arm) for arm in price.arms)]
    amounts += [failure for arm in price.arms if (failure := price.screen_failure(arm)) is not None]
    assert printed == sorted(shown(amount, price.places) for amount in amounts)


@given(study=studies(), tariff=tariffs(), site=st.sampled_from(SITES))
def test_each_price_stands_beside_its_own_reference(study: dict[str, Any], tariff: dict[str, Any], site: str) -> None:
    price = priced(study, tariff, site)
    schedule = read_contract(fill(appendix(price, details())), [sample()])
    rows = [
        row for tables in (schedule.tables, *(arm.tables for arm in schedule.arms)) for table in tables.values() for row in table if PRICE_COLUMNS & set(row)
    ]
    printed = {row["ref"]: row["price"] for row in rows if "ref" in row}
    expected = {
        (f"{payable.arm}/{payable.id}" if payable.kind == "visit" else payable.id): shown(amount, price.places)
        for payable, amount in zip(price.costs.payables, price.prices, strict=True)
    }
    assert printed == expected


@given(name=WORDS, address=WORDS, reference=WORDS)
def test_text_outside_the_fields_is_unchanged_whatever_stands_in_them(name: str, address: str, reference: str) -> None:
    price = site_price()

    def text(*, name: str, address: str, reference: str) -> str:
        told = details(
            sponsor=details().sponsor.model_dump() | {"legal_name": name, "address": address},
            invoicing=details().invoicing.model_dump() | {"reference": reference},
        )
        return shown_text(fill(appendix(price, told)))

    plain = text(name="\ufdfa1", address="\ufdfa2", reference="\ufdfa3")
    assert text(name=name, address=address, reference=reference) == plain.replace("\ufdfa1", name).replace("\ufdfa2", address).replace("\ufdfa3", reference)


@given(study=studies(), tariff=tariffs())
def test_contracts_of_two_sites_differ_only_where_their_sites_do(study: dict[str, Any], tariff: dict[str, Any]) -> None:
    one, other = (shown_text(fill(appendix(priced(study, tariff | {"multipliers": dict.fromkeys(SITES, "1.1")}, site), details()))) for site in ("RGT", "RP4"))
    differing = {(a, b) for a, b in zip(one.split("\n"), other.split("\n"), strict=True) if a != b}
    assert all("RGT" in a or "sha256:" in a for a, _ in differing)
