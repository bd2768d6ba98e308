"""What adherence is computed from: records of what happened to site costings, and the positions that trusts declare.

Records are append-only: a correction is a new record that names the old one, a dispute is a record about another one.
``recorded_on`` is London's day on which it became known here; nothing counts before that day.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Annotated, Literal, NamedTuple, Self, get_args

from pydantic import Field, StringConstraints, model_validator

from ncvr.domain.site_costing import RefusalReason
from ncvr.domain.study import Day, Id, Name, NcvrClass, OdsCode, Phase, Record, Text

# From the system's own acts.
SystemKind = Literal[
    "shared", "shared_without_contract", "accepted", "refused", "escalated", "escalation_corrected", "escalation_not_upheld", "price_edit_refused",
    "agreement_unmodified", "agreement_modified", "agreement_unclear", "contracted", "declined", "withdrawn", "superseded", "repriced", "reassigned",
]  # fmt: skip
# What people report.
ReportedKind = Literal[
    "higher_price_asked", "lower_price_asked", "discount_signed", "signing_refused", "escalation_dropped", "local_choice", "agreement_altered",
]  # fmt: skip
# Records about records: a trust disputes or answers, a national administrator decides, a wrong record is taken back.
AboutKind = Literal["disputed", "dispute_answered", "claim_upheld", "claim_dismissed", "retracted"]
RecordKind = SystemKind | ReportedKind | AboutKind
SYSTEM_KINDS: tuple[SystemKind, ...] = get_args(SystemKind)
REPORTED_KINDS: tuple[ReportedKind, ...] = get_args(ReportedKind)
ABOUT_KINDS: tuple[AboutKind, ...] = get_args(AboutKind)
EVENT_KINDS: tuple[str, ...] = (*SYSTEM_KINDS, *REPORTED_KINDS)
OPENS = frozenset({"shared", "shared_without_contract"})
# With these a costing leaves the windows of later months.
SETTLES = frozenset({"accepted", "contracted", "refused", "declined", "withdrawn", "superseded", "escalation_corrected"})
Party = Literal["system", "company", "site", "network", "national"]
Concern = Literal["unit_price", "multiplier", "overhead"]
IrasId = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{3,6}$")]


class StudyFacts(Record):
    """What decides whether a study is counted, as it was when its costing was shared."""

    phase: Phase | None = None
    ncvr_class: NcvrClass | None = None
    atmp: bool = False
    portfolio: bool = True
    primary_care: bool = False
    sponsor: Text = ""

    @property
    def counted_class(self) -> Literal["late", "early", "unknown"]:
        """Late or early phase. The advanced-therapy flag beats the phase; a class that nobody chose is unknown.

        >>> StudyFacts(phase="III", atmp=True).counted_class, StudyFacts(phase="II").counted_class
        ('early', 'unknown')
        """
        if self.atmp or self.phase in ("I", "I/IIa", "IIa"):
            return "early"
        if self.phase in (None, "I/II", "II", "II/III"):
            return self.ncvr_class or "unknown"
        return "late"


class Evidence(Record):
    """What a record rests on: hashes, and a note without personal or patient data."""

    fingerprint: Text = ""
    document_sha256: Text = ""
    note: Annotated[Text, Field(max_length=2_000)] = ""


class AdherenceRecord(Record):
    """One thing that happened to one site costing. ``costing`` tells the costings of a site apart; by default study and site do."""

    id: Id
    kind: RecordKind
    on: Day
    recorded_on: Day
    iras_id: IrasId
    ods_code: OdsCode
    costing: Text = ""
    by: Party = "system"
    study: StudyFacts | None = None
    reason_code: RefusalReason | None = None
    concerns: Concern | None = None
    signed_on: Day | None = None
    about: Id | None = None
    corrects: Id | None = None
    evidence: Evidence = Evidence()

    @model_validator(mode="after")
    def _complete(self) -> Self:
        for wanted, says in _wanted(self):
            if wanted:
                raise ValueError(says)
        return self

    @property
    def costing_key(self) -> str:
        return self.costing or f"{self.iras_id}/{self.ods_code}"


def _wanted(record: AdherenceRecord) -> Iterable[tuple[bool, str]]:
    kind = record.kind
    yield record.recorded_on < record.on, f"{kind} on {record.on} was recorded before it happened; Check the two days"
    yield kind in OPENS and record.study is None, f"{kind} needs the study's facts; Add study: phase, portfolio, sponsor"
    yield kind in ("refused", "signing_refused") and record.reason_code is None, f"{kind} needs a reason code; Use one of {', '.join(get_args(RefusalReason))}"
    yield kind in ABOUT_KINDS and kind != "retracted" and record.about is None, f"{kind} names no record; Give its id in about"
    yield kind == "retracted" and record.corrects is None, "retracted names no record; Give its id in corrects"
    yield kind in ("claim_upheld", "claim_dismissed") and not record.evidence.note.strip(), f"{kind} needs its reason; Give it in evidence, as note"


PositionWord = Literal["accepts_in_full", "accepts_in_part", "does_not_accept"]
POSITIONS: tuple[PositionWord, ...] = get_args(PositionWord)


class Position(Record):
    """What a trust declared, from a day on, until it declares something else. ``price_variation``: one is open."""

    id: Id
    ods_code: OdsCode
    position: PositionWord
    price_variation: bool = False
    declared_on: Day
    recorded_on: Day
    source: Name
    corrects: Id | None = None

    @property
    def accepts(self) -> bool:
        return self.position == "accepts_in_full" and not self.price_variation

    @property
    def illustrative(self) -> bool:
        """Whether its source says that it is made up: what is counted from it says so too."""
        return self.source.lower().startswith("illustrative")


class Event(NamedTuple):
    """One valid record of a costing, as the indicator reads it. ``disputed``: its truth is undecided.

    A named tuple, since a month makes tens of thousands of them and a frozen dataclass takes four times as long to make.
    """

    id: str
    kind: str
    on: date
    ods_code: str
    by: str
    reason_code: str | None = None
    signed_on: date | None = None
    disputed: bool = False


class Costing(NamedTuple):
    """What happened to one site costing, in order of day and then of recording. ``study``: the facts of the last sharing."""

    key: str
    iras_id: str
    study: StudyFacts
    events: tuple[Event, ...]

    @property
    def opened_on(self) -> date:
        return self.events[0].on

    @property
    def settled_on(self) -> date | None:
        """The day it was settled after it was last shared; None while it is open."""
        settled: date | None = None
        for event in self.events:
            if event.kind in OPENS:
                settled = None
            elif event.kind in SETTLES and settled is None:
                settled = event.on
        return settled

    @property
    def last_on(self) -> date:
        """The day of the last event: before a window that begins later, a settled costing is not in it."""
        return self.events[-1].on


def known_positions(positions: Iterable[Position], as_of: date) -> list[Position]:
    """Positions recorded by that day and not corrected by that day, oldest declaration first."""
    known = [position for position in positions if position.recorded_on <= as_of]
    corrected = {position.corrects for position in known}
    return sorted((position for position in known if position.id not in corrected), key=lambda position: position.declared_on)


def costings_of(records: Iterable[AdherenceRecord], as_of: date, dispute_within_days: int) -> list[Costing]:
    """Every costing that was ever shared, from the records known by that day; corrections and disputes are resolved.

    The order of the records is the order of recording. A dispute counts only when it was recorded within so many days of
    the record it is about. What came before the first sharing is no event: discussion before that is never a failure.
    """
    known = [record for record in records if record.recorded_on <= as_of]
    corrected = {record.corrects: record.id for record in known if record.corrects is not None}
    claims = _claims(known, corrected, dispute_within_days)
    groups: dict[str, list[AdherenceRecord]] = {}
    for record in known:
        if record.id not in corrected and record.kind not in ABOUT_KINDS and claims.get(record.id) != "claim_dismissed":
            groups.setdefault(record.costing_key, []).append(record)
    return [costing for key, group in groups.items() if (costing := _costing(key, group, claims)) is not None]


def _claims(known: Sequence[AdherenceRecord], corrected: Mapping[str, str], within_days: int) -> dict[str, str]:
    """What became of disputed records, by id: ``disputed``, ``claim_upheld`` or ``claim_dismissed``."""
    recorded_on = {record.id: record.recorded_on for record in known}
    claims: dict[str, str] = {}
    for record in known:
        about = record.about
        if about is None or record.id in corrected or record.kind not in ("disputed", "claim_upheld", "claim_dismissed"):
            continue
        in_time = about in recorded_on and (record.recorded_on - recorded_on[about]).days <= within_days
        while about in corrected:  # correcting a disputed record does not end the dispute
            about = corrected[about]
        if record.kind != "disputed" or (in_time and about not in claims):
            claims[about] = record.kind
    return claims


def _costing(key: str, group: list[AdherenceRecord], claims: Mapping[str, str]) -> Costing | None:
    group.sort(key=lambda record: record.on)
    first = next((at for at, record in enumerate(group) if record.kind in OPENS), None)
    if first is None:
        return None
    facts = next(record.study for record in reversed(group) if record.kind in OPENS and record.study is not None)
    events = tuple(
        Event(record.id, record.kind, record.on, record.ods_code, record.by, record.reason_code, record.signed_on, claims.get(record.id) == "disputed")
        for record in group[first:]
    )
    return Costing(key, group[first].iras_id, facts, events)
