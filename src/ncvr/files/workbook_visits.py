"""The visits of an arm's sheet: its columns, wherever they were moved, with what stands above each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ncvr.domain.study import Visit
from ncvr.errors import Finding
from ncvr.files import workbook_layout as layout
from ncvr.files.workbook_schedule_sheets import written
from ncvr.files.workbook_sheet import letters
from ncvr.files.workbook_table import TableFound
from ncvr.files.workbook_values import Unchanged, read_value


@dataclass(kw_only=True)
class VisitsRead:
    """Reading the visits of one sheet: ``visits`` are those exported; ``columns`` is filled with all that were read, by id."""

    found: TableFound
    visits: Mapping[str, Visit]
    cells: dict[tuple[str, ...], str]
    columns: dict[str, int] = field(default_factory=dict)

    def read(self) -> list[dict[str, Any]]:
        """The records of the sheet's visits: known ones in the exported order, new ones after the one to their left."""
        found, order = self.found, {key: at for at, key in enumerate(self.visits)}
        ranked: list[tuple[tuple[int, int], str, int, bool]] = []
        above = -1
        known = {column: key.removeprefix("visit:") for key, column in found.columns.items() if key.startswith("visit:")}
        for column in sorted([*known, *found.new_visit_columns()]):
            key = known.get(column)
            if key is not None and key not in self.visits:
                self._finding(
                    f"{found.sheet.name}!{letters(column)}",
                    f"visit {key!r} is not in this arm of the study",
                    "Delete the column, or add the visit as a new one",
                )
                continue
            above = order[key] if key is not None else above
            ranked.append(((above, 0 if key is not None else column), key or self._new_visit(column), column, key is None))
        ranked.sort(key=lambda each: each[0])
        self.columns = {key: column for _, key, column, _ in ranked}
        return [self._visit(key, column, new=new) for _, key, column, new in ranked]

    def _new_visit(self, column: int) -> str:
        row = self.found.key_rows.get("head:id", 0)
        typed = self.found.sheet.cell(row, column).text.strip()
        used = {*self.visits, *self.columns}
        if typed and typed not in used:
            self.columns[typed] = column
            return typed
        number = 2
        while f"{typed or 'NEW'}-{number}" in used:
            number += 1
        self.columns[f"{typed or 'NEW'}-{number}"] = column
        return f"{typed or 'NEW'}-{number}"

    def _visit(self, key: str, column: int, *, new: bool) -> dict[str, Any]:
        exported = None if new else self.visits[key]
        record: dict[str, Any] = {"id": key}
        self.cells[self.found.container, "visit", key] = f"{self.found.sheet.name}!{letters(column)}{self.found.key_rows['head:name']}"
        for each in layout.VISIT_FIELDS:
            row = self.found.key_rows.get(f"head:{each.key}")
            if row is None:
                self._finding(self.found.sheet.name, f"the row {each.label!r} above the visits is missing", "Use the file as it was exported")
                continue
            place = f"{self.found.sheet.name}!{letters(column)}{row}"
            was = layout.visit_value(exported, each) if exported is not None else None
            value = read_value(each, self.found.sheet.cell(row, column), written(was), place)
            if isinstance(value, Finding):
                self.found.findings.append(value)
            else:
                record[each.key] = was if isinstance(value, Unchanged) else value
                if not isinstance(value, Unchanged):
                    self.cells[self.found.container, "visit", key, each.key] = place
        return _visit_record(record)

    def _finding(self, place: str, problem: str, remedy: str) -> None:
        self.found.findings.append(Finding(place, problem, remedy))


def _visit_record(read: dict[str, Any]) -> dict[str, Any]:
    """A visit as the study file writes it, from its fields as the sheet shows them."""
    record = {key: read[key] for key in ("id", "name", "window", "kind", "when") if read.get(key) is not None}
    if read.get("screening") is not None:
        record["screening"] = True
    if any(read.get(f"repeat_{key}") is not None for key in ("until", "expected", "max")):
        record["repeat"] = {key: read[f"repeat_{key}"] for key in ("until", "expected", "max") if read.get(f"repeat_{key}") is not None}
    return record
