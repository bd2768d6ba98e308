"""``ncvr details``: a file that says what it needs, and a table of many sites laid over it."""

import json
from pathlib import Path
from typing import Any

import pytest

from ncvr.domain.details import Details
from tests.cli.running import Ran, run
from tests.contracts import DETAILS, STUDY


@pytest.fixture
def study(tmp_path: Path) -> Path:
    path = tmp_path / "study.json"
    path.write_text(json.dumps({"format": "ncvr-study/1"} | STUDY), encoding="utf-8")
    return path


def new(capsys: pytest.CaptureFixture[str], study: Path) -> tuple[Ran, dict[str, Any]]:
    ran = run(capsys, "details", "new", study, "--template", "mCTA/sample-1")
    return ran, json.loads(ran.out)


def test_a_new_file_is_a_details_file_with_a_place_for_every_value_that_is_needed(capsys: pytest.CaptureFixture[str], study: Path) -> None:
    ran, record = new(capsys, study)
    assert ran.code == 0
    assert Details.model_validate(record)
    assert record["common"]["sponsor"] == {"legal_name": None, "number": None, "address": None, "signing_party": None}
    assert set(record["sites"]) == {"RGT", "RP4"}
    assert record["sites"]["RP4"]["notices"]["site"] == {"contact": None, "address": None, "email": None}


def test_it_says_what_each_key_is_for(capsys: pytest.CaptureFixture[str], study: Path) -> None:
    told = new(capsys, study)[1]["help"]
    assert told["choices.archiving_party"].startswith("Needed. Who keeps the Investigator Site File: site (the Participating Organisation) or sponsor")
    assert told["bank.account_number"].startswith("Optional; otherwise the agreement says 'As printed on the invoice'.")
    assert told["screen_failure.rule"] == "Needed only if its clause stays. Rule for screen failures."
    assert "One of: standard, exempt" in told["vat.treatment"]


def test_it_says_what_is_missing(capsys: pytest.CaptureFixture[str], study: Path) -> None:
    ran, _ = new(capsys, study)
    assert "sponsor.legal_name" in ran.err
    assert "legal_representative" not in ran.err


def test_an_open_place_of_a_site_does_not_hide_the_common_value(capsys: pytest.CaptureFixture[str], study: Path) -> None:
    record = new(capsys, study)[1]
    record["common"]["notices"]["site"] = {"contact": "R&D"}
    assert Details.model_validate(record).for_site("RP4").notices.site.contact == "R&D"


def table(capsys: pytest.CaptureFixture[str], study: Path, text: str, *more: object) -> Ran:
    path = study.with_name("sites.csv")
    path.write_text(text, encoding="utf-8")
    return run(capsys, "details", "import", path, "--study", study, *more)


def test_a_table_gives_each_site_its_own_values(capsys: pytest.CaptureFixture[str], study: Path) -> None:
    ran = table(capsys, study, 'ods_code,site.address,target_participants,conditions.lent\nRGT,Hills Road,5,yes\nrp4,"Great Ormond St, London",,no\n')
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["sites"] == {
        "RGT": {"site": {"address": "Hills Road"}, "target_participants": 5, "conditions": {"lent": True}},
        "RP4": {"site": {"address": "Great Ormond St, London"}, "conditions": {"lent": False}},
    }


def test_an_empty_cell_changes_nothing_and_the_rest_of_the_file_stays(capsys: pytest.CaptureFixture[str], study: Path) -> None:
    into = study.with_name("details.json")
    into.write_text(json.dumps({"format": "ncvr-details/1", "common": DETAILS, "sites": {"RGT": {"site": {"address": "old", "signing_party": "S"}}}}), "utf-8")
    record = json.loads(table(capsys, study, "ods_code,site.address,site.signing_party\nRGT,new,\n", "--into", into).out)
    assert record["common"] == DETAILS
    assert record["sites"]["RGT"]["site"] == {"address": "new", "signing_party": "S"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("site.address\nx\n", "the column ods_code is missing"),
        ("ods_code,site.adress\nRGT,x\n", "unknown column 'site.adress'"),
        ("ods_code,site.address,site.address\nRGT,x,y\n", "stands twice"),
        ("ods_code,target_participants\nRGT,many\n", "'many' is not a whole number"),
        ("ods_code,conditions.lent\nRGT,perhaps\n", "neither yes nor no"),
        ("ods_code,site.address\nRGT\n", "1 cells, and the header has 2"),
        ("ods_code,site.address\n,x\n", "the organisation code is missing"),
        ("ods_code,site.address\nRA9,x\n", "this site is not in the study"),
        ("ods_code,bank.sort_code\nRGT,123456\n", "sort_code"),
    ],
)
def test_every_mistake_in_a_table_is_named_and_nothing_is_written(capsys: pytest.CaptureFixture[str], study: Path, text: str, says: str) -> None:
    ran = table(capsys, study, text, "-o", study.with_name("out.json"))
    assert ran.code == 2
    assert says in ran.err
    assert not study.with_name("out.json").exists()
