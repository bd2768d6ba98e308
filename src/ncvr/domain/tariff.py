"""A national tariff: dated editions of rates, unit costs, uplifts and site multipliers, and who the organisations are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from difflib import get_close_matches
from functools import cached_property
from typing import Literal, Protocol, TypeVar

from ncvr.errors import InputError, NoSiteMultiplier, NoTariffInForce, UnknownActivity
from ncvr.money import Rounding, decimals, in_units

CostClass = Literal["staff_time", "investigation", "departmental"]
Status = Literal["illustrative", "transcribed", "checked"]
Lock = Literal["locked", "unlocked"]
AmendmentPricing = Literal["current_edition", "original_edition"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Uplift:
    """Shares of the activity cost, added on the same base: 0.70 indirect and 0.20 capacity make 1.9, not 2.04."""

    indirect: Decimal
    capacity: Decimal
    source: str
    place: str = "edition.yaml"  # with the line, "edition.yaml:13", except in editions kept before lines were noted


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffRate:
    role: str
    title: str
    hourly_rate: Decimal
    source: str
    place: str  # file and line of the figure, e.g. "staff_rates.csv:7"

    @property
    def amount(self) -> Decimal:
        """Pounds an hour."""
        return self.hourly_rate


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivationStep:
    """One step from public pay to an hourly rate. The role ``all_roles`` holds what is stated once for every role."""

    role: str
    step: str
    value: Decimal
    unit: str
    source: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffItem:
    code: str
    description: str
    department: str
    cost_class: CostClass
    unit_cost: Decimal
    source: str
    place: str

    @property
    def amount(self) -> Decimal:
        """Pounds each."""
        return self.unit_cost


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueResource:
    """One default resource line of a catalogue activity: a role with minutes, or a tariff item."""

    role: str | None
    minutes: Decimal | None
    item: str | None
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueActivity:
    """A usual trial activity with defaults that a reviewer may change."""

    code: str
    name: str
    type: str
    department: str
    resources: tuple[CatalogueResource, ...]
    source: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteMultiplier:
    """The organisation-specific factor on every priced amount (nicknamed MFF)."""

    ods_code: str
    name: str
    nation: str
    value: Decimal
    basis: str
    source: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    title: str
    publisher: str
    date: str
    licence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A figure with its uplift as whole numbers of an edition's own small units, so that costs are exact and quick."""

    figure: StaffRate | TariffItem
    uplift: Uplift
    units: int  # the figure
    whole: int  # the share 1
    indirect: int
    capacity: int
    national: int  # the figure with both uplifts: each taken on the figure and added, never one on the other


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Every figure of an edition, for ordinary activities or for set-up and close-down, on one scale."""

    roles: Mapping[str, Rate]
    items: Mapping[str, Rate]
    units_per_pound: int  # of units x whole


@dataclass(frozen=True, kw_only=True)
class TariffEdition:
    """One published tariff, never edited once in force. Look-ups refuse rather than guess."""

    edition: str
    title: str
    status: Status
    published_on: date
    in_force_from: date
    based_on: str | None
    rounding: Rounding
    uplifts: Mapping[CostClass, Uplift]
    setup_uplifts: Mapping[CostClass, Uplift]  # the overrides for set-up and close-down only; may be empty
    amendment_pricing: AmendmentPricing
    sources: tuple[Source, ...]
    staff_rates: Mapping[str, StaffRate]
    items: Mapping[str, TariffItem]
    activities: Mapping[str, CatalogueActivity]
    multipliers: Mapping[str, SiteMultiplier]
    derivation: tuple[DerivationStep, ...] = ()
    sha256: str  # "sha256:..." over the resolved content
    lock: Lock

    def staff_rate(self, role: str) -> StaffRate:
        """The hourly rate of a role; UnknownActivity naming the edition and near matches if there is none."""
        if role not in self.staff_rates:
            raise self._unknown("role", role, self.staff_rates)
        return self.staff_rates[role]

    def item(self, code: str) -> TariffItem:
        """The tariff item of a code; UnknownActivity naming the edition and near matches if there is none."""
        if code not in self.items:
            raise self._unknown("tariff code", code, self.items)
        return self.items[code]

    def uplift(self, cost_class: CostClass, *, setup: bool = False) -> Uplift:
        """The uplift of a class; for set-up and close-down the edition may override it."""
        return self.setup_uplifts.get(cost_class, self.uplifts[cost_class]) if setup else self.uplifts[cost_class]

    @cached_property
    def rates(self) -> Rates:
        """The figures with the ordinary uplifts; the scale comes from the edition's own decimals, so nothing is lost."""
        return self._rates(setup=False)

    @cached_property
    def setup_rates(self) -> Rates:
        """The figures with the uplifts of set-up and close-down."""
        return self._rates(setup=True)

    def _rates(self, *, setup: bool) -> Rates:
        figures: list[StaffRate | TariffItem] = [*self.staff_rates.values(), *self.items.values()]
        uplifts = [*self.uplifts.values(), *self.setup_uplifts.values()]
        places = max([decimals(figure.amount) for figure in figures], default=0)
        shares = max([decimals(share) for uplift in uplifts for share in (uplift.indirect, uplift.capacity)], default=0)

        def rate(figure: StaffRate | TariffItem) -> Rate:
            uplift = self.uplift(figure.cost_class if isinstance(figure, TariffItem) else "staff_time", setup=setup)
            units, whole = in_units(figure.amount, places), 10**shares
            indirect, capacity = in_units(uplift.indirect, shares), in_units(uplift.capacity, shares)
            national = units * (whole + indirect + capacity)
            return Rate(figure=figure, uplift=uplift, units=units, whole=whole, indirect=indirect, capacity=capacity, national=national)

        return Rates(
            roles={role: rate(figure) for role, figure in self.staff_rates.items()},
            items={code: rate(figure) for code, figure in self.items.items()},
            units_per_pound=int(10 ** (places + shares)),
        )

    def multiplier(self, ods_code: str) -> SiteMultiplier:
        """The site's multiplier. There is no default: NoSiteMultiplier if the edition has none."""
        if ods_code not in self.multipliers:
            raise NoSiteMultiplier(
                f"edition {self.edition} has no multiplier for {ods_code}{near(ods_code, self.multipliers)}",
                "site_multipliers.csv",
                "Add the site's published multiplier in an edition of your own (based_on this one); none is ever assumed",
            )
        return self.multipliers[ods_code]

    def _unknown(self, what: str, key: str, known: Iterable[str]) -> UnknownActivity:
        return UnknownActivity(
            f"{what} {key!r} is not in edition {self.edition}{near(key, known)}",
            remedy=f"Choose one listed by: ncvr tariff show {self.edition}",
        )


