"""A workbook that came back: what is proposed, and everything that is refused, each with sheet and cell."""

import re
from collections.abc import Callable, Mapping

import pytest

from ncvr.domain.study import Study
from ncvr.domain.tariff import TariffEdition
from ncvr.errors import WorkbookError
from ncvr.files.workbook_cells import CellFound, SheetFound
from ncvr.files.workbook_checks import check_results
from ncvr.files.workbook_exported import read_exported
from ncvr.files.workbook_formulas import units_for
from ncvr.files.workbook_package import BookFound, open_workbook
from ncvr.files.workbook_sheet import column_number, letters
from tests import editions
from tests.workbooks import columns_of, order_of, plain_study, problems, proposal, rows_of, set_cell, sheet_of, typed, without_results, workbook_of

TARIFF = editions.edition(
    staff={"consultant": "120.09", "research_nurse": "42.05"},
    items={"ECG": ("53.00", "investigation"), "FEE": ("10.00", "departmental")},
    multipliers={"RGT": "1.077599", "RP4": "1.1876"},
)
STUDY = editions.study(plain_study())
CONTENT = workbook_of(STUDY, TARIFF)


@pytest.fixture
def book() -> BookFound:
    return open_workbook(CONTENT, "W.xlsx")


@pytest.fixture
def arm(book: BookFound) -> SheetFound:
    return sheet_of(book, "arm/A")


def proposed(book: BookFound, tariff: TariffEdition = TARIFF) -> Study:
    reading = proposal(book, tariff)
    assert reading.value is not None, problems(reading.findings)
    return reading.value.study


def refusals(book: BookFound) -> str:
    reading = proposal(book, TARIFF)
    assert reading.value is None
    return problems(reading.findings)


def moved_rows(sheet: SheetFound, order: list[int]) -> None:
    """Swap the contents of rows, as sorting does, with the formulas' own row numbers going along."""
    rows = {row: sheet.cells[row] for row in order}
    for target, source in zip(sorted(order), order, strict=True):
        sheet.cells[target] = {column: _in_row(cell, source, target) for column, cell in rows[source].items()}


def _in_row(cell: CellFound, source: int, target: int) -> CellFound:
    formula = re.sub(rf"(?<![$A-Z0-9])([A-Z]{{1,2}}){source}(?![0-9])", rf"\g<1>{target}", cell.formula) if cell.formula else None
    return CellFound(cell.kind, cell.text, formula)


def fill(sheet: SheetFound, values: Mapping[tuple[int, int], str | int]) -> None:
    for (row, column), value in values.items():
        set_cell(sheet, row, column, value)


def test_an_unchanged_workbook_gives_the_base_exactly(book: BookFound) -> None:
    assert proposed(book) == STUDY


def test_a_changed_minute_is_proposed_with_its_cell(book: BookFound, arm: SheetFound) -> None:
    typed(arm, "A/A01#1", "minutes", 25)
    reading = proposal(book, TARIFF)
    assert reading.value is not None
    assert reading.value.study.arms[0].activities[0].resources[0].minutes == 25
    assert reading.value.cells["A", "A01", "line", "1", "minutes"] == f"Arm A!G{rows_of(arm)['A/A01#1']}"


def test_a_role_may_become_a_code_when_its_minutes_are_cleared(book: BookFound, arm: SheetFound) -> None:
    typed(arm, "A/A01#1", "resource", "ECG")
    typed(arm, "A/A01#1", "minutes", None)
    line = proposed(book).arms[0].activities[0].resources[0]
    assert (line.role, line.item, line.minutes) == (None, "ECG", None)


def test_counts_names_and_reasons_follow_what_was_typed(book: BookFound, arm: SheetFound) -> None:
    typed(arm, "A/A02#1", "visit:V2", 3)
    typed(arm, "A/A02#1", "visit:V1", None)
    typed(arm, "A/A02#1", "name", "=Electrocardiogram")
    typed(arm, "A/A04#1", "no_charge", "=1+1")
    activities = proposed(book).arms[0].activities
    assert activities[1].occurrences == {"ET": 1, "V2": 3}
    assert activities[1].name == "=Electrocardiogram"
    assert activities[3].no_charge == "=1+1"


