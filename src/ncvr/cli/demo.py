"""``ncvr demo``: the whole idea on real input, in one command."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ncvr.cli import asked
from ncvr.cli.said import say

if TYPE_CHECKING:
    from ncvr.services.demonstration import Demonstration


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dir", type=Path, default=Path("demo"), metavar="DIR", help="folder to make (default: demo); only an earlier demo is replaced")
    parser.add_argument("--port", type=asked.number(1, 65_535), default=8000, metavar="N", help="port of the service on this machine (default: 8000)")
    parser.add_argument("--no-serve", action="store_true", help="make the folder and stop")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from ncvr import settings
    from ncvr.cli.demo_summary import summary
    from ncvr.services.demonstration import demonstrate

    made = demonstrate(arguments.dir, tariffs=settings.tariffs_folder(), templates=settings.templates_folder(), progress=_progress)
    say(made.filled.notices)
    print(summary(made, arguments.dir))
    if not _as_it_should_be(made):
        return 1
    if not arguments.no_serve:
        _serve(arguments.dir, arguments.port)
    return 0


def _serve(folder: Path, port: int) -> None:
    """The demo's service, for this machine only: its people and their tokens lie in a file."""
    import uvicorn

    from ncvr.services.demo_database import DATABASE, PEOPLE
    from ncvr.services.opening import open_office
    from ncvr.web.app import create_app

    print(_INVITATION.format(address=f"http://127.0.0.1:{port}", people=folder / PEOPLE), flush=True)
    uvicorn.run(create_app(open_office(database=folder / DATABASE)), host="127.0.0.1", port=port, log_level="warning", access_log=False, server_header=False)


_INVITATION = """
Open {address} in a browser on this machine, and choose whom to be. Nobody needs a password. Try:
  Priya Natarajan, of the company: answer the query on study 1023456 and hand it back; share the price of study 1012345 with Cambridge
  Thomas Aldridge, of the lead site: then correct minutes in the review grid, and agree. He never sees a price
  Imran Qureshi, of Leeds: see why a price is what it is, and accept it, or refuse it with a reason
  Sian Prosser, of the network: decide the escalation of Manchester
  Peter Hallam, national: how many trusts accept, and who stands behind the figure
For programs there is {address}/openapi.json; {people} has a token for everybody, such as for
  curl -H 'Authorization: Bearer TOKEN' {address}/api/v1/studies
Stop it with Ctrl+C."""


def _as_it_should_be(made: "Demonstration") -> bool:
    """All ten verify, and the altered copy is caught; a demo that failed must not end as if it had not."""
    return all(verdict.verdict == "unmodified" for verdict in made.verdicts) and made.altered_verdict.verdict == "modified"


def _progress(step: str) -> None:
    print(f"{step} ...", file=sys.stderr, flush=True)
