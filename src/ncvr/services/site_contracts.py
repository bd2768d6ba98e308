"""The contract of a site costing: what it needs, the document with its receipt, and the proof of a document that comes back."""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from ncvr.domain.details import Details, SiteDetails
from ncvr.domain.ledger import Change
from ncvr.domain.people import Person
from ncvr.domain.permissions import not_found
from ncvr.domain.prices_file import PricesFile
from ncvr.domain.receipt import Receipt
from ncvr.domain.site_costing import SiteCosting
from ncvr.domain.site_price import SitePrice
from ncvr.domain.verdict import Verdict
from ncvr.errors import MoveNotAllowed, ReferenceDataError
from ncvr.files.contract_index import IndexRow, index_csv
from ncvr.files.json_files import written_json
from ncvr.files.price_files import prices_from
from ncvr.files.template_registry import RegisteredTemplate, read_templates
from ncvr.files.verification.child import verify_apart
from ncvr.services.adherence_recording import record_verification
from ncvr.services.contract_rows import index_row
from ncvr.services.contract_variation import contract_prices, varied_on, varied_price
from ncvr.services.contracting import SiteContract, fill_priced
from ncvr.services.costing import is_stale, list_costings, read_costing
from ncvr.services.kept_prices import recomputed_price
from ncvr.services.office import Act, Office
from ncvr.services.own_check import own_verdict
from ncvr.services.pricing import PricedSites
from ncvr.services.revisions import check_revision
from ncvr.store import costings, ledger_entries, site_details, studies
from ncvr.store.schema import cursor_key_in
from ncvr.store.site_details import KeptDetails

WITH_DOCUMENT = ("locked", "shared", "escalated", "accepted", "contracted")


def read_details(act: Act, iras_id: str, site: str) -> KeptDetails:
    costing = read_costing(act, iras_id, site, "details.read")
    return site_details.read(act.connection, iras_id, costing.site.key)


def details_object(iras_id: str, site_key: str) -> str:
    """The details' name in the ledger."""
    return f"study/{iras_id}/details/{site_key}"


def write_details(act: Act, iras_id: str, site: str, details: SiteDetails, expected: int) -> KeptDetails:
    """What the contract needs and the price does not. The ledger keeps that they changed, not what they say of people."""
    costing = read_costing(act, iras_id, site, "details.write")
    if costing.state not in ("priced", "locked"):
        says = f"the contract of a costing that is {costing.state} is out already"
        raise MoveNotAllowed(says, costing.place, "Withdraw or re-price it first, so that no two contracts differ")
    studies.read(act.connection, iras_id, for_update=True)
    before = site_details.read(act.connection, iras_id, costing.site.key)
    name = details_object(iras_id, costing.site.key)
    check_revision(act, name, before.revision, expected)
    site_details.write(act.connection, iras_id, costing.site.key, details, before=before.revision)
    act.record(Change(operation="details.write", object=name, revision=before.revision + 1, field="details"))
    return KeptDetails(revision=before.revision + 1, details=details)


def site_contract(act: Act, iras_id: str, site: str, variation: int | None = None) -> SiteContract:
    """The site's contract with its receipt: the same bytes at every download.

    A contract that was varied is the newest variation's; ``variation`` names another one, 0 the contract as it was signed.
    Raises MoveNotAllowed before it is locked or while stale, NotFound for a variation there is not.
    """
    costing = read_costing(act, iras_id, site, "contract.read")
    every = costings.variations_of(act.connection, costing.id)
    wanted = len(every) if variation is None else variation
    if wanted == 0:
        return _contract(act, costing)
    found = next((each for each in every if each.number == wanted), None)
    if found is None:
        raise not_found(f"{costing.place}, variation {wanted}")
    return _filled(act, costing, varied_price(act, costing, found), varied_on(found), f"/variation {wanted}")


def contracts_ready(act: Act, iras_id: str) -> list[str]:
    """The sites that have a contract and whose contract this person may see."""
    act.standing("contract.read", iras_id)
    found = [costing for costing in list_costings(act, iras_id) if costing.state in WITH_DOCUMENT and not is_stale(act, costing)]
    return [costing.site.key for costing in found]


def _contract(act: Act, costing: SiteCosting) -> SiteContract:
    if costing.state not in WITH_DOCUMENT:
        raise MoveNotAllowed(f"a costing that is {costing.state} has no contract", costing.place, "Lock the price first")
    if is_stale(act, costing):
        raise MoveNotAllowed("it is stale, so its documents do not count any more", costing.place, "Re-price it, and share the new contract")
    filled = _filled(act, costing, recomputed_price(act, costing), costing.price.pricing_date)
    if filled.prices["prices"][0]["fingerprint"] != costing.price.fingerprint:
        says = "the price computed again is not the one that was kept"
        raise ReferenceDataError(says, costing.place, "Restore the database from a copy you trust")
    return filled


