"""Site costings: listing, prices, details, and every move. No operation edits a price."""

import json
from collections.abc import Callable
from typing import Any

from fastapi import Response

from ncvr.domain.details import SiteDetails
from ncvr.domain.price_record import prices_record
from ncvr.domain.prices_file import PricesFile
from ncvr.domain.site_costing import SiteCosting
from ncvr.domain.study import Site
from ncvr.errors import PriceIsFixed
from ncvr.files.json_files import written_json
from ncvr.files.price_files import payable_names, prices_csv
from ncvr.services import contract_variation, costing, kept_prices, site_contracts
from ncvr.services.office import Act
from ncvr.services.pricing import SOFTWARE
from ncvr.store import costings
from ncvr.web.access import Answer, Door, Visit, json_answer
from ncvr.web.bodies import Nothing, Reason, Refusal, Signature, Successor, Variation
from ncvr.web.costing_records import CostingRecord, PriceSummary, VariationRecord, costing_record, price_summary, variation_record
from ncvr.web.records import Page
from ncvr.web.routing import Routes
from ncvr.web.tables import table_answer, wants_csv

routes = Routes("Site costings")
SITES, SITE = "/studies/{iras_id}/sites", "/studies/{iras_id}/sites/{ods}"
_ANSWER: dict[str, Any] = {"answer": CostingRecord, "revision": True}
_SIGNED = {"signed_on": "2026-06-20", "fingerprint": "sha256:" + "0" * 64, "template": "mCTA/sample-1"}


def _answer(act: Act, found: SiteCosting, operation: str, status: int = 200) -> Answer:
    return json_answer(costing_record(act, found, act.standing(operation, found.iras_id)), status=status, revision=found.revision)


def _move(visit: Visit, operation: str, move: Callable[[Act, int], SiteCosting]) -> Response:
    expected = visit.revision
    return visit.change(lambda act: _answer(act, move(act, expected), operation))


@routes.add("GET", SITES, "sites.list", answer=Page[CostingRecord])
def list_sites(visit: Door, iras_id: str) -> Response:
    """The study's site costings that you may see, also those that are over. ``Accept: text/csv`` gives a table."""
    with visit.look() as act:
        by = act.standing("sites.list", iras_id)
        return table_answer(visit, [costing_record(act, found, by) for found in costing.list_costings(act, iras_id)], None)


@routes.add("POST", SITES, "sites.add", body=Site, example={"ods_code": "RGT", "target_participants": 12}, status=201, **_ANSWER)
def add_site(visit: Door, iras_id: str) -> Response:
    """Add a site to the newest agreed version; it is priced at once. The body is a site as in ncvr-study/1."""
    body = visit.body(Site)
    return visit.change(lambda act: _answer(act, costing.add_site(act, iras_id, body), "sites.add", 201))


@routes.add("GET", SITE, "sites.list", **_ANSWER)
def read_site(visit: Door, iras_id: str, ods: str) -> Response:
    """A site's newest costing. Its ETag goes into If-Match of every change."""
    with visit.look() as act:
        return _answer(act, costing.read_costing(act, iras_id, ods, "sites.list"), "sites.list").response()


@routes.add("GET", f"{SITE}/price", "price.read", answer=PricesFile, revision=True, looks_first=True)
def read_price(visit: Door, iras_id: str, ods: str, explain: bool = False) -> Response:
    """The site's price as an ncvr-prices/1 file, byte for byte as it was made; ``explain=true`` adds every line's workings.

    ``Accept: text/csv`` gives a table. For people each price is explained at ``/studies/{iras_id}/sites/{ods}/why/{kind}/{arm}/{id}``,
    with kind ``visit`` or ``item``; without the arm for ``unscheduled`` and ``setup_and_closedown``.
    """
    with visit.look() as act:
        found = costing.read_costing(act, iras_id, ods, "price.read")
        tag = {"ETag": f'"{found.price.fingerprint}{"-explained" if explain else ""}"'}
        if visit.headers.get("if-none-match") == tag["ETag"]:
            return Answer(status=304, headers=tag).response()
        if wants_csv(visit):
            again = kept_prices.recomputed_price(act, found)
            text = prices_csv(json.loads(found.price.record), payable_names(again.costs))
            return Answer(body=text.encode("utf-8"), media_type="text/csv; charset=utf-8").response()
        if not explain:
            return Answer(body=found.price.record, headers=tag).response()
        again = kept_prices.recomputed_price(act, found)
        record = prices_record(again.costs, [again], on=found.price.pricing_date, software=SOFTWARE, explain=True)
        return Answer(body=written_json(record), headers=tag).response()


