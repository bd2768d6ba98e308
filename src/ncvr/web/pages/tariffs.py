"""Tariff editions: which is in force, what each says and from where, and what changes from one to another."""

from collections.abc import Iterator

from fastapi import Response

from ncvr.domain.tariff import TariffEdition, in_force_until
from ncvr.domain.tariff_comparison import Change, Group, compare_editions, defaults_text, per_cent_text
from ncvr.money import as_written, shown_figure, shown_percent
from ncvr.web.pages.page import Seen
from ncvr.web.pages.table import Cell, Column, Row, Table
from ncvr.web.pages.templates import long_day
from ncvr.web.pages.words import EDITION_TAGS
from ncvr.web.routing import Routes

routes = Routes("Pages")
_EDITIONS = (
    *(Column("edition", "Edition"), Column("status", "Status"), Column("from", "In force from"), Column("until", "Until")),
    *(Column("rates", "Staff rates", numeric=True), Column("items", "Tariff items", numeric=True), Column("sites", "Site multipliers", numeric=True)),
)
_CHANGES = (
    *(Column("name", "What"), Column("key", "Code"), Column("figure", "Figure"), Column("old", "Before", numeric=True), Column("new", "After", numeric=True)),
    *(Column("difference", "Difference", numeric=True), Column("per_cent", "%", numeric=True)),
)
_GROUPS: tuple[tuple[Group, str], ...] = (
    *(("terms", "Terms"), ("staff_rates", "Staff rates, an hour"), ("items", "Tariff items, each"), ("activities", "Usual activities")),
    ("site_multipliers", "Site multipliers"),
)


@routes.add("GET", "/tariffs", "tariffs.read", media_type="text/html")
def tariffs_page(page: Seen) -> Response:
    """The editions, and a search over the one in force."""
    with page.look() as act:
        act.allowed("tariffs.read")
        editions, in_force = act.office.tariffs.editions(), act.office.tariffs.begun(act.today)
    rows = [_edition_row(edition, editions) for edition in reversed(editions)]
    table = Table(
        name="editions", caption="Tariff editions", columns=_EDITIONS, rows=rows, empty="There is no edition here. Whoever runs the service adds one."
    )
    return page.show("tariffs.html", tables=[table], in_force=in_force, editions=editions)


def _edition_row(edition: TariffEdition, editions: tuple[TariffEdition, ...]) -> Row:
    until = in_force_until(edition, editions)
    return {
        "edition": Cell(edition.edition, href=f"/tariffs/{edition.edition}"),
        "status": Cell("", tag=EDITION_TAGS[edition.status], order=edition.status),
        "from": Cell(long_day(edition.in_force_from), order=edition.in_force_from.isoformat()),
        "until": Cell(long_day(until) or "Further notice", order=until.isoformat() if until else "9"),
        "rates": _number(len(edition.staff_rates)),
        "items": _number(len(edition.items)),
        "sites": _number(len(edition.multipliers)),
    }


def _number(count: int) -> Cell:
    return Cell(f"{count:,}", order=count)


@routes.add("GET", "/tariffs/compare", "tariffs.read", media_type="text/html")
def compare_page(page: Seen) -> Response:
    """Two editions side by side: every figure that differs, and by how much."""
    with page.look() as act:
        act.allowed("tariffs.read")
        editions = act.office.tariffs.editions()
        old = act.office.tariffs.named(page.asked("from") or editions[max(len(editions) - 2, 0)].edition)
        new = act.office.tariffs.named(page.asked("to") or editions[-1].edition)
    comparison = compare_editions(old, new)
    tables = [_change_table(group, title, comparison.of(group)) for group, title in _GROUPS]
    return page.show("tariffs_compare.html", tables=tables, comparison=comparison, editions=editions)


def _change_table(group: Group, title: str, changes: tuple[Change, ...]) -> Table:
    rows = [_change_row(change) for change in changes]
    return Table(name=group.replace("_", "-"), caption=title, columns=_CHANGES, rows=rows, empty="Nothing differs.")


