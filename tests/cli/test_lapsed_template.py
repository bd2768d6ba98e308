"""A version that is not accepted on the days of a contract is said when it is filled and when it is verified."""

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.running import run
from tests.contracts import DETAILS, STUDY, TEMPLATES
from tests.tiny_editions import write_organisations, write_tiny_edition

WINDOW = "family,version,accepted_from,last_submission,last_contract,source\nmCTA,sample-1,2020-01-01,,2026-06-30,made up\n"


def test_it_is_said_at_filling_and_at_verification_and_leaves_the_verdict_alone(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    templates = Path(shutil.copytree(TEMPLATES, tmp_path / "templates"))
    (templates / "acceptance.csv").write_text(WINDOW, encoding="utf-8")
    monkeypatch.setenv("NCVR_TEMPLATES", str(templates))
    write_tiny_edition(tmp_path / "tariffs")
    write_organisations(tmp_path / "tariffs")
    (tmp_path / "study.json").write_text(json.dumps({"format": "ncvr-study/1"} | STUDY | {"sites": [{"ods_code": "RGT", "target_participants": 5}]}), "utf-8")
    (tmp_path / "details.json").write_text(json.dumps({"format": "ncvr-details/1", "common": DETAILS}), "utf-8")
    words = ["--site", "RGT", "--template", "mCTA/sample-1", "--details", tmp_path / "details.json", "--on", "2026-06-01", "--tariffs", tmp_path / "tariffs"]
    filled = run(capsys, "contract", "fill", tmp_path / "study.json", *words, "-o", tmp_path / "X.docx")
    assert "mCTA/sample-1 is accepted for contracts until 2026-06-30; the details say 2026-07-01" in filled.err
    verified = run(capsys, "contract", "verify", tmp_path / "X.docx")
    assert (verified.code, verified.out.partition(":")[0]) == (0, "UNMODIFIED")
    assert "mCTA/sample-1 is accepted for contracts until 2026-06-30; the receipt says 2026-07-01" in verified.err