def _filled(act: Act, costing: SiteCosting, price: SitePrice, on: date, which: str = "") -> SiteContract:
    priced = PricedSites(costs=price.costs, prices=(price,), on=on, notices=())
    details = site_details.read(act.connection, costing.iras_id, costing.site.key).details
    family = costing.site.agreement or price.costs.study.study.agreement
    return fill_priced(
        priced,
        Details(sites={costing.site.ods_code: details}) if costing.site.id is None else Details(common=details),
        template=costing.template or family,
        templates=act.office.templates,
        salt=lambda: _salt(act, costing, which),
    ).contracts[0]


def _salt(act: Act, costing: SiteCosting, which: str) -> str:
    """A salt of this price alone, so that a contract downloaded twice is one contract; nobody outside can guess it."""
    words = f"{costing.id}/{costing.price.number}{which}".encode()
    return hmac.new(cursor_key_in(act.connection), b"receipt salt " + words, hashlib.sha256).hexdigest()[:32]


def receipt(act: Act, contract: SiteContract) -> bytes:
    """The contract's receipt with the ledger's head of this moment: whoever holds it can prove that the tail was not cut.

    It is signed if the office has a key; the head is part of what is signed.
    """
    head = ledger_entries.head(act.connection)
    record: dict[str, Any] = dict(contract.receipt) | {"ledger_head": head.hash}
    signer = act.office.signer(act.today)
    return written_json(record if signer is None else signer.signed(record))


def record_download(act: Act, iras_id: str, what: str, documents: int) -> None:
    """Keep that contracts left the building, without their figures."""
    act.record(Change(operation="contract.download", object=f"study/{iras_id}", field=what, new=str(documents)))


def named_files(act: Act, iras_id: str, sites: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Each site's contract and its receipt, one after the other, under the names we choose for them; then the index of all."""
    templates = {template.name: template for template in read_templates(act.office.templates)[0]}
    rows = []
    for site in sites:
        contract = site_contract(act, iras_id, site)
        name, told = contract.file_name(iras_id), receipt(act, contract)
        yield name, contract.content
        yield name.removesuffix(".docx") + ".receipt.json", told
        rows.append(_indexed(act, contract, json.loads(told), templates[contract.template], name))
    yield "index.csv", index_csv(rows)


def _indexed(act: Act, contract: SiteContract, told: Mapping[str, Any], template: RegisteredTemplate, name: str) -> IndexRow:
    """A row of the index, with our own check of the contract as the other party will make it."""
    verdict = own_verdict(contract, told, template, act.office.signer(act.today))
    details = site_details.read(act.connection, str(contract.price.costs.study.study.iras_id), contract.site).details
    return index_row(contract, verdict, template, details, "", name)


def verified(
    office: Office, person: Person, correlation_id: str, content: bytes, iras_id: str | None, site: str | None, receipt: Receipt | None = None
) -> Verdict:
    """The verdict on a document, recorded for adherence where it is the contract of a site's costing that was named.

    Checking takes seconds, so it reads in one transaction and records in another: nobody waits for it to write.
    """
    with office.look(person, correlation_id) as act:
        verdict = verify_document(act, content, iras_id, site, receipt)
    if iras_id is not None and site is not None and verdict.verdict != "cannot tell":
        with office.act(person, correlation_id) as act:
            _record_verified(act, verdict, iras_id, site)
    return verdict


def verify_document(act: Act, content: bytes, iras_id: str | None, site: str | None, receipt: Receipt | None = None) -> Verdict:
    """The verdict on a document, which is not kept.

    With a study and a site the figures are compared with the price kept here, for whoever may read it; without, only what
    the file itself holds is judged, so that nobody learns a rival's prices by guessing.
    """
    act.allowed("contracts.verify")
    known: list[PricesFile | None] = [None]
    if iras_id is not None and site is not None:
        costing = read_costing(act, iras_id, site, "price.read")
        known = [prices_from(record, costing.place).or_raise(ReferenceDataError) for record in contract_prices(act, costing)]
    keys = act.office.trusted() if receipt is not None and receipt.signature is not None else ()
    verdicts = []
    for price in known:  # a contract that was varied may be here as it was signed, or as any variation left it
        verdicts.append(verify_apart(content, act.office.templates, price=price, receipt=receipt, keys=keys, as_of=act.today))
        if verdicts[-1].numbers == "equal":
            return verdicts[-1]
    return verdicts[0]


def _record_verified(act: Act, verdict: Verdict, iras_id: str, site: str) -> None:
    """Record for adherence what a verification found of a contract that belongs to this costing: its own fingerprint says so.

    An unmodified document that states none is known by its figures. Of any other document, nothing is said about anybody.
    """
    costing = read_costing(act, iras_id, site, "price.read")
    stated = next((value.value for value in verdict.values_found if value.name == "fingerprint"), None)
    known_by_figures = stated is None and verdict.verdict == "unmodified" and verdict.numbers_from == "price"
    ours = {record["prices"][0]["fingerprint"] for record in contract_prices(act, costing)}
    if stated in ours or known_by_figures:
        record_verification(act, costing, verdict.verdict, verdict.document_sha256)
