"""The shipped study is the real protocol's schedule, cell by cell."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from ncvr.domain.study import Arm, Study
from ncvr.errors import StudyError
from ncvr.files.study_files import read_study, study_file

ROOT = Path(__file__).parent.parent
SHIPPED = ROOT / "src" / "ncvr" / "examples" / "study.json"
PROTOCOL = ROOT.parent / "shared" / "protocols" / "CDISC_Pilot_Study.json"
SCHEDULE: dict[str, Any] = json.loads((Path(__file__).parent / "protocols" / "cdisc_pilot_schedule.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def study() -> Study:
    return read_study(SHIPPED).or_raise(StudyError)


def cells(arm: Arm, kind: str) -> dict[str, dict[str, int]]:
    """Occurrences by the protocol's activity, at the visits of one kind."""
    visits = {visit.id for visit in arm.visits if visit.kind == kind}
    found = {activity.protocol_ref: {visit: n for visit, n in activity.occurrences.items() if visit in visits} for activity in arm.activities}
    return {ref: occurrences for ref, occurrences in found.items() if occurrences}


def test_every_arm_has_the_118_cells_of_the_main_timeline(study: Study) -> None:
    assert len(study.arms) == len(SCHEDULE["arms"]) == 3
    for arm in study.arms:
        assert [visit.id for visit in arm.visits if visit.kind == "scheduled"] == SCHEDULE["encounters"]
        assert cells(arm, "scheduled") == SCHEDULE["cells"]
        assert sum(len(occurrences) for occurrences in cells(arm, "scheduled").values()) == 118


def test_two_instances_at_one_encounter_make_an_occurrence_of_two(study: Study) -> None:
    npi = next(activity for activity in study.arms[0].activities if activity.protocol_ref == "Activity_30")
    assert {visit for visit, times in npi.occurrences.items() if times == 2} == {"E8", "E9", "E10", "E11"}


def test_early_termination_is_a_conditional_visit_with_15_activities(study: Study) -> None:
    for arm in study.arms:
        assert sorted(cells(arm, "conditional")) == sorted(SCHEDULE["early_termination"])
        assert len(SCHEDULE["early_termination"]) == 15


def test_phase_two_has_a_chosen_class(study: Study) -> None:
    assert (study.study.phase, study.ncvr_class) == ("II", "late")


def test_the_shipped_study_is_in_the_one_written_form(study: Study) -> None:
    assert study_file(study) == SHIPPED.read_bytes()


def test_the_committed_schedule_is_that_of_the_protocol_file() -> None:
    if not PROTOCOL.is_file():
        pytest.skip("the protocol file is not beside this checkout; its committed schedule is compared all the same")
    content = PROTOCOL.read_bytes()
    assert hashlib.sha256(content).hexdigest() == SCHEDULE["sha256"]
    design = json.loads(content)["study"]["versions"][0]["studyDesigns"][0]
    names = {encounter["id"]: encounter["name"] for encounter in design["encounters"]}
    timelines = {timeline["name"]: timeline["instances"] for timeline in design["scheduleTimelines"]}
    counted: dict[str, dict[str, int]] = {}
    for instance in timelines["Main Timeline"]:
        for activity in instance["activityIds"]:
            row = counted.setdefault(activity, {})
            row[names[instance["encounterId"]]] = row.get(names[instance["encounterId"]], 0) + 1
    assert counted == SCHEDULE["cells"]
    assert timelines["Early Termination Timeline"][0]["activityIds"] == SCHEDULE["early_termination"]
    assert [arm["name"] for arm in design["arms"]] == SCHEDULE["arms"]
    assert list(names.values()) == SCHEDULE["encounters"]