def _change_row(change: Change) -> Row:
    return {
        "name": change.name,
        "key": change.key,
        "figure": change.figure.replace("_", " "),
        "old": change.old if change.old is not None else "not there",
        "new": change.new if change.new is not None else "taken out",
        "difference": Cell("" if change.difference is None else f"{change.difference:+f}", order=change.difference),
        "per_cent": Cell(per_cent_text(change.per_cent), order=change.per_cent),
    }


@routes.add("GET", "/tariffs/{edition}", "tariffs.read", media_type="text/html")
def tariff_page(page: Seen, edition: str) -> Response:
    """Everything an edition says, each figure with its source; ``?q=`` keeps only rows that hold the words."""
    with page.look() as act:
        act.allowed("tariffs.read")
        found = act.office.tariffs.named(edition)
        until, current = in_force_until(found, act.office.tariffs.editions()), act.office.tariffs.begun(act.today) == found
    words = page.asked("q")
    tables = [_holding(table, words) for table in _parts(found)]
    count = sum(len(table.rows) for table in tables)
    return page.show("tariff.html", tables=tables, edition=found, until=until, current=current, words=words, count=count)


def _parts(edition: TariffEdition) -> Iterator[Table]:
    yield Table(name="uplifts", caption="Uplifts", columns=_UPLIFTS, rows=list(_uplift_rows(edition)))
    rates: list[Row] = [
        {
            "name": rate.title,
            "code": rate.role,
            "figure": Cell(shown_figure(rate.hourly_rate), order=rate.hourly_rate),
            "source": rate.source,
            "row": rate.place,
        }
        for rate in edition.staff_rates.values()
    ]
    yield Table(name="rates", caption="Staff rates, an hour", columns=_named("Role", "Code", "Pounds an hour"), rows=rates)
    items: list[Row] = [
        {
            "name": item.description,
            "code": item.code,
            "figure": Cell(shown_figure(item.unit_cost), order=item.unit_cost),
            "source": item.source,
            "row": item.place,
        }
        for item in edition.items.values()
    ]
    yield Table(name="items", caption="Tariff items, each", columns=_named("Item", "Code", "Pounds each"), rows=items)
    activities: list[Row] = [
        {"name": each.name, "code": each.code, "figure": defaults_text(each), "source": each.source, "row": each.place} for each in edition.activities.values()
    ]
    columns = (Column("name", "Activity"), Column("code", "Code"), Column("figure", "Usual resource"), Column("source", "Source"), Column("row", "Row"))
    yield Table(name="activities", caption="Usual activities, with defaults a reviewer may change", columns=columns, rows=activities)
    sites: list[Row] = [
        {
            "name": Cell(site.name, href=f"/organisations/{site.ods_code}"),
            "code": site.ods_code,
            "figure": Cell(as_written(site.value), order=site.value),
            "source": f"{site.basis.replace('_', ' ')}: {site.source}",
            "row": site.place,
        }
        for site in edition.multipliers.values()
    ]
    yield Table(name="multipliers", caption="Site multipliers", columns=_named("Trust", "Code", "Multiplier"), rows=sites)


def _named(what: str, code: str, figure: str) -> tuple[Column, ...]:
    return Column("name", what), Column("code", code), Column("figure", figure, numeric=True), Column("source", "Source"), Column("row", "Row")


_UPLIFTS = (
    *(Column("name", "On"), Column("indirect", "Indirect", numeric=True), Column("capacity", "Capacity", numeric=True)),
    Column("source", "Source"),
)


def _uplift_rows(edition: TariffEdition) -> Iterator[Row]:
    for when, uplifts in (("", edition.uplifts), (" at set-up and close-down", edition.setup_uplifts)):
        for cost_class, uplift in uplifts.items():
            yield {
                "name": cost_class.replace("_", " ").capitalize() + when,
                "indirect": Cell(shown_percent(uplift.indirect), order=uplift.indirect),
                "capacity": Cell(shown_percent(uplift.capacity), order=uplift.capacity),
                "source": uplift.source,
            }


def _holding(table: Table, words: str) -> Table:
    if not words:
        return table
    wanted = words.casefold()
    kept = [row for row in table.rows if any(wanted in table.cell(row, column).text.casefold() for column in table.columns)]
    return Table(name=table.name, caption=table.caption, columns=table.columns, rows=kept, empty=f"Nothing here holds “{words}”.")
