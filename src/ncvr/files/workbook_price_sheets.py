"""Prices side by side, and what finance does with them: by department, income, cost recovery, checking an invoice."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from ncvr.domain.projection import arm_income, participants_by_arm, project, setup_income
from ncvr.domain.site_price import SitePrice, split_by_department
from ncvr.domain.study import Study
from ncvr.files.workbook_formulas import Units
from ncvr.files.workbook_layout import SHEET_MARK
from ncvr.files.workbook_package_writer import quoted
from ncvr.files.workbook_payables import KIND_WORDS, Row
from ncvr.files.workbook_results import Results
from ncvr.files.workbook_sheet import Cell, Column, Formula, Sheet, Value, letters
from ncvr.files.workbook_styles import STYLE
from ncvr.money import Pence


@dataclass(slots=True, kw_only=True)
class PriceSheets:
    """The price sheets in the making. ``sites`` are those of the workbook; ``prices`` is empty for a study that cannot be priced yet."""

    study: Study
    rows: Sequence[Row]
    units: Units
    results: Results | None
    sites: Sequence[tuple[str, str, int]]  # key, name, multiplier as a whole number
    prices: Sequence[SitePrice]
    names: dict[str, str] = field(default_factory=dict)

    @property
    def money(self) -> str:
        return "pounds" if self.units.price_pence == 1 else "whole_pounds"

    def all(self) -> list[Sheet]:
        return [self.site_prices(), self.by_department(), self.income(), self.cost_recovery(), self.invoice_check()]

    def site_prices(self) -> Sheet:
        """Payables down, sites across; hidden columns hold the cost in units and how a payable enters totals."""
        widths = [Column(width=4, hidden=True), Column(width=20), Column(width=8), Column(width=8), Column(width=36)]
        widths += [Column(width=12, hidden=True)] * 3
        sheet = Sheet(name="Site prices", columns=[*widths, *[Column(width=18)] * (1 + len(self.sites))], tab="FF1E7B4F")
        first = self._site_heads(sheet)
        for row in self.rows:
            sheet.row(self._site_row(row, sheet.count + 1, first - 2))
        last = max(sheet.count, first)
        columns = {"payable_kinds": "A", "payable_arms": "C", "payable_units": "F", "payable_once": "G", "payable_times": "H", "shown_prices": "I"}
        columns |= {f"prices_{at}": letters(9 + at) for at in range(1, len(self.sites) + 1)}
        self.names |= {name: f"{quoted(sheet.name)}!${column}${first}:${column}${last}" for name, column in columns.items()}
        sheet.freeze, sheet.repeat = (first, 6), (first - 1, first - 1)
        return sheet

    def _site_heads(self, sheet: Sheet) -> int:
        """Titles, the multipliers, and the labels; returns the first row of prices."""
        says = "Every payable at every site: national cost x the site's multiplier, rounded once. Pass-through costs are outside: they are paid at cost."
        _title(sheet, "Site prices", says)
        scale = self.units.multiplier_scale
        wholes: list[Cell | None] = [*[None] * 8, (Formula("multiplier_whole", self._shown_whole()), STYLE["key"])]
        sheet.row([*wholes, *((whole, STYLE["key"]) for _, _, whole in self.sites)], hidden=True)
        number = sheet.count
        shown: list[Cell | None] = [None, None, None, None, ("Multiplier", STYLE["side"]), None, None, None]
        for at in range(1 + len(self.sites)):
            whole = self._shown_whole() if at == 0 else self.sites[at - 1][2]
            result = None if whole is None else Decimal(whole).scaleb(-self.units.multiplier_places)
            shown.append((Formula(f"{letters(9 + at)}{number}/{scale}", result), STYLE["figure"]))
        sheet.row(shown)
        labels = ["Payable", "Arm", "No.", "Name", "units", "once", "times", "As chosen on Start here"]
        heads = [f"{key}\n{name}" if name else key for key, name, _ in self.sites]
        sheet.row(
            [
                None,
                *((label, STYLE["label" if at < 7 else "label_right"]) for at, label in enumerate(labels)),
                *((head, STYLE["label_right"]) for head in heads),
            ],
            height=78,
        )
        return sheet.count + 1

    def _shown_whole(self) -> int | None:
        return self.units.multiplier(self.results.shown.multiplier.value) if self.results is not None else None

    def _site_row(self, row: Row, number: int, multipliers: int) -> list[Cell]:
        results, key = self.results, STYLE["key"]
        whole = results.units_of(*row.key) if results is not None else None
        units: Value = Formula(row.source, whole) if self.units.live else whole
        cells: list[Cell] = [(row.kind, key), (KIND_WORDS[row.kind], STYLE["line"]), (row.arm or None, STYLE["line"]), (row.id, STYLE["line"])]
        cells += [(row.name, STYLE["line"]), (units, key), (row.once, key), (row.times, key)]
        cells.append(self._priced(f"F{number}", f"I${multipliers - 1}", results.price(*row.key) if results is not None else None))
        for at, (site, _, _) in enumerate(self.sites):
            taken = next((each for each in self.study.sites if each.key == site), None)
            if row.arm and taken is not None and taken.arms is not None and row.arm not in taken.arms:
                cells.append((None, STYLE["line"]))
                continue
            price = results.price(*row.key, self.prices[at]) if results is not None else None
            cells.append(self._priced(f"F{number}", f"{letters(10 + at)}${multipliers - 1}", price))
        return cells

    def _priced(self, units: str, multiplier: str, result: Decimal | None) -> Cell:
        return (Formula(self.units.price(units, multiplier), result) if self.units.live else result), STYLE[self.money]

    def by_department(self) -> Sheet:
        """Each price shared over departments and over what it is made of, in pennies that add up to it."""
        widths = (20, 8, 8, 36, 22, 13, 13, 13, 13, 14, 14)
        sheet = Sheet(name="By department", columns=[Column(width=4, hidden=True), *(Column(width=width) for width in widths)], tab="FF1E7B4F")
        says = (
            "Stored on export, for the site then shown, not formulas: shares in pennies that add up to the price compare remainders of some twenty digits, "
            "and a spreadsheet keeps fifteen. An amber price has moved since: export again."
        )
        _title(sheet, "By department", says)
        labels = ["Payable", "Arm", "No.", "Name", "Department", "Direct", "Indirect", "Capacity", "Multiplier", "Share", "Price now"]
        first = sheet.row([None, *((label, STYLE["label" if at < 5 else "label_right"]) for at, label in enumerate(labels))], height=30) + 1
        sheet.freeze, sheet.repeat = (first, 6), (first - 1, first - 1)
        for at, row in enumerate(self.rows if self.results is not None else (), start=1):
            for share, (department, parts) in enumerate(self._shares(row).items()):
                cells: list[Cell] = [(KIND_WORDS[row.kind], STYLE["line"]), (row.arm or None, STYLE["line"]), (row.id, STYLE["line"])]
                cells += [(row.name, STYLE["line"]), (department, STYLE["line"])]
                cells += [(_pounds(part), STYLE["pounds"]) for part in (*parts, sum(parts))]
                cells.append(self._now(at, row) if share == 0 else (None, STYLE["line"]))
                sheet.row([None, *cells])
            last = sheet.count
            price = self.results.price(*row.key) if self.results is not None else 0
            if self._shares(row):
                top = last - len(self._shares(row)) + 1
                sheet.warn(f"L{top}:L{top}", f"ROUND(L{top}-{price},2)<>0")
        return sheet

    def _now(self, at: int, row: Row) -> Cell:
        result = self.results.price(*row.key) if self.results is not None else None
        return Formula(f"INDEX(shown_prices,{at})", result), STYLE[self.money]

    def _shares(self, row: Row) -> dict[str, list[Pence]]:
        """Department -> direct, indirect, capacity and multiplier amount in pence."""
        assert self.results is not None
        payable = self.results.payable(*row.key)
        price = int(self.results.price(*row.key).scaleb(2))
        multiplier = Fraction(self.results.shown.multiplier.value)
        shares: dict[str, list[Pence]] = {}
        for department, share in split_by_department(payable, price).items():
            lines = [(cost, times) for cost, times in payable.lines if cost.department == department]
            parts = [sum(getattr(cost, name) * times for cost, times in lines) for name in ("activity_cost", "indirect", "capacity")]
            unit = Fraction(100, self.results.costs.units_per_pound)
            exact = [part * unit for part in parts] + [sum(parts) * unit * (multiplier - 1)]
            shares[department] = rounded_together(exact, share)
        return shares

    def income(self) -> Sheet:
        """What each site may receive: one line an arm, set-up, and the projected total, rounded once."""
        widths = (12, 66, 34, 13, 16, 18)
        sheet = Sheet(name="Income", columns=[Column(width=4, hidden=True), *(Column(width=width) for width in widths)], tab="FF1E7B4F")
        says = (
            "A projection, not a price: every scheduled visit is made, items and repeats as often as expected on export; no conditional visit, no pass-through."
        )
        _title(sheet, "Income", says)
        labels = ["Site", "Name", "Arm", "Participants", "One participant", "Projected"]
        first = sheet.row([None, *((label, STYLE["label" if at < 3 else "label_right"]) for at, label in enumerate(labels))], height=30) + 1
        sheet.freeze, sheet.repeat = (first, 3), (first - 1, first - 1)
        for at, price in enumerate(self.prices, start=1):
            self._site_income(sheet, price, at)
        return sheet

    def _site_income(self, sheet: Sheet, price: SitePrice, at: int) -> None:
        numbers, unit = participants_by_arm(price), self.units.price_pence
        arms = {arm.id: arm for arm in price.arms}
        site: list[Cell | None] = [None, (price.site.key, STYLE["line"]), (price.name, STYLE["line"])]
        parts, shared = [], max((number.denominator for number in numbers.values()), default=1)
        for arm, number in numbers.items():
            income, place = arm_income(price, arms[arm]), sheet.count + 1
            one = Formula(f'SUMPRODUCT(EXACT(payable_arms,"{arm}")*1,payable_times,ROUND(prices_{at}*100,0))/100', _pounds(income))
            scaled = int(number * shared)
            projected = Formula(_rounded(f"{scaled}*ROUND(F{place}*100,0)", shared, unit), _pounds(price.costs.edition.rounding.apply(number * income / 100)))
            parts.append(f"{scaled}*ROUND(F{place}*100,0)")
            count = int(number) if number.denominator == 1 else Decimal(number.numerator) / Decimal(number.denominator)
            count_style = STYLE["whole" if number.denominator == 1 else "two"]
            sheet.row([*site, (arms[arm].name, STYLE["line"]), (count, count_style), (one, STYLE[self.money]), (projected, STYLE[self.money])])
        setup = Formula(f'SUMPRODUCT(EXACT(payable_kinds,"setup_and_closedown")*1,payable_times,ROUND(prices_{at}*100,0))/100', _pounds(setup_income(price)))
        place, text = (
            sheet.row([*site, ("Set-up and close-down", STYLE["line"]), (None, STYLE["line"]), (None, STYLE["line"]), (setup, STYLE[self.money])]),
            STYLE["name"],
        )
        total: Value = "no number of participants given"
        style = STYLE["line"]
        if numbers:
            parts.append(f"{shared}*ROUND(G{place}*100,0)")
            total, style = Formula(_rounded("+".join(parts), shared, unit), _pounds(project(price).total or 0)), STYLE[f"{self.money}_total"]
        sheet.row([*site[:1], (price.site.key, text), (price.name, text), ("Projected, rounded once", text), (None, text), (None, text), (total, style)])

    def cost_recovery(self) -> Sheet:
        """Your own cost beside each price: the gap in pounds and as a share of the cost."""
        sheet, first = self._payable_sheet(
            "Cost recovery", "Type what each payable costs you in the yellow column: the gap is price less cost.", ("Your cost", "Gap", "Gap, % of cost")
        )
        for at, row in enumerate(self.rows, start=1):
            number = sheet.count + 1
            gap = Formula(f'IF(G{number}="","",ROUND(F{number}-G{number},2))', "")
            share = Formula(f'IF(N(G{number})=0,"",(F{number}-G{number})/G{number})', "")
            sheet.row([None, *_about(row), self._now(at, row), (None, STYLE["in_pounds"]), (gap, STYLE["pounds"]), (share, STYLE["percent"])])
        last = sheet.count
        if last >= first:
            sheet.validate(f"G{first}:G{last}", "decimal", "0", "1000000000", title="Your cost", says="An amount in pounds and pence, or nothing.")
            blank: list[Cell | None] = [None, *[(None, STYLE["name"])] * 3, ("Where a cost is given", STYLE["name"])]
            totals = [Formula(f'ROUND(SUMIF(G{first}:G{last},">=0",{column}{first}:{column}{last}),2)', 0) for column in ("F", "G")]
            totals.append(Formula(f"SUM(H{first}:H{last})", 0))
            sheet.row(
                [
                    *blank,
                    *((total, STYLE["pounds_total"]) for total in totals),
                    (Formula(f'IF(G{last + 1}=0,"",H{last + 1}/G{last + 1})', ""), STYLE["percent"]),
                ]
            )
        return sheet

    def invoice_check(self) -> Sheet:
        """Price times count, to hold beside an invoice."""
        sheet, first = self._payable_sheet(
            "Invoice check", "Type how often each payable is invoiced in the yellow column, and compare the total with the invoice.", ("Count", "Amount")
        )
        for at, row in enumerate(self.rows, start=1):
            number = sheet.count + 1
            amount = Formula(f"ROUND(F{number}*N(G{number}),2)", 0)
            sheet.row([None, *_about(row), self._now(at, row), (None, STYLE["in_count"]), (amount, STYLE["pounds"])])
        last = sheet.count
        if last >= first:
            sheet.validate(f"G{first}:G{last}", "whole", "0", "9999", title="Count", says="A whole number from 0 to 9,999.")
            blank: list[Cell | None] = [None, *[(None, STYLE["name"])] * 5, ("Total", STYLE["side"])]
            sheet.row([*blank, (Formula(f"ROUND(SUM(H{first}:H{last}),2)", 0), STYLE["pounds_total"])])
        return sheet

    def _payable_sheet(self, name: str, says: str, labels: Sequence[str]) -> tuple[Sheet, int]:
        widths = (20, 8, 8, 44, 14, *[14] * len(labels))
        sheet = Sheet(name=name, columns=[Column(width=4, hidden=True), *(Column(width=width) for width in widths)], tab="FFC98A00")
        _title(sheet, name, says + " Prices are those of the site chosen on Start here.")
        heads = ["Payable", "Arm", "No.", "Name", "Price", *labels]
        first = sheet.row([None, *((head, STYLE["label" if at < 4 else "label_right"]) for at, head in enumerate(heads))], height=30) + 1
        sheet.freeze, sheet.repeat = (first, 6), (first - 1, first - 1)
        return sheet, first


def rounded_together(exact: Sequence[Fraction], whole: Pence) -> list[Pence]:
    """Parts in whole pence that add up to ``whole``: what rounding leaves goes to the largest remainders.

    >>> rounded_together([Fraction(7, 2), Fraction(7, 2), Fraction(0)], 7)
    [4, 3, 0]
    """
    floors = [part.numerator // part.denominator for part in exact]
    spare = whole - sum(floors)
    order = sorted(range(len(exact)), key=lambda at: (floors[at] - exact[at], at))
    step, left = (1, spare) if spare >= 0 else (-1, -spare)
    for turn in range(left):
        at = order[turn % len(order)] if step > 0 else order[-1 - turn % len(order)]
        floors[at] += step
    return floors


def _rounded(numerator: str, denominator: int, unit: Pence) -> str:
    """The formula that rounds ``numerator / denominator`` pence half up to the unit, in pounds."""
    return f"INT((2*({numerator})+{denominator * unit})/{2 * denominator * unit})*{unit}/100"


def _about(row: Row) -> list[Cell]:
    return [(KIND_WORDS[row.kind], STYLE["line"]), (row.arm or None, STYLE["line"]), (row.id, STYLE["line"]), (row.name, STYLE["line"])]


def _pounds(pence: Pence) -> Decimal:
    return Decimal(pence).scaleb(-2)


def _title(sheet: Sheet, title: str, says: str) -> None:
    sheet.row([(f"{SHEET_MARK}{sheet.name.lower().replace(' ', '_')}", STYLE["key"])], hidden=True)
    sheet.row([None, (title, STYLE["title"])], height=24)
    sheet.row([None, (says, STYLE["small"])])