def test_sorted_rows_change_nothing(book: BookFound, arm: SheetFound) -> None:
    rows = [rows_of(arm)[key] for key in ("A/A04#1", "A/A01#2", "A/A03#1", "A/A01#1", "A/A02#1")]
    moved_rows(arm, rows)
    assert proposed(book) == STUDY


def test_reordered_columns_change_nothing(book: BookFound, arm: SheetFound) -> None:
    first, second = columns_of(arm)["type"], columns_of(arm)["department"]
    for cells in arm.cells.values():
        one, other = cells.pop(first, None), cells.pop(second, None)
        cells |= {column: cell for column, cell in ((second, one), (first, other)) if cell is not None}
    assert proposed(book) == STUDY


def test_a_deleted_row_removes_its_activity(book: BookFound, arm: SheetFound) -> None:
    del arm.cells[rows_of(arm)["A/A02#1"]]
    assert [activity.id for activity in proposed(book).arms[0].activities] == ["A01", "A03", "A04"]


def test_a_deleted_further_row_removes_its_resource(book: BookFound, arm: SheetFound) -> None:
    del arm.cells[rows_of(arm)["A/A01#2"]]
    assert [line.role for line in proposed(book).arms[0].activities[0].resources] == ["consultant"]


def test_a_deleted_first_row_whose_others_stay_is_refused(book: BookFound, arm: SheetFound) -> None:
    del arm.cells[rows_of(arm)["A/A01#1"]]
    assert "the first row of activity A01 was deleted" in refusals(book)


def test_an_empty_row_filled_in_is_a_new_activity(book: BookFound, arm: SheetFound) -> None:
    spare = rows_of(arm)["end"] - 2
    columns = columns_of(arm)
    wanted: dict[str, str | int] = {"id": "A99", "name": "New scan", "resource": "consultant", "minutes": 30, "visit:V1": 2}
    fill(arm, {(spare, columns[key]): value for key, value in wanted.items()})
    new = proposed(book).arms[0].activities[-1]
    assert (new.id, new.name, new.payment, new.occurrences) == ("A99", "New scan", "visit", {"V1": 2})
    assert [(line.role, str(line.minutes)) for line in new.resources] == [("consultant", "30")]


def test_a_new_row_with_only_an_activity_number_is_one_more_line_of_it(book: BookFound, arm: SheetFound) -> None:
    spare, columns = rows_of(arm)["end"] - 2, columns_of(arm)
    fill(arm, {(spare, columns["id"]): "A02", (spare, columns["resource"]): "consultant", (spare, columns["minutes"]): 5})
    assert [(line.role, line.item) for line in proposed(book).arms[0].activities[1].resources] == [(None, "ECG"), ("consultant", None)]


def copy_below(sheet: SheetFound, row: int) -> None:
    """Insert a copy of a row right below it; everything under it moves down, formulas and all."""
    lowest = max(sheet.cells)
    for number in range(lowest, row, -1):
        if number in sheet.cells:
            sheet.cells[number + 1] = sheet.cells.pop(number)
    sheet.cells[row + 1] = dict(sheet.cells[row])
    for number, cells in sheet.cells.items():
        sheet.cells[number] = {column: _shifted(cell, row, number == row + 1) for column, cell in cells.items()}


def _shifted(cell: CellFound, row: int, is_copy: bool) -> CellFound:
    def moved(found: re.Match[str]) -> str:
        number = int(found[2])
        return f"{found[1]}{number + 1 if number > row or (is_copy and number == row and '$' not in found[1]) else number}"

    return CellFound(cell.kind, cell.text, _outside_quotes(r"((?<![A-Za-z_0-9])\$?[A-Z]{1,2}\$?)([0-9]+)(?![0-9(])", moved, cell.formula))


def _outside_quotes(pattern: str, moved: Callable[[re.Match[str]], str], formula: str | None) -> str | None:
    """A formula with its references moved; what stands in quotes stays."""
    if formula is None:
        return None
    return "".join(piece if piece.startswith('"') else re.sub(pattern, moved, piece) for piece in re.split(r'("[^"]*")', formula))


