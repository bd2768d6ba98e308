"""``ncvr db``: the service's database."""

import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="db_command", metavar="COMMAND", required=True)
    says = "make the database, or bring it to the newest schema"
    commands.add_parser("upgrade", help=says, description=says[0].upper() + says[1:] + ".").set_defaults(run=run_upgrade)


def run_upgrade(_arguments: argparse.Namespace) -> int:
    from ncvr.services.opening import upgrade_database

    before, after = upgrade_database()
    if before == after:
        print(f"The database has the newest schema, {after}.")
    else:
        print(f"The database now has schema {after}{f', instead of {before}' if before else ''}.")
    return 0
