"""``ncvr price`` as a finance manager meets it."""

import csv
import io
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ncvr.files.price_files import read_prices
from tests.cli.running import run

STUDY = Path(__file__).parents[2] / "src" / "ncvr" / "examples" / "study.json"
ON = ("--on", "2026-06-01")


def altered(tmp_path: Path, change: Any) -> Path:
    record = json.loads(STUDY.read_text("utf-8"))
    change(record)
    path = tmp_path / "study.json"
    path.write_text(json.dumps(record), "utf-8")
    return path


def test_the_table_names_edition_status_and_multiplier_and_adds_up(capsys: pytest.CaptureFixture[str]) -> None:
    ran = run(capsys, "price", STUDY, "--site", "RGT", *ON)
    assert ran.code == 0
    for words in ("2026-04-01-illustrative", "ILLUSTRATIVE", "multiplier 1.077599", "Per participant, each scheduled visit once", "Conditional visits"):
        assert words in ran.out


def test_the_explanation_ends_in_the_printed_price(capsys: pytest.CaptureFixture[str]) -> None:
    ran = run(capsys, "price", STUDY, "--site", "RGT", *ON, "--explain")
    assert "rounded once to the penny: £1,199.03" in ran.out
    assert "staff_rates.csv:" in ran.out
    assert "site_multipliers.csv:" in ran.out
    assert "staff_rates.csv:6, edition.yaml:13" in ran.out
    assert re.search(r"PF-direct-access Plain Film [^ ]+ ?.*…  ", ran.out)


def test_every_national_figure_of_the_workings_has_its_file_and_line_in_json_too(capsys: pytest.CaptureFixture[str]) -> None:
    explained = json.loads(run(capsys, "price", STUDY, "--site", "RGT", *ON, "--explain", "--format", "json").out)["prices"][0]
    plain = json.loads(run(capsys, "price", STUDY, "--site", "RGT", *ON, "--format", "json").out)["prices"][0]
    assert explained["fingerprint"] == plain["fingerprint"]
    edition = (Path(__file__).parents[2] / "tariffs" / "2026-04-01-illustrative" / "edition.yaml").read_text("utf-8").splitlines()
    workings = [explained["arms"][0]["visits"][0]["workings"], explained["setup_and_closedown"][0]["workings"]]
    assert {each["multiplier_source"] for each in workings} == {"site_multipliers.csv:56"}
    for line in [line for each in workings for line in each["lines"]]:
        name, _, number = line["uplift_source"].partition(":")
        assert (name, edition[int(number) - 1].strip().startswith("indirect:")) == ("edition.yaml", True)