def test_a_copy_right_below_its_original_is_proposed_as_new(book: BookFound, arm: SheetFound) -> None:
    copy_below(arm, rows_of(arm)["A/A02#1"])
    activities = proposed(book).arms[0].activities
    assert [activity.id for activity in activities] == ["A01", "A02", "A02-2", "A03", "A04"]
    assert activities[2].resources == activities[1].resources
    assert activities[2].department == "Cardiology"


def test_a_copy_elsewhere_is_refused(book: BookFound, arm: SheetFound) -> None:
    spare = rows_of(arm)["end"] - 1
    arm.cells[spare] = {column: _in_row(cell, rows_of(arm)["A/A02#1"], spare) for column, cell in arm.cells[rows_of(arm)["A/A02#1"]].items()}
    assert "stands twice, in rows apart" in refusals(book)


def test_a_row_of_another_study_is_refused(book: BookFound, arm: SheetFound) -> None:
    other = editions.study(plain_study(study={"iras_id": "7654321"}))
    foreign = sheet_of(open_workbook(workbook_of(other, TARIFF), "O"), "arm/A")
    arm.cells[rows_of(arm)["A/A02#1"]][1] = foreign.cells[rows_of(foreign)["A/A02#1"]][1]
    assert "belongs to another study" in refusals(book)


def test_a_new_column_between_visits_is_a_new_visit(book: BookFound, arm: SheetFound) -> None:
    columns, rows = columns_of(arm), rows_of(arm)
    for number, cells in list(arm.cells.items()):
        arm.cells[number] = {column + (column >= columns["visit:ET"]): _right(cell, columns["visit:ET"]) for column, cell in cells.items()}
    fill(arm, {(rows["head:id"], columns["visit:ET"]): "V3", (rows["head:name"], columns["visit:ET"]): "Week 8", (rows["A/A02#1"], columns["visit:ET"]): 1})
    study = proposed(book)
    assert [visit.id for visit in study.arms[0].visits] == ["V1", "V2", "V3", "ET"]
    assert study.arms[0].activities[1].occurrences == {"V1": 1, "ET": 1, "V3": 1}


def _right(cell: CellFound, start: int) -> CellFound:
    def moved(found: re.Match[str]) -> str:
        number = column_number(found[2])
        return f"{found[1]}{letters(number + 1 if number >= start else number)}{found[3]}"

    return CellFound(cell.kind, cell.text, _outside_quotes(r"((?<![A-Za-z_0-9])\$?)([A-Z]{1,2})(\$?[0-9]+)(?![0-9(])", moved, cell.formula))


def test_a_deleted_column_removes_its_visit_and_its_counts(book: BookFound, arm: SheetFound) -> None:
    column = columns_of(arm)["visit:V2"]
    for cells in arm.cells.values():
        cells.pop(column, None)
    study = proposed(book)
    assert [visit.id for visit in study.arms[0].visits] == ["V1", "ET"]
    assert study.arms[0].activities[0].occurrences == {"V1": 1}


def test_the_heads_of_visits_are_read(book: BookFound, arm: SheetFound) -> None:
    typed(arm, "head:window", "visit:V2", "Day 28 ± 3")
    typed(arm, "head:repeat_expected", "visit:V2", 8)
    typed(arm, "head:screening", "visit:V1", None)
    visits = proposed(book).arms[0].visits
    assert visits[1].window == "Day 28 ± 3"
    assert visits[1].repeat is not None
    assert visits[1].repeat.expected == 8
    assert not visits[0].screening


def test_lists_and_pass_through_are_read(book: BookFound) -> None:
    typed(sheet_of(book, "unscheduled"), "unscheduled/U01#1", "minutes", 20)
    typed(sheet_of(book, "setup_and_closedown"), "setup_and_closedown/S01#1", "expected", 2)
    typed(sheet_of(book, "pass_through"), "pass_through/P01#1", "cap", 40)
    study = proposed(book)
    assert study.unscheduled[0].resources[0].minutes == 20
    assert study.setup_and_closedown[0].expected == 2
    assert study.pass_through[0].cap == "40.00"


