"""``ncvr accesses``: who read what, on a database of one's own."""

import csv
import io
import json
from pathlib import Path

import pytest

from ncvr.services.access_journal import AccessJournal, Asked
from ncvr.services.identity import OPERATOR
from ncvr.services.opening import open_office
from ncvr.services.own_account import known_account
from tests.cli.running import run

EMAIL = "ann@example.org"


@pytest.fixture
def ann(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """Her opaque id, in a database in which she read one price twice and was refused another."""
    monkeypatch.setenv("NCVR_DATABASE_FILE", str(tmp_path / "ncvr.db"))
    monkeypatch.delenv("NCVR_DATABASE_URL", raising=False)
    assert run(capsys, "db", "upgrade").code == 0
    assert run(capsys, "user", "add", EMAIL, "--role", "auditor", "--name", "Ann", "--organisation", "").code == 0
    office = open_office()
    with office.look(OPERATOR) as act:
        actor = known_account(act, EMAIL).person.actor
    journal = AccessJournal(office)
    for path, status in (("/studies/1004567/sites/RGT", 200), ("/studies/1004567/sites/RGT", 200), ("/studies/1004568", 404)):
        journal.note(Asked(actor=actor, method="GET", path=path, status=status), "c-1")
    journal.note(Asked(actor=None, method="GET", path="/studies/{iras_id}", status=401), "c-2")
    journal.write()
    return actor


def test_it_is_listed_as_text_json_and_csv(ann: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = run(capsys, "accesses").out.splitlines()
    assert len(lines) == 3
    assert sum("not known" in line for line in lines) == 1
    assert sum("2 times" in line and ann in line for line in lines) == 1
    record = json.loads(run(capsys, "accesses", "--format", "json").out)
    assert record["format"] == "ncvr-accesses/1"
    assert {(each["actor"], each["status"], each["times"]) for each in record["accesses"]} == {(ann, 200, 2), (ann, 404, 1), (None, 401, 1)}
    rows = list(csv.reader(io.StringIO(run(capsys, "accesses", "--format", "csv").out)))
    assert rows[0] == ["at", "actor", "method", "path", "status", "times", "correlation_id"]
    assert len(rows) == 4


def test_it_is_found_by_address_study_outcome_and_day(ann: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(run(capsys, "accesses", "--person", EMAIL).out.splitlines()) == 2
    assert run(capsys, "accesses", "--person", ann).out == run(capsys, "accesses", "--person", EMAIL).out
    assert EMAIL not in run(capsys, "accesses", "--person", EMAIL).out
    assert len(run(capsys, "accesses", "--study", "1004567").out.splitlines()) == 1
    assert len(run(capsys, "accesses", "--outcome", "refused").out.splitlines()) == 2
    assert run(capsys, "accesses", "--until", "2020-01-01").out == "Nothing that was read or refused matches.\n"
    assert len(run(capsys, "accesses", "--since", "2020-01-01").out.splitlines()) == 3


def test_somebody_unknown_and_days_the_wrong_way_round_are_refused(ann: str, capsys: pytest.CaptureFixture[str]) -> None:
    unknown = run(capsys, "accesses", "--person", "nobody@example.org")
    assert (unknown.code, unknown.out) == (2, "")
    assert "nobody has the address" in unknown.err
    turned = run(capsys, "accesses", "--since", "2026-05-02", "--until", "2026-05-01")
    assert turned.code == 2
    assert "Choose a later day" in turned.err


def test_a_look_from_the_command_line_is_not_kept_and_everything_is_exported(ann: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = run(capsys, "accesses").out
    assert run(capsys, "accesses").out == before
    exported = json.loads(run(capsys, "person", "export", EMAIL).out)
    assert [(each["path"], each["times"]) for each in exported["reads"]] == [("/studies/1004567/sites/RGT", 2), ("/studies/1004568", 1)]


def test_it_is_written_to_a_file_and_over_none(ann: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    target = tmp_path / "reads.csv"
    assert run(capsys, "accesses", "--format", "csv", "-o", target).code == 0
    assert target.read_text("utf-8").startswith("at,actor")
    assert run(capsys, "accesses", "-o", target).code == 2
    assert run(capsys, "accesses", "-o", target, "--force").code == 0
