"""Whether the price cells of a schedule sheet are still ours: every cell that holds a formula of ours, in empty rows too.

A cell is changed when its formula is not the one we wrote, when a value was typed over it, or when it was emptied. Rows that a
person inserted hold no formula yet, which is fine; a formula of ours that was left pointing to where its row stood is a notice.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from ncvr.errors import Finding
from ncvr.files import workbook_layout as layout
from ncvr.files.workbook_cells import NOTHING, CellFound
from ncvr.files.workbook_formula_text import plain, shape
from ncvr.files.workbook_formulas import Units, row_formulas
from ncvr.files.workbook_sheet import letters
from ncvr.files.workbook_table import RowFound, TableFound
from ncvr.files.workbook_values import is_blank, number

_RESTORE = "Prices follow the resources and are never typed: undo the change, or copy the cell from a row of the exported file"
_OF_FIRST_LINE_ONLY = (layout.PRICE, layout.OWN_UNITS)


def check_price_cells(found: TableFound, exported: TableFound, units: Units) -> Iterator[Finding]:
    """Every price cell of a sheet that came back; ``exported`` is the same sheet of the export made again."""
    if not found.is_pass_through:
        yield from _PriceCells(found, exported, units).findings()


@dataclass
class _PriceCells:
    found: TableFound
    exported: TableFound
    units: Units
    displaced: list[str] = field(default_factory=list)  # cells with a formula of ours that was written for another cell

    def findings(self) -> Iterator[Finding]:
        rows = {row.number: row for row in self.found.rows}
        for row in range(self.found.table.first + 1, self.found.table.last):
            key = self.found.cell(row, "row").text
            if row in rows or key in ("", layout.SPARE):
                yield from self._row(row, rows.get(row), ours=key != "")
        if self.found.is_arm:
            yield from self._foot()
        if self.displaced:
            problem = f"{len(self.displaced)} formulas still point to where their rows or columns stood before, so the prices shown may be others'"
            yield Finding(self.displaced[0], problem, "Nothing to do: prices are always worked out anew on import", level="notice")

    def _row(self, number: int, row: RowFound | None, *, ours: bool) -> Iterator[Finding]:
        """The cells of a row; ``ours``: it stood in the export, so its formulas must be there."""
        further = row is not None and row.line > 1
        if not self.units.live:
            yield from self._stored(number)
        for key, formula in row_formulas(self.found.table, self.units, number).items() if self.units.live else ():
            if further and key in _OF_FIRST_LINE_ONLY:
                yield from self._empty(number, key)
            else:
                yield from self._formula(number, key, formula, may_be_empty=not ours)
        if further and row is not None:
            for key, formula in self._of_first_line(row).items():
                yield from self._repeated(row, key, formula)

    def _formula(self, row: int, key: str, expected: str, *, may_be_empty: bool = False) -> Iterator[Finding]:
        cell = self.found.cell(row, key)
        if not (self._is(row, key, expected) or (may_be_empty and is_blank(cell))):
            yield self._changed(self.found.place_of(row, key), f"={expected}", cell)

    def _is(self, row: int, key: str, expected: str) -> bool:
        """Whether our formula stands there; one of ours that was written for another cell is noted and let pass."""
        formula = self.found.cell(row, key).formula
        if formula is None:
            return False
        if formula == expected or plain(formula) == plain(expected):
            return True
        if shape(formula) != shape(expected) or plain(formula) not in self._ours:
            return False
        self.displaced.append(self.found.place_of(row, key))
        return True

    @cached_property
    def _ours(self) -> set[str]:
        """Every formula we wrote into this sheet, and what we would write into it as it stands now."""
        written = [cell.formula for cells in self.exported.sheet.cells.values() for cell in cells.values() if cell.formula is not None]
        for row in range(self.found.table.first + 1, self.found.table.last):
            written += row_formulas(self.found.table, self.units, row).values()
        return set(map(plain, written))

    def _empty(self, row: int, key: str) -> Iterator[Finding]:
        """The price of an activity stands on its first row, and on no other."""
        cell = self.found.cell(row, key)
        if not is_blank(cell):
            yield self._changed(self.found.place_of(row, key), "nothing", cell)

    def _changed(self, place: str, expected: str, cell: CellFound) -> Finding:
        found = f"={cell.formula}" if cell.formula is not None else repr(cell.text) if cell.text else "nothing"
        return Finding(place, f"a price cell was changed: expected {expected[:120]}, found {found[:120]}", _RESTORE)

    def _of_first_line(self, row: RowFound) -> dict[str, str]:
        assert row.known is not None
        first = layout.checked(self.found.iras_id, row.known.rpartition("#")[0] + "#1")
        keys = ["name", *(["payment", *self.found.visit_keys] if self.found.is_arm else [])]
        return {key: self.found.table.of_first_line(key, first) for key in keys}

    def _repeated(self, row: RowFound, key: str, expected: str) -> Iterator[Finding]:
        if self._is(row.number, key, expected):
            return
        cell = self.found.cell(row.number, key)
        shown = f"={cell.formula}" if cell.formula is not None else repr(cell.text) if cell.text else "nothing"
        first = next((each.number for each in self.found.rows if each.activity == row.activity and each.line == 1), None)
        where = f" ({first})" if first is not None else ""
        problem = f"this cell repeats the activity's first row, and was changed: found {shown[:120]}"
        yield Finding(self.found.place_of(row.number, key), problem, f"Change it on the activity's first row{where}, and restore this one")

    def _foot(self) -> Iterator[Finding]:
        """The national units and the price under each visit; a visit that a person added has none, or copies of ours."""
        foot = [self.found.key_rows.get(key) for key in (layout.FOOT_UNITS, layout.FOOT_PRICE)]
        if foot[0] is None or foot[1] is None:
            yield Finding(self.found.sheet.name, "the row of visit prices is missing", "Use the file as it was exported")
            return
        for key in self.found.visit_keys:
            if self.units.live:
                yield from self._formula(foot[0], key, self.found.table.visit_units(key))
                yield from self._formula(foot[1], key, self.units.price(f"{self.found.table.column[key]}{foot[0]}", "multiplier_whole"))
            else:
                yield from self._stored_cell(foot[1], key, layout.FOOT_PRICE)
        ours = {shape(cell.formula) for row in foot if row for cell in self.found.sheet.cells.get(row, {}).values() if cell.formula is not None}
        for column in self.found.new_visit_columns():
            for row in (foot[0], foot[1]):
                cell = self.found.sheet.cell(row, column)
                if not is_blank(cell) and (cell.formula is None or shape(cell.formula) not in ours):
                    yield self._changed(f"{self.found.sheet.name}!{letters(column)}{row}", "nothing, or the formula of another visit", cell)

    def _stored(self, number: int) -> Iterator[Finding]:
        """Where prices are too fine for formulas, the results that the export stored."""
        key = self.found.cell(number, "row").text
        for column in layout.COMPUTED:
            yield from self._stored_cell(number, column, key)

    def _stored_cell(self, row: int, column: str, key: str) -> Iterator[Finding]:
        cell, stood = self.found.cell(row, column), self._exported_rows.get(key)
        wanted = self.exported.cell(stood, column) if stood is not None and column in self.exported.columns else NOTHING
        if cell.formula is not None or (cell.text != wanted.text and number(cell.text) != number(wanted.text)):
            yield self._changed(self.found.place_of(row, column), repr(wanted.text) if wanted.text else "nothing", cell)

    @cached_property
    def _exported_rows(self) -> dict[str, int]:
        return {key: row for row in self.exported.sheet.cells if (key := self.exported.cell(row, "row").text)}
