"""The calculator of an omission, and what may be decided on its figures."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from ncvr.domain.escalation import Decision, EscalationFigures, Omission, already_costed, check_decision, escalation_figures, figures_record
from ncvr.domain.site_price import SitePrice
from ncvr.domain.study import ResourceLine, UnscheduledActivity
from ncvr.errors import StudyError
from tests.editions import edition, site_price, study

DAY = date(2026, 6, 1)


def price(**site: Any) -> SitePrice:
    """One arm whose scheduled visits cost 100 pounds of nurse time, and 60 pounds of set-up, at a site with 10 participants."""
    hour = [{"role": "nurse", "minutes": 60}]
    made = study(
        {
            "sites": [{"ods_code": "RGT", "target_participants": 10} | site],
            "arms": [
                {
                    "id": "A",
                    "name": "Active",
                    "visits": [{"id": "V1", "name": "V1"}, {"id": "ET", "name": "Early end", "kind": "conditional", "when": "stops"}],
                    "activities": [{"id": "A1", "name": "Care", "payment": "visit", "resources": hour, "occurrences": {"V1": 2, "ET": 5}}],
                }
            ],
            "setup_and_closedown": [{"id": "S1", "name": "Set-up", "resources": [{"role": "nurse", "minutes": 72}]}],
        }
    )
    return site_price(made, edition(staff={"nurse": "50.00"}, items={"SCAN": ("53.00", "investigation")}, multipliers={"RGT": "1.08"}), "RGT")


def omission(minutes: int, **known: Any) -> Omission:
    return Omission.model_validate({"name": "Line flush", "resources": [{"role": "nurse", "minutes": minutes}]} | known)


def test_direct_costs_are_activity_cost_times_participants_and_setup_once() -> None:
    figures = escalation_figures(price(), [omission(6)])
    assert figures.direct_costs == 100 * 10 + 60
    assert figures.omitted == 5 * 10  # 6 minutes at 50 pounds an hour, ten participants
    assert figures_record(figures) == {
        "omitted": "50",
        "earlier_escalations": "0",
        "direct_costs": "1060",
        "participants": 10,
        "share": "5/106",
        "reaches_threshold": False,
    }


def test_without_a_target_it_is_per_participant_and_setup_and_says_so() -> None:
    figures = escalation_figures(price(target_participants=None), [omission(6)])
    assert (figures.direct_costs, figures.omitted, figures.participants) == (Fraction(160), Fraction(5), None)


def test_the_boundary_itself_is_enough_and_the_sum_of_a_sites_escalations_counts() -> None:
    exactly = EscalationFigures(omitted=Fraction(3), earlier=Fraction(2), direct_costs=Fraction(100), participants=1)
    below = EscalationFigures(omitted=Fraction("2.99"), earlier=Fraction(2), direct_costs=Fraction(100), participants=1)
    assert (exactly.reaches_threshold, below.reaches_threshold) == (True, False)
    assert escalation_figures(price(), [omission(6)], earlier=[omission(6)]).reaches_threshold


def test_an_omission_for_the_site_counts_once_and_a_scan_at_its_unit_cost() -> None:
    scans = Omission.model_validate({"name": "Scan", "resources": [{"item": "SCAN"}], "per": "site", "times": 3})
    assert escalation_figures(price(), [scans]).omitted == 159


def test_an_omission_priced_from_an_unknown_role_is_refused() -> None:
    with pytest.raises(StudyError, match="wizard"):
        escalation_figures(price(), [Omission.model_validate({"name": "Magic", "resources": [{"role": "wizard", "minutes": 5}]})])


def decision(outcome: str, **known: Any) -> Decision:
    return Decision.model_validate({"outcome": outcome, "reason": "seen"} | known)


def test_a_small_omission_outside_the_protocol_is_corrected_only_by_a_named_persons_waiver() -> None:
    refused = check_decision(decision("corrected"), [omission(1)], reaches_threshold=False, on=DAY)
    assert "neither in the protocol's schedule nor at least 5%" in refused[0].problem
    waiver = {"by": "Jo Bloggs", "reason": "safety"}
    assert check_decision(decision("corrected", waiver=waiver), [omission(1)], reaches_threshold=False, on=DAY) == []


def test_being_in_the_protocols_schedule_is_enough_from_may_2024_and_not_before() -> None:
    listed = [omission(1, in_protocol=True)]
    assert check_decision(decision("corrected"), listed, reaches_threshold=False, on=date(2024, 5, 1)) == []
    assert check_decision(decision("corrected"), listed, reaches_threshold=False, on=date(2024, 4, 30))


def test_what_reaches_the_threshold_is_not_waved_off_as_below_it() -> None:
    assert "reach 5%" in check_decision(decision("below_threshold"), [omission(1)], reaches_threshold=True, on=DAY)[0].problem
    assert check_decision(decision("already_included"), [omission(1)], reaches_threshold=True, on=DAY) == []


def test_a_waiver_stands_beside_no_other_outcome() -> None:
    with pytest.raises(ValueError, match="waiver"):
        decision("below_threshold", waiver={"by": "Jo", "reason": "x"})


def test_work_that_shares_a_word_or_an_item_with_an_omission_may_hold_it_already() -> None:
    costed = price().costs.study
    found = already_costed(costed, omission(10, name="Cares at home"))
    assert [(line.id, line.where, line.resources) for line in found] == [("A1", "Active", "60 minutes nurse")]
    assert [line.id for line in already_costed(costed, omission(10, name="A set-up visit"))] == []  # short words are in the name of everything
    scanned = costed.model_copy(update={"unscheduled": [UnscheduledActivity(id="U1", name="Imaging", resources=[ResourceLine(item="SCAN", quantity=2)])]})
    scan = Omission(name="Brain picture", resources=[ResourceLine(item="SCAN")])
    assert [(line.id, line.where, line.resources) for line in already_costed(scanned, scan)] == [("U1", "Unscheduled", "2 × SCAN")]
    assert already_costed(scanned, Omission(name="Brain picture", resources=[ResourceLine(item="OTHER")])) == []
