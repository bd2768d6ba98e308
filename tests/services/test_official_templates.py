"""From an official-looking file to a verified contract: scanned, profiled, approved, filled, checked."""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from ncvr.domain.prices_file import PricesFile
from ncvr.domain.site_price import SitePrice
from ncvr.errors import InputError, TemplateError
from ncvr.files.appendix_filler import TemplateFiller
from ncvr.files.appendix_verifier import verify_contract
from ncvr.files.profile_draft import draft_profile
from ncvr.files.receipt_files import receipt_record
from ncvr.files.template_registry import RegisteredTemplate, read_template, sha256
from ncvr.files.template_scan import scan_template
from ncvr.services.templates import AddedTemplate, add_template
from tests.cli.running import run
from tests.conftest import LibreOffice
from tests.contracts import appendix, details, prices, shown_text, site_price
from tests.official_looking import FAMILY, completed, official_looking

TWO = ["Ada Approver", "Grace Guardian"]


def draft() -> str:
    content = official_looking()
    return draft_profile(scan_template(content, "official.docx"), family="FAMILY", version="VERSION", template_sha256=sha256(content))


def added(folder: Path, version: str = "2026-04", approved_by: Iterable[str] = TWO) -> AddedTemplate:
    return add_template(folder, official_looking(), completed(draft(), version), list(approved_by), "profile.yaml")


def registered(folder: Path) -> RegisteredTemplate:
    template = read_template(folder, f"{FAMILY}/2026-04").value
    assert template is not None
    return template


def officially_priced() -> SitePrice:
    """A site's price under a checked and locked edition."""
    price = site_price()
    return replace(price, costs=replace(price.costs, edition=replace(price.costs.edition, status="checked", lock="locked")))


def test_the_template_is_as_long_as_an_official_one(soffice: LibreOffice, tmp_path: Path) -> None:
    (tmp_path / "official.docx").write_bytes(official_looking())
    pdf = soffice.convert(tmp_path / "official.docx", "pdf", tmp_path / "pdf").read_bytes()
    assert pdf.count(b"/Type/Page/") + pdf.count(b"/Type /Page\n") >= 60


def test_a_scan_names_everything_a_profile_author_needs() -> None:
    facts = {f"{kind}: {said}" for kind, said in scan_template(official_looking(), "official.docx").facts}
    for part in (
        "prompt: [insert IRAS number] in the body, in the footer; split over 3 runs",
        "control: tag 'nation', alias 'Nation', shows its placeholder: '[choose nation]'",
        "table: 2 rows, first: set-up ref | set-up activity | set-up price",
        "reference: '9.' to _Ref_c8",
        "section: 1: portrait, footers: default",
    ):
        assert part in facts
    assert any(fact.startswith("highlight: yellow: 5 runs") for fact in facts)


def test_a_draft_names_every_prompt_and_guesses_only_what_is_plain() -> None:
    text = draft()
    assert 'source: study.iras_id, prompt: "[insert IRAS number]", places: [{}, {story: footer, pages: default}]' in text
    assert 'source: details.choices.choose_nation, prompt: "[choose nation]"' in text
    assert 'spans: [{first: "[Guidance: this page' in text
    assert '#       - {header: "set-up price", key: ref, prompt: "[set-up price]"}' in text


def test_a_template_is_registered_with_its_hash_and_the_two_names(tmp_path: Path) -> None:
    outcome = added(tmp_path)
    assert (outcome.name, outcome.status, outcome.previous, outcome.difference) == ("mCIA/2026-04", "approved", None, ())
    profile = registered(tmp_path).profile
    assert profile.approved_by == tuple(TWO)
    assert profile.template_sha256 == sha256(official_looking())


def test_the_difference_to_the_previous_versions_profile_is_shown(tmp_path: Path) -> None:
    added(tmp_path, "2025-07")
    outcome = added(tmp_path, "2026-04")
    assert outcome.previous == "mCIA/2025-07"
    assert {line for line in outcome.difference if line.startswith(("+", "-")) and "mCIA" not in line} == {"-version: 2025-07", "+version: 2026-04"}


@pytest.mark.parametrize("names", [["Ada"], ["Ada", "Ada"], ["Ada", " "]])
def test_one_person_alone_cannot_approve(tmp_path: Path, names: list[str]) -> None:
    with pytest.raises(InputError, match="two different persons"):
        added(tmp_path, approved_by=names)
    assert list(tmp_path.iterdir()) == []


def test_a_registered_version_is_never_changed(tmp_path: Path) -> None:
    added(tmp_path)
    with pytest.raises(InputError, match="registered already"):
        added(tmp_path)


def test_a_profile_that_leaves_something_over_is_not_registered(tmp_path: Path) -> None:
    profile = completed(draft(), "2026-04").replace(b"instructions:", b"repeats: []\n#")
    with pytest.raises(TemplateError):
        add_template(tmp_path, official_looking(), profile, TWO, "profile.yaml")
    assert list(tmp_path.iterdir()) == []


def test_without_names_it_is_a_draft(tmp_path: Path) -> None:
    assert added(tmp_path, approved_by=[]).status == "draft"


def test_it_is_filled_and_verified(tmp_path: Path) -> None:
    added(tmp_path)
    template, price = registered(tmp_path), officially_priced()
    told = details(choices={"law": "one"}, conditions={})
    filled = TemplateFiller(template.parts, template.profile).fill(appendix(price, told), "RGT")
    text = shown_text(filled)
    assert "Guidance" not in text
    assert "IRAS 1004567 of the study" in text
    assert "Option two" not in text
    assert "As clause 8 says." in text  # the optional clause has gone, so what was 9 is 8
    verdict = verify_contract(filled.content, [template], price=PricesFile.model_validate(prices(price)))
    assert (verdict.verdict, verdict.findings) == ("unmodified", ())
    illustrative = verify_contract(filled.content, [template], price=PricesFile.model_validate(prices(site_price())))
    assert illustrative.verdict == "cannot tell"  # the same words and figures, but from no official tariff
    record = receipt_record(template, filled, prices(price), dates={}, salt="00" * 16, certified=True)
    assert json.loads(json.dumps(record))["template"]["status"] == "approved"


def test_scan_and_add_from_the_command_line(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NCVR_TEMPLATES", str(tmp_path / "templates"))
    (tmp_path / "templates").mkdir()
    (tmp_path / "official.docx").write_bytes(official_looking())
    scanned = run(capsys, "template", "scan", tmp_path / "official.docx", "-o", tmp_path / "profile.yaml")
    assert scanned.code == 0
    assert "[insert name of Sponsor]" in scanned.out
    (tmp_path / "profile.yaml").write_bytes(completed((tmp_path / "profile.yaml").read_text("utf-8"), "2026-04"))
    words = ["template", "add", tmp_path / "official.docx", "--profile", tmp_path / "profile.yaml"]
    ran = run(capsys, *words, "--approved-by", TWO[0], "--approved-by", TWO[1])
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "mCIA/2026-04: registered as approved")
    assert "nothing says when mCIA/2026-04 is accepted" in ran.err
    assert run(capsys, *words).code == 2


def test_a_scan_of_what_is_no_word_file_is_an_input_error(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "x.docx").write_bytes(b"PK\x03\x04")
    assert run(capsys, "template", "scan", tmp_path / "x.docx").code == 2
