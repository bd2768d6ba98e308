"""Studies: registering, listing, reading, their agreed versions, members, grants and events."""

from typing import Annotated

from fastapi import Path, Response
from fastapi import Query as Asked

from ncvr.domain.permissions import not_found
from ncvr.domain.study import Study, study_record
from ncvr.domain.study_event import StudyEvent
from ncvr.services import membership, reviewing, site_comments
from ncvr.services.office import Act
from ncvr.services.version_differences import version_difference
from ncvr.store import studies
from ncvr.store.schema import cursor_key_in
from ncvr.web.access import Answer, Door, json_answer
from ncvr.web.bodies import NewGrant
from ncvr.web.cursors import MOST, cursor, place_of
from ncvr.web.records import Page
from ncvr.web.routing import Routes
from ncvr.web.study_records import (
    DifferenceRecord,
    EventRecord,
    GrantRecord,
    MembersRecord,
    ReviewRecord,
    StudyRecord,
    SummaryRecord,
    VersionRecord,
    difference_record,
    event_record,
    grant_record,
    review_record,
    summary_record,
    version_record,
)
from ncvr.web.tables import table_answer

routes = Routes("Studies")
_HIGHEST = 10**6  # no study has that many versions, and no database takes every number
Owner = Annotated[str, Asked(description="The registered code of the company whose study it is; needed from a lead site, and its own from a company")]
EVENT = {"kind": "site_open", "on": "2026-06-10", "site": "RGT"}


@routes.add("POST", "/studies", "studies.create", body=Study, answer=ReviewRecord, status=201, revision=True)
def create_study(visit: Door, owner: Owner = "") -> Response:
    """Register a study.

    The body is an ncvr-study/1 file. The owner is your company; the study begins as a draft of version 1. A study resource
    reviewer starts an early phase or ATMP study that the reviewer's organisation leads, for the company named in ``owner``,
    who has the pen from then on.
    """
    study = visit.body(Study)

    def effect(act: Act) -> Answer:
        review = reviewing.create_study(act, study, owner)
        where = {"Location": f"/api/v1/studies/{review.iras_id}"}
        return json_answer(review_record(act, review, 0), status=201, revision=review.revision, headers=where)

    return visit.change(effect)


@routes.add("GET", "/studies", "studies.list", answer=Page[SummaryRecord])
def list_studies(visit: Door, limit: Annotated[int, Asked(ge=1, le=MOST)] = 50, cursor_: Annotated[str | None, Asked(alias="cursor")] = None) -> Response:
    """The studies you may see, by IRAS ID, a page at a time. ``Accept: text/csv`` gives a table."""
    with visit.look() as act:
        act.allowed("studies.list")
        key = cursor_key_in(act.connection)
        after = place_of(key, act.person, visit.path, cursor_)
        found = studies.visible(act.connection, act.person, act.today, after=after, limit=limit + 1)
        following = cursor(key, act.person, visit.path, found[limit - 1].iras_id) if len(found) > limit else None
        return table_answer(visit, [summary_record(summary) for summary in found[:limit]], following)


@routes.add("GET", "/studies/{iras_id}", "study.read", answer=StudyRecord, revision=True)
def read_study(visit: Door, iras_id: str) -> Response:
    """The study, as you may see it."""
    with visit.look() as act:
        by = act.standing("study.read", iras_id)
        review = studies.read(act.connection, iras_id)
        latest = studies.latest_version(act.connection, iras_id)
        agreed = studies.version(act.connection, iras_id, latest)
        if review is None or (by == "site" and agreed is None):
            raise not_found(f"study {iras_id}")
        if by == "commenting_site":
            review = site_comments.seen_by_site(act, review)
        study, version, state = review.study, review.version, str(review.state)
        if by == "site" and agreed is not None:
            own = [site for site in agreed.study.sites if site.ods_code == act.person.organisation]
            study, version, state = agreed.study.model_copy(update={"sites": own}), agreed.version, "agreed"
        record = StudyRecord(
            iras_id=iras_id, owner=review.owner, version=version, state=state, agreed_versions=latest, your_standing=by, study=study_record(study)
        )
        return json_answer(record, revision=None if by in ("site", "commenting_site") else review.revision).response()


@routes.add("GET", "/studies/{iras_id}/versions/{number}", "study.versions", answer=VersionRecord)
def read_version(visit: Door, iras_id: str, number: Annotated[int, Path(ge=1, le=_HIGHEST)]) -> Response:
    """An agreed version, which never changes."""
    with visit.look() as act:
        act.standing("study.versions", iras_id)
        agreed = studies.version(act.connection, iras_id, number)
        if agreed is None:
            raise not_found(f"study {iras_id}, version {number}")
        return json_answer(version_record(agreed)).response()


@routes.add("GET", "/studies/{iras_id}/diff", "study.diff", answer=DifferenceRecord)
def compare_versions(
    visit: Door, iras_id: str, from_: Annotated[int, Asked(alias="from", ge=0, le=_HIGHEST)], to: Annotated[int, Asked(ge=0, le=_HIGHEST)]
) -> Response:
    """Two versions line by line, in minutes and national pounds at one edition; the newer may still be a draft."""
    with visit.look() as act:
        return json_answer(difference_record(version_difference(act, iras_id, from_, to))).response()


@routes.add("GET", "/studies/{iras_id}/members", "study.members", answer=MembersRecord)
def read_members(visit: Door, iras_id: str) -> Response:
    """Which organisations take part, and the grants given."""
    with visit.look() as act:
        members, grants = membership.members(act, iras_id)
        record = MembersRecord(
            owner=members.owner,
            lead_site=members.lead_site,
            acting_for_the_owner=sorted(members.delegates),
            sites_shared_with=sorted(members.shared_sites),
            sites_that_may_comment=sorted(members.commenting_sites),
            grants=[grant_record(grant) for grant in grants],
        )
        return json_answer(record).response()


@routes.add(
    "POST", "/studies/{iras_id}/grants", "study.grant", body=NewGrant, answer=GrantRecord, status=201, example={"organisation": "CRO", "from_on": "2026-05-01"}
)
def grant(visit: Door, iras_id: str) -> Response:
    """Let a company, such as a CRO, act for you between two days. Writing a grant again replaces its days."""
    body = visit.body(NewGrant)
    return visit.change(lambda act: json_answer(grant_record(membership.grant(act, iras_id, body.organisation, body.from_on, body.until_on)), status=201))


@routes.add("GET", "/studies/{iras_id}/events", "study.events", answer=Page[EventRecord])
def list_events(visit: Door, iras_id: str) -> Response:
    """What happened to the study and when, in the order it was recorded."""
    with visit.look() as act:
        return table_answer(visit, [event_record(recorded) for recorded in membership.events(act, iras_id)], None)


@routes.add("POST", "/studies/{iras_id}/events", "study.record_event", body=StudyEvent, answer=EventRecord, status=201, example=EVENT)
def record_event(visit: Door, iras_id: str) -> Response:
    """Record what happened on a day. A wrong event stays: record the right one, naming it in ``corrects``."""
    body = visit.body(StudyEvent)
    return visit.change(lambda act: json_answer(event_record(membership.record_event(act, iras_id, body)), status=201))
