"""The financial appendix as text: every price of the site, in the words of the study."""

from datetime import date

import pytest

from ncvr.domain.appendix import KEYS, compose, in_ncvr_scope, printed_date
from ncvr.domain.appendix_rows import TABLES
from ncvr.money import shown
from tests.contracts import ON, STUDY, appendix, details, site_price


def test_every_visit_stands_in_its_arm_with_its_own_price() -> None:
    price = site_price()
    arm = appendix(price, details()).arms[0]
    listed = {row["ref"]: row["price"] for table in ("arm.visits", "arm.conditional_visits") for row in arm.tables[table]}
    assert listed == {f"A/{payable.id}": shown(pence) for payable, pence in price.of("visit", "A")}


def test_conditional_visits_stand_apart_and_outside_the_total() -> None:
    arm = appendix(site_price(), details()).arms[0]
    assert [row["ref"] for row in arm.tables["arm.visits"]] == ["A/V1", "A/C"]
    assert [row["when"] for row in arm.tables["arm.conditional_visits"]] == ["participant stops early"]
    assert arm.facts["arm.per_participant"] == shown(site_price().per_participant(site_price().arms[0]))


def test_a_repeated_visit_says_until_when_it_is_paid() -> None:
    rows = appendix(site_price(), details()).arms[0].tables["arm.visits"]
    assert [row["paid"] for row in rows] == ["Once per participant", "Each time, until progression"]


def test_a_site_that_takes_part_in_one_arm_only_sees_that_arm() -> None:
    study = STUDY | {"sites": [{"ods_code": "RGT", "arms": ["B"]}]}
    given = appendix(site_price(study), details())
    assert [arm.facts["arm.id"] for arm in given.arms] == ["B"]
    assert given.tables["schedule.screen_failures"] == ()


def test_costs_of_study_and_details_stand_together_with_the_sites_own_caps() -> None:
    told = details(expense_caps={"P01": {"cap": "50"}}, out_of_hours=[{"id": "X1", "name": "Call", "cap": "90.00", "per": "call"}])
    rows = appendix(site_price(), told).tables["schedule.pass_through"]
    assert [(row["ref"], row["kind"], row["cap"], row["per"]) for row in rows] == [
        ("P01", "Expense", "£50.00", "visit"),
        ("X1", "Out of hours", "£90.00", "call"),
    ]


def test_whole_pounds_are_printed_as_whole_pounds() -> None:
    given = appendix(site_price(unit="1"), details())
    assert all("." not in row["price"] for arm in given.arms for row in arm.tables["arm.visits"])


def test_the_edition_is_named_with_its_status() -> None:
    assert appendix(site_price(), details()).facts["price.edition_and_status"] == "2026-04-01-made-for-tests (illustrative, not an official tariff; unlocked)"


def test_what_is_not_known_is_not_there() -> None:
    facts = appendix(site_price(), details(vat=None)).facts
    assert "study.cro" not in facts
    assert "details.vat.treatment" not in facts
    assert "details.vat.note" not in facts


def test_every_fact_and_every_row_belongs_to_the_vocabulary() -> None:
    told = details(conditions={"transplantation": True}, cro={"legal_name": "C Ltd"}, legal_representative={"legal_name": "R"}, recitals=["One."])
    given = appendix(site_price(), told)
    named = {key for key in given.facts if not key.startswith(("details.choices.", "details.conditions."))}
    assert named <= KEYS
    assert {key for arm in given.arms for key in arm.facts} <= KEYS
    for tables in (given.tables, *(arm.tables for arm in given.arms)):
        assert all(tuple(row) == TABLES[name] for name, rows in tables.items() for row in rows)


def test_the_pricing_date_is_an_argument_and_printed() -> None:
    assert compose(site_price(), details(), priced_on=ON, fingerprint="sha256:x").facts["price.priced_on"] == "1 June 2026"
    assert printed_date(date(2026, 12, 31)) == "31 December 2026"


@pytest.mark.parametrize(
    ("ncvr_class", "on", "in_scope"),
    [
        ("late", date(2022, 9, 30), False),
        ("late", date(2022, 10, 1), True),
        ("early", date(2024, 10, 13), False),
        ("early", date(2024, 10, 14), True),
        (None, date(2026, 1, 1), False),
    ],
)
def test_a_study_is_in_scope_from_the_day_its_class_came_in(ncvr_class: str | None, on: date, in_scope: bool) -> None:
    assert in_ncvr_scope(ncvr_class, on) is in_scope
