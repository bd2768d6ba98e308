"""The financial appendix of one site as text, ready to be put into a template: every value by name, every table as rows.

It knows no document. A *key* names one value (``study.iras_id``, ``details.sponsor.legal_name``, ``arm.per_participant``);
a *table* is rows whose texts have names (``ref``, ``visit``, ``window``, ``price``). :data:`KEYS` and :data:`TABLES` are
the whole vocabulary that a template's profile may draw on. All amounts are printed prices of the SitePrice, or costs that
the study or the details state; nothing is computed here but the choice of words.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from pydantic import BaseModel

from ncvr.domain.appendix_rows import ArmSchedule, Fact, Row, arm_schedule, pass_through_rows, screen_failure_rows, setup_rows, unscheduled_rows
from ncvr.domain.details import SiteDetails
from ncvr.domain.site_price import SitePrice
from ncvr.money import pence_of, shown

# When a class of studies came into NCVR: announcements of stage 1 (October 2022) and of early phase and ATMP (October 2024).
IN_SCOPE_FROM = {"late": date(2022, 10, 1), "early": date(2024, 10, 14)}

_STUDY = [
    "iras_id",
    "cpms_id",
    "title",
    "short_title",
    "sponsor",
    "cro",
    "phase",
    "ncvr_class",
    "ncvr_scope",
    "in_ncvr_scope",
    "atmp",
    "portfolio",
    "protocol_number",
    "protocol_version",
    "protocol_date",
    "lead_site",
    "version",
]
_SITE = ["ods_code", "name", "nation", "principal_investigator", "target_participants", "legal_name", "address", "signing_party"]
_PRICE = ["edition", "edition_title", "edition_status", "edition_and_status", "multiplier", "priced_on", "fingerprint"]
_ARM = ["id", "name", "per_participant", "screen_failure"]

# The columns that hold prices, by which a schedule is compared with its price.
PRICE_COLUMNS = frozenset({"price"})

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
_EDITION_STATUS = {
    "illustrative": "illustrative, not an official tariff",
    "transcribed": "transcribed from the official publication",
    "checked": "transcribed from the official publication and checked",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FinancialAppendix:
    """Everything a template may ask for, for one site. A key without a value is not in ``facts``."""

    facts: Mapping[str, Fact]
    arms: tuple[ArmSchedule, ...]
    tables: Mapping[str, tuple[Row, ...]]


def known_key(key: str) -> bool:
    """Whether a profile may draw on this key; choices and conditions of the details have names of the profile's own."""
    return key in KEYS or key.startswith(("details.choices.", "details.conditions."))


def compose(price: SitePrice, details: SiteDetails, *, priced_on: date, fingerprint: str) -> FinancialAppendix:
    """The appendix of one site. What is missing is left out here; the template decides what it needs."""
    facts = {**_study_facts(price, priced_on), **_site_facts(price, details), **_price_facts(price, priced_on, fingerprint), **_detail_facts(details)}
    return FinancialAppendix(
        facts={key: value for key, value in facts.items() if value not in ("", None, ())},
        arms=tuple(arm_schedule(price, arm) for arm in price.arms),
        tables={
            "schedule.setup": tuple(setup_rows(price)),
            "schedule.unscheduled": tuple(unscheduled_rows(price)),
            "schedule.screen_failures": tuple(screen_failure_rows(price)),
            "schedule.pass_through": tuple(pass_through_rows(price, details)),
        },
    )


def printed_date(day: date) -> str:
    """A date as agreements write it.

    >>> printed_date(date(2026, 4, 1))
    '1 April 2026'
    """
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def in_ncvr_scope(ncvr_class: str | None, on: date) -> bool:
    """Whether a commercial study of this class, new on that day, is in the National Contract Value Review."""
    return ncvr_class in IN_SCOPE_FROM and on >= IN_SCOPE_FROM[ncvr_class]


