"""Details of many sites from one table: a row a site, a column a key of the details file."""

import csv
import io
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from ncvr.domain.appendix import KEYS, known_key
from ncvr.domain.tariff import near
from ncvr.errors import Finding
from ncvr.files.csv_table import read_text

_SITE = "ods_code"
_WHOLE_NUMBERS = ("target_participants", "dates.archiving_years")
_YES_NO = {"true": True, "yes": True, "false": False, "no": False}


def with_table(details: Mapping[str, Any], path: Path, findings: list[Finding]) -> dict[str, Any]:
    """The details record with the table's cells laid over its sites; an empty cell changes nothing. Findings name row and column."""
    merged: dict[str, Any] = deepcopy(dict(details))
    sites = merged.setdefault("sites", {})
    for line, row in _rows(path, findings):
        site = row[_SITE].strip().upper()
        if not site:
            findings.append(Finding(f"{path}:{line}", "the organisation code is missing", "Give the site's code in the column ods_code"))
        for key, text in row.items():
            if key != _SITE and text.strip() and site:
                _set(sites.setdefault(site, {}), key, _value(key, text.strip(), f"{path}:{line}: {key}", findings))
    return merged


def _rows(path: Path, findings: list[Finding]) -> Iterator[tuple[int, dict[str, str]]]:
    text = read_text(path, findings)
    if text is None:
        return
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header = [name.strip() for name in next(reader, [])]
    if not _header_is_known(header, path, findings):
        return
    try:
        for cells in reader:
            if len(cells) == len(header):
                yield reader.line_num, {name: _plain(cell) for name, cell in zip(header, cells, strict=True)}
            else:
                findings.append(Finding(f"{path}:{reader.line_num}", f"{len(cells)} cells, and the header has {len(header)}", "Give one cell a column"))
    except csv.Error as error:
        findings.append(Finding(f"{path}:{reader.line_num}", f"this is not CSV ({error})", "Put a text with a comma or quote in quotes"))


def _plain(cell: str) -> str:
    """Without the apostrophe that keeps a spreadsheet from reading text as a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@") else cell


def _header_is_known(header: list[str], path: Path, findings: list[Finding]) -> bool:
    noted = len(findings)
    place = f"{path}:1"
    if _SITE not in header:
        findings.append(Finding(place, "the column ods_code is missing", "Give each row the site's code"))
    for name in header:
        if name != _SITE and (not known_key(f"details.{name}") or name == "recitals"):
            known = [key.removeprefix("details.") for key in KEYS if key.startswith("details.")]
            findings.append(Finding(place, f"unknown column {name!r}{near(name, known)}", "Name columns like keys of the details file, such as site.address"))
        if header.count(name) > 1:
            findings.append(Finding(place, f"the column {name!r} stands twice", "Keep one of them"))
    return len(findings) == noted


def _value(key: str, text: str, place: str, findings: list[Finding]) -> Any:
    if key in _WHOLE_NUMBERS:
        if text.isascii() and text.isdigit() and len(text) < 9:
            return int(text)
        findings.append(Finding(place, f"{text!r} is not a whole number", "Write digits only"))
    if key.startswith("conditions."):
        if text.lower() in _YES_NO:
            return _YES_NO[text.lower()]
        findings.append(Finding(place, f"{text!r} is neither yes nor no", "Write yes or no"))
    return text


def _set(section: dict[str, Any], key: str, value: Any) -> None:
    *path, last = key.split(".")
    for name in path:
        inner = section.get(name)
        section[name] = inner if isinstance(inner, dict) else {}
        section = section[name]
    section[last] = value
