"""``ncvr demo``: what a newcomer sees first must be true."""

import contextlib
import csv
import io
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import get_args

import pytest

from ncvr.cli.demo_summary import _started_as
from ncvr.cli.main import main
from ncvr.domain.people import Role
from ncvr.files.price_files import read_prices
from tests.cli.running import Ran, run


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "demo"


@pytest.fixture(scope="module")
def made(demo: Path) -> Ran:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(["demo", "--dir", str(demo), "--no-serve"])
    return Ran(code, out.getvalue(), err.getvalue())


def test_ten_contracts_are_made_and_all_of_them_verify(made: Ran, demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert made.code == 0, made.err
    contracts = sorted((demo / "contracts").glob("*_ILLUSTRATIVE.docx"))
    assert len(contracts) == 10
    for contract in contracts:
        ran = run(capsys, "contract", "verify", contract, "--price", demo / "prices.json", "--format", "json")
        assert (ran.code, json.loads(ran.out)["verdict"]) == (0, "unmodified"), contract.name


def test_the_copy_altered_by_one_digit_is_caught_and_located(made: Ran, demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (altered,) = (demo / "altered").glob("*.docx")
    ran = run(capsys, "contract", "verify", altered, "--price", demo / "prices.json")
    assert ran.code == 10
    assert "PBO/E2" in ran.out + ran.err
    assert "MODIFIED" in made.out


def test_the_sites_go_from_the_lowest_to_the_highest_multiplier(made: Ran, demo: Path) -> None:
    prices = read_prices(demo / "prices.json").value
    assert prices is not None
    multipliers = [entry.multiplier for entry in prices.prices]
    assert len(multipliers) == 10
    assert (multipliers[0], multipliers[-1]) == ("1.0", "1.179944")
    assert multipliers == sorted(multipliers, key=Decimal)


def test_the_index_has_a_row_a_site_with_totals_and_verdict(made: Ran, demo: Path) -> None:
    rows = list(csv.DictReader((demo / "contracts" / "index.csv").read_text("utf-8").splitlines()))
    assert [row["verdict"] for row in rows] == ["unmodified"] * 10
    record = json.loads((demo / "prices.json").read_text("utf-8"))
    made_from, prices = record["tariff"], {entry["site"]["ods_code"]: entry for entry in record["prices"]}
    for row in rows:
        entry = prices[row["ods_code"]]
        assert row["per_participant_PBO"] == entry["arms"][0]["per_participant"]
        assert (row["edition"], row["status"]) == (made_from["edition"], made_from["status"])
        assert (row["projected_total"], row["fingerprint"]) == (entry["projected"]["total"], entry["fingerprint"])


def test_the_explained_prices_are_the_same_prices_with_their_workings(made: Ran, demo: Path) -> None:
    plain, explained = (json.loads((demo / name).read_text("utf-8"))["prices"] for name in ("prices.json", "explained.json"))
    assert [entry["fingerprint"] for entry in plain] == [entry["fingerprint"] for entry in explained]
    assert all("workings" in visit for entry in explained for arm in entry["arms"] for visit in arm["visits"])
    assert "workings" not in json.dumps(plain)


def test_the_summary_tells_a_newcomer_what_happened_and_what_to_try(made: Ran) -> None:
    for words in ("H2Q-MC-LZZT", "illustrative: not the national tariff", "Why visit PBO/E2 costs", "rounded once to the penny", "Try next:"):
        assert words in made.out
    assert len(re.findall(r"^  \S*ncvr ", made.out, re.MULTILINE)) == 3


def test_the_commands_to_try_name_the_program_as_it_was_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / ".venv" / "bin" / "ncvr"
    program.parent.mkdir(parents=True)
    program.write_text("", "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert _started_as(".venv/bin/ncvr") == _started_as(str(program)) == ".venv/bin/ncvr"
    assert _started_as("pytest") == "ncvr"
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    assert _started_as(".venv/bin/ncvr") == "ncvr"


def test_running_it_again_replaces_its_own_folder_with_the_same_bytes(made: Ran, demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = files(demo)
    assert run(capsys, "demo", "--dir", demo, "--no-serve").code == 0
    assert files(demo) == before


def files(demo: Path) -> dict[str, bytes]:
    """All but the database and its tokens, which are drawn anew each time."""
    drawn = {"ncvr.db", "people.csv"}
    return {str(path.relative_to(demo)): path.read_bytes() for path in demo.rglob("*") if path.is_file() and path.name not in drawn}


def test_people_of_every_role_wait_beside_the_service_s_database(made: Ran, demo: Path) -> None:
    people = list(csv.DictReader((demo / "people.csv").read_text("utf-8").splitlines()))
    assert {person["role"] for person in people} == set(get_args(Role))
    assert all(person["token"] for person in people)
    assert (demo / "ncvr.db").stat().st_size > 0
    assert sorted(path.name for path in demo.iterdir() if path.suffix in (".db-wal", ".db-shm")) == []


def test_the_declared_adherence_of_the_demo_is_a_share_that_says_it_is_made_up(
    made: Ran, demo: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NCVR_DATABASE_FILE", str(demo / "ncvr.db"))
    asked = ("adherence", "report", "--month", "2026-06", "--definition", "declared-1")
    report = json.loads(run(capsys, *asked, "--format", "json").out)
    (found,) = report["indicators"]
    assert (found["numerator"], found["denominator"]) == (152, 177)
    assert report["illustrative_positions"] == report["positions"] == 154
    for told in (run(capsys, *asked).out, run(capsys, *asked, "--format", "csv").out):
        assert "Illustrative: 154 of the 154 declared positions are made up" in " ".join(told.split())
    observed = run(capsys, "adherence", "report", "--month", "2026-06", "--definition", "observed-1").out
    assert "2 of 3 trusts" in observed
    assert "Illustrative" not in observed
    chart = demo.parent / "declared.svg"
    run(capsys, *asked, "--chart", chart)
    assert "Illustrative: from made-up positions" in chart.read_text("utf-8")
    rows = list(csv.DictReader((demo / "positions_ILLUSTRATIVE.csv").read_text("utf-8").splitlines()))
    assert {row["source"] for row in rows} == {"Illustrative, made up for the demonstration: this trust declared nothing"}
    assert "no trust declared them" in made.out


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "thesis.txt").write_text("mine", "utf-8")
    ran = run(capsys, "demo", "--dir", tmp_path, "--no-serve")
    assert ran.code == 2
    assert "was not made by ncvr demo. Choose another with --dir; nothing was changed." in ran.err
    assert "..." not in ran.err  # before any work was done
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
