"""What a benchmark measures: a ratio of two ways of doing the same work, in one run on one machine, against its bound."""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One goal: ``value`` is a ratio (or a count, for correctness), ``bound`` what it may be ``at_most`` or must be ``at_least``."""

    goal: str
    name: str
    value: float
    bound: float
    holds: Literal["at most", "at least"]

    @property
    def ok(self) -> bool:
        return self.value <= self.bound if self.holds == "at most" else self.value >= self.bound


def medians(ways: Mapping[str, Callable[[], object]], *, rounds: int = 15) -> dict[str, float]:
    """Median seconds of each way. The ways take turns, so that a slow moment of the machine slows them all."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for way in ways.values():
        way()  # once for nothing: caches and imports
    for _ in range(rounds):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(each) for name, each in seconds.items()}
