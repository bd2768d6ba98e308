"""``ncvr``: finds the command, runs it, turns problems into messages and exit codes.

Each command is a module of this package with ``arguments(parser)``, which adds its arguments and sets ``run``, a
function of the parsed arguments that returns the exit code. A module is imported only when its command is called,
so that ``ncvr --help`` starts at once.
"""

import argparse
import importlib
import sys
from collections.abc import Sequence

from ncvr import __version__
from ncvr.cli.said import say
from ncvr.errors import InputError, NcvrError

COMMANDS = {
    "price": "fixed prices of a study's sites, with the reasons",
    "study": "check a study file",
    "workbook": "a study out to Excel and back as named changes; compare two files",
    "details": "start and complete what a contract needs and a price does not",
    "contract": "fill, read and verify site agreements",
    "receipt": "check who signed a contract's receipt",
    "key": "make, list and revoke the keys that sign receipts",
    "tariff": "check, list, show and compare tariff editions",
    "template": "list and check contract templates",
    "adherence": "which trusts accept the price, and why each is counted as it is",
    "schema": "print the JSON Schema of a file format",
    "serve": "the service: studies, reviews and site costings behind an API",
    "db": "make or upgrade the service's database",
    "backup": "copy the service's database, restore the copy and check it",
    "restore": "put a backup back into an empty database, or check that it could be",
    "user": "add people to the service",
    "person": "passwords, second factors, who is kept out, and what is kept of people",
    "token": "bearer tokens for the service's API",
    "accesses": "who read a price, downloaded a document or was refused",
    "ledger": "the record of every change: its head, and whether it is whole",
    "demo": "a real protocol, ten trusts, prices and contracts, in one go",
}


def command_line(*commands: str) -> argparse.ArgumentParser:
    """The parser of ``ncvr``. Only the commands named here know their arguments; of the others it knows that they exist."""
    parser = argparse.ArgumentParser(
        prog="ncvr",
        description="Exact, explained NHS site prices for commercial trials, and contracts that provably carry them.",
    )
    parser.add_argument("--version", action="version", version=f"ncvr {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, help_line in COMMANDS.items():
        command = subparsers.add_parser(name, help=help_line, description=help_line[0].upper() + help_line[1:] + ".")
        if name in commands:
            importlib.import_module(f"ncvr.cli.{name}").arguments(command)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code, as listed in ``COMMANDS.md``."""
    words = list(sys.argv[1:] if argv is None else argv)
    asked = next((word for word in words if not word.startswith("-")), "")
    arguments = command_line(asked).parse_args(words)
    try:
        code: int = arguments.run(arguments)
        return code
    except NcvrError as error:
        say(error.findings)
        return error.exit_code
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone; nothing more to say to it
        return 0
    except OSError as error:
        say(InputError(f"cannot be used ({error.strerror})", str(error.filename or ""), "Check the name and its permissions").findings)
        return InputError.exit_code
