"""What the API answers about site costings, their prices, contracts and escalations, as JSON values with a schema each."""

import json
from typing import Any

from typing_extensions import TypedDict

from ncvr.domain.escalation import Escalation
from ncvr.domain.people import Standing
from ncvr.domain.site_costing import KeptPrice, SiteCosting
from ncvr.domain.site_numbers import nth_of_site
from ncvr.services.costing import is_stale
from ncvr.services.kept_prices import site_name
from ncvr.services.office import Act
from ncvr.store import studies
from ncvr.store.costings import Variation
from ncvr.store.escalations import EscalationCase
from ncvr.web.records import day_text


class PriceSummary(TypedDict):
    """Which price it is; the figures stand under ``/price``."""

    number: int
    pricing_date: str
    edition: str
    edition_sha256: str
    multiplier: str
    fingerprint: str
    total: str | None


class CostingRecord(TypedDict):
    """``price`` is null for a reviewer, who agrees minutes and not prices. ``variation_to_do``: a newer version is agreed.

    ``number``: the how-manieth costing it is of this site.
    """

    ods_code: str
    site: str
    name: str
    number: int
    version: int
    state: str
    revision: int
    stale: bool
    variation_to_do: bool
    former_code: str | None
    shared_at: str | None
    signed_on: str | None
    template: str | None
    reason_code: str | None
    reason: str
    price: PriceSummary | None


class VariationRecord(TypedDict):
    """A contract varied to a version. ``payables``: kind, arm, id, change, signed and new price, and the edition that made it."""

    number: int
    version: int
    varied_at: str
    payables: list[dict[str, Any]]


class EscalationRecord(TypedDict):
    id: str
    iras_id: str
    ods_code: str
    number: int
    revision: int
    raised_at: str
    escalation: dict[str, Any]
    figures: dict[str, Any]
    decision: dict[str, Any] | None
    decided_at: str | None


def costing_record(act: Act, costing: SiteCosting, by: Standing) -> CostingRecord:
    contracted = costing.state == "contracted"
    return CostingRecord(
        ods_code=costing.site.ods_code,
        site=costing.site.key,
        name=site_name(costing),
        number=nth_of_site(costing.number),
        version=costing.version,
        state=costing.state,
        revision=costing.revision,
        stale=is_stale(act, costing),
        variation_to_do=contracted and studies.latest_version(act.connection, costing.iras_id) > costing.version,
        former_code=costing.former_code,
        shared_at=costing.shared_at,
        signed_on=day_text(costing.signed_on),
        template=costing.template,
        reason_code=costing.reason_code,
        reason=costing.reason,
        price=None if by == "reviewer" else price_summary(costing.price),
    )


def variation_record(variation: Variation) -> VariationRecord:
    return VariationRecord(number=variation.number, version=variation.version, varied_at=variation.varied_at, payables=json.loads(variation.record))


def price_summary(price: KeptPrice) -> PriceSummary:
    return PriceSummary(
        number=price.number,
        pricing_date=price.pricing_date.isoformat(),
        edition=price.edition,
        edition_sha256=price.edition_sha256,
        multiplier=price.multiplier,
        fingerprint=price.fingerprint,
        total=price.total,
    )


def escalation_record(case: EscalationCase, figures: dict[str, Any]) -> EscalationRecord:
    return EscalationRecord(
        id=case.id,
        iras_id=case.iras_id,
        ods_code=case.organisation,
        number=nth_of_site(case.number),
        revision=case.revision,
        raised_at=case.raised_at,
        escalation=_escalation(case.escalation),
        figures=figures,
        decision=None if case.decision is None else case.decision.model_dump(mode="json"),
        decided_at=case.decided_at,
    )


def _escalation(escalation: Escalation) -> dict[str, Any]:
    return escalation.model_dump(mode="json", exclude_defaults=True)
