"""The indicator by region, type of trust and sponsor. Trusts are published one by one anyway; a sponsor's small numbers are not."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ncvr.domain.adherence import AdherenceIndicator, share_shown
from ncvr.domain.adherence_outcomes import CostingOutcome
from ncvr.domain.suppression import SMALL, Sum, suppressed
from ncvr.domain.tariff import Organisation

TOTAL = "total"
COLUMNS = ("accepted", "not_accepted", "undecided")
_NOT_STATED = "not stated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One group of trusts, counted as the indicator counts."""

    name: str
    numerator: int
    denominator: int

    @property
    def display(self) -> str:
        return share_shown(self.numerator, self.denominator)


def by_region(indicator: AdherenceIndicator, organisations: Mapping[str, Organisation]) -> list[Share]:
    return _shares(indicator, organisations, lambda listed: listed.region)


def by_type(indicator: AdherenceIndicator, organisations: Mapping[str, Organisation]) -> list[Share]:
    return _shares(indicator, organisations, lambda listed: listed.type)


def _shares(indicator: AdherenceIndicator, organisations: Mapping[str, Organisation], group: Callable[[Organisation], str]) -> list[Share]:
    counted: dict[str, Counter[str]] = {}
    for standing in indicator.standings:
        if standing.place != "excluded":
            counted.setdefault(group(organisations[standing.ods_code]) or _NOT_STATED, Counter())[standing.place] += 1
    return [Share(name=name, numerator=counts["accepted"], denominator=counts.total()) for name, counts in sorted(counted.items())]


SponsorCell = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SponsorTable:
    """Costings of each sponsor by outcome and by region, with totals. ``hidden`` cells are not to be published."""

    sponsors: tuple[str, ...]
    regions: tuple[str, ...]
    values: Mapping[SponsorCell, int]
    hidden: frozenset[SponsorCell]

    def published(self, sponsor: str, column: str) -> int | None:
        """The number, or None where it is suppressed."""
        cell = (sponsor, column)
        return None if cell in self.hidden else self.values[cell]


def by_sponsor(indicator: AdherenceIndicator, organisations: Mapping[str, Organisation]) -> SponsorTable:
    """Numbers from 1 to 4 of any sponsor are suppressed, and others with them until none can be worked out from the rest."""
    outcomes = [(standing.ods_code, outcome) for standing in indicator.standings for outcome in standing.outcomes if _in_table(standing.place, outcome)]
    counts: Counter[SponsorCell] = Counter()
    for ods_code, outcome in outcomes:
        sponsor = outcome.sponsor or _NOT_STATED
        listed = organisations.get(ods_code)
        for name in (sponsor, TOTAL):
            counts.update([(name, _column(outcome)), (name, _region(listed)), (name, TOTAL)])
    sponsors = sorted({name for name, _ in counts} - {TOTAL})
    regions = sorted({column for _, column in counts} - {*COLUMNS, TOTAL})
    values = {(name, column): counts[name, column] for name in (*sponsors, TOTAL) for column in (*COLUMNS, *regions, TOTAL)}
    secret = [cell for cell, value in values.items() if cell[0] != TOTAL and value in SMALL]
    return SponsorTable(sponsors=tuple(sponsors), regions=tuple(regions), values=values, hidden=suppressed(values, sponsor_sums(sponsors, regions), secret))


def sponsor_sums(sponsors: Sequence[str], regions: Sequence[str]) -> list[Sum[SponsorCell]]:
    """How the two tables add up: every row by outcome and by region, every column over the sponsors."""
    names = (*sponsors, TOTAL)
    rows = [Sum((name, TOTAL), tuple((name, column) for column in columns)) for name in names for columns in (COLUMNS, regions)]
    columns = [Sum((TOTAL, column), tuple((sponsor, column) for sponsor in sponsors)) for column in (*COLUMNS, *regions, TOTAL)]
    return [equation for equation in (*rows, *columns) if equation.parts]


def _in_table(place: str, outcome: CostingOutcome) -> bool:
    return outcome.outcome != "outside" and (place != "excluded" or outcome.outcome in ("pending", "disputed"))


def _column(outcome: CostingOutcome) -> str:
    return outcome.outcome if outcome.outcome in ("accepted", "not_accepted") else "undecided"


def _region(listed: Organisation | None) -> str:
    return f"region {listed.region}" if listed is not None and listed.region else f"region {_NOT_STATED}"
