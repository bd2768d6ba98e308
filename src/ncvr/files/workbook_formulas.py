"""The formulas of a workbook, and how a formula found in a file is compared with ours.

Costs are whole numbers of a unit so small that nothing is lost, and every step stays below ``LIMIT``. A spreadsheet
keeps whole numbers exactly up to 2**53, but programs treat differences in the sixteenth digit as noise; staying
below fifteen digits keeps clear of that, so that a price comes out to the penny in any of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from math import gcd

from ncvr.domain.study import Study
from ncvr.domain.study_checks import work
from ncvr.domain.tariff import Rate, SiteMultiplier, TariffEdition
from ncvr.files import workbook_layout as layout
from ncvr.money import decimals, in_units

LIMIT = 10**14
_SEVENTEEN = Context(prec=17)


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """The whole numbers a workbook computes in.

    One pound is ``per_pound`` units of cost; a line's amount is counted in ``minute_parts`` of a minute; a multiplier is a
    whole number of ``1 / multiplier_scale``; a price is a whole number of ``price_pence`` pence.
    """

    minute_places: int
    rate_parts: int  # of a pound an hour, in which the rates with their uplifts are whole
    reduced: int  # what the edition's own units are divided by
    multiplier_places: int
    price_pence: int

    @property
    def minute_parts(self) -> int:
        return int(10**self.minute_places)

    @property
    def per_pound(self) -> int:
        return 60 * self.minute_parts * self.rate_parts

    @property
    def per_price(self) -> int:
        """Units in the smallest step of a price: a penny or a pound."""
        return self.per_pound * self.price_pence // 100

    @property
    def multiplier_scale(self) -> int:
        return int(10**self.multiplier_places)

    @property
    def live(self) -> bool:
        """Whether prices can be computed exactly by a spreadsheet; else they are stored only."""
        return 4 * self.per_price * self.multiplier_scale < LIMIT

    def multiplier(self, value: Decimal) -> int:
        return in_units(value, self.multiplier_places)

    def rate(self, rate: Rate) -> tuple[int, int, int, int]:
        """Direct, indirect, capacity and all together of one hour (or one item), in rate parts."""
        parts = (rate.units * rate.whole, rate.units * rate.indirect, rate.units * rate.capacity, rate.national)
        return tuple(part // self.reduced for part in parts)  # type: ignore[return-value]

    def price(self, units: str, multiplier: str) -> str:
        """The formula of a price from a cell of cost units and a cell of the multiplier: one rounding, half up, in whole numbers.

        The cost is split into whole price steps and a rest, so that no product grows beyond the limit.
        """
        step, scale = self.per_price, self.multiplier_scale
        whole = f"INT({units}/{step})*{multiplier}"
        rest = f"MOD({whole},{scale})*{step}+MOD({units},{step})*{multiplier}+{step * scale // 2}"
        price = f"INT({whole}/{scale})+INT(({rest})/{step * scale})"
        pounds = f"({price})/100" if self.price_pence == 1 else price
        return f'IF(AND({units}<{LIMIT},{whole}<{LIMIT}),{pounds},"too large")'


def units_for(study: Study, edition: TariffEdition, multipliers: Iterable[SiteMultiplier]) -> Units:
    """The units for this study under this edition: two decimals of a minute at least, so that 7.5 can be typed."""
    minutes = [line.minutes for _, activity in work(study) for line in activity.resources if line.minutes is not None]
    rates = [*edition.rates.roles.values(), *edition.rates.items.values(), *edition.setup_rates.roles.values(), *edition.setup_rates.items.values()]
    per_pound = edition.rates.units_per_pound
    shared = per_pound
    for rate in rates:
        for part in (rate.units * rate.whole, rate.units * rate.indirect, rate.units * rate.capacity):
            shared = gcd(shared, part)
    reduced = gcd(shared, per_pound // gcd(per_pound, 100)) if per_pound % 100 == 0 else 1
    if (per_pound // reduced) % 5:  # 60 x 100 units of a minute x 5 make whole pennies
        reduced = 1
    return Units(
        minute_places=max([2, *map(decimals, minutes)]),
        rate_parts=per_pound // reduced,
        reduced=reduced,
        multiplier_places=max([0, *(decimals(multiplier.value) for multiplier in multipliers)]),
        price_pence=edition.rounding.unit,
    )


def nearest(amount: Fraction) -> Decimal:
    """An exact amount to seventeen digits, which is all a spreadsheet can show of it."""
    return _SEVENTEEN.divide(Decimal(amount.numerator), Decimal(amount.denominator)).normalize(_SEVENTEEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Where a schedule sheet's table stands: columns by key, and the rows of its labels and of its end, which formulas span."""

    column: Mapping[str, str]
    first: int
    last: int
    is_arm: bool
    prefix: str = "rate_"

    def span(self, key: str) -> str:
        """A whole column of the table, with its label and its end, so that rows inserted anywhere between stay within."""
        letter = self.column[key]
        return f"{letter}${self.first}:{letter}${self.last}"

    def of_first_line(self, key: str, first_line: str) -> str:
        """What a further line of an activity shows of its first line."""
        return f'INDEX({self.span(key)},MATCH("{first_line}",{self.span("row")},0))'

    def visit_units(self, key: str) -> str:
        """A visit's national cost in units: counts times the cost of each line done once."""
        return f"SUMPRODUCT({self.span(key)},{self.span(layout.IN_VISIT)})"