def test_json_for_all_sites_reads_back_and_is_the_same_twice(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    first, second = tmp_path / "one.json", tmp_path / "two.json"
    for path in (first, second):
        assert run(capsys, "price", STUDY, "--all-sites", *ON, "--format", "json", "-o", path).code == 0
    assert first.read_bytes() == second.read_bytes()
    prices = read_prices(first).value
    assert prices is not None
    assert len(prices.prices) == 10


def test_csv_has_a_row_for_every_price_and_departments_add_up(capsys: pytest.CaptureFixture[str]) -> None:
    plain = list(csv.DictReader(io.StringIO(run(capsys, "price", STUDY, "--site", "RGT", *ON, "--format", "csv").out)))
    split = list(csv.DictReader(io.StringIO(run(capsys, "price", STUDY, "--site", "RGT", *ON, "--format", "csv", "--by", "department").out)))
    pence: dict[tuple[str, str, str], int] = {}
    for row in split:
        key = (row["kind"], row["arm"], row["id"])
        pence[key] = pence.get(key, 0) + int(row["price"].replace(".", ""))
    assert pence == {(row["kind"], row["arm"], row["id"]): int(row["price"].replace(".", "")) for row in plain}
    kinds = Counter(row["kind"] for row in plain)
    assert kinds.pop("visit") + kinds.pop("item", 0) + kinds.pop("unscheduled") + kinds.pop("setup_and_closedown") == 3 * 14 + 3 + 12
    assert kinds == {"per_participant": 3, "screen_failure": 3, "pass_through_cap": 3, "projected": 1}
    assert {row["price"] for row in plain if row["kind"] == "per_participant"} == {"4976.34"}
    assert {row["id"]: row["price"] for row in plain if row["kind"] == "pass_through_cap"} == {"X01": "35.00", "X02": "120.00", "X03": "15.00"}


def test_a_csv_with_workings_is_refused_rather_than_written_without_them(capsys: pytest.CaptureFixture[str]) -> None:
    ran = run(capsys, "price", STUDY, "--site", "RGT", *ON, "--format", "csv", "--explain")
    assert (ran.code, ran.out) == (2, "")
    assert "Choose --format table or json" in ran.err


def test_text_that_a_spreadsheet_would_run_is_made_inert_in_csv(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    def evil(record: Any) -> None:
        record["arms"][0]["visits"][0]["name"] = '=HYPERLINK("http://example.test")'

    ran = run(capsys, "price", altered(tmp_path, evil), "--site", "RGT", *ON, "--format", "csv")
    assert """'=HYPERLINK""" in ran.out


def test_the_pricing_date_is_said_when_nobody_gives_one(capsys: pytest.CaptureFixture[str]) -> None:
    ran = run(capsys, "price", STUDY, "--site", "RGT")
    assert "notice: priced on " in ran.err


def without_multiplier(record: Any) -> None:
    record["sites"][0] = {"ods_code": "K0N6A", "principal_investigator": "Dr A"}


def unknown_site(record: Any) -> None:
    record["sites"][0]["ods_code"] = "ZZZ99"


def unknown_role(record: Any) -> None:
    record["arms"][0]["activities"][0]["resources"][0]["role"] = "consultent"


@pytest.mark.parametrize(
    ("change", "sites", "code", "words"),
    [
        (without_multiplier, ["--all-sites"], 3, "no multiplier for K0N6A"),
        (unknown_site, ["--all-sites"], 2, "'ZZZ99' is not in the list of organisations"),
        (unknown_role, ["--site", "RGT"], 2, "role 'consultent' is not in edition 2026-04-01-illustrative (near: consultant"),
        (lambda record: None, ["--site", "RGX"], 2, "'RGX' is not a site of this study (near: RGT)"),
        (lambda record: record.update(colour=1), ["--site", "RGT"], 2, "colour: this field is not known here"),
    ],
)
def test_what_cannot_be_priced_is_refused_with_place_and_remedy(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, change: Any, sites: list[str], code: int, words: str
) -> None:
    output = tmp_path / "prices.json"
    ran = run(capsys, "price", altered(tmp_path, change), *sites, *ON, "--format", "json", "-o", output)
    assert ran.code == code, ran.err
    assert words in ran.err
    assert "Traceback" not in ran.err
    assert not output.exists()


def test_a_date_before_the_first_edition_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    ran = run(capsys, "price", STUDY, "--site", "RGT", "--on", "2020-01-01")
    assert (ran.code, "no tariff is in force on 2020-01-01" in ran.err) == (3, True)


def test_an_existing_file_is_not_overwritten_without_force(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    output = tmp_path / "prices.txt"
    output.write_text("mine", "utf-8")
    refused = run(capsys, "price", STUDY, "--site", "RGT", *ON, "-o", output)
    assert (refused.code, output.read_text("utf-8")) == (2, "mine")
    assert "give --force to replace it" in refused.err
    assert run(capsys, "price", STUDY, "--site", "RGT", *ON, "-o", output, "--force").code == 0


def test_a_folder_that_is_not_there_is_an_error_and_nothing_is_left(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    ran = run(capsys, "price", STUDY, "--site", "RGT", *ON, "-o", tmp_path / "none" / "prices.txt")
    assert ran.code == 2
    assert "cannot write here" in ran.err
    assert list(tmp_path.iterdir()) == []


def test_a_price_does_not_move_because_the_date_moved_within_an_edition(capsys: pytest.CaptureFixture[str]) -> None:
    one = json.loads(run(capsys, "price", STUDY, "--site", "RGT", "--on", "2026-06-01", "--format", "json").out)
    other = json.loads(run(capsys, "price", STUDY, "--site", "RGT", "--on", "2026-09-30", "--format", "json").out)
    assert one["prices"] == other["prices"]


@pytest.mark.parametrize("day", ["20260601", "2026-W23-1", "2026-6-1"])
def test_a_date_is_written_in_one_way(capsys: pytest.CaptureFixture[str], day: str) -> None:
    ran = run(capsys, "price", STUDY, "--site", "RGT", "--on", day)
    assert (ran.code, "is not a date" in ran.err) == (2, True)


def test_an_agreement_that_does_not_exist_is_found_before_contracting(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = altered(tmp_path, lambda record: record["study"].update(agreement="mCTAA"))
    assert run(capsys, "study", "check", path, *ON).code == 0
    ran = run(capsys, "study", "check", path, "--for", "contract", *ON)
    assert (ran.code, f"{path}: study, agreement: there is no model agreement 'mCTAA' (near: mCTA" in ran.err) == (2, True)


def test_study_check_says_ready_or_what_is_missing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "ready to be contracted" in run(capsys, "study", "check", STUDY, "--for", "contract", *ON).out

    def to_do(record: Any) -> None:
        record["state"] = "draft"
        record["unscheduled"][0] = {"id": "U01", "name": "Biopsy", "to_do": "ask the lead site"}

    ran = run(capsys, "study", "check", altered(tmp_path, to_do), *ON)
    assert ran.code == 2
    assert "unscheduled U01: 'Biopsy' is still to do (ask the lead site)" in ran.err
    assert run(capsys, "study", "check", altered(tmp_path, to_do), "--for", "read").code == 0


def test_study_check_and_price_say_what_is_wrong_with_the_sites_too_all_at_once(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    def wrong(record: Any) -> None:
        unknown_role(record)
        record["lead_site"] = "XXX99"
        record["sites"] = [{"ods_code": code, "principal_investigator": "Dr A"} for code in ("ZZZ99", "RNK", "S08000015")]

    path = altered(tmp_path, wrong)
    for words in (("study", "check", path, "--for", "contract", *ON), ("price", path, "--all-sites", *ON)):
        ran = run(capsys, *words)
        assert ran.code == 2
        for said in ("role 'consultent'", "site ZZZ99: 'ZZZ99' is not in the list", "site RNK: Tavistock", "site S08000015: edition"):
            assert said in ran.err, (words, said)
    assert "lead_site: 'XXX99' is not in the list of organisations" in run(capsys, "study", "check", path, "--for", "submit", *ON).err


@pytest.mark.parametrize("name", ["study", "prices", "verdict"])
def test_the_schema_of_each_format_is_published(capsys: pytest.CaptureFixture[str], name: str) -> None:
    schema = json.loads(run(capsys, "schema", name).out)
    assert schema["title"] == f"ncvr-{name}/1"
    assert schema["additionalProperties"] is False


def test_an_organisation_that_takes_part_twice_is_named_by_its_id(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    def twice(record: Any) -> None:
        record["sites"] = [{"ods_code": "RGT", "id": "RGT-1"}, {"ods_code": "RGT", "id": "RGT-2"}]

    path = altered(tmp_path, twice)
    assert "takes part in this study 2 times. Name one of them by its id: RGT-1, RGT-2." in run(capsys, "price", path, "--site", "RGT", *ON).err
    entry = json.loads(run(capsys, "price", path, "--site", "RGT-2", *ON, "--format", "json").out)["prices"][0]
    assert entry["site"]["id"] == "RGT-2"
