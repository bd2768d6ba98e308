"""``ncvr contract``: fill site agreements, read the schedule out of one, check one."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ncvr.cli import asked, contract_verify
from ncvr.cli.said import say

if TYPE_CHECKING:
    from ncvr.domain.details import Details
    from ncvr.domain.study import Study
    from ncvr.services.contracting import FilledContracts, SiteContract


def arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="contract_command", metavar="COMMAND", required=True)
    _fill_arguments(commands.add_parser("fill", help="fill the agreement of one site or of all, with a receipt beside each"))
    read = commands.add_parser("read", help="the schedule found in a document, as JSON")
    read.add_argument("document", type=Path, metavar="FILE.docx", help="the contract")
    read.set_defaults(run=run_read)
    contract_verify.arguments(commands.add_parser("verify", help=contract_verify.HELP))


def _fill_arguments(fill: argparse.ArgumentParser) -> None:
    fill.add_argument("study", type=Path, metavar="STUDY.json", help="the study file")
    sites = fill.add_mutually_exclusive_group(required=True)
    sites.add_argument("--site", metavar="ODS", help="fill the agreement of this site")
    sites.add_argument("--all-sites", action="store_true", help="fill the agreements of all sites")
    fill.add_argument("--template", required=True, metavar="FAMILY[/VERSION]", help="the contract template, such as mCTA or mCTA/sample-1")
    fill.add_argument("--details", type=Path, metavar="D.json", help="what the template needs and pricing does not")
    asked.add_pricing_date(fill)
    asked.add_tariffs(fill)
    fill.add_argument("--uncertified", action="store_true", help="fill an official template from an illustrative or unlocked edition all the same")
    fill.add_argument("-o", "--output", type=Path, metavar="OUT", required=True, help="X.docx for one site; a folder or a name ending in .zip for all")
    fill.add_argument("--force", action="store_true", help="replace what is there")
    fill.set_defaults(run=run_fill)


def run_fill(arguments: argparse.Namespace) -> int:
    from ncvr import settings
    from ncvr.errors import InputError, StudyError
    from ncvr.files.study_files import read_study
    from ncvr.services.contracting import fill_contracts

    if arguments.site and arguments.output.suffix.lower() != ".docx":
        raise InputError("the name of a contract ends in .docx", str(arguments.output), "Give -o with a name such as contract.docx")
    reading = read_study(arguments.study)
    study = reading.or_raise(StudyError)
    say(reading.findings)
    filled = fill_contracts(
        study,
        _details(arguments.details, study),
        template=arguments.template,
        templates=settings.templates_folder(),
        tariffs=asked.tariffs_folder(arguments),
        on=asked.pricing_date(arguments),
        sites=[arguments.site] if arguments.site else None,
        uncertified=arguments.uncertified,
    )
    say(filled.notices)
    if arguments.site:
        _write_one(filled.contracts[0], arguments)
    else:
        _write_all(filled, study.study.iras_id, arguments)
    return 0


def _details(path: Path | None, study: "Study") -> "Details":
    from ncvr.domain.details import Details
    from ncvr.errors import InputError
    from ncvr.files.details_files import read_details

    return Details() if path is None else read_details(path, study).or_raise(InputError)


def _write_one(contract: "SiteContract", arguments: argparse.Namespace) -> None:
    from ncvr.files.contract_folders import write_files
    from ncvr.files.json_files import written_json
    from ncvr.files.receipt_files import receipt_beside

    output: Path = arguments.output
    files = {output.name: contract.content, receipt_beside(output).name: written_json(contract.receipt)}
    write_files(output.parent, files, force=arguments.force)
    print(f"{output}: {contract.name}, {contract.template}")


def _write_all(filled: "FilledContracts", iras_id: str | None, arguments: argparse.Namespace) -> None:
    from ncvr.files.contract_folders import write_files, zip_of
    from ncvr.files.json_files import written_json
    from ncvr.files.writing import write_whole

    files: dict[str, bytes] = {}
    for contract in filled.contracts:
        document = contract.file_name(iras_id)
        folder = f"{iras_id}_{contract.site}_{contract.template.replace('/', '_')}"
        files[f"{folder}/{document}"] = contract.content
        files[f"{folder}/{Path(document).stem}.receipt.json"] = written_json(contract.receipt)
        files[f"{folder}/prices.json"] = written_json(contract.prices)
    output: Path = arguments.output
    if output.suffix.lower() == ".zip":
        write_whole(output, zip_of(files), force=arguments.force)
    else:
        write_files(output, files, force=arguments.force)
    print(f"{output}: {len(filled.contracts)} contracts")


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
