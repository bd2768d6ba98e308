"""``ncvr demo``: the whole idea on real input, in one command."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ncvr.cli.said import say

if TYPE_CHECKING:
    from ncvr.services.demonstration import Demonstration


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dir", type=Path, default=Path("demo"), metavar="DIR", help="folder to make (default: demo); only an earlier demo is replaced")
    parser.add_argument("--no-serve", action="store_true", help="make the folder and stop")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from ncvr import settings
    from ncvr.cli.demo_summary import summary
    from ncvr.services.demonstration import demonstrate

    made = demonstrate(arguments.dir, tariffs=settings.tariffs_folder(), templates=settings.templates_folder(), progress=_progress)
    say(made.filled.notices)
    print(summary(made, arguments.dir))
    return 0 if _as_it_should_be(made) else 1


def _as_it_should_be(made: "Demonstration") -> bool:
    """All ten verify, and the altered copy is caught; a demo that failed must not end as if it had not."""
    return all(verdict.verdict == "unmodified" for verdict in made.verdicts) and made.altered_verdict.verdict == "modified"


def _progress(step: str) -> None:
    print(f"{step} ...", file=sys.stderr, flush=True)
