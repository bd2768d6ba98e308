"""Escalations: a site says what is missing and sees what it comes to before it sends; coordinators decide, with a reason."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from fastapi import Response

from ncvr.domain.escalation import Escalation, EscalationFigures, Omission, already_costed, figures_record, resource_words
from ncvr.domain.site_costing import SiteCosting
from ncvr.domain.site_numbers import nth_of_site
from ncvr.domain.study import Study
from ncvr.errors import Finding, InputError, MoveNotAllowed, NcvrError
from ncvr.files.json_files import validated
from ncvr.money import shown_exact
from ncvr.services import escalating
from ncvr.services.costing import read_costing
from ncvr.services.kept_prices import agreed_study, site_name
from ncvr.services.office import Act
from ncvr.store import costings
from ncvr.store.escalations import EscalationCase
from ncvr.web.pages.page import Page, Seen
from ncvr.web.pages.study_title import study_title
from ncvr.web.pages.table import Cell, Column, Row, Table
from ncvr.web.pages.templates import moment
from ncvr.web.pages.words import Tag
from ncvr.web.problems import problem_of
from ncvr.web.routing import Routes

routes = Routes("Pages")
ESCALATE, LOG = "/studies/{iras_id}/sites/{ods}/escalate", "/studies/{iras_id}/escalations"
CASE = f"{LOG}/{{case_id}}"
GROUNDS = {
    "protocol": "It is in the protocol’s schedule of events",
    "threshold": "It comes to at least 5% of our direct costs, together with what we escalated before",
    "waiver": "Neither, and we ask for a waiver",
}
TAGS = {
    "open": Tag("Waits for a decision", "orange"),
    "corrected": Tag("Study corrected", "green"),
    "already_included": Tag("Already included", "grey"),
    "below_threshold": Tag("Below the threshold", "grey"),
}
_COLUMNS = (
    *(Column("item", "What is missing"), Column("number", "Number", numeric=True), Column("site", "Site"), Column("raised", "Sent")),
    *(Column("sum", "Sum at the site", numeric=True), Column("share", "Of direct costs", numeric=True), Column("protocol", "In the protocol")),
    *(Column("outcome", "Decision"), Column("reason", "Reason")),
)
_FIELDS = ("name", "role", "minutes", "quantity", "item", "per", "arm", "times", "protocol_ref", "ground", "reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class Calculator:
    """The sum in words. ``share`` is of direct costs, in per cent."""

    omitted: str
    earlier: str
    direct: str
    share: str
    reaches: bool
    participants: str


def calculator(figures: Mapping[str, Any]) -> Calculator:
    """The figures as they are kept, as people read them."""
    amounts = {key: Fraction(figures[key]) for key in ("omitted", "earlier_escalations", "direct_costs", "share")}
    people = figures["participants"]
    return Calculator(
        omitted=f"£{shown_exact(amounts['omitted'], 2)}",
        earlier=f"£{shown_exact(amounts['earlier_escalations'], 2)}" if amounts["earlier_escalations"] else "",
        direct=f"£{shown_exact(amounts['direct_costs'], 2)}",
        share=f"{shown_exact(amounts['share'] * 100, 2)}%",
        reaches=bool(figures["reaches_threshold"]),
        participants="no target is known, so one participant is assumed" if people is None else f"{people} participants",
    )


@routes.add("GET", LOG, "escalations.read", media_type="text/html")
def log_page(page: Seen, iras_id: str) -> Response:
    """Every escalation of the study that this person may see."""
    with page.look() as act:
        cases = escalating.list_escalations(act, iras_id)
        names = {case.id: _name_of(act, case) for case in cases}
        title = study_title(act, iras_id)
    rows = [_row(case, names[case.id]) for case in cases]
    empty = "Nothing was escalated. A site escalates from its shared price if something is missing from the costing."
    table = Table(name="escalations", caption=f"Escalations of study {iras_id}", columns=_COLUMNS, rows=rows, empty=empty)
    return page.show("escalations.html", tables=[table], iras_id=iras_id, title=title)


def _name_of(act: Act, case: EscalationCase) -> str:
    costing = costings.one(act.connection, case.costing_id)
    return case.organisation if costing is None else site_name(costing)


def _row(case: EscalationCase, site: str) -> Row:
    figures = json.loads(case.figures)
    told = calculator(figures)
    return {
        "item": Cell(", ".join(each.name for each in case.escalation.omissions), href=CASE.format(iras_id=case.iras_id, case_id=case.id)),
        "number": Cell(str(nth_of_site(case.number)), order=nth_of_site(case.number)),
        "site": site,
        "raised": Cell(moment(case.raised_at), order=case.raised_at),
        "sum": Cell(told.omitted, order=Fraction(figures["omitted"])),
        "share": Cell(told.share, order=Fraction(figures["share"])),
        "protocol": "Yes" if any(each.in_protocol for each in case.escalation.omissions) else "No",
        "outcome": Cell("", tag=TAGS["open" if case.decision is None else case.decision.outcome]),
        "reason": "" if case.decision is None else case.decision.reason,
    }


@routes.add("GET", ESCALATE, "escalations.raise", media_type="text/html")
def escalate_page(page: Seen, iras_id: str, ods: str) -> Response:
    """What is missing, where the protocol asks for it, and the work it is."""
    with page.look() as act:
        return _form(page, act, read_costing(act, iras_id, ods, "escalations.raise"))


@routes.add("POST", ESCALATE, "escalations.raise", media_type="text/html")
def escalate(page: Seen, iras_id: str, ods: str) -> Response:
    """First the sum is shown and what may hold it already; then it is sent."""
    try:
        if page.field("step") == "send":
            with page.act() as act:
                act.standing("escalations.raise", iras_id)
                escalating.escalate(act, iras_id, ods, page.revision, _escalation(page))
            return page.go(LOG.format(iras_id=iras_id), said="escalation-sent")
        with page.look() as act:
            costing = read_costing(act, iras_id, ods, "escalations.raise")
            if page.field("step") == "change":
                return _form(page, act, costing)
            return _check(page, act, costing, _escalation(page))
    except (InputError, MoveNotAllowed) as error:
        with page.look() as act:
            return _form(page, act, read_costing(act, iras_id, ods, "escalations.raise"), error)


def _form(page: Page, act: Act, costing: SiteCosting, error: NcvrError | None = None) -> Response:
    edition = costings.kept(act.connection, costing.price.edition_sha256)
    study = agreed_study(act, costing.iras_id, costing.version)
    return page.show(
        "escalate.html",
        problems=() if error is None else error.findings,
        status=None if error is None else problem_of(error)[0],
        **_frame(act, costing),
        typed={name: page.field(name) for name in _FIELDS} | {name: page.field(name) or "1" for name in ("quantity", "times")},
        roles=sorted(((role, rate.title) for role, rate in edition.staff_rates.items()), key=lambda each: each[1]),
        items=sorted((code, f"{code} {item.description}") for code, item in edition.items.items()),
        arms=[(arm.id, arm.name) for arm in study.arms],
        grounds=GROUNDS,
        may=costing.state == "shared",
    )


def _frame(act: Act, costing: SiteCosting) -> dict[str, Any]:
    tariff = json.loads(costing.price.record)["tariff"]
    return {
        "iras_id": costing.iras_id,
        "title": study_title(act, costing.iras_id),
        "costing": costing,
        "name": site_name(costing),
        "address": ESCALATE.format(iras_id=costing.iras_id, ods=costing.site.key),
        "edition": (tariff["edition"], tariff["status"]),
    }


def _check(page: Page, act: Act, costing: SiteCosting, escalation: Escalation) -> Response:
    figures: EscalationFigures = escalating.work_out(act, costing, escalation.omissions)
    study = agreed_study(act, costing.iras_id, costing.version)
    return page.show(
        "escalate_check.html",
        **_frame(act, costing),
        typed={name: page.field(name) for name in _FIELDS},
        facts=escalation_facts(escalation, study),
        sums=calculator(figures_record(figures)),
        costed=[line for omission in escalation.omissions for line in already_costed(study, omission)],
        ground=GROUNDS[page.field("ground")],
        in_protocol=escalation.omissions[0].in_protocol,
    )


def escalation_facts(escalation: Escalation, study: Study) -> list[tuple[str, str]]:
    """What a site says is missing, as key and value."""
    arms = {arm.id: arm.name for arm in study.arms}
    facts: list[tuple[str, str]] = []
    for omission in escalation.omissions:
        work = [resource_words(line) for line in omission.resources]
        whom = (
            "for the whole site"
            if omission.per == "site"
            else f"for each participant of {arms.get(omission.arm, omission.arm) if omission.arm else 'every arm'}"
        )
        facts += [
            ("What is missing", omission.name),
            ("The work it is", ", ".join(work)),
            ("How often", f"{'Once' if omission.times == 1 else f'{omission.times} times'} {whom}"),
        ]
        facts.append(("In the protocol", f"Yes, {omission.protocol_ref}" if omission.in_protocol else "No"))
    return [*facts, ("Why", escalation.reason)]


def _escalation(page: Page) -> Escalation:
    """What was typed. Raises InputError with every finding, each at its field."""
    found = [Finding(name, says, do) for name, says, do in _needed(page) if not page.field(name)]
    role, item = page.field("role"), page.field("item")
    if not role and not item:
        found.append(Finding("role", "The work is missing", "Choose who does it and for how long, or a tariff item"))
    if role and not page.field("minutes"):
        found.append(Finding("minutes", "The minutes are missing", "Enter minutes as a number, like 20"))
    ground = page.field("ground")
    if ground and ground not in GROUNDS:
        found.append(Finding("ground", "This ground is not known", "Choose one of the three"))
    if ground == "protocol" and not page.field("protocol_ref"):
        found.append(Finding("protocol_ref", "Where in the schedule of events is missing", "Enter the section or table and the row, like 6.2, row 14"))
    if found:
        raise InputError.of(found)
    staff = [{"role": role, "minutes": _number(page.field("minutes")), "quantity": _number(page.field("quantity") or "1")}] if role else []
    tariff = [{"item": item, **({} if role else {"quantity": _number(page.field("quantity") or "1")})}] if item else []
    record = {
        "name": page.field("name"),
        "resources": [*staff, *tariff],
        "per": page.field("per") or "participant",
        "times": _number(page.field("times") or "1"),
        "protocol_ref": page.field("protocol_ref"),
        "in_protocol": ground == "protocol",
    }
    omission, findings = validated(Omission, record | ({"arm": page.field("arm")} if page.field("arm") else {}), "")
    if omission is None:
        raise InputError.of(Finding(_place(each.place), each.problem, each.remedy) for each in findings)
    return Escalation(omissions=[omission], reason=page.field("reason"))


def _needed(page: Page) -> list[tuple[str, str, str]]:
    return [
        ("name", "What is missing has no name", "Enter it as the protocol calls it"),
        ("ground", "The ground is missing", "Choose one of the three"),
        ("reason", "The reason is missing", "Say in a sentence why it is missing from the costing"),
    ]


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else text


def _place(place: str) -> str:
    """``resources[0].minutes`` is the field ``minutes``."""
    return next((name for name in _FIELDS if place.rstrip("]0123456789[").endswith(name)), place)
