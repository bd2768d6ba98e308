"""What is counted, as data: scope, window, numerator, denominator, and how each kind of record is treated."""

from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ncvr.domain.adherence_records import EVENT_KINDS
from ncvr.domain.clocks import Clock
from ncvr.domain.tariff import Organisation, near
from ncvr.errors import InputError

Measure = Literal["declared", "observed", "industry"]
MEASURES: tuple[Measure, ...] = get_args(Measure)
# ``outside`` is written with its reason: "outside: declined for capacity".
ACCEPTED, NOT_ACCEPTED, PENDING, NOTED, OUTSIDE = "accepted", "not accepted", "pending", "noted", "outside: "


class _Data(BaseModel):
    """YAML gives text; the values are as strict as the text allows."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Scope(_Data):
    """Which studies and organisations are looked at. ``from_day``: local negotiation was part of the process before it."""

    nation: str
    ncvr_class: Literal["late"]
    portfolio_only: bool
    primary_care: bool
    from_day: date


class Target(_Data):
    per_cent: Annotated[int, Field(ge=0, le=100)]
    by: date
    source: str


class Definition(_Data):
    """One version of one measure. ``eligible_types`` None: every known type of trust."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
    measure: Measure
    title: str
    says: str
    done: str = "accepted"  # what the trusts of the numerator did, as a headline says it
    in_force_from: date
    in_force_until: date | None = None
    unit: Literal["trust"]
    scope: Scope
    window_months: Annotated[int, Field(ge=1, le=12)]
    denominator: Literal["eligible", "active"]
    eligible_types: tuple[str, ...] | None = None
    also_eligible: tuple[str, ...] = ()
    dispute_within_days: Annotated[int, Field(ge=0, le=366)]
    treatments: dict[str, str] = {}
    next_steps: dict[str, str]
    target: Target | None = None
    sources: tuple[str, ...]

    @model_validator(mode="after")
    def _every_kind_is_treated(self) -> "Definition":
        for kind, treatment in self.treatments.items():
            if kind not in EVENT_KINDS:
                raise ValueError(f"treatments: {kind!r} is no kind of record{near(kind, EVENT_KINDS)}; Correct its name")
            if treatment not in (ACCEPTED, NOT_ACCEPTED, PENDING, NOTED) and not treatment.startswith(OUTSIDE):
                raise ValueError(f"treatments: {treatment!r} of {kind} is not known; Write accepted, not accepted, pending, noted, or outside: and the reason")
        if (self.denominator == "eligible") != (self.measure == "declared"):
            raise ValueError("denominator: declared counts every eligible trust, the others those that were active; Correct measure or denominator")
        missing = [kind for kind in EVENT_KINDS if kind not in self.treatments]
        if self.measure != "declared" and missing:
            raise ValueError(f"treatments: {', '.join(missing)} are not treated; Say for each what it counts as")
        return self

    def treatment(self, kind: str) -> str:
        return self.treatments[kind]

    def counts_type(self, organisation: Organisation) -> bool:
        """Whether trusts of this type are in the denominator: ``acute`` stands for every type that begins so."""
        if self.eligible_types is None:
            return True
        return any(organisation.type == kind or organisation.type.startswith(f"{kind} - ") for kind in (*self.eligible_types, *self.also_eligible))


class PublishedPoint(_Data):
    """A figure that was officially stated, for its month and no other."""

    month: Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
    per_cent: Annotated[int, Field(ge=0, le=100)]
    says: str
    source: str


class AdherenceDefinitions(_Data):
    """Everything about adherence that is data. Old definitions stay, so that old figures can be computed again."""

    definitions: Annotated[tuple[Definition, ...], Field(min_length=1)]
    published_points: tuple[PublishedPoint, ...] = ()
    clocks: tuple[Clock, ...] = ()

    def definition(self, name: str) -> Definition:
        """Raises InputError, with near matches, if there is no such definition."""
        names = [definition.id for definition in self.definitions]
        if name not in names:
            raise InputError(f"there is no definition {name!r}{near(name, names)}", "definition", f"Use one of: {', '.join(names)}")
        return self.definitions[names.index(name)]

    def in_force(self, on: date) -> list[Definition]:
        """The newest definition of each measure that is in force that day: what a report of that day shows."""
        newest: dict[str, Definition] = {}
        for definition in sorted(self.definitions, key=lambda each: each.in_force_from):
            if definition.in_force_from <= on and (definition.in_force_until is None or on <= definition.in_force_until):
                newest[definition.measure] = definition
        return sorted(newest.values(), key=lambda definition: MEASURES.index(definition.measure))