def _study_facts(price: SitePrice, priced_on: date) -> dict[str, Fact | None]:
    study, identity = price.costs.study, price.costs.study.study
    protocol, in_scope = identity.protocol, in_ncvr_scope(study.ncvr_class, identity.first_submitted_on or priced_on)
    facts: dict[str, Fact | None] = {
        "iras_id": identity.iras_id,
        "cpms_id": identity.cpms_id,
        "title": identity.title,
        "short_title": identity.short_title,
        "sponsor": identity.sponsor,
        "cro": identity.cro,
        "phase": identity.phase,
        "ncvr_class": study.ncvr_class,
        "ncvr_scope": f"{'In scope' if in_scope else 'Not in scope'} of the National Contract Value Review ({study.ncvr_class} phase)",
        "in_ncvr_scope": in_scope,
        "atmp": identity.atmp,
        "portfolio": identity.portfolio,
        "protocol_number": protocol.number if protocol else None,
        "protocol_version": protocol.version if protocol else None,
        "protocol_date": printed_date(protocol.date) if protocol else None,
        "lead_site": study.lead_site,
        "version": str(study.version),
    }
    return {f"study.{name}": value for name, value in facts.items()}


def _site_facts(price: SitePrice, details: SiteDetails) -> dict[str, Fact | None]:
    target = price.site.target_participants if details.target_participants is None else details.target_participants
    return {
        "site.ods_code": price.site.ods_code,
        "site.name": price.name,
        "site.nation": details.site.nation or price.multiplier.nation,
        "site.principal_investigator": details.principal_investigator or price.site.principal_investigator,
        "site.target_participants": None if target is None else str(target),
        "site.legal_name": details.site.legal_name or price.name,
        "site.address": details.site.address,
        "site.signing_party": details.site.signing_party,
    }


def _price_facts(price: SitePrice, priced_on: date, fingerprint: str) -> dict[str, Fact | None]:
    edition = price.costs.edition
    return {
        "price.edition": edition.edition,
        "price.edition_title": edition.title,
        "price.edition_status": edition.status,
        "price.edition_and_status": f"{edition.edition} ({_EDITION_STATUS[edition.status]}{'; unlocked' if edition.lock == 'unlocked' else ''})",
        "price.multiplier": format(price.multiplier.value, "f"),
        "price.priced_on": printed_date(priced_on),
        "price.fingerprint": fingerprint,
    }


def _detail_facts(details: SiteDetails) -> dict[str, Fact | None]:
    """Every single value of the details as ``details.sponsor.legal_name``; an amount as printed money."""
    return dict(_leaves("details", details))


def _leaves(prefix: str, section: BaseModel) -> Iterator[tuple[str, Fact | None]]:
    for name, value in section:
        key = f"{prefix}.{name}"
        if isinstance(value, BaseModel):
            yield from _leaves(key, value)
        elif isinstance(value, dict):
            yield from ((f"{key}.{entry}", told) for entry, told in value.items() if isinstance(told, str | bool))
        elif name == "recitals" and value is not None:
            yield key, tuple(value)
        elif not isinstance(value, list):
            yield key, _printed(key, value)


def _printed(key: str, value: object) -> Fact | None:
    if value is None or isinstance(value, bool | str):
        return shown(pence_of(value)) if key == "details.archiving.cost" and isinstance(value, str) else value
    return printed_date(value) if isinstance(value, date) else str(value)


def _detail_keys(prefix: str, section: type[BaseModel]) -> Iterator[str]:
    """The keys of the details by their model, so that the vocabulary and the file cannot drift apart."""
    for name, field in section.model_fields.items():
        inner = next((kind for kind in _kinds(field.annotation) if isinstance(kind, type) and issubclass(kind, BaseModel)), None)
        if inner is not None:
            yield from _detail_keys(f"{prefix}.{name}", inner)
        elif name == "recitals" or not name.startswith(("choices", "conditions", "expense_caps", "participant_payments", "out_of_hours", "site_", "other_")):
            yield f"{prefix}.{name}"


def _kinds(annotation: object) -> tuple[object, ...]:
    return (annotation, *getattr(annotation, "__args__", ())) if not _is_collection(annotation) else ()


def _is_collection(annotation: object) -> bool:
    return getattr(annotation, "__origin__", None) in (list, dict)


KEYS = frozenset(
    [f"study.{name}" for name in _STUDY]
    + [f"site.{name}" for name in _SITE]
    + [f"price.{name}" for name in _PRICE]
    + [f"arm.{name}" for name in _ARM]
    + list(_detail_keys("details", SiteDetails))
)
