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
    """``event`` decided it: for a pending one, its sharing. ``since`` is the day from which its age is counted."""

    costing: Costing
    outcome: Outcome
    reason: str
    event: Event
    since: date
    ods_code: str


def outcomes_of(costing: Costing, definition: Definition, window: Window) -> Iterator[CostingOutcome]:
    """One outcome for each sharing of the costing that is in the window; usually one or none."""
    for events, anew_on in _rounds(costing.events, window.last):
        if (outcome := _round_outcome(costing, events, anew_on, definition, window)) is not None:
            yield outcome


def _rounds(events: Sequence[Event], last: date) -> Iterator[tuple[Sequence[Event], date | None]]:
    """The events up to the last day from each sharing to before the next, and the day of the next, if it followed."""
    known = [event for event in events if event.on <= last]
    starts = [at for at, event in enumerate(known) if event.kind in OPENS]
    ends = [*starts[1:], len(known)][: len(starts)]
    for start, end in zip(starts, ends, strict=True):
        yield known[start:end], known[end].on if end < len(known) else None


def _round_outcome(costing: Costing, events: Sequence[Event], anew_on: date | None, definition: Definition, window: Window) -> CostingOutcome | None:
    failing = [event for event in events if definition.treatment(event.kind) == NOT_ACCEPTED]
    settled = next((event for event in events if event.kind in SETTLES), None)
    over_on = settled.on if settled is not None else anew_on
    if over_on is not None and over_on < window.first and not _counts_later(events, failing, definition, window.first):
        return None
    found: tuple[Outcome, str, Event] = _outcome(events, failing, definition)
    if anew_on is not None and found[0] == "pending":
        return None  # shared anew without having been settled: the new sharing speaks for it
    out = _out_of_scope(costing, events, found[2], definition, window)
    if out:
        found = ("outside", out, found[2])
    outcome, reason, event = found
    return CostingOutcome(costing, outcome, reason, event, events[0].on if outcome == "pending" else event.on, events[-1].ods_code)


def _counts_later(events: Sequence[Event], failing: Sequence[Event], definition: Definition, first: date) -> bool:
    """Whether something that counts happened in the window to a costing that was settled before it."""
    counting = (event for event in events if event.kind not in SETTLES and definition.treatment(event.kind) == ACCEPTED)
    return any(event.on >= first for event in (*failing, *counting))


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


def _out_of_scope(costing: Costing, events: Sequence[Event], deciding: Event, definition: Definition, window: Window) -> str:
    """Why the costing is outside whatever happened to it; empty if it is in scope."""
    study, scope = costing.study, definition.scope
    if study.primary_care and not scope.primary_care:
        return "primary care"
    if study.counted_class != scope.ncvr_class:
        return f"{study.counted_class} phase" if study.counted_class == "early" else "class not chosen"
    if scope.portfolio_only and not study.portfolio:
        return "off portfolio"
    signed = next((event for event in events if event.kind == "contracted"), None)
    day = (signed.signed_on or signed.on) if signed else deciding.on if deciding is not events[0] else window.last
    return f"before {scope.from_day.day} {scope.from_day:%B %Y}" if day < scope.from_day else ""
