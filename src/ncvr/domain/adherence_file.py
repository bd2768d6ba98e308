"""``ncvr-adherence/1`` as it is published, field by field: what others read, and what our own report is held to."""

from typing import Literal

from ncvr.domain.adherence_definition import Measure, PublishedPoint, Target
from ncvr.domain.adherence_standing import Place
from ncvr.domain.study import Day, Record


class Excluded(Record):
    """``age_days`` where something waits: since when, in days."""

    ods_code: str
    reason: str
    age_days: int | None = None


class Nation(Record):
    nation: str
    accepted: int
    not_accepted: int
    excluded: int


class Explained(Record):
    """Which record or position put the organisation where it stands."""

    ods_code: str
    name: str
    place: Place
    reason: str
    decided_by: str
    since: Day | None
    age_days: int | None
    members: list[str]


class FollowUp(Explained):
    next_step: str


class GroupShare(Record):
    name: str
    numerator: int
    denominator: int
    display: str


class MonthShare(Record):
    month: str
    numerator: int
    denominator: int
    display: str


class IndicatorRecord(Record):
    """One measure. ``by_sponsor``: costings; null where a number is suppressed. What only national roles see may be missing."""

    definition: str
    measure: Measure
    title: str
    says: str
    window: dict[Literal["from", "until"], Day]
    numerator: int
    denominator: int
    display: str
    accepted: list[str]
    not_accepted: list[str]
    excluded: list[Excluded]
    organisations: int
    other_nations: list[Nation]
    target: Target | None
    explained: list[Explained] | None = None
    by_region: list[GroupShare]
    by_type: list[GroupShare]
    by_sponsor: list[dict[str, str | int | None]] | None = None
    series: list[MonthShare] | None = None
    follow_up: list[FollowUp] | None = None


class MonthReasons(Record):
    month: str
    reasons: dict[str, int]


class AdherenceFile(Record):
    """A report of a month or quarter. ``ledger_head`` is null where the records came from a file; made-up positions are counted apart.

    What only national roles see of a period that was not published may be missing.
    """

    format: Literal["ncvr-adherence/1"]
    period: str
    as_of: Day
    software: str
    ledger_head: str | None = None
    records: int | None = None
    positions: int
    illustrative_positions: int = 0
    indicators: list[IndicatorRecord]
    refusal_reasons: list[MonthReasons] | None = None
    published_points: list[PublishedPoint]
