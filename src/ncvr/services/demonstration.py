"""The whole idea in one go: a real protocol's schedule, ten real trusts, prices, contracts, and a forgery that is caught."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ncvr import examples
from ncvr.domain.price_record import prices_record
from ncvr.domain.prices_file import PricesFile
from ncvr.domain.projection import project
from ncvr.domain.receipt import Receipt
from ncvr.domain.site_price import SitePrice
from ncvr.domain.verdict import Verdict
from ncvr.errors import InputError
from ncvr.files.appendix_verifier import verify_contract
from ncvr.files.demo_folder import check_demo_folder, write_demo_folder
from ncvr.files.docx_package import read_package, write_package
from ncvr.files.json_files import written_json
from ncvr.files.price_files import prices_from
from ncvr.files.template_registry import RegisteredTemplate, read_templates
from ncvr.money import as_written, pounds, shown
from ncvr.services.contracting import FilledContracts, SiteContract, fill_contracts
from ncvr.services.demo_database import seed_demo
from ncvr.services.pricing import SOFTWARE

PRICED_ON = date(2026, 6, 1)
EXPLAINED = ("RGT", "PBO", "E2")  # the visit whose price the summary explains
_SALT = "0" * 32  # the same demo every time; real receipts get a salt that nobody can guess


@dataclass(frozen=True, slots=True, kw_only=True)
class Demonstration:
    """What was made, for the summary."""

    filled: FilledContracts
    verdicts: tuple[Verdict, ...]
    altered: str
    altered_verdict: Verdict
    change: tuple[str, str]


def demonstrate(folder: Path, *, tariffs: Path, templates: Path, progress: Callable[[str], None]) -> Demonstration:
    """Make the demo in ``folder``. Raises InputError if the folder is somebody else's; nothing is changed then."""
    check_demo_folder(folder)
    progress("Pricing the protocol's schedule for ten trusts")
    study, details = examples.study(), examples.details()
    filled = fill_contracts(study, details, template="mCTA", templates=templates, tariffs=tariffs, on=PRICED_ON, salt=lambda: _SALT)
    prices, costs = filled.priced.prices, filled.priced.costs
    plain = prices_record(costs, prices, on=PRICED_ON, software=SOFTWARE)
    explained = prices_record(costs, prices, on=PRICED_ON, software=SOFTWARE, explain=True)
    trusted = prices_from(plain, "prices.json").or_raise(InputError)
    registered, _ = read_templates(templates)

    progress(f"Checking the {len(filled.contracts)} filled contracts against template and prices")
    verdicts = tuple(_check(contract.content, contract, registered, trusted) for contract in filled.contracts)
    altered, forged, change = _altered(filled, EXPLAINED)
    altered_verdict = _check(forged, altered, registered, trusted)

    files = {"study.json": examples.STUDY.read_bytes(), "details.json": examples.DETAILS.read_bytes()}
    files |= {"prices.json": written_json(plain), "explained.json": written_json(explained)}
    for contract in filled.contracts:
        name = contract.file_name(study.study.iras_id)
        files[f"contracts/{name}"] = contract.content
        files[f"contracts/{Path(name).stem}.receipt.json"] = written_json(contract.receipt)
    files["contracts/index.csv"] = _index(filled, verdicts).encode("utf-8")
    altered_name = f"altered/{altered.file_name(study.study.iras_id)}"
    files[altered_name] = forged
    progress("Making the service's database: three studies in different states, and people of every role")
    write_demo_folder(folder, files, lambda made: seed_demo(made, on=PRICED_ON, tariffs=tariffs, templates=templates))
    return Demonstration(filled=filled, verdicts=verdicts, altered=altered_name, altered_verdict=altered_verdict, change=change)


def _check(content: bytes, contract: SiteContract, templates: list[RegisteredTemplate], trusted: PricesFile) -> Verdict:
    return verify_contract(content, templates, price=trusted, receipt=Receipt.model_validate(contract.receipt), place=contract.site)


def _altered(filled: FilledContracts, explained: tuple[str, str, str]) -> tuple[SiteContract, bytes, tuple[str, str]]:
    """One contract with one digit of one price changed, as somebody with a word processor could do."""
    site, arm, visit = explained
    at = next(number for number, contract in enumerate(filled.contracts) if contract.site == site)
    contract, price = filled.contracts[at], filled.priced.prices[at]
    before = shown(price.price("visit", visit, arm), price.places)
    after = before[:-1] + str((int(before[-1]) + 1) % 10)
    package = read_package(contract.content)
    body = package.content("word/document.xml").replace(before.encode(), after.encode(), 1)
    return contract, write_package(package, {"word/document.xml": body}), (before, after)


def _index(filled: FilledContracts, verdicts: tuple[Verdict, ...]) -> str:
    """One row a site: totals, fingerprint, and what the check said."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    arms = [arm.id for arm in filled.priced.costs.arms]
    totals = [f"per_participant_{arm}" for arm in arms]
    writer.writerow(
        ["ods_code", "site", "multiplier", *totals, "participants", "projected_total", "fingerprint", "template", "edition", "status", "contract", "verdict"]
    )
    for contract, price, verdict in zip(filled.contracts, filled.priced.prices, verdicts, strict=True):
        writer.writerow(_index_row(contract, price, verdict))
    return text.getvalue()


def _index_row(contract: SiteContract, price: SitePrice, verdict: Verdict) -> list[str]:
    projection = project(price)
    iras_id = price.costs.study.study.iras_id
    return [
        price.site.ods_code,
        price.name,
        as_written(price.multiplier.value),
        *(pounds(price.per_participant(arm), price.places) for arm in price.arms),
        "" if projection.participants is None else str(projection.participants),
        "" if projection.total is None else pounds(projection.total, price.places),
        contract.prices["prices"][0]["fingerprint"],
        contract.template,
        price.costs.edition.edition,
        price.costs.edition.status,
        contract.file_name(iras_id),
        verdict.verdict,
    ]
