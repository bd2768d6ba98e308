"""The editions that ship: every rate computed again, every multiplier published, nothing invented."""

import csv
import hashlib
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from ncvr.domain.tariff import Organisation, TariffEdition
from ncvr.domain.tariff_comparison import compare_editions
from ncvr.errors import TariffFileError
from ncvr.files.edition_rows import ALL_ROLES
from ncvr.files.tariff_files import read_editions, read_organisations
from ncvr.money import Rounding, as_written, in_units
from ncvr.services.tariffs import check_tariffs

REPOSITORY = Path(__file__).resolve().parents[1]
TARIFFS = REPOSITORY / "tariffs"
REFERENCE = REPOSITORY.parent / "shared" / "reference"
NAMES = ("2025-04-01-illustrative", "2026-04-01-illustrative")

# SHA-256 over the published "code,value" lines sorted by code, how many there are, and their sum: taken from the source once.
PUBLISHED_MULTIPLIERS = {
    "2025-04-01-illustrative": ("2024/25", 210, "223.212242", "4659d3ca3031449e30d1c2ff3a1ff79b3c81ce05d84c59433808132f45fdd9d2"),
    "2026-04-01-illustrative": ("2026/27", 205, "215.944257", "93515c2f59661253fe468d5357789317d08a2b302f2da24c96d1963018fa7c71"),
}
# Pay of 2025/26 in England: the top of the band (Agenda for Change) or of the scale (medical), as published.
PAY_POINTS = {
    "administrator": ("Band 4", 30162),
    "biomedical_scientist": ("Band 6", 46580),
    "cardiac_physiologist": ("Band 6", 46580),
    "clinical_trials_practitioner": ("Band 5", 37796),
    "consultant": ("Consultant (2003 contract)", 145478),
    "finance_officer": ("Band 6", 46580),
    "healthcare_support_worker": ("Band 3", 26598),
    "pharmacist": ("Band 8a", 62682),
    "pharmacy_technician": ("Band 5", 37796),
    "phlebotomist": ("Band 3", 26598),
    "psychologist": ("Band 8a", 62682),
    "radiographer": ("Band 6", 46580),
    "rd_office_manager": ("Band 7", 54710),
    "research_nurse": ("Band 6", 46580),
    "resident_doctor": ("CT3 / ST3-ST5", 65048),
    "senior_research_nurse": ("Band 7", 54710),
}
MEDICAL = {"consultant", "resident_doctor"}
STATED_ONCE = {
    "national_insurance_threshold": 5000,
    "national_insurance_rate": 15,
    "pension_rate": Fraction("23.7"),
    "apprenticeship_levy_rate": Fraction("0.5"),
    "working_weeks": 42,
}


@pytest.fixture(scope="module")
def editions() -> dict[str, TariffEdition]:
    return {edition.edition: edition for edition in read_editions(TARIFFS).or_raise(TariffFileError)}


@pytest.fixture(scope="module")
def organisations() -> Mapping[str, Organisation]:
    return read_organisations(TARIFFS).or_raise(TariffFileError)


def reference(name: str) -> list[dict[str, str]]:
    """The rows of a reference file, or a skip: the folder is not part of the project, also where everything else is required."""
    path = REFERENCE / name
    if not path.exists():
        pytest.skip(f"the reference folder is not here: {path.name}")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def steps(edition: TariffEdition, role: str) -> dict[str, Fraction]:
    return {step.step: Fraction(step.value) for step in edition.derivation if step.role == role}


def test_what_ships_is_in_order_locked_and_says_that_it_is_illustrative(editions: dict[str, TariffEdition]) -> None:
    _, findings = check_tariffs(TARIFFS)
    assert {finding.level for finding in findings} == {"notice"}
    assert tuple(editions) == NAMES
    for edition in editions.values():
        assert (edition.status, edition.lock) == ("illustrative", "locked")
        assert "llustrative" in edition.title


