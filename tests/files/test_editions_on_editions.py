"""Editions that hold only changes to another edition."""

from pathlib import Path

import pytest

from ncvr.domain.tariff import TariffEdition
from ncvr.domain.tariff_content import content_sha256, edition_content
from ncvr.errors import TariffFileError
from ncvr.files.tariff_files import read_edition, read_editions
from tests.tiny_editions import ACTIVITIES, ITEMS, MULTIPLIERS, RATES, Rows, alter, write_tiny_edition

BASE, NAME = "2026-04-01-tiny", "2026-10-01-ours"


def read(folder: Path, name: str = NAME) -> TariffEdition:
    return read_edition(folder, name).or_raise(TariffFileError)


def changed(folder: Path, **files: Rows) -> TariffEdition:
    write_tiny_edition(folder)
    write_tiny_edition(folder, NAME, based_on=BASE, files=files)
    return read(folder)


def problems(folder: Path) -> list[str]:
    return [str(finding).replace(f"{folder}/", "") for finding in read_editions(folder).errors]


def test_what_is_not_changed_is_inherited_and_keeps_the_place_it_stands_in(tmp_path: Path) -> None:
    edition = changed(tmp_path, site_multipliers=[("7A4", "Cardiff", "Wales", "1.05", "agreed", "letter of 1 May 2026")])
    assert sorted(edition.multipliers) == ["7A4", "RA9", "RGT"]
    assert edition.multiplier("7A4").place == "site_multipliers.csv:2"
    assert edition.multiplier("RGT").place == f"{BASE}/site_multipliers.csv:2"
    assert edition.staff_rate("consultant").place == f"{BASE}/staff_rates.csv:2"


def test_a_changed_row_replaces_and_an_empty_figure_withdraws(tmp_path: Path) -> None:
    edition = changed(
        tmp_path,
        staff_rates=[("consultant", "Consultant", "110.00", "award")],
        items=[("FEE", "", "", "", "", "no longer published")],
        activities=[("CONSENT", "", "", "", "", "", "", "", "not used"), ("ECG_TEST", "ECG", "visit", "Ward", "consultant", "5", "", "", "ours")],
        site_multipliers=[("RA9", "", "", "", "", "closed")],
    )
    assert str(edition.staff_rate("consultant").hourly_rate) == "110.00"
    assert list(edition.items) == ["ECG"]
    assert [(line.role, line.item) for line in edition.activities["ECG_TEST"].resources] == [("consultant", None)]
    assert "CONSENT" not in edition.activities
    assert list(edition.multipliers) == ["RGT"]


def test_changes_and_the_same_edition_in_full_have_one_content(tmp_path: Path) -> None:
    award = ("consultant", "Consultant", "110.00", "award")
    changes = changed(tmp_path / "changes", staff_rates=[award])
    write_tiny_edition(tmp_path / "full", NAME, files={"staff_rates": [RATES[1], award]})
    full = read(tmp_path / "full")
    assert edition_content(full) == edition_content(changes)
    assert full.sha256 == changes.sha256 == content_sha256(changes)


def test_a_changed_base_shows_in_the_hash_of_what_builds_on_it(tmp_path: Path) -> None:
    before = changed(tmp_path)
    alter(tmp_path / BASE / "items.csv", "53.00", "54.00")
    assert read(tmp_path).sha256 != before.sha256


def test_a_role_that_changes_its_rate_keeps_no_steps_that_explain_the_old_one(tmp_path: Path) -> None:
    steps = [("all_roles", "weeks", "42", "weeks", "made up"), ("consultant", "pay", "1", "GBP", "made up"), ("research_nurse", "pay", "2", "GBP", "made up")]
    write_tiny_edition(tmp_path, files={"staff_rate_derivation": steps})
    write_tiny_edition(tmp_path, NAME, based_on=BASE, files={"staff_rates": [("consultant", "Consultant", "110.00", "award")]})
    assert [step.role for step in read(tmp_path).derivation] == ["all_roles", "research_nurse"]
    assert read(tmp_path).derivation[0].place == f"{BASE}/staff_rate_derivation.csv:2"


