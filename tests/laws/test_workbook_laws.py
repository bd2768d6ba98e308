"""A workbook loses nothing: what is written is read, whatever the text, and whatever program saved it in between."""

from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ncvr.domain.study import Study, study_record
from ncvr.domain.study_changes import study_changes, totals
from ncvr.files import workbook_cells, workbook_package
from ncvr.files.study_files import study_from
from ncvr.files.workbook_formula_text import plain
from ncvr.files.workbook_package import open_workbook
from ncvr.files.workbook_sheet import letters
from tests import editions
from tests.conftest import LibreOffice
from tests.laws.studies import CODES, ROLES, SITES
from tests.laws.workbook_studies import legal_studies, texts
from tests.workbooks import proposal, read_back, rows_of, set_cell, sheet_of, through_libreoffice, through_openpyxl, typed, workbook_of

THROUGH_OTHERS = 20  # studies that go through a real LibreOffice and through openpyxl


TARIFF = editions.edition(
    staff=dict(zip(ROLES, ["120.09", "42.05", "56.75"], strict=True)),
    items=dict(zip(CODES, [("53.00", "investigation"), ("349.91", "investigation"), ("10.00", "departmental")], strict=True)),
    multipliers=dict(zip(SITES, ["1.077599", "1.1876", "0.9985"], strict=True)),
)


def study_of(record: dict[str, Any]) -> Study:
    reading = study_from({"format": "ncvr-study/1"} | record, "study.json")
    assert reading.value is not None, [str(found) for found in reading.findings]
    return reading.value


@given(legal_studies())
def test_what_is_written_is_read(record: dict[str, Any]) -> None:
    study = study_of(record)
    assert read_back(workbook_of(study, TARIFF), TARIFF) == study


@given(legal_studies())
def test_the_quick_way_of_reading_gives_what_the_slow_way_gives(record: dict[str, Any]) -> None:
    content = workbook_of(study_of(record), TARIFF)
    quick = open_workbook(content, "W")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workbook_package, "read_plain_cells", lambda content, strings: None)
        assert open_workbook(content, "W") == quick


@pytest.fixture(scope="module")
def some_studies() -> list[Study]:
    """The same random studies every time, for what starts a program and must be done for many at once."""
    gathered: list[Study] = []

    @settings(max_examples=THROUGH_OTHERS, phases=[Phase.generate], derandomize=True, database=None)
    @given(legal_studies())
    def gather(record: dict[str, Any]) -> None:
        gathered.append(study_of(record))

    gather()
    assert len(gathered) >= THROUGH_OTHERS
    return gathered


def test_libreoffice_may_open_and_save_it_and_nothing_changes(some_studies: list[Study], soffice: LibreOffice, tmp_path: Path) -> None:
    contents = {f"w{at}": workbook_of(study, TARIFF) for at, study in enumerate(some_studies)}
    saved = through_libreoffice(soffice, contents, tmp_path)
    for at, study in enumerate(some_studies):
        assert read_back(saved[f"w{at}"], TARIFF) == study, at


def test_openpyxl_may_load_and_save_it_and_nothing_changes(some_studies: list[Study]) -> None:
    for study in some_studies[:20]:
        assert read_back(through_openpyxl(workbook_of(study, TARIFF)), TARIFF) == study


@given(legal_studies(drafts=False), st.data())
def test_every_edit_comes_back_as_exactly_that_edit(record: dict[str, Any], data: st.DataObject) -> None:
    study = study_of(record)
    book = open_workbook(workbook_of(study, TARIFF), "W")
    expected = study_record(study)
    for arm in expected["arms"]:
        for activity in arm.get("activities", []):
            _edit(book, arm, activity, data)
    reading = proposal(book, TARIFF)
    assert reading.value is not None, [str(found) for found in reading.findings]
    assert reading.value.study == study_of(expected)


def _edit(book: workbook_package.BookFound, arm: dict[str, Any], activity: dict[str, Any], data: st.DataObject) -> None:
    """One random change of an activity: in the sheet and in the record alike."""
    sheet, row = sheet_of(book, f"arm/{arm['id']}"), f"{arm['id']}/{activity['id']}#1"
    assert row in rows_of(sheet)
    what = data.draw(st.sampled_from(["nothing", "name", "minutes", "count", "role"]))
    if what == "name":
        activity["name"] = data.draw(texts().map(lambda text: text.replace("\r\n", "\n").replace("\r", "\n")).filter(lambda text: text.strip() != ""))
        typed(sheet, row, "name", activity["name"])
        activity["name"] = study_of({"arms": [{"id": "X", "name": activity["name"]}]}).arms[0].name
    first = activity["resources"][0] if activity.get("resources") else {}
    if what == "minutes" and "role" in first:
        first["minutes"] = data.draw(st.integers(1, 10_080))
        typed(sheet, row, "minutes", first["minutes"])
    if what == "role" and "role" in first:
        first["role"] = data.draw(st.sampled_from(ROLES))
        typed(sheet, row, "resource", first["role"])
    if what == "count" and arm.get("visits"):
        visit = data.draw(st.sampled_from([visit["id"] for visit in arm["visits"]]))
        activity.setdefault("occurrences", {})[visit] = data.draw(st.integers(0, 9_999))
        typed(sheet, row, f"visit:{visit}", activity["occurrences"][visit])


@given(legal_studies(drafts=False), legal_studies(drafts=False))
def test_the_effects_of_changes_add_up_to_the_difference_of_the_totals(old: dict[str, Any], new: dict[str, Any]) -> None:
    before, after = study_of(old), study_of(new)
    changes = study_changes(before, after, TARIFF)
    effects = [change.effect for change in changes]
    was, now = totals(before, TARIFF).national, totals(after, TARIFF).national
    if None not in effects:
        assert was is not None
        assert now is not None
        assert sum(effect for effect in effects if effect is not None) == now - was
    assert bool(changes) == (before != after)


@given(st.text(max_size=40))
def test_comparing_formulas_ignores_only_what_programs_write_differently(text: str) -> None:
    quoted = '"' + text.replace('"', '""') + '"'
    assert plain(f"={quoted}") == quoted
    assert plain(f"= $A$1 & {quoted}") == f"A1&{quoted}"


def test_a_number_of_a_shared_string_that_is_not_there_is_refused_by_both_ways() -> None:
    with pytest.raises(IndexError):
        workbook_cells.cell_found("s", "-1", None, ["only"])


@given(legal_studies(), st.sampled_from([0, 12, "free", None]), st.randoms(use_true_random=False))
def test_no_price_cell_can_be_typed_over_or_emptied(record: dict[str, Any], value: str | int | None, chance: Random) -> None:
    book = open_workbook(workbook_of(study_of(record), TARIFF), "W")
    places = [(sheet, row, column) for sheet in book.sheets for row, cells in sheet.cells.items() for column, cell in cells.items() if cell.formula is not None]
    sheet, row, column = chance.choice(places)
    set_cell(sheet, row, column, value)
    assert f"W: {sheet.name}!{letters(column)}{row}" in {finding.place for finding in proposal(book, TARIFF).findings if finding.level == "error"}
