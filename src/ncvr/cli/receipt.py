"""``ncvr receipt``: is this receipt's signature worth something, and the small program with which others check it."""

import argparse
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ncvr.cli import asked

if TYPE_CHECKING:
    from ncvr.domain.receipt import Receipt
    from ncvr.domain.signing_key import SignatureCheck

_EXIT_CODES = {"valid": 0, "forged": 10}  # everything else: cannot tell, 11


def arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="receipt_command", metavar="COMMAND", required=True)
    verify = commands.add_parser("verify", help="who signed a receipt, and does the signature count?")
    verify.add_argument("receipt", type=Path, metavar="R", help="the receipt")
    asked.add_keys(verify)
    verify.set_defaults(run=run_verify)
    checker = commands.add_parser("checker", help="a program of one file with which others check receipt and document without this software")
    asked.add_output(checker, "the program")
    checker.set_defaults(run=run_checker)


def run_verify(arguments: argparse.Namespace) -> int:
    from ncvr.domain.signing_key import check_signature
    from ncvr.errors import CannotTell, InputError
    from ncvr.files.receipt_files import read_receipt, record_of

    receipt = read_receipt(arguments.receipt).or_raise(InputError)
    as_of = asked.as_of(arguments)
    check = check_signature(record_of(receipt), asked.keys(arguments), purpose="receipt", as_of=as_of)
    print("\n".join(_said(receipt, check, as_of)))
    return _EXIT_CODES.get(check.standing, CannotTell.exit_code)


def _said(receipt: "Receipt", check: "SignatureCheck", as_of: date) -> list[str]:
    price, template = receipt.price, receipt.template
    headline = "VALID SIGNATURE" if check.counts else check.standing.upper()
    lines = [
        f"{headline}, as of {as_of}: {check.says}.",
        f"  study        IRAS {receipt.study.iras_id}, version {receipt.study.version}",
        f"  site         {price.site.ods_code} {price.site.name}, multiplier {price.multiplier}",
        f"  template     {template.family}/{template.version}, {template.title} ({template.status})",
        f"  tariff       {receipt.tariff.edition} ({receipt.tariff.status}, {receipt.tariff.lock}), priced on {receipt.pricing_date}",
        f"  fingerprint  {price.fingerprint}",
        f"  document     {receipt.document.sha256}",
    ]
    if not receipt.certified:
        lines.append("  not certified: the template or the figures are not official, so no verdict is better than cannot tell")
    return lines


def run_checker(arguments: argparse.Namespace) -> int:
    from importlib.resources import files

    asked.deliver(files("ncvr.files").joinpath("docx_receipt_checker.py").read_bytes(), arguments)
    return 0
