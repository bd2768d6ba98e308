"""Details files, ``ncvr-details/1``."""

from pathlib import Path
from typing import Any

from ncvr.domain.details import FORMAT, Details, check_details
from ncvr.domain.study import Study
from ncvr.errors import Finding
from ncvr.files.json_files import check_format, parse_json, read_json_bytes, validated
from ncvr.files.reading import Reading


def read_details(path: Path, study: Study) -> Reading[Details]:
    """The details in a file, checked against the study they belong to; or everything that is wrong with them."""
    return details_from(parse_json(read_json_bytes(path), str(path)), str(path), study)


def details_from(record: Any, place: str, study: Study) -> Reading[Details]:
    """The details in a JSON value, checked against their study."""
    details, findings = validated(Details, record, place)
    findings += check_format(record, place, FORMAT)
    if details is not None:
        findings += [Finding(f"{place}: {found.place}", found.problem, found.remedy) for found in check_details(details, study)]
    return Reading(None if findings else details, tuple(findings))
