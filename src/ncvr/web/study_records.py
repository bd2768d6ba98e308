"""What the API answers about studies, their reviews, versions and members, as JSON values with a schema each."""

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from typing_extensions import TypedDict

from ncvr import settings
from ncvr.domain.review import Query, ResourceReview, elapsed_days
from ncvr.domain.study import study_record
from ncvr.domain.study_changes import Totals
from ncvr.money import exact_text
from ncvr.services.office import Act
from ncvr.services.version_differences import VersionDifference
from ncvr.store.studies import AgreedVersion, Grant, StudySummary
from ncvr.store.study_events import RecordedEvent
from ncvr.web.records import day_text

if TYPE_CHECKING:
    from ncvr.services.workbook import Proposal


class SummaryRecord(TypedDict):
    iras_id: str
    owner: str
    lead_site: str | None
    version: int
    state: str
    submitted_on: str | None
    agreed_on: str | None


class ReviewRecord(TypedDict):
    """``study`` is an ncvr-study/1 file. ``elapsed_days`` are calendar days since first submission; ``median_days`` what they are compared with.

    ``started_by_lead_site`` is the lead site that started it for the owner; null where the owner did.
    """

    iras_id: str
    owner: str
    version: int
    state: str
    revision: int
    first_submitted_on: str | None
    submitted_on: str | None
    agreed_on: str | None
    reviewer_agreed: bool
    started_by_lead_site: str | None
    elapsed_days: int | None
    median_days: int
    open_queries: int
    study: dict[str, Any]


class StudyRecord(TypedDict):
    """The study as this person may see it. A site sees its own entry of ``sites`` and the newest agreed version only.

    Who may only comment (``your_standing`` is ``commenting_site``) sees the resource under review and the own entry of ``sites``,
    without pass-through costs and waivers, and gets no ETag.
    """

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
    """``by`` is the side that wrote it, ``organisation`` the code of the writer's organisation."""

    id: str
    version: int
    kind: str
    line: str
    text: str
    by: str
    organisation: str
    at: str
    answer: str | None
    answered_at: str | None
    open: bool


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
    sites_that_may_comment: list[str]
    grants: list[GrantRecord]


def summary_record(summary: StudySummary) -> SummaryRecord:
    return SummaryRecord(
        iras_id=summary.iras_id,
        owner=summary.owner,
        lead_site=summary.lead_site,
        version=summary.version,
        state=summary.state,
        submitted_on=day_text(summary.submitted_on),
        agreed_on=day_text(summary.agreed_on),
    )


def review_record(act: Act, review: ResourceReview, open_queries: int) -> ReviewRecord:
    return ReviewRecord(
        iras_id=review.iras_id,
        owner=review.owner,
        version=review.version,
        state=review.state,
        revision=review.revision,
        first_submitted_on=day_text(review.first_submitted_on),
        submitted_on=day_text(review.submitted_on),
        agreed_on=day_text(review.agreed_on),
        reviewer_agreed=review.reviewer_agreed_by is not None,
        started_by_lead_site=review.started_by_lead_site,
        elapsed_days=elapsed_days(review.first_submitted_on, review.agreed_on, act.today),
        median_days=settings.review_days(),
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
        organisation=query.organisation,
        at=query.at,
        answer=query.answer,
        answered_at=query.answered_at,
        open=query.open,
    )


def event_record(recorded: RecordedEvent) -> EventRecord:
    event = recorded.event
    return EventRecord(id=recorded.id, kind=event.kind, on=event.on.isoformat(), site=event.site, corrects=event.corrects, recorded_at=recorded.recorded_at)


def grant_record(grant: Grant) -> GrantRecord:
    return GrantRecord(organisation=grant.organisation, from_on=grant.from_on.isoformat(), until_on=day_text(grant.until_on))
