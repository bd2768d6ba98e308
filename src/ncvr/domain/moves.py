"""Moves as data: from which states, to which, by whom, and what must hold first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from ncvr.domain.people import Standing
from ncvr.errors import Finding, MoveNotAllowed, NotPermitted

Facts = TypeVar("Facts")
State = TypeVar("State", bound=str)
Guard = Callable[[Facts], Finding | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move(Generic[State, Facts]):
    """One row of a table of moves. A guard looks at the facts and says what stands in the way, or nothing."""

    name: str
    before: frozenset[State]
    after: State
    by: frozenset[Standing]
    guards: tuple[Guard[Facts], ...] = ()


Moves = Mapping[str, Move[State, Facts]]


def table(*moves: Move[State, Facts]) -> Moves[State, Facts]:
    return {move.name: move for move in moves}


def next_state(moves: Moves[State, Facts], name: str, state: State, by: Standing, facts: Facts, place: str) -> State:
    """The state this move leads to.

    Raises NotPermitted if it is not theirs to do, MoveNotAllowed if it does not lead on from here or with everything that
    stands in its way.
    """
    move = moves[name]
    if by not in move.by:
        raise NotPermitted(f"a {said(by)} may not {said(name)} here", place, f"Ask the {' or the '.join(said(who) for who in sorted(move.by))}")
    if state not in move.before:
        possible = sorted(said(other.name) for other in moves.values() if state in other.before and by in other.by)
        remedy = f"From here a {said(by)} may: {', '.join(possible)}" if possible else "Nothing is left for you to do here"
        raise MoveNotAllowed(f"it is {said(state)}, and {said(name)} does not lead on from there", place, remedy)
    found = [Finding(f"{place}: {finding.place}" if finding.place else place, finding.problem, finding.remedy) for finding in in_the_way(move, facts)]
    if found:
        raise MoveNotAllowed.of(found)
    return move.after


def open_moves(moves: Moves[State, Facts], state: State, by: Standing) -> list[str]:
    """The moves that lead on from this state for this standing, in the table's order. What their guards say is not asked here."""
    return [move.name for move in moves.values() if state in move.before and by in move.by]


def in_the_way(move: Move[State, Facts], facts: Facts) -> list[Finding]:
    """What the guards of a move say against it."""
    return [finding for guard in move.guards if (finding := guard(facts)) is not None]


def said(name: str) -> str:
    """A state, move or standing as people read it: ``in_review`` is "in review"."""
    return name.replace("_", " ")
