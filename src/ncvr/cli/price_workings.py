"""Why a price is what it is, as a finance manager would write it down: minutes, rate, uplifts, multiplier, rounding."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from ncvr.cli.columns import aligned
from ncvr.domain.pricing import Payable
from ncvr.domain.site_price import SitePrice, WorkingLine
from ncvr.domain.tariff import StaffRate, TariffItem
from ncvr.money import as_written, shown, shown_exact, shown_figure, shown_percent

_HEADINGS = ("activity", "resource", "at £", "done", "activity cost", "indirect", "capacity", "× multiplier", "figure from")
_RIGHT = {2, 3, 4, 5, 6, 7}
_INDENT = "        "
_LONGEST = 40  # of a name in the table


def workings_table(price: SitePrice, payable: Payable) -> Iterator[str]:
    """The payable's lines as a table that adds up, then the way from national cost to the printed price."""
    workings, multiplier = price.workings(payable), price.multiplier
    if workings.lines:
        yield from aligned([_HEADINGS, *map(_row, workings.lines), _sums(workings.lines)], right=_RIGHT, indent=_INDENT)
    printed = shown(price.price(payable.kind, payable.id, payable.arm), price.places)
    yield f"{_INDENT}national cost £{shown_exact(workings.national_cost)} × multiplier {as_written(multiplier.value)} [{multiplier.place}]"
    yield f"{_INDENT}= £{shown_exact(workings.exact)}, rounded once to the {'penny' if price.places else 'pound'}: {printed}"


def _row(line: WorkingLine) -> Sequence[str]:
    cost, rate = line.cost, line.cost.rate
    percent = (shown_percent(rate.uplift.indirect), shown_percent(rate.uplift.capacity))
    amounts = (line.total_activity_cost, line.indirect, line.capacity, line.total)
    written = [shown_exact(amount) for amount in amounts]
    return (
        _cut(f"{cost.activity.id} {cost.activity.name}"),
        _resource(line),
        shown_figure(rate.figure.amount).removeprefix("£") + ("/h" if isinstance(rate.figure, StaffRate) else ""),
        f"×{line.occurrences}" if line.occurrences != 1 else "",
        written[0],
        f"{percent[0]} {written[1]}",
        f"{percent[1]} {written[2]}",
        written[3],
        f"{rate.figure.place}, {rate.uplift.place}",
    )


def _resource(line: WorkingLine) -> str:
    resource, figure = line.cost.resource, line.cost.rate.figure
    quantity = f"{resource.quantity} × " if resource.quantity != 1 else ""
    if isinstance(figure, StaffRate) and resource.minutes is not None:
        return f"{quantity}{as_written(resource.minutes)} min {figure.title}"
    described = figure.description if isinstance(figure, TariffItem) else ""
    return _cut(f"{quantity}{resource.item} {described}".rstrip())


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1].rstrip() + "…"


def _sums(lines: Sequence[WorkingLine]) -> Sequence[str]:
    columns = zip(*((line.total_activity_cost, line.indirect, line.capacity, line.total) for line in lines), strict=True)
    return ("together", "", "", "", *(shown_exact(sum(column, Fraction(0))) for column in columns), "")
