"""``ncvr adherence report`` as a person runs it."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from ncvr.domain.adherence_file import AdherenceFile
from ncvr.files.adherence_records_file import written_records
from tests import adherence_town as town
from tests.cli.running import Ran, run

RECORDS: list[dict[str, Any]] = [
    {"kind": "shared", "day": "2026-06-02", "ods_code": "RGT", "iras_id": "1000001"},
    {"kind": "shared", "day": "2026-06-03", "ods_code": "RA9", "iras_id": "1000001", "study": {"sponsor": "=Acme"}},
    {"kind": "accepted", "day": "2026-06-09", "ods_code": "RGT", "iras_id": "1000001"},
    {"kind": "refused", "day": "2026-06-10", "ods_code": "RA9", "iras_id": "1000001", "reason_code": "outsourcing"},
]


@pytest.fixture
def inputs(tmp_path: Path) -> list[object]:
    records, positions = tmp_path / "records.jsonl", tmp_path / "positions.csv"
    records.write_bytes(written_records(tuple(town.records(RECORDS))))
    positions.write_text("ods_code,position,price_variation,declared_on,source\nRGT,accepts_in_full,no,2026-01-10,letter\n", "utf-8")
    return ["--records", records, "--positions", positions, "--as-of", "2026-07-01"]


def report(capsys: pytest.CaptureFixture[str], *words: object) -> Ran:
    return run(capsys, "adherence", "report", *words)


def test_the_report_says_the_figure_and_who_did_not_accept(capsys: pytest.CaptureFixture[str], inputs: list[object]) -> None:
    ran = report(capsys, "--month", "2026-06", *inputs)
    assert ran.code == 0, ran.err
    assert "Observed adherence (observed-1): 1 of 2 trusts (50%)" in ran.out
    assert "outsourcing" in ran.out
    assert "July 2023" in ran.out
    assert "Next steps" not in ran.out


def test_the_follow_up_list_says_what_to_do_next(capsys: pytest.CaptureFixture[str], inputs: list[object]) -> None:
    ran = report(capsys, "--month", "2026-06", "--definition", "observed-1", "--follow-up", *inputs)
    assert "RA9  20 days  Pass the reason to those who keep the multipliers" in ran.out


def test_json_is_ncvr_adherence_1_and_adds_up(capsys: pytest.CaptureFixture[str], inputs: list[object]) -> None:
    record = json.loads(report(capsys, "--quarter", "2026-Q2", "--format", "json", "--months", "2", *inputs).out)
    assert (record["format"], record["period"], record["as_of"]) == ("ncvr-adherence/1", "2026-Q2", "2026-07-01")
    declared, observed, industry = record["indicators"]
    assert [each["measure"] for each in record["indicators"]] == ["declared", "observed", "industry"]
    assert (observed["accepted"], observed["not_accepted"], observed["display"]) == (["RGT"], ["RA9"], "50%")
    assert declared["accepted"] == ["RGT"]
    assert industry["display"] == "no data"
    for each in record["indicators"]:
        assert len(each["accepted"]) + len(each["not_accepted"]) + len(each["excluded"]) == each["organisations"]
    assert record["refusal_reasons"] == [{"month": "2026-06", "reasons": {"outsourcing": 1}}]
    assert [month["month"] for month in observed["series"]] == ["2026-05", "2026-06"]
    assert observed["by_sponsor"][0]["accepted"] is None  # one costing of one sponsor is nobody's business
    assert "follow_up" not in observed
    AdherenceFile.model_validate(record)


def test_the_follow_up_list_is_as_the_published_format_says(capsys: pytest.CaptureFixture[str], inputs: list[object]) -> None:
    record = json.loads(report(capsys, "--month", "2026-06", "--format", "json", "--follow-up", *inputs).out)
    read = AdherenceFile.model_validate(record)
    assert [entry.ods_code for entry in read.indicators[1].follow_up or []] == ["RA9"]
    schema = json.loads(run(capsys, "schema", "adherence").out)
    assert schema["title"] == "ncvr-adherence/1"


def test_csv_tells_about_itself_first(capsys: pytest.CaptureFixture[str], inputs: list[object]) -> None:
    rows = list(csv.reader(io.StringIO(report(capsys, "--month", "2026-06", "--definition", "observed-1", "--format", "csv", *inputs).out)))
    about = {row[0]: row[1] for row in rows if row[0].startswith("#")}
    assert about["# period"] == "2026-06"
    assert about["# observed-1 counts"].startswith("1 of 2: 50%")
    assert about["# ledger head"].startswith("none")
    table = rows[len(about) :]
    assert table[0][:3] == ["definition", "measure", "ods_code"]
    refused = next(row for row in table if row[2] == "RA9")
    assert refused[6:9] == ["not_accepted", "outsourcing", "r4"]


def test_a_figure_can_be_made_again_as_it_was_known(capsys: pytest.CaptureFixture[str], inputs: list[object]) -> None:
    ran = report(capsys, "--month", "2026-06", "--definition", "observed-1", *inputs[:4], "--as-of", "2026-06-09")
    assert "1 of 1 trusts (100%)" in ran.out


@pytest.mark.parametrize("suffix", [".svg", ".png"])
def test_the_chart_is_drawn_beside_the_report(capsys: pytest.CaptureFixture[str], inputs: list[object], tmp_path: Path, suffix: str) -> None:
    chart = tmp_path / f"chart{suffix}"
    assert report(capsys, "--month", "2026-06", "--definition", "observed-1", "--chart", chart, *inputs).code == 0
    assert chart.stat().st_size > 2000
    again = report(capsys, "--month", "2026-06", "--definition", "observed-1", "--chart", chart, *inputs)
    assert (again.code, "exists already" in again.err) == (2, True)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--month", "2026-13"], "neither a month nor a quarter"),
        (["--month", "2026-06", "--definition", "observed-2"], "there is no definition 'observed-2'"),
        (["--month", "2026-06", "--chart", "chart.jpg"], "a chart shows one measure"),
        (["--month", "2026-06", "--months", "0"], "cannot be shown"),
        (["--month", "2026-06", "--records", "nowhere.jsonl"], "nowhere.jsonl"),
    ],
)
def test_what_cannot_be_reported_is_said(capsys: pytest.CaptureFixture[str], words: list[str], says: str) -> None:
    ran = report(capsys, *words)
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    monkeypatch.setenv("NCVR_DATABASE_FILE", str(tmp_path / "ncvr.db"))
    monkeypatch.delenv("NCVR_DATABASE_URL", raising=False)
    assert run(capsys, "db", "upgrade").code == 0
    return tmp_path


def test_positions_are_imported_counted_and_published_from_the_database(capsys: pytest.CaptureFixture[str], database: Path, inputs: list[object]) -> None:
    imported = run(capsys, "adherence", "positions", inputs[3])
    assert (imported.code, imported.out) == (0, "1 position recorded.\n")
    record = json.loads(report(capsys, "--month", "2026-06", "--definition", "declared-1", "--format", "json", "--recount").out)
    assert record["indicators"][0]["accepted"] == ["RGT"]
    assert record["ledger_head"].startswith("sha256:")
    published = run(capsys, "adherence", "publish", "2026-06")
    assert published.out.startswith("2026-06 published, revision 1")
    again = run(capsys, "adherence", "publish", "2026-06")
    assert (again.code, "nothing changed since revision 1" in again.err) == (4, True)


def test_positions_that_were_declared_carry_no_warning(capsys: pytest.CaptureFixture[str], inputs: list[object]) -> None:
    told = run(capsys, "adherence", "report", "--month", "2026-06", *inputs, "--format", "json").out
    assert json.loads(told)["positions"] == 1
    assert "illustrative" not in told.lower()


def test_all_positions_are_imported_or_none(capsys: pytest.CaptureFixture[str], database: Path) -> None:
    path = database / "wrong.csv"
    path.write_text(
        "ods_code,position,price_variation,declared_on,source\nRGT,accepts_in_full,no,2026-01-10,letter\nRGT9,maybe,no,2026-01-10,letter\n", "utf-8"
    )
    ran = run(capsys, "adherence", "positions", path)
    assert (ran.code, "wrong.csv:3" in ran.err) == (2, True)
    assert json.loads(report(capsys, "--month", "2026-06", "--format", "json").out)["positions"] == 0


def test_a_database_without_events_has_no_clocks_and_an_empty_roll_up(capsys: pytest.CaptureFixture[str], database: Path) -> None:
    assert "No clock has started" in run(capsys, "adherence", "clocks").out
    assert json.loads(run(capsys, "adherence", "clocks", "--format", "json", "--as-of", "2026-06-30").out)["clocks"] == []
    assert run(capsys, "adherence", "rollup").out == "The roll-up holds 0 costings.\n"
