"""``ncvr ledger``: the record of every change, and whether it is whole."""

import argparse

from ncvr.cli.said import say

BROKEN = 13


def arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="ledger_command", metavar="COMMAND", required=True)
    head = commands.add_parser("head", help="the hash of the newest entry", description="Print the hash of the newest entry: keep it as an anchor.")
    head.set_defaults(run=run_head)
    verify = commands.add_parser("verify", help="check every entry", description="Check every entry against the one before it, and every anchor.")
    verify.add_argument("--anchor", action="append", default=[], metavar="HASH", help="a head that was printed earlier, such as one from a receipt")
    verify.set_defaults(run=run_verify)


def run_head(_arguments: argparse.Namespace) -> int:
    from ncvr.services.opening import open_office
    from ncvr.services.record_keeping import ledger_head

    print(ledger_head(open_office().store).hash)
    return 0


def run_verify(arguments: argparse.Namespace) -> int:
    from ncvr.services.opening import open_office
    from ncvr.services.record_keeping import verify_ledger

    checked = verify_ledger(open_office().store, arguments.anchor, place="--anchor")
    say(checked.findings)
    count = checked.head.number
    print(f"{count} entr{'y' if count == 1 else 'ies'}: {checked.says}.")
    return BROKEN if checked.findings else 0
