"""``ncvr contract verify``: does a document say what its template says, and are its figures the priced ones?"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ncvr.cli import asked
from ncvr.cli.said import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ncvr.domain.prices_file import PricesFile
    from ncvr.domain.receipt import Receipt
    from ncvr.domain.verdict import Verdict
    from ncvr.files.appendix_verifier import PinnedTemplate

HELP = "does a document say what its template says and what was priced?"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("document", type=Path, metavar="FILE.docx", help="the contract")
    parser.add_argument("--price", type=Path, metavar="PRICES.json", help="the prices to compare the figures with")
    parser.add_argument("--receipt", type=Path, metavar="R", help="the receipt (default: FILE.receipt.json beside the document, if it is there)")
    parser.add_argument("--report", type=Path, metavar="REPORT.html", help="also write the verdict as a page to read, print and send")
    parser.add_argument("--signed-only", action="store_true", help="an unsigned receipt does not count for the figures")
    asked.add_keys(parser)
    parser.add_argument("--format", choices=["text", "json"], default="text", help="default: text")
    parser.add_argument("--force", action="store_true", help="replace the report if it exists")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from ncvr import settings
    from ncvr.domain.verdict import verdict_record
    from ncvr.files.json_files import written_json
    from ncvr.files.template_registry import read_templates

    content = _content(arguments.document)
    prices, receipt = _prices(arguments), _receipt(arguments)
    templates, findings = read_templates(settings.templates_folder())
    say(findings)
    verdict = _confined(content, templates, prices, receipt, arguments)
    _say_lapsed(verdict, receipt)
    if arguments.report is not None:
        _write_report(verdict, arguments)
    if arguments.format == "json":
        sys.stdout.write(written_json(verdict_record(verdict)).decode())
    else:
        print(_text(verdict))
    return verdict.exit_code


def _content(document: Path) -> bytes:
    """The file's bytes; one that is too large is refused before it is read."""
    from ncvr.errors import CannotTell
    from ncvr.files.docx_package import FILE_LIMIT

    try:
        with document.open("rb") as file:
            return file.read(FILE_LIMIT + 1)
    except OSError as error:
        raise CannotTell(f"cannot be read ({error.strerror})", str(document), "Check the file's name and permissions") from error


def _confined(
    content: bytes, templates: "Sequence[PinnedTemplate]", prices: "PricesFile | None", receipt: "Receipt | None", arguments: argparse.Namespace
) -> "Verdict":
    from ncvr.files.appendix_verifier import verify_contract
    from ncvr.files.verification.confined import verify_confined

    keys = asked.keys(arguments) if receipt is not None and receipt.signature is not None else []
    as_of = asked.as_of(arguments)

    def work() -> "Verdict":
        return verify_contract(
            content, templates, price=prices, receipt=receipt, signed_only=arguments.signed_only, keys=keys, as_of=as_of, place=str(arguments.document)
        )

    return verify_confined(work)


def _say_lapsed(verdict: "Verdict", receipt: "Receipt | None") -> None:
    """Whether the template was accepted on the days the receipt names. That is no matter of the words, so it leaves the verdict alone."""
    from ncvr import settings
    from ncvr.domain.acceptance import lapse
    from ncvr.errors import Finding
    from ncvr.files.template_registry import read_acceptance

    if verdict.template is None or receipt is None:
        return
    windows = read_acceptance(settings.templates_folder()).value or ()
    dates = receipt.dates
    if lapsed := lapse(windows, verdict.template.family, verdict.template.version, dates.iras_submission, dates.contract):
        say([Finding("template", lapsed.replace("the details say", "the receipt says"), "Ask whether this version could still be used", "notice")])


def _prices(arguments: argparse.Namespace) -> "PricesFile | None":
    from ncvr import settings
    from ncvr.errors import InputError
    from ncvr.files.price_files import read_prices
    from ncvr.services.price_standing import check_standing

    if not arguments.price:
        return None
    prices = read_prices(arguments.price).or_raise(InputError)
    if changed := check_standing(prices, settings.tariffs_folder(), str(arguments.price)):
        raise InputError.of(changed)
    return prices


def _receipt(arguments: argparse.Namespace) -> "Receipt | None":
    """The receipt named, else the one beside the document if there is one."""
    from ncvr.errors import CannotTell, InputError
    from ncvr.files.receipt_files import read_receipt, receipt_beside

    path: Path = arguments.receipt or receipt_beside(arguments.document)
    if arguments.receipt is None and not path.exists():
        return None
    try:
        return read_receipt(path).or_raise(CannotTell)
    except InputError as error:
        raise CannotTell.of(error.findings) from error


def _write_report(verdict: "Verdict", arguments: argparse.Namespace) -> None:
    from ncvr.files.verification_report import report_page
    from ncvr.files.writing import write_whole

    page = report_page(verdict, document=arguments.document.name, price="" if arguments.price is None else arguments.price.name)
    write_whole(arguments.report, page.encode("utf-8"), force=arguments.force)


def _text(verdict: "Verdict") -> str:
    """The verdict for a terminal: what it is, what was compared, what was found."""
    lines = [f"{verdict.verdict.upper()}: {verdict.says}."]
    if verdict.template is not None:
        lines += [f"  template    {verdict.template.family}/{verdict.template.version} ({verdict.template.title})"]
        compared = (("words", verdict.words), ("numbers", verdict.numbers), ("values", verdict.values), ("formatting", verdict.formatting))
        lines += [f"  {name:<12}{judgement}{_beside(name, verdict)}" for name, judgement in compared]
        lines += [f"  receipt     {verdict.receipt}"]
    lines += [f"  {'- ' if finding.level == 'error' else '  note: '}{finding}" for finding in verdict.findings]
    if verdict.template is not None and verdict.values == "not compared" and verdict.values_found:
        lines += ["  Filled values, for you to read:"]
        lines += [f"    {value.title}: {' / '.join(value.value.splitlines())}" for value in verdict.values_found]
    return "\n".join(lines)


def _beside(name: str, verdict: "Verdict") -> str:
    if name != "numbers" or verdict.numbers_from == "nothing":
        return ""
    return {"price": ", beside the price", "unsigned receipt": ", beside an unsigned receipt"}.get(verdict.numbers_from, ", beside a signed receipt")
