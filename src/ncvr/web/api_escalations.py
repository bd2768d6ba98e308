"""Escalations: what a site says is missing, and what was decided."""

import json
from typing import Any

from fastapi import Response

from ncvr.domain.escalation import Decision, Escalation
from ncvr.services import escalating
from ncvr.store.escalations import EscalationCase
from ncvr.web.access import Answer, Door, json_answer
from ncvr.web.api_sites import SITE
from ncvr.web.costing_records import EscalationRecord, escalation_record
from ncvr.web.records import Page
from ncvr.web.routing import Routes
from ncvr.web.tables import table_answer

routes = Routes("Escalations")
OMISSION = {"name": "Line flush", "resources": [{"role": "research_nurse", "minutes": 10}], "in_protocol": True, "protocol_ref": "6.2"}
_ANSWER: dict[str, Any] = {"answer": EscalationRecord, "revision": True}


def _record(case: EscalationCase) -> EscalationRecord:
    return escalation_record(case, json.loads(case.figures))


def _answer(case: EscalationCase, status: int = 200) -> Answer:
    return json_answer(_record(case), status=status, revision=case.revision)


@routes.add(
    "POST",
    f"{SITE}/escalations",
    "escalations.raise",
    body=Escalation,
    example={"omissions": [OMISSION], "reason": "In the protocol, not in the costing"},
    status=201,
    **_ANSWER,
)
def escalate(visit: Door, iras_id: str, ods: str) -> Response:
    """Say what is missing from a shared costing. The calculator's figures are kept with it. If-Match names the costing's revision."""
    body, expected = visit.body(Escalation), visit.revision
    return visit.change(lambda act: _answer(escalating.escalate(act, iras_id, ods, expected, body), 201))


@routes.add("GET", "/studies/{iras_id}/escalations", "escalations.read", answer=Page[EscalationRecord])
def list_escalations(visit: Door, iras_id: str) -> Response:
    """The study's escalations that you may see; a site sees its own."""
    with visit.look() as act:
        return table_answer(visit, [_record(case) for case in escalating.list_escalations(act, iras_id)], None)


@routes.add("GET", "/escalations/{case_id}", "escalations.read", **_ANSWER)
def read_escalation(visit: Door, case_id: str) -> Response:
    """One escalation, with its figures and its decision."""
    with visit.look() as act:
        return _answer(escalating.read_escalation(act, case_id)).response()


@routes.add(
    "POST",
    "/escalations/{case_id}/decision",
    "escalations.decide",
    body=Decision,
    example={"outcome": "corrected", "reason": "Listed in the schedule of events"},
    **_ANSWER,
)
def decide(visit: Door, case_id: str) -> Response:
    """Decide under the national rule: corrected opens the next version for the whole study, anything else returns to the site."""
    body, expected = visit.body(Decision), visit.revision
    return visit.change(lambda act: _answer(escalating.decide(act, case_id, expected, body)))
