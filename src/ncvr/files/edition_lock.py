"""``editions.lock``: the content hash of each edition once it is in force, so that a change cannot go unseen."""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ncvr.domain.tariff import TariffEdition
from ncvr.errors import Finding
from ncvr.files.csv_table import read_table

FILE = "editions.lock"
COLUMNS = ("edition", "sha256")
_HASH = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class LockEntry:
    sha256: str
    line: int


def read_locks(folder: Path, findings: list[Finding]) -> dict[str, LockEntry]:
    """The locked hash of each edition. No file means that nothing is locked."""
    path = folder / FILE
    entries: dict[str, LockEntry] = {}
    if not path.exists():
        return entries
    for cells in read_table(path, COLUMNS, findings):
        edition, sha256 = cells.text("edition"), cells.text("sha256")
        if sha256 and not _HASH.fullmatch(sha256):
            cells.wrong(f"{sha256!r} is not a content hash", "Restore the line as ncvr tariff lock wrote it")
        if edition in entries:
            cells.wrong(f"{edition} stands here and in line {entries[edition].line}", "Restore the file as ncvr tariff lock wrote it")
        elif cells.sound:
            entries[edition] = LockEntry(sha256, cells.line)
    return entries


def check_lock(folder: Path, edition: TariffEdition, entries: Mapping[str, LockEntry]) -> list[Finding]:
    """A finding if the edition's content is not what was locked."""
    entry = entries.get(edition.edition)
    if entry is None or entry.sha256 == edition.sha256:
        return []
    says = f"the content of {edition.edition} was changed after it was locked: it is {edition.sha256}, locked is {entry.sha256}"
    return [Finding(f"{folder / FILE}:{entry.line}", says, "Restore its files as they were; a correction is a new edition, never a change of this one")]


def lock_file(entries: Mapping[str, str]) -> bytes:
    """The lock file for these hashes by edition, sorted by name."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(sorted(entries.items()))
    return text.getvalue().encode("utf-8")
