"""Escalations: what is missing is corrected for the nation, what is small returns to the site, and no site negotiates."""

import json
from typing import Any

import pytest

from ncvr.domain.escalation import Decision, Escalation
from ncvr.errors import ChangedMeanwhile, MoveNotAllowed, NotFound, NotPermitted
from ncvr.services import costing, escalating, reviewing
from ncvr.store import costings
from ncvr.store.escalations import EscalationCase
from tests.offices import IRAS, Town
from tests.services.walks import accepted, agreed, agreed_from, at, contracted, shared


def omission(minutes: int, **known: Any) -> Escalation:
    entry = {"name": "Line flush", "resources": [{"role": "research_nurse", "minutes": minutes}]} | known
    return Escalation.model_validate({"omissions": [entry], "reason": "It is not in the costing"})


def raised(town: Town, escalation: Escalation, site: str = "RA9") -> EscalationCase:
    with town.act(f"site_{site.lower()}") as act:
        return escalating.escalate(act, IRAS, site, at(town, site).revision, escalation)


def decided(town: Town, case: EscalationCase, outcome: str, who: str = "network", **known: Any) -> EscalationCase:
    with town.act(who) as act:
        return escalating.decide(act, case.id, case.revision, Decision.model_validate({"outcome": outcome, "reason": "seen"} | known))


def test_an_omission_is_corrected_for_every_site_that_is_not_contracted(both: Town) -> None:
    agreed(both)
    signed = contracted(both, "RK9")
    shared(both, "RA9")
    case = raised(both, omission(5, in_protocol=True, protocol_ref="6.2"))
    assert json.loads(case.figures)["reaches_threshold"] is False
    decided(both, case, "corrected")
    with both.act("company") as act:
        review = reviewing.read_review(act, IRAS)
        assert (review.state, review.version) == ("draft", 2)
        review = reviewing.submit(act, IRAS, review.revision, protocol_version="2.0")
    assert at(both, "RA9").state == "escalated"
    agreed_from(both, review)
    with both.store.reading() as connection:
        every = [(each.site.key, each.version, each.state) for each in costings.of_study(connection, IRAS)]
    assert every == [("RA9", 1, "superseded"), ("RA9", 2, "priced"), ("RGT", 1, "superseded"), ("RGT", 2, "priced"), ("RK9", 1, "contracted")]
    assert at(both, "RK9") == signed


def test_a_small_omission_returns_to_the_site_which_may_then_accept(both: Town) -> None:
    agreed(both)
    shared(both, "RA9")
    decided(both, raised(both, omission(1)), "below_threshold")
    returned = at(both, "RA9")
    assert returned.state == "shared"
    with both.act("site_ra9") as act:
        assert costing.accept(act, IRAS, "RA9", returned.revision).state == "accepted"


def test_escalations_split_in_two_add_up(here: Town) -> None:
    agreed(here)
    shared(here, "RA9")
    first = raised(here, omission(7))
    assert json.loads(first.figures)["reaches_threshold"] is False
    decided(here, first, "below_threshold")
    second = raised(here, omission(7))
    assert json.loads(second.figures) | {"reaches_threshold": True} == json.loads(second.figures)
    with pytest.raises(MoveNotAllowed, match="reach 5%"):
        decided(here, second, "below_threshold")


def test_what_is_small_and_outside_the_protocol_is_corrected_only_with_a_waiver(here: Town) -> None:
    agreed(here)
    shared(here, "RA9")
    case = raised(here, omission(1))
    with pytest.raises(MoveNotAllowed, match="at least 5%"):
        decided(here, case, "corrected")
    waived = decided(here, case, "corrected", "national", waiver={"by": "Jo Bloggs", "reason": "safety"})
    assert waived.decision is not None
    assert waived.decision.waiver is not None


def test_nobody_but_a_broker_decides_and_only_once(here: Town) -> None:
    agreed(here)
    shared(here, "RA9")
    shared(here, "RK9")
    case = raised(here, omission(1))
    for who, error in (("site_ra9", NotPermitted), ("company", NotPermitted), ("site_rk9", NotFound), ("rival", NotFound), ("auditor", NotPermitted)):
        with pytest.raises(error):
            decided(here, case, "below_threshold", who)
    decided(here, case, "already_included")
    with pytest.raises(ChangedMeanwhile, match="has decided it"):
        decided(here, case, "below_threshold")


def test_a_network_coordinator_sees_a_study_from_its_first_escalation_on(here: Town) -> None:
    agreed(here)
    shared(here, "RA9")
    with pytest.raises(NotFound), here.act("network") as act:
        costing.list_costings(act, IRAS)
    raised(here, omission(1))
    with here.act("network") as act:
        assert len(costing.list_costings(act, IRAS)) == 3


def test_a_site_escalates_only_what_was_shared_and_is_not_yet_accepted(here: Town) -> None:
    agreed(here)
    accepted(here, "RA9")
    with pytest.raises(MoveNotAllowed, match="accepted"):
        raised(here, omission(1))


def test_a_decision_after_the_site_has_declined_stands_and_returns_nothing(here: Town) -> None:
    agreed(here)
    shared(here, "RA9")
    case = raised(here, omission(1))
    with here.act("site_ra9") as act:
        costing.decline(act, IRAS, "RA9", at(here, "RA9").revision, reason="no capacity")
    assert decided(here, case, "below_threshold").decision is not None
    assert at(here, "RA9").state == "declined"
