"""An edition as pages of aligned text."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from ncvr.cli.columns import aligned
from ncvr.domain.tariff import CatalogueActivity, SiteMultiplier, TariffEdition, Uplift, in_force_until
from ncvr.domain.tariff_comparison import defaults_text
from ncvr.money import as_written, shown_figure

STATUS = {
    "illustrative": "illustrative: built from public data by stated assumptions; it is not the national tariff",
    "transcribed": "transcribed: typed from an official publication, not yet compared by a second person",
    "checked": "checked: typed from an official publication and compared by a second person",
}
Table = Sequence[Sequence[str]]


def edition_list(editions: Sequence[TariffEdition]) -> Iterator[str]:
    """The editions, one a line, with their dates, lock and sizes."""
    rows: list[tuple[str, ...]] = [("Edition", "Status", "In force from", "until", "Lock", "Rates", "Items", "Activities", "Multipliers")]
    for edition in editions:
        last = in_force_until(edition, editions)
        counts = (edition.staff_rates, edition.items, edition.activities, edition.multipliers)
        sizes = [str(len(part)) for part in counts]
        rows.append((edition.edition, edition.status, str(edition.in_force_from), str(last or "further notice"), edition.lock, *sizes))
    yield from aligned(rows, right={5, 6, 7, 8})


def edition_page(edition: TariffEdition, *, search: str | None, section: str | None) -> Iterator[str]:
    """What the edition says; with ``search`` only rows that hold the text, with ``section`` only that part."""
    yield from _head(edition)
    found = False
    for name, title, right, rows in _sections(edition):
        if section not in (None, name) or (search and name in ("terms", "sources") and section is None):
            continue
        kept = [row for row in rows if search is None or _holds(row, search)]
        found = found or bool(kept)
        if name == "multipliers" and search is None and section is None:
            yield from ("", *_multipliers_in_short(edition))
        elif kept:
            number = f"{len(kept)} of {len(rows)}" if search else str(len(rows))
            yield from ("", title if name in ("terms", "sources") else f"{title} ({number})", *aligned(kept, right=right, indent="  "))
    if not found:
        yield from ("", f"Nothing here holds {search!r}." if search else "This part is empty.")


def _head(edition: TariffEdition) -> Iterator[str]:
    yield edition.title
    rows = [
        ("Edition", edition.edition),
        ("Status", STATUS[edition.status]),
        ("Published", str(edition.published_on)),
        ("In force from", str(edition.in_force_from)),
        ("Lock", edition.lock),
        ("Content", edition.sha256),
    ]
    rows += [("Based on", edition.based_on)] if edition.based_on else []
    yield from aligned(rows, indent="  ")


def _sections(edition: TariffEdition) -> Iterator[tuple[str, str, set[int], Table]]:
    yield "terms", "Terms", set(), _terms(edition)
    yield "rates", "Staff rates, an hour", {2}, [(rate.role, rate.title, shown_figure(rate.hourly_rate)) for rate in edition.staff_rates.values()]
    items = [(item.code, shown_figure(item.unit_cost), item.cost_class, item.department, item.description) for item in edition.items.values()]
    yield "items", "Tariff items, each", {1}, items
    yield "activities", "Usual activities, with defaults a reviewer may change", set(), [_activity(activity) for activity in edition.activities.values()]
    yield "multipliers", "Site multipliers", {3}, _multipliers(edition.multipliers.values())
    sources = [(source.title, source.publisher, source.date, source.licence) for source in edition.sources]
    yield (
        "sources",
        "Sources (each row of the files names its own)",
        set(),
        [(f"{title}: {publisher}, {day}. {licence}.",) for title, publisher, day, licence in sources],
    )


def _terms(edition: TariffEdition) -> Table:
    rows = [(f"Uplifts on {cost_class.replace('_', ' ')}", _shares(uplift), uplift.source) for cost_class, uplift in edition.uplifts.items()]
    rows += [(f"  at set-up, {kind.replace('_', ' ')}", _shares(uplift), uplift.source) for kind, uplift in edition.setup_uplifts.items()]
    if not edition.setup_uplifts:
        rows.append(("  at set-up", "as above", "no override in this edition"))
    rows.append(("Rounding", "whole pounds" if edition.rounding.places == 0 else "pennies", "once, at the payable; halves away from zero"))
    rows.append(("Amendments", edition.amendment_pricing.replace("_", " "), "prices what an amendment changes or adds"))
    return rows


def _shares(uplift: Uplift) -> str:
    return f"indirect {_per_cent(uplift.indirect)}, capacity {_per_cent(uplift.capacity)}"


def _per_cent(share: Decimal) -> str:
    """``70%`` for 0.70; the digits of the share move, none is lost."""
    text = as_written(share.scaleb(2))
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}%"


def _activity(activity: CatalogueActivity) -> tuple[str, ...]:
    return activity.code, activity.name, activity.type, activity.department, defaults_text(activity)


def _multipliers(sites: Iterable[SiteMultiplier]) -> list[tuple[str, ...]]:
    listed = list(sites)
    values = on_the_point([as_written(site.value) for site in listed])
    return [(site.ods_code, site.name, site.nation, value, site.basis) for site, value in zip(listed, values, strict=True)]


def on_the_point(numbers: Sequence[str]) -> list[str]:
    """Numbers of different lengths, filled up on the right so that, aligned right, their points stand in one column.

    >>> on_the_point(["1.0885", "1", "1.080419"])
    ['1.0885  ', '1       ', '1.080419']
    """
    tails = [len(number) - number.index(".") if "." in number else 0 for number in numbers]
    return [number + " " * (max(tails) - tail) for number, tail in zip(numbers, tails, strict=True)]


def _multipliers_in_short(edition: TariffEdition) -> Iterable[str]:
    sites = sorted(edition.multipliers.values(), key=lambda site: (site.value, site.ods_code))
    if not sites:
        return ["Site multipliers (0)"]
    ends = [(end, *row) for end, row in zip(("lowest", "highest"), _multipliers([sites[0], sites[-1]]), strict=True)]
    more = "  One trust: --search NAME. All of them: --section multipliers."
    return [f"Site multipliers ({len(sites)})", *aligned(ends, right={4}, indent="  "), more]


def _holds(row: Sequence[str], text: str) -> bool:
    return any(text.casefold() in cell.casefold() for cell in row)
