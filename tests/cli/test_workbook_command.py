"""``ncvr workbook`` as a person uses it: out, changed in a spreadsheet program, and back."""

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from ncvr.domain.changes_file import ChangesFile
from ncvr.files.study_files import read_study, study_file
from tests import editions
from tests.cli.running import run
from tests.tiny_editions import write_organisations, write_rows, write_tiny_edition
from tests.workbooks import plain_study


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with tariffs and a study of two sites."""
    tariffs = tmp_path / "tariffs"
    write_tiny_edition(tariffs)
    write_organisations(tariffs)
    study = editions.study(plain_study(sites=[{"ods_code": "RGT", "target_participants": 7}, {"ods_code": "RA9", "principal_investigator": "Dr Other"}]))
    (tmp_path / "study.json").write_bytes(study_file(study))
    return tmp_path


def words(desk: Path, *said: object) -> list[object]:
    return ["workbook", *said, "--tariffs", desk / "tariffs"]


def export(capsys: pytest.CaptureFixture[str], desk: Path, *more: object) -> Path:
    ran = run(capsys, *words(desk, "export", desk / "study.json", "--on", "2026-06-01", "-o", desk / "w.xlsx", *more))
    assert (ran.code, ran.err) == (0, "")
    return desk / "w.xlsx"


def typed(path: Path, cells: dict[str, dict[str, Any]]) -> None:
    """Open in openpyxl, type, save."""
    book = openpyxl.load_workbook(path)
    for sheet, values in cells.items():
        for place, value in values.items():
            book[sheet][place] = value
    book.save(path)


def test_an_unchanged_workbook_has_no_changes_and_gives_the_study_back(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    book = export(capsys, desk)
    ran = run(capsys, *words(desk, "import", book, "--base", desk / "study.json", "-o", desk / "again.json"))
    assert (ran.code, ran.out) == (0, "No changes.\n")
    assert (desk / "again.json").read_bytes() == (desk / "study.json").read_bytes()


def test_changes_are_named_with_cell_old_new_and_effect(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    book = export(capsys, desk)
    typed(book, {"Arm A": {"G13": 30}})
    ran = run(capsys, *words(desk, "import", book, "--base", desk / "study.json", "-o", desk / "new.json"))
    assert ran.code == 0
    # 10 minutes more of a consultant at £100 an hour, with 0.9 of uplifts, three times in each of two arms
    assert ran.out.startswith("Arm A!G13: arm A, activity A01, resource 1, minutes: 20 -> 30 (+£190.00)\n")
    assert "national cost" in ran.out
    study = read_study(desk / "new.json").value
    assert study is not None
    assert study.arms[0].activities[0].resources[0].minutes == 30
    assert [site.key for site in study.sites] == ["RGT", "RA9"]


def test_a_site_workbook_changes_the_whole_study_when_its_base_is_given(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    book = export(capsys, desk, "--site", "RGT")
    typed(book, {"Arm A": {"G13": 30}})
    ran = run(capsys, *words(desk, "import", book, "--base", desk / "study.json", "-o", desk / "new.json"))
    assert ran.code == 0
    study = read_study(desk / "new.json").value
    assert study is not None
    assert [site.principal_investigator for site in study.sites] == ["", "Dr Other"]


def test_changes_as_json(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    book = export(capsys, desk)
    typed(book, {"Arm A": {"G13": 30}})
    ran = run(capsys, *words(desk, "import", book, "--format", "json"))
    record = json.loads(ran.out)
    ChangesFile.model_validate(record)
    assert record["changes"][0] | {"effect": "190"} == record["changes"][0]
    assert record["changes"][0]["cell"] == "Arm A!G13"


def test_a_typed_price_is_refused_with_2_and_nothing_is_written(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    book = export(capsys, desk)
    typed(book, {"Arm A": {"R13": 1}})
    ran = run(capsys, *words(desk, "import", book, "-o", desk / "new.json"))
    assert ran.code == 2
    assert "Arm A!R13: a price cell was changed" in ran.err
    assert not (desk / "new.json").exists()


def test_a_workbook_of_an_older_version_is_stale(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    book = export(capsys, desk)
    record = json.loads((desk / "study.json").read_text("utf-8")) | {"version": 3}
    (desk / "study.json").write_text(json.dumps(record), "utf-8")
    ran = run(capsys, *words(desk, "import", book, "--base", desk / "study.json"))
    assert ran.code == 2
    assert "made from version 1, the study is at version 3: the study is ahead" in ran.err


def test_a_workbook_of_another_study_is_refused(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    book = export(capsys, desk)
    record = json.loads((desk / "study.json").read_text("utf-8"))
    record["study"]["iras_id"] = "7654321"
    (desk / "study.json").write_text(json.dumps(record), "utf-8")
    ran = run(capsys, *words(desk, "import", book, "--base", desk / "study.json"))
    assert ran.code == 2
    assert "belongs to study 1004567, not" in ran.err


def test_a_workbook_whose_schedule_was_overtaken_is_stale(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    book = export(capsys, desk)
    record = json.loads((desk / "study.json").read_text("utf-8"))
    record["arms"][0]["activities"][0]["name"] = "Consent again"
    (desk / "study.json").write_text(json.dumps(record), "utf-8")
    ran = run(capsys, *words(desk, "import", book, "--base", desk / "study.json"))
    assert ran.code == 2
    assert "has changed since this workbook was exported: the study is ahead" in ran.err


def test_a_workbook_of_an_older_edition_is_stale_on_a_later_day(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    book = export(capsys, desk)
    write_tiny_edition(desk / "tariffs", "2027-04-01-tiny")
    ran = run(capsys, *words(desk, "import", book, "--on", "2027-05-01"))
    assert ran.code == 2
    assert "priced with edition 2026-04-01-tiny, but on 2027-05-01 edition 2027-04-01-tiny is in force: the tariff is ahead" in ran.err
    assert run(capsys, *words(desk, "import", book)).code == 0


def test_a_workbook_of_an_edition_that_changed_is_stale(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    book = export(capsys, desk)
    path = desk / "tariffs" / "2026-04-01-tiny" / "staff_rates.csv"
    write_rows(path, ("role", "title", "hourly_rate", "source"), [("consultant", "C", "99.00", "made up"), ("research_nurse", "R", "40.50", "made up")])
    ran = run(capsys, *words(desk, "import", book))
    assert ran.code == 2
    assert "edition 2026-04-01-tiny has changed since this workbook was exported" in ran.err


def test_a_site_without_multiplier_is_refused_and_named(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    record = json.loads((desk / "study.json").read_text("utf-8"))
    record["sites"].append({"ods_code": "RXX"})
    (desk / "study.json").write_text(json.dumps(record), "utf-8")
    ran = run(capsys, *words(desk, "export", desk / "study.json", "--on", "2026-06-01", "-o", desk / "w.xlsx"))
    assert ran.code == 3
    assert "RXX" in ran.err


def test_a_site_that_is_not_in_the_study_is_refused(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    ran = run(capsys, *words(desk, "export", desk / "study.json", "--on", "2026-06-01", "--site", "RZZ", "-o", desk / "w.xlsx"))
    assert ran.code == 2
    assert "not a site of this study" in ran.err


def test_two_files_compare_in_minutes_counts_and_pounds(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    book = export(capsys, desk)
    typed(book, {"Arm A": {"G13": 30, "K13": 3}})
    ran = run(capsys, *words(desk, "diff", desk / "study.json", book))
    assert ran.code == 0
    assert "minutes: 20 -> 30 (+£190.00)" in ran.out
    assert "count at visit V2: 2 -> 3" in ran.out
    assert "staff minutes  485 -> 635" in ran.out
    assert "counts         16 -> 18" in ran.out


def test_a_comparison_as_json_and_as_a_workbook(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    book = export(capsys, desk)
    typed(book, {"Arm A": {"G13": 30}})
    assert json.loads(run(capsys, *words(desk, "diff", desk / "study.json", book, "--format", "json")).out)["changes"][0]["new"] == "30"
    assert run(capsys, *words(desk, "diff", desk / "study.json", book, "--format", "xlsx", "-o", desk / "d.xlsx")).code == 0
    sheet = openpyxl.load_workbook(desk / "d.xlsx")["Changes"]
    assert [cell.value for cell in sheet[5]][1:] == ["changed", "arm A, activity A01, resource 1, minutes", "20", "30", 190]


def test_something_that_is_no_workbook_is_refused_in_words(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    ran = run(capsys, *words(desk, "import", desk / "study.json"))
    assert ran.code == 2
    assert "this is not an Excel workbook" in ran.err


def test_a_workbook_that_is_not_ours_is_refused_in_words(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    openpyxl.Workbook().save(desk / "other.xlsx")
    ran = run(capsys, *words(desk, "import", desk / "other.xlsx"))
    assert ran.code == 2
    assert "the hidden sheet Exported is missing" in ran.err


def test_no_file_is_replaced_without_force(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    export(capsys, desk)
    again = words(desk, "export", desk / "study.json", "--on", "2026-06-01", "-o", desk / "w.xlsx")
    assert run(capsys, *again).code == 2
    assert run(capsys, *again, "--force").code == 0