REFUSED: list[tuple[str, str, str | int, str]] = [
    ("A/A01#1", "minutes", "twenty", "text stands where a number belongs"),
    ("A/A01#1", "quantity", "1.5", "text stands where a number belongs"),
    ("A/A01#1", "resource", "consultent", "near: consultant"),
    ("A/A02#1", "resource", "EGC", "is not in edition"),
    ("A/A01#1", "visit:V1", 100_000, "is out of range"),
    ("A/A01#1", "minutes", 20_000, "20000 minutes cannot be"),
    ("A/A01#1", "type", "vist", "near: visit"),
    ("A/A01#1", "payment", "weekly", "is not known here"),
    ("A/A02#1", "minutes", 5, "has minutes; only a role has"),
    ("A/A01#1", "=total", 12, "a price cell was changed: expected =A"),
    ("foot:price", "visit:V1", 999, "a price cell was changed"),
    ("A/A01#2", "visit:V1", 4, "Change it on the activity's first row (13)"),
]


@pytest.mark.parametrize(("row", "column", "value", "says"), REFUSED)
def test_what_cannot_be_is_refused_with_its_cell(book: BookFound, arm: SheetFound, row: str, column: str, value: str | int, says: str) -> None:
    typed(arm, row, column, value)
    said = refusals(book)
    assert says in said
    assert re.search(r"^W\.xlsx: Arm A!\w+\d+: ", said)


def test_a_fraction_where_a_whole_number_belongs_is_refused(book: BookFound, arm: SheetFound) -> None:
    arm.cells[rows_of(arm)["A/A01#1"]][columns_of(arm)["quantity"]] = CellFound("n", "1.5")
    assert "1.5 is not a whole number" in refusals(book)


def test_a_formula_in_an_input_cell_is_refused(book: BookFound, arm: SheetFound) -> None:
    typed(arm, "A/A01#1", "minutes", 20, "10+10")
    assert "a formula stands in an input cell (=10+10)" in refusals(book)


def test_a_price_formula_made_cheaper_is_refused_and_shown(book: BookFound, arm: SheetFound) -> None:
    typed(arm, "foot:price", "visit:V1", 1, "J12*2")
    said = refusals(book)
    assert "expected =IF(AND(" in said
    assert "found =J12*2" in said


def test_a_typed_price_on_another_sheet_is_refused(book: BookFound) -> None:
    set_cell(sheet_of(book, "site_prices"), 7, 9, 1)
    assert "Site prices!I7: a price cell was changed" in refusals(book)


def test_a_changed_rate_behind_the_prices_is_refused(book: BookFound) -> None:
    set_cell(sheet_of(book, "lists"), 2, 4, 1)
    assert "the hidden figures behind the prices were changed" in refusals(book)


def test_merged_cells_and_missing_sheets_are_refused(book: BookFound, arm: SheetFound) -> None:
    arm.merged.append("C13:C14")
    book.sheets = [sheet for sheet in book.sheets if sheet.name not in ("Unscheduled activities", "Site prices")]
    said = refusals(book)
    assert "Arm A!C13:C14: cells are merged" in said
    assert "the sheet 'Unscheduled activities' is missing" in said
    assert "the sheet 'Site prices' is missing" in said


def test_all_findings_are_said_at_once(book: BookFound, arm: SheetFound) -> None:
    typed(arm, "A/A01#1", "minutes", "x")
    typed(arm, "A/A01#2", "resource", "nobody")
    typed(arm, "A/A02#1", "visit:V1", -1)
    typed(sheet_of(book, "unscheduled"), "unscheduled/U01#1", "name", None)
    assert len(proposal(book, TARIFF).findings) == 4


def test_a_renamed_sheet_is_still_found(book: BookFound, arm: SheetFound) -> None:
    arm.name = "Our arm"
    assert proposed(book) == STUDY


def test_prices_that_were_not_recalculated_are_a_notice(book: BookFound, arm: SheetFound) -> None:
    typed(arm, "A/A01#1", "minutes", 25)
    reading = proposal(book, TARIFF)
    assert reading.value is not None
    order = order_of(STUDY, TARIFF)
    units = units_for(STUDY, TARIFF, [multiplier for _, _, multiplier in order.sites])
    notices = list(check_results(book, reading.value, order, units))
    assert [notice.level for notice in notices] == ["notice"]
    assert "not recalculated" in notices[0].problem


