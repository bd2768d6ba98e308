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
    "contract": "fill, read and verify site agreements",
    "tariff": "check, list, show and compare tariff editions",
    "template": "list and check contract templates",
    "schema": "print the JSON Schema of a file format",
    "demo": "a real protocol, ten trusts, prices and contracts, in one go",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code of ``interface.md`` (0 done, 2 input, 3 reference data, ...)."""
    words = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(
        prog="ncvr",
        description="Exact, explained NHS site prices for commercial trials, and contracts that provably carry them.",
    )
    parser.add_argument("--version", action="version", version=f"ncvr {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    asked = next((word for word in words if not word.startswith("-")), None)
    for name, help_line in COMMANDS.items():
        command = commands.add_parser(name, help=help_line, description=help_line[0].upper() + help_line[1:] + ".")
        if name == asked:
            importlib.import_module(f"ncvr.cli.{name}").arguments(command)
    arguments = parser.parse_args(words)
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
