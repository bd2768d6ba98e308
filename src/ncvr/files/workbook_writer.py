"""A study as a workbook: schedule sheets to work on, prices that follow, and the hidden record that a returning file is compared with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ncvr.domain.pricing import NationalCosts, national_costs
from ncvr.domain.site_price import SitePrice, price_site
from ncvr.domain.study import Arm, Study
from ncvr.domain.tariff import SiteMultiplier, TariffEdition
from ncvr.errors import StudyError
from ncvr.files import workbook_layout as layout
from ncvr.files.study_files import schedule_sha256
from ncvr.files.workbook_formulas import Units, units_for
from ncvr.files.workbook_front_sheets import Exported, changes_sheet, exported_sheet, front_sheet, same_arm_sheet
from ncvr.files.workbook_package_writer import written_workbook
from ncvr.files.workbook_payables import payable_rows
from ncvr.files.workbook_price_sheets import PriceSheets
from ncvr.files.workbook_reference_sheets import reference_sheets
from ncvr.files.workbook_results import Results, national_price
from ncvr.files.workbook_schedule_sheets import ScheduleSheet, written
from ncvr.files.workbook_sheet import Cell, Column, Sheet
from ncvr.files.workbook_styles import STYLE


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkbookOrder:
    """What to write: the study, its sites (all, or the one the file is for) with names and multipliers, edition and pricing date."""

    study: Study
    edition: TariffEdition
    on: date
    sites: Sequence[tuple[str, str, SiteMultiplier]]  # key, name, multiplier
    only_site: str | None = None

    @property
    def content(self) -> Study:
        """The study as far as this workbook may tell it: with ``only_site``, nothing of any other site."""
        if self.only_site is None:
            return self.study
        return self.study.model_copy(update={"sites": [site for site in self.study.sites if site.key == self.only_site]})


def write_workbook(order: WorkbookOrder) -> bytes:
    """The workbook's bytes, the same for the same order.

    A study that cannot be priced yet is written without results, and its first sheet says what is missing.
    """
    units = units_for(order.study, order.edition, [multiplier for _, _, multiplier in order.sites])
    costs, to_do = _costs(order)
    prices = price_order(order, costs) if costs is not None else []
    shown = prices[0] if prices and order.only_site is not None else None
    results = Results(costs=costs, units=units, shown=shown or national_price(costs)) if costs is not None else None
    return _Writer(order, units, results, prices, to_do).workbook()


def _costs(order: WorkbookOrder) -> tuple[NationalCosts | None, list[str]]:
    try:
        return national_costs(order.study, order.edition), []
    except StudyError as error:
        return None, [str(finding) for finding in error.findings]


def price_order(order: WorkbookOrder, costs: NationalCosts) -> list[SitePrice]:
    """The prices of the workbook's sites, in its order."""
    by_key = {site.key: site for site in order.study.sites}
    return [price_site(costs, by_key[key], name, multiplier) for key, name, multiplier in order.sites]


