"""Two editions side by side, as aligned text and as CSV."""

import csv
import io
from collections import Counter
from collections.abc import Iterator

from ncvr.cli.columns import aligned
from ncvr.cli.tariff_tables import on_the_point
from ncvr.domain.tariff_comparison import Change, Group, TariffComparison, per_cent_text
from ncvr.files.csv_table import inert
from ncvr.money import as_written

TITLES: dict[Group, str] = {
    "terms": "Terms",
    "staff_rates": "Staff rates, £ an hour",
    "items": "Tariff items, £ each",
    "activities": "Usual activities",
    "site_multipliers": "Site multipliers",
}
CSV_COLUMNS = ("group", "kind", "key", "name", "figure", "old", "new", "difference", "per_cent")


def comparison_page(comparison: TariffComparison) -> Iterator[str]:
    """The comparison group by group: what changed from the highest rise to the deepest fall, then what is new, then what is gone."""
    old, new = comparison.old, comparison.new
    rows = [(side, edition.edition, edition.status, f"in force from {edition.in_force_from}") for side, edition in (("From", old), ("To", new))]
    yield from aligned(rows)
    for group, title in TITLES.items():
        changes = comparison.of(group)
        yield from ("", f"{title}: {_counts(changes)}")
        if changes:
            numbers = {2, 3, 4, 5} if group != "activities" else set()
            yield from aligned(_rows(changes), right=numbers, indent="  ")


def comparison_csv(comparison: TariffComparison) -> str:
    """One row a change, for spreadsheets."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for change in comparison.changes:
        numbers = ["" if change.difference is None else as_written(change.difference), per_cent_text(change.per_cent)]
        words = [change.group, change.kind, change.key, change.name, change.figure, change.old or "", change.new or ""]
        writer.writerow([*map(inert, words), *numbers])
    return text.getvalue()


def _counts(changes: tuple[Change, ...]) -> str:
    if not changes:
        return "no change"
    kinds = Counter(change.kind for change in changes)
    return ", ".join(f"{kinds[kind]} {kind}" for kind in ("changed", "added", "removed") if kinds[kind])


def _rows(changes: tuple[Change, ...]) -> list[tuple[str, ...]]:
    names = [change.name if change.figure in _MAIN_FIGURES else f"{change.name}: {change.figure}" for change in changes]
    keys = [change.key for change in changes]
    if changes[0].group == "activities":
        return [
            (key, name, f"was {change.old or 'not listed'}", f"now {change.new or 'not listed'}")
            for key, name, change in zip(keys, names, changes, strict=True)
        ]
    olds, news = (on_the_point([getattr(change, side) or "-" for change in changes]) for side in ("old", "new"))
    return list(zip(keys, names, olds, news, on_the_point([_difference(change) for change in changes]), map(_share, changes), strict=True))


_MAIN_FIGURES = ("hourly_rate", "unit_cost", "multiplier", "defaults")  # what the title of the group names already


def _difference(change: Change) -> str:
    return "" if change.difference is None else f"{'+' if change.difference > 0 else ''}{as_written(change.difference)}"


def _share(change: Change) -> str:
    if change.kind != "changed":
        return change.kind
    return f"{per_cent_text(change.per_cent)}%" if change.per_cent is not None else ""
