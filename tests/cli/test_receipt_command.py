"""``ncvr receipt verify``: one exit code for what counts, another for what is forged, a third for all that proves nothing."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ncvr.files.json_files import written_json
from ncvr.files.signing_keys import LIST, record_revocation
from tests.cli.running import Ran, run
from tests.contracts import ON
from tests.signatures import contract, signer


def verified(capsys: pytest.CaptureFixture[str], folder: Path, receipt: dict[str, Any], as_of: date = ON) -> Ran:
    path = folder / "contract.receipt.json"
    path.write_bytes(written_json(receipt))
    return run(capsys, "receipt", "verify", path, "--keys", folder / LIST, "--as-of", as_of)


def test_a_valid_signature_ends_with_0_and_says_who_signed_what(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said = verified(capsys, tmp_path, signer(tmp_path).signed(contract().receipt))
    assert said.code == 0
    assert said.out.startswith(f"VALID SIGNATURE, as of {ON}: signed on {ON} with the key")
    assert "IRAS 1004567" in said.out
    assert "RGT" in said.out


def test_a_changed_receipt_ends_with_10(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    receipt = signer(tmp_path).signed(contract().receipt)
    said = verified(capsys, tmp_path, {**receipt, "pricing_date": "2026-06-02"})
    assert said.code == 10
    assert said.out.startswith("FORGED")


def test_everything_that_proves_nothing_ends_with_11(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    pen = signer(tmp_path)
    receipt = pen.signed(contract().receipt)
    unknown = signer(tmp_path / "another").signed(contract().receipt)
    wrong = signer(tmp_path, purpose="publication").signed(contract().receipt)
    told = {name: verified(capsys, tmp_path, each) for name, each in (("UNSIGNED", contract().receipt), ("UNKNOWN KEY", unknown), ("WRONG PURPOSE", wrong))}
    told["EXPIRED"] = verified(capsys, tmp_path, receipt, date(2030, 1, 1))
    told["NOT YET VALID"] = verified(capsys, tmp_path, receipt, date(2026, 5, 1))
    record_revocation(tmp_path, pen.key.id, ON)
    told["REVOKED"] = verified(capsys, tmp_path, receipt)
    for name, said in told.items():
        assert said.code == 11, name
        assert said.out.startswith(name)


def test_a_receipt_that_cannot_be_read_ends_with_2(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    twice = tmp_path / "twice.json"
    twice.write_bytes(written_json(contract().receipt).replace(b'  "certified": true,', b'  "certified": true,\n  "certified": true,'))
    tidied = tmp_path / "tidied.json"
    receipt = json.loads(json.dumps(contract().receipt))
    receipt["price"]["site"]["name"] = "Ho\u0302pital"  # an accent as a sign of its own, which reading would join
    tidied.write_bytes(written_json(receipt))
    for path, reason in ((twice, "stands twice"), (tidied, "something else changed it"), (tmp_path / "none.json", "cannot be read")):
        said = run(capsys, "receipt", "verify", path)
        assert said.code == 2
        assert reason in said.err


def test_the_checker_is_handed_out_as_one_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = tmp_path / "check_receipt.py"
    assert run(capsys, "receipt", "checker", "-o", out).code == 0
    text = out.read_text("utf-8")
    assert "from ncvr" not in text
    assert "import ncvr" not in text
    assert run(capsys, "receipt", "checker", "-o", out).code == 2
