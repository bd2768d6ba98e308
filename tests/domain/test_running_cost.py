"""The running cost agrees with what pricing says in the end, and never pretends to know."""

from fractions import Fraction
from typing import Any

from ncvr.domain.running_cost import running_cost, running_cost_after
from ncvr.domain.study import Arm
from ncvr.domain.study_changes import totals
from tests import editions

TARIFF = editions.edition(staff={"nurse": "60.00"}, items={"ECG": ("50.00", "investigation")}, multipliers={"RGT": "1"})


def arm(minutes: int = 10, **more: Any) -> Arm:
    vitals = {"id": "A1", "name": "Vitals", "payment": "visit", "resources": [{"role": "nurse", "minutes": minutes}], "occurrences": {"V1": 1, "V2": 2}}
    scan = {"id": "A2", "name": "ECG", "payment": "item", "resources": [{"item": "ECG"}], "occurrences": {"V1": 3}} | more
    visits = [{"id": "V1", "name": "One"}, {"id": "V2", "name": "Two"}]
    return editions.study({"arms": [{"id": "A", "name": "A", "visits": visits, "activities": [vitals, scan]}]}).arms[0]


def test_it_is_the_sum_that_versions_are_compared_by() -> None:
    found = running_cost(arm(), TARIFF)
    assert found.visits == {"V1": Fraction(19), "V2": Fraction(38)}  # 10 minutes at £60 an hour, with 0.9 of uplifts
    assert found.arm == totals(editions.study({"arms": [arm().model_dump(mode="json")]}), TARIFF).national
    assert found.unpriced == []


def test_only_what_was_touched_is_costed_again_and_the_result_is_the_same() -> None:
    before = running_cost(arm(), TARIFF)
    after = running_cost_after(arm(20), TARIFF, before, {"A1"})
    assert after == running_cost(arm(20), TARIFF)
    assert after.lines["A1"] == Fraction(38)


def test_a_sum_with_an_unknown_part_is_unknown_and_the_others_are_known() -> None:
    found = running_cost(arm(resources=[], to_do="ask"), TARIFF)
    assert (found.arm, found.unpriced, found.visits["V1"]) == (None, ["A2"], Fraction(19))
