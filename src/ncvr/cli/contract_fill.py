"""``ncvr contract fill``: the agreement of one site, or those of all sites of one or more studies, ready to send."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ncvr.cli import asked
from ncvr.cli.said import say

if TYPE_CHECKING:
    from ncvr.domain.details import Details
    from ncvr.domain.study import Study
    from ncvr.files.contract_index import IndexRow
    from ncvr.files.signing_keys import Signer

HELP = "fill the agreement of one site or of all, with a receipt beside each"


def arguments(fill: argparse.ArgumentParser) -> None:
    fill.add_argument("study", type=Path, nargs="+", metavar="STUDY.json", help="the study file; several only with --all-sites")
    sites = fill.add_mutually_exclusive_group(required=True)
    sites.add_argument("--site", metavar="ODS", help="fill the agreement of this site")
    sites.add_argument("--all-sites", action="store_true", help="fill those of all sites: a folder for each, to be sent, and an index")
    fill.add_argument("--template", required=True, metavar="FAMILY[/VERSION]", help="the contract template, such as mCTA or mCTA/sample-1")
    fill.add_argument(
        "--details", type=Path, action="append", metavar="D.json", help="what the template needs and pricing does not; once, or once for each study in turn"
    )
    asked.add_pricing_date(fill)
    asked.add_tariffs(fill)
    fill.add_argument("--sign", metavar="KEY", help="sign the receipts with this key of yours (default: your newest valid key, if you have one)")
    fill.add_argument("--uncertified", action="store_true", help="fill an official template from an illustrative or unlocked edition all the same")
    fill.add_argument("-o", "--output", type=Path, metavar="OUT", required=True, help="X.docx for one site; a folder or a name ending in .zip for all")
    fill.add_argument("--force", action="store_true", help="replace what is there")
    fill.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from ncvr.errors import InputError

    output: Path = arguments.output
    if arguments.all_sites:
        _check_folder(output)  # its own last folder is made
        if output.suffix.lower() == ".docx":
            raise InputError("all sites are more than one contract", str(output), "Give -o a folder, or a name ending in .zip")
        return _fill_all(arguments)
    if len(arguments.study) > 1:
        raise InputError("one site is filled for one study", "--site", "Give one study file, or --all-sites")
    if output.suffix.lower() != ".docx":
        raise InputError("the name of a contract ends in .docx", str(output), "Give -o with a name such as contract.docx")
    _check_folder(output)
    return _fill_one(arguments)


def _check_folder(output: Path) -> None:
    from ncvr.errors import InputError

    if not output.parent.is_dir():
        raise InputError("cannot write here (there is no such folder)", str(output), "Choose a folder that exists and that you may write to")


def _fill_one(arguments: argparse.Namespace) -> int:
    from ncvr import settings
    from ncvr.errors import TemplateError
    from ncvr.files.contract_folders import write_files
    from ncvr.files.json_files import written_json
    from ncvr.files.receipt_files import receipt_beside
    from ncvr.files.template_registry import read_template
    from ncvr.services.contracting import fill_contracts
    from ncvr.services.own_check import own_verdict

    study = _study(arguments.study[0])
    filled = fill_contracts(
        study,
        _details(arguments, 0, study),
        template=arguments.template,
        templates=settings.templates_folder(),
        tariffs=asked.tariffs_folder(arguments),
        on=asked.pricing_date(arguments),
        sites=[arguments.site],
        uncertified=arguments.uncertified,
    )
    say(filled.notices)
    contract, signer, output = filled.contracts[0], _signer(arguments), arguments.output
    receipt = contract.receipt if signer is None else signer.signed(contract.receipt)
    own_verdict(contract, receipt, read_template(settings.templates_folder(), contract.template).or_raise(TemplateError), signer)
    write_files(output.parent, {output.name: contract.content, receipt_beside(output).name: written_json(receipt)}, force=arguments.force)
    print(f"{output}: {contract.name}, {contract.template}{'' if contract.certified else ', uncertified'}{_signed_by(signer)}")
    return 0


def _fill_all(arguments: argparse.Namespace) -> int:
    from ncvr import settings
    from ncvr.files.contract_folders import write_tree, zip_stream
    from ncvr.files.writing import write_streamed
    from ncvr.services.site_folders import SiteFolders, StudyContracts

    studies = [_study(path) for path in arguments.study]
    wanted = [StudyContracts(study=study, details=_details(arguments, at, study)) for at, study in enumerate(studies)]
    folders = SiteFolders(
        template=arguments.template,
        templates=settings.templates_folder(),
        tariffs=asked.tariffs_folder(arguments),
        on=asked.pricing_date(arguments),
        signer=_signer(arguments),
        uncertified=arguments.uncertified,
        progress=_progress,
    )
    output: Path = arguments.output
    if output.suffix.lower() == ".zip":
        write_streamed(output, zip_stream(folders.files(wanted)), force=arguments.force)
    else:
        write_tree(output, folders.files(wanted), force=arguments.force)
    say(list(folders.notices))
    print(f"{output}: {len(folders.rows)} contracts{_signed_by(folders.signer)}")
    return 0


def _progress(done: int, of: int, row: "IndexRow") -> None:
    standing = f" ({row.standing})" if row.standing else ""
    print(f"{done} of {of}: IRAS {row.iras_id}, {row.site} {row.name}: {row.verdict}{standing}", file=sys.stderr, flush=True)


def _study(path: Path) -> "Study":
    from ncvr.errors import StudyError
    from ncvr.files.study_files import read_study

    reading = read_study(path)
    study = reading.or_raise(StudyError)
    say(reading.findings)
    return study


def _details(arguments: argparse.Namespace, at: int, study: "Study") -> "Details":
    """The details of the study in this place: its own, or the one file that holds for all."""
    from ncvr.domain.details import Details
    from ncvr.errors import InputError
    from ncvr.files.details_files import read_details

    given: list[Path] = arguments.details or []
    if len(given) not in (0, 1, len(arguments.study)):
        says = f"{len(given)} details files for {len(arguments.study)} studies"
        raise InputError(says, "--details", "Give it once for all studies, or once for each in the same order")
    return read_details(given[at if len(given) > 1 else 0], study).or_raise(InputError) if given else Details()


def _signer(arguments: argparse.Namespace) -> "Signer | None":
    """The key named, else the newest of one's own that is valid today."""
    from ncvr import settings

    folder = settings.keys_folder()
    if arguments.sign is None and not folder.is_dir():
        return None
    from ncvr.files.signing_keys import signer_in_force

    return signer_in_force(folder, purpose="receipt", on=settings.today(), wanted=arguments.sign)


def _signed_by(signer: "Signer | None") -> str:
    return "" if signer is None else f"; receipt signed with the key {signer.key.id} of {signer.key.owner}"