def test_no_stored_results_are_fine() -> None:
    book = open_workbook(without_results(workbook_of(STUDY, TARIFF)), "W.xlsx")
    assert proposed(book) == STUDY


def test_a_site_workbook_keeps_what_it_was_exported_for() -> None:
    facts = read_exported(open_workbook(workbook_of(STUDY, TARIFF, "RGT"), "W.xlsx"))
    assert (facts.only_site, facts.sites, facts.iras_id, facts.version) == ("RGT", ("RGT",), "1004567", 1)
    assert [site.key for site in facts.study.sites] == ["RGT"]


def test_a_copied_sheet_is_refused(book: BookFound, arm: SheetFound) -> None:
    book.sheets.append(SheetFound(name="Arm A (2)", cells=arm.cells))
    assert "W.xlsx: Arm A (2): this sheet is a copy of 'Arm A'" in refusals(book)


def test_a_hidden_record_that_was_changed_is_refused(book: BookFound) -> None:
    exported = next(sheet for sheet in book.sheets if sheet.name == "Exported")
    row = next(row for row, cells in exported.cells.items() if cells[1].text == "study")
    set_cell(exported, row, 2, exported.cell(row, 2).text.replace('"minutes":20', '"minutes":30'))
    with pytest.raises(WorkbookError, match="the hidden record of the export was changed"):
        read_exported(book)


FINE = editions.edition(
    staff={"consultant": "120.123457", "research_nurse": "42.050001"},
    items={"ECG": ("53.00", "investigation")},
    multipliers={"RGT": "1.077599", "RP4": "1.187601"},
    shares={"staff_time": ("0.7001", "0.2003"), "investigation": ("0", "0.2001"), "departmental": ("0", "0")},
)


def test_a_workbook_with_stored_prices_only_comes_back_too() -> None:
    book = open_workbook(workbook_of(STUDY, FINE), "W.xlsx")
    assert proposed(book, FINE) == STUDY
    typed(sheet_of(book, "arm/A"), "A/A01#1", "minutes", 25)
    assert proposed(book, FINE).arms[0].activities[0].resources[0].minutes == 25


def test_a_count_typed_on_a_further_row_is_refused_where_prices_are_stored_too() -> None:
    book = open_workbook(workbook_of(STUDY, FINE), "W.xlsx")
    typed(sheet_of(book, "arm/A"), "A/A01#2", "visit:V1", 4)
    assert "repeats the activity's first row" in problems(proposal(book, FINE).findings)


def test_rows_moved_by_a_program_that_forgets_the_formulas_are_read_with_a_notice(book: BookFound, arm: SheetFound) -> None:
    first, second = rows_of(arm)["A/A02#1"], rows_of(arm)["A/A04#1"]
    arm.cells[first], arm.cells[second] = arm.cells[second], arm.cells[first]
    reading = proposal(book, TARIFF)
    assert reading.value is not None, problems(reading.findings)
    assert reading.value.study == STUDY
    assert [(found.level, "still point to where" in found.problem) for found in reading.findings] == [("notice", True)]


def formula_places(sheet: SheetFound) -> list[tuple[int, int]]:
    return [(row, column) for row, cells in sheet.cells.items() for column, cell in cells.items() if cell.formula is not None]


def schedule_and_price_sheets() -> list[str]:
    return [sheet.name for sheet in open_workbook(CONTENT, "W.xlsx").sheets if formula_places(sheet)]


def test_the_sheets_with_price_cells_are_these() -> None:
    others = ["Site prices", "By department", "Income", "Cost recovery", "Invoice check"]
    assert schedule_and_price_sheets() == ["Start here", "Arm A", "Unscheduled activities", "Setup & Closedown", *others]


