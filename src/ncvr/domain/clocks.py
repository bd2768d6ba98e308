"""Elapsed days between recorded events of studies: medians and means with counts, and those still running never forgotten.

Whoever has not finished yet is not left out, or slow studies would make the figures better: the median is the
Kaplan-Meier one, in which a running clock counts for as long as it has run. Ten lines of exact fractions do it; a library
for survival analysis would bring a hundred megabytes and binary floats.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

Milestone = Literal["costing_submitted", "costing_agreed", "regulatory_application", "regulatory_approval", "site_open", "first_participant"]
MILESTONES: tuple[Milestone, ...] = get_args(Milestone)


class PublishedTime(BaseModel):
    """A time that was officially stated, for its cohort and no other."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: Annotated[int, Field(ge=0)]
    cohort: str
    source: str


class Clock(BaseModel):
    """From one milestone of a study to another; as data, with its target where there is one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
    title: str
    starts: Milestone
    ends: Milestone
    target_days: Annotated[int, Field(ge=1)] | None = None
    published: tuple[PublishedTime, ...] = ()

    @model_validator(mode="after")
    def _runs_forward(self) -> "Clock":
        if MILESTONES.index(self.starts) == MILESTONES.index(self.ends):
            raise ValueError("a clock that starts and ends with the same event never runs; Correct one of the two")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyDays:
    """The first day of each milestone of a study, as far as recorded. Cohorts are kept apart: each study is of one."""

    iras_id: str
    cohort: str
    days: Mapping[Milestone, date]


@dataclass(frozen=True, slots=True, kw_only=True)
class Elapsed:
    """How long one clock of one study has run; ``finished`` False: it still runs."""

    iras_id: str
    days: int
    finished: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockReading:
    """One clock of one cohort on one day. A clock that ends before it starts is ``out_of_order``, and in no figure."""

    clock: Clock
    cohort: str
    as_of: date
    elapsed: tuple[Elapsed, ...]
    out_of_order: tuple[str, ...]

    @property
    def finished(self) -> list[Elapsed]:
        return [each for each in self.elapsed if each.finished]

    @property
    def unfinished(self) -> list[Elapsed]:
        """The longest running first."""
        return sorted((each for each in self.elapsed if not each.finished), key=lambda each: (-each.days, each.iras_id))

    @property
    def median(self) -> int | None:
        """The Kaplan-Meier median of all, running ones included. None: too many still run to know it."""
        return survival_median(self.elapsed)

    @property
    def median_of_finished(self) -> Fraction | None:
        """The plain median of the finished: better than the truth while slow ones still run."""
        days = sorted(each.days for each in self.finished)
        return Fraction(days[(len(days) - 1) // 2] + days[len(days) // 2], 2) if days else None

    @property
    def mean_of_finished(self) -> Fraction | None:
        return Fraction(sum(each.days for each in self.finished), len(self.finished)) if self.finished else None

    @property
    def within_target(self) -> int | None:
        """How many of the finished kept to the target; None where there is no target."""
        target = self.clock.target_days
        return None if target is None else sum(each.days <= target for each in self.finished)


def survival_median(elapsed: Sequence[Elapsed]) -> int | None:
    """The first day by which, of those at risk, half or fewer are left.

    >>> survival_median([Elapsed(iras_id=str(days), days=days, finished=days != 20) for days in (10, 20, 30, 40)])
    30
    """
    left = Fraction(1)
    for days in sorted({each.days for each in elapsed if each.finished}):
        at_risk = sum(each.days >= days for each in elapsed)
        ended = sum(each.days == days and each.finished for each in elapsed)
        left *= 1 - Fraction(ended, at_risk)
        if left <= Fraction(1, 2):
            return days
    return None


def read_clocks(clocks: Iterable[Clock], studies: Sequence[StudyDays], as_of: date) -> list[ClockReading]:
    """Every clock for every cohort that has started it, from what happened by that day."""
    cohorts = sorted({study.cohort for study in studies})
    readings = [_reading(clock, cohort, [study for study in studies if study.cohort == cohort], as_of) for clock in clocks for cohort in cohorts]
    return [reading for reading in readings if reading.elapsed or reading.out_of_order]


def _reading(clock: Clock, cohort: str, studies: Iterable[StudyDays], as_of: date) -> ClockReading:
    elapsed, out_of_order = [], []
    for study in studies:
        start, end = study.days.get(clock.starts), study.days.get(clock.ends)
        if start is None or start > as_of:
            continue
        finished = end is not None and end <= as_of
        days = ((end if end is not None and finished else as_of) - start).days
        if days < 0:
            out_of_order.append(study.iras_id)
        else:
            elapsed.append(Elapsed(iras_id=study.iras_id, days=days, finished=finished))
    return ClockReading(clock=clock, cohort=cohort, as_of=as_of, elapsed=tuple(elapsed), out_of_order=tuple(out_of_order))


def clock_record(reading: ClockReading) -> dict[str, object]:
    """One reading as JSON. Means and halves of days are text with one decimal."""
    return {
        "clock": reading.clock.id,
        "title": reading.clock.title,
        "cohort": reading.cohort,
        "target_days": reading.clock.target_days,
        "median_days": reading.median,
        "median_days_of_finished": _one_decimal(reading.median_of_finished),
        "mean_days_of_finished": _one_decimal(reading.mean_of_finished),
        "finished": len(reading.finished),
        "within_target": reading.within_target,
        "unfinished": [{"iras_id": each.iras_id, "days": each.days} for each in reading.unfinished],
        "out_of_order": list(reading.out_of_order),
        "published": [time.model_dump() for time in reading.clock.published],
    }


def _one_decimal(days: Fraction | None) -> str | None:
    if days is None:
        return None
    tenths = (days.numerator * 20 + days.denominator) // (days.denominator * 2)
    return f"{tenths // 10}.{tenths % 10}"
