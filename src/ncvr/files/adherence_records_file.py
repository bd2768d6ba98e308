"""Adherence records as JSON Lines: one record a line, in the order in which they were recorded."""

import json
from pathlib import Path

from ncvr.domain.adherence_records import AdherenceRecord
from ncvr.errors import Finding, InputError
from ncvr.files.json_files import parse_json, read_json_bytes, validated
from ncvr.files.reading import Reading


def read_records(path: Path) -> Reading[tuple[AdherenceRecord, ...]]:
    """The records, or everything that is wrong with any line. Raises InputError if the file cannot be read."""
    findings: list[Finding] = []
    records: list[AdherenceRecord] = []
    lines: dict[str, int] = {}
    for number, line in enumerate(read_json_bytes(path).split(b"\n"), start=1):
        if not line.strip():
            continue
        record = _record(line, f"{path}:{number}", findings)
        if record is None:
            continue
        findings += _order_findings(record, records, lines, f"{path}:{number}")
        records.append(record)
        lines.setdefault(record.id, number)
    return Reading(None if findings else tuple(records), tuple(findings))


def _record(line: bytes, place: str, findings: list[Finding]) -> AdherenceRecord | None:
    try:
        told = parse_json(line, place)
    except InputError as error:
        findings.append(Finding(place, error.problem, error.remedy))  # the line is the file's, not the record's
        return None
    record, problems = validated(AdherenceRecord, told, place)
    findings += problems
    return record


def _order_findings(record: AdherenceRecord, earlier: list[AdherenceRecord], lines: dict[str, int], place: str) -> list[Finding]:
    says = []
    if record.id in lines:
        says.append((f"the id {record.id!r} stands on line {lines[record.id]} too", "Give each record an id of its own; a correction names the old one"))
    if earlier and record.recorded_on < earlier[-1].recorded_on:
        says.append((f"it was recorded on {record.recorded_on}, before the line above it", "Put the records in the order in which they were recorded"))
    for field, named in (("corrects", record.corrects), ("about", record.about)):
        if named is not None and named not in lines:
            says.append((f"{field} names {named!r}, which is on no line above", "Name the id of an earlier record"))
    return [Finding(place, problem, remedy) for problem, remedy in says]


def written_records(records: tuple[AdherenceRecord, ...]) -> bytes:
    """The records as JSON Lines; what is empty is left out."""
    lines = [json.dumps(record.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False, separators=(",", ":")) for record in records]
    return "".join(line + "\n" for line in lines).encode("utf-8")
