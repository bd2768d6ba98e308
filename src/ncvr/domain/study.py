"""A study as its file holds it: who, where, and what the protocol asks of a site.

These models are what comes from outside, so they are strict: unknown fields, fractions as JSON numbers and empty ids
are refused. A draft may lack identity, sites or resources; :mod:`ncvr.domain.study_checks` says what each use needs.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, StringConstraints, WithJsonSchema, model_validator

from ncvr.domain.written_values import day, minutes, minutes_written, ods_code, pounds, printable, site_role

FORMAT: Literal["ncvr-study/1"] = "ncvr-study/1"
MOST_MINUTES = 10_080  # a week
MOST_COUNT = 9_999


class Record(BaseModel):
    """What every part of a file has in common: nothing unknown, nothing changed after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


Text = Annotated[str, StringConstraints(max_length=32_000), AfterValidator(printable)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=32_000), AfterValidator(printable)]
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
OdsCode = Annotated[str, BeforeValidator(ods_code), StringConstraints(pattern=r"^[A-Z0-9]{3,10}$")]
Day = Annotated[date, BeforeValidator(day)]
Count = Annotated[int, Field(ge=1, le=MOST_COUNT)]
Minutes = Annotated[
    Decimal,
    BeforeValidator(minutes),
    Field(gt=0, le=MOST_MINUTES),
    PlainSerializer(minutes_written),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1, "maximum": MOST_MINUTES}, {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$"}]}),
]
Pounds = Annotated[str, AfterValidator(pounds), WithJsonSchema({"type": "string", "pattern": r"^[0-9]+(\.[0-9]{1,2})?$"})]
Phase = Literal["I", "I/IIa", "I/II", "IIa", "II", "IIb", "II/III", "IIb/III", "III", "III/IV", "IV", "not applicable"]
NcvrClass = Literal["late", "early"]


class Protocol(Record):
    number: Name
    version: Name
    date: Day


class StudyIdentity(Record):
    """Who the study is. All but the agreement family may be missing in a draft."""

    iras_id: Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{3,6}$")] | None = None
    cpms_id: Annotated[str, StringConstraints(pattern=r"^[0-9]+$")] | None = None
    title: Text = ""
    short_title: Text = ""
    sponsor: Text = ""
    cro: Text | None = None
    phase: Phase | None = None
    atmp: bool = False
    ncvr_class: NcvrClass | None = None
    portfolio: bool = True
    agreement: Name = "mCTA"
    first_submitted_on: Day | None = None
    protocol: Protocol | None = None


class Site(Record):
    """A participating organisation; hub, spoke and participant identification sites are not priced yet."""

    ods_code: OdsCode
    id: Id | None = None
    principal_investigator: Text = ""
    target_participants: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    arm_participants: dict[Id, Annotated[int, Field(ge=0, le=1_000_000)]] | None = None
    site_code: Text = ""
    site_name: Text = ""
    role: Annotated[Literal["participating", "lead"], BeforeValidator(site_role)] = "participating"
    agreement: Name | None = None
    arms: list[Id] | None = None

    @property
    def key(self) -> str:
        """The id that names this site in files: its own, else its organisation's code."""
        return self.id or self.ods_code


class Repeat(Record):
    until: Name
    expected: Count | None = None
    max: Count | None = None


class Visit(Record):
    id: Id
    name: Name
    window: Text = ""
    kind: Literal["scheduled", "conditional"] = "scheduled"
    when: Text = ""
    screening: bool = False
    repeat: Repeat | None = None


class ResourceLine(Record):
    """Staff time (a role and its minutes) or a tariff item (a code), each some number of times."""

    role: Name | None = None
    minutes: Minutes | None = None
    item: Name | None = None
    quantity: Count = 1
    department: Text | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.role is None) == (self.item is None):
            raise ValueError("a resource is either a role with minutes or a tariff item; give exactly one of them")
        if (self.role is None) != (self.minutes is None):
            raise ValueError("minutes belong to a role, and a role needs them")
        return self


class Costed(Record):
    """What every priced activity has, wherever it stands in the file."""

    id: Id
    name: Name
    type: Literal["visit", "procedure", "investigation", "pharmacy", "training", "other"] = "other"
    department: Text | None = None
    catalogue: Name | None = None
    protocol_ref: Text = ""
    resources: list[ResourceLine] = []
    no_charge: Name | None = None
    to_do: Name | None = None

    @model_validator(mode="after")
    def _resources_or_reason(self) -> Self:
        if self.resources and (self.no_charge is not None or self.to_do is not None):
            raise ValueError("no_charge and to_do stand only where there are no resources; keep one or the other")
        return self


class Activity(Costed):
    """Work of one arm, in the price of its visits (``visit``) or paid each time it is done (``item``)."""

    payment: Literal["visit", "item"]
    when: Text = ""
    max: Count | None = None
    occurrences: dict[Id, Annotated[int, Field(ge=0, le=MOST_COUNT)]] = {}