@routes.add("GET", f"{SITE}/prices", "price.read", answer=Page[PriceSummary])
def list_prices(visit: Door, iras_id: str, ods: str) -> Response:
    """Every price this costing ever had, oldest first: what a re-pricing changed stays readable."""
    with visit.look() as act:
        found = costing.read_costing(act, iras_id, ods, "price.read")
        return table_answer(visit, [price_summary(price) for price in costings.earlier_prices(act.connection, found)], None)


@routes.add("GET", f"{SITE}/variations", "price.read", answer=Page[VariationRecord])
def list_variations(visit: Door, iras_id: str, ods: str) -> Response:
    """Every variation of the contract, oldest first. Unchanged payables keep their signed price, withdrawn ones have none."""
    with visit.look() as act:
        found = costing.read_costing(act, iras_id, ods, "price.read")
        return table_answer(visit, [variation_record(each) for each in costings.variations_of(act.connection, found.id)], None)


def edit_price(visit: Door, iras_id: str, ods: str) -> Response:
    """Always refused, and recorded: nobody edits a price.

    A price follows from the agreed resource, the tariff edition and the site's multiplier. An omission is escalated.
    """
    with visit.look() as act:
        costing.read_costing(act, iras_id, ods, "price.edit")
    raise PriceIsFixed(
        "nobody edits a price", f"study {iras_id}, site {ods}, price", "Escalate an omission; or amend the resource, with the lead site's review"
    )


for _method in ("PUT", "PATCH", "POST", "DELETE"):
    routes.add(_method, f"{SITE}/price", "price.edit", body=Nothing if _method in ("PUT", "PATCH", "POST") else None)(edit_price)


@routes.add("GET", f"{SITE}/details", "details.read", answer=SiteDetails, revision=True)
def read_details(visit: Door, iras_id: str, ods: str) -> Response:
    """What the contract needs and the price does not: parties, addresses, dates, choices (a section of ncvr-details/1)."""
    with visit.look() as act:
        kept = site_contracts.read_details(act, iras_id, ods)
        return json_answer(kept.details.model_dump(mode="json", exclude_defaults=True), revision=kept.revision).response()


@routes.add("PUT", f"{SITE}/details", "details.write", body=SiteDetails, answer=SiteDetails, revision=True)
def write_details(visit: Door, iras_id: str, ods: str) -> Response:
    """Replace the details, while the contract is not out. Nothing in them moves a price."""
    body, expected = visit.body(SiteDetails), visit.revision

    def effect(act: Act) -> Answer:
        kept = site_contracts.write_details(act, iras_id, ods, body, expected)
        return json_answer(kept.details.model_dump(mode="json", exclude_defaults=True), revision=kept.revision)

    return visit.change(effect)


@routes.add("POST", f"{SITE}/lock", "costing.lock", body=Nothing, **_ANSWER)
def lock(visit: Door, iras_id: str, ods: str) -> Response:
    """The company takes the price as it is."""
    visit.body(Nothing)
    return _move(visit, "costing.lock", lambda act, expected: costing.lock(act, iras_id, ods, expected))


@routes.add("POST", f"{SITE}/unlock", "costing.unlock", body=Reason, example={"reason": "The number of participants changes"}, **_ANSWER)
def unlock(visit: Door, iras_id: str, ods: str) -> Response:
    """Take the lock off again, before anything was shared."""
    body = visit.body(Reason)
    return _move(visit, "costing.unlock", lambda act, expected: costing.unlock(act, iras_id, ods, expected, reason=body.reason))


