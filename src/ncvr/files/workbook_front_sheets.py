"""The first sheet a person sees, the sheet to note changes on, and the hidden record of what was exported."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from textwrap import wrap

from ncvr.domain.study import Arm, Study, study_record
from ncvr.domain.tariff import TariffEdition
from ncvr.files.workbook_formulas import Units
from ncvr.files.workbook_layout import BASE_SHEET, FORMAT, SHEET_MARK
from ncvr.files.workbook_package_writer import quoted
from ncvr.files.workbook_results import NATIONAL, Results
from ncvr.files.workbook_sheet import Cell, Column, Formula, Sheet, Value
from ncvr.files.workbook_styles import STYLE
from ncvr.money import Pence

_CHUNK = 30_000  # a cell holds 32,767 characters
_HOW = (
    "Yellow cells are yours to change: minutes, roles, codes, quantities and counts. Prices follow at once; nobody types a price.",
    "To add an activity, use the empty rows at the end of a sheet, or copy a row and place the copy right below it. To remove one, delete its rows.",
    "To add a visit, insert a column between two visits and fill in its number and name. More about each row lies folded to the right of the prices.",
    "Sheets are protected without a password. Take the protection off to sort or to move columns; nothing gets lost.",
    "When you are done, give the file back: every change is listed with its cell and its effect in pounds before anything is taken over.",
    "No personal or patient data, please.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What a workbook was made from and for."""

    study: Study
    edition: TariffEdition
    on: date
    schedule_sha256: str  # of the whole study, also where the workbook holds one site only
    only_site: str | None
    sites: Sequence[tuple[str, str, int]]


def front_sheet(exported: Exported, arms: Sequence[Arm], units: Units, results: Results | None, to_do: Sequence[str], names: dict[str, str]) -> Sheet:
    """Study, edition, totals, how to use the file, sources."""
    sheet = Sheet(
        name="Start here", columns=[Column(width=4, hidden=True), Column(width=34), Column(width=20), Column(width=78)], one_page=True, tab="FFC98A00"
    )
    study, edition = exported.study.study, exported.edition
    sheet.row([(f"{SHEET_MARK}start_here", STYLE["key"])], hidden=True)
    sheet.row([None, (_brief(study.short_title or study.title or "Study without a title", 110), STYLE["title"])], height=28)
    sheet.row([None, (f"Resource and prices under the national tariff, priced on {exported.on.isoformat()}", STYLE["small"])])
    sheet.row([])
    protocol = f"{study.protocol.number}, version {study.protocol.version}, {study.protocol.date.isoformat()}" if study.protocol else "not given"
    facts: list[tuple[str, str]] = [
        ("IRAS ID", study.iras_id or "not given"),
        ("Title", study.title or "not given"),
        ("Sponsor", study.sponsor or "not given"),
        ("Protocol", protocol),
        ("Study version", f"{exported.study.version} ({exported.study.state})"),
        ("Tariff edition", f"{edition.edition}: {edition.title}"),
        ("Status of the edition", _STATUS[edition.status]),
    ]
    for label, text in facts:
        warn = label == "Status of the edition" and edition.status != "checked"
        _fact(sheet, label, _brief(text, 600), "warning" if warn else "open")
    for problem in to_do[:12]:
        _fact(sheet, "Not priced yet", problem, "warning")
    if not units.live:
        _fact(
            sheet,
            "Stored prices",
            "This edition's figures are too fine for a spreadsheet's numbers: prices are stored as priced on export and do not follow changes.",
            "warning",
        )
    sheet.row([])
    _site(sheet, exported, units, results, names)
    sheet.row([])
    _totals(sheet, arms, results, units)
    sheet.row([])
    _how_and_whence(sheet, edition)
    return sheet


def _how_and_whence(sheet: Sheet, edition: TariffEdition) -> None:
    sheet.row([None, ("How to use this file", STYLE["heading"])])
    for at, line in enumerate(_HOW, start=1):
        for part in wrap(f"{at}. {line}", 150, subsequent_indent="    "):
            sheet.row([None, (part, STYLE["open"])])
    sheet.row([])
    sheet.row([None, ("Where the figures come from", STYLE["heading"])])
    for source in edition.sources:
        _fact(sheet, source.publisher, f"{source.title}, {source.date}. {source.licence}")
    shares = [f"{kind.replace('_', ' ')}: indirect {uplift.indirect:f}, capacity {uplift.capacity:f}" for kind, uplift in edition.uplifts.items()]
    _fact(sheet, "Uplifts", "; ".join(shares))


_STORED = "This edition's figures are too fine for a spreadsheet's numbers: prices are stored as priced on export and do not follow changes."
_STATUS: Mapping[str, str] = {
    "illustrative": "Illustrative: built from public data by stated assumptions. Not an official tariff; not for contracts.",
    "transcribed": "Transcribed from an official publication; not yet compared by a second person.",
    "checked": "Transcribed from an official publication and compared by a second person.",
}


def _fact(sheet: Sheet, label: str, text: str, style: str = "open") -> None:
    """A label and a text, a row for each of its lines; it runs over the empty cells to its right."""
    for at, line in enumerate(wrap(text, 108)[:6] or [""]):
        rest = (None, STYLE[style])
        sheet.row([None, (label if at == 0 else None, STYLE["name" if at == 0 else "open"]), (line, STYLE[style]), rest])


