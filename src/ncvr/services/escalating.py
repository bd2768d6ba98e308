"""Escalating an omission, and deciding it: sites do not negotiate."""

import json
from collections.abc import Sequence
from dataclasses import replace

from ncvr.domain.escalation import Decision, Escalation, EscalationFigures, Omission, check_decision, escalation_figures, figures_record
from ncvr.domain.ledger import Change
from ncvr.domain.moves import next_state
from ncvr.domain.permissions import not_found
from ncvr.domain.review import REVIEW_MOVES, ResourceReview
from ncvr.domain.site_costing import SiteCosting
from ncvr.errors import ChangedMeanwhile, MoveNotAllowed, NotFound, NotPermitted
from ncvr.services.adherence_recording import record_costing_event
from ncvr.services.costing import moved, settle
from ncvr.services.kept_prices import recomputed_price
from ncvr.services.office import Act
from ncvr.services.reviewing import next_draft, review_facts
from ncvr.services.revisions import review_object, state_change
from ncvr.store import costings, escalations, studies
from ncvr.store.escalations import EscalationCase


def escalate(act: Act, iras_id: str, site: str, expected: int, escalation: Escalation) -> EscalationCase:
    """Say what is missing; the calculator's figures are stored with it. Earlier escalations of the site count into the sum."""
    costing, state = moved(act, "escalate", iras_id, site, expected)
    figures = work_out(act, costing, escalation.omissions)
    case = EscalationCase(
        id=act.identifier(),
        iras_id=iras_id,
        costing_id=costing.id,
        number=escalations.next_number(act.connection, iras_id, costing.site.ods_code),
        revision=1,
        escalation=escalation,
        figures=json.dumps(figures_record(figures)),
        author=act.person.actor,
        organisation=costing.site.ods_code,
        raised_at=act.now,
    )
    escalations.add(act.connection, case)
    settle(act, "costing.escalate", costing, replace(costing, state=state), f"escalation {case.id}")
    return case


def work_out(act: Act, costing: SiteCosting, omissions: Sequence[Omission]) -> EscalationFigures:
    """What omissions come to at this site, with its earlier escalations: the same sum before it is sent as when it is kept."""
    return escalation_figures(recomputed_price(act, costing), omissions, _earlier_omissions(act, costing))


def _earlier_omissions(act: Act, costing: SiteCosting) -> list[Omission]:
    """What the site escalated before of this agreed version and was not corrected: split escalations add up."""
    before = [case for case in escalations.of_study(act.connection, costing.iras_id) if case.costing_id == costing.id]
    return [omission for case in before if case.decision is None or case.decision.outcome == "below_threshold" for omission in case.escalation.omissions]


def list_escalations(act: Act, iras_id: str) -> list[EscalationCase]:
    """The study's escalations that this person may see; a site sees its own."""
    by = act.standing("escalations.read", iras_id)
    cases = escalations.of_study(act.connection, iras_id)
    return [case for case in cases if by != "site" or case.organisation == act.person.organisation]


def decide(act: Act, case_id: str, expected: int, decision: Decision) -> EscalationCase:
    """Decide an escalation under the national rule.

    ``corrected`` opens version n+1 (unless one is open): once it is agreed, every un-contracted costing of the study is
    superseded and priced again from it. Any other outcome returns the costing to the site.
    """
    case = _open_case(act, case_id, expected)
    found = check_decision(decision, case.escalation.omissions, json.loads(case.figures)["reaches_threshold"], act.today)
    if found:
        raise MoveNotAllowed.of(found)
    review = studies.read(act.connection, case.iras_id, for_update=True)
    assert review is not None  # the person has a standing in it
    escalations.decide(act.connection, case, decision, by=act.person.actor, at=act.now)
    said = f"{'waiver: ' if decision.waiver else ''}{decision.reason}"
    act.record(
        Change(operation="escalations.decide", object=f"escalation/{case.id}", revision=case.revision + 1, field="outcome", new=decision.outcome, reason=said)
    )
    costing = costings.one(act.connection, case.costing_id)
    if decision.outcome == "corrected" and costing is not None:
        record_costing_event(act, "escalations.correct", costing)
    if decision.outcome != "corrected":
        _return_to_site(act, case, decision.reason)
    elif review.state == "agreed":
        _open_next_version(act, case, review, decision.reason)
    return read_escalation(act, case_id)


def read_escalation(act: Act, case_id: str) -> EscalationCase:
    """One escalation. Raises NotFound where this person may not see it."""
    case = escalations.one(act.connection, case_id)
    if case is None:
        raise not_found(f"escalation {case_id}")
    try:
        by = act.standing("escalations.read", case.iras_id)
    except NotFound:
        raise not_found(f"escalation {case_id}") from None  # as if it were not there: its study is not named either
    if by == "site" and case.organisation != act.person.organisation:
        raise not_found(f"escalation {case_id}")
    return case


def _open_case(act: Act, case_id: str, expected: int) -> EscalationCase:
    case = read_escalation(act, case_id)
    act.standing("escalations.decide", case.iras_id)
    place = f"escalation {case.id}"
    if case.author == act.person.actor:
        raise NotPermitted("whoever raised an escalation does not decide it", place, "Leave it to another person")
    if case.decision is not None or case.revision != expected:
        raise ChangedMeanwhile("somebody else has decided it", place, "Read what was decided")
    return case


def _open_next_version(act: Act, case: EscalationCase, review: ResourceReview, reason: str) -> None:
    by = act.standing("escalations.decide", case.iras_id)
    state = next_state(REVIEW_MOVES, "amend", review.state, by, review_facts(act, review, reason=reason), review.place)
    draft = replace(next_draft(review, state), revision=review.revision + 1)
    studies.save(act.connection, draft, before=review.revision)
    act.record(state_change("review.amend", review_object(review.iras_id), draft.revision, review.state, draft.state, f"escalation {case.id}"))


def _return_to_site(act: Act, case: EscalationCase, reason: str) -> None:
    costing = costings.one(act.connection, case.costing_id)
    if costing is None or costing.state != "escalated":
        return  # declined or withdrawn meanwhile: the decision stands, there is nothing to return
    _, state = moved(act, "return_to_site", case.iras_id, costing.site.key, costing.revision, reason=reason)
    settle(act, "costing.return_to_site", costing, replace(costing, state=state), reason)
