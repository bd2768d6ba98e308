"""Whether the price sheets of a returning workbook are still ours, and whether its results are those of its inputs."""

import re
from collections.abc import Iterator
from decimal import Decimal

from ncvr.domain.pricing import national_costs
from ncvr.domain.study import Study
from ncvr.errors import Finding, StudyError
from ncvr.files import workbook_layout as layout
from ncvr.files.workbook_cells import CellFound, SheetFound
from ncvr.files.workbook_exported import sheets_by_mark
from ncvr.files.workbook_formula_text import plain
from ncvr.files.workbook_formulas import Units
from ncvr.files.workbook_package import BookFound
from ncvr.files.workbook_reader import ProposedStudy
from ncvr.files.workbook_results import Results, national_price
from ncvr.files.workbook_sheet import column_number, letters
from ncvr.files.workbook_table import TableFound
from ncvr.files.workbook_values import number
from ncvr.files.workbook_writer import WorkbookOrder, price_order

PRICE_SHEETS = ("start_here", "site_prices", "by_department", "income", "cost_recovery", "invoice_check")
_REFERENCE = re.compile(r"^'?(?P<sheet>(?:[^']|'')+?)'?!\$?(?P<column>[A-Z]{1,3})\$?(?P<row>[0-9]+)$")


def check_price_sheets(book: BookFound, expected: BookFound) -> Iterator[Finding]:
    """Every formula that the export wrote outside the schedule sheets, and the figures they draw on; ``expected`` is the export made again."""
    found, wanted = sheets_by_mark(book), sheets_by_mark(expected)
    for mark in PRICE_SHEETS:
        if mark not in found:
            title = wanted[mark].name
            yield Finding(f"{book.place}: {title}", f"the sheet {title!r} is missing", "Use the file as it was exported")
            continue
        for ref in found[mark].merged:
            yield Finding(f"{book.place}: {found[mark].name}!{ref}", "cells are merged", "Undo the merging")
        yield from _changed_figures(book.place, found[mark], wanted[mark])
    if "lists" not in found or not _same_figures(found["lists"], wanted["lists"]):
        yield Finding(f"{book.place}: Lists", "the hidden figures behind the prices were changed", "Use the file as it was exported")


def _changed_figures(place: str, found: SheetFound, wanted: SheetFound) -> Iterator[Finding]:
    """Formulas, and the numbers stored beside them, that are not those of the export; nothing on these sheets but its yellow cells is typed."""
    for row, cells in wanted.cells.items():
        for column, cell in cells.items():
            here = found.cell(row, column)
            if cell.kind == "n" and cell.formula is None:
                same = here.formula is None and number(here.text) == number(cell.text)
            else:
                same = cell.formula is None or (here.formula is not None and plain(here.formula) == plain(cell.formula))
            if not same:
                expected = f"={cell.formula}" if cell.formula is not None else cell.text
                shown = f"={here.formula}" if here.formula is not None else repr(here.text) if here.text else "nothing"
                problem = f"a price cell was changed: expected {expected[:120]}, found {shown[:120]}"
                yield Finding(f"{place}: {found.name}!{letters(column)}{row}", problem, "Nobody types a price: restore the cell from the exported file")


def _same_figures(found: SheetFound, wanted: SheetFound) -> bool:
    return all(_same(found.cell(row, column), cell) for row, cells in wanted.cells.items() for column, cell in cells.items())


def _same(found: CellFound, wanted: CellFound) -> bool:
    if wanted.kind == "n":
        return found.formula is None and number(found.text) == number(wanted.text)
    return found.formula is None and found.text == wanted.text


def check_results(book: BookFound, proposed: ProposedStudy, order: WorkbookOrder, units: Units) -> Iterator[Finding]:
    """A notice where stored prices are not those of the inputs in this file: the program that saved it did not recalculate."""
    results = _results(book, proposed.study, order, units)
    if results is None:
        return
    wrong = [each for table in proposed.tables for each in _stale(table, results)]
    if wrong:
        place, stored, price = wrong[0]
        many = f"{len(wrong)} prices in the file are" if len(wrong) > 1 else "a price in the file is"
        problem = f"{many} not recalculated: {place} shows {stored}, its inputs make {price}"
        yield Finding(f"{book.place}: {place}", problem, "Nothing to do: prices are always worked out anew on import", level="notice")


def _results(book: BookFound, study: Study, order: WorkbookOrder, units: Units) -> Results | None:
    try:
        costs = national_costs(study, order.edition)
    except StudyError:
        return None
    key = _shown_site(book)
    shown = next((price for price in price_order(order, costs) if price.site.key == key), None)
    return Results(costs=costs, units=units, shown=shown or national_price(costs))


def _shown_site(book: BookFound) -> str:
    """The site chosen on the first sheet."""
    reference = _REFERENCE.match(book.names.get("site_shown", ""))
    if reference is None:
        return ""
    sheet = next((sheet for sheet in book.sheets if sheet.name == reference["sheet"].replace("''", "'")), None)
    return sheet.cell(int(reference["row"]), column_number(reference["column"])).text if sheet is not None else ""


def _stale(table: TableFound, results: Results) -> Iterator[tuple[str, str, Decimal]]:
    """Place, stored result and price, where they differ."""
    if table.is_pass_through:
        return
    foot = table.key_rows.get(layout.FOOT_PRICE)
    for key in table.visit_keys if table.is_arm and foot is not None else ():
        assert foot is not None
        yield from _compared(table, foot, key, "visit", key.removeprefix("visit:"), results)
    kind = "item" if table.is_arm else table.container
    for row in table.rows:
        if row.known is not None and not row.copy and row.line == 1 and row.activity is not None:
            yield from _compared(table, row.number, layout.PRICE, kind, row.activity, results)


def _compared(table: TableFound, row: int, key: str, kind: str, payable: str, results: Results) -> Iterator[tuple[str, str, Decimal]]:
    cell = table.cell(row, key)
    if not cell.text or not results.has(kind, table.container, payable):
        return
    price = results.price(kind, table.container, payable)
    if cell.kind != "n" or number(cell.text) != number(str(price)):
        yield table.place_of(row, key), cell.text, price
