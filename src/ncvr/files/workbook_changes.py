"""Differences between two studies as a workbook of one sheet."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from ncvr.domain.study_changes import StudyChange, Totals
from ncvr.files.workbook_formulas import nearest
from ncvr.files.workbook_package_writer import written_workbook
from ncvr.files.workbook_reference_sheets import table
from ncvr.files.workbook_sheet import Column, Sheet, Value
from ncvr.files.workbook_styles import STYLE


def write_changes(changes: Iterable[StudyChange], before: Totals, after: Totals, edition: str, on: date, files: str) -> bytes:
    """The workbook's bytes: a row a change, then the totals."""
    widths = (10, 52, 40, 40, 18)
    sheet = Sheet(name="Changes", columns=[Column(width=4, hidden=True), *(Column(width=width) for width in widths)])
    rows: list[tuple[Value, ...]] = [
        (change.what, change.place, change.old, change.new, "not priced" if change.effect is None else nearest(change.effect)) for change in changes
    ]
    says = f"{files[:120]}; national cost under edition {edition}, every payable once, before any site's multiplier."
    table(sheet, "Changes", says, ["What", "Where", "Old", "New", "Effect"], rows, ["line", "text", "text", "text", "cost"])
    sheet.row([])
    for label, old, new, style in _totals(before, after):
        sheet.row([None, None, (label, STYLE["name"]), (old, STYLE[style]), (new, STYLE[style])])
    return written_workbook([sheet], {}, title="Changes", subject=edition, on=on)


def _totals(before: Totals, after: Totals) -> list[tuple[str, Value, Value, str]]:
    costs: list[Value] = [Decimal(0) if each.national is None else nearest(each.national) for each in (before, after)]
    unpriced = [each.national is None for each in (before, after)]
    costs = ["not priced yet" if missing else cost for cost, missing in zip(costs, unpriced, strict=True)]
    return [
        ("Staff minutes", nearest(before.minutes), nearest(after.minutes), "figure_plain"),
        ("Counts", before.counts, after.counts, "whole"),
        ("National cost", costs[0], costs[1], "pounds_total"),
    ]
