"""``editions.lock``: the content hash of each edition once it is in force, so that a change cannot go unseen."""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ncvr.domain.approval import different_people
from ncvr.domain.tariff import TariffEdition
from ncvr.errors import Finding
from ncvr.files.csv_table import read_table

FILE = "editions.lock"
COLUMNS = ("edition", "sha256", "approved_by")
_BETWEEN = "; "
_HASH = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class LockEntry:
    """``approved_by``: the people who approved this content; none for an illustrative edition, which nobody is bound by."""

    sha256: str
    approved_by: tuple[str, ...]
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
            entries[edition] = LockEntry(sha256, different_people(cells.values["approved_by"].split(_BETWEEN.strip())), cells.line)
    return entries


def check_lock(folder: Path, edition: TariffEdition, entries: Mapping[str, LockEntry]) -> list[Finding]:
    """A finding if the edition's content is not what was locked, or was not approved by two people."""
    entry = entries.get(edition.edition)
    if entry is None:
        return []
    if entry.sha256 == edition.sha256:
        return _approval(folder, edition, entry)
    says = f"the content of {edition.edition} was changed after it was locked: it is {edition.sha256}, locked is {entry.sha256}"
    return [Finding(f"{folder / FILE}:{entry.line}", says, "Restore its files as they were; a correction is a new edition, never a change of this one")]


def _approval(folder: Path, edition: TariffEdition, entry: LockEntry) -> list[Finding]:
    if edition.status == "illustrative" or len(entry.approved_by) >= 2:
        return []
    says = f"the locked edition {edition.edition} is {edition.status}, and its entry does not name two people who approved it"
    return [Finding(f"{folder / FILE}:{entry.line}", says, f"Restore the line as ncvr tariff lock wrote it, with both names between '{_BETWEEN}'")]


def lock_file(entries: Mapping[str, LockEntry]) -> bytes:
    """The lock file for these entries by edition, sorted by name."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((name, entry.sha256, _BETWEEN.join(entry.approved_by)) for name, entry in sorted(entries.items()))
    return text.getvalue().encode("utf-8")
