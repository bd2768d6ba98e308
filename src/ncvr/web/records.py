"""What the API answers, as JSON values with a schema each."""

import json
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from typing_extensions import TypedDict

from ncvr.domain.escalation import Escalation
from ncvr.domain.ledger import Head
from ncvr.domain.people import Standing
from ncvr.domain.review import MEDIAN_DAYS, Query, ResourceReview, elapsed_days
from ncvr.domain.site_costing import KeptPrice, SiteCosting
from ncvr.domain.study import study_record
from ncvr.domain.study_changes import Totals
from ncvr.domain.tariff import Organisation, TariffEdition
from ncvr.money import exact_text
from ncvr.services.costing import is_stale, site_name
from ncvr.services.office import Act
from ncvr.services.record_keeping import LedgerChecked
from ncvr.services.version_differences import VersionDifference
from ncvr.store import studies
from ncvr.store.costings import Variation
from ncvr.store.escalations import EscalationCase
from ncvr.store.people import Company
from ncvr.store.studies import AgreedVersion, Grant, StudySummary
from ncvr.store.study_events import RecordedEvent

if TYPE_CHECKING:
    from ncvr.services.workbook import Proposal

Item = TypeVar("Item")


class Page(TypedDict, Generic[Item]):
    """``next`` is the cursor of the next page, or null on the last."""

    items: list[Item]
    next: str | None


class SummaryRecord(TypedDict):
    iras_id: str
    owner: str
    lead_site: str | None
    version: int
    state: str
    submitted_on: str | None
    agreed_on: str | None


class ReviewRecord(TypedDict):
    """``study`` is an ncvr-study/1 file. ``elapsed_days`` are calendar days since first submission; ``median_days`` what is usual."""

    iras_id: str
    owner: str
    version: int
    state: str
    revision: int
    first_submitted_on: str | None
    submitted_on: str | None
    agreed_on: str | None
    reviewer_agreed: bool
    elapsed_days: int | None
    median_days: int
    open_queries: int
    study: dict[str, Any]


class StudyRecord(TypedDict):
    """The study as this person may see it. A site sees its own entry of ``sites`` and the newest agreed version only."""

    iras_id: str
    owner: str
    version: int
    state: str
    agreed_versions: int
    your_standing: str
    study: dict[str, Any]


class VersionRecord(TypedDict):
    iras_id: str
    version: int
    schedule_sha256: str
    agreed_at: str
    study: dict[str, Any]


class ChangeRecord(TypedDict):
    """``effect`` is in exact national pounds, every payable once; null where one side cannot be priced."""

    what: str
    place: str
    old: str | None
    new: str | None
    effect: str | None


class TotalsRecord(TypedDict):
    minutes: str
    counts: int
    national: str | None


class DifferenceRecord(TypedDict):
    """``changes`` follow the study file; their effects add up to the difference of ``national``."""

    edition: str
    old: TotalsRecord
    new: TotalsRecord
    changes: list[ChangeRecord]


class ProposedChangeRecord(ChangeRecord):
    """``cell`` is where it was typed."""

    cell: str


class ProposalRecord(TypedDict):
    """What a workbook would change, priced on the day it was exported for; ``applied`` says whether it has."""

    applied: bool
    edition: str
    pricing_date: str
    old: TotalsRecord
    new: TotalsRecord
    changes: list[ProposedChangeRecord]
    notices: list[dict[str, str]]


class QueryRecord(TypedDict):
    id: str
    version: int
    kind: str
    line: str
    text: str
    by: str
    at: str
    answer: str | None
    answered_at: str | None
    open: bool


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
    """``price`` is null for a reviewer, who agrees minutes and not prices. ``variation_to_do``: a newer version is agreed."""

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


class EventRecord(TypedDict):
    id: str
    kind: str
    on: str
    site: str | None
    corrects: str | None
    recorded_at: str


class GrantRecord(TypedDict):
    organisation: str
    from_on: str
    until_on: str | None


class MembersRecord(TypedDict):
    owner: str
    lead_site: str | None
    acting_for_the_owner: list[str]
    sites_shared_with: list[str]
    grants: list[GrantRecord]


class EditionRecord(TypedDict):
    edition: str
    title: str
    status: str
    published_on: str
    in_force_from: str
    in_force_until: str | None
    in_force_today: bool
    lock: str
    sha256: str


class OrganisationRecord(TypedDict):
    ods_code: str
    name: str
    nation: str
    type: str
    status: str
    close_date: str | None
    successor: str


class CompanyRecord(TypedDict):
    code: str
    name: str
    group: str | None


class HeadRecord(TypedDict):
    """The newest entry of the ledger: print it, and nobody can cut the tail unseen."""

    number: int
    hash: str
    at: str


class LedgerRecord(TypedDict):
    says: str
    head: HeadRecord
    anchors: int
    findings: list[dict[str, str]]


class RepricedRecord(TypedDict):
    """Sites re-priced, and sites that wait to be reassigned or for a multiplier."""

    edition: str
    repriced: list[dict[str, str]]
    left: list[dict[str, str]]


def summary_record(summary: StudySummary) -> SummaryRecord:
    return SummaryRecord(
        iras_id=summary.iras_id,
        owner=summary.owner,
        lead_site=summary.lead_site,
        version=summary.version,
        state=summary.state,
        submitted_on=_day(summary.submitted_on),
        agreed_on=_day(summary.agreed_on),
    )


