"""The roll-up of outcomes: what became of each sharing under each definition that ships, ready to be read by the month.

A row holds while nothing more happens to its costing; of a costing with events after the window, the events are looked at.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, delete, func, insert, select

from ncvr.domain.adherence_definition import Definition
from ncvr.domain.adherence_outcomes import CostingOutcome, outcomes_of, round_outcomes
from ncvr.domain.adherence_period import Window
from ncvr.domain.adherence_records import Costing
from ncvr.store import adherence
from ncvr.store.adherence_tables import adherence_costings, adherence_outcomes

_PAGE = 20_000
# The definitions under which a database was found complete; counting a million records' rows takes as long as reading a month.
_PROVEN: WeakKeyDictionary[Engine, set[str]] = WeakKeyDictionary()
# By the hash of their content: a definition that was changed, or is new, finds no rows of its own until the roll-up is made anew.
Kept = Mapping[str, Definition]


def keep(connection: Connection, key: str, costing: Costing | None, kept: Kept) -> None:
    """Bring both roll-ups up to date for one costing; None: its sharing was taken back."""
    adherence.keep_costing(connection, key, costing)
    connection.execute(delete(adherence_outcomes).where(adherence_outcomes.c.costing == key))
    rows = [] if costing is None else list(_rows(costing, kept))
    if rows:
        connection.execute(insert(adherence_outcomes), rows)


def keep_all(connection: Connection, costings: Iterable[Costing], kept: Kept) -> None:
    """Make both roll-ups anew of these costings and no others."""
    known = list(costings)
    adherence.keep_all_costings(connection, known)
    connection.execute(delete(adherence_outcomes))
    rows = [row for costing in known for row in _rows(costing, kept)]
    for start in range(0, len(rows), _PAGE):
        connection.execute(insert(adherence_outcomes), rows[start : start + _PAGE])


def _rows(costing: Costing, kept: Kept) -> Iterator[dict[str, Any]]:
    for name, definition in kept.items():
        for number, found in enumerate(round_outcomes(costing, definition, costing.last_on)):
            yield found.told._asdict() | {
                "since": found.told.since.isoformat(),
                "definition": name,
                "number": number,
                "over_on": found.over_on.isoformat() if found.over_on else None,
                "counts_on": found.counts_on.isoformat() if found.counts_on else None,
                "last_on": costing.last_on.isoformat(),
            }


_TOLD = [adherence_outcomes.c[name] for name in CostingOutcome._fields]


def outcomes_in(connection: Connection, window: Window, name: str, definition: Definition) -> list[CostingOutcome]:
    """What became of every costing in the window, under the definition kept by this name."""
    first, last = window.first.isoformat(), window.last.isoformat()
    columns = adherence_outcomes.c
    of_definition = select(*_TOLD).where(columns.definition == name, columns.last_on <= last)
    still_open = of_definition.where(columns.over_on.is_(None))
    settled_here = of_definition.where(columns.over_on.is_not(None), columns.last_on >= first, (columns.over_on >= first) | (columns.counts_on >= first))
    told = [_outcome(row) for query in (still_open, settled_here) for row in connection.execute(query)]
    going_on = select(adherence_costings.c.document).where(adherence_costings.c.last_on > last, adherence_costings.c.opened_on <= last)
    documents = connection.execute(going_on).scalars()
    return told + [outcome for document in documents for outcome in outcomes_of(adherence.unpacked(document), definition, window)]


def is_complete(connection: Connection, name: str) -> bool:
    """Whether every costing has its rows under the definition of this name: not where the definition came with a newer ncvr.

    Once it was found so it stays so, for whatever is recorded here brings its rows along; so it is counted once a database.
    """
    proven = _PROVEN.setdefault(connection.engine, set())
    if name not in proven and _has_all_rows(connection, name):
        proven.add(name)
    return name in proven


def _has_all_rows(connection: Connection, name: str) -> bool:
    columns = adherence_outcomes.c
    kept = select(func.count()).select_from(adherence_outcomes).where(columns.definition == name, columns.number == 0)
    known = select(func.count()).select_from(adherence_costings)
    return connection.execute(kept).scalar_one() == connection.execute(known).scalar_one()


def _outcome(row: Any) -> CostingOutcome:
    costing, sponsor, ods_code, outcome, reason, decided_by, since = row
    return CostingOutcome(costing, sponsor, ods_code, outcome, reason, decided_by, date.fromisoformat(since))


def all_rows(connection: Connection) -> set[tuple[Any, ...]]:
    """Every row, to be compared with a recount."""
    return {tuple(row) for row in connection.execute(select(adherence_outcomes))}


def rows_of(costings: Iterable[Costing], kept: Kept) -> set[tuple[Any, ...]]:
    """The rows that a recount finds."""
    names = [column.name for column in adherence_outcomes.columns]
    return {tuple(row[name] for name in names) for costing in costings for row in _rows(costing, kept)}
