"""``ncvr contract`` and ``ncvr template``, from files to files."""

import json
import re
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ncvr.domain.receipt import salted_hash
from ncvr.files.appendix_reader import read_contract
from ncvr.files.docx_package import read_package
from ncvr.files.receipt_files import read_receipt
from ncvr.files.template_registry import sha256
from tests.cli.running import Ran, run
from tests.contracts import DETAILS, STUDY, TEMPLATES, sample
from tests.tiny_editions import write_organisations, write_tiny_edition
from tests.tiny_templates import paragraph, write_tiny_template


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with a study of two sites, their details and a tariff."""
    tariffs = tmp_path / "tariffs"
    write_tiny_edition(tariffs)
    write_organisations(tariffs)
    sites = [{"ods_code": "RGT", "principal_investigator": "Dr A", "target_participants": 5}, {"ods_code": "RA9", "target_participants": 3}]
    write(tmp_path / "study.json", {"format": "ncvr-study/1"} | STUDY | {"sites": sites})
    write(tmp_path / "details.json", {"format": "ncvr-details/1", "common": DETAILS})
    return tmp_path


def write(path: Path, record: Any) -> None:
    path.write_text(json.dumps(record), encoding="utf-8")


def fill(capsys: pytest.CaptureFixture[str], desk: Path, *more: object, details: bool = True) -> Ran:
    words = ["contract", "fill", desk / "study.json", "--template", "mCTA", "--on", "2026-06-01", "--tariffs", desk / "tariffs", *more]
    return run(capsys, *words, *(["--details", desk / "details.json"] if details else []))


def test_all_sites_into_a_name_of_one_contract_is_refused_and_makes_no_folder(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    ran = fill(capsys, desk, "--all-sites", "-o", desk / "all.docx")
    assert (ran.code, "Give -o a folder, or a name ending in .zip" in ran.err, (desk / "all.docx").exists()) == (2, True, False)


@pytest.mark.parametrize("words", [["--site", "RGT", "-o", "no/X.docx"], ["--all-sites", "-o", "no/such"], ["--all-sites", "-o", "no/X.zip"]])
def test_a_folder_that_does_not_exist_is_not_made_on_the_way(capsys: pytest.CaptureFixture[str], desk: Path, words: list[str]) -> None:
    ran = fill(capsys, desk, *words[:-1], desk / words[-1])
    assert (ran.code, "there is no such folder" in ran.err) == (2, True)
    assert not (desk / "no").exists()


def test_one_site_gives_exactly_the_named_file_and_its_receipt(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    (desk / "out").mkdir()
    ran = fill(capsys, desk, "--site", "RGT", "-o", desk / "out" / "X.docx")
    assert ran.code == 0, ran.err
    assert {path.name for path in (desk / "out").iterdir()} == {"X.docx", "X.receipt.json"}
    assert "this project's sample is used" in ran.err


def test_the_receipt_holds_hashes_price_and_every_value_with_its_place(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    fill(capsys, desk, "--site", "RGT", "-o", desk / "X.docx")
    content = (desk / "X.docx").read_bytes()
    receipt = read_receipt(desk / "X.receipt.json").value
    assert receipt is not None
    assert receipt.document.sha256 == sha256(content)
    assert receipt.document.parts == {name: sha256(member.content) for name, member in read_package(content).members.items()}
    assert (receipt.template.sha256, receipt.template.profile_sha256) == (sample().profile.template_sha256, sample().profile_sha256)
    assert (receipt.tariff.edition, receipt.tariff.status, receipt.tariff.lock) == ("2026-04-01-tiny", "illustrative", "unlocked")
    read = read_contract(content, [sample()])
    values = {field.name: field.value for field in receipt.fields if field.arm is None and field.value is not None}
    assert values.items() <= read.fields.items()
    assert all(field.places for field in receipt.fields)
    assert read.arms[0].tables["visits"][0]["price"] == f"£{receipt.price.arms[0].visits[0].price}"


def test_personal_and_bank_values_stand_in_the_receipt_only_as_salted_hashes(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    fill(capsys, desk, "--site", "RGT", "-o", desk / "X.docx")
    text = (desk / "X.receipt.json").read_text("utf-8")
    receipt = read_receipt(desk / "X.receipt.json").value
    assert receipt is not None
    for secret in ("12345678", "12-34-56", "Cambridge Trust", "Dr Ada Example", "Rosalind Hart", "rd@example.org"):
        assert secret not in text
    hashed = {field.name: field.value_sha256 for field in receipt.fields if field.value_sha256 is not None}
    assert hashed["account_number"] == salted_hash(receipt.salt, "account_number", "12345678")


def test_two_fills_give_the_same_document_and_receipts_with_different_salts(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    for name in ("X", "Y"):
        fill(capsys, desk, "--site", "RGT", "-o", desk / f"{name}.docx")
    assert (desk / "X.docx").read_bytes() == (desk / "Y.docx").read_bytes()
    salts = [json.loads((desk / f"{name}.receipt.json").read_text("utf-8"))["salt"] for name in ("X", "Y")]
    assert salts[0] != salts[1]


@pytest.mark.parametrize("existing", ["X.docx", "X.receipt.json"])
def test_nothing_is_overwritten_without_force_and_nothing_half_written(capsys: pytest.CaptureFixture[str], desk: Path, existing: str) -> None:
    (desk / existing).write_text("mine", encoding="utf-8")
    ran = fill(capsys, desk, "--site", "RGT", "-o", desk / "X.docx")
    assert ran.code == 2
    assert "exists already" in ran.err
    assert (desk / existing).read_text("utf-8") == "mine"
    assert [path.name for path in desk.iterdir() if path.name.startswith("X")] == [existing]
    assert fill(capsys, desk, "--site", "RGT", "-o", desk / "X.docx", "--force").code == 0


def test_all_sites_go_into_a_folder_each_so_that_one_can_be_forwarded(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    assert fill(capsys, desk, "--all-sites", "-o", desk / "out").code == 0
    for site, other in (("RGT", "RA9"), ("RA9", "RGT")):
        folder = desk / "out" / f"1004567_{site}_mCTA_sample-1"
        assert (folder / f"1004567_{site}_mCTA_sample-1_ILLUSTRATIVE.docx").exists()
        text = "".join(read_package(next(folder.glob("*.docx")).read_bytes()).content("word/document.xml").decode())
        assert {"RGT": "Cambridge", "RA9": "Torbay"}[site] in text
        if other == "RA9":  # the lead site's code and name are no secret
            assert "Torbay" not in text
            assert all("RA9" not in path.read_text("utf-8") for path in folder.glob("*.json"))


def test_a_zip_holds_the_same_files(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    assert fill(capsys, desk, "--all-sites", "-o", desk / "out.zip").code == 0
    assert fill(capsys, desk, "--all-sites", "-o", desk / "out").code == 0
    with zipfile.ZipFile(desk / "out.zip") as archive:
        documents = {name: archive.read(name) for name in archive.namelist() if name.endswith(".docx")}
        assert archive.testzip() is None
    assert documents == {str(path.relative_to(desk / "out")): path.read_bytes() for path in (desk / "out").rglob("*.docx")}


def test_one_site_that_cannot_be_filled_stops_all_of_them(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    write(desk / "details.json", {"format": "ncvr-details/1", "common": DETAILS, "sites": {"RA9": {"site": {"nation": "Jersey"}}}})
    ran = fill(capsys, desk, "--all-sites", "-o", desk / "out")
    assert ran.code == 2
    assert "RA9: site: nation: 'Jersey' is not one of the answers" in ran.err
    assert not (desk / "out").exists()


@pytest.mark.parametrize(("name", "says"), [("Aсme Pharma Ltd", "mixes alphabets in 'Aсme'"), ("[Name]", "'[Name]' still stands there")])
@pytest.mark.parametrize("sites", [["--site", "RGT", "-o", "X.docx"], ["--all-sites", "-o", "X.zip"]])
def test_a_supplied_value_that_would_fail_our_own_check_is_refused_by_its_name(
    capsys: pytest.CaptureFixture[str], desk: Path, sites: list[str], name: str, says: str
) -> None:
    write(desk / "details.json", {"format": "ncvr-details/1", "common": DETAILS | {"sponsor": DETAILS["sponsor"] | {"legal_name": name}}})
    ran = fill(capsys, desk, *[desk / word if word.startswith("X.") else word for word in sites])
    assert ran.code == 2, ran.err
    assert says in ran.err
    assert "sponsor" in ran.err.lower()
    assert "profile" not in ran.err
    assert sorted(path.name for path in desk.iterdir()) == ["details.json", "study.json", "tariffs"]


def test_a_study_of_a_greek_lettered_substance_is_filled_and_verifies(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    study = STUDY | {"format": "ncvr-study/1", "study": STUDY["study"] | {"title": "Anti-TNFα or a PPARγ agonist against Aβ42", "short_title": "TNFα"}}
    write(desk / "study.json", study | {"sites": [{"ods_code": "RGT", "principal_investigator": "Dr A", "target_participants": 5}]})
    assert fill(capsys, desk, "--all-sites", "-o", desk / "out").code == 0
    (folder,) = (path for path in (desk / "out").iterdir() if path.is_dir())
    (contract,) = folder.glob("*.docx")
    assert "Anti-TNFα" in read_package(contract.read_bytes()).content("word/document.xml").decode()
    assert run(capsys, "contract", "verify", contract, "--price", folder / "prices.json").code == 0


def test_missing_details_are_all_named_with_what_to_do(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    ran = fill(capsys, desk, "--site", "RGT", "-o", desk / "X.docx", details=False)
    assert ran.code == 2
    assert "RGT: details: sponsor.legal_name: sponsor legal name is missing. Give it in the details file" in ran.err
    assert "RGT: details: vat.treatment" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["--site", "RGT", "-o", "X.txt"], 2, "ends in .docx"),
        (["--site", "XXX", "-o", "X.docx"], 2, "not a site of this study"),
        (["--site", "RGT", "--template", "mCTX", "-o", "X.docx"], 3, "there is no contract template 'mCTX'"),
        (["--site", "RGT", "--on", "2020-01-01", "-o", "X.docx"], 3, "2020-01-01"),
    ],
)
def test_mistakes_on_the_command_line_have_their_exit_code(capsys: pytest.CaptureFixture[str], desk: Path, words: list[str], code: int, says: str) -> None:
    ran = fill(capsys, desk, *[desk / word if word.startswith("X.") else word for word in words])
    assert (ran.code, says in ran.err) == (code, True)


@pytest.mark.parametrize("content", ["{", "[]", '{"format": "ncvr-details/1", "common": {"payment_days": 30}}', '{"format": "x"}'])
def test_bad_details_are_refused_with_place_and_remedy(capsys: pytest.CaptureFixture[str], desk: Path, content: str) -> None:
    (desk / "details.json").write_text(content, encoding="utf-8")
    ran = fill(capsys, desk, "--site", "RGT", "-o", desk / "X.docx")
    assert ran.code == 2
    assert "details.json" in ran.err
    assert not (desk / "X.docx").exists()


def test_an_official_template_is_not_filled_from_an_illustrative_tariff(
    capsys: pytest.CaptureFixture[str], desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    templates = desk / "templates"
    home = templates / "mCTA" / "2026-04"
    shutil.copytree(TEMPLATES / "mCTA" / "sample-1", home)
    words = (home / "profile.yaml").read_text("utf-8").replace("version: sample-1", "version: 2026-04")
    (home / "profile.yaml").write_text(words.replace("status: sample", "status: approved\napproved_by: [Ada, Grace]"), "utf-8")
    (templates / "acceptance.csv").write_text("family,version,accepted_from,last_submission,last_contract,source\nmCTA,2026-04,2026-04-08,,,x\n", "utf-8")
    monkeypatch.setenv("NCVR_TEMPLATES", str(templates))
    ran = fill(capsys, desk, "--site", "RGT", "-o", desk / "X.docx")
    assert ran.code == 3
    assert "illustrative or unlocked tariff edition" in ran.err
    assert fill(capsys, desk, "--site", "RGT", "-o", desk / "X.docx", "--uncertified").code == 0
    assert json.loads((desk / "X.receipt.json").read_text("utf-8"))["certified"] is False


def test_a_version_that_lapses_before_the_contract_is_said(capsys: pytest.CaptureFixture[str], desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    templates = desk / "templates"
    write_tiny_template(templates, paragraph("IRAS"), {}, name="mCTA/sample-1")
    (templates / "acceptance.csv").write_text(
        "family,version,accepted_from,last_submission,last_contract,source\nmCTA,sample-1,2020-01-01,,2026-06-30,x\n", "utf-8"
    )
    monkeypatch.setenv("NCVR_TEMPLATES", str(templates))
    write(desk / "details.json", {"format": "ncvr-details/1", "common": DETAILS | {"choices": {}}})  # this template asks for no choice
    ran = fill(capsys, desk, "--site", "RGT", "-o", desk / "X.docx")
    assert "mCTA/sample-1 is accepted for contracts until 2026-06-30; the details say 2026-07-01" in ran.err


def test_read_prints_the_schedule_as_json(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    fill(capsys, desk, "--site", "RGT", "-o", desk / "X.docx")
    ran = run(capsys, "contract", "read", desk / "X.docx")
    record = json.loads(ran.out)
    assert (ran.code, record["format"], record["fields"]["iras_id"]) == (0, "ncvr-schedule/1", "1004567")
    assert re.fullmatch(r"£[0-9,.]+", record["arms"][0]["tables"]["visits"][0]["price"])


def test_read_refuses_what_is_no_contract(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    assert run(capsys, "contract", "read", desk / "study.json").code == 2
    assert run(capsys, "contract", "read", desk / "missing.docx").code == 2


def test_verify_cannot_tell_of_what_it_cannot_read(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    assert run(capsys, "contract", "verify", desk / "missing.docx").code == 11
    assert run(capsys, "contract", "verify", desk / "study.json").code == 11


def test_a_filled_contract_verifies_against_its_price(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    fill(capsys, desk, "--all-sites", "-o", desk / "out")
    for folder in (path for path in (desk / "out").iterdir() if path.is_dir()):
        document = next(folder.glob("*.docx"))
        ran = run(capsys, "contract", "verify", document, "--price", folder / "prices.json")
        assert (ran.code, ran.out.split(":")[0]) == (0, "UNMODIFIED")


def test_template_list_shows_windows_and_what_is_registered(capsys: pytest.CaptureFixture[str]) -> None:
    ran = run(capsys, "template", "list")
    assert ran.code == 0
    assert re.search(r"mCTA/sample-1 +sample +2022-10-01 +open", ran.out)
    assert re.search(r"mCTA/2026-04 +not registered +2026-04-08", ran.out)


def test_template_check_finds_a_changed_template(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(capsys, "template", "check").code == 0
    name = write_tiny_template(tmp_path, paragraph("Of [Name] it"), {})
    (tmp_path / "acceptance.csv").write_text("family,version,accepted_from,last_submission,last_contract,source\n", "utf-8")
    monkeypatch.setenv("NCVR_TEMPLATES", str(tmp_path))
    ran = run(capsys, "template", "check")
    assert ran.code == 3
    assert "'[Name]' would be left in a finished contract" in ran.err
    with (tmp_path / name / "template.docx").open("ab") as file:
        file.write(b"x")
    assert "is not what the profile pins" in run(capsys, "template", "check").err
