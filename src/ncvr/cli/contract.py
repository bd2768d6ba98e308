"""``ncvr contract``: fill site agreements, read the schedule out of one, check one."""

import argparse
from pathlib import Path
from typing import Any

from ncvr.cli import contract_fill, contract_verify
from ncvr.cli.said import say


def arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="contract_command", metavar="COMMAND", required=True)
    contract_fill.arguments(commands.add_parser("fill", help=contract_fill.HELP))
    read = commands.add_parser("read", help="the schedule found in a document, as JSON")
    read.add_argument("document", type=Path, metavar="FILE.docx", help="the contract")
    read.set_defaults(run=run_read)
    contract_verify.arguments(commands.add_parser("verify", help=contract_verify.HELP))


def run_read(arguments: argparse.Namespace) -> int:
    from ncvr.files.appendix_reader import read_contract, schedule_record
    from ncvr.files.json_files import read_json_bytes, written_json

    schedule = read_contract(read_json_bytes(arguments.document), _templates(), str(arguments.document))
    say(schedule.notices)
    print(written_json(schedule_record(schedule)).decode(), end="")
    return 0


def _templates() -> Any:
    from ncvr import settings
    from ncvr.files.template_registry import read_templates

    templates, findings = read_templates(settings.templates_folder())
    say(findings)
    return templates