def _day(day: Any) -> str | None:
    return None if day is None else day.isoformat()


def review_record(act: Act, review: ResourceReview, open_queries: int) -> ReviewRecord:
    return ReviewRecord(
        iras_id=review.iras_id,
        owner=review.owner,
        version=review.version,
        state=review.state,
        revision=review.revision,
        first_submitted_on=_day(review.first_submitted_on),
        submitted_on=_day(review.submitted_on),
        agreed_on=_day(review.agreed_on),
        reviewer_agreed=review.reviewer_agreed_by is not None,
        elapsed_days=elapsed_days(review.first_submitted_on, review.agreed_on, act.today),
        median_days=MEDIAN_DAYS,
        open_queries=open_queries,
        study=study_record(review.study),
    )


def version_record(agreed: AgreedVersion) -> VersionRecord:
    return VersionRecord(
        iras_id=agreed.iras_id,
        version=agreed.version,
        schedule_sha256=agreed.schedule_sha256,
        agreed_at=agreed.agreed_at,
        study=study_record(agreed.study),
    )


def difference_record(difference: VersionDifference) -> DifferenceRecord:
    changes = [
        ChangeRecord(what=change.what, place=change.place, old=change.old, new=change.new, effect=_exact(change.effect)) for change in difference.changes
    ]
    return DifferenceRecord(edition=difference.edition.edition, old=_totals(difference.old), new=_totals(difference.new), changes=changes)


def proposal_record(proposal: "Proposal", *, applied: bool) -> ProposalRecord:
    changes = [
        ProposedChangeRecord(
            what=named.change.what,
            place=named.change.place,
            old=named.change.old,
            new=named.change.new,
            effect=_exact(named.change.effect),
            cell=named.cell,
        )
        for named in proposal.changes
    ]
    return ProposalRecord(
        applied=applied,
        edition=proposal.edition.edition,
        pricing_date=proposal.on.isoformat(),
        old=_totals(proposal.before),
        new=_totals(proposal.after),
        changes=changes,
        notices=[{"place": found.place, "problem": found.problem, "remedy": found.remedy} for found in proposal.notices],
    )


def _totals(totals: Totals) -> TotalsRecord:
    return TotalsRecord(minutes=exact_text(totals.minutes), counts=totals.counts, national=_exact(totals.national))


def _exact(amount: Fraction | None) -> str | None:
    return None if amount is None else exact_text(amount)


def query_record(query: Query) -> QueryRecord:
    return QueryRecord(
        id=query.id,
        version=query.version,
        kind=query.kind,
        line=query.line,
        text=query.text,
        by=query.by,
        at=query.at,
        answer=query.answer,
        answered_at=query.answered_at,
        open=query.open,
    )


def costing_record(act: Act, costing: SiteCosting, by: Standing) -> CostingRecord:
    contracted = costing.state == "contracted"
    return CostingRecord(
        ods_code=costing.site.ods_code,
        site=costing.site.key,
        name=site_name(costing),
        number=costing.number,
        version=costing.version,
        state=costing.state,
        revision=costing.revision,
        stale=is_stale(act, costing),
        variation_to_do=contracted and studies.latest_version(act.connection, costing.iras_id) > costing.version,
        former_code=costing.former_code,
        shared_at=costing.shared_at,
        signed_on=_day(costing.signed_on),
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
        number=case.number,
        revision=case.revision,
        raised_at=case.raised_at,
        escalation=_escalation(case.escalation),
        figures=figures,
        decision=None if case.decision is None else case.decision.model_dump(mode="json"),
        decided_at=case.decided_at,
    )


def _escalation(escalation: Escalation) -> dict[str, Any]:
    return escalation.model_dump(mode="json", exclude_defaults=True)


def event_record(recorded: RecordedEvent) -> EventRecord:
    event = recorded.event
    return EventRecord(id=recorded.id, kind=event.kind, on=event.on.isoformat(), site=event.site, corrects=event.corrects, recorded_at=recorded.recorded_at)


def grant_record(grant: Grant) -> GrantRecord:
    return GrantRecord(organisation=grant.organisation, from_on=grant.from_on.isoformat(), until_on=_day(grant.until_on))


def edition_record(edition: TariffEdition, until: Any, in_force: bool) -> EditionRecord:
    return EditionRecord(
        edition=edition.edition,
        title=edition.title,
        status=edition.status,
        published_on=edition.published_on.isoformat(),
        in_force_from=edition.in_force_from.isoformat(),
        in_force_until=_day(until),
        in_force_today=in_force,
        lock=edition.lock,
        sha256=edition.sha256,
    )


def organisation_record(listed: Organisation) -> OrganisationRecord:
    return OrganisationRecord(
        ods_code=listed.ods_code,
        name=listed.name,
        nation=listed.nation,
        type=listed.type,
        status=listed.status,
        close_date=_day(listed.close_date),
        successor=listed.successor,
    )


def company_record(company: Company) -> CompanyRecord:
    return CompanyRecord(code=company.code, name=company.name, group=company.group)


def head_record(head: Head) -> HeadRecord:
    return HeadRecord(number=head.number, hash=head.hash, at=head.at)


def ledger_record(checked: LedgerChecked) -> LedgerRecord:
    findings = [{"place": found.place, "problem": found.problem, "remedy": found.remedy} for found in checked.findings]
    return LedgerRecord(says=checked.says, head=head_record(checked.head), anchors=checked.anchors, findings=findings)
