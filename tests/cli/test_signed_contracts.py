"""From a key to a signed contract to a verdict that needs no price; and several studies on one command line."""

import json
import zipfile
from pathlib import Path

import pytest

from tests.cli.running import Ran, run
from tests.contracts import DETAILS, STUDY
from tests.tiny_editions import write_organisations, write_tiny_edition


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NCVR_KEYS", str(tmp_path / "keys"))
    write_tiny_edition(tmp_path / "tariffs")
    write_organisations(tmp_path / "tariffs")
    for name, iras_id in (("study", "1004567"), ("second", "1007654")):
        told = {"format": "ncvr-study/1"} | STUDY | {"study": STUDY["study"] | {"iras_id": iras_id}}
        told["sites"] = [{"ods_code": "RGT", "principal_investigator": "Dr A", "target_participants": 5}]
        (tmp_path / f"{name}.json").write_text(json.dumps(told), "utf-8")
    (tmp_path / "details.json").write_text(json.dumps({"format": "ncvr-details/1", "common": DETAILS}), "utf-8")
    return tmp_path


def fill(capsys: pytest.CaptureFixture[str], desk: Path, *more: object, studies: tuple[str, ...] = ("study",)) -> Ran:
    words = ["--template", "mCTA", "--on", "2026-06-01", "--tariffs", desk / "tariffs", "--details", desk / "details.json"]
    return run(capsys, "contract", "fill", *(desk / f"{study}.json" for study in studies), *words, *more)


def new_key(capsys: pytest.CaptureFixture[str], *more: str) -> str:
    return run(capsys, "key", "new", "--owner", "Example Pharma Ltd", "--approved-by", "Ada", "--approved-by", "Grace", *more).out.partition(":")[0]


def verify(capsys: pytest.CaptureFixture[str], desk: Path, *more: object) -> Ran:
    return run(capsys, "contract", "verify", desk / "X.docx", "--format", "json", *more)


def test_without_a_key_a_receipt_is_unsigned_and_signed_only_cannot_tell(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    assert fill(capsys, desk, "--site", "RGT", "-o", desk / "X.docx").code == 0
    assert json.loads((desk / "X.receipt.json").read_text("utf-8"))["signature"] is None
    assert verify(capsys, desk).code == 0
    assert verify(capsys, desk, "--signed-only").code == 11


def test_with_a_key_the_receipt_is_signed_and_needs_no_price(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    key = new_key(capsys)
    ran = fill(capsys, desk, "--site", "RGT", "-o", desk / "X.docx")
    assert f"signed with the key {key} of Example Pharma Ltd" in ran.out
    judged = verify(capsys, desk, "--signed-only")
    verdict = json.loads(judged.out)
    assert (judged.code, verdict["verdict"], verdict["receipt"], verdict["numbers_from"]) == (0, "unmodified", "valid signature", "signed receipt")
    assert "beside a signed receipt" in run(capsys, "contract", "verify", desk / "X.docx").out


def test_the_other_party_needs_the_key_list_and_only_that(capsys: pytest.CaptureFixture[str], desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new_key(capsys)
    fill(capsys, desk, "--site", "RGT", "-o", desk / "X.docx")
    run(capsys, "key", "list", "--format", "json", "-o", desk / "theirs.json")
    monkeypatch.setenv("NCVR_KEYS", str(desk / "nobody"))
    assert json.loads(verify(capsys, desk, "--signed-only").out)["receipt"] == "unsigned"
    assert verify(capsys, desk, "--signed-only", "--keys", desk / "theirs.json").code == 0
    assert verify(capsys, desk, "--signed-only", "--keys", desk / "theirs.json", "--as-of", "2020-01-01").code == 11


def test_a_changed_signed_receipt_makes_the_contract_modified(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    new_key(capsys)
    fill(capsys, desk, "--site", "RGT", "-o", desk / "X.docx")
    path = desk / "X.receipt.json"
    path.write_text(path.read_text("utf-8").replace('"pricing_date": "2026-06-01"', '"pricing_date": "2026-06-02"'), "utf-8")
    judged = verify(capsys, desk)
    assert (judged.code, json.loads(judged.out)["receipt"]) == (10, "forged")


def test_after_a_revocation_the_signature_no_longer_counts(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    key = new_key(capsys)
    fill(capsys, desk, "--site", "RGT", "-o", desk / "X.docx")
    run(capsys, "key", "revoke", key)
    judged = verify(capsys, desk, "--signed-only")
    assert (judged.code, json.loads(judged.out)["receipt"]) == (11, "unsigned")
    assert "was revoked on" in judged.out
    assert "receipt signed" not in fill(capsys, desk, "--site", "RGT", "-o", desk / "Y.docx").out  # and it signs nothing more


def test_a_key_that_cannot_sign_is_refused_by_name(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    expired = new_key(capsys, "--valid-from", "2020-01-01", "--valid-to", "2020-12-31")
    for key, reason in ((expired, "cannot sign on"), ("0" * 16, "no private key")):
        ran = fill(capsys, desk, "--site", "RGT", "-o", desk / "X.docx", "--sign", key)
        assert (ran.code, reason in ran.err) == (2, True)
    assert not (desk / "X.docx").exists()


def test_no_secret_is_ever_said(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    key = new_key(capsys)
    secret = (desk / "keys" / f"{key}.private-key.pem").read_text().splitlines()[1]
    ran = fill(capsys, desk, "--all-sites", "-o", desk / "out.zip")
    with zipfile.ZipFile(desk / "out.zip") as archive:
        everything = "".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    assert secret not in ran.out + ran.err + everything
    assert key in everything


def test_several_studies_make_one_set_with_progress_on_standard_error(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    ran = fill(capsys, desk, "--all-sites", "-o", desk / "out.zip", studies=("study", "second"))
    assert ran.code == 0, ran.err
    assert ran.out.endswith("out.zip: 2 contracts\n")
    assert "1 of 2: IRAS 1004567, RGT Cambridge: unmodified (illustrative)" in ran.err
    assert "2 of 2: IRAS 1007654" in ran.err
    with zipfile.ZipFile(desk / "out.zip") as archive:
        assert {name.partition("/")[0] for name in archive.namelist()} >= {"1004567_RGT_mCTA_sample-1", "1007654_RGT_mCTA_sample-1", "index.csv", "README.txt"}


def test_what_does_not_go_together_is_refused(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    one = fill(capsys, desk, "--site", "RGT", "-o", desk / "X.docx", studies=("study", "second"))
    assert (one.code, "one site is filled for one study" in one.err) == (2, True)
    details = ["--details", desk / "details.json", "--details", desk / "details.json"]
    many = fill(capsys, desk, "--all-sites", "-o", desk / "out", *details, studies=("study", "second"))
    assert (many.code, "3 details files for 2 studies" in many.err) == (2, True)
    assert not (desk / "out").exists()