class _Writer:
    """The sheets of one workbook, in the order people read them."""

    def __init__(self, order: WorkbookOrder, units: Units, results: Results | None, prices: Sequence[SitePrice], to_do: Sequence[str]) -> None:
        self.order, self.units, self.results, self.prices, self.to_do = order, units, results, prices, to_do
        self.study = order.content
        self.arms = shown_arms(self.study, order.only_site)
        self.names: dict[str, str] = {}
        self.sites = [(key, name, units.multiplier(multiplier.value)) for key, name, multiplier in order.sites]

    def workbook(self) -> bytes:
        exported = Exported(
            study=self.study,
            edition=self.order.edition,
            on=self.order.on,
            schedule_sha256=schedule_sha256(self.order.study),
            only_site=self.order.only_site,
            sites=self.sites,
        )
        reference = reference_sheets(self.order.edition, self.units, [(key, multiplier) for key, _, multiplier in self.order.sites])
        self.names |= reference.names
        schedule = [*self._arm_sheets(), self._list_sheet("unscheduled"), self._list_sheet("setup_and_closedown"), self._pass_through()]
        rows = payable_rows(self.study, self.arms, self._short())
        priced = PriceSheets(study=self.study, rows=rows, units=self.units, results=self.results, sites=self.sites, prices=self.prices)
        price_sheets = priced.all()
        self.names |= priced.names
        front = front_sheet(exported, self.arms, self.units, self.results, self.to_do, self.names)
        sheets = [front, *schedule, *price_sheets, *reference.sheets[:2], changes_sheet(), reference.sheets[2], exported_sheet(exported)]
        title = f"Costing workbook, IRAS {self.study.study.iras_id or 'not given'}, version {self.study.version}"
        return written_workbook(sheets, self.names, title=title, subject=self.order.edition.edition, on=self.order.on)

    def _short(self) -> Mapping[str, str]:
        """The beginning of each arm's named ranges: those of the arm it repeats."""
        own = {arm.id: f"arm_{at}" for at, arm in enumerate(self.study.arms, start=1)}
        return {arm.id: own[arm.same_as or arm.id] for arm in self.study.arms}

    def _arm_sheets(self) -> list[Sheet]:
        """The sheets of the arms shown, and of an arm that a shown one repeats."""
        shown = {arm.id for arm in self.arms}
        shown |= {arm.same_as for arm in self.study.arms if arm.id in shown and arm.same_as is not None}
        names = layout.sheet_names([arm.id for arm in self.study.arms])
        return [self._arm_sheet(arm, names[arm.id]) for arm in self.study.arms if arm.id in shown]

    def _arm_sheet(self, arm: Arm, name: str) -> Sheet:
        if arm.same_as is not None:
            return same_arm_sheet(name, arm, arm.same_as)
        made = self._schedule(arm.id, Sheet(name=name), layout.ARM_FIELDS, self._short()[arm.id])
        made.visits = arm.visits
        made.write(f"Arm {arm.id}: {arm.name}"[:110], _ARM_SAYS, arm.activities)
        self.names |= made.names
        return made.sheet

    def _list_sheet(self, container: str) -> Sheet:
        title, short, says = _LISTS[container]
        made = self._schedule(container, Sheet(name=title), layout.FIELDS[container], short)
        made.prefix = "setup_" if container == "setup_and_closedown" else "rate_"
        made.write(title, says, getattr(self.study, container))
        self.names |= made.names
        return made.sheet

    def _schedule(self, container: str, sheet: Sheet, fields: Sequence[layout.Field], short: str) -> ScheduleSheet:
        return ScheduleSheet(
            study=self.study,
            edition=self.order.edition,
            units=self.units,
            results=self.results,
            container=container,
            sheet=sheet,
            fields=fields,
            short=short,
        )

    def _pass_through(self) -> Sheet:
        fields = layout.PASS_THROUGH_FIELDS
        sheet = Sheet(name="Pass-through", columns=[Column(width=4, hidden=True), Column(width=10), *(Column(width=each.width) for each in fields)])
        sheet.row([(f"{layout.SHEET_MARK}pass_through", STYLE["key"]), ("id", STYLE["key"]), *((each.key, STYLE["key"]) for each in fields)], hidden=True)
        sheet.row([None, ("Pass-through", STYLE["title"])], height=24)
        sheet.row([None, ("Paid at cost, up to the cap where there is one: never uplifted, never multiplied.", STYLE["small"])])
        number = sheet.row([("head:name", STYLE["key"]), ("No.", STYLE["label"]), *((each.label, STYLE["label"]) for each in fields)], height=30)
        for entry in self.study.pass_through:
            key = layout.checked(self.study.study.iras_id, layout.row_key("pass_through", entry.id))
            cells: list[Cell] = [(written(layout.field_value(entry, each, None, self.order.edition)), _pass_style(each)) for each in fields]
            sheet.row([(key, STYLE["key"]), (entry.id, STYLE["name"]), *cells])
        for _ in range(5):
            sheet.row([None, (None, STYLE["in_text"]), *((None, _pass_style(each)) for each in fields)])
        last = sheet.row([(layout.END, STYLE["key"])], height=4)
        column = "E"
        sheet.validate(f"{column}{number + 1}:{column}{last - 1}", "decimal", "0", "1000000000", title="Cap", says="An amount in pounds and pence, or nothing.")
        sheet.freeze, sheet.repeat = (number + 1, 3), (number, number)
        return sheet


def shown_arms(study: Study, only_site: str | None) -> list[Arm]:
    """The arms a workbook is about, with repeated ones expanded: all, or those of its site."""
    site = study.site(only_site) if only_site is not None else None
    return [arm for arm in study.expanded_arms() if site is None or site.arms is None or arm.id in site.arms]


def _pass_style(each: layout.Field) -> int:
    return STYLE["in_pounds" if each.kind == "pounds" else "in_text"]


_ARM_SAYS = "One row for each role or code. Yellow cells are yours to change; grey counts belong to the activity's first row. Visit prices stand at the foot."
_LISTS = {
    "unscheduled": ("Unscheduled activities", "unscheduled", "Paid each time they happen, at the price on the right."),
    "setup_and_closedown": ("Setup & Closedown", "setup", "Paid on their trigger, at the price on the right."),
}
