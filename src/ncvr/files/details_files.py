"""Details files, ``ncvr-details/1``."""

from pathlib import Path

from ncvr.domain.details import Details, check_details
from ncvr.domain.study import Study
from ncvr.errors import Finding
from ncvr.files.json_files import parse_json, read_json_bytes, validated
from ncvr.files.reading import Reading


def read_details(path: Path, study: Study) -> Reading[Details]:
    """The details in a file, checked against the study they belong to; or everything that is wrong with them."""
    record = parse_json(read_json_bytes(path), str(path))
    details, findings = validated(Details, record, str(path))
    if details is not None:
        findings += [Finding(f"{path}: {found.place}", found.problem, found.remedy) for found in check_details(details, study)]
    return Reading(None if findings else details, tuple(findings))