@routes.add("POST", f"{SITE}/share", "costing.share", body=Nothing, **_ANSWER)
def share(visit: Door, iras_id: str, ods: str) -> Response:
    """Share the locked price and its contract with the site. From here on the site sees them."""
    visit.body(Nothing)
    return _move(visit, "costing.share", lambda act, expected: costing.share(act, iras_id, ods, expected))


@routes.add("POST", f"{SITE}/accept", "costing.accept", body=Nothing, **_ANSWER)
def accept(visit: Door, iras_id: str, ods: str) -> Response:
    """The site accepts the price as it came out."""
    visit.body(Nothing)
    return _move(visit, "costing.accept", lambda act, expected: costing.accept(act, iras_id, ods, expected))


@routes.add("POST", f"{SITE}/refuse", "costing.refuse", body=Refusal, example={"reason_code": "staff_rates", "reason": ""}, **_ANSWER)
def refuse(visit: Door, iras_id: str, ods: str) -> Response:
    """The site refuses, with a reason code."""
    body = visit.body(Refusal)
    return _move(visit, "costing.refuse", lambda act, expected: costing.refuse(act, iras_id, ods, expected, reason_code=body.reason_code, reason=body.reason))


@routes.add("POST", f"{SITE}/contract", "costing.contract", body=Signature, example=_SIGNED, **_ANSWER)
def contract(visit: Door, iras_id: str, ods: str) -> Response:
    """Record the signed contract. The edition must have been in force that day, and the document must carry this price."""
    body = visit.body(Signature)

    def move(act: Act, expected: int) -> SiteCosting:
        return costing.contract(act, iras_id, ods, expected, signed_on=body.signed_on, fingerprint=body.fingerprint, template=body.template)

    return _move(visit, "costing.contract", move)


@routes.add("POST", f"{SITE}/decline", "costing.decline", body=Reason, example={"reason": "No capacity this year"}, **_ANSWER)
def decline(visit: Door, iras_id: str, ods: str) -> Response:
    """The site cannot take part, for want of capacity; that is no refusal of the price."""
    body = visit.body(Reason)
    return _move(visit, "costing.decline", lambda act, expected: costing.decline(act, iras_id, ods, expected, reason=body.reason))


@routes.add("POST", f"{SITE}/withdraw", "costing.withdraw", body=Reason, example={"reason": "The site is not needed"}, **_ANSWER)
def withdraw(visit: Door, iras_id: str, ods: str) -> Response:
    """The company withdraws the costing, before a contract."""
    body = visit.body(Reason)
    return _move(visit, "costing.withdraw", lambda act, expected: costing.withdraw(act, iras_id, ods, expected, reason=body.reason))


@routes.add("POST", f"{SITE}/reprice", "costing.reprice", body=Nothing, **_ANSWER)
def reprice(visit: Door, iras_id: str, ods: str) -> Response:
    """Price a stale costing again from the edition in force. It returns to priced; what was shared of it is superseded."""
    visit.body(Nothing)
    return _move(visit, "costing.reprice", lambda act, expected: costing.reprice(act, iras_id, ods, expected))


@routes.add("POST", f"{SITE}/reassign", "costing.reassign", body=Successor, example={"ods_code": "RGT"}, **_ANSWER)
def reassign(visit: Door, iras_id: str, ods: str) -> Response:
    """Move the costing of a closed trust to its successor, priced with the successor's own multiplier."""
    body = visit.body(Successor)
    return _move(visit, "costing.reassign", lambda act, expected: costing.reassign(act, iras_id, ods, expected, ods_code=body.ods_code))


@routes.add("POST", f"{SITE}/vary", "costing.vary", body=Variation, example={"version": 2}, **_ANSWER)
def vary(visit: Door, iras_id: str, ods: str) -> Response:
    """Vary a contract to a newer agreed version. What is unchanged keeps its signed price; every variation is kept."""
    body = visit.body(Variation)
    return _move(visit, "costing.vary", lambda act, expected: contract_variation.vary_contract(act, iras_id, ods, expected, version=body.version)[0])
