"""``ncvr token``: bearer tokens for programs that use the API."""

import argparse

from ncvr.cli import asked

_LONGEST = 3650  # days; whoever needs more makes another


def arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="token_command", metavar="COMMAND", required=True)
    new = commands.add_parser("new", help="make a token and show it once", description="Make a bearer token for a person, and show it once.")
    new.add_argument("email", metavar="EMAIL")
    new.add_argument("--days", type=asked.number(1, _LONGEST), default=90, metavar="N", help="how long it is good for (default: 90)")
    new.add_argument("--scope", choices=["act", "read"], default="act", help="act: all that the person may do (the default); read: it changes nothing")
    new.add_argument("--name", default="", metavar="NAME", help="what it is for, to know it by later")
    new.set_defaults(run=run_new)
    revoke = commands.add_parser("revoke", help="end all tokens of a person", description="End all tokens of a person, at once.")
    revoke.add_argument("email", metavar="EMAIL")
    revoke.set_defaults(run=run_revoke)


def run_new(arguments: argparse.Namespace) -> int:
    from ncvr.services.identity import OPERATOR, new_token
    from ncvr.services.opening import open_office

    office = open_office()
    with office.act(OPERATOR, "command line") as act:
        token = new_token(act, arguments.email, arguments.days, scope=arguments.scope, name=arguments.name)
    print(token)
    return 0


def run_revoke(arguments: argparse.Namespace) -> int:
    from ncvr.services.identity import OPERATOR, revoke_tokens
    from ncvr.services.opening import open_office

    office = open_office()
    with office.act(OPERATOR, "command line") as act:
        count = revoke_tokens(act, arguments.email)
    print(f"{count} token{'s' if count != 1 else ''} of {arguments.email} ended.")
    return 0
