"""Questions that every request asks: who is there, who takes part, what the price is.

To have a statement put together and its rows wrapped takes ten times as long as SQLite takes to answer it. So these are put
into the driver's words once, and their rows are plain. All else is asked through SQLAlchemy.
"""

from collections import namedtuple
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CompoundSelect, Connection, Select
from sqlalchemy.exc import DBAPIError

Statement = Select[Any] | CompoundSelect[Any]


@dataclass(frozen=True, slots=True)
class _Said:
    """A statement as one driver takes it; its values are told apart by their place or by their name."""

    words: str
    names: tuple[str, ...]
    by_place: bool
    fixed: dict[str, Any]

    def values(self, given: Mapping[str, str | int]) -> Any:
        each = {**self.fixed, **given}
        return [each[name] for name in self.names] if self.by_place else {name: each[name] for name in self.names}


def asked_of_driver(connection: Connection, words: str, values: Any = ()) -> list[Any]:
    """The rows as the driver gives them, none for what is no question. Raises what SQLAlchemy would."""
    raw: Any = connection.connection.dbapi_connection
    with told_as_sqlalchemy(connection, words):
        answer = raw.execute(words, values)
        rows: list[Any] = [] if answer.description is None else answer.fetchall()
    return rows


@contextmanager
def told_as_sqlalchemy(connection: Connection, words: str) -> Iterator[None]:
    """What the driver raises is raised as SQLAlchemy raises it, of which all else knows."""
    driver: Any = connection.dialect.loaded_dbapi
    try:
        yield
    except driver.Error as error:
        raise DBAPIError.instance(words, None, error, driver.Error, hide_parameters=True, dialect=connection.dialect) from error


class Question:
    """A statement whose columns need no conversion: text, whole numbers, octets. No two columns have the same name."""

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        names = [column.name for column in statement.selected_columns]
        row: Any = namedtuple("row", names)  # type: ignore[misc]  # (its fields are the statement's)
        self._made_of = row._make
        self._said: dict[str, _Said] = {}

    def rows(self, connection: Connection, **given: str | int) -> list[Any]:
        """Every row, its columns by name."""
        said = self._said.get(connection.dialect.name) or self._say(connection)
        return [self._made_of(row) for row in asked_of_driver(connection, said.words, said.values(given))]

    def row(self, connection: Connection, **given: str | int) -> Any:
        """The first row, or None."""
        return next(iter(self.rows(connection, **given)), None)

    def _say(self, connection: Connection) -> _Said:
        compiled: Any = self.statement.compile(dialect=connection.dialect)
        names = tuple(compiled.positiontup if compiled.positional else compiled.binds)
        fixed = {name: bound.value for name, bound in compiled.binds.items() if not bound.required}
        said = self._said[connection.dialect.name] = _Said(words=str(compiled), names=names, by_place=compiled.positional, fixed=fixed)
        return said
