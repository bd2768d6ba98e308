"""What the other sheets draw on: roles, tariff codes and usual activities to read, and the hidden lists behind drop-downs and formulas."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ncvr.domain.tariff import Rate, SiteMultiplier, TariffEdition
from ncvr.files.workbook_formulas import Units
from ncvr.files.workbook_layout import SHEET_MARK
from ncvr.files.workbook_package_writer import quoted
from ncvr.files.workbook_results import NATIONAL
from ncvr.files.workbook_sheet import Cell, Column, Sheet, Value, letters
from ncvr.files.workbook_styles import STYLE
from ncvr.money import as_written

_LISTS = "Lists"
_SHARES = ("direct", "indirect", "capacity", "units")


@dataclass(slots=True, kw_only=True)
class ReferenceSheets:
    """Roles, Activities and the hidden lists; ``names`` are the ranges that formulas and drop-downs use."""

    sheets: list[Sheet] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)


def reference_sheets(edition: TariffEdition, units: Units, sites: Sequence[tuple[str, SiteMultiplier]]) -> ReferenceSheets:
    """The sheets for an edition; ``sites`` are the keys and multipliers of the sites this workbook may show, and no other."""
    made = ReferenceSheets()
    made.sheets = [_roles(edition), _activities(edition), _lists(edition, units, sites, made.names)]
    return made


def table(sheet: Sheet, title: str, says: str, labels: Sequence[str], rows: Sequence[Sequence[Value]], styles: Sequence[str]) -> None:
    """A plain table under a title; the first column stays hidden for keys."""
    sheet.row([(f"{SHEET_MARK}{sheet.name.lower()}", STYLE["key"])], hidden=True)
    sheet.row([None, (title, STYLE["title"])], height=24)
    sheet.row([None, (says, STYLE["small"])])
    number = sheet.row([None, *((label, STYLE["label"]) for label in labels)], height=30)
    for row in rows:
        cells: list[Cell | None] = [(value, STYLE[style]) for value, style in zip(row, styles, strict=True)]
        sheet.row([None, *cells], height=_height(row, sheet.columns[1:]))
    sheet.freeze, sheet.repeat = (number + 1, 3), (number, number)


def _height(row: Sequence[Value], columns: Sequence[Column]) -> int | None:
    """As high as its longest text needs; programs differ in whether they fit rows by themselves."""
    lines = max(-(-len(value) // column.width) for value, column in zip(row, columns, strict=True) if isinstance(value, str))
    return 14 * lines + 2 if lines > 1 else None


def _roles(edition: TariffEdition) -> Sheet:
    sheet = Sheet(name="Roles", columns=[Column(width=4, hidden=True), Column(width=28), Column(width=40), Column(width=14), Column(width=70)], tab="FF7A8B99")
    rows = [(rate.role, rate.title, rate.hourly_rate, rate.source) for rate in edition.staff_rates.values()]
    says = f"Staff roles of tariff edition {edition.edition} ({edition.status}), in pounds an hour before uplifts."
    table(sheet, "Roles", says, ["Role", "Title", "£ an hour", "Source"], rows, ["text", "text", "pounds", "text"])
    return sheet


def _activities(edition: TariffEdition) -> Sheet:
    widths = (26, 52, 18, 16, 24, 12, 10, 12)
    sheet = Sheet(name="Activities", columns=[Column(width=4, hidden=True), *(Column(width=width) for width in widths)], tab="FF7A8B99")
    items: list[tuple[Value, ...]] = [
        (item.code, item.description, item.department, item.cost_class.replace("_", " "), "", None, None, item.unit_cost) for item in edition.items.values()
    ]
    usual: list[tuple[Value, ...]] = [
        (each.code, each.name, each.department, each.type, line.role or line.item, line.minutes, line.quantity, None)
        for each in edition.activities.values()
        for line in each.resources
    ]
    says = f"Tariff codes of edition {edition.edition} ({edition.status}), then usual activities with the resources they often need."
    labels = ["Code", "Name", "Department", "Class or type", "Role or code", "Minutes", "Quantity", "£ each"]
    table(sheet, "Activities", says, labels, items + usual, ["text", "text", "text", "text", "text", "figure_plain", "whole", "pounds"])
    return sheet


def _lists(edition: TariffEdition, units: Units, sites: Sequence[tuple[str, SiteMultiplier]], names: dict[str, str]) -> Sheet:
    """Codes with their place and rates: roles, an empty row, tariff codes, an empty row; then sites with their multipliers."""
    sheet, key = Sheet(name=_LISTS, hidden=True), STYLE["key"]
    sheet.row([(f"{SHEET_MARK}lists", key), ("code", key), ("place", key), *((f"{kind} {name}", key) for kind in ("rate", "setup") for name in _SHARES)])
    roles = [(role, rate, edition.setup_rates.roles[role]) for role, rate in edition.rates.roles.items()]
    items = [(code, rate, edition.setup_rates.items[code]) for code, rate in edition.rates.items.items()]
    for entries in (roles, items):
        for code, rate, setup in entries:
            sheet.row([None, (code, key), (sheet.count, key), *_rates(units, rate), *_rates(units, setup)])
        sheet.row([])
    first, between, last = 2, 2 + len(roles), sheet.count
    spans = {"role_codes": ("B", first, between), "role_positions": ("C", first, between), "resource_codes": ("B", first, last)}
    spans |= {"item_codes": ("B", between + 1, last), "item_positions": ("C", between + 1, last)}
    spans |= {f"rate_{name}": (letters(4 + at), first, last) for at, name in enumerate(_SHARES)}
    spans |= {f"setup_{name}": (letters(8 + at), first, last) for at, name in enumerate(_SHARES)}
    start = last + 1
    for site, multiplier in [(NATIONAL, None), *sites]:
        whole = units.multiplier_scale if multiplier is None else units.multiplier(multiplier.value)
        sheet.row([None, (site, key), (whole, key), (None if multiplier is None else as_written(multiplier.value), key)])
    spans |= {"site_keys": ("B", start, sheet.count), "site_wholes": ("C", start, sheet.count)}
    names |= {name: f"{quoted(_LISTS)}!${column}${top}:${column}${bottom}" for name, (column, top, bottom) in spans.items()}
    return sheet


def _rates(units: Units, rate: Rate) -> list[Cell]:
    return [(part, STYLE["key"]) for part in units.rate(rate)]