@pytest.mark.parametrize("value", [0, 999, "free", None], ids=["nought", "a number", "text", "emptied"])
@pytest.mark.parametrize("name", schedule_and_price_sheets())
def test_every_price_cell_of_every_sheet_is_refused_when_typed_over_or_emptied(name: str, value: str | int | None) -> None:
    book = open_workbook(CONTENT, "W.xlsx")
    sheet = next(sheet for sheet in book.sheets if sheet.name == name)
    places = formula_places(sheet)
    assert len(places) >= 4
    for row, column in places:
        set_cell(sheet, row, column, value)
    named = {finding.place for finding in proposal(book, TARIFF).findings if finding.level == "error"}
    assert named >= {f"W.xlsx: {name}!{letters(column)}{row}" for row, column in places}


@pytest.mark.parametrize("mark", ["arm/A", "unscheduled", "setup_and_closedown"])
def test_a_value_typed_over_a_formula_of_a_still_empty_row_is_refused_with_its_cell(book: BookFound, mark: str) -> None:
    sheet = sheet_of(book, mark)
    row, column = rows_of(sheet)["end"] - 3, columns_of(sheet)["=price"]
    set_cell(sheet, row, column, 12)
    place = f"W.xlsx: {sheet.name}!{letters(column)}{row}"
    assert [finding.place for finding in proposal(book, TARIFF).findings] == [place]


def test_rows_that_a_person_inserted_need_no_formula_but_take_no_typed_price(book: BookFound, arm: SheetFound) -> None:
    row, columns = rows_of(arm)["end"] - 2, columns_of(arm)
    arm.cells[row] = {}
    fill(arm, {(row, columns["name"]): "New scan", (row, columns["resource"]): "ECG"})
    assert proposed(book).arms[0].activities[-1].name == "New scan"
    set_cell(arm, row, columns["=total"], 12)
    assert f"Arm A!{letters(columns['=total'])}{row}: a price cell was changed" in refusals(book)


def test_a_price_typed_on_a_further_row_of_an_activity_is_refused(book: BookFound, arm: SheetFound) -> None:
    typed(arm, "A/A01#2", "=price", 12)
    assert "a price cell was changed: expected nothing, found '12'" in refusals(book)


def test_a_formula_of_our_shape_that_points_elsewhere_is_refused(book: BookFound, arm: SheetFound) -> None:
    row, column = rows_of(arm)["A/A01#1"], columns_of(arm)["=total"]
    formula = arm.cell(row, column).formula
    assert formula is not None
    set_cell(arm, row, column, 1, formula.replace(f"{row}*", "900*", 1))
    assert "a price cell was changed" in refusals(book)


def test_a_price_typed_under_a_visit_that_a_person_added_is_refused(book: BookFound, arm: SheetFound) -> None:
    columns, rows = columns_of(arm), rows_of(arm)
    for number, cells in list(arm.cells.items()):
        arm.cells[number] = {column + (column >= columns["visit:ET"]): _right(cell, columns["visit:ET"]) for column, cell in cells.items()}
    fill(arm, {(rows["head:name"], columns["visit:ET"]): "Week 8", (rows["foot:price"], columns["visit:ET"]): 5})
    assert f"Arm A!{letters(columns['visit:ET'])}{rows['foot:price']}: a price cell was changed" in refusals(book)


def test_a_stored_share_of_a_department_typed_over_is_refused(book: BookFound) -> None:
    sheet = sheet_of(book, "by_department")
    set_cell(sheet, 5, column_number("K"), 1)
    assert "By department!K5: a price cell was changed" in refusals(book)


def test_a_stored_price_typed_over_is_refused_where_prices_are_too_fine_for_formulas() -> None:
    book = open_workbook(workbook_of(STUDY, FINE), "W.xlsx")
    typed(sheet_of(book, "arm/A"), "A/A03#1", "=price", 1)
    typed(sheet_of(book, "arm/A"), "foot:price", "visit:V1", 2)
    set_cell(sheet_of(book, "site_prices"), 7, 9, 3)
    said = problems(proposal(book, FINE).findings)
    assert said.count("a price cell was changed") == 3


def test_a_formula_of_ours_made_dearer_is_no_moved_formula(book: BookFound, arm: SheetFound) -> None:
    row, column = rows_of(arm)["A/A01#1"], columns_of(arm)["=total"]
    set_cell(arm, row, column, 1, f"{arm.cell(row, column).formula}*1.1")
    assert "a price cell was changed" in refusals(book)
