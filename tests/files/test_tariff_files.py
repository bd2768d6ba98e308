"""Reading tariff editions: strict, everything at once, each problem with its file and line."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from ncvr.domain.tariff import CatalogueResource, TariffEdition
from ncvr.domain.tariff_content import content_sha256
from ncvr.errors import InputError, NoTariffInForce, TariffFileError
from ncvr.files import yaml_lines
from ncvr.files.tariff_files import read_edition, read_edition_in_force, read_editions
from tests.tiny_editions import ACTIVITIES, ITEMS, MULTIPLIERS, RATES, alter, write_rows, write_tiny_edition

NAME = "2026-04-01-tiny"


def read(folder: Path, name: str = NAME) -> TariffEdition:
    return read_edition(folder, name).or_raise(TariffFileError)


def problems(folder: Path) -> list[str]:
    """Every error of the folder, with places relative to it."""
    reading = read_editions(folder)
    assert (reading.value is None) == bool(reading.errors)
    return [str(finding).replace(f"{folder}/", "") for finding in reading.errors]


def test_an_edition_is_read_with_its_figures_exactly_as_written(tmp_path: Path) -> None:
    write_tiny_edition(tmp_path)
    edition = read(tmp_path)
    assert edition.in_force_from == date(2026, 4, 1)
    assert str(edition.staff_rate("research_nurse").hourly_rate) == "40.50"
    assert edition.staff_rate("research_nurse").place == "staff_rates.csv:3"
    assert edition.item("ECG").cost_class == "investigation"
    assert edition.multiplier("RA9").value == 1
    assert edition.uplift("staff_time", setup=True) == edition.uplift("staff_time")
    assert edition.activities["CONSENT"].resources == (
        CatalogueResource(role="consultant", minutes=Decimal(20), item=None, quantity=1),
        CatalogueResource(role="research_nurse", minutes=Decimal("30.5"), item=None, quantity=1),
    )
    assert edition.activities["ECG_TEST"].resources == (CatalogueResource(role=None, minutes=None, item="ECG", quantity=2),)
    assert (edition.rounding.unit, edition.lock, edition.amendment_pricing) == (1, "unlocked", "current_edition")


def test_an_edition_may_round_to_whole_pounds_and_override_set_up(tmp_path: Path) -> None:
    edition = write_tiny_edition(tmp_path, unit="1")
    alter(edition / "edition.yaml", "sources:", '  setup_and_closedown:\n    staff_time: {indirect: "0", capacity: "0.20", source: "made up"}\nsources:')
    assert read(tmp_path).rounding.unit == 100
    assert read(tmp_path).uplift("staff_time", setup=True).indirect == 0
    assert str(read(tmp_path).uplift("staff_time").indirect) == "0.70"


CELLS = [
    ("staff_rates", (*RATES[0][:2], "1e3", "made up"), "staff_rates.csv:2: hourly_rate '1e3' is not a plain decimal number"),
    ("staff_rates", (*RATES[0][:2], "1,000.00", "made up"), "staff_rates.csv:2: hourly_rate '1,000.00' is not a plain decimal number"),
    ("staff_rates", (*RATES[0][:2], "£100", "made up"), "staff_rates.csv:2: hourly_rate '£100' is not a plain decimal number"),
    ("staff_rates", (*RATES[0][:2], "NaN", "made up"), "staff_rates.csv:2: hourly_rate 'NaN' is not a plain decimal number"),
    ("staff_rates", (*RATES[0][:2], "-1", "made up"), "staff_rates.csv:2: hourly_rate is -1. Give a number of zero or more."),
    ("staff_rates", (*RATES[0][:2], "", "made up"), "staff_rates.csv:2: hourly_rate is empty. Write the figure; zero is written as 0."),
    ("staff_rates", (*RATES[0][:3], ""), "staff_rates.csv:2: source is empty. Say where the figure comes from."),
    ("staff_rates", ("", *RATES[0][1:]), "staff_rates.csv:2: role is empty"),
    (
        "items",
        (*ITEMS[0][:3], "imaging", *ITEMS[0][4:]),
        "items.csv:2: class 'imaging' is not known here. Use one of: staff_time, investigation, departmental.",
    ),
    ("items", (*ITEMS[0][:4], "5 3.00", "made up"), "items.csv:2: unit_cost '5 3.00' is not a plain decimal number"),
    ("site_multipliers", (*MULTIPLIERS[0][:3], "0", *MULTIPLIERS[0][4:]), "site_multipliers.csv:2: multiplier is 0. Give a number above zero."),
    ("site_multipliers", ("R-T", *MULTIPLIERS[0][1:]), "site_multipliers.csv:2: ods_code 'R-T' is not an organisation code"),
    ("site_multipliers", (*MULTIPLIERS[0][:2], "France", *MULTIPLIERS[0][3:]), "site_multipliers.csv:2: nation 'France' is not known here"),
    ("site_multipliers", (*MULTIPLIERS[0][:4], "", "made up"), "site_multipliers.csv:2: basis is empty"),
    ("activities", (*ACTIVITIES[0][:5], "0", *ACTIVITIES[0][6:]), "activities.csv:2: minutes is 0. Give a number above zero."),
    ("activities", (*ACTIVITIES[0][:5], "10081", *ACTIVITIES[0][6:]), "activities.csv:2: 10081 minutes is more than a week"),
    ("activities", (*ACTIVITIES[0][:6], "ECG", "", "made up"), "activities.csv:2: a row names either a role or an item"),
    ("activities", (*ACTIVITIES[0][:4], "", "", "", "", "made up"), "activities.csv:2: a row names either a role or an item"),
    ("activities", (*ACTIVITIES[2][:5], "5", "ECG", "1", "made up"), "activities.csv:2: minutes belong to a role, not to an item"),
    ("activities", (*ACTIVITIES[0][:7], "1.5", "made up"), "activities.csv:2: quantity '1.5' is not a whole number from 1 to 9,999"),
    ("activities", (*ACTIVITIES[0][:7], "²", "made up"), "activities.csv:2: quantity '²' is not a whole number from 1 to 9,999"),
    ("activities", (*ACTIVITIES[0][:2], "party", *ACTIVITIES[0][3:]), "activities.csv:2: type 'party' is not known here"),
    (
        "activities",
        (*ACTIVITIES[0][:4], "consultent", *ACTIVITIES[0][5:]),
        "activities.csv:2: CONSENT names the role 'consultent', which this edition does not have (near: consultant)",
    ),
    (
        "activities",
        (*ACTIVITIES[2][:6], "EGC", "1", "made up"),
        "activities.csv:2: ECG_TEST names the item 'EGC', which this edition does not have (near: ECG)",
    ),
    (
        "staff_rate_derivation",
        ("nurse", "pay", "1", "GBP", "made up"),
        "staff_rate_derivation.csv:2: steps are given for 'nurse', which has no rate in this edition",
    ),
    ("staff_rate_derivation", ("consultant", "pay", "", "GBP", "made up"), "staff_rate_derivation.csv:2: value is empty"),
]


@pytest.mark.parametrize(("file", "row", "says"), CELLS, ids=[says for _, _, says in CELLS])
def test_a_bad_cell_is_named_with_its_line(tmp_path: Path, file: str, row: tuple[str, ...], says: str) -> None:
    other_rows = {"staff_rates": RATES[1:]}.get(file, [])
    files = {file: [row, *other_rows]} | ({} if file == "activities" else {"activities": []})
    write_tiny_edition(tmp_path, files=files)
    assert [problem for problem in problems(tmp_path) if problem.startswith(f"{NAME}/{says}")], problems(tmp_path)
    assert len(problems(tmp_path)) == 1


DUPLICATES = [
    ("staff_rates", [RATES[0], RATES[0]], "staff_rates.csv:3: consultant stands here and in line 2"),
    ("items", [ITEMS[0], ITEMS[1], ITEMS[0]], "items.csv:4: ECG stands here and in line 2"),
    ("site_multipliers", [MULTIPLIERS[0], ("rgt", *MULTIPLIERS[0][1:])], "site_multipliers.csv:3: RGT stands here and in line 2"),
    ("activities", [ACTIVITIES[0], ACTIVITIES[0]], "activities.csv:3: consultant stands twice in CONSENT"),
    ("activities", [ACTIVITIES[0], ("CONSENT", "Consent", *ACTIVITIES[1][2:])], "activities.csv:3: name of CONSENT differs from line 2"),
    (
        "staff_rate_derivation",
        [("all_roles", "weeks", "42", "weeks", "made up")] * 2,
        "staff_rate_derivation.csv:3: step weeks of all_roles stands here and in",
    ),
]


@pytest.mark.parametrize(("file", "rows", "says"), DUPLICATES, ids=[says for _, _, says in DUPLICATES])
def test_a_row_that_stands_twice_is_named_with_both_lines(tmp_path: Path, file: str, rows: list[tuple[str, ...]], says: str) -> None:
    write_tiny_edition(tmp_path, files={"activities": []} | {file: rows})
    assert any(problem.startswith(f"{NAME}/{says}") for problem in problems(tmp_path)), problems(tmp_path)


HEADERS = [
    ("title: A tiny tariff", "title:", "1"),
    ("status: illustrative", "status: official", "status"),
    ("currency: GBP", "currency: EUR", "currency"),
    ('unit: "0.01"', 'unit: "0.05"', "rounding.unit"),
    ("mode: half_up", "mode: half_even", "rounding.mode"),
    ("published_on: 2026-04-01", "published_on: 1 April 2026", "published_on"),
    ("in_force_from: 2026-04-01", "in_force_from: 2026-02-30", "in_force_from"),
    ('indirect: "0.70"', 'indirect: "70%"', "uplifts.staff_time.indirect"),
    ('indirect: "0.70"', 'indirect: "-0.1"', "uplifts.staff_time.indirect"),
    ('indirect: "0.70"', 'indirect: "7e-1"', "uplifts.staff_time.indirect"),
    ('indirect: "0.70", ', "", "uplifts.staff_time.indirect is missing"),
    ('capacity: "0.20", source: "made up"}\n  dep', 'capacity: "0.20", source: ""}\n  dep', "uplifts.investigation.source"),
    ("title: A tiny tariff\n", "title: A tiny tariff\ncolour: blue\n", "unknown key 'colour'"),
    ("title: A tiny tariff\n", "title: A tiny tariff\nround: up\n", "unknown key 'round' (near: rounding)"),
    ("title: Made up, ", "titel: Made up, ", "unknown key 'sources.1.titel'"),
    ("currency: GBP\n", "", "currency is missing"),
]


@pytest.mark.parametrize(("old", "new", "says"), HEADERS, ids=[f"{old!r} -> {new!r}" for old, new, _ in HEADERS])
def test_a_bad_header_is_named_with_its_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    path = write_tiny_edition(tmp_path) / "edition.yaml"
    line = path.read_text(encoding="utf-8").partition(old)[0].count("\n") + 1
    alter(path, old, new)
    if "missing" not in says and not new.startswith(("title: A", 'capacity: "0.20", source: ""')):
        assert any(problem.startswith(f"{NAME}/edition.yaml:{line}: ") for problem in problems(tmp_path)), problems(tmp_path)
    assert any(says in problem for problem in problems(tmp_path)), problems(tmp_path)


def test_a_share_outside_quotes_is_refused_because_readers_would_make_it_a_float(tmp_path: Path) -> None:
    alter(write_tiny_edition(tmp_path) / "edition.yaml", 'indirect: "0.70"', "indirect: 0.70")
    assert problems(tmp_path) == [f'{NAME}/edition.yaml:10: 0.70 would be read as an inexact number. Put it in quotes: "0.70".']


def test_an_uplift_written_as_per_cent_is_refused_with_the_share_it_means(tmp_path: Path) -> None:
    alter(write_tiny_edition(tmp_path) / "edition.yaml", 'indirect: "0.70"', 'indirect: "70"')
    (problem,) = problems(tmp_path)
    assert problem.endswith('uplifts.staff_time.indirect: 70 looks like per cent. Write a share: "0.7" for 70 per cent.')


def test_a_day_that_no_calendar_has_is_refused_with_what_to_write(tmp_path: Path) -> None:
    alter(write_tiny_edition(tmp_path) / "edition.yaml", "in_force_from: 2026-04-01", "in_force_from: 2026-04-31")
    (problem,) = problems(tmp_path)
    assert problem.endswith("in_force_from: 2026-04-31 is not a day of the calendar. Write a day that exists, as 2026-04-01.")


def test_a_missing_header_file_is_not_asked_for_a_header_line(tmp_path: Path) -> None:
    (write_tiny_edition(tmp_path) / "edition.yaml").unlink()
    assert [problem for problem in problems(tmp_path) if "edition.yaml" in problem] == [f"{NAME}/edition.yaml:1: the file is missing. Add it."]


def test_an_edition_is_never_back_dated(tmp_path: Path) -> None:
    write_tiny_edition(tmp_path, published_on="2026-04-02")
    (problem,) = problems(tmp_path)
    assert problem.startswith(f"{NAME}/edition.yaml:5: the edition is back-dated: it is published on 2026-04-02 and in force from 2026-04-01.")


YAML = [
    ("title: [", "this is not YAML"),
    ("title: A\ntitle: B\n", "the key 'title' stands twice"),
    ("title: &a A\nstatus: *a\n", "an alias (*) is not used here"),
    ("title: " + "[" * 50 + "]" * 50, "the file is nested too deeply"),
    ("title: " + "[" * 2000 + "]" * 2000, "exceeded maximum nesting depth"),
    ("? [a, b]\n: c\n", "a key here is not plain text"),
    ("", "the file needs entries of its own"),
    ("- a\n- b\n", "the file needs entries of its own"),
    ("title: a\n---\ntitle: b\n", "this is not YAML"),
    ("# " + "x" * 1_000_001, "the file is far too large"),
    ("title: \x07", "the line holds a control character (U+0007)"),
]


@pytest.mark.parametrize(("text", "says"), YAML, ids=[says for _, says in YAML])
def test_yaml_that_is_not_plain_is_refused(tmp_path: Path, text: str, says: str) -> None:
    (write_tiny_edition(tmp_path) / "edition.yaml").write_text(text, encoding="utf-8")
    assert any(says in problem and problem.startswith(f"{NAME}/edition.yaml:") for problem in problems(tmp_path)), problems(tmp_path)


BYTES = [
    (b"\xef\xbb\xbfrole,title,hourly_rate,source\n", "staff_rates.csv:1: the file begins with a byte order mark"),
    (b"role,title,hourly_rate,source\nnurse,N\xe4,1,x\n", "staff_rates.csv:2: this line is not UTF-8 text"),
    (b"role,title,hourly_rate,source\nnurse,Nurse,1\n", "staff_rates.csv:2: the row has 3 columns, not 4"),
    (b"role,title,hourly_rate,source\nnurse,Nurse,1,000.00,x\n", "staff_rates.csv:2: the row has 5 columns, not 4"),
    (b"role,title,hourly_rate,source\n\nnurse,Nurse,1,x\n", "staff_rates.csv:2: the line is empty"),
    (b"role,title,hourly_rate,source,colour\n", "staff_rates.csv:1: unknown column 'colour'"),
    (b"role,title,hourly_rat,source\n", "staff_rates.csv:1: unknown column 'hourly_rat' (near: hourly_rate)"),
    (b"role,title,hourly_rate\n", "staff_rates.csv:1: column 'source' is missing"),
    (b"role,role,title,hourly_rate,source\n", "staff_rates.csv:1: column 'role' stands twice"),
    (b"", "staff_rates.csv:1: column 'role' is missing"),
    (b'role,title,hourly_rate,source\n"nurse"x,Nurse,1,x\n', "staff_rates.csv:2: this is not CSV"),
    (b'role,title,hourly_rate,source\nnurse,"Nurse,1,x\n', "staff_rates.csv:2: this is not CSV"),
    (b"role,title,hourly_rate,source\nnurse,Nurse\x00,1,x\n", "staff_rates.csv:2: the line holds a control character (U+0000)"),
]


@pytest.mark.parametrize(("content", "says"), BYTES, ids=[says for _, says in BYTES])
def test_a_file_that_is_no_such_table_is_refused_with_its_line(tmp_path: Path, content: bytes, says: str) -> None:
    edition = write_tiny_edition(tmp_path, files={"activities": []})
    (edition / "staff_rates.csv").write_bytes(content)
    assert any(problem.startswith(f"{NAME}/{says}") for problem in problems(tmp_path)), problems(tmp_path)


def test_csv_as_rfc_4180_has_it_is_read(tmp_path: Path) -> None:
    edition = write_tiny_edition(tmp_path, files={"activities": []})
    content = 'source,role,hourly_rate,title\r\n"a ""source"",\r\non two lines",nurse,10.00,Infirmière\r\nx,doctor, 20 ,\'=D\r\n'
    (edition / "staff_rates.csv").write_bytes(content.encode())
    rates = read(tmp_path).staff_rates
    assert rates["nurse"].source == 'a "source",\r\non two lines'
    assert (rates["nurse"].title, rates["nurse"].place, rates["doctor"].place) == ("Infirmière", "staff_rates.csv:2", "staff_rates.csv:4")
    assert (rates["doctor"].hourly_rate, rates["doctor"].title) == (Decimal(20), "=D")


def test_all_problems_of_all_editions_come_at_once(tmp_path: Path) -> None:
    first = write_tiny_edition(tmp_path, "2025-04-01-tiny", files={"items": None})
    second = write_tiny_edition(tmp_path, files={"staff_rates": [("consultant", "", "x", ""), RATES[1]]})
    alter(first / "edition.yaml", "currency: GBP", "currency: USD")
    alter(second / "edition.yaml", "status: illustrative", "status: draft")
    said = problems(tmp_path)
    assert {problem.split(": ")[0] for problem in said} == {
        "2025-04-01-tiny/edition.yaml:7",
        "2025-04-01-tiny/items.csv:1",
        f"{NAME}/edition.yaml:3",
        f"{NAME}/staff_rates.csv:2",
    }
    alter(first / "edition.yaml", "currency: USD", "currency: GBP")
    alter(second / "edition.yaml", "status: draft", "status: checked")
    assert [problem.split(". ")[0] for problem in problems(tmp_path)] == [
        "2025-04-01-tiny/items.csv:1: the file is missing",
        f"{NAME}/staff_rates.csv:2: title is empty",
        f"{NAME}/staff_rates.csv:2: hourly_rate 'x' is not a plain decimal number such as 1234.56",
        f"{NAME}/staff_rates.csv:2: source is empty",
    ]


def test_a_broken_header_of_changes_does_not_ask_for_the_files_it_leaves_as_they_were(tmp_path: Path) -> None:
    write_tiny_edition(tmp_path, "2025-04-01-tiny")
    changes = write_tiny_edition(tmp_path, based_on="2025-04-01-tiny", files={"site_multipliers": [("RGT", "Cambridge", "Wales", "x", "b", "s")]})
    alter(changes / "edition.yaml", "currency: GBP", "currency: USD")
    assert {problem.split(": ")[0] for problem in problems(tmp_path)} == {f"{NAME}/edition.yaml:7", f"{NAME}/site_multipliers.csv:2"}


def test_a_file_nobody_would_read_is_an_error(tmp_path: Path) -> None:
    edition = write_tiny_edition(tmp_path)
    (edition / "staff_rate.csv").write_text("role\n", encoding="utf-8")
    (problem,) = problems(tmp_path)
    assert problem.startswith(f"{NAME}/staff_rate.csv:1: this file is not known here (near: staff_rates.csv")


def test_two_editions_with_one_start_are_refused(tmp_path: Path) -> None:
    write_tiny_edition(tmp_path, "2026-04-01-a")
    write_tiny_edition(tmp_path, "2026-04-01-b")
    (problem,) = problems(tmp_path)
    assert problem.startswith("2026-04-01-b/edition.yaml:5: 2026-04-01-a and 2026-04-01-b both come into force on 2026-04-01")
    assert read_edition_in_force(tmp_path, date(2026, 5, 1)).value is None


def test_the_folder_and_the_edition_have_one_name(tmp_path: Path) -> None:
    write_tiny_edition(tmp_path).rename(tmp_path / "2027-04-01")
    (problem,) = problems(tmp_path)
    assert problem.startswith("2027-04-01/edition.yaml:1: the edition is called 2026-04-01-tiny but its folder 2027-04-01")


def test_a_folder_without_editions_says_so(tmp_path: Path) -> None:
    assert "holds no tariff edition" in problems(tmp_path)[0]
    assert "there is no such folder" in problems(tmp_path / "nowhere")[0]


def test_an_unknown_edition_is_named_with_near_ones(tmp_path: Path) -> None:
    write_tiny_edition(tmp_path)
    with pytest.raises(InputError, match=r"there is no edition '2026-04-01-tyni' \(near: 2026-04-01-tiny\)"):
        read_edition(tmp_path, "2026-04-01-tyni")


def test_the_edition_in_force_is_found_by_dates_alone(tmp_path: Path) -> None:
    broken = write_tiny_edition(tmp_path, "2025-04-01-tiny")
    write_tiny_edition(tmp_path)
    (broken / "items.csv").unlink()
    for on, name in ((date(2026, 4, 1), NAME), (date(2999, 12, 31), NAME)):
        assert read_edition_in_force(tmp_path, on).or_raise(TariffFileError).edition == name
    assert read_edition_in_force(tmp_path, date(2026, 3, 31)).value is None


def test_a_day_before_the_first_edition_is_an_error(tmp_path: Path) -> None:
    write_tiny_edition(tmp_path)
    with pytest.raises(NoTariffInForce, match=r"no tariff is in force on 2026-03-31: the first edition, 2026-04-01-tiny, starts on 2026-04-01"):
        read_edition_in_force(tmp_path, date(2026, 3, 31))


def test_the_hash_is_of_the_content_and_nothing_else(tmp_path: Path) -> None:
    edition = write_tiny_edition(tmp_path)
    before = read(tmp_path)
    assert before.sha256 == content_sha256(before)
    write_rows(edition / "items.csv", ["source", "unit_cost", "class", "department", "description", "code"], [tuple(reversed(row)) for row in reversed(ITEMS)])
    assert read(tmp_path).sha256 == before.sha256
    alter(edition / "items.csv", "53.00", "53.0")
    assert read(tmp_path).sha256 != before.sha256


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("edition.yaml", "status: illustrative", "status: checked"),
        ("edition.yaml", 'unit: "0.01"', 'unit: "1"'),
        ("edition.yaml", '"0.70"', '"0.7"'),
        ("edition.yaml", "publisher: Nobody", "publisher: Somebody"),
        ("edition.yaml", "currency: GBP", "currency: GBP\namendment_pricing: original_edition"),
        ("staff_rates.csv", "40.50", "40.51"),
        ("items.csv", "departmental", "investigation"),
        ("activities.csv", "30.5", "30"),
        ("site_multipliers.csv", "1.08", "1.080"),
        ("site_multipliers.csv", "Torbay,England,1,made_up,made up", "Torbay,England,1,made_up,made down"),
    ],
)
def test_every_figure_and_every_source_is_in_the_hash(tmp_path: Path, file: str, old: str, new: str) -> None:
    edition = write_tiny_edition(tmp_path)
    before = read(tmp_path).sha256
    alter(edition / file, old, new)
    assert read(tmp_path).sha256 != before


def test_a_share_outside_quotes_is_refused_also_without_the_c_parser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_lines, "_LOADER", yaml.SafeLoader)
    path = write_tiny_edition(tmp_path) / "edition.yaml"
    assert problems(tmp_path) == []
    alter(path, 'indirect: "0.70"', "indirect: 0.70")
    assert problems(tmp_path) == [f'{NAME}/edition.yaml:10: 0.70 would be read as an inexact number. Put it in quotes: "0.70".']
