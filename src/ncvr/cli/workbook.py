"""``ncvr workbook``: a study out to Excel, back as a list of named changes, and two files compared."""

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ncvr.cli import asked
from ncvr.cli.said import say

if TYPE_CHECKING:
    from ncvr.domain.study import Study


def arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="workbook_command", metavar="COMMAND", required=True)
    export = commands.add_parser(
        "export", help="write a study as an Excel workbook", description="Write a study as a workbook to work on in Excel or LibreOffice."
    )
    export.add_argument("study", type=Path, metavar="STUDY.json", help="the study file")
    export.add_argument("--site", metavar="ODS", help="only this site, and nothing of any other (default: all sites)")
    asked.add_pricing_date(export)
    asked.add_tariffs(export)
    asked.add_output(export, "the workbook", required=True)
    export.set_defaults(run=run_export)

    back = commands.add_parser(
        "import", help="list what a returning workbook changes", description="List every change a returning workbook proposes; prices are never read from it."
    )
    back.add_argument("workbook", type=Path, metavar="W.xlsx", help="the workbook that came back")
    back.add_argument("--base", type=Path, metavar="STUDY.json", help="the study it was exported from, to check that it is still the current one")
    asked.add_pricing_date(back)
    asked.add_tariffs(back)
    back.add_argument("--format", choices=["text", "json"], default="text", help="how to list the changes (default: text)")
    asked.add_output(back, "a copy of the study with the changes made")
    back.set_defaults(run=run_import)

    diff = commands.add_parser(
        "diff", help="compare two workbooks or study files", description="Compare two workbooks or study files in minutes, counts and national pounds."
    )
    diff.add_argument("old", type=Path, metavar="OLD", help="a study file or a workbook")
    diff.add_argument("new", type=Path, metavar="NEW", help="a study file or a workbook")
    asked.add_pricing_date(diff)
    asked.add_tariffs(diff)
    diff.add_argument("--format", choices=["text", "json", "xlsx"], default="text", help="default: text")
    asked.add_output(diff, "the differences")
    diff.set_defaults(run=run_diff)


def run_export(arguments: argparse.Namespace) -> int:
    from ncvr.services.workbook import export_workbook

    study = _study_file(arguments.study)
    on = asked.pricing_date(arguments)
    if len(study.sites) > 50 and arguments.site is None:
        print(f"writing prices of {len(study.sites)} sites ...", file=sys.stderr)
    asked.deliver(export_workbook(study, asked.tariffs_folder(arguments), on, arguments.site), arguments)
    return 0


def run_import(arguments: argparse.Namespace) -> int:
    from ncvr.cli.change_tables import changes_json, changes_text
    from ncvr.files.json_files import read_json_bytes, written_json
    from ncvr.files.study_files import study_file
    from ncvr.services.workbook import import_workbook

    base = _study_file(arguments.base) if arguments.base is not None else None
    content = read_json_bytes(arguments.workbook)
    proposal = import_workbook(content, str(arguments.workbook), asked.tariffs_folder(arguments), on=arguments.on, base=base)
    say(proposal.notices)
    if arguments.output is not None:
        asked.deliver(study_file(proposal.study), arguments)
    if arguments.format == "json":
        sys.stdout.write(written_json(changes_json(proposal)).decode("utf-8"))
    else:
        sys.stdout.write(changes_text(proposal))
    return 0


def run_diff(arguments: argparse.Namespace) -> int:
    from ncvr.cli.change_tables import changes_json, changes_text
    from ncvr.files.json_files import written_json
    from ncvr.services.workbook import changes_workbook, compare_studies

    old, exported_for = _either(arguments.old, arguments)
    new, also = _either(arguments.new, arguments)
    on = arguments.on or exported_for or also or asked.pricing_date(arguments)
    difference = compare_studies(old, new, asked.tariffs_folder(arguments), on)
    if arguments.format == "xlsx":
        content = changes_workbook(difference, f"{arguments.old.name} and {arguments.new.name}")
    elif arguments.format == "json":
        content = written_json(changes_json(difference))
    else:
        content = changes_text(difference).encode("utf-8")
    asked.deliver(content, arguments)
    return 0


def _either(path: Path, arguments: argparse.Namespace) -> "tuple[Study, date | None]":
    """The study in a study file or a workbook, and the day a workbook was exported for."""
    from ncvr.files.json_files import read_json_bytes
    from ncvr.services.workbook import study_in_workbook

    content = read_json_bytes(path)
    if not content.startswith(b"PK"):
        return _study_file(path), None
    return study_in_workbook(content, str(path), asked.tariffs_folder(arguments))


def _study_file(path: Path) -> "Study":
    from ncvr.errors import StudyError
    from ncvr.files.study_files import read_study

    reading = read_study(path)
    study = reading.or_raise(StudyError)
    say(reading.findings)
    return study
