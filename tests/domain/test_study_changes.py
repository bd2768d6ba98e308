"""Differences between two versions of a study, each with its place and its effect on the national cost."""

from fractions import Fraction
from typing import Any

from ncvr.domain.study_changes import StudyChange, study_changes, totals
from tests import editions

TARIFF = editions.edition(staff={"nurse": "60.00", "doctor": "120.00"}, items={"ECG": ("50.00", "investigation")}, multipliers={"RGT": "1"})


def study(*, lines: list[dict[str, Any]] | None = None, counts: dict[str, int] | None = None, **more: Any) -> dict[str, Any]:
    resources = lines if lines is not None else [{"role": "nurse", "minutes": 10}]
    activity = {"id": "A1", "name": "Vitals", "payment": "visit", "resources": resources, "occurrences": counts if counts is not None else {"V1": 1, "V2": 2}}
    visits = [{"id": "V1", "name": "One"}, {"id": "V2", "name": "Two"}]
    return {"arms": [{"id": "A", "name": "A", "visits": visits, "activities": [activity]}]} | more


def changes(old: dict[str, Any], new: dict[str, Any]) -> list[StudyChange]:
    return list(study_changes(editions.study(old), editions.study(new), TARIFF))


def told(found: list[StudyChange]) -> list[tuple[str, str, str | None, str | None, Fraction | None]]:
    return [(change.what, change.place, change.old, change.new, change.effect) for change in found]


def test_the_same_study_has_no_changes() -> None:
    assert changes(study(), study()) == []


def test_minutes_count_as_often_as_the_activity_is_done() -> None:
    found = changes(study(), study(lines=[{"role": "nurse", "minutes": 20}]))
    # 10 minutes at £60 an hour are £10; with 0.9 of uplifts £19; three times
    assert told(found) == [("changed", "arm A, activity A1, resource 1, minutes", "10", "20", Fraction(57))]


def test_a_count_is_told_with_its_visit() -> None:
    found = changes(study(), study(counts={"V1": 1, "V2": 5}))
    assert told(found) == [("changed", "arm A, activity A1, count at visit V2", "2", "5", Fraction(57))]


def test_a_role_an_added_and_a_removed_line() -> None:
    found = changes(study(lines=[{"role": "nurse", "minutes": 10}, {"item": "ECG"}]), study(lines=[{"role": "doctor", "minutes": 10}]))
    assert told(found) == [
        ("changed", "arm A, activity A1, resource 1, role", "nurse", "doctor", Fraction(57)),
        ("removed", "arm A, activity A1, resource 2", "code ECG", None, Fraction(-180)),
    ]
    back = changes(study(lines=[{"role": "nurse", "minutes": 10}]), study(lines=[{"role": "nurse", "minutes": 10}, {"item": "ECG", "quantity": 2}]))
    assert told(back) == [("added", "arm A, activity A1, resource 2", None, "2 x code ECG", Fraction(360))]


def test_a_role_that_becomes_a_code_is_one_change() -> None:
    found = changes(study(), study(lines=[{"item": "ECG"}]))
    assert told(found) == [("changed", "arm A, activity A1, resource 1, role or code", "nurse, 10 minutes", "code ECG", Fraction(180 - 57))]


def test_a_removed_visit_takes_its_counts_along_and_a_new_one_brings_them() -> None:
    old, new = study(), study(counts={"V1": 1, "V3": 1})
    new["arms"][0]["visits"] = [{"id": "V1", "name": "One"}, {"id": "V3", "name": "Three"}]
    assert told(changes(old, new)) == [
        ("removed", "arm A, visit V2", "Two", None, Fraction(-38)),
        ("added", "arm A, visit V3", None, "Three", Fraction(0)),
        ("changed", "arm A, activity A1, count at visit V3", None, "1", Fraction(19)),
    ]


def test_an_activity_added_or_removed_tells_its_resources() -> None:
    old, new = study(), study()
    new["arms"][0]["activities"][0] |= {"id": "A2", "name": "Bloods"}
    assert told(changes(old, new)) == [
        ("removed", "arm A, activity A1", "Vitals: nurse, 10 minutes", None, Fraction(-57)),
        ("added", "arm A, activity A2", None, "Bloods: nurse, 10 minutes", Fraction(57)),
    ]


def test_a_change_in_an_arm_that_another_repeats_counts_for_both() -> None:
    old, new = study(), study(lines=[{"role": "nurse", "minutes": 20}])
    for record in (old, new):
        record["arms"].append({"id": "B", "name": "B", "same_as": "A"})
    assert changes(old, new)[0].effect == 2 * 57


def test_an_item_counts_once_and_names_have_no_effect() -> None:
    old, new = study(), study(lines=[{"role": "nurse", "minutes": 20}])
    for record in (old, new):
        record["arms"][0]["activities"][0]["payment"] = "item"
    new["arms"][0]["activities"][0]["name"] = "Vital signs"
    assert told(changes(old, new)) == [
        ("changed", "arm A, activity A1, name", "Vitals", "Vital signs", Fraction(0)),
        ("changed", "arm A, activity A1, resource 1, minutes", "10", "20", Fraction(19)),
    ]


def test_set_up_is_priced_with_its_own_uplifts() -> None:
    shares = {"staff_time": ("0", "0"), "investigation": ("0", "0"), "departmental": ("0", "0")}
    tariff = editions.edition(staff={"nurse": "60.00"}, multipliers={"RGT": "1"}, setup_shares=shares)  # type: ignore[arg-type]
    entry = {"id": "S1", "name": "Set-up", "resources": [{"role": "nurse", "minutes": 60}]}
    longer = entry | {"resources": [{"role": "nurse", "minutes": 120}]}
    old, new = editions.study(study(setup_and_closedown=[entry])), editions.study(study(setup_and_closedown=[longer]))
    assert [change.effect for change in study_changes(old, new, tariff)] == [Fraction(60)]


def test_what_cannot_be_priced_has_no_effect_to_tell() -> None:
    found = changes(study(), study(lines=[{"role": "wizard", "minutes": 10}]))
    assert [change.effect for change in found] == [None]
    assert totals(editions.study(study(lines=[{"role": "wizard", "minutes": 10}])), TARIFF).national is None


def test_sites_identity_and_pass_through_are_compared_too() -> None:
    old = study(sites=[{"ods_code": "RGT"}], pass_through=[{"id": "P", "name": "Travel", "cap": "35.00"}])
    new = study(sites=[{"ods_code": "RGT", "target_participants": 4}, {"ods_code": "RP4"}], pass_through=[{"id": "P", "name": "Travel", "cap": "40.00"}])
    new["study"] = {"iras_id": "1004567", "phase": "III", "title": "Now with a title"}
    assert [change.place for change in changes(old, new)] == ["study, title", "site RGT, target_participants", "site RP4", "pass-through P, cap"]
    assert {change.effect for change in changes(old, new)} == {Fraction(0)}


def test_totals_count_every_payable_once() -> None:
    figures = totals(editions.study(study()), TARIFF)
    assert (figures.minutes, figures.counts, figures.national) == (Fraction(30), 3, Fraction(57))
