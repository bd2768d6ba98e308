"""``ncvr study check``: what a study file still needs for each use."""

import argparse
from dataclasses import replace
from datetime import date
from pathlib import Path

from ncvr.cli import asked
from ncvr.cli.said import say


def arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="study_command", metavar="COMMAND", required=True)
    check = commands.add_parser("check", help="say what the study still needs", description="Say everything the study file still needs for a use.")
    check.add_argument("study", type=Path, metavar="STUDY.json", help="the study file")
    check.add_argument(
        "--for",
        dest="use",
        choices=["read", "price", "submit", "contract"],
        default="price",
        help="what it shall be ready for: being read as a draft, priced, submitted for review, or contracted (default: price)",
    )
    asked.add_pricing_date(check)
    asked.add_tariffs(check)
    check.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from ncvr import settings
    from ncvr.errors import InputError
    from ncvr.files.study_files import read_study
    from ncvr.services.pricing import check_readiness

    reading = read_study(arguments.study)
    say(reading.findings)
    if reading.value is None:
        return InputError.exit_code
    on = date.min if arguments.use == "read" else asked.pricing_date(arguments)
    findings = check_readiness(reading.value, arguments.use, asked.tariffs_folder(arguments), settings.templates_folder(), on)
    say([replace(finding, place=f"{arguments.study}: {finding.place}") for finding in findings])
    if any(finding.level == "error" for finding in findings):
        return InputError.exit_code
    print(f"{arguments.study}: ready to be {_DONE[arguments.use]}.")
    return 0


_DONE = {"read": "read", "price": "priced", "submit": "submitted", "contract": "contracted"}
