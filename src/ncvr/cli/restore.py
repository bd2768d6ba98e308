"""``ncvr restore``: a backup back into an empty database; or only whether it still could be."""

import argparse
import sys
from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="BACKUP", help="the folder that ncvr backup made")
    parser.add_argument("--check", action="store_true", help="restore it to a scratch place and check it there, and do nothing else")
    parser.add_argument("--anchor", action="append", default=[], metavar="HASH", help="a head of the ledger printed earlier; the backup must hold it")
    parser.add_argument("--accept-loss", action="store_true", help="restore it although it lacks an anchor; the ledger then says so")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from ncvr.domain.ledger import anchors_of
    from ncvr.services.restoring import check_backup, restore_backup

    anchors = anchors_of(arguments.anchor, "--anchor")
    if arguments.check:
        note = check_backup(arguments.folder, anchors)
        print(f"{arguments.folder} is whole: {note.ledger.entries} ledger entries and {note.prices} prices, taken at {note.taken_at}.")
        return 0
    from ncvr.services.opening import open_office, owners_address

    note, ended = restore_backup(open_office(), owners_address(), arguments.folder, anchors, accept_loss=arguments.accept_loss)
    print(f"Restored: {note.ledger.entries} ledger entries and {note.prices} prices, as of {note.taken_at}. Open sessions ended: {ended}.")
    print("What was done since is missing: end tokens, block people and forget people again as you did after that time.", file=sys.stderr)
    return 0
