"""``ncvr tariff``: check, list, show, compare and lock tariff editions."""

import argparse
import sys
from pathlib import Path

from ncvr.cli import asked
from ncvr.cli.said import say

SECTIONS = ("terms", "rates", "items", "activities", "multipliers", "sources")


def arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="tariff_command", metavar="COMMAND", required=True)
    _check_arguments(commands.add_parser("check", help="name every problem of a folder of editions", description=_CHECK))
    listed = commands.add_parser("list", help="list the editions, oldest first", description="List the tariff editions, oldest first.")
    asked.add_tariffs(listed)
    listed.set_defaults(run=run_list)
    _show_arguments(commands.add_parser("show", help="show what an edition says", description=_SHOW))
    _compare_arguments(commands.add_parser("compare", help="what changes from one edition to another", description=_COMPARE))
    lock = commands.add_parser("lock", help="lock an edition that is in force", description=_LOCK)
    lock.add_argument("edition", metavar="EDITION", help="name of the edition, such as 2026-04-01-illustrative")
    asked.add_approved_by(lock, "a person who compared every figure; twice, unless the edition is illustrative")
    asked.add_tariffs(lock)
    lock.set_defaults(run=run_lock)


_CHECK = "Name every problem of a folder of tariff editions as path:line, with what to do about it."
_SHOW = "Show what an edition says: terms, staff rates, items, activities, multipliers and sources."
_COMPARE = "Show everything between two editions that can change a price, and by how much."
_LOCK = "Write the content hash of an edition that is in force into editions.lock. From then on a change of its files is refused; an entry is never changed."


def _check_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", nargs="?", type=Path, metavar="DIR", help="folder that holds the editions (default: as --tariffs)")
    asked.add_tariffs(parser)
    parser.set_defaults(run=run_check)


def _show_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("edition", metavar="EDITION", help="name of the edition, such as 2026-04-01-illustrative")
    parser.add_argument("--search", metavar="TEXT", help="only rows that hold this text, in capitals or not: a code, a trust, a test, a role")
    parser.add_argument("--section", choices=SECTIONS, help="only this part, in full")
    asked.add_tariffs(parser)
    parser.set_defaults(run=run_show)


def _compare_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old", metavar="A", help="name of the earlier edition")
    parser.add_argument("new", metavar="B", help="name of the later edition")
    parser.add_argument("--format", choices=["table", "json", "csv"], default="table", help="default: table")
    asked.add_tariffs(parser)
    asked.add_output(parser, "the comparison")
    parser.set_defaults(run=run_compare)


def run_check(arguments: argparse.Namespace) -> int:
    from ncvr.errors import TariffFileError
    from ncvr.services.tariffs import check_tariffs

    folder = arguments.folder or asked.tariffs_folder(arguments)
    editions, findings = check_tariffs(folder)
    errors = [finding for finding in findings if finding.level == "error"]
    for error in errors:
        print(error, file=sys.stderr)  # bare, so that editors and scripts find path:line at the start
    notices = findings[len(errors) :]
    say(notices)
    if errors:
        print(f"{folder}: {_counted(len(errors), 'problem')} to mend.")
        return TariffFileError.exit_code
    print(f"{folder}: {_counted(len(editions), 'edition')} in order, {_counted(len(notices), 'notice')}.")
    return 0


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def run_list(arguments: argparse.Namespace) -> int:
    from ncvr.cli.tariff_tables import edition_list
    from ncvr.errors import TariffFileError
    from ncvr.files.tariff_files import read_editions

    print("\n".join(edition_list(read_editions(asked.tariffs_folder(arguments)).or_raise(TariffFileError))))
    return 0


def run_show(arguments: argparse.Namespace) -> int:
    from ncvr.cli.tariff_tables import edition_page
    from ncvr.errors import TariffFileError
    from ncvr.files.tariff_files import read_edition

    edition = read_edition(asked.tariffs_folder(arguments), arguments.edition).or_raise(TariffFileError)
    print("\n".join(edition_page(edition, search=arguments.search, section=arguments.section)))
    return 0


def run_compare(arguments: argparse.Namespace) -> int:
    from ncvr.domain.tariff_comparison import compare_editions, comparison_record
    from ncvr.errors import TariffFileError
    from ncvr.files.tariff_files import read_edition

    folder = asked.tariffs_folder(arguments)
    old, new = (read_edition(folder, name).or_raise(TariffFileError) for name in (arguments.old, arguments.new))
    comparison = compare_editions(old, new)
    if arguments.format == "json":
        from ncvr.files.json_files import written_json

        asked.deliver(written_json(comparison_record(comparison)), arguments)
        return 0
    from ncvr.cli.comparison_tables import comparison_csv, comparison_page

    text = comparison_csv(comparison) if arguments.format == "csv" else "\n".join(comparison_page(comparison)) + "\n"
    asked.deliver(text.encode("utf-8"), arguments)
    return 0


def run_lock(arguments: argparse.Namespace) -> int:
    from ncvr import settings
    from ncvr.services.tariffs import lock_edition

    edition = lock_edition(asked.tariffs_folder(arguments), arguments.edition, settings.today(), arguments.approved_by)
    print(f"{edition.edition} is locked as {edition.sha256}.")
    return 0
