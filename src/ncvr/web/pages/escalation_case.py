"""One escalation: what was sent and what it comes to, and the decision of those who decide, with its reason."""

import json
from typing import get_args

from fastapi import Response

from ncvr.domain.escalation import Decision, Outcome, Waiver, already_costed
from ncvr.domain.permissions import not_found
from ncvr.domain.site_numbers import nth_of_site
from ncvr.errors import Finding, InputError, MoveNotAllowed, NcvrError
from ncvr.services import escalating
from ncvr.services.kept_prices import agreed_study, site_name
from ncvr.services.office import Act
from ncvr.store import costings
from ncvr.store.escalations import EscalationCase
from ncvr.web.pages.escalations import CASE, TAGS, calculator, escalation_facts
from ncvr.web.pages.page import Page, Seen
from ncvr.web.pages.study_title import study_title
from ncvr.web.problems import problem_of
from ncvr.web.routing import Routes

routes = Routes("Pages")
OUTCOMES: dict[Outcome, tuple[str, str]] = {
    "corrected": ("Correct the study", "A next version opens. Once it is agreed, every price that is not contracted is made anew from it"),
    "already_included": ("Already included", "The costing holds it. The price returns to the site as it is"),
    "below_threshold": ("Below the threshold", "It is not in the protocol’s schedule and less than 5% of direct costs. The price returns to the site as it is"),
}


@routes.add("GET", CASE, "escalations.read", media_type="text/html")
def case_page(page: Seen, iras_id: str, case_id: str) -> Response:
    """One escalation, with its sum; a form for those who decide."""
    with page.look() as act:
        return _case(page, act, iras_id, case_id)


@routes.add("POST", CASE, "escalations.decide", media_type="text/html")
def decide(page: Seen, iras_id: str, case_id: str) -> Response:
    """Decide under the national rule, with a reason."""
    try:
        with page.act() as act:
            act.standing("escalations.decide", iras_id)
            _of_study(act, iras_id, case_id)
            escalating.decide(act, case_id, page.revision, _decision(page))
    except (InputError, MoveNotAllowed) as error:
        with page.look() as act:
            return _case(page, act, iras_id, case_id, error)
    return page.go(CASE.format(iras_id=iras_id, case_id=case_id), said="escalation-decided")


def _decision(page: Page) -> Decision:
    outcome: Outcome | None = next((each for each in get_args(Outcome) if each == page.field("outcome")), None)
    by, why = page.field("waiver_by"), page.field("waiver_reason")
    found = []
    if outcome is None:
        found.append(Finding("outcome", "The decision is missing", "Choose one of the three"))
    if not page.field("reason"):
        found.append(Finding("reason", "The reason is missing", "Say why, in a sentence; the site reads it"))
    if bool(by) != bool(why):
        found.append(Finding("waiver_reason" if by else "waiver_by", "A waiver needs who grants it and why", "Give both, or neither"))
    if by and outcome not in (None, "corrected"):
        found.append(Finding("waiver_by", "A waiver stands only beside correcting the study", "Empty both fields, or correct the study"))
    if found or outcome is None:
        raise InputError.of(found)
    return Decision(outcome=outcome, reason=page.field("reason"), waiver=Waiver(by=by, reason=why) if by else None)


def _of_study(act: Act, iras_id: str, case_id: str) -> EscalationCase:
    case = escalating.read_escalation(act, case_id)
    if case.iras_id != iras_id:
        raise not_found(f"escalation {case_id}")
    return case


def _case(page: Page, act: Act, iras_id: str, case_id: str, error: NcvrError | None = None) -> Response:
    by = act.standing("escalations.read", iras_id)
    case = _of_study(act, iras_id, case_id)
    costing = costings.one(act.connection, case.costing_id)
    assert costing is not None  # a case is of a costing
    study = agreed_study(act, iras_id, costing.version)
    tariff = json.loads(costing.price.record)["tariff"]
    return page.show(
        "escalation.html",
        problems=() if error is None else error.findings,
        status=None if error is None else problem_of(error)[0],
        iras_id=iras_id,
        title=study_title(act, iras_id),
        case=case,
        number=nth_of_site(case.number),
        name=site_name(costing),
        tag=TAGS["open" if case.decision is None else case.decision.outcome],
        facts=escalation_facts(case.escalation, study),
        sums=calculator(json.loads(case.figures)),
        in_protocol=any(each.in_protocol for each in case.escalation.omissions),
        costed=[line for omission in case.escalation.omissions for line in already_costed(study, omission)],
        outcomes=OUTCOMES,
        may_decide=by in ("network", "national") and case.decision is None and case.author != act.person.actor,
        own=case.author == act.person.actor,
        typed={name: page.field(name) for name in ("outcome", "reason", "waiver_by", "waiver_reason")},
        edition=(tariff["edition"], tariff["status"]),
    )
