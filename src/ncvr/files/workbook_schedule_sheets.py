"""The sheets people work on: one for each arm, unscheduled activities, set-up and close-down, pass-through.

Every row is one resource line. The first line of an activity carries what belongs to the whole activity; its other lines
show that in grey by a formula, so that a count is changed in one place and sorting moves nothing apart.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ncvr.domain.study import Activity, Costed, Study, Visit
from ncvr.domain.tariff import TariffEdition
from ncvr.files import workbook_layout as layout
from ncvr.files.workbook_formulas import Table, Units, row_formulas
from ncvr.files.workbook_package_writer import quoted
from ncvr.files.workbook_results import Results
from ncvr.files.workbook_sheet import Cell, Column, Formula, Result, Sheet, Value, letters
from ncvr.files.workbook_styles import STYLE
from ncvr.money import decimals

SPARE_ROWS = 5
_INPUT_STYLE = {"text": "in_text", "choice": "in_choice", "resource": "in_text", "whole": "in_count", "minutes": "in_minutes", "pounds": "in_pounds"}
_MOST_DIGITS = 15  # what a spreadsheet keeps of a number


def written(value: Any) -> Value:
    """A value of a study as a cell holds it: numbers as numbers where a spreadsheet keeps every digit, all else as text."""
    if value is None or value == "":
        return None
    if isinstance(value, Decimal):
        digits = value.as_tuple().digits
        return value if len(digits) <= _MOST_DIGITS and decimals(value) <= _MOST_DIGITS else format(value, "f")
    return value if isinstance(value, int) else str(value)


@dataclass(slots=True, kw_only=True)
class ScheduleSheet:
    """One schedule sheet in the making: ``container`` is the arm's id or the list's name; ``names`` collects named ranges."""

    study: Study
    edition: TariffEdition
    units: Units
    results: Results | None
    container: str
    sheet: Sheet
    fields: Sequence[layout.Field]
    visits: Sequence[Visit] = ()
    prefix: str = "rate_"
    short: str = ""  # the beginning of its named ranges
    names: dict[str, str] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)
    column: dict[str, str] = field(default_factory=dict)
    first: int = 0
    last: int = 0

    @property
    def is_arm(self) -> bool:
        return self.fields is layout.ARM_FIELDS

    @property
    def table(self) -> Table:
        return Table(column=self.column, first=self.first, last=self.last, is_arm=self.is_arm, prefix=self.prefix)

    def write(self, title: str, says: str, activities: Sequence[Costed]) -> None:
        """The whole sheet: keys, title, heads, rows, spare rows, foot."""
        self._columns()
        self.sheet.row([self._key(self._mark()), *((key, STYLE["key"]) for key in self.keys[1:])], hidden=True)
        self.sheet.row([None, (title, STYLE["title"])], height=24)
        self.sheet.row([None, (says, STYLE["small"])])
        self._head()
        rows = list(self._rows(activities))
        self.first, self.last = self.sheet.count, self.sheet.count + len(rows) + SPARE_ROWS + 1
        for activity, number in rows:
            self.sheet.row(self._row(activity, number), height=_height(activity, number))
        for _ in range(SPARE_ROWS):
            self.sheet.row(self._row(None, 1))
        self.sheet.row([self._key(layout.END), *([("", STYLE["plain"])] * (len(self.keys) - 1))], height=4)
        self._foot()
        self._guards()
        self.sheet.freeze = (self.first + 1, 4)
        self.sheet.repeat = (self.first, self.first)

    def _mark(self) -> str:
        return layout.SHEET_MARK + (f"arm/{self.container}" if self.is_arm else self.container)

    def _key(self, text: str) -> Cell:
        return text, STYLE["key"]

    def _columns(self) -> None:
        """Hidden keys first, then what people type, the visits, what is computed, the rest of the fields, and the workings."""
        shown = [each for each in self.fields if not each.detail]
        details = [each for each in self.fields if each.detail]
        visits = [layout.visit_key(visit.id) for visit in self.visits]
        between = [layout.BEGIN, *visits, layout.FINISH] if self.is_arm else []
        working = [key for key in layout.WORKING if self.is_arm or key != layout.IN_VISIT]
        self.keys = ["row", "id", *(each.key for each in shown), *between, *layout.COMPUTED, *(each.key for each in details), *working]
        self.column = {key: letters(at) for at, key in enumerate(self.keys, start=1)}
        widths = [
            Column(width=4, hidden=True),
            Column(width=10),
            *(Column(width=each.width) for each in shown),
            *(Column(width=10 if key in visits else 1) for key in between),
        ]
        widths += [Column(width=12) for _ in layout.COMPUTED]
        widths += [Column(width=each.width, hidden=True, level=1) for each in details]
        self.sheet.columns = [*widths, *(Column(width=12, hidden=True) for _ in working)]

    def _head(self) -> None:
        """Heads of visits above their name, folded away where no visit of the arm uses them; then the labels."""
        before = self.keys.index(layout.BEGIN) + 1 if self.is_arm else len(self.keys)
        for each in layout.VISIT_FIELDS[:-1] if self.is_arm else ():
            values = [written(layout.visit_value(visit, each)) for visit in self.visits]
            used = any(value is not None for value in values)
            style = STYLE["in_count" if each.kind == "whole" else "in_choice" if each.kind == "choice" else "in_text"]
            cells: list[Cell | None] = [self._key(f"head:{each.key}"), *([None] * (before - 3)), (each.label, STYLE["side"]), None]
            longest = max((len(value) for value in values if isinstance(value, str)), default=0)
            height = 13 * min(5, -(-longest // 10)) + 3 if longest > 10 else None
            number = self.sheet.row([*cells, *((value, style) for value in values)], height=height, hidden=not used, level=0 if used else 1)
            if values:
                self._guard_field(each, f"{letters(before + 1)}{number}:{letters(before + len(values))}{number}")
        if self.is_arm:
            ids: list[Cell | None] = [self._key("head:id"), *([None] * (before - 3)), ("Visit no.", STYLE["side"]), None]
            number = self.sheet.row([*ids, *((visit.id, STYLE["name"]) for visit in self.visits)])
            self._name("visits", f"${letters(before)}${number}:${letters(before + len(self.visits) + 1)}${number}")
        labels = {"id": "No.", **{each.key: each.label for each in self.fields}, **layout.LABELS, "row": "head:name"}
        if self.is_arm:
            labels[layout.PRICE] = "Price each (items)"
        labels |= {layout.BEGIN: "", layout.FINISH: ""}
        heads: list[Cell | None] = [self._label(key, labels.get(key, key.removeprefix("="))) for key in self.keys]
        for at, visit in enumerate(self.visits):
            heads[before + at] = (visit.name, STYLE["in_label"])
        self.sheet.row(heads, height=45)

    def _label(self, key: str, label: str) -> Cell:
        return label, STYLE["key" if key == "row" else "label_right" if key.startswith("=") else "label"]

    def _rows(self, activities: Sequence[Costed]) -> Iterator[tuple[Costed, int]]:
        for activity in activities:
            for number in range(1, max(1, len(activity.resources)) + 1):
                yield activity, number

    def _row(self, activity: Costed | None, number: int) -> list[Cell]:
        """One resource line, or a spare row."""
        row = self.sheet.count + 1
        lead = activity is None or number == 1
        line = activity.resources[number - 1] if activity is not None and activity.resources else None
        cells: dict[str, Cell] = {"row": self._key(layout.SPARE), "id": (None, STYLE["in_text"])}
        if activity is not None:
            key = layout.checked(self.study.study.iras_id, layout.row_key(self.container, activity.id, number))
            cells |= {"row": (key, STYLE["key"]), "id": (activity.id, STYLE["name"])}
        for each in self.fields:
            cells[each.key] = self._input(each, activity, line, lead)
        if self.is_arm:
            cells |= {layout.BEGIN: (None, STYLE["plain"]), layout.FINISH: (None, STYLE["plain"])}
        for visit in self.visits:
            cells[layout.visit_key(visit.id)] = self._count(visit, activity, lead)
        formulas = row_formulas(self.table, self.units, row)
        stored = self._stored(activity, number) if self.results is not None else {}
        for key in self.keys:
            if key in formulas:
                cells[key] = self._computed(key, formulas[key], stored, lead)
        if activity is None and layout.PRICE in cells:
            cells[layout.PRICE] = cells[layout.PRICE][0], STYLE["cost"]  # an empty row shows no price of nought
        return [cells[key] for key in self.keys]

    def _input(self, each: layout.Field, activity: Costed | None, line: Any, lead: bool) -> Cell:
        if activity is None:
            return (1 if each.key == "quantity" else None), STYLE[_INPUT_STYLE[each.kind]]
        value = written(layout.field_value(activity, each, line, self.edition))
        if lead or each.of_line:
            return value, STYLE[_INPUT_STYLE[each.kind]]
        if each.key in ("name", "payment"):
            return self._of_first_line(each.key, activity, value), STYLE["again"]
        return None, STYLE["text"]

    def _count(self, visit: Visit, activity: Costed | None, lead: bool) -> Cell:
        if not isinstance(activity, Activity):
            return None, STYLE["in_count"]
        times = activity.occurrences.get(visit.id)
        if lead:
            return times, STYLE["in_count"]
        return self._of_first_line(layout.visit_key(visit.id), activity, times or 0), STYLE["same"]

    def _of_first_line(self, key: str, activity: Costed, result: Value) -> Formula:
        stored: Result = result if isinstance(result, int | str) else None
        first = layout.checked(self.study.study.iras_id, layout.row_key(self.container, activity.id))
        return Formula(self.table.of_first_line(key, first), stored)

    def _stored(self, activity: Costed | None, number: int) -> dict[str, Result]:
        """The engine's results for a row; noughts for a row that costs nothing."""
        results = self.results
        assert results is not None
        if activity is None or not activity.resources:
            item = not self.is_arm or (isinstance(activity, Activity) and activity.payment == "item")
            return dict.fromkeys([*layout.WORKING, *layout.COMPUTED], 0) | ({} if item else {layout.PRICE: ""})
        cost, line = results.activity(self.container, activity.id), results.line(self.container, activity.id, number)
        if cost is None or line is None:
            return {}
        times = sum(activity.occurrences.get(visit.id, 0) for visit in self.visits) if isinstance(activity, Activity) else 1
        item = not self.is_arm or (isinstance(activity, Activity) and activity.payment == "item")
        units = results.whole(line.national)
        stored: dict[str, Result] = {
            layout.AMOUNT: line.resource.quantity * self._parts(line.resource.minutes),
            layout.UNITS: units,
            layout.IN_VISIT: 0 if item else units,
            layout.OWN_UNITS: results.whole(cost.national) if item else 0,
            layout.DIRECT: results.pounds(line.activity_cost, times),
            layout.INDIRECT: results.pounds(line.indirect, times),
            layout.CAPACITY: results.pounds(line.capacity, times),
            layout.UPLIFT: results.at_site(line.national, times, beyond=True),
            layout.TOTAL: results.at_site(line.national, times),
        }
        stored[layout.PRICE] = results.price("item" if self.is_arm else self.container, self.container, activity.id) if item else ""
        stored[layout.POSITION] = results.position(line)
        return stored

    def _parts(self, minutes: Decimal | None) -> int:
        return 60 * self.units.minute_parts if minutes is None else int(minutes * self.units.minute_parts)

    def _computed(self, key: str, formula: str, stored: dict[str, Result], lead: bool) -> Cell:
        if key in (layout.PRICE, layout.OWN_UNITS) and not lead:
            return None, STYLE["text"]
        style = STYLE["key" if key in layout.WORKING else "pounds" if key == layout.PRICE else "cost"]
        if not self.units.live and key in (*layout.COMPUTED, *layout.WORKING):
            return stored.get(key), style
        return Formula(formula, stored.get(key)), style

    def _foot(self) -> None:
        """National units and price of each visit; the price is the one rounding."""
        if not self.is_arm:
            return
        before = self.keys.index(layout.BEGIN) + 1
        units: list[Cell | None] = [self._key(layout.FOOT_UNITS), *([None] * (before - 1))]
        prices: list[Cell | None] = [self._key(layout.FOOT_PRICE), *([None] * (before - 3)), ("Visit price", STYLE["side"]), None]
        number = self.sheet.count + 1
        for visit in self.visits:
            letter, key = self.column[layout.visit_key(visit.id)], ("visit", self.container, visit.id)
            whole = self.results.units_of(*key) if self.results is not None else None
            price = self.results.price(*key) if self.results is not None else None
            live = self.units.live
            units.append((Formula(self.table.visit_units(layout.visit_key(visit.id)), whole) if live else whole, STYLE["key"]))
            prices.append((Formula(self.units.price(f"{letter}{number}", "multiplier_whole"), price) if live else price, STYLE["pounds_total"]))
        self.sheet.row(units, hidden=True)
        self.sheet.row(prices, height=20)
        self._name("visit_units", f"${letters(before)}${number}:${letters(before + len(self.visits) + 1)}${number}")

    def _name(self, name: str, reference: str) -> None:
        self.names[f"{self.short}_{name}"] = f"{quoted(self.sheet.name)}!{reference}"

    def _guards(self) -> None:
        """Drop-downs and limits on every cell that is typed into, and names for what other sheets read."""
        span = f"{self.first + 1}", f"{self.last - 1}"
        for each in self.fields:
            self._guard_field(each, f"{self.column[each.key]}{span[0]}:{self.column[each.key]}{span[1]}")
        for visit in self.visits:
            letter = self.column[layout.visit_key(visit.id)]
            self._guard_field(layout.COUNT, f"{letter}{span[0]}:{letter}{span[1]}")
        for name, key in (("ids", "id"), ("own_units", layout.OWN_UNITS)):
            if key in self.column:
                self._name(name, f"${self.column[key]}${self.first}:${self.column[key]}${self.last}")

    def _guard_field(self, each: layout.Field, where: str) -> None:
        if each.choices:
            self.sheet.validate(where, "list", f'"{",".join(each.choices)}"', title=each.label, says="Choose one of the list.")
        elif each.kind == "resource":
            self.sheet.validate(
                where, "list", "resource_codes", title=each.label, says="Choose a role or a tariff code of this edition; see Roles and Activities."
            )
        elif each.kind == "whole":
            says = f"A whole number from {each.least} to {each.most:,}."
            self.sheet.validate(where, "whole", str(each.least), str(each.most), title=each.label, says=says)
        elif each.kind == "minutes":
            self.sheet.validate(where, "decimal", "0", str(each.most), title=each.label, says="Minutes: above 0, at most 10,080 (a week).")
        elif each.kind == "pounds":
            self.sheet.validate(where, "decimal", "0", "1000000000", title=each.label, says="An amount in pounds and pence, or nothing.")


def _height(activity: Costed, number: int) -> int | None:
    """As high as a long name needs; programs differ in whether they fit rows by themselves."""
    return 14 * min(6, -(-len(activity.name) // 40)) + 2 if number == 1 and len(activity.name) > 40 else None
