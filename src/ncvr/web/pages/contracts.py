"""The contracts of a study: which are ready, what is missing for the others, and downloads for a browser."""

import json

from fastapi import Response

from ncvr.domain.people import Standing
from ncvr.domain.site_costing import COSTING_STATES
from ncvr.services.adherence_recording import costing_key
from ncvr.services.contract_details import CHANGEABLE, SiteAsks, site_asks
from ncvr.services.costing import is_stale
from ncvr.services.kept_prices import site_name
from ncvr.services.office import Act
from ncvr.services.site_contracts import WITH_DOCUMENT
from ncvr.store import adherence
from ncvr.web import api_contracts
from ncvr.web.pages.page import Seen
from ncvr.web.pages.priced_sites import OVER, newest_costings
from ncvr.web.pages.study_title import study_title
from ncvr.web.pages.table import Cell, Column, Row, Table
from ncvr.web.pages.words import COSTING_TAGS, VERDICT_TAGS, Tag
from ncvr.web.routing import Routes

routes = Routes("Pages")
_COLUMNS = (
    *(Column("site", "Site"), Column("state", "State"), Column("template", "Family and version"), Column("verdict", "Last verified")),
    *(Column("receipt", "Receipt", sortable=False), Column("contract", "Contract", sortable=False), Column("missing", "What is missing")),
)
_VERIFIED = {"agreement_unmodified": "unmodified", "agreement_modified": "modified"}


@routes.add("GET", "/studies/{iras_id}/contracts", "contract.read", media_type="text/html")
def contracts_page(page: Seen, iras_id: str) -> Response:
    """One row a site."""
    with page.look() as act:
        by = act.standing("contract.read", iras_id)
        asks = [site_asks(act, costing) for costing in newest_costings(act, iras_id) if costing.state not in OVER]
        rows = [_row(act, iras_id, each, by) for each in asks]
        tariffs = [json.loads(each.costing.price.record)["tariff"] for each in asks]
        title = study_title(act, iras_id)
        ready = sum(_ready(act, each) for each in asks)
    empty = "No site has a price yet, and a contract is made from a price. Sites are priced when the resource is agreed."
    table = Table(name="contracts", caption=f"Contracts of study {iras_id}", columns=_COLUMNS, rows=rows, empty=empty)
    editions = sorted({(tariff["edition"], tariff["status"]) for tariff in tariffs})
    fills = by == "company" and any(each.costing.state in CHANGEABLE for each in asks)
    return page.show("contracts.html", tables=[table], iras_id=iras_id, title=title, ready=ready, count=len(asks), fills=fills, editions=editions)


def _ready(act: Act, asks: SiteAsks) -> bool:
    return asks.costing.state in WITH_DOCUMENT and not asks.missing and not asks.problem and not is_stale(act, asks.costing)


def _row(act: Act, iras_id: str, asks: SiteAsks, by: Standing) -> Row:
    costing, address = asks.costing, f"/studies/{iras_id}/sites/{asks.costing.site.key}"
    ready = _ready(act, asks)
    tag = _verdict(act, asks)
    return {
        "site": Cell(f"{costing.site.key} {site_name(costing)}", href=f"/studies/{iras_id}/prices?sites={costing.site.key}"),
        "state": Cell("", tag=COSTING_TAGS[costing.state], order=COSTING_STATES.index(costing.state)),
        "template": asks.template.replace("/", " "),
        "verdict": Cell("", tag=tag) if tag else "Not yet",
        "receipt": Cell("Download receipt", href=f"{address}/receipt.json") if ready else "",
        "contract": Cell("Download contract", href=f"{address}/contract.docx") if ready else "",
        "missing": _missing(act, asks, address, by),
    }


def _verdict(act: Act, asks: SiteAsks) -> Tag | None:
    """What the newest verification of a document with this very price found."""
    records = adherence.records_of_costing(act.connection, costing_key(asks.costing))
    found = [each.kind for each in records if each.kind in _VERIFIED and each.evidence.fingerprint == asks.costing.price.fingerprint]
    return VERDICT_TAGS[_VERIFIED[found[-1]]] if found else None


def _missing(act: Act, asks: SiteAsks, address: str, by: Standing) -> Cell:
    """The next thing that stands between this site and its contract."""
    if is_stale(act, asks.costing):
        return Cell("The price is stale: price it again first", href=f"{address}/reprice" if by == "company" else "")
    if asks.problem:
        return Cell(asks.problem)
    if asks.missing:
        count = len(asks.missing)
        return Cell(f"{count} detail{'s' if count != 1 else ''} of the contract", href=f"{address}/details" if by == "company" else "", order=count)
    if asks.costing.state not in WITH_DOCUMENT:
        return Cell("The price is not locked yet", href=f"{address}/lock" if by == "company" and asks.costing.state == "priced" else "")
    return Cell("Nothing: see its details", href=f"{address}/details", order=0)


@routes.add("GET", "/studies/{iras_id}/sites/{ods}/contract.docx", "contract.read", media_type=api_contracts.DOCX)
def contract_file(page: Seen, iras_id: str, ods: str) -> Response:
    """The contract, as the API gives it; what stands in its way is a page."""
    answer: Response = api_contracts.download_contract(page.visit, iras_id, ods)
    return answer


@routes.add("GET", "/studies/{iras_id}/sites/{ods}/receipt.json", "contract.read", media_type="application/json")
def receipt_file(page: Seen, iras_id: str, ods: str) -> Response:
    """The contract's receipt, as the API gives it."""
    answer: Response = api_contracts.download_receipt(page.visit, iras_id, ods)
    return answer


@routes.add("GET", "/studies/{iras_id}/contracts.zip", "contract.read", media_type=api_contracts.ZIP)
def contracts_file(page: Seen, iras_id: str) -> Response:
    """Every contract this person may see, with its receipt."""
    answer: Response = api_contracts.download_contracts(page.visit, iras_id)
    return answer
