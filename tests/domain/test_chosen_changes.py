"""Taking over some of the changes between two versions: what was chosen comes, what was not stays, and nothing else happens."""

from itertools import combinations
from typing import Any

import pytest

from ncvr.domain.chosen_changes import with_chosen
from ncvr.domain.study_changes import study_changes
from ncvr.errors import StudyError
from tests import editions

TARIFF = editions.edition(staff={"nurse": "60.00", "doctor": "120.00"}, items={"ECG": ("50.00", "investigation")}, multipliers={"RGT": "1"})
NURSE, DOCTOR, ECG = {"role": "nurse", "minutes": 20}, {"role": "doctor", "minutes": 5}, {"item": "ECG"}
V1, V2, V3 = ({"id": f"V{number}", "name": name} for number, name in ((1, "One"), (2, "Two"), (3, "Three")))


def activity(key: str = "A1", lines: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
    return {"id": key, "name": key, "payment": "visit", "resources": lines if lines is not None else [NURSE], "occurrences": {"V1": 1}} | more


def version(*activities: dict[str, Any], visits: list[dict[str, Any]] | None = None, **more: Any) -> Any:
    return editions.study({"arms": [{"id": "A", "name": "Arm", "visits": visits or [V1, V2], "activities": list(activities)}]} | more)


PAIRS = {
    "minutes, a line more, counts": (version(activity()), version(activity(lines=[{**NURSE, "minutes": 30}, ECG], occurrences={"V1": 3, "V2": 1}))),
    "lines fewer and in another order": (version(activity(lines=[NURSE, ECG, DOCTOR])), version(activity(lines=[{**DOCTOR, "quantity": 2}, NURSE]))),
    "a role becomes a code": (version(activity(lines=[NURSE, DOCTOR])), version(activity(lines=[ECG, DOCTOR]))),
    "activities come and go": (version(activity("A1"), activity("A2")), version(activity("A0"), activity("A2", name="Two"))),
    "a visit renamed, an arm renamed": (
        version(activity()),
        editions.study({"arms": [{"id": "A", "name": "B", "visits": [V1, {**V2, "window": "1 day"}], "activities": [activity()]}]}),
    ),
    "a visit removed": (version(activity(occurrences={"V1": 1, "V2": 2})), version(activity(), visits=[V1])),
    "an arm added and one removed": (
        editions.study({"arms": [{"id": "A", "name": "A", "visits": [V1], "activities": [activity()]}]}),
        editions.study({"arms": [{"id": "B", "name": "B", "visits": [V1], "activities": [activity("B1")]}]}),
    ),
    "lists": (
        version(activity(), unscheduled=[{"id": "U1", "name": "U", "resources": [ECG]}], pass_through=[{"id": "P1", "name": "Travel", "cap": "5.00"}]),
        version(activity(), setup_and_closedown=[{"id": "S1", "name": "S", "resources": [ECG]}], pass_through=[{"id": "P1", "name": "Travel", "cap": "9.00"}]),
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_every_choice_makes_the_chosen_changes_and_leaves_exactly_the_others(name: str) -> None:
    old, new = PAIRS[name]
    found = study_changes(old, new, TARIFF)
    assert len({change.key for change in found}) == len(found) > 0
    for size in range(len(found) + 1):
        for chosen in combinations(found, size):
            left = study_changes(with_chosen(old, new, chosen), new, TARIFF)
            assert len(left) == len(found) - size, [change.place for change in chosen]
    assert with_chosen(old, new, found) == new
    assert with_chosen(old, new, ()) == old


def test_a_count_at_a_new_visit_cannot_come_without_the_visit() -> None:
    old, new = version(activity()), version(activity(occurrences={"V1": 1, "V3": 2}), visits=[V1, V2, V3])
    count = [change for change in study_changes(old, new, TARIFF) if "count" in change.place]
    with pytest.raises(StudyError, match="there is no visit 'V3'"):
        with_chosen(old, new, count)


def test_resources_cannot_come_while_the_reason_for_their_absence_stays() -> None:
    old, new = version(activity(lines=[], to_do="later")), version(activity())
    line = [change for change in study_changes(old, new, TARIFF) if change.what == "added"]
    with pytest.raises(StudyError, match="a reason why it has none"):
        with_chosen(old, new, line)