class Dated(Protocol):
    """What is needed to know which edition is in force: its name and its first day."""

    @property
    def edition(self) -> str: ...
    @property
    def in_force_from(self) -> date: ...


AnyEdition = TypeVar("AnyEdition", bound=Dated)


def edition_in_force(editions: Iterable[AnyEdition], on: date) -> AnyEdition:
    """The edition with the latest start not after ``on``; its end is the next one's start.

    Raises NoTariffInForce for a day before the first edition: a price is never guessed from a later tariff.
    """
    listed = sorted(editions, key=lambda edition: edition.in_force_from)
    started = [edition for edition in listed if edition.in_force_from <= on]
    if not started:
        first = f"the first edition, {listed[0].edition}, starts on {listed[0].in_force_from}" if listed else "there is no edition"
        raise NoTariffInForce(f"no tariff is in force on {on}: {first}", remedy="Choose a later pricing date, or add an earlier edition")
    return started[-1]


def in_force_until(edition: Dated, editions: Iterable[Dated]) -> date | None:
    """The last day of the edition: the day before the next one starts. None while no next one is published."""
    later = [other.in_force_from for other in editions if other.in_force_from > edition.in_force_from]
    return min(later) - timedelta(days=1) if later else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """An NHS organisation that can be a site. ``successor`` is blank where none is sourced."""

    ods_code: str
    scheme: Literal["ods", "gss", "local"]
    name: str
    nation: str
    type: str
    region: str
    status: Literal["open", "closed", "unknown"]
    open_date: date | None
    close_date: date | None
    successor: str
    source: str
    place: str

    def open_on(self, day: date) -> bool:
        """Whether the organisation was legally open that day; an unknown status counts as open (and is said)."""
        return (self.open_date is None or self.open_date <= day) and (self.close_date is None or day <= self.close_date)


def organisation(organisations: Mapping[str, Organisation], ods_code: str) -> Organisation:
    """Look a code up (after trim and upper-case); InputError with near matches if it is not in the list."""
    code = ods_code.strip().upper()
    if code not in organisations:
        raise InputError(f"{ods_code!r} is not in the list of organisations{near(code, organisations)}", remedy="Use a code from organisations.csv")
    return organisations[code]


def near(key: str, known: Iterable[str]) -> str:
    """`` (near: RGT, RGN)`` or nothing: suggestions for a mistyped code."""
    matches = get_close_matches(key, list(known), n=3)
    return f" (near: {', '.join(matches)})" if matches else ""
