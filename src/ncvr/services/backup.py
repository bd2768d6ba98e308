"""Backing the database up. A copy counts only once it was restored to a scratch place and found whole.

A backup is a folder: ``ncvr.db``, an SQLite file with every row whichever engine they came from, and ``backup.json``,
which says what is in it. The ledger's head in it is an anchor: whoever keeps it sees later what was cut or rewritten.
"""

from pathlib import Path

from ncvr.domain.backup_note import BackedUpLedger, BackedUpTable, BackupNote
from ncvr.domain.ledger import instant
from ncvr.errors import InputError
from ncvr.files.json_files import written_json
from ncvr.files.writing import wait_for_disk
from ncvr.services.office import Office
from ncvr.services.pricing import SOFTWARE
from ncvr.services.restoring import DATABASE, NOTE, check_backup, scratch_folder, sha256_of_file
from ncvr.store import copies, costings, ledger_entries
from ncvr.store.connections import address, owners_engine
from ncvr.store.readiness import engine_version
from ncvr.store.schema import newest_version, upgrade


def take_backup(office: Office, folder: Path) -> BackupNote:
    """Write a backup into a new folder, which appears only once the copy was restored and found whole.

    Raises InputError if the folder exists or cannot be written, StoreError with everything that is wrong with the copy.
    """
    if folder.exists():
        raise InputError("this exists already", str(folder), "Name a new folder for each backup")
    with scratch_folder(folder.parent) as scratch:
        made = scratch / folder.name
        made.mkdir(mode=0o700)
        note = _copied(office, made / DATABASE)
        (made / NOTE).write_bytes(written_json(note.model_dump(mode="json")))
        check_backup(made)
        for path in (made / DATABASE, made / NOTE, made):
            wait_for_disk(path)
        made.rename(folder)
        wait_for_disk(folder.parent)
    return note


def _copied(office: Office, path: Path) -> BackupNote:
    path.touch(mode=0o600)  # what the database holds is for nobody else, and so is its copy
    upgrade(address(path), office.chance.octets)
    taken_at, target = instant(office.clock.now()), owners_engine(address(path))
    with office.store.snapshot() as source:
        with target.connect().execution_options(ncvr_writing=True) as connection, connection.begin():
            copies.copy_rows(source, connection)
        head, held, prices = ledger_entries.head(source), copies.content(source), sum(1 for _ in costings.every(source))
    target.dispose()
    return BackupNote(
        software=SOFTWARE,
        database_schema=newest_version(),
        engine=engine_version(office.store),
        taken_at=taken_at,
        ledger=BackedUpLedger(entries=head.number, head=head.hash),
        prices=prices,
        tables={name: BackedUpTable(columns=list(each.columns), rows=each.rows, sha256=each.sha256) for name, each in held.items()},
        sha256=sha256_of_file(path),
    )
