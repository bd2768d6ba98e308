"""Workbooks for tests: written from studies in memory, read back without files, and through other programs."""

import io
import re
import subprocess
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl

from ncvr.domain.study import Study
from ncvr.domain.tariff import TariffEdition
from ncvr.errors import Finding
from ncvr.files.reading import Reading
from ncvr.files.workbook_cells import CellFound, SheetFound
from ncvr.files.workbook_checks import check_price_sheets
from ncvr.files.workbook_exported import read_exported, sheets_by_mark
from ncvr.files.workbook_formulas import units_for
from ncvr.files.workbook_package import BookFound, open_workbook
from ncvr.files.workbook_reader import ProposedStudy, read_proposal
from ncvr.files.workbook_writer import WorkbookOrder, write_workbook
from tests.conftest import LibreOffice

ON = date(2026, 6, 1)


def order_of(study: Study, edition: TariffEdition, only: str | None = None) -> WorkbookOrder:
    """All sites of the study, or one."""
    sites = [(site.key, f"Trust {site.key}", edition.multiplier(site.ods_code)) for site in study.sites if only in (None, site.key)]
    return WorkbookOrder(study=study, edition=edition, on=ON, sites=sites, only_site=only)


def workbook_of(study: Study, edition: TariffEdition, only: str | None = None) -> bytes:
    return write_workbook(order_of(study, edition, only))


def without_results(content: bytes) -> bytes:
    """The workbook with every formula's stored result taken out, so that whatever shows one has calculated it."""
    bare = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as package, zipfile.ZipFile(bare, "w", zipfile.ZIP_DEFLATED) as written:
        for name in package.namelist():
            written.writestr(name, re.sub(rb"</f><v>[^<]*</v>", b"</f>", package.read(name)))
    return bare.getvalue()


def proposal(book: BookFound, edition: TariffEdition) -> Reading[ProposedStudy]:
    """What a book proposes, with all that is wrong with it, price sheets included."""
    facts = read_exported(book)
    sites = [(site.key, f"Trust {site.key}", edition.multiplier(site.ods_code)) for site in facts.study.sites]
    order = WorkbookOrder(study=facts.study, edition=edition, on=facts.pricing_date, sites=sites, only_site=facts.only_site)
    expected = open_workbook(write_workbook(order), book.place)
    reading = read_proposal(book, expected, facts, edition, units_for(facts.study, edition, [multiplier for _, _, multiplier in sites]))
    findings = (*reading.findings, *check_price_sheets(book, expected))
    return Reading(None if any(found.level == "error" for found in findings) else reading.value, findings)


def read_back(content: bytes, edition: TariffEdition) -> Study:
    """The study in a workbook, which must have no finding."""
    reading = proposal(open_workbook(content, "W.xlsx"), edition)
    assert reading.value is not None, [str(found) for found in reading.findings]
    assert not reading.findings, [str(found) for found in reading.findings]
    return reading.value.study


def sheet_of(book: BookFound, mark: str) -> SheetFound:
    return sheets_by_mark(book)[mark]


def columns_of(sheet: SheetFound) -> dict[str, int]:
    """Columns of a schedule sheet by their hidden key."""
    return {cell.text: column for column, cell in sheet.cells[1].items() if column > 1}


def rows_of(sheet: SheetFound) -> dict[str, int]:
    """Rows by their hidden key without its check: ``A/A01#1``, ``end``, ``foot:price``."""
    return {cells[1].text.partition(":")[0] if "#" in cells[1].text else cells[1].text: row for row, cells in sheet.cells.items() if 1 in cells}


def set_cell(sheet: SheetFound, row: int, column: int, value: str | int | None, formula: str | None = None) -> None:
    """Type into a cell of a book in memory."""
    if value is None and formula is None:
        sheet.cells.get(row, {}).pop(column, None)
        return
    kind = "s" if isinstance(value, str) else "n" if value is not None else ""
    sheet.cells.setdefault(row, {})[column] = CellFound(kind, "" if value is None else str(value), formula)


