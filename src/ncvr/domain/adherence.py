"""The adherence indicator: which trusts accept the price, each trust in exactly one place, with the record that put it there.

Pure: the same records, positions, organisations, definition, period and day give the same indicator, for ever.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ncvr.domain.adherence_declared import declared_positions
from ncvr.domain.adherence_definition import Definition
from ncvr.domain.adherence_outcomes import WORST_FIRST, CostingOutcome, outcomes_of
from ncvr.domain.adherence_period import Period, Window
from ncvr.domain.adherence_records import AdherenceRecord, Costing, Position, costings_of, known_positions
from ncvr.domain.adherence_standing import Place, TrustStanding
from ncvr.domain.adherence_trusts import Trusts
from ncvr.domain.tariff import Organisation

NO_ACTIVITY = "no activity"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdherenceIndicator:
    """``standings`` holds every organisation once, by code. ``parallel``: of other nations, how many in which place."""

    definition: Definition
    period: Period
    window: Window
    as_of: date
    standings: tuple[TrustStanding, ...]
    parallel: Mapping[str, Mapping[str, int]]

    def listed(self, place: Place) -> list[TrustStanding]:
        return [standing for standing in self.standings if standing.place == place]

    @property
    def numerator(self) -> int:
        return len(self.listed("accepted"))

    @property
    def denominator(self) -> int:
        return self.numerator + len(self.listed("not_accepted"))

    @property
    def display(self) -> str:
        return share_shown(self.numerator, self.denominator)

    def age(self, since: date) -> int:
        """Days since then, on the last day of the window or the day of knowledge, whichever is first."""
        return (min(self.window.last, self.as_of) - since).days


def share_per_cent(numerator: int, denominator: int) -> int | None:
    """Whole per cent, rounded down so that less than all is never 100, and never 0 while there is one. None: no data.

    >>> share_per_cent(999, 1000), share_per_cent(1, 1000), share_per_cent(0, 7), share_per_cent(0, 0)
    (99, 1, 0, None)
    """
    if denominator == 0:
        return None
    return max(numerator * 100 // denominator, 1) if numerator else 0


def share_shown(numerator: int, denominator: int) -> str:
    per_cent = share_per_cent(numerator, denominator)
    return "no data" if per_cent is None else f"{per_cent}%"


def indicator(
    records: Iterable[AdherenceRecord],
    positions: Iterable[Position],
    organisations: Mapping[str, Organisation],
    definition: Definition,
    period: Period,
    as_of: date,
) -> AdherenceIndicator:
    """The full count, from every record. The order of ``records`` and ``positions`` is the order of recording."""
    known = costings_of(records, as_of, definition.dispute_within_days) if definition.measure != "declared" else []
    return indicator_of_costings(known, positions, organisations, definition, period, as_of)


def indicator_of_costings(
    costings: Iterable[Costing],
    positions: Iterable[Position],
    organisations: Mapping[str, Organisation],
    definition: Definition,
    period: Period,
    as_of: date,
) -> AdherenceIndicator:
    """The same from costings whose corrections and disputes are resolved already: at least all those in the window."""
    window = period.window(definition.window_months)
    outcomes = [outcome for costing in costings for outcome in outcomes_of(costing, definition, window)] if definition.measure != "declared" else []
    return indicator_of_outcomes(outcomes, positions, organisations, definition, period, as_of)


def indicator_of_outcomes(
    outcomes: Iterable[CostingOutcome],
    positions: Iterable[Position],
    organisations: Mapping[str, Organisation],
    definition: Definition,
    period: Period,
    as_of: date,
) -> AdherenceIndicator:
    """The same from what became of every costing in the window."""
    window = period.window(definition.window_months)
    trusts = Trusts(organisations=organisations, last_day=window.last)
    declared = definition.measure == "declared"
    standings = _declared(known_positions(positions, as_of), trusts, definition, window) if declared else _observed(outcomes, trusts)
    counted = tuple(_left_out(standing, trusts.left_out(code, definition)) for code, standing in sorted(standings.items()))
    return AdherenceIndicator(
        definition=definition, period=period, window=window, as_of=as_of, standings=counted, parallel=_parallel(standings.values(), trusts, definition)
    )


def _left_out(standing: TrustStanding, reason: str) -> TrustStanding:
    if not reason:
        return standing
    return TrustStanding(ods_code=standing.ods_code, name=standing.name, place="excluded", reason=reason, members=standing.members, outcomes=standing.outcomes)


def _declared(positions: Sequence[Position], trusts: Trusts, definition: Definition, window: Window) -> dict[str, TrustStanding]:
    declared = declared_positions(positions, trusts, window)
    codes = dict.fromkeys([*trusts.open_codes(), *declared.newest])
    return {code: declared.standing(code, _name(code, trusts)) for code in codes}


def _observed(outcomes: Iterable[CostingOutcome], trusts: Trusts) -> dict[str, TrustStanding]:
    of_trust: dict[str, list[CostingOutcome]] = {code: [] for code in trusts.open_codes()}
    for outcome in outcomes:
        of_trust.setdefault(trusts.successor(outcome.ods_code), []).append(outcome)
        of_trust.setdefault(outcome.ods_code, [])
    return {code: _observed_standing(code, _name(code, trusts), found) for code, found in of_trust.items()}


def _observed_standing(code: str, name: str, outcomes: Sequence[CostingOutcome]) -> TrustStanding:
    """The worst of its costings decides: one that was negotiated is not made good by another that was not."""
    if not outcomes:
        return TrustStanding(ods_code=code, name=name, place="excluded", reason=NO_ACTIVITY)
    told = sorted(outcomes, key=lambda outcome: (outcome.costing, outcome.since))  # in whatever order they came
    deciding = min(told, key=lambda outcome: (WORST_FIRST.index(outcome.outcome), outcome.since, outcome.decided_by))
    place: Place = "accepted" if deciding.outcome == "accepted" else "not_accepted" if deciding.outcome == "not_accepted" else "excluded"
    return TrustStanding(
        ods_code=code,
        name=name,
        place=place,
        reason=deciding.reason,
        decided_by=deciding.decided_by,
        since=deciding.since,
        members=tuple(sorted({outcome.ods_code for outcome in told} - {code})),
        outcomes=tuple(told),
    )


def _parallel(standings: Iterable[TrustStanding], trusts: Trusts, definition: Definition) -> dict[str, dict[str, int]]:
    """Counts of other nations, beside and never in the indicator; what has no position or activity is not in them."""
    counts: dict[str, Counter[str]] = {}
    for standing in standings:
        listed = trusts.organisations.get(standing.ods_code)
        if listed is not None and listed.nation != definition.scope.nation and standing.decided_by:
            counts.setdefault(listed.nation, Counter())[standing.place] += 1
    return {nation: {place: of_nation[place] for place in ("accepted", "not_accepted", "excluded")} for nation, of_nation in sorted(counts.items())}


def _name(code: str, trusts: Trusts) -> str:
    listed = trusts.organisations.get(code)
    return listed.name if listed else code
