"""Changes to named cells: an activity takes all of its changes or none, and everything that is wrong is said."""

from typing import Any

import pytest

from ncvr.domain.cell_changes import CellChange, CellsChanged, cells_of, with_cells
from ncvr.domain.study import Study
from tests import editions

TARIFF = editions.edition(staff={"nurse": "60.00", "doctor": "120.00"}, items={"ECG": ("50.00", "investigation")}, multipliers={"RGT": "1"})


def study(**more: Any) -> Study:
    lines = [{"role": "nurse", "minutes": 10, "department": "Clinic"}, {"item": "ECG"}]
    activity = {"id": "A1", "name": "Vitals", "payment": "visit", "resources": lines, "occurrences": {"V1": 1}} | more
    other = {"id": "A2", "name": "Consent", "payment": "visit", "to_do": "ask the site"}
    visits = [{"id": "V1", "name": "One"}, {"id": "V2", "name": "Two"}]
    return editions.study({"arms": [{"id": "A", "name": "A", "visits": visits, "activities": [activity, other]}]})


def changed(*asked: tuple[str, str, str, str], of: Study | None = None) -> CellsChanged:
    return with_cells(of or study(), [CellChange(line=line, cell=cell, old=old, new=new) for line, cell, old, new in asked], TARIFF)


def cells(found: CellsChanged, activity: int = 0) -> dict[str, str]:
    return cells_of(found.study.arms[0].activities[activity])


def test_minutes_quantity_role_and_counts_are_changed_together_and_the_rest_stays() -> None:
    found = changed(
        ("A1", "line/1/resource", "nurse", "doctor"), ("A1", "line/1/minutes", "10", "7.5"), ("A1", "count/V1", "1", ""), ("A1", "count/V2", "", "3")
    )
    assert (found.problems, found.moved, found.lines) == ((), (), ("A1",))
    assert cells(found) == {
        "line/1/resource": "doctor",
        "line/1/minutes": "7.5",
        "line/1/quantity": "1",
        "line/2/resource": "ECG",
        "line/2/quantity": "1",
        "count/V2": "3",
    }
    assert found.study.arms[0].activities[0].resources[0].department == "Clinic"


def test_a_first_resource_ends_what_was_to_do_and_emptying_the_only_line_leaves_none() -> None:
    filled = changed(("A2", "line/1/resource", "", "nurse"), ("A2", "line/1/minutes", "", "5"))
    assert filled.study.arms[0].activities[1].to_do is None
    assert cells(filled, 1) == {"line/1/resource": "nurse", "line/1/minutes": "5", "line/1/quantity": "1"}
    emptied = changed(("A2", "line/1/resource", "nurse", ""), ("A2", "line/1/minutes", "5", ""), of=filled.study)
    assert cells(emptied, 1) == {}


@pytest.mark.parametrize(
    ("asked", "cell", "says"),
    [
        ([("A1", "count/V1", "1", "1.5")], "count/V1", "is not a whole number"),
        ([("A1", "count/V1", "1", "-1")], "count/V1", "is not a whole number"),
        ([("A1", "count/V1", "1", "10000")], "count/V1", "is not a whole number"),
        ([("A1", "line/1/minutes", "10", "")], "line/1/minutes", "the role 'nurse' has no minutes"),
        ([("A1", "line/1/minutes", "10", "0")], "line/1/minutes", "cannot be minutes"),
        ([("A1", "line/1/minutes", "10", "1e3")], "line/1/minutes", "cannot be minutes"),
        ([("A1", "line/1/minutes", "10", "10081")], "line/1/minutes", "cannot be minutes"),
        ([("A1", "line/2/minutes", "", "5")], "line/2/minutes", "has minutes; only a role has"),
        ([("A1", "line/1/resource", "nurse", "nurs")], "line/1/resource", "is not in edition"),
        ([("A1", "line/1/quantity", "1", "0")], "line/1/quantity", "is not a whole number"),
        ([("A1", "line/1/resource", "nurse", ""), ("A1", "line/1/minutes", "10", "")], "line/1/resource", "has no role or code any more"),
        ([("A2", "line/1/minutes", "", "5")], "line/1/resource", "minutes belong to a role"),
        ([("A1", "count/V9", "", "1")], "count/V9", "no such cell"),
        ([("A1", "line/3/resource", "", "nurse")], "line/3/resource", "no such cell"),
        ([("A1", "price", "", "1")], "price", "no such cell"),
        ([("A9", "count/V1", "", "1")], "", "there is no activity 'A9'"),
    ],
)
def test_what_cannot_be_leaves_the_activity_as_it_was(asked: list[tuple[str, str, str, str]], cell: str, says: str) -> None:
    found = changed(*asked)
    assert found.study == study()
    assert [(problem.cell, says in problem.problem) for problem in found.problems] == [(cell, True)]
    assert found.problems[0].remedy


def test_one_activity_that_cannot_change_does_not_stop_another() -> None:
    found = changed(("A1", "count/V1", "1", "x"), ("A2", "count/V2", "", "2"))
    assert (found.lines, cells(found, 1), cells(found)["count/V1"]) == (("A2",), {"count/V2": "2"}, "1")


def test_a_change_decided_on_something_else_is_not_made() -> None:
    found = changed(("A1", "count/V1", "2", "3"))
    assert found.study == study()
    assert [change.cell for change in found.moved] == ["count/V1"]


def test_an_activity_that_is_free_of_charge_stays_so_until_its_form_says_otherwise() -> None:
    free = study(resources=[], no_charge="in the trust's own budget")
    found = changed(("A1", "line/1/resource", "", "ECG"), of=free)
    assert found.study == free
    assert "free of charge" in found.problems[0].problem
