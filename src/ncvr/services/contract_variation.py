"""Varying a contract to a newer agreed version: what was signed and has not changed keeps its price."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from ncvr.domain.amendment import amendment_edition
from ncvr.domain.ledger import Change
from ncvr.domain.price_record import prices_record
from ncvr.domain.site_costing import SiteCosting
from ncvr.domain.site_price import SitePrice
from ncvr.domain.variation import Key, SignedPayable, variation_record, vary
from ncvr.money import pence_of
from ncvr.services.costing import moved
from ncvr.services.kept_prices import agreed_study, site_name, site_price
from ncvr.services.office import LONDON, Act
from ncvr.services.pricing import SOFTWARE
from ncvr.services.revisions import costing_object
from ncvr.store import costings
from ncvr.store.costings import Variation


def vary_contract(act: Act, iras_id: str, site: str, expected: int, *, version: int) -> tuple[SiteCosting, Variation]:
    """Vary a contract to a newer agreed version: unchanged payables keep their signed price, withdrawn ones are shown."""
    costing, _ = moved(act, "vary", iras_id, site, expected, version=version)
    signed, standing = signed_price(act, costing)
    edition = amendment_edition(costings.kept(act.connection, costing.price.edition_sha256), act.office.tariffs.in_force(act.today))
    amended = site_price(agreed_study(act, iras_id, version), costing.site, edition, signed.name)
    earlier = costings.variations_of(act.connection, costing.id)
    costings.keep_edition(act.connection, edition)
    record = json.dumps(variation_record(vary(signed, standing, amended), amended.places), ensure_ascii=False)
    variation = Variation(number=len(earlier) + 1, version=version, edition_sha256=edition.sha256, record=record, varied_at=act.now)
    costings.add_variation(act.connection, costing.id, variation)
    varied = replace(costing, version=version, revision=costing.revision + 1)
    costings.save(act.connection, varied, before=costing.revision)
    act.record(
        Change(
            operation="costing.vary",
            object=costing_object(iras_id, costing.number),
            revision=varied.revision,
            field="version",
            old=str(costing.version),
            new=str(version),
        )
    )
    return varied, variation


def signed_price(act: Act, costing: SiteCosting) -> tuple[SitePrice, Mapping[Key, SignedPayable]]:
    """The price of the version the contract carries, and what earlier variations left standing in it."""
    earlier = costings.variations_of(act.connection, costing.id)
    sha256 = earlier[-1].edition_sha256 if earlier else costing.price.edition_sha256
    edition = costings.kept(act.connection, sha256)
    signed = site_price(agreed_study(act, costing.iras_id, costing.version), costing.site, edition, site_name(costing))
    if not earlier:
        return signed, {}
    payables = json.loads(earlier[-1].record)
    return signed, {_key(payable): _signed(payable) for payable in payables if payable["price"] is not None}


def varied_price(act: Act, costing: SiteCosting, variation: Variation) -> SitePrice:
    """What the contract says after a variation: the unchanged at its signed price, the rest as it was priced that day.

    What was withdrawn is not payable any more, so it is in the record of the variation and not here.
    """
    edition = costings.kept(act.connection, variation.edition_sha256)
    amended = site_price(agreed_study(act, costing.iras_id, variation.version), costing.site, edition, site_name(costing))
    kept = {_key(payable): pence_of(payable["price"]) for payable in json.loads(variation.record) if payable["price"] is not None}
    return replace(amended, prices=tuple(kept[payable.kind, payable.arm, payable.id] for payable in amended.costs.payables))


def varied_on(variation: Variation) -> date:
    """The day the variation was made, in London."""
    return datetime.fromisoformat(variation.varied_at).astimezone(LONDON).date()


def contract_prices(act: Act, costing: SiteCosting) -> list[Mapping[str, Any]]:
    """What the contract's documents may say, newest first: an ncvr-prices/1 record for each variation, and the one signed."""
    varied = []
    for variation in reversed(costings.variations_of(act.connection, costing.id)):
        price = varied_price(act, costing, variation)
        varied.append(prices_record(price.costs, [price], on=varied_on(variation), software=SOFTWARE))
    return [*varied, json.loads(costing.price.record)]


def _key(payable: Mapping[str, Any]) -> Key:
    return payable["kind"], payable["arm"], payable["id"]


def _signed(payable: Mapping[str, Any]) -> SignedPayable:
    return SignedPayable(price=pence_of(payable["price"]), edition=payable["edition"])
