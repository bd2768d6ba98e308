"""What changed from one version of a schedule to another, in the schedule's words and in national pounds."""

from collections.abc import Sequence
from fractions import Fraction

from fastapi import Response

from ncvr.domain.study import Study
from ncvr.domain.study_changes import StudyChange, Totals
from ncvr.domain.tariff import TariffEdition
from ncvr.money import exact_text, shown
from ncvr.services.reviewing import read_review
from ncvr.services.version_differences import version_difference
from ncvr.web.pages.page import Page, Seen
from ncvr.web.pages.schedule import LISTS, line_names
from ncvr.web.pages.table import Cell, Column, Row, Table
from ncvr.web.pages.templates import count
from ncvr.web.routing import Routes

routes = Routes("Pages")
_COLUMNS = (
    Column("activity", "Activity"),
    Column("part", "Part"),
    Column("field", "What"),
    Column("before", "Before"),
    Column("after", "After"),
    Column("effect", "National cost", numeric=True),
)


@routes.add("GET", "/studies/{iras_id}/differences", "study.diff", media_type="text/html")
def differences_page(page: Seen, iras_id: str) -> Response:
    """Two versions side by side; the last two if the address names none."""
    with page.look() as act:
        review = read_review(act, iras_id)
        old = _number(page, "from", max(1, review.version - 1))
        new = _number(page, "to", review.version)
        found = version_difference(act, iras_id, old, new)
    edition, names = found.edition, Names(found.before, found.after)
    changes = [change for change in found.changes if change.key not in _OF_COURSE]
    table = Table(
        name="differences",
        caption=f"Changes from version {old} to version {new}",
        columns=_COLUMNS,
        rows=[_row(change, names, edition) for change in changes],
        empty=f"There are no differences between version {old} and version {new}.",
    )
    totals = [(words, _one(found.old, key, edition), _one(found.new, key, edition)) for key, words in _TOTALS]
    return page.show(
        "differences.html",
        tables=[table],
        summary=_summary(changes, found.old, found.new, edition),
        review=review,
        old=old,
        new=new,
        edition=edition,
        totals=totals,
        versions=range(1, review.version + 1),
    )


# What always differs between two versions tells nobody anything.
_OF_COURSE = (("study", "version"), ("study", "state"))
_TOTALS = (("national", "National cost, every payable once"), ("minutes", "Staff minutes"), ("counts", "Times something is done"))


def _number(page: Page, name: str, usual: int) -> int:
    text = page.asked(name)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else usual


class Names:
    """What the lines and visits of two versions are called, so that a change is told with names and not with ids alone."""

    def __init__(self, *versions: Study) -> None:
        self.lines: dict[str, str] = {}
        self.arms: dict[str, str] = {}
        self.visits: dict[tuple[str, str], str] = {}
        for study in versions:
            self.lines |= line_names(study)
            self.arms |= {arm.id: arm.name for arm in study.arms}
            self.visits |= {(arm.id, visit.id): visit.name for arm in study.arms for visit in arm.visits}

    def line(self, change: StudyChange) -> str:
        """The activity, visit, arm or other entry that changed."""
        container, *rest = change.key
        if not rest or container in ("study", "site", "waivers"):
            return self.arms.get(container, parts_of(change.place)[0])
        if rest[0] == "visit":
            return f"Visit {self.visits.get((container, rest[1]), rest[1])}"
        return f"{self.lines[rest[0]]} ({rest[0]})" if rest[0] in self.lines else self.arms.get(container, change.place)

    def field(self, change: StudyChange) -> str:
        """What of it changed; whole lines that came or went say so."""
        what = parts_of(change.place)[1]
        if change.key[2:3] == ("count",):
            what = f"count at {self.visits.get((change.key[0], change.key[3]), change.key[3])}"
        return ", ".join(filter(None, (what, change.what if change.what != "changed" else "")))

    def part(self, change: StudyChange) -> str:
        """The arm or list that it is in."""
        container = change.key[0]
        return self.arms.get(container, LISTS.get(container, "Study"))


def parts_of(place: str) -> tuple[str, str]:
    """A change's place in two parts: the line, and what of it.

    >>> parts_of("arm A, activity A01, resource 1, minutes"), parts_of("unscheduled U1"), parts_of("arm A, name"), parts_of("lead_site")
    (('arm A, activity A01', 'resource 1, minutes'), ('unscheduled U1', ''), ('arm A', 'name'), ('study', 'lead_site'))
    """
    parts = place.split(", ")
    if len(parts) == 1:
        return (place, "") if " " in place else ("study", place)
    first = 2 if parts[1].startswith(("activity ", "visit ")) else 1
    return ", ".join(parts[:first]), ", ".join(parts[first:])


def _row(change: StudyChange, names: Names, edition: TariffEdition) -> Row:
    return {
        "part": names.part(change),
        "activity": names.line(change),
        "field": names.field(change),
        "before": Cell(change.old or "nothing", change="was" if change.old else ""),
        "after": Cell(change.new or "nothing", change="now" if change.new else ""),
        "effect": Cell(effect_text(change.effect, edition), order=change.effect if change.effect is not None else Fraction(0)),
    }


def effect_text(effect: Fraction | None, edition: TariffEdition) -> str:
    """An effect in pounds with its sign; "no effect" and "not known yet" are said, so that nothing is left to guess."""
    if effect is None:
        return "not known yet"
    if not effect:
        return "no effect"
    return ("+" if effect > 0 else "") + shown(edition.rounding.apply(effect), edition.rounding.places)


def _one(totals: Totals, key: str, edition: TariffEdition) -> str:
    if key == "national":
        return "not known yet" if totals.national is None else shown(edition.rounding.apply(totals.national), edition.rounding.places)
    return f"{totals.counts:,}" if key == "counts" else exact_text(totals.minutes)


def _summary(changes: Sequence[StudyChange], old: Totals, new: Totals, edition: TariffEdition) -> str:
    lines = len({parts_of(change.place)[0] for change in changes})
    effect = new.national - old.national if old.national is not None and new.national is not None else None
    return (
        f"{count(lines, 'line')} changed in {count(len(changes), 'place')}: {effect_text(effect, edition)} on the national cost"
        if changes
        else "Nothing changed"
    )