def _brief(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _site(sheet: Sheet, exported: Exported, units: Units, results: Results | None, names: dict[str, str]) -> None:
    """The site whose prices the sheets show, and its multiplier."""
    key = NATIONAL if results is None else results.shown.site.key if exported.only_site else NATIONAL
    whole = units.multiplier(results.shown.multiplier.value) if results is not None else units.multiplier_scale
    says = (
        "Choose a site, or National for prices before any site's multiplier: every sheet follows."
        if len(exported.sites) > 1
        else "National shows prices before the site's multiplier."
    )
    number = sheet.row([None, ("Prices shown for", STYLE["name"]), (key, STYLE["in_choice"]), (says, STYLE["note"])], height=20)
    names["site_shown"] = f"{quoted(sheet.name)}!$C${number}"
    sheet.validate(f"C{number}", "list", "site_keys", title="Site", says="Choose one of the list.")
    found = "SUMPRODUCT(EXACT(site_keys,site_shown)*site_wholes)"
    formula = Formula(f"IF({found}=0,NA(),{found})", whole)
    number = sheet.row([None, ("Multiplier, in parts", STYLE["key"]), (formula, STYLE["whole"])], hidden=True)
    names["multiplier_whole"] = f"{quoted(sheet.name)}!$C${number}"
    shown = Formula(f"multiplier_whole/{units.multiplier_scale}", None if results is None else results.shown.multiplier.value.normalize())
    site_names = ", ".join(f"{site}: {name}" for site, name, _ in exported.sites[:3] if len(exported.sites) <= 3)
    sheet.row([None, ("Multiplier", STYLE["name"]), (shown, STYLE["figure"]), (site_names, STYLE["note"])])


def _totals(sheet: Sheet, arms: Sequence[Arm], results: Results | None, units: Units) -> None:
    """One participant of each arm, and set-up and close-down, at the site shown."""
    money = "pounds_total" if units.price_pence == 1 else "whole_pounds_total"
    sheet.row([None, ("Totals", STYLE["heading"])])
    for arm in arms:
        formula = f'SUMPRODUCT(EXACT(payable_arms,"{arm.id}")*1,payable_once,ROUND(shown_prices*100,0))/100'
        pence = results.shown.per_participant(arm) if results is not None else None
        sheet.row(
            [
                None,
                (_brief(f"Arm {arm.id}: {arm.name}", 60), STYLE["name"]),
                (_total(formula, pence), STYLE[money]),
                ("one participant, every scheduled visit once", STYLE["note"]),
            ]
        )
    formula = 'SUMPRODUCT(EXACT(payable_kinds,"setup_and_closedown")*1,ROUND(shown_prices*100,0))/100'
    pence = sum(price for _, price in results.shown.of("setup_and_closedown")) if results is not None else None
    sheet.row([None, ("Set-up and close-down", STYLE["name"]), (_total(formula, pence), STYLE[money]), ("each once", STYLE["note"])])


def _total(formula: str, pence: Pence | None) -> Value:
    return Formula(formula, None if pence is None else Decimal(pence).scaleb(-2))


def changes_sheet() -> Sheet:
    """A sheet to say why something was changed; nothing on it is read back."""
    sheet = Sheet(
        name="Changes", columns=[Column(width=4, hidden=True), Column(width=14), Column(width=22), Column(width=12), Column(width=46), Column(width=60)]
    )
    sheet.row([(f"{SHEET_MARK}changes", STYLE["key"])], hidden=True)
    sheet.row([None, ("Changes", STYLE["title"])], height=24)
    sheet.row(
        [None, ("What was changed and why, for whoever reads it next. The import finds every change by itself; no names of persons, please.", STYLE["small"])]
    )
    number = sheet.row([None, *((label, STYLE["label"]) for label in ("Date", "Sheet", "Cell", "What changed", "Why"))], height=24)
    for _ in range(30):
        sheet.row([None, *[(None, STYLE["in_text"])] * 5])
    sheet.freeze, sheet.repeat = (number + 1, 2), (number, number)
    return sheet


def same_arm_sheet(name: str, arm: Arm, repeated: str) -> Sheet:
    """An arm that repeats another says so, and nothing else: there is one schedule to change, not two."""
    sheet = Sheet(name=name, columns=[Column(width=4, hidden=True), Column(width=90)], tab="FF7A8B99")
    sheet.row([(f"{SHEET_MARK}same/{arm.id}", STYLE["key"])], hidden=True)
    sheet.row([None, (_brief(f"Arm {arm.id}: {arm.name}", 110), STYLE["title"])], height=24)
    sheet.row([None, (f"This arm repeats arm {repeated}: its visits, activities and prices are those of that sheet.", STYLE["text"])])
    return sheet


def exported_sheet(exported: Exported) -> Sheet:
    """The hidden record that a returning file is compared with."""
    sheet, key = Sheet(name="Exported", hidden=True), STYLE["key"]
    edition = exported.edition
    facts = {
        "format": FORMAT,
        "iras_id": exported.study.study.iras_id or "",
        "version": str(exported.study.version),
        "schedule_sha256": exported.schedule_sha256,
        "edition": edition.edition,
        "edition_sha256": edition.sha256,
        "pricing_date": exported.on.isoformat(),
        "only_site": exported.only_site or "",
        "sites": " ".join(site for site, _, _ in exported.sites),
    }
    sheet.row([(BASE_SHEET, key)])
    for name, value in facts.items():
        sheet.row([(name, key), (value, key)])
    record = json.dumps(study_record(exported.study), ensure_ascii=True, separators=(",", ":"))
    for start in range(0, len(record), _CHUNK):
        cells: list[Cell] = [("study", key), (record[start : start + _CHUNK], key)]
        sheet.row(cells)
    return sheet
