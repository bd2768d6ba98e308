"""What became of one site costing in a window of days, under one definition."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Literal, NamedTuple

from ncvr.domain.adherence_definition import ACCEPTED, NOT_ACCEPTED, OUTSIDE, Definition
from ncvr.domain.adherence_period import Window
from ncvr.domain.adherence_records import OPENS, SETTLES, Costing, Event

# The worst counts for the trust; an undecided dispute stands before what would otherwise be accepted.
Outcome = Literal["not_accepted", "disputed", "accepted", "pending", "outside"]
WORST_FIRST: tuple[Outcome, ...] = ("not_accepted", "disputed", "accepted", "pending", "outside")


class CostingOutcome(NamedTuple):
    """``decided_by``: the id of the record that decided it, of a pending one its sharing. ``since``: from when its age counts."""

    costing: str
    sponsor: str
    ods_code: str
    outcome: Outcome
    reason: str
    decided_by: str
    since: date


class RoundOutcome(NamedTuple):
    """What became of one sharing. ``over_on``: the day it was settled; ``counts_on``: the last day of something that counts."""

    told: CostingOutcome
    over_on: date | None
    counts_on: date | None

    def is_in(self, window: Window) -> bool:
        """Until it is settled it is in every window, and after that where something that counts happened to it."""
        return self.over_on is None or self.over_on >= window.first or (self.counts_on is not None and self.counts_on >= window.first)


def outcomes_of(costing: Costing, definition: Definition, window: Window) -> Iterator[CostingOutcome]:
    """One outcome for each sharing of the costing that is in the window; usually one or none."""
    for found in round_outcomes(costing, definition, window.last):
        if found.is_in(window):
            yield found.told


def round_outcomes(costing: Costing, definition: Definition, last: date) -> Iterator[RoundOutcome]:
    """Each sharing of the costing as it stands on that day. With nothing after it, it stands so on every later day."""
    for events, anew_on in _rounds(costing.events, last):
        if (found := _round_outcome(costing, events, anew_on, definition, last)) is not None:
            yield found


def _rounds(events: Sequence[Event], last: date) -> Iterator[tuple[Sequence[Event], date | None]]:
    """The events up to the last day from each sharing to before the next, and the day of the next, if it followed."""
    known = [event for event in events if event.on <= last]
    starts = [at for at, event in enumerate(known) if event.kind in OPENS]
    ends = [*starts[1:], len(known)][: len(starts)]
    for start, end in zip(starts, ends, strict=True):
        yield known[start:end], known[end].on if end < len(known) else None


def _round_outcome(costing: Costing, events: Sequence[Event], anew_on: date | None, definition: Definition, last: date) -> RoundOutcome | None:
    failing = [event for event in events if definition.treatment(event.kind) == NOT_ACCEPTED]
    counting = [event for event in events if event.kind not in SETTLES and definition.treatment(event.kind) == ACCEPTED]
    settled = next((event for event in events if event.kind in SETTLES), None)
    outcome, reason, event = _outcome(events, failing, definition)
    if anew_on is not None and outcome == "pending":
        return None  # shared anew without having been settled: the new sharing speaks for it
    out = _out_of_scope(costing, events, event, definition, last)
    since = events[0].on if outcome == "pending" and not out else event.on
    told = CostingOutcome(costing.key, costing.study.sponsor, events[-1].ods_code, "outside" if out else outcome, out or reason, event.id, since)
    return RoundOutcome(told, settled.on if settled else anew_on, max((each.on for each in (*failing, *counting)), default=None))


def _outcome(events: Sequence[Event], failing: Iterable[Event], definition: Definition) -> tuple[Outcome, str, Event]:
    """Failing beats disputed, disputed beats accepted; what was accepted stays so when it is withdrawn later."""
    disputed: Event | None = None
    for event in failing:
        if not event.disputed:
            return "not_accepted", event.reason_code or event.kind, event
        disputed = disputed or event
    if disputed is not None:
        return "disputed", "disputed", disputed
    for event in events:
        if definition.treatment(event.kind) == ACCEPTED:
            return "accepted", event.kind, event
    for event in reversed(events):
        if (treatment := definition.treatment(event.kind)).startswith(OUTSIDE):
            return "outside", treatment.removeprefix(OUTSIDE), event
    return "pending", "pending", events[0]


def _out_of_scope(costing: Costing, events: Sequence[Event], deciding: Event, definition: Definition, last: date) -> str:
    """Why the costing is outside whatever happened to it; empty if it is in scope."""
    study, scope = costing.study, definition.scope
    if study.primary_care and not scope.primary_care:
        return "primary care"
    if study.counted_class != scope.ncvr_class:
        return f"{study.counted_class} phase" if study.counted_class == "early" else "class not chosen"
    if scope.portfolio_only and not study.portfolio:
        return "off portfolio"
    signed = next((event for event in events if event.kind == "contracted"), None)
    day = (signed.signed_on or signed.on) if signed else deciding.on if deciding is not events[0] else last
    return f"before {scope.from_day.day} {scope.from_day:%B %Y}" if day < scope.from_day else ""
