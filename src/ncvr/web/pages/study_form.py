"""The facts of a study as fields of a form: what was typed as a study file says it, and back, each message at its field."""

import re
from collections.abc import Mapping
from typing import Any, get_args

from ncvr.domain.study import Phase, Study, StudyIdentity
from ncvr.errors import Finding, InputError, StudyError
from ncvr.files.study_files import study_from
from ncvr.services.office import Act
from ncvr.web.pages.page import Page
from ncvr.web.pages.typed import day_boxes, day_parts, typed_day

PHASES: tuple[str, ...] = get_args(Phase)
# The fields that are texts of the file's "study" part, in the order of the form.
_TEXTS = ("short_title", "title", "sponsor", "cro", "cpms_id")
_FIELDS = ("iras_id", *_TEXTS, "phase", "ncvr_class", "agreement", "lead_site", "protocol_number", "protocol_version", "arm", "visits")
# What is ticked, and what the study file then says.
_TICKS = {"atmp": ("atmp", True), "off_portfolio": ("portfolio", False)}
_PLACES = {
    **{f"study, {name}": name for name in ("iras_id", *_TEXTS, "phase", "ncvr_class", "agreement")},
    "study, protocol, number": "protocol_number",
    "study, protocol, version": "protocol_version",
    "study, protocol, date": "protocol_date-day",
    "lead_site": "lead_site",
    "arm A, name": "arm",
}
_VISIT = re.compile(r"arm A, visit .*")


def blank() -> dict[str, Any]:
    """The fields of an empty form."""
    return {**dict.fromkeys(_FIELDS, ""), **dict.fromkeys(_TICKS, False), "agreement": StudyIdentity().agreement, "protocol_date": day_boxes(None)}


def typed(page: Page) -> dict[str, Any]:
    """The fields as they were sent, to be shown again."""
    texts, ticks = {name: page.field(name) for name in _FIELDS}, {name: page.field(name) == "yes" for name in _TICKS}
    return {**texts, **ticks, "protocol_date": day_parts(page, "protocol_date")}


def fields_of(study: Study) -> dict[str, Any]:
    """The fields with what the study says."""
    identity, protocol = study.study, study.study.protocol
    known: dict[str, Any] = {name: getattr(identity, name) or "" for name in ("iras_id", *_TEXTS, "phase", "ncvr_class", "agreement")}
    known |= {"lead_site": study.lead_site or ""} | {tick: getattr(identity, name) is said for tick, (name, said) in _TICKS.items()}
    known |= {"protocol_number": protocol.number if protocol else "", "protocol_version": protocol.version if protocol else ""}
    return {**blank(), **known, "protocol_date": day_boxes(protocol.date if protocol else None)}


def identity_typed(page: Page) -> dict[str, Any]:
    """The file's "study" part as it was typed. Raises InputError for a day that is none, or a protocol half given."""
    texts = {name: page.field(name) for name in _TEXTS if page.field(name)}
    chosen = {name: page.field(name) for name in ("phase", "ncvr_class", "agreement") if page.field(name)}
    ticked = {name: said for tick, (name, said) in _TICKS.items() if page.field(tick) == "yes"}
    day = typed_day(page, "protocol_date", "the date of the protocol")
    parts = {"number": page.field("protocol_number"), "version": page.field("protocol_version"), "date": day.isoformat() if day else ""}
    missing = next((name for name, value in parts.items() if not value), None)
    if any(parts.values()) and missing is not None:
        place = "protocol_date-day" if missing == "date" else f"protocol_{missing}"
        raise InputError(f"the {missing} of the protocol is missing", place, "Give number, version and date of the protocol, or none of them yet")
    return {**texts, **chosen, **ticked, **({"protocol": parts} if any(parts.values()) else {})}


def new_study(page: Page) -> Study:
    """The study that a few fields make: one arm with its visits, which is a draft one can read. Raises StudyError with every finding."""
    names = [line.strip() for line in str(page.form.get("visits", "")).splitlines() if line.strip()]
    visits = [{"id": f"V{number}", "name": name} for number, name in enumerate(names, start=1)]
    arms = [{"id": "A", "name": page.field("arm") or "Arm A", "visits": visits}] if visits or page.field("arm") else []
    iras_id = page.field("iras_id")
    if not iras_id:
        raise StudyError("the IRAS ID is missing", "iras_id", "Enter four to seven digits, not starting with 0")
    record: dict[str, Any] = {"format": "ncvr-study/1", "study": {"iras_id": iras_id, **identity_typed(page)}, "arms": arms}
    return studied(record | ({"lead_site": page.field("lead_site")} if page.field("lead_site") else {}))


def studied(record: Mapping[str, Any]) -> Study:
    """The record as a study. Raises StudyError with every finding, each at its field."""
    reading = study_from(record, "")
    if reading.value is None:
        raise StudyError.of(found for found in at_fields(reading.findings) if found.level == "error")
    return reading.value


def at_fields(findings: tuple[Finding, ...]) -> list[Finding]:
    """The findings with the fields of the form as their places."""
    return [Finding(_field(found.place.removeprefix(": ")), found.problem, found.remedy, found.level) for found in findings]


def _field(place: str) -> str:
    plain = place.replace(".", ", ")
    return "visits" if _VISIT.fullmatch(plain) else _PLACES.get(plain, place)


def organisations_offered(act: Act) -> list[tuple[str, str]]:
    """Codes and names to choose a site from: those that are open and have a multiplier in the edition in force."""
    listed, multipliers = act.office.tariffs.organisations(), act.office.tariffs.in_force(act.today).multipliers
    return sorted((code, found.name) for code, found in listed.items() if code in multipliers and found.open_on(act.today))
