"""From the rows of a schedule sheet to the study's own records, with the cell of everything that was read.

What is known keeps the exported order, however rows were sorted; what is new follows the row it stands below.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ncvr.domain.study import ResourceLine
from ncvr.domain.tariff import TariffEdition
from ncvr.errors import Finding
from ncvr.files import workbook_layout as layout
from ncvr.files.workbook_cells import CellFound
from ncvr.files.workbook_schedule_sheets import written
from ncvr.files.workbook_sheet import letters
from ncvr.files.workbook_table import RowFound, TableFound
from ncvr.files.workbook_values import UNCHANGED, Unchanged, check_resource, is_blank, read_value

Cells = dict[tuple[str, ...], str]
_ID = layout.Field(key="id", label="No.")


@dataclass(slots=True, kw_only=True)
class ActivityRead:
    """An activity in the making: its first row, its further rows, and what was exported of it (None: it is new)."""

    id: str
    exported: Any | None
    first: RowFound | None
    origin: Any | None = None  # what a copied row was copied from
    lines: list[RowFound] = field(default_factory=list)


@dataclass(kw_only=True)
class RowsRead:
    """Reading one sheet: ``exported`` are its activities by id, ``taken`` the ids in use, which new ones must not repeat."""

    found: TableFound
    exported: Mapping[str, Any]
    records: Mapping[str, dict[str, Any]]  # the same as the study file writes them
    visits: Mapping[str, int]  # columns of the visits by id, new ones too
    edition: TariffEdition
    taken: set[str]
    cells: Cells = field(default_factory=dict)

    def activities(self) -> list[dict[str, Any]]:
        """The records of the sheet's activities, in the study's order."""
        read = [(activity, self._record(activity)) for activity in self._grouped()]
        return [record for _, record in self._in_order(read)]

    # --- which row belongs to what ---

    def _grouped(self) -> list[ActivityRead]:
        read: list[ActivityRead] = []
        by_id: dict[str, ActivityRead] = {}
        for row in self.found.rows:
            self._place(row, read, by_id)
        for activity in read:
            if activity.first is None:
                place = self.found.place_of(activity.lines[0].number, "id")
                remedy = "Put it back and clear its role, minutes and code, or delete the activity's other rows too"
                self._finding(place, f"the first row of activity {activity.id} was deleted, but not its other rows", remedy)
        return [activity for activity in read if activity.first is not None]

    def _place(self, row: RowFound, read: list[ActivityRead], by_id: dict[str, ActivityRead]) -> None:
        original = self.exported.get(row.activity or "")
        if row.known is None and not self._continues(row, by_id):
            self._new(row, None, read, by_id)
        elif row.known is not None and original is None:
            self._finding(self.found.place_of(row.number, "row"), f"activity {row.activity} is not in this study", "Delete the row, or add it as a new one")
        elif original is not None and not row.copy:
            activity = by_id.get(original.id)
            if activity is None:
                activity = by_id[original.id] = ActivityRead(id=original.id, exported=original, first=None)
                read.append(activity)
            if row.line == 1:
                activity.first = row
            activity.lines.append(row)
        elif original is not None and row.line > 1:
            (read[-1] if read and read[-1].origin is original else by_id[original.id]).lines.append(row)
        elif original is not None:
            self._new(row, original, read, by_id)

    def _new(self, row: RowFound, original: Any | None, read: list[ActivityRead], by_id: dict[str, ActivityRead]) -> None:
        """A new activity, which begins with this row; ``original`` is what the row was copied from."""
        key = self._new_id(row, original)
        activity = by_id[key] = ActivityRead(id=key, exported=None, first=row, origin=original, lines=[row])
        read.append(activity)

    def _continues(self, row: RowFound, by_id: dict[str, ActivityRead]) -> bool:
        """A new row with the number of an activity and no name of its own is one more line of that activity."""
        typed = self._typed_id(row)
        if self.found.fields is layout.PASS_THROUGH_FIELDS or typed is None or not is_blank(self.found.cell(row.number, "name")):
            return False
        if typed in self.exported and typed not in by_id:
            by_id[typed] = ActivityRead(id=typed, exported=self.exported[typed], first=None)
        if typed not in by_id:
            return False
        by_id[typed].lines.append(row)
        return True

    def _typed_id(self, row: RowFound) -> str | None:
        cell = self.found.cell(row.number, "id")
        return cell.text.strip() if cell.text.strip() and cell.formula is None else None

    def _new_id(self, row: RowFound, original: Any | None) -> str:
        typed = self._typed_id(row)
        if typed is not None and typed not in self.taken:
            self.taken.add(typed)
            return typed
        stem, number = (original.id if original is not None else typed or "NEW")[:60], 2 if original is not None or typed else 1
        while f"{stem}-{number}" in self.taken:
            number += 1
        self.taken.add(f"{stem}-{number}")
        return f"{stem}-{number}"

    def _in_order(self, read: list[tuple[ActivityRead, dict[str, Any]]]) -> list[tuple[ActivityRead, dict[str, Any]]]:
        """Known activities as exported; new ones after the one above them."""
        order = {key: at for at, key in enumerate(self.exported)}
        ranked, above = [], -1
        for at, (activity, record) in enumerate(read):
            if activity.exported is not None:
                above = order[activity.id]
            elif activity.origin is not None:
                above = order[activity.origin.id]
            ranked.append(((above, activity.exported is None, at), activity, record))
        return [(activity, record) for _, activity, record in sorted(ranked, key=lambda each: each[0])]

    # --- what a row says ---

    def _record(self, activity: ActivityRead) -> dict[str, Any]:
        """The activity as the study file writes it; what is unchanged stays exactly as it was exported."""
        assert activity.first is not None
        record: dict[str, Any] = dict(self.records[activity.id]) if activity.exported is not None else {"id": activity.id}
        row = activity.first.number
        self.cells[self.found.container, activity.id] = self.found.place_of(row, "id")
        for each in self.found.fields:
            if not each.of_line:
                self._take(record, each, row, activity)
        if self.found.is_arm:
            record.setdefault("payment", "visit")
            self._counts(record, activity)
        if self.found.fields is not layout.PASS_THROUGH_FIELDS:
            record["resources"] = list(self._resources(activity)) or None
        return {key: value for key, value in record.items() if value is not None}

    def _take(self, record: dict[str, Any], each: layout.Field, row: int, activity: ActivityRead) -> None:
        place = self.found.place_of(row, each.key)
        shown = written(layout.field_value(activity.exported, each, None, self.edition)) if activity.exported is not None else None
        cell = self.found.cell(row, each.key)
        if activity.exported is None and each.needed and each.key != "name" and is_blank(cell):
            return  # a new row takes the usual type, payment and quantity
        if activity.origin is not None and activity.exported is None and each.key == "department" and self._inherited(activity.origin, each, cell):
            return
        value = read_value(each, cell, shown, place)
        if isinstance(value, Unchanged):
            return
        if isinstance(value, Finding):
            self.found.findings.append(value)
            return
        self.cells[self.found.container, activity.id, each.key] = place
        record[each.key] = value

    def _inherited(self, origin: Any, each: layout.Field, cell: CellFound) -> bool:
        return origin.department is None and cell.text == (layout.field_value(origin, each, None, self.edition) or "")

    def _counts(self, record: dict[str, Any], activity: ActivityRead) -> None:
        assert activity.first is not None
        exported = activity.exported.occurrences if activity.exported is not None else {}
        row = activity.first.number
        counts: dict[str, Any] = {key: times for key, times in exported.items() if key in self.visits}
        for visit, column in self.visits.items():
            place = f"{self.found.sheet.name}!{letters(column)}{row}"
            value = read_value(layout.COUNT, self.found.sheet.cell(row, column), exported.get(visit), place)
            if isinstance(value, Finding):
                self.found.findings.append(value)
            elif not isinstance(value, Unchanged):
                self.cells[self.found.container, activity.id, "count", visit] = place
                counts = {key: times for key, times in counts.items() if key != visit}
                if value is not None:
                    counts[visit] = value
        record["occurrences"] = counts or None

    def _resources(self, activity: ActivityRead) -> Iterator[dict[str, Any]]:
        exported = activity.exported.resources if activity.exported is not None else []
        known = sorted((row for row in activity.lines if row.known is not None and not row.copy), key=lambda row: row.line)
        new = [row for row in activity.lines if row.known is None or row.copy]
        position = 0
        for row in [*known, *new]:
            line = exported[row.line - 1] if row in known and row.line <= len(exported) else None
            record = self._resource(row, line)
            if record is not None:
                position += 1
                was = row.line if line is not None else 0
                for each in self.found.fields:
                    if each.of_line:
                        place = self.found.place_of(row.number, each.key)
                        self.cells[self.found.container, activity.id, "line", str(was or -position), each.key] = place
                self.cells[self.found.container, activity.id, "line", str(was or -position)] = self.found.place_of(row.number, "resource")
                yield record

    def _resource(self, row: RowFound, line: ResourceLine | None) -> dict[str, Any] | None:
        """A resource line as the study file writes it; None for a row that names none."""
        values: dict[str, Any] = {}
        for each in self.found.fields:
            if each.of_line:
                shown = written(layout.field_value(None, each, line, self.edition)) if line is not None else None
                cell = self.found.cell(row.number, each.key)
                if each.key == "quantity" and is_blank(cell) and line is None:
                    continue
                values[each.key] = read_value(each, cell, shown, self.found.place_of(row.number, each.key))
        wrong = [value for value in values.values() if isinstance(value, Finding)]
        cleared = values["resource"] is None or (line is None and isinstance(values["resource"], Unchanged))
        if cleared and values["minutes"] in (None, UNCHANGED):
            return None
        self.found.findings.extend(wrong)
        return None if wrong else self._resource_record(row, line, values)

    def _resource_record(self, row: RowFound, line: ResourceLine | None, values: dict[str, Any]) -> dict[str, Any] | None:
        place = self.found.place_of(row.number, "resource")
        if all(isinstance(value, Unchanged) for value in values.values()) and line is not None:
            return _line_record(line)
        record = _line_record(line) if line is not None else {}
        resource = (line.role or line.item) if isinstance(values["resource"], Unchanged) and line is not None else values["resource"]
        minutes = record.get("minutes") if isinstance(values["minutes"], Unchanged) else values["minutes"]
        wrong = check_resource(str(resource or ""), minutes, self.edition.staff_rates, self.edition.items, place, self.edition.edition)
        if wrong is not None:
            self.found.findings.append(wrong)
            return None
        quantity = record.get("quantity") if isinstance(values.get("quantity"), Unchanged) else values.get("quantity")
        department = record.get("department") if isinstance(values["line_department"], Unchanged) else values["line_department"]
        made: dict[str, Any] = {"role": resource, "minutes": minutes} if minutes is not None else {"item": resource}
        extra = {"quantity": quantity, "department": department}
        return made | {key: value for key, value in extra.items() if value is not None}

    def _finding(self, place: str, problem: str, remedy: str) -> None:
        self.found.findings.append(Finding(place, problem, remedy))


def _line_record(line: ResourceLine) -> dict[str, Any]:
    written_line: dict[str, Any] = line.model_dump(mode="json", exclude_none=True)
    return {key: value for key, value in written_line.items() if key != "quantity" or value != 1}
