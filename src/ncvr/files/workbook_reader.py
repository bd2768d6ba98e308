"""A workbook that came back, read into the study it proposes. Every finding at once; no price in it is ever trusted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ncvr.domain.study import Study, study_record
from ncvr.domain.tariff import TariffEdition
from ncvr.errors import Finding
from ncvr.files import workbook_layout as layout
from ncvr.files.reading import Reading
from ncvr.files.study_files import study_from
from ncvr.files.workbook_cells import SheetFound
from ncvr.files.workbook_exported import ExportedFacts, repeated_sheets, sheets_by_mark
from ncvr.files.workbook_formulas import Units
from ncvr.files.workbook_package import BookFound
from ncvr.files.workbook_price_cells import check_price_cells
from ncvr.files.workbook_rows import Cells, RowsRead
from ncvr.files.workbook_table import TableFound
from ncvr.files.workbook_visits import VisitsRead
from ncvr.files.workbook_writer import shown_arms

_AS_EXPORTED = "Use the file as it was exported"
_TITLES = {"unscheduled": "Unscheduled activities", "setup_and_closedown": "Setup & Closedown", "pass_through": "Pass-through"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedStudy:
    """The study a workbook proposes, and the cell of everything that was typed, by (container, activity, field ...)."""

    study: Study
    cells: Mapping[tuple[str, ...], str]
    tables: tuple[TableFound, ...]


def read_proposal(book: BookFound, expected: BookFound, facts: ExportedFacts, edition: TariffEdition, units: Units) -> Reading[ProposedStudy]:
    """The proposed study under the edition it was exported with; what is unchanged equals the exported study exactly.

    ``expected`` is the export made again, to know our price cells by.
    """
    return _Reader(book, sheets_by_mark(expected), facts, edition, units).reading()


@dataclass
class _Reader:
    book: BookFound
    expected: Mapping[str, SheetFound]
    facts: ExportedFacts
    edition: TariffEdition
    units: Units
    findings: list[Finding] = field(default_factory=list)
    cells: Cells = field(default_factory=dict)
    tables: list[TableFound] = field(default_factory=list)

    def reading(self) -> Reading[ProposedStudy]:
        study = self.facts.study
        record = study_record(study)
        self.taken = {entry["id"] for entries in _lists(record) for entry in entries}
        self.sheets = sheets_by_mark(self.book)
        for original, copy in repeated_sheets(self.book):
            self.findings.append(Finding(copy, f"this sheet is a copy of {original!r}, so nobody can say which one counts", "Delete one of the two"))
        shown = {arm.id for arm in shown_arms(study, self.facts.only_site)}
        shown |= {arm.same_as for arm in study.arms if arm.id in shown and arm.same_as is not None}
        for at, arm in enumerate(study.arms):
            if arm.same_as is None and arm.id in shown:
                record["arms"][at] = self._arm(arm, record["arms"][at])
        for container in ("unscheduled", "setup_and_closedown", "pass_through"):
            rows = self._rows(container, _TITLES[container], getattr(study, container), record[container], container)
            if rows is not None:
                record[container] = rows.activities()
        for table in self.tables:
            self.findings += [*table.findings, *check_price_cells(table, self._table(self.expected[table.mark], table.mark, table.container), self.units)]
        if any(finding.level == "error" for finding in self.findings):
            return Reading(None, tuple(self._placed()))
        reading = study_from(record, self.book.place)
        self.findings += reading.findings
        if reading.value is None:
            return Reading(None, tuple(self._placed()))
        proposed = ProposedStudy(study=reading.value, cells=self.cells, tables=tuple(self.tables))
        return Reading(proposed, tuple(self._placed()))

    def _placed(self) -> list[Finding]:
        prefix = f"{self.book.place}: "
        return [
            Finding(found.place if found.place.startswith(self.book.place) else prefix + found.place, found.problem, found.remedy, found.level)
            for found in self.findings
        ]

    def _arm(self, arm: Any, record: dict[str, Any]) -> dict[str, Any]:
        rows = self._rows(f"arm/{arm.id}", f"Arm {arm.id}", arm.activities, record.get("activities", []), arm.id)
        if rows is None:
            return record
        visits = VisitsRead(found=rows.found, visits={visit.id: visit for visit in arm.visits}, cells=self.cells)
        records = visits.read()
        rows.visits = visits.columns
        read = {"visits": records, "activities": rows.activities()}
        return record | {key: entries for key, entries in read.items() if entries or key in record}

    def _rows(self, mark: str, title: str, exported: list[Any], records: list[dict[str, Any]], container: str) -> RowsRead | None:
        """The rows of one sheet, ready to be read; None where the sheet is missing or damaged, which is a finding."""
        sheet = self.sheets.get(mark)
        if sheet is None:
            self.findings.append(Finding(title, f"the sheet {title!r} is missing", _AS_EXPORTED))
            return None
        self._merged(sheet)
        table = self._table(sheet, mark, container)
        if not table.complete:
            self.findings += table.findings
            return None
        self.tables.append(table)
        by_id, as_written = {entry.id: entry for entry in exported}, {entry["id"]: entry for entry in records}
        return RowsRead(found=table, exported=by_id, records=as_written, visits={}, edition=self.edition, taken=self.taken, cells=self.cells)

    def _table(self, sheet: SheetFound, mark: str, container: str) -> TableFound:
        fields = layout.ARM_FIELDS if mark.startswith("arm/") else layout.FIELDS[container]
        return TableFound(sheet=sheet, mark=mark, container=container, fields=fields, iras_id=self.facts.study.study.iras_id)

    def _merged(self, sheet: SheetFound) -> None:
        for ref in sheet.merged:
            self.findings.append(Finding(f"{sheet.name}!{ref}", "cells are merged, so rows can no longer be told apart", "Undo the merging"))


def _lists(record: Mapping[str, Any]) -> list[list[dict[str, Any]]]:
    arms = [arm.get("activities", []) for arm in record["arms"]]
    return [*arms, *(record[container] for container in ("unscheduled", "setup_and_closedown", "pass_through"))]
