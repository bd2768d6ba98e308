"""Small numbers kept secret: a cell is left out, and others with it, until none of them can be worked out from the rest.

Tables are whole numbers that add up: each equation says that a total is the sum of its parts. Two tables that share
totals are one system of equations, so what one table gives away of the other is seen here too.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Cell = TypeVar("Cell", bound=Hashable)
_MOST_STEPS = 20_000  # of one search; who needs more is taken for exposed, which only hides more
SMALL = range(1, 5)


@dataclass(frozen=True, slots=True)
class Sum(Generic[Cell]):
    """``total`` is the sum of ``parts``."""

    total: Cell
    parts: tuple[Cell, ...]

    @property
    def cells(self) -> tuple[Cell, ...]:
        return (self.total, *self.parts)

    def sign(self, cell: Cell) -> int:
        return 1 if cell == self.total else -1


def suppressed(values: Mapping[Cell, int], sums: Sequence[Sum[Cell]], secret: Iterable[Cell]) -> frozenset[Cell]:
    """The cells to leave out: the secret ones, and as many others as keep each of them open to more than one value."""
    hidden = set(secret)
    while exposed := next((cell for cell in sorted(hidden, key=repr) if not _has_another_value(cell, values, sums, hidden)), None):
        beside = _beside(exposed, values, sums, hidden)
        if beside is None:
            return frozenset(values)  # nothing published, nothing given away
        hidden.add(beside)
    return frozenset(hidden)


def _beside(exposed: Cell, values: Mapping[Cell, int], sums: Sequence[Sum[Cell]], hidden: set[Cell]) -> Cell | None:
    """The cell whose loss hurts least: the smallest that is not nought, a part before a total, near the exposed one first."""
    near = [equation for equation in sums if exposed in equation.cells]
    for equations in (near, [equation for equation in sums if hidden.intersection(equation.cells)], sums):
        totals = {equation.total for equation in equations}
        open_cells = {cell for equation in equations for cell in equation.cells} - hidden
        if open_cells:
            return min(open_cells, key=lambda cell: (cell in totals, values[cell] == 0, values[cell], repr(cell)))
    return None


def _has_another_value(cell: Cell, values: Mapping[Cell, int], sums: Sequence[Sum[Cell]], hidden: set[Cell]) -> bool:
    """Whether other whole numbers, none negative, fit everything published and give this cell another value: one such is shown."""
    return any(_fits({cell: change}, values, sums, hidden, iter(range(_MOST_STEPS))) for change in (1, -1) if values[cell] + change >= 0)


def _fits(changes: dict[Cell, int], values: Mapping[Cell, int], sums: Sequence[Sum[Cell]], hidden: set[Cell], steps: Iterator[int]) -> bool:
    if next(steps, None) is None:
        return False
    broken = next((equation for equation in sums if _off(equation, changes)), None)
    if broken is None:
        return True
    off = _off(broken, changes)
    for cell in broken.cells:
        change = -off * broken.sign(cell)
        if cell in hidden and cell not in changes and values[cell] + change >= 0 and _fits(changes | {cell: change}, values, sums, hidden, steps):
            return True
    return False


def _off(equation: Sum[Cell], changes: Mapping[Cell, int]) -> int:
    return sum(equation.sign(cell) * changes[cell] for cell in equation.cells if cell in changes)
