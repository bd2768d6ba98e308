"""``ncvr backup``: a copy of the service's database that was restored and found whole."""

import argparse
from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DEST", help="the folder to make")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from ncvr.services.backup import take_backup
    from ncvr.services.opening import open_office

    note = take_backup(open_office(), arguments.folder)
    rows = sum(table.rows for table in note.tables.values())
    print(f"{arguments.folder} holds {rows} rows, {note.ledger.entries} ledger entries and {note.prices} prices: restored to a scratch place and found whole.")
    print(f"Keep its head as an anchor, away from the backup: {note.ledger.head}")
    return 0
