"""A folder of tariff editions <-> ``TariffEdition``: strict, all findings at once, each as ``path:line``.

An edition is read in three steps: its header (``edition.yaml``), its rows (CSV), and, where it is based on another, the
resolution of changes. Then its content hash is taken and compared with ``editions.lock``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TypeVar

from ncvr.domain.tariff import Organisation, TariffEdition, edition_in_force, near
from ncvr.domain.tariff_content import content_sha256
from ncvr.errors import Finding, InputError
from ncvr.files import edition_rows, organisation_list
from ncvr.files.edition_header import PlacedHeader, read_header, seems_based_on_another
from ncvr.files.edition_lock import check_lock, read_locks
from ncvr.files.edition_resolution import check_rows, resolved_edition
from ncvr.files.reading import Reading

Value = TypeVar("Value")


def read_editions(folder: Path) -> Reading[tuple[TariffEdition, ...]]:
    """Every edition in the folder, oldest first; or everything that is wrong with any of them."""
    shelf = Shelf(folder)
    shelf.headers()
    readings = [shelf.edition(name) for name in edition_names(folder)]
    findings = [*shelf.findings, *(finding for reading in readings for finding in reading.findings)]
    editions = sorted((reading.value for reading in readings if reading.value is not None), key=lambda edition: edition.in_force_from)
    return _reading(tuple(editions), findings)


def read_edition(folder: Path, name: str) -> Reading[TariffEdition]:
    """One edition. Raises InputError, with near matches, if the folder has no edition of that name."""
    names = edition_names(folder)
    if name not in names:
        raise InputError(f"there is no edition {name!r}{near(name, names)}", str(folder), "Choose one listed by: ncvr tariff list")
    shelf = Shelf(folder)
    reading = shelf.edition(name)
    return _reading(reading.value, [*shelf.findings, *reading.findings])


def read_edition_in_force(folder: Path, on: date) -> Reading[TariffEdition]:
    """The edition in force on a day; of the others only the dates are read.

    Raises NoTariffInForce for a day before the first edition.
    """
    shelf = Shelf(folder)
    headers = shelf.headers()
    if any(finding.level == "error" for finding in shelf.findings):
        return Reading(None, tuple(shelf.findings))
    reading = shelf.edition(edition_in_force([header.entry for header in headers.values()], on).edition)
    return _reading(reading.value, [*shelf.findings, *reading.findings])


def read_organisations(folder: Path) -> Reading[dict[str, Organisation]]:
    """The organisations by code; without ``organisations.csv``, the names that the multipliers of the editions give."""
    findings: list[Finding] = []
    if (folder / organisation_list.FILE).exists():
        organisations = organisation_list.read_organisation_list(folder, findings)
    else:
        organisations = _named_by_multipliers(folder, findings)
    return _reading(organisations, findings)


def edition_names(folder: Path) -> list[str]:
    """The names of the folders that hold editions."""
    if not folder.is_dir():
        return []
    return sorted(entry.name for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith((".", "_")))


def _named_by_multipliers(folder: Path, findings: list[Finding]) -> dict[str, Organisation]:
    organisations = {}
    for name in edition_names(folder):  # names begin with their date: the latest name of a code stands
        for site in edition_rows.read_multipliers(folder / name, changes=True, findings=findings).values.values():
            organisations[site.ods_code] = Organisation(
                ods_code=site.ods_code,
                scheme="ods",
                name=site.name,
                nation=site.nation,
                type="unknown",
                region="",
                status="unknown",
                open_date=None,
                close_date=None,
                successor="",
                source=site.source,
                place=f"{name}/{site.place}",
            )
    return organisations


class Shelf:
    """The editions of one folder while they are being read: each file is read once, also where editions build on one another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.findings: list[Finding] = []  # about the folder, the lock file and the headers
        self._locks = read_locks(folder, self.findings)
        self._headers: dict[str, PlacedHeader | None] = {}
        self._editions: dict[str, Reading[TariffEdition]] = {}

    def headers(self) -> dict[str, PlacedHeader]:
        """The readable headers of all editions by name; what is wrong goes into ``findings``."""
        names = edition_names(self.folder)
        if not names:
            says = "holds no tariff edition" if self.folder.is_dir() else "there is no such folder"
            self.findings.append(Finding(str(self.folder), says, "Give the folder that holds the editions with --tariffs or NCVR_TARIFFS"))
        headers = {name: header for name in names if (header := self._header(name)) is not None}
        for edition in sorted(self._locks.keys() - set(names)):
            place = f"{self.folder / 'editions.lock'}:{self._locks[edition].line}"
            self.findings.append(Finding(place, f"the locked edition {edition} is missing", "Restore its folder: prices made from it must stay explainable"))
        self._check_starts(headers)
        return headers

    def edition(self, name: str, above: tuple[str, ...] = ()) -> Reading[TariffEdition]:
        """The edition of that name, resolved; ``above`` holds the editions that build on it."""
        if name not in self._editions:
            self._editions[name] = self._read(name, above)
        return self._editions[name]

    def _header(self, name: str) -> PlacedHeader | None:
        if name not in self._headers:
            self._headers[name] = read_header(self.folder / name, self.findings)
        return self._headers[name]

    def _check_starts(self, headers: Mapping[str, PlacedHeader]) -> None:
        starts: dict[date, str] = {}
        for name, header in headers.items():
            first = starts.setdefault(header.entry.in_force_from, name)
            if first != name:
                says = f"{first} and {name} both come into force on {header.entry.in_force_from}"
                self.findings.append(Finding(header.place("in_force_from"), says, "Give each edition a first day of its own"))

    def _read(self, name: str, above: tuple[str, ...]) -> Reading[TariffEdition]:
        header = self._header(name)
        findings: list[Finding] = []
        if header is None:
            findings += _unknown_files(self.folder / name)
            check_rows(self.folder / name, changes=seems_based_on_another(self.folder / name), findings=findings)
            return Reading(None, tuple(findings))
        base = self._base(header, above, findings)
        folder = self.folder / name
        findings += _unknown_files(folder)
        edition = resolved_edition(folder, header, base, findings)
        if not findings:
            edition = replace(edition, sha256=content_sha256(edition), lock="locked" if name in self._locks else "unlocked")
            findings += check_lock(self.folder, edition, self._locks)
        return _reading(edition, findings)

    def _base(self, header: PlacedHeader, above: tuple[str, ...], findings: list[Finding]) -> TariffEdition | None:
        edition, name, place = header.entry.edition, header.entry.based_on, header.place("based_on")
        if name is None:
            return None
        if name in (*above, edition):
            chain = " -> ".join((*above, edition, name))
            findings.append(Finding(place, f"based_on goes in a circle: {chain}", "Base the edition on an earlier one"))
            return None
        names = edition_names(self.folder)
        if name not in names:
            findings.append(Finding(place, f"the edition it is based on, {name!r}, is not here{near(name, names)}", "Add that edition, or correct based_on"))
            return None
        reading = self.edition(name, (*above, edition))
        findings.extend(reading.findings)
        if reading.value is None and (not reading.findings or self._header(name) is None):
            findings.append(Finding(place, f"the edition it is based on, {name}, cannot be read", "Mend that edition first"))
        return reading.value


def _reading(value: Value | None, findings: Iterable[Finding]) -> Reading[Value]:
    once = tuple(dict.fromkeys(findings))
    return Reading(None if any(finding.level == "error" for finding in once) else value, once)


def _unknown_files(folder: Path) -> list[Finding]:
    unknown = sorted(path.name for path in folder.glob("*.csv") if path.name not in edition_rows.COLUMNS)
    remedy = "Rename or remove it, since it would not be read"
    return [Finding(f"{folder / name}:1", f"this file is not known here{near(name, edition_rows.COLUMNS)}", remedy) for name in unknown]
