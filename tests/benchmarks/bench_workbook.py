"""P5: writing and reading a workbook of 20,000 rows and 12 columns against openpyxl, with styles, validation and protection."""

import io
from datetime import date
from decimal import Decimal

import openpyxl
from openpyxl.styles import NamedStyle, PatternFill, Protection
from openpyxl.worksheet.datavalidation import DataValidation

from ncvr.files.workbook_child import open_workbook_apart
from ncvr.files.workbook_package import open_workbook
from ncvr.files.workbook_package_writer import written_workbook
from ncvr.files.workbook_sheet import Column, Formula, Sheet
from ncvr.files.workbook_styles import STYLE
from tests.benchmarks.rows import Row, medians

ROWS = 20_000


def measure() -> list[Row]:
    """Ratios of medians; both sides write and read the same cells, and our reading keeps every cell's address."""
    content = theirs()
    assert sum(map(len, open_workbook(content, "bench").sheets[0].cells.values())) == 12 * ROWS
    calls = {
        "write": ours,
        "openpyxl write": theirs,
        "read": lambda: open_workbook(content, "bench"),
        "read apart": lambda: open_workbook_apart(content, "bench"),
        "openpyxl read": lambda: every_cell(content),
    }
    took = medians(calls, rounds=3)
    name = "workbook of 20,000 x 12,"
    return [
        Row(goal="P5", name=f"{name} openpyxl / our write", value=took["openpyxl write"] / took["write"], bound=5, holds="at least"),
        Row(goal="P5", name=f"{name} openpyxl / our read", value=took["openpyxl read"] / took["read"], bound=5, holds="at least"),
        Row(goal="P5", name=f"{name} openpyxl / our read in a limited process", value=took["openpyxl read"] / took["read apart"], bound=1, holds="at least"),
    ]


def ours() -> bytes:
    sheet = Sheet(name="Rows", columns=[Column(width=12)] * 12, freeze=(2, 2))
    text, count, price = STYLE["in_text"], STYLE["in_count"], STYLE["pounds"]
    for at in range(ROWS):
        counts = [(at + column, count) for column in range(9)]
        sheet.row([(f"Activity {at}", text), *counts, (Decimal(at).scaleb(-2), price), (Formula(f"B{at + 1}*2", 2 * at), price)])
    sheet.validate(f"B1:J{ROWS}", "whole", "0", "9999")
    return written_workbook([sheet], {}, title="Bench", subject="Bench", on=date(2026, 6, 1))


def theirs() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    book.add_named_style(NamedStyle("input", fill=PatternFill("solid", fgColor="FFF4C9"), protection=Protection(locked=False)))
    book.add_named_style(NamedStyle("price", fill=PatternFill("solid", fgColor="F4F7F9"), number_format='"£"#,##0.00'))
    for at in range(ROWS):
        values: list[str | int | Decimal] = [f"Activity {at}", *(at + column for column in range(9)), Decimal(at).scaleb(-2), f"=B{at + 1}*2"]
        for column, value in enumerate(values, start=1):
            sheet.cell(at + 1, column, value).style = "input" if column < 11 else "price"
    counts = DataValidation(type="whole", operator="between", formula1="0", formula2="9999")
    counts.add(f"B1:J{ROWS}")
    sheet.add_data_validation(counts)
    sheet.protection.sheet = True
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def every_cell(content: bytes) -> int:
    return sum(1 for sheet in openpyxl.load_workbook(io.BytesIO(content)) for row in sheet.iter_rows() for cell in row if cell.value is not None)