@pytest.mark.parametrize("name", NAMES)
def test_what_is_the_same_for_every_role_is_stated_once(editions: dict[str, TariffEdition], name: str) -> None:
    assert steps(editions[name], ALL_ROLES) == STATED_ONCE


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("role", PAY_POINTS)
def test_every_hourly_rate_follows_from_pay_on_costs_and_hours(editions: dict[str, TariffEdition], name: str, role: str) -> None:
    edition = editions[name]
    award = Fraction(0) if role in MEDICAL or name.startswith("2025") else Fraction("3.3")
    pay = PAY_POINTS[role][1] * (1 + award / 100)
    hours = 42 * (Fraction(40) if role in MEDICAL else Fraction("37.5"))
    cost = pay + (pay - 5000) * Fraction("0.15") + pay * Fraction("0.237") + pay * Fraction("0.005")
    assert in_units(edition.staff_rate(role).hourly_rate, 2) == Rounding().apply(cost / hours)

    # and every step a person can follow on the way there is the one written down
    written = steps(edition, role)
    assert written.pop("annual_pay_2025_26") == PAY_POINTS[role][1]
    if not name.startswith("2025"):
        assert written.pop("pay_award_2026_27") == award
    assert written == {
        "annual_pay": pay,
        "national_insurance": (pay - 5000) * Fraction("0.15"),
        "pension": pay * Fraction("0.237"),
        "apprenticeship_levy": pay * Fraction("0.005"),
        "annual_cost": cost,
        "weekly_hours": hours / 42,
        "productive_hours": hours,
        "hourly_rate": Fraction(edition.staff_rate(role).hourly_rate),
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_role_is_derived_and_no_other(editions: dict[str, TariffEdition], name: str) -> None:
    assert editions[name].staff_rates.keys() == PAY_POINTS.keys()
    assert {step.role for step in editions[name].derivation} == {ALL_ROLES, *PAY_POINTS}


def test_pay_and_on_costs_are_those_of_the_reference(editions: dict[str, TariffEdition]) -> None:
    afc = {row["band"]: row for row in reference("afc_pay.csv") if (row["financial_year"], row["nation"], row["pay_point"]) == ("2025/26", "England", "top")}
    medical = {row["grade"]: row for row in reference("medical_pay.csv") if (row["financial_year"], row["nation"]) == ("2025/26", "England")}
    for role, (grade, pay) in PAY_POINTS.items():
        row = medical[grade] if role in MEDICAL else afc[grade]
        assert pay == int(row["basic_salary_to_gbp"] if role in MEDICAL else row["annual_salary_gbp"])
        for edition in editions.values():
            (source,) = [step.source for step in edition.derivation if (step.role, step.step) == (role, "annual_pay_2025_26")]
            assert source.startswith(row["source"])
    oncosts = {
        (row["item"].partition(" (")[0], row["financial_year"]): Fraction(row["value"])
        for row in reference("employer_oncosts.csv")
        if row["applies_to"] in ("UK", "England", "England and Wales")
    }
    for year in ("2025/26", "2026/27"):
        assert oncosts["employer national insurance secondary threshold", year] == STATED_ONCE["national_insurance_threshold"]
        assert oncosts["employer national insurance rate", year] == STATED_ONCE["national_insurance_rate"]
        assert oncosts["NHS pension employer contribution rate", year] == STATED_ONCE["pension_rate"]
    assert oncosts["Agenda for Change pay award", "2026/27"] == Fraction("3.3")


def test_medical_pay_stands_and_agenda_for_change_rises(editions: dict[str, TariffEdition]) -> None:
    changes = {change.key: change.per_cent for change in compare_editions(*(editions[name] for name in NAMES)).of("staff_rates")}
    assert changes.keys() == PAY_POINTS.keys() - MEDICAL
    assert all(per_cent is not None and Fraction("3.2") < per_cent < Fraction("3.5") for per_cent in changes.values())


@pytest.mark.parametrize("name", NAMES)
def test_all_published_multipliers_are_there_and_none_is_invented(editions: dict[str, TariffEdition], name: str) -> None:
    year, count, total, sha256 = PUBLISHED_MULTIPLIERS[name]
    values = {code: as_written(site.value) for code, site in editions[name].multipliers.items()}
    assert len(values) == count
    assert sum(map(Decimal, values.values())) == Decimal(total)
    assert hashlib.sha256("".join(f"{code},{values[code]}\n" for code in sorted(values)).encode()).hexdigest() == sha256
    assert {site.basis for site in editions[name].multipliers.values()} == {f"mff_{year.replace('/', '_')}"}


@pytest.mark.parametrize("name", NAMES)
def test_multipliers_are_those_of_the_reference_with_its_source(editions: dict[str, TariffEdition], name: str) -> None:
    year = PUBLISHED_MULTIPLIERS[name][0]
    published = {row["ods_code"]: row for row in reference("mff.csv") if row["financial_year"] == year}
    sites = editions[name].multipliers
    assert {code: (as_written(site.value), site.source) for code, site in sites.items()} == {
        code: (row["mff_payment_value"], row["source"]) for code, row in published.items()
    }
    assert all(site.name.casefold() == published[code]["name"].casefold() for code, site in sites.items())


def test_multipliers_really_change_between_the_editions(editions: dict[str, TariffEdition]) -> None:
    changes = compare_editions(*(editions[name] for name in NAMES)).of("site_multipliers")
    moved = {change.key: change.difference for change in changes if change.difference is not None}
    assert min(moved.items(), key=lambda move: move[1]) == ("RAT", Decimal("-0.035439"))  # North East London
    assert max(moved.items(), key=lambda move: move[1]) == ("REF", Decimal("0.018823"))  # Royal Cornwall
    assert {change.key for change in changes if change.kind == "removed"} == {"R1C", "RAP", "RRP", "RY9", "RYK", "TAF"}
    assert {change.key for change in changes if change.kind == "added"} == {"G6V2S"}
    assert not any("K0N6A" in edition.multipliers for edition in editions.values())


@pytest.mark.parametrize("name", NAMES)
def test_no_multiplier_is_given_outside_england(editions: dict[str, TariffEdition], organisations: Mapping[str, Organisation], name: str) -> None:
    assert {site.nation for site in editions[name].multipliers.values()} == {"England"}
    assert {organisations[code].nation for code in editions[name].multipliers} == {"England"}


def test_organisations_hold_every_trust_and_the_bodies_of_the_other_nations(
    organisations: Mapping[str, Organisation], editions: dict[str, TariffEdition]
) -> None:
    nations = [listed.nation for listed in organisations.values()]
    assert {nation: nations.count(nation) for nation in set(nations)} == {"England": 275, "Wales": 10, "Scotland": 14, "Northern Ireland": 5}
    assert {"K0N6A", "G6V2S", "7A4", "S08000015", "BHSCT"} <= organisations.keys()
    assert all(edition.multipliers.keys() <= organisations.keys() for edition in editions.values())
    assert (organisations["7A4"].scheme, organisations["S08000015"].scheme, organisations["BHSCT"].scheme) == ("ods", "gss", "local")
    assert not any(listed.successor for listed in organisations.values())  # none is sourced


def test_names_of_organisations_are_spelt_as_people_write_them(organisations: Mapping[str, Organisation]) -> None:
    assert organisations["RCX"].name == "The Queen Elizabeth Hospital, King's Lynn, NHS Foundation Trust"
    assert organisations["RTD"].name == "The Newcastle upon Tyne Hospitals NHS Foundation Trust"
    assert organisations["RQY"].name == "South West London and St George's Mental Health NHS Trust"
    assert organisations["S08000031"].name == "NHS Greater Glasgow and Clyde"
    assert not [listed.name for listed in organisations.values() if listed.name.isupper() or " Nhs" in listed.name]


def test_organisations_are_those_of_the_reference(organisations: Mapping[str, Organisation]) -> None:
    trusts = {row["ods_code"]: row for row in reference("nhs_trusts.csv")}
    for code, row in trusts.items():
        listed = organisations[code]
        assert (listed.name.casefold(), listed.region, listed.nation) == (row["name"].casefold(), row["region"], row["nation"])
        assert listed.type == (row["trust_type"].casefold() or "unknown")
        assert listed.status == (row["status"] if row["status"] in ("open", "closed") else "unknown")
        assert [day.isoformat() if day else "" for day in (listed.open_date, listed.close_date)] == [row["open_date"], row["close_date"]]
    others = {row["ods_code"] or row["gss_code"] or row["short_code"]: row for row in reference("devolved_organisations.csv")}
    assert organisations.keys() == trusts.keys() | others.keys()
    assert all(organisations[code].name.casefold() == row["name"].casefold() for code, row in others.items())


@pytest.mark.parametrize("name", NAMES)
def test_items_are_a_short_list_of_investigations(editions: dict[str, TariffEdition], name: str) -> None:
    items = editions[name].items
    assert 40 <= len(items) <= 80
    assert {item.cost_class for item in items.values()} == {"investigation"}
    known = {"RD20A-imaging": "124.16", "PF-direct-access": "45.30", "EY51Z-imaging": "124.02", "PATH04": "1.55", "PATH05": "2.78", "RD50Z-imaging": "90.73"}
    assert {code: as_written(items[code].unit_cost) for code in known} == known


@pytest.mark.parametrize("name", NAMES)
def test_items_are_those_of_the_reference_with_enough_activity(editions: dict[str, TariffEdition], name: str) -> None:
    published = {(row["currency_code"], row["ncc_department"]): row for row in reference("investigations.csv")}
    departments: dict[str, set[str]] = {}
    for code, department in published:
        departments.setdefault(code, set()).add(department)
    for item in editions[name].items.values():
        code, _, suffix = item.code.partition("-")
        (row,) = [published[key] for key in published if key[0] == code and f"; {code} in {key[1]}, " in item.source]
        assert as_written(item.unit_cost) == row["national_average_unit_cost_gbp"]
        assert int(row["national_activity"]) >= 10_000
        assert item.source.startswith(row["source"])
        assert item.source.endswith(row["licence"])
        assert bool(suffix) == (len(departments[code]) > 1)


@pytest.mark.parametrize("name", NAMES)
def test_activities_are_useful_defaults(editions: dict[str, TariffEdition], name: str) -> None:
    activities = editions[name].activities.values()
    assert len(activities) >= 40
    assert sum(len({line.role for line in activity.resources if line.role}) > 1 for activity in activities) >= 10
    assert sum(any(line.item for line in activity.resources) for activity in activities) >= 10
    setup = [activity for activity in activities if activity.code.startswith(("SETUP_", "CLOSEDOWN_"))]
    assert len(setup) >= 6
    assert all(line.role and line.minutes for activity in setup for line in activity.resources)  # time based, as since October 2023
    needed = {
        "CONSENT",
        "MMSE",
        "ADAS_COG",
        "VITAL_SIGNS",
        "ECG_12_LEAD",
        "AMBULATORY_ECG_FIT",
        "CHEST_XRAY",
        "CT_HEAD",
        "HAEMATOLOGY",
        "BIOCHEMISTRY",
        "URINALYSIS",
        "HBA1C",
    }
    assert needed <= {activity.code for activity in activities}