def row_formulas(table: Table, units: Units, row: int) -> dict[str, str]:
    """Every formula of a row by column key."""
    cell = {key: f"{letter}{row}" for key, letter in table.column.items()}
    once, own = cell[layout.UNITS], cell[layout.OWN_UNITS]
    occurrences = f"SUM({cell[layout.BEGIN]}:{cell[layout.FINISH]})" if table.is_arm else "1"
    together = f'IF({cell["id"]}="",{once},SUMPRODUCT(EXACT({table.span("id")},{cell["id"]})*1,{table.span(layout.UNITS)}))'
    price = units.price(own, "multiplier_whole")
    formulas = _line_formulas(cell, units, table.prefix, occurrences)
    if not table.is_arm:
        return formulas | {layout.OWN_UNITS: together, layout.PRICE: price}
    item = f'EXACT({cell["payment"]},"item")'
    return formulas | {
        layout.IN_VISIT: f"IF({item},0,{once})",
        layout.OWN_UNITS: f"IF({item},{together},0)",
        layout.PRICE: f'IF({item},{price},"")',
    }


def _line_formulas(cell: Mapping[str, str], units: Units, prefix: str, occurrences: str) -> dict[str, str]:
    """The formulas of a resource line from the addresses of its own cells; ``prefix`` chooses the rates for set-up."""
    resource, minutes, quantity, to_do = cell["resource"], cell["minutes"], cell["quantity"], cell["to_do"]
    parts, places = units.minute_parts, units.minute_places
    position, amount, once = cell[layout.POSITION], cell[layout.AMOUNT], cell[layout.UNITS]
    known = f"SUMPRODUCT(EXACT(role_codes,{resource})*role_positions)", f"SUMPRODUCT(EXACT(item_codes,{resource})*item_positions)"

    timed = f"IF(ROUND({minutes},{places})={minutes},{quantity}*ROUND({minutes}*{parts},0),NA())"  # finer minutes are not priced here

    def share(name: str) -> str:
        return f'IF({resource}="",0,{amount}*INDEX({prefix}{name},{position})*{occurrences}/{units.per_pound})'

    scaled = units.multiplier_scale * units.per_pound
    return {
        layout.POSITION: f'IF({resource}="",0,IF({minutes}<>"",{_or_missing(known[0])},{_or_missing(known[1])}))',
        layout.AMOUNT: f'IF({resource}="",0,IF({minutes}="",{quantity}*{60 * parts},{timed}))',
        layout.UNITS: f'IF({resource}="",IF({to_do}="",0,NA()),{amount}*INDEX({prefix}units,{position}))',
        layout.DIRECT: share("direct"),
        layout.INDIRECT: share("indirect"),
        layout.CAPACITY: share("capacity"),
        layout.UPLIFT: f"{once}*{occurrences}*(multiplier_whole-{units.multiplier_scale})/{scaled}",
        layout.TOTAL: f"{once}*{occurrences}*multiplier_whole/{scaled}",
    }


def _or_missing(position: str) -> str:
    return f"IF({position}=0,NA(),{position})"
