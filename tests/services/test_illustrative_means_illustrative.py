"""An official template is not filled from figures that are not official; whoever insists gets a contract that nothing can certify."""

import csv
import io
import shutil
from pathlib import Path
from typing import Any

import pytest

from ncvr.cli.main import main
from ncvr.domain.details import Details
from ncvr.domain.receipt import Receipt
from ncvr.domain.study import Study
from ncvr.domain.verdict import Verdict
from ncvr.errors import InputError, TemplateError
from ncvr.files.appendix_verifier import verify_contract
from ncvr.files.price_files import prices_from
from ncvr.files.template_registry import read_templates
from ncvr.services.contracting import SiteContract, fill_contracts
from ncvr.services.site_folders import SiteFolders, StudyContracts
from tests.contracts import DETAILS, ON, SAMPLE, STUDY, TEMPLATES
from tests.tiny_editions import write_organisations, write_tiny_edition

OFFICIAL = "mCTA/2026-04"
STUDY_OF_ONE = STUDY | {"format": "ncvr-study/1", "sites": [{"ods_code": "RGT", "principal_investigator": "Dr A", "target_participants": 5}]}


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample text registered as if it were an official file that two persons approved."""
    folder = tmp_path_factory.mktemp("templates")
    shutil.copytree(TEMPLATES / SAMPLE, folder / OFFICIAL)
    shutil.copy(TEMPLATES / "acceptance.csv", folder)
    profile = folder / OFFICIAL / "profile.yaml"
    told = profile.read_text("utf-8").replace("version: sample-1", "version: 2026-04")
    profile.write_text(told.replace("status: sample", "status: approved\napproved_by: [Ada Example, Grace Example]"), "utf-8")
    return folder


def tariffs(folder: Path, *, status: str, locked: bool) -> Path:
    """An edition of this status; a locked one stands in editions.lock."""
    write_tiny_edition(folder, status=status)
    write_organisations(folder)
    if locked:
        approved = ["--approved-by", "Ada Example", "--approved-by", "Grace Example"]
        assert main(["tariff", "lock", "2026-04-01-tiny", *approved, "--tariffs", str(folder)]) == 0
    return folder


def filled(tariffs: Path, templates: Path, *, template: str = OFFICIAL, uncertified: bool = False) -> SiteContract:
    study, details = Study.model_validate(STUDY_OF_ONE), Details.model_validate({"common": DETAILS})
    return fill_contracts(study, details, template=template, templates=templates, tariffs=tariffs, on=ON, uncertified=uncertified).contracts[0]


def verified(contract: SiteContract, templates: Path, *, with_price: bool = True, receipt: dict[str, Any] | None = None) -> Verdict:
    price = prices_from(contract.prices, "prices").or_raise(InputError) if with_price else None
    told = None if receipt is None else Receipt.model_validate(receipt)
    return verify_contract(contract.content, read_templates(templates)[0], price=price, receipt=told)


@pytest.mark.parametrize(("status", "locked"), [("illustrative", True), ("illustrative", False), ("checked", False), ("transcribed", False)])
def test_an_official_template_is_refused_figures_that_are_illustrative_or_unlocked(tmp_path: Path, templates: Path, status: str, locked: bool) -> None:
    with pytest.raises(TemplateError) as refused:
        filled(tariffs(tmp_path, status=status, locked=locked), templates)
    assert refused.value.exit_code == 3
    assert "illustrative or unlocked tariff edition" in refused.value.problem
    assert "--uncertified" in refused.value.remedy


@pytest.mark.parametrize("status", ["checked", "transcribed"])
def test_an_official_template_with_official_locked_figures_can_be_certified(tmp_path: Path, templates: Path, status: str) -> None:
    contract = filled(tariffs(tmp_path, status=status, locked=True), templates)
    assert contract.receipt["certified"] is True
    assert contract.file_name("1004567") == "1004567_RGT_mCTA_2026-04.docx"
    assert verified(contract, templates, receipt=dict(contract.receipt)).verdict == "unmodified"


@pytest.mark.parametrize(("status", "locked", "mark"), [("illustrative", True, "_UNCERTIFIED_ILLUSTRATIVE"), ("checked", False, "_UNCERTIFIED_ILLUSTRATIVE")])
def test_uncertified_is_in_name_receipt_and_verdict(tmp_path: Path, templates: Path, status: str, locked: bool, mark: str) -> None:
    contract = filled(tariffs(tmp_path, status=status, locked=locked), templates, uncertified=True)
    assert contract.file_name("1004567") == f"1004567_RGT_mCTA_2026-04{mark}.docx"
    assert contract.receipt["certified"] is False
    verdict = verified(contract, templates, receipt=dict(contract.receipt))
    assert (verdict.verdict, verdict.exit_code, verdict.errors) == ("cannot tell", 11, ())


def test_no_way_of_asking_makes_an_uncertified_contract_better_than_cannot_tell(tmp_path: Path, templates: Path) -> None:
    """Not without its receipt, and not with a receipt that was changed to say that it is certified."""
    contract = filled(tariffs(tmp_path, status="illustrative", locked=True), templates, uncertified=True)
    polished = {**contract.receipt, "certified": True}
    assert verified(contract, templates).verdict == "cannot tell"
    assert verified(contract, templates, with_price=False).verdict == "cannot tell"
    assert verified(contract, templates, receipt=polished).verdict == "cannot tell"
    assert verified(contract, templates, with_price=False, receipt=polished).verdict == "cannot tell"


def test_a_sample_filled_from_an_illustrative_tariff_says_so_in_its_name_and_can_be_verified(tmp_path: Path) -> None:
    contract = filled(tariffs(tmp_path, status="illustrative", locked=True), TEMPLATES, template=SAMPLE)
    assert contract.file_name("1004567") == "1004567_RGT_mCTA_sample-1_ILLUSTRATIVE.docx"
    assert verified(contract, TEMPLATES, receipt=dict(contract.receipt)).verdict == "unmodified"


def test_the_index_says_illustrative_and_uncertified(tmp_path: Path, templates: Path) -> None:
    order = SiteFolders(
        template=OFFICIAL, templates=templates, tariffs=tariffs(tmp_path, status="illustrative", locked=True), on=ON, uncertified=True, salt=lambda: "1" * 32
    )
    study, details = Study.model_validate(STUDY_OF_ONE), Details.model_validate({"common": DETAILS})
    files = dict(order.files([StudyContracts(study=study, details=details)]))
    row = next(csv.DictReader(io.StringIO(files["index.csv"].decode())))
    assert (row["standing"], row["verdict"], row["template_status"]) == ("illustrative, uncertified", "cannot tell", "approved")
    assert row["contract"].endswith("_UNCERTIFIED_ILLUSTRATIVE.docx")
    assert "no check of them can come out better than cannot tell" in files["README.txt"].decode()
    assert "cannot tell, illustrative, uncertified" in files["index.html"].decode()
