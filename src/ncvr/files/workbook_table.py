"""A schedule sheet as it came back: its columns by key, and its rows in order."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from ncvr.errors import Finding
from ncvr.files import workbook_layout as layout
from ncvr.files.workbook_cells import CellFound, SheetFound
from ncvr.files.workbook_exported import mark_place
from ncvr.files.workbook_formulas import Table
from ncvr.files.workbook_sheet import letters
from ncvr.files.workbook_values import is_blank


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFound:
    """A row of the table. ``known`` is its id without the check, such as ``A/A01#2``; None for a new row."""

    number: int
    known: str | None
    copy: bool = False

    @property
    def activity(self) -> str | None:
        return self.known.rpartition("/")[2].rpartition("#")[0] if self.known is not None else None

    @property
    def line(self) -> int:
        return int(self.known.rpartition("#")[2]) if self.known is not None else 1


@dataclass(kw_only=True)
class TableFound:
    """One schedule sheet. ``findings`` gathers everything that is wrong with it."""

    sheet: SheetFound
    mark: str  # what its sheet is: ``arm/A``, ``unscheduled`` ...
    container: str
    fields: tuple[layout.Field, ...]
    iras_id: str | None
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_arm(self) -> bool:
        return self.fields is layout.ARM_FIELDS

    @property
    def is_pass_through(self) -> bool:
        return self.fields is layout.PASS_THROUGH_FIELDS

    def place(self, row: int, column: int) -> str:
        return f"{self.sheet.name}!{letters(column)}{row}"

    def cell(self, row: int, key: str) -> CellFound:
        return self.sheet.cell(row, self.columns[key])

    def place_of(self, row: int, key: str) -> str:
        return self.place(row, self.columns[key])

    @cached_property
    def columns(self) -> dict[str, int]:
        """Columns by key; a key that stands twice belongs to its first column, and the copy is a new visit or an error."""
        row, start = mark_place(self.sheet)
        found: dict[str, int] = {}
        for column, cell in sorted(self.sheet.cells[row].items()):
            key = "row" if column == start else cell.text
            if key in found and not key.startswith("visit:"):
                self.findings.append(Finding(self.place(row, column), f"the column {key} stands twice", "Delete the copy"))
            found.setdefault(key, column)
        for key in self._needed - set(found):
            self.findings.append(
                Finding(self.sheet.name, f"the column {self._label(key)} is missing", "Use the file as it was exported, and change only its cells")
            )
        return found

    @cached_property
    def _needed(self) -> set[str]:
        computed = {*layout.COMPUTED, *layout.WORKING} if not self.is_pass_through else set()
        if self.is_arm:
            computed |= {layout.BEGIN, layout.FINISH}
        elif computed:
            computed.discard(layout.IN_VISIT)
        return {"row", "id", *(each.key for each in self.fields), *computed}

    def _label(self, key: str) -> str:
        return {each.key: each.label for each in self.fields}.get(key, layout.LABELS.get(key, key.removeprefix("=")))

    @cached_property
    def complete(self) -> bool:
        """Whether every column and the table's first and last row are there."""
        if not set(self.columns) >= self._needed:
            return False
        if "head:name" not in self.key_rows or layout.END not in self.key_rows:
            self.findings.append(Finding(self.sheet.name, "the hidden column with the rows' keys is damaged", "Use the file as it was exported"))
            return False
        return True

    @cached_property
    def key_rows(self) -> dict[str, int]:
        """Rows by what their hidden key says: heads, end and foot."""
        column = mark_place(self.sheet)[1]
        found: dict[str, int] = {}
        for row in sorted(self.sheet.cells):
            key = self.sheet.cell(row, column).text
            if key.startswith(("head:", "foot:")) or key == layout.END:
                found.setdefault(key, row)
        return found

    @cached_property
    def table(self) -> Table:
        prefix = "setup_" if self.fields is layout.SETUP_FIELDS else "rate_"
        column = {key: letters(at) for key, at in self.columns.items()}
        return Table(column=column, first=self.key_rows["head:name"], last=self.key_rows[layout.END], is_arm=self.is_arm, prefix=prefix)

    @cached_property
    def rows(self) -> list[RowFound]:
        """The rows that hold anything, each with its id; copies beside their original are new rows, other repetitions findings."""
        found: list[RowFound] = []
        seen: set[str] = set()
        for number in range(self.table.first + 1, self.table.last):
            row = self._row(number)
            if row is None:
                continue
            if row.known is not None and row.known in seen:
                if not found or found[-1].activity != row.activity:
                    place = self.place_of(number, "row")
                    self.findings.append(
                        Finding(place, f"activity {row.activity} stands twice, in rows apart", "Put a copy right below its original, or delete it")
                    )
                    continue
                row = RowFound(number=number, known=row.known, copy=True)
            seen |= {row.known} if row.known is not None else set()
            found.append(row)
        return found

    def _row(self, number: int) -> RowFound | None:
        key = self.cell(number, "row").text
        if key in ("", layout.SPARE):
            return RowFound(number=number, known=None) if self._filled(number) else None
        known = layout.unchecked(self.iras_id, key)
        if known is None or known.rpartition("/")[0] != self.container:
            what = "belongs to another study or another sheet, or its hidden id was changed"
            self.findings.append(
                Finding(self.place_of(number, "row"), f"row {number} {what}", "Delete the row, and add the activity as a new one in an empty row")
            )
            return None
        return RowFound(number=number, known=known)

    def _filled(self, number: int) -> bool:
        keys = ["id", *(each.key for each in self.fields if each.key != "quantity"), *(key for key in self.columns if key.startswith("visit:"))]
        return any(not is_blank(self.cell(number, key)) for key in keys)

    @cached_property
    def visit_keys(self) -> list[str]:
        return [key for key in self.columns if key.startswith("visit:")]

    def new_visit_columns(self) -> Iterator[int]:
        """Columns among the visits that hold no known visit: inserted ones that have a number or a name, and copies."""
        known = set(self.columns.values())
        for column in range(self.columns[layout.BEGIN] + 1, self.columns[layout.FINISH]):
            if column not in known and any(not is_blank(self.sheet.cell(self.key_rows[key], column)) for key in ("head:id", "head:name")):
                yield column
