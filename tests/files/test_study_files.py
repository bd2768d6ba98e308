"""Reading a study file: everything wrong is said at once, with its place in the study's words and a remedy."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from ncvr.domain.study import Study
from ncvr.domain.study_checks import check_use
from ncvr.errors import InputError
from ncvr.files.study_files import read_study, schedule_sha256, study_file, study_from

GOOD: dict[str, Any] = {
    "format": "ncvr-study/1",
    "study": {"iras_id": "1004567", "phase": "III"},
    "lead_site": "RGT",
    "sites": [{"ods_code": "RGT", "principal_investigator": "Dr A", "target_participants": 12}],
    "arms": [
        {
            "id": "A",
            "name": "Active",
            "visits": [{"id": "V1", "name": "Screening"}, {"id": "V2", "name": "Day 1"}],
            "activities": [
                {"id": "A01", "name": "Consent", "payment": "visit", "resources": [{"role": "research_nurse", "minutes": 30}], "occurrences": {"V1": 1}},
                {"id": "A02", "name": "Blood count", "payment": "visit", "resources": [{"item": "PATH05"}], "occurrences": {"V1": 1, "V2": 2}},
            ],
        }
    ],
    "unscheduled": [],
    "setup_and_closedown": [],
    "pass_through": [{"id": "P01", "name": "Travel", "cap": "35.00"}],
}


def said(record: Any) -> list[str]:
    reading = study_from(record, "study.json")
    assert reading.value is None
    return [str(finding) for finding in reading.findings]


def changed(*path: str | int, to: Any) -> dict[str, Any]:
    record = deepcopy(GOOD)
    place: Any = record
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return record


def read(record: Any) -> Study:
    reading = study_from(record, "study.json")
    assert reading.value is not None, [str(finding) for finding in reading.findings]
    return reading.value


def test_a_good_study_reads_and_writes_back_to_the_same_value() -> None:
    study = read(GOOD)
    assert read(json.loads(study_file(study))) == study


ACTIVITY = ("arms", 0, "activities", 0)


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (
            changed(*ACTIVITY, "resources", 0, "minutes", to=30.5),
            'arm A, activity A01, resource 1, minutes: write a whole number of minutes, or a decimal as text such as "7.5"',
        ),
        (changed(*ACTIVITY, "resources", 0, "minutes", to=-5), "minutes: -5 is too small. Give a number above 0."),
        (changed(*ACTIVITY, "resources", 0, "minutes", to=0), "minutes: 0 is too small"),
        (changed(*ACTIVITY, "resources", 0, "minutes", to=10_081), "minutes: 10081 is too large. Give a number of at most 10080."),
        (changed(*ACTIVITY, "resources", 0, "minutes", to=True), "minutes: write a whole number of minutes"),
        (changed(*ACTIVITY, "resources", 0, "minutes", to="1e3"), "'1e3' is not a plain decimal number"),
        (changed(*ACTIVITY, "occurrences", to={"V1": 1.0}), "occurrences.V1: a whole number is needed"),
        (changed(*ACTIVITY, "occurrences", to={"V9": 1}), "arm A, activity A01, occurrences: there is no visit 'V9' in this arm"),
        (changed(*ACTIVITY, "colour", to="red"), "arm A, activity A01, colour: this field is not known here. Remove it, or correct its name."),
        (changed(*ACTIVITY, "id", to="A02"), "the activity, unscheduled, set-up or pass-through id 'A02' is used 2 times"),
        (changed("pass_through", 0, "id", to="A02"), "id 'A02' is used 2 times"),
        (changed("arms", 0, "visits", 1, "id", to="V1"), "arm A, visit V1: the visit id 'V1' is used more than once in this arm"),
        (
            changed("pass_through", 0, "cap", to=35.0),
            'pass-through P01, cap: text in quotes is needed. Put the value in quotes, such as "123.45"; a number could lose digits.',
        ),
        (changed("pass_through", 0, "cap", to="-1.00"), "an amount is never negative"),
        (changed("pass_through", 0, "cap", to="1.005"), "more than two decimals"),
        (changed("study", "iras_id", to="0123"), 'study.iras_id: "0123" is not an IRAS ID. Give four to seven digits, not starting with 0.'),
        (changed("sites", 0, "ods_code", to="R!"), "is not an organisation code"),
        (
            changed("sites", 0, "role", to="hub"),
            "site RGT, role: only participating and lead sites can be priced for now. Hub, spoke and participant identification sites cannot.",
        ),
        (changed("sites", 0, "arms", to=["B"]), "site RGT: there is no arm 'B'"),
        (changed("study", "phase", to="2"), "is not one of the values known here"),
        (changed("study", "ncvr_class", to="early"), "study, ncvr_class: phase III is late, not early. Remove ncvr_class, or correct the phase."),
        (changed(*ACTIVITY, "no_charge", to="free"), "no_charge and to_do stand only where there are no resources"),
        (changed(*ACTIVITY, "resources", 0, "item", to="PATH05"), "a resource is either a role with minutes or a tariff item"),
        (changed(*ACTIVITY, "name", to="a\u0007b"), "the control character U+0007 cannot stand in a document"),
        (changed("arms", 0, "same_as", to="B"), "there is no other arm 'B' to repeat"),
        (changed("format", to="ncvr-study/2"), "format:"),
        ([], "study.json: an object is needed"),
        ({key: value for key, value in GOOD.items() if key != "format"}, 'format: the file does not say what it is. Begin it with "format": "ncvr-study/1".'),
        (changed(*ACTIVITY, "name", to=" \t "), "activity A01, name: this holds only spaces or signs that cannot be seen"),
        (changed("sites", 0, "principal_investigator", to="\u200b\u2060"), "site RGT, principal_investigator: this holds only spaces or signs"),
        (changed(*ACTIVITY, to={"id": "A01", "name": "x", "payment": "visit", "no_charge": "  "}), "A01, no_charge: this holds only spaces"),
        (changed(*ACTIVITY, to={"id": "A01", "name": "x", "payment": "visit", "to_do": ""}), "A01, to_do: this must not be empty"),
        (changed("study", "first_submitted_on", to="20260601"), "'20260601' is not a date. Write it as 2026-04-01."),
        (changed("study", "first_submitted_on", to="2026-W23-1"), "'2026-W23-1' is not a date"),
        (changed("study", "first_submitted_on", to="2026-02-30"), "2026-02-30 is not a day of the calendar. Write a day that exists"),
        (changed("sites", to=[{"ods_code": "rgt"}, {"ods_code": " RGT "}]), "site RGT: this site is listed more than once"),
        (changed("pass_through", 0, "cap", to="1" * 19), "is too large. Give a number of at most 18 digits before the point."),
        (changed(*ACTIVITY, "resources", 0, "minutes", to="1.0000000000001"), "has too many decimals. Give at most 12."),
        (changed("arms", 0, "visits", to=[]), "arm A: it has no visits, but 2 of its activities name some. Add the arm's visits."),
        (changed("waivers", to=[{"arm": "Z"}]), "waiver without an activity: there is no arm 'Z'"),
    ],
)
def test_what_is_wrong_is_said_with_its_place_and_a_remedy(record: Any, words: str) -> None:
    findings = said(record)
    assert any(words in finding for finding in findings), findings
    assert all(finding.startswith("study.json") and finding.endswith(".") for finding in findings)


def test_all_findings_come_at_once() -> None:
    record = changed(*ACTIVITY, "resources", 0, "minutes", to=1.5)
    record["arms"][0]["activities"][1]["occurrences"] = {"V7": 1}
    record["arms"][0]["activities"][1]["id"] = "A01"
    record["study"]["iras_id"] = 1004567
    record["extra"] = 1
    findings = " | ".join(said(record))
    for words in ("minutes", "no visit 'V7'", "'A01' is used 2 times", "iras_id", "extra: this field is not known"):
        assert words in findings


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "not JSON"),
        (b'{"format": "ncvr-study/1",}', "study.json:1:"),
        (b'{"version": 1, "version": 2}', "the field 'version' stands twice"),
        (b'{"version": NaN}', "NaN is not a number that JSON knows"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[" * 100_000, "study.json"),
    ],
)
def test_a_file_that_is_not_json_is_refused_with_line_and_column(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "study.json"
    path.write_bytes(content)
    with pytest.raises(InputError) as refused:
        read_study(path)
    assert words in str(refused.value.findings[0])


def test_a_file_that_is_not_there_is_said_gently(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_study(tmp_path / "nothing.json")


def test_the_schedule_hash_moves_with_the_schedule_and_not_with_the_rest() -> None:
    base = schedule_sha256(read(GOOD))
    assert schedule_sha256(read(changed("sites", 0, "principal_investigator", to="Dr B"))) == base
    assert schedule_sha256(read(changed("study", "title", to="Another title"))) == base
    assert schedule_sha256(read(changed(*ACTIVITY, "resources", 0, "minutes", to=31))) != base
    assert schedule_sha256(read(changed(*ACTIVITY, "resources", 0, "minutes", to="30.0"))) == base, "30.0 minutes are 30 minutes"


def test_defaults_are_left_out_and_keys_stand_in_one_order() -> None:
    record = changed("arms", 0, "kind", to="arm")
    record["arms"][0]["activities"][0] |= {"type": "other", "when": ""}
    written = json.loads(study_file(read(record)))
    assert list(written["arms"][0]) == ["id", "name", "visits", "activities"]
    assert list(written["arms"][0]["activities"][0]) == ["id", "name", "payment", "resources", "occurrences"]


def uses(study: Study, use: Any) -> str:
    return " | ".join(str(finding) for finding in check_use(study, use))


def test_a_bare_draft_can_be_read_and_hears_what_each_further_use_needs() -> None:
    draft = read({"format": "ncvr-study/1"})
    assert uses(draft, "read") == ""
    assert "the IRAS ID is missing" in uses(draft, "price")
    assert "there is no arm" in uses(draft, "price")
    for words in ("the title is missing", "the sponsor is missing", "protocol number, version and date", "lead site is missing"):
        assert words in uses(draft, "submit")
    assert "there is no site to contract with" in uses(draft, "contract")


def test_phase_two_needs_a_class_before_submission() -> None:
    assert "phase II may be early or late phase" in uses(read(changed("study", "phase", to="II")), "submit")


def test_an_advanced_therapy_is_early_whatever_its_phase() -> None:
    record = changed("study", "atmp", to=True)
    assert read(record).ncvr_class == "early"


def test_a_code_in_small_letters_is_the_organisation_s_code() -> None:
    study = read(changed("sites", 0, "ods_code", to=" rgt ") | {"lead_site": "rgt"})
    assert (study.sites[0].ods_code, study.lead_site) == ("RGT", "RGT")


def test_a_field_that_stands_twice_is_found_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "study.json"
    path.write_text('{\n  "format": "ncvr-study/1",\n  "study": {"title": "a \\"format\\": {", "sponsor": "b"},\n  "sites": [],\n  "sites": []\n}\n', "utf-8")
    with pytest.raises(InputError) as refused:
        read_study(path)
    assert str(refused.value.findings[0]).startswith(f"{path}:5: the field 'sites' stands twice in one object")


REPEATED = {"id": "V3", "name": "Cycle", "repeat": {"until": "progression", "expected": 6, "max": 4}}
SET_UP = {"id": "S01", "name": "Set-up", "no_charge": "ours", "trigger": "start"}


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (changed("arms", 0, "visits", to=[*GOOD["arms"][0]["visits"], REPEATED]), "arm A, visit V3, repeat: 6 repeats are expected, but at most 4 are allowed"),
        (changed("setup_and_closedown", to=[SET_UP | {"expected": 2}]), "set-up and close-down S01, expected: it is paid once, but expected 2 times"),
        (changed("sites", 0, "arms", to=[]), "site RGT, arms: the site takes part in no arm"),
        (changed("sites", 0, "arm_participants", to={"A": 8}), "its arms have 8 participants together, but its target is 12"),
    ],
)
def test_numbers_that_contradict_each_other_are_found_before_pricing(record: Any, words: str) -> None:
    assert any(words in str(finding) for finding in check_use(read(record), "price"))


def test_arms_that_add_up_to_the_target_and_a_single_payment_are_no_contradiction() -> None:
    record = changed("sites", 0, "arm_participants", to={"A": 12}) | {"setup_and_closedown": [SET_UP | {"expected": 1}]}
    assert check_use(read(record), "price") == []


def test_an_occasion_is_asked_for_before_the_study_is_submitted() -> None:
    record = changed(*ACTIVITY, "payment", to="item")
    record |= {"unscheduled": [{"id": "U01", "name": "Biopsy", "no_charge": "ours"}], "setup_and_closedown": [{"id": "S01", "name": "x", "no_charge": "ours"}]}
    wanted = {"arm A, activity A01, when", "unscheduled U01, when", "set-up and close-down S01, trigger"}
    assert not wanted & {finding.place for finding in check_use(read(record), "price")}
    assert wanted <= {finding.place for finding in check_use(read(record), "submit")}