def test_editions_build_on_editions_that_build_on_editions(tmp_path: Path) -> None:
    changed(tmp_path, items=[("FEE", "", "", "", "", "withdrawn")])
    write_tiny_edition(tmp_path, "2027-04-01-next", based_on=NAME, files={"items": [("FEE", "Fee", "Pharmacy", "departmental", "60.00", "back again")]})
    last = read(tmp_path, "2027-04-01-next")
    assert str(last.item("FEE").unit_cost) == "60.00"
    assert last.item("ECG").place == f"{BASE}/items.csv:2"


REFUSED: list[tuple[dict[str, Rows], str]] = [
    ({"items": [("NONE", "", "", "", "", "gone")]}, f"{NAME}/items.csv:2: NONE is withdrawn but {BASE} does not have it"),
    ({"items": [("FEE", "", "", "", "", "")]}, f"{NAME}/items.csv:2: source is empty"),
    ({"items": [("ECG", "", "", "", "", "gone")]}, f"{BASE}/activities.csv:4: ECG_TEST names the item 'ECG', which this edition does not have"),
    ({"staff_rates": [("research_nurse", "", "", "gone")]}, f"{BASE}/activities.csv:2: CONSENT names the role 'research_nurse'"),
    ({"items": [("FEE", "Fee", "", "departmental", "1", "x")]}, f"{NAME}/items.csv:2: department is empty"),
    ({"activities": [("CONSENT", "", "", "", "", "", "", "", "x"), ACTIVITIES[0]]}, f"{NAME}/activities.csv:3: CONSENT is withdrawn in line 2"),
    ({"site_multipliers": [MULTIPLIERS[0], ("RGT", "", "", "", "", "gone")]}, f"{NAME}/site_multipliers.csv:3: RGT stands here and in line 2"),
    ({"items": [ITEMS[0], ITEMS[0]]}, f"{NAME}/items.csv:3: ECG stands here and in line 2"),
]


@pytest.mark.parametrize(("files", "says"), REFUSED, ids=[says for _, says in REFUSED])
def test_changes_that_cannot_be_are_named(tmp_path: Path, files: dict[str, Rows], says: str) -> None:
    write_tiny_edition(tmp_path)
    write_tiny_edition(tmp_path, NAME, based_on=BASE, files=files)
    assert any(problem.startswith(says) for problem in problems(tmp_path)), problems(tmp_path)


def test_a_missing_base_is_named_with_near_ones(tmp_path: Path) -> None:
    write_tiny_edition(tmp_path)
    write_tiny_edition(tmp_path, NAME, based_on="2026-04-01-tyni")
    assert problems(tmp_path) == [
        f"{NAME}/edition.yaml:6: the edition it is based on, '2026-04-01-tyni', is not here (near: {BASE}, {NAME}). Add that edition, or correct based_on."
    ]


def test_editions_based_on_each_other_are_refused(tmp_path: Path) -> None:
    write_tiny_edition(tmp_path, BASE, based_on=NAME)
    write_tiny_edition(tmp_path, NAME, based_on=BASE)
    assert any(f"based_on goes in a circle: {BASE} -> {NAME} -> {BASE}" in problem for problem in problems(tmp_path))
    alter(tmp_path / NAME / "edition.yaml", f"based_on: {BASE}", f"based_on: {NAME}")
    assert any(f"-> {NAME} -> {NAME}" in problem for problem in problems(tmp_path))


def test_what_is_wrong_with_a_base_is_said_once_and_refuses_both(tmp_path: Path) -> None:
    changed(tmp_path)
    alter(tmp_path / BASE / "items.csv", "53.00", "1e3")
    assert [problem.partition(" unit_cost")[0] for problem in problems(tmp_path)] == [f"{BASE}/items.csv:2:", f"{BASE}/items.csv:3:"]
    assert read_edition(tmp_path, NAME).value is None
    (tmp_path / BASE / "edition.yaml").write_text("title: [", encoding="utf-8")
    reading = read_edition(tmp_path, NAME)
    assert reading.value is None
    assert any("cannot be read" in finding.problem for finding in reading.errors)
