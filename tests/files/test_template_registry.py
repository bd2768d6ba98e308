"""Choosing a template: by name, by window, and never silently."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from ncvr.errors import TemplateError
from ncvr.files.template_registry import choose_template, read_acceptance, read_templates, template_names
from tests.contracts import SAMPLE, TEMPLATES, sample
from tests.tiny_templates import paragraph, write_tiny_template

SUBMITTED, CONTRACTED = date(2026, 5, 1), date(2026, 7, 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The shipped templates, to be changed."""
    return Path(shutil.copytree(TEMPLATES, tmp_path / "templates"))


def test_the_sample_stands_in_for_a_family_without_national_template_and_that_is_said() -> None:
    chosen = choose_template(TEMPLATES, "mCTA", None, None)
    assert chosen.name == SAMPLE
    assert "this project's sample is used" in chosen.notices[0].problem


def test_a_version_by_name_is_taken_without_a_word() -> None:
    chosen = choose_template(TEMPLATES, SAMPLE, None, None)
    assert (chosen.name, chosen.notices) == (SAMPLE, ())


@pytest.mark.parametrize("wanted", ["mCTX", "mCTA/sample-9", "mCTA/"])
def test_an_unknown_template_is_an_error_that_lists_those_known(wanted: str) -> None:
    with pytest.raises(TemplateError, match="there is no contract template") as refused:
        choose_template(TEMPLATES, wanted, None, None)
    assert "mCTA" in str(refused.value.findings[0])


def test_a_registered_national_version_in_force_is_taken_instead_of_the_sample(folder: Path) -> None:
    write_tiny_template(folder, paragraph("Text"), {}, name="mCTA/2026-04")
    assert choose_template(folder, "mCTA", SUBMITTED, CONTRACTED).name == "mCTA/2026-04"


def test_an_older_registered_version_is_never_taken_in_place_of_the_one_in_force(folder: Path) -> None:
    write_tiny_template(folder, paragraph("Text"), {}, name="mCTA/2025-07")
    with pytest.raises(TemplateError, match="mCTA/2026-04 is in force on the days given, and it is not registered"):
        choose_template(folder, "mCTA", SUBMITTED, CONTRACTED)
    assert choose_template(folder, "mCTA", date(2026, 4, 1), date(2026, 4, 1)).name == "mCTA/2025-07"


def test_without_dates_nobody_can_tell_which_national_version_is_in_force(folder: Path) -> None:
    write_tiny_template(folder, paragraph("Text"), {}, name="mCTA/2026-04")
    with pytest.raises(TemplateError) as refused:
        choose_template(folder, "mCTA", SUBMITTED, None)
    assert refused.value.place == "details: dates.contract"


def test_a_damaged_template_does_not_hide_the_sound_ones(folder: Path) -> None:
    write_tiny_template(folder, paragraph("Text"), {}, name="mCIA/one")
    (folder / "mCIA" / "one" / "template.docx").write_bytes(b"not a Word file")
    templates, findings = read_templates(folder)
    assert [template.name for template in templates] == [SAMPLE]
    assert all("mCIA" in finding.place for finding in findings)
    assert template_names(folder) == ("mCIA/one", SAMPLE)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("mCTA,x,,,,s", "accepted_from is empty"),
        ("mCTA,x,2026-02-30,,,s", "is not a date"),
        ("mCTA,x,2026-04-01,2026-03-31,,s", "a last day is before the first"),
        ("mCTA,x,2026-04-01,,,", "source is empty"),
        ("mCTA,sample-1,2026-04-01,,,s", "stands twice"),
        ("mCTA,x", "2"),
    ],
)
def test_windows_are_data_and_every_mistake_in_them_is_found(folder: Path, row: str, says: str) -> None:
    file = folder / "acceptance.csv"
    file.write_text(file.read_text("utf-8") + row + "\n", encoding="utf-8")
    (finding,) = read_acceptance(folder).findings
    assert says in f"{finding}"
    assert f":{len(file.read_text('utf-8').splitlines())}" in finding.place


def test_the_profile_that_was_read_is_named_by_its_hash() -> None:
    assert sample().profile_sha256.startswith("sha256:")
    assert sample().profile.template_sha256 != sample().profile_sha256
