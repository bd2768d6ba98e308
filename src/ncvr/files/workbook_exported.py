"""What a returning workbook says it was made from: the hidden record, read back and checked."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ncvr.domain.study import Study
from ncvr.errors import StudyError, WorkbookError
from ncvr.files.study_files import schedule_sha256, study_from
from ncvr.files.workbook_cells import SheetFound
from ncvr.files.workbook_layout import BASE_SHEET, FORMAT, SHEET_MARK
from ncvr.files.workbook_package import BookFound

RECORD_LIMIT = 8_000_000  # characters; a study of 150 sites and 14,400 counts needs less than one million
_AS_EXPORTED = "Use the file as it was exported"
_NOT_OURS = "Give a workbook that ncvr wrote with: ncvr workbook export"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedFacts:
    """The edition, date, version and study a workbook was made from."""

    study: Study
    iras_id: str
    version: int
    schedule_sha256: str
    edition: str
    edition_sha256: str
    pricing_date: date
    only_site: str | None
    sites: tuple[str, ...]


def read_exported(book: BookFound) -> ExportedFacts:
    """The record of the export. Raises WorkbookError where it is missing or damaged."""
    sheet = next((sheet for sheet in book.sheets if sheet.cell(1, 1).text == BASE_SHEET), None)
    if sheet is None:
        raise WorkbookError("the hidden sheet Exported is missing, so nothing can be compared", book.place, _NOT_OURS)
    facts, record = _facts(sheet)
    if facts.get("format") != FORMAT:
        raise WorkbookError(f"the workbook is of another format ({facts.get('format', 'none')}, not {FORMAT})", f"{book.place}: {sheet.name}", _NOT_OURS)
    if len(record) > RECORD_LIMIT:
        raise WorkbookError("the hidden record of the export is larger than any study", f"{book.place}: {sheet.name}", "Check that it is the right file")
    try:
        study = study_from(json.loads(record), f"{book.place}: {sheet.name}").or_raise(StudyError)
        if schedule_sha256(study) != facts["schedule_sha256"] or (study.study.iras_id or "") != facts["iras_id"]:
            raise WorkbookError("the hidden record of the export was changed", f"{book.place}: {sheet.name}", _AS_EXPORTED)
        return ExportedFacts(
            study=study,
            iras_id=facts["iras_id"],
            version=int(facts["version"]),
            schedule_sha256=facts["schedule_sha256"],
            edition=facts["edition"],
            edition_sha256=facts["edition_sha256"],
            pricing_date=date.fromisoformat(facts["pricing_date"]),
            only_site=facts["only_site"] or None,
            sites=tuple(facts["sites"].split()),
        )
    except (KeyError, ValueError, StudyError, RecursionError) as error:
        raise WorkbookError("the hidden record of the export is damaged", f"{book.place}: {sheet.name}", _AS_EXPORTED) from error


def _facts(sheet: SheetFound) -> tuple[Mapping[str, str], str]:
    facts: dict[str, str] = {}
    record: list[str] = []
    for row in sorted(sheet.cells):
        name, value = sheet.cell(row, 1).text, sheet.cell(row, 2).text
        if name == "study":
            record.append(value)
        else:
            facts[name] = value
    facts.setdefault("only_site", "")
    facts.setdefault("sites", "")
    facts.setdefault("iras_id", "")
    return facts, "".join(record)


def sheets_by_mark(book: BookFound) -> dict[str, SheetFound]:
    """Our sheets by what they are (``arm/A``, ``unscheduled`` ...), whatever a person has called them; the mark stands in a hidden row."""
    found: dict[str, SheetFound] = {}
    for sheet in book.sheets:
        mark = _mark(sheet)
        if mark is not None:
            found.setdefault(mark[2], sheet)
    return found


def repeated_sheets(book: BookFound) -> list[tuple[str, str]]:
    """Sheets of ours that stand twice, as (original, copy): nobody could say which one counts."""
    found: dict[str, str] = {}
    copies: list[tuple[str, str]] = []
    for sheet in book.sheets:
        mark = _mark(sheet)
        if mark is not None and mark[2] in found:
            copies.append((found[mark[2]], sheet.name))
        elif mark is not None:
            found[mark[2]] = sheet.name
    return copies


def mark_place(sheet: SheetFound) -> tuple[int, int]:
    """Row and column of a sheet's mark, which begin its hidden keys."""
    mark = _mark(sheet)
    assert mark is not None
    return mark[0], mark[1]


def _mark(sheet: SheetFound) -> tuple[int, int, str] | None:
    for row in sorted(sheet.cells)[:5]:
        for column, cell in sorted(sheet.cells[row].items())[:20]:
            if cell.kind == "s" and cell.text.startswith(SHEET_MARK):
                return row, column, cell.text.removeprefix(SHEET_MARK)
    return None
