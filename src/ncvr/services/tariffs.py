"""Keeping tariff editions: checking a whole folder of them, and locking one."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from ncvr.domain import approval
from ncvr.domain.tariff import Organisation, TariffEdition
from ncvr.errors import Finding, MoveNotAllowed, TariffFileError
from ncvr.files import edition_lock, organisation_list
from ncvr.files.tariff_files import read_edition, read_editions, read_organisations
from ncvr.files.writing import write_whole
from ncvr.money import as_written

_LEAST_LIKELY, _MOST_LIKELY = Decimal("0.5"), Decimal(2)  # market forces move costs by some tens of per cent, not by half or double


def check_tariffs(folder: Path) -> tuple[tuple[TariffEdition, ...], tuple[Finding, ...]]:
    """The editions of the folder (none if any has an error) and every finding: errors first, then notices."""
    editions, organisations = read_editions(folder), read_organisations(folder)
    findings = [*editions.findings, *organisations.findings]
    if editions.value is not None and organisations.value is not None:
        findings += _notices(folder, editions.value, organisations.value)
    findings += _unlikely_multipliers(folder, editions.value or ())
    return editions.value or (), tuple(sorted(dict.fromkeys(findings), key=lambda finding: finding.level != "error"))


def _notices(folder: Path, editions: Iterable[TariffEdition], organisations: Mapping[str, Organisation]) -> list[Finding]:
    if not (folder / organisation_list.FILE).exists():
        says = "there is no list of organisations, so nobody can tell which of them have closed"
        return [Finding(str(folder / organisation_list.FILE), says, "Add the list beside the editions", "notice")]
    return [
        Finding(f"{folder / edition.edition / site.place}", *said, "notice")
        for edition in editions
        for site in edition.multipliers.values()
        if "/" not in site.place and (said := _said_of(site.ods_code, site.name, edition, organisations))
    ]


def _unlikely_multipliers(folder: Path, editions: Iterable[TariffEdition]) -> list[Finding]:
    return [
        Finding(
            f"{folder / edition.edition / site.place}",
            f"the multiplier {as_written(site.value)} of {site.ods_code} ({site.name}) is outside {_LEAST_LIKELY} to {_MOST_LIKELY}",
            "Check it against its source",
            "notice",
        )
        for edition in editions
        for site in edition.multipliers.values()
        if "/" not in site.place and not _LEAST_LIKELY <= site.value <= _MOST_LIKELY
    ]


def _said_of(code: str, name: str, edition: TariffEdition, organisations: Mapping[str, Organisation]) -> tuple[str, str] | None:
    listed = organisations.get(code)
    if listed is None:
        return f"{code} ({name}) is not in the list of organisations", f"Add it to {organisation_list.FILE}, or correct the code"
    if listed.status != "closed" or listed.close_date is None:
        return None
    if listed.close_date < edition.in_force_from:
        return f"{code} ({name}) closed on {listed.close_date}, before this edition starts", "It cannot be priced; price its successor"
    return f"{code} ({name}) closed on {listed.close_date}", "It can be priced up to that day; afterwards price its successor"


def lock_edition(folder: Path, name: str, today: date, approved_by: Sequence[str] = ()) -> TariffEdition:
    """Write the edition's content hash into ``editions.lock``, and return the edition, locked.

    Two different people approve it; only an illustrative edition, which binds nobody, needs none.
    An edition that is locked already stays as it is. Raises TariffFileError if anything is wrong with it, also if its content
    is not what was locked: an entry is never changed. Raises MoveNotAllowed before the edition's first day.
    """
    edition = read_edition(folder, name).or_raise(TariffFileError)
    if edition.lock == "locked":
        return edition
    if edition.in_force_from > today:
        raise MoveNotAllowed(
            f"{name} is not in force before {edition.in_force_from}", str(folder), "Lock it from that day on; until then it may still be corrected"
        )
    people = approval.approved_by(approved_by, "an edition") if approved_by or edition.status != "illustrative" else ()
    findings: list[Finding] = []
    entries = edition_lock.read_locks(folder, findings)
    if findings:
        raise TariffFileError.of(findings)
    entry = edition_lock.LockEntry(edition.sha256, people, 0)
    write_whole(folder / edition_lock.FILE, edition_lock.lock_file(entries | {name: entry}), force=True)
    return read_edition(folder, name).or_raise(TariffFileError)
