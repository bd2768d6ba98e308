"""The finance schedule as it stands in a contract: arms, tables, rows and totals, read from the places its profile names."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ncvr.files.verification.values import Captured

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """One row: texts by column key. ``at`` is the item number of its first cell in the contract."""

    table: str  # the profile's name of the table
    source: str  # the table of the appendix it holds: ``arm.visits``
    words: str
    arm: int | None
    number: int
    cells: dict[str, str]
    at: int

    @property
    def ref(self) -> str:
        return self.cells.get("ref", self.cells.get("arm", ""))

    @property
    def item(self) -> str:
        """What the row is about, for people."""
        told = [self.cells[key] for key in ("ref", "arm", "visit", "activity", "type", "name") if key in self.cells]
        return " ".join(told) or f"row {self.number + 1}"


@dataclass(frozen=True, slots=True)
class Schedule:
    """Rows by (source, arm), in order; a table that says it has none has no rows."""

    rows: dict[tuple[str, int | None], tuple[ScheduleRow, ...]]
    arms: tuple[int, ...]

    def of(self, source: str, arm: int | None = None) -> tuple[ScheduleRow, ...]:
        return self.rows.get((source, arm), ())

    def all(self) -> Iterator[ScheduleRow]:
        for rows in self.rows.values():
            yield from rows


def read_schedule(values: Sequence[Captured]) -> Schedule:
    """The schedule that stands in the values of a contract."""
    gathered: dict[tuple[str, str, int | None, int], list[Captured]] = defaultdict(list)
    for value in values:
        if value.hole.table is not None and value.row is not None:
            gathered[value.hole.table.name, value.hole.table.rows, value.arm, value.row].append(value)
    rows: dict[tuple[str, int | None], list[ScheduleRow]] = defaultdict(list)
    for (name, source, arm, number), cells in gathered.items():
        texts = {cell.hole.name: cell.value for cell in cells}
        table = cells[0].hole.table
        assert table is not None
        empty = {column.key: table.when_empty if at == 0 else NOTHING for at, column in enumerate(table.columns)}
        if number > 0 or texts != empty:
            rows[source, arm].append(ScheduleRow(name, source, table.words, arm, number, texts, cells[0].at))
        else:
            rows[source, arm] = rows[source, arm]
    arms = sorted({value.arm for value in values if value.arm is not None})
    return Schedule({key: tuple(listed) for key, listed in rows.items()}, tuple(arms))