class UnscheduledActivity(Costed):
    """Work that happens only on an event, paid each time."""

    arm: Id | None = None
    when: Text = ""
    max: Count | None = None


class StudyActivity(Costed):
    """Set-up or close-down work, paid on its trigger."""

    trigger: Text = ""
    per: Literal["once", "year", "month", "amendment", "visit", "event"] = "once"
    expected: Count | None = None


class PassThrough(Record):
    """Money that is not NHS resource: at cost, never uplifted, never multiplied."""

    id: Id
    name: Name
    basis: Text = ""
    cap: Pounds | None = None
    per: Text = ""


class Arm(Record):
    id: Id
    name: Name
    kind: Literal["arm", "sequence", "cohort", "substudy"] = "arm"
    optional: bool = False
    same_as: Id | None = None
    visits: list[Visit] = []
    activities: list[Activity] = []


class Waiver(Record):
    """A protocol cell left uncosted on purpose, by a named person."""

    arm: Id
    visit: Id
    protocol_activity: Name
    reason: Name
    by: Name
    on: Day


class Study(Record):
    """A study file, ``ncvr-study/1``. A file says its format; what the program makes itself need not."""

    model_config = ConfigDict(json_schema_extra={"required": ["format"]})

    format: Literal["ncvr-study/1"] = FORMAT
    version: Annotated[int, Field(ge=1, le=MOST_COUNT)] = 1
    state: Literal["draft", "agreed"] = "draft"
    study: StudyIdentity = StudyIdentity()
    lead_site: OdsCode | None = None
    sites: list[Site] = []
    arms: list[Arm] = []
    unscheduled: list[UnscheduledActivity] = []
    setup_and_closedown: list[StudyActivity] = []
    pass_through: list[PassThrough] = []
    waivers: list[Waiver] = []

    @property
    def ncvr_class(self) -> NcvrClass | None:
        """Late or early phase: derived where the phase says it, else as the user chose; None while unknown."""
        return derived_class(self.study) or self.study.ncvr_class

    def expanded_arms(self) -> tuple[Arm, ...]:
        """The arms with every ``same_as`` cohort given the visits and activities of the arm it repeats."""
        by_id = {arm.id: arm for arm in self.arms}
        return tuple(_expanded(arm, by_id) for arm in self.arms)

    def sites_named(self, key: str) -> list[Site]:
        """The site with this id; else those with this organisation code (an organisation may take part more than once)."""
        return [site for site in self.sites if site.key == key] or [site for site in self.sites if site.ods_code == key.upper()]

    def site(self, key: str) -> Site | None:
        """The site with this id or organisation code, the first if there are several."""
        return next(iter(self.sites_named(key)), None)


def _expanded(arm: Arm, by_id: Mapping[str, Arm]) -> Arm:
    if arm.same_as is None:
        return arm
    repeated = by_id[arm.same_as]
    return arm.model_copy(update={"visits": repeated.visits, "activities": repeated.activities})


def derived_class(identity: StudyIdentity) -> NcvrClass | None:
    """The class where it follows from the file; None where the user must choose (II, I/II, II/III).

    Late phase is defined by exclusion: not phase I to IIa and not ATMP, and the ATMP flag beats the phase.
    """
    if identity.atmp or identity.phase in ("I", "I/IIa", "IIa"):
        return "early"
    return None if identity.phase in (None, "I/II", "II", "II/III") else "late"


# What is done stands after what it is.
_LAST = ("resources", "no_charge", "to_do", "occurrences")
# Always written, even when empty: a reader sees at a glance what the file could hold.
_ALWAYS = frozenset({"format", "version", "state", "study", "lead_site", "sites", "arms", "unscheduled", "setup_and_closedown", "pass_through"})


def study_record(study: Study) -> dict[str, Any]:
    """The study in its one written form: JSON values, keys in the file's order, defaults left out."""
    return _without_defaults(study, always=_ALWAYS)


def _without_defaults(record: Record, always: frozenset[str] = frozenset()) -> dict[str, Any]:
    written: dict[str, Any] = {}
    plain = record.model_dump(mode="json")
    fields = sorted(type(record).model_fields.items(), key=lambda named: named[0] in _LAST)
    for name, field in fields:
        value = getattr(record, name)
        if name in always or field.is_required() or value != field.get_default(call_default_factory=True):
            written[name] = _written(value, plain[name])
    return written


def _written(value: Any, plain: Any) -> Any:
    if isinstance(value, Record):
        return _without_defaults(value)
    if isinstance(value, list) and value and isinstance(value[0], Record):
        return [_without_defaults(entry) for entry in value]
    return plain


def schedule_record(study: Study) -> dict[str, Any]:
    """What ``schedule_sha256`` is taken over: the part of the study that can move a price."""
    written = study_record(study)
    return {"iras_id": study.study.iras_id} | {key: written[key] for key in ("version", "arms", "unscheduled", "setup_and_closedown", "pass_through")}