def typed(sheet: SheetFound, row_key: str, column_key: str, value: str | int | None, formula: str | None = None) -> None:
    set_cell(sheet, rows_of(sheet)[row_key], columns_of(sheet)[column_key], value, formula)


def problems(findings: Sequence[Finding]) -> str:
    return "\n".join(map(str, findings))


def through_openpyxl(content: bytes) -> bytes:
    """Loaded and saved by openpyxl."""
    saved = io.BytesIO()
    openpyxl.load_workbook(io.BytesIO(content)).save(saved)
    return saved.getvalue()


def through_libreoffice(soffice: LibreOffice, contents: Mapping[str, bytes], folder: Path, to_format: str = "xlsx", suffix: str = "xlsx") -> dict[str, bytes]:
    """Opened and saved again by LibreOffice, many files in one start."""
    before, after = folder / "before", folder / "after"
    before.mkdir(parents=True)
    for name, content in contents.items():
        (before / f"{name}.{suffix}").write_bytes(content)
    words = [soffice.path, "--headless", "--norestore", f"-env:UserInstallation={soffice.profile.as_uri()}", "--convert-to", to_format, "--outdir", str(after)]
    subprocess.run([*words, *map(str, sorted(before.iterdir()))], stdin=subprocess.DEVNULL, capture_output=True, timeout=600, check=True)
    return {name: (after / f"{name}.{to_format.partition(':')[0]}").read_bytes() for name in contents}


def plain_study(**changes: Any) -> dict[str, Any]:
    """A study with a bit of everything, in the file's words."""
    record: dict[str, Any] = {
        "study": {"iras_id": "1004567", "phase": "III", "title": "A plain study", "sponsor": "Example Pharma"},
        "sites": [{"ods_code": "RGT", "target_participants": 7}, {"ods_code": "RP4", "target_participants": 4, "principal_investigator": "Dr Other"}],
        "arms": [
            {
                "id": "A",
                "name": "Active",
                "visits": [
                    {"id": "V1", "name": "Screening", "window": "Day -14", "screening": True},
                    {"id": "V2", "name": "Week 4", "repeat": {"until": "progression", "expected": 6}},
                    {"id": "ET", "name": "Early termination", "kind": "conditional", "when": "participant stops early"},
                ],
                "activities": [
                    {
                        "id": "A01",
                        "name": "Consent",
                        "type": "visit",
                        "payment": "visit",
                        "resources": [{"role": "consultant", "minutes": 20}, {"role": "research_nurse", "minutes": "7.5", "quantity": 2}],
                        "occurrences": {"V1": 1, "V2": 2},
                    },
                    {
                        "id": "A02",
                        "name": "ECG",
                        "payment": "visit",
                        "department": "Cardiology",
                        "resources": [{"item": "ECG"}],
                        "occurrences": {"V1": 1, "ET": 1},
                    },
                    {
                        "id": "A03",
                        "name": "Pregnancy test",
                        "payment": "item",
                        "when": "women of child-bearing potential",
                        "max": 4,
                        "resources": [{"role": "research_nurse", "minutes": 10}],
                        "occurrences": {"V1": 1},
                    },
                    {"id": "A04", "name": "Diary", "payment": "visit", "no_charge": "done at home", "occurrences": {"V2": 1}},
                ],
            },
            {"id": "B", "name": "Cohort", "same_as": "A"},
        ],
        "unscheduled": [{"id": "U01", "name": "Extra visit", "when": "indicated", "resources": [{"role": "consultant", "minutes": 15}]}],
        "setup_and_closedown": [{"id": "S01", "name": "R&D set-up", "per": "once", "resources": [{"role": "research_nurse", "minutes": 240}]}],
        "pass_through": [{"id": "P01", "name": "Travel", "basis": "receipts", "cap": "35.00", "per": "visit"}],
    }
    return record | changes
