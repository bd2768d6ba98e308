"""Reports of adherence: the indicators of a period, the months before it, and the reasons, from wherever the records are."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ncvr.domain.adherence import AdherenceIndicator, indicator_of_outcomes
from ncvr.domain.adherence_definition import AdherenceDefinitions, Definition
from ncvr.domain.adherence_outcomes import CostingOutcome, outcomes_of
from ncvr.domain.adherence_period import Period, Window, months_up_to
from ncvr.domain.adherence_records import AdherenceRecord, Costing, Position, costings_of
from ncvr.domain.adherence_report import AdherenceReport, MonthlyShare, refusal_reasons
from ncvr.domain.tariff import Organisation
from ncvr.services.pricing import SOFTWARE

# What became of every costing in a window, its corrections and disputes resolved: from a roll-up, or by a full count.
OutcomesIn = Callable[[Window, Definition], Iterable[CostingOutcome]]
# Every costing that can be in a window, with what happened to it.
CostingsIn = Callable[[Window, Definition], Iterable[Costing]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where a report takes its figures from."""

    outcomes: OutcomesIn
    costings: CostingsIn
    positions: Sequence[Position]
    organisations: Mapping[str, Organisation]
    definitions: AdherenceDefinitions
    records: int
    ledger_head: str | None = None

    def indicator(self, definition: Definition, period: Period, as_of: date) -> AdherenceIndicator:
        window = period.window(definition.window_months)
        outcomes = self.outcomes(window, definition) if definition.measure != "declared" else ()
        return indicator_of_outcomes(outcomes, self.positions, self.organisations, definition, period, as_of)


def sources_from_records(
    records: Sequence[AdherenceRecord],
    positions: Sequence[Position],
    organisations: Mapping[str, Organisation],
    definitions: AdherenceDefinitions,
    as_of: date,
) -> Sources:
    """The full count: every record is looked at, once for each time in which a dispute may come."""
    counted: dict[int, list[Costing]] = {}

    def costings(_window: Window, definition: Definition) -> Iterable[Costing]:
        days = definition.dispute_within_days
        if days not in counted:
            counted[days] = costings_of(records, as_of, days)
        return counted[days]

    def outcomes(window: Window, definition: Definition) -> Iterable[CostingOutcome]:
        return (outcome for costing in costings(window, definition) for outcome in outcomes_of(costing, definition, window))

    return Sources(outcomes=outcomes, costings=costings, positions=positions, organisations=organisations, definitions=definitions, records=len(records))


def adherence_report(sources: Sources, period: Period, as_of: date, *, definition: str | None = None, months: int = 0) -> AdherenceReport:
    """The report of a period: the definition named, or those in force on its last day; with so many months of the series.

    Raises InputError for a definition that is not known.
    """
    definitions = [sources.definitions.definition(definition)] if definition else sources.definitions.in_force(period.last)
    found = tuple(sources.indicator(each, period, as_of) for each in definitions)
    observed = next((each for each in definitions if each.measure != "declared"), None)
    window = Window(period.first, period.last)
    return AdherenceReport(
        period=period,
        as_of=as_of,
        indicators=found,
        organisations=sources.organisations,
        series={each.definition.id: _series(sources, each, months) for each in found} if months else {},
        refusals=refusal_reasons(sources.costings(window, observed), window) if observed else {},
        points=sources.definitions.published_points,
        software=SOFTWARE,
        records=sources.records,
        positions=len(sources.positions),
        illustrative=sum(position.illustrative for position in sources.positions),
        ledger_head=sources.ledger_head,
    )


def _series(sources: Sources, last: AdherenceIndicator, months: int) -> list[MonthlyShare]:
    """So many months up to the period's; the period itself is counted already where it is one of them."""
    every = months_up_to(last.period.last, months)
    found = [last if month == last.period else sources.indicator(last.definition, month, last.as_of) for month in every]
    return [MonthlyShare(month=each.period, numerator=each.numerator, denominator=each.denominator) for each in found]
