"""Checking a backup in a scratch place, and putting it back into an empty database of either engine."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from ncvr.domain.backup_note import BackupNote
from ncvr.domain.ledger import Change, check_chain
from ncvr.domain.price_record import prices_record
from ncvr.domain.site_costing import SiteCosting
from ncvr.errors import Finding, InputError, StoreError
from ncvr.files.json_files import parse_json, read_json_bytes, validated
from ncvr.services.identity import OPERATOR
from ncvr.services.kept_prices import recomputed_price
from ncvr.services.office import Act, Office
from ncvr.services.opening import open_office
from ncvr.services.pricing import SOFTWARE
from ncvr.store import copies, costings, ledger_entries, sessions
from ncvr.store.connections import URL, Connection, address, owners_engine
from ncvr.store.copies import TableContent
from ncvr.store.schema import newest_version, schema_version, upgrade

DATABASE, NOTE = "ncvr.db", "backup.json"
_AGAIN = "Use another backup; this one is not whole"


def read_note(folder: Path) -> BackupNote:
    """What the backup says of itself. Raises InputError if the folder is no backup."""
    path = folder / NOTE
    note, findings = validated(BackupNote, parse_json(read_json_bytes(path), str(path)), str(path))
    if note is None:
        raise InputError.of(findings)
    return note


def check_backup(folder: Path, anchors: Sequence[str] = ()) -> BackupNote:
    """Restore a backup to a scratch place and check all of it. Raises StoreError with everything that is wrong."""
    with _restored(folder, anchors) as (note, _):
        return note


def restore_backup(office: Office, owner: URL, folder: Path, anchors: Sequence[str], *, accept_loss: bool) -> tuple[BackupNote, int]:
    """Put a backup into the office's empty database, and record that; returns its note and how many sessions ended.

    Raises StoreError if the database holds anything, if the backup is damaged, or, unless ``accept_loss``, if it lacks an
    anchor: then the ledger went on after it was taken.
    """
    with _restored(folder, () if accept_loss else anchors) as (note, scratch):
        engine = owners_engine(owner)
        try:
            with scratch.store.snapshot() as source, engine.connect().execution_options(ncvr_writing=True) as target, target.begin():
                if copies.rows_held(target):
                    raise StoreError("the database is not empty", "database", "Restore into a new one: name it in the settings, then run ncvr db upgrade")
                copies.copy_rows(source, target)
                _raise(_differences(_held(note, source), copies.content(target), folder))
                # Without leave to lose anything every anchor was found above; to look again is to hash the whole ledger again.
                act = Act(office=office, connection=target, person=OPERATOR, correlation_id="command line")
                ended = _recorded(act, note, anchors if accept_loss else ())
        finally:
            engine.dispose()
    return note, ended


def _held(note: BackupNote, restored: Connection) -> Mapping[str, TableContent]:
    """What the scratch copy holds: what the note says, with which it was compared, unless a migration changed it since."""
    return copies.content(restored) if note.database_schema != newest_version() else _noted(note)


def _noted(note: BackupNote) -> dict[str, TableContent]:
    return {name: TableContent(columns=tuple(each.columns), rows=each.rows, sha256=each.sha256) for name, each in note.tables.items()}


def _recorded(act: Act, note: BackupNote, anchors: Sequence[str]) -> int:
    """Say in the ledger what was restored and what it lacks, and end the sessions that were open when it was taken."""
    lost = [finding.problem for finding in check_chain(ledger_entries.entries(act.connection), anchors)] if anchors else []
    taken = f"backup of {note.taken_at} with {note.ledger.entries} entries"
    act.record(Change(operation="database.restore", object="database", field="head", new=note.ledger.head, reason="; ".join([taken, *lost])))
    return sessions.end_everybodys(act.connection, act.now)


@contextmanager
def _restored(folder: Path, anchors: Sequence[str]) -> Iterator[tuple[BackupNote, Office]]:
    """The backup as an office in a scratch place, at the newest schema, once nothing is wrong with it."""
    note = read_note(folder)
    with scratch_folder(folder.parent) as scratch:
        path = scratch / DATABASE
        try:
            shutil.copyfile(folder / DATABASE, path)
        except OSError as error:
            raise InputError(f"cannot be read ({error.strerror})", str(folder / DATABASE), _AGAIN) from error
        with copies.readable(str(folder / DATABASE)):
            _raise(_wrong_with_file(path, folder, note))
            upgrade(address(path), os.urandom)
        office = open_office(database=path)
        try:
            with copies.readable(str(folder / DATABASE)):
                _raise(_wrong_with_content(office, folder, note, anchors))
            yield note, office
        finally:
            office.store.close()


def _wrong_with_file(path: Path, folder: Path, note: BackupNote) -> list[Finding]:
    """What is wrong before any migration touches the copy: its bytes, its pages, its schema, its rows."""
    place = str(folder / DATABASE)
    if sha256_of_file(path) != note.sha256:
        return [Finding(place, f"it is not the file that {NOTE} describes", _AGAIN)]
    findings = [Finding(place, each.problem, _AGAIN) for each in copies.check_file(address(path))]
    return findings or _wrong_with_rows(path, folder, note)


def _wrong_with_rows(path: Path, folder: Path, note: BackupNote) -> list[Finding]:
    engine = owners_engine(address(path))
    try:
        with engine.connect() as connection, connection.begin():
            version = schema_version(connection)
            if version != note.database_schema or version > newest_version():
                return [Finding(str(folder), f"its schema is {version or 'missing'}", f"Use the software that made it: {note.software}")]
            found = copies.content(connection, {name: each.columns for name, each in note.tables.items()})
            unnoted = copies.TABLES - set(note.tables) if version == newest_version() else ()
    finally:
        engine.dispose()
    return [Finding(str(folder), f"{NOTE} does not say what table {name} holds", _AGAIN) for name in unnoted] or _differences(_noted(note), found, folder)


def _differences(wanted: Mapping[str, TableContent], found: Mapping[str, TableContent], folder: Path) -> list[Finding]:
    changed = [name for name in wanted if found.get(name) != wanted[name]]
    return [Finding(str(folder), f"table {name} does not hold the {wanted[name].rows} rows that were copied", _AGAIN) for name in changed]


def _wrong_with_content(office: Office, folder: Path, note: BackupNote, anchors: Sequence[str]) -> list[Finding]:
    """The ledger from its first entry, its head, the anchors, and every present price computed again."""
    place = str(folder)
    with office.look(OPERATOR) as act:
        head, every = ledger_entries.head(act.connection), list(costings.every(act.connection))
        findings = [Finding(f"{place}: {each.place}", each.problem, each.remedy) for each in check_chain(ledger_entries.entries(act.connection), anchors)]
        if (head.number, head.hash) != (note.ledger.entries, note.ledger.head):
            findings.append(Finding(place, f"its ledger ends with entry {head.number}, {head.hash}, not as {NOTE} says", _AGAIN))
        wrong = [each for each in every if not _computes(act, each)]
    return findings + [Finding(f"{place}: {each.place}", "its price does not compute again to its fingerprint", _AGAIN) for each in wrong]


def _computes(act: Act, costing: SiteCosting) -> bool:
    again = recomputed_price(act, costing)
    record = prices_record(again.costs, [again], on=costing.price.pricing_date, software=SOFTWARE)
    fingerprint: str = record["prices"][0]["fingerprint"]
    return fingerprint == costing.price.fingerprint


def _raise(findings: Sequence[Finding]) -> None:
    if findings:
        raise StoreError.of(findings)


@contextmanager
def scratch_folder(beside: Path) -> Iterator[Path]:
    """A folder of one's own beside this one, gone afterwards. Raises InputError if none can be made there."""
    try:
        made = Path(tempfile.mkdtemp(dir=beside, prefix=".ncvr-"))
    except OSError as error:
        raise InputError(f"cannot write here ({error.strerror})", str(beside), "Choose a folder that exists and that you may write to") from error
    try:
        yield made
    finally:
        shutil.rmtree(made)


def sha256_of_file(path: Path) -> str:
    with path.open("rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()
