"""Prices as people read them on a screen: aligned columns, subtotals, and what they rest on."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ncvr.cli.columns import aligned
from ncvr.cli.price_workings import workings_table
from ncvr.domain.projection import project
from ncvr.domain.site_price import SitePrice, split_by_department
from ncvr.domain.study import Activity, Arm, UnscheduledActivity
from ncvr.money import as_written, pence_of, shown

if TYPE_CHECKING:
    from ncvr.domain.pricing import Payable
    from ncvr.services.pricing import PricedSites

Row = Sequence[str]


def price_tables(priced: "PricedSites", *, explain: bool, by_department: bool) -> str:
    """The prices of every site asked for, one site after the other, ready to print."""
    blocks = ["\n".join(_heading(priced))]
    for price in priced.prices:
        table = _SiteTable(price, explain, by_department)
        blocks.append("\n".join(table.lines()))
    return "\n\n".join(blocks) + "\n"


def _heading(priced: "PricedSites") -> Iterator[str]:
    study, edition = priced.costs.study, priced.costs.edition
    identity = study.study
    yield f"{identity.short_title or identity.title or 'Study'} · IRAS {identity.iras_id} · version {study.version}"
    yield f"Tariff {edition.edition}, in force from {edition.in_force_from} · priced on {priced.on}"
    if edition.status == "illustrative":
        yield "ILLUSTRATIVE: built from public data by stated assumptions; not the national tariff"
    elif edition.status == "transcribed":
        yield "TRANSCRIBED: typed from an official publication; not yet compared by a second person"
    if edition.lock == "unlocked":
        yield "UNLOCKED: this edition's content is not held by editions.lock"


class _SiteTable:
    """One site's prices as lines of text."""

    def __init__(self, price: SitePrice, explain: bool, by_department: bool) -> None:
        self.price, self.explain, self.by_department = price, explain, by_department

    def money(self, pence: int) -> str:
        return shown(pence, self.price.places)

    def lines(self) -> Iterator[str]:
        price = self.price
        title = f"{price.site.key}  {price.name}  ·  multiplier {as_written(price.multiplier.value)} ({price.multiplier.basis})"
        yield title
        yield "─" * len(title)
        for arm in price.arms:
            yield from self._arm(arm)
        yield from self._section(
            "Unscheduled items (each time)", list(price.unscheduled()), {entry.id: _event_name(entry) for entry in price.costs.study.unscheduled}
        )
        yield from self._section("Set-up and close-down", list(price.of("setup_and_closedown")), self._setup_names())
        yield from self._pass_through()
        yield from self._projection()

    def _setup_names(self) -> dict[str, str]:
        return {entry.id: entry.name if entry.per == "once" else f"{entry.name} (per {entry.per})" for entry in self.price.costs.study.setup_and_closedown}

    def _arm(self, arm: Arm) -> Iterator[str]:
        optional = " (optional: outside the totals)" if arm.optional else ""
        scheduled = {visit.id: f"{visit.name}{f' · {visit.window}' if visit.window else ''}" for visit in arm.visits if visit.kind == "scheduled"}
        conditional = {visit.id: f"{visit.name}, when {visit.when}" for visit in arm.visits if visit.kind == "conditional"}
        visits = list(self.price.of("visit", arm.id))
        total = ("Per participant, each scheduled visit once", self.money(self.price.per_participant(arm)))
        yield from self._section(f"Arm {arm.id}: {arm.name}{optional}", [pair for pair in visits if pair[0].id in scheduled], scheduled, total)
        yield from self._section("Conditional visits", [pair for pair in visits if pair[0].id in conditional], conditional)
        yield from self._section("Items (each time)", list(self.price.of("item", arm.id)), {item.id: _event_name(item) for item in arm.activities})
        failure = self.price.screen_failure(arm)
        if failure is not None:
            yield f"  Screen failure: {self.money(failure)}"

    def _section(self, title: str, payables: list[tuple["Payable", int]], names: dict[str, str], total: tuple[str, str] | None = None) -> Iterator[str]:
        if not payables:
            return
        rows: list[Row] = [(payable.id, names[payable.id], self.money(amount)) for payable, amount in payables]
        if total is not None:
            rows.append(("", *total))
        yield ""
        yield f"  {title}"
        for line, pair in zip(aligned(rows, right={2}, indent="    "), [*payables, None][: len(rows)], strict=True):
            if pair is None:
                yield "    " + "─" * (len(line) - 4)
            yield line
            if pair is not None:
                yield from self._why(*pair)

    def _why(self, payable: "Payable", amount: int) -> Iterator[str]:
        if self.by_department:
            yield from aligned([(department, shown(share)) for department, share in split_by_department(payable, amount).items()], right={1}, indent="        ")
        if self.explain:
            yield from workings_table(self.price, payable)

    def _pass_through(self) -> Iterator[str]:
        entries = self.price.costs.study.pass_through
        if entries:
            yield ""
            yield "  Pass-through (at cost; never uplifted, never multiplied)"
            rows = [(entry.id, entry.name, f"{entry.basis or 'at cost'}{f', per {entry.per}' if entry.per else ''}", _cap(entry.cap)) for entry in entries]
            yield from aligned(rows, right={3}, indent="    ")

    def _projection(self) -> Iterator[str]:
        projection = project(self.price)
        yield ""
        if projection.total is None:
            yield f"  No projection: {'; '.join(projection.assumes)}."
        else:
            yield f"  Projected for {projection.participants} participants: {self.money(projection.total)}"
            yield f"  (assumes {'; '.join(projection.assumes)})"


def _event_name(entry: Activity | UnscheduledActivity) -> str:
    when = f", when {entry.when}" if entry.when else ""
    return f"{entry.name}{when}{f', at most {entry.max}' if entry.max is not None else ''}"


def _cap(cap: str | None) -> str:
    return "no cap" if cap is None else f"up to {shown(pence_of(cap))}"
