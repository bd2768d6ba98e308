"""Study files, ``ncvr-study/1``: reading with all findings at once, and the one written form."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ncvr.domain.canonical import sha256_of
from ncvr.domain.study import FORMAT, Study, schedule_record, study_record
from ncvr.domain.study_checks import check_class, check_references
from ncvr.errors import Finding
from ncvr.files.json_files import check_format, dotted, parse_json, read_json_bytes, validated, written_json
from ncvr.files.reading import Reading

_NOUNS = {
    "arms": "arm",
    "visits": "visit",
    "activities": "activity",
    "resources": "resource",
    "sites": "site",
    "unscheduled": "unscheduled",
    "setup_and_closedown": "set-up and close-down",
    "pass_through": "pass-through",
    "waivers": "waiver",
}


def read_study(path: Path) -> Reading[Study]:
    """The study in a file, or everything that is wrong with it. Raises InputError if it is no readable JSON file."""
    return study_from(parse_json(read_json_bytes(path), str(path)), str(path))


def study_from(record: Any, place: str) -> Reading[Study]:
    """The study in a JSON value, or everything that is wrong with it."""
    study, findings = validated(Study, record, place, where)
    findings += check_format(record, place, FORMAT)
    if isinstance(record, Mapping):
        findings += [Finding(f"{place}: {found.place}", found.problem, found.remedy, found.level) for found in check_references(record)]
    if study is not None and not findings:
        findings += [Finding(f"{place}: {found.place}", found.problem, found.remedy, found.level) for found in check_class(study)]
    return Reading(None if any(found.level == "error" for found in findings) else study, tuple(findings))


def where(record: Any, location: tuple[Any, ...]) -> str:
    """A location in the file in the study's own words: ``arm A, activity A01, resource 2, minutes``."""
    words: list[str] = []
    rest = list(location)
    while len(rest) >= 2 and rest[0] in _NOUNS and isinstance(rest[1], int):
        key, number = rest[0], rest[1]
        record = record[key][number]
        named = record.get("id") or record.get("ods_code") if isinstance(record, Mapping) else None
        words.append(f"{_NOUNS[key]} {named or number + 1}")
        rest = rest[2:]
    within = dotted(record, tuple(rest))
    return ", ".join([*words, within] if within else words)


def study_file(study: Study) -> bytes:
    """The study in its one written form."""
    return written_json(study_record(study))


def schedule_sha256(study: Study) -> str:
    """``sha256:...`` over the part of the study that can move a price."""
    return sha256_of(schedule_record(study))
