"""Studies under review, their agreed versions, and who takes part in them."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    exists,
    false,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
    update,
)

from ncvr.domain.canonical import canonical_json
from ncvr.domain.people import Membership, Person
from ncvr.domain.review import ResourceReview, ReviewState
from ncvr.domain.site_comments import commenting_sites
from ncvr.domain.study import Study, study_record
from ncvr.errors import ChangedMeanwhile
from ncvr.store.questions import Question
from ncvr.store.tables import companies, costings, escalations, grants, studies, study_versions


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedVersion:
    """An agreed version, never changed: its study, by whom and when."""

    iras_id: str
    version: int
    study: Study
    schedule_sha256: str
    agreed_at: str
    agreed_by: str
    confirmed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StudySummary:
    iras_id: str
    owner: str
    lead_site: str | None
    version: int
    state: ReviewState
    submitted_on: date | None
    agreed_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    organisation: str
    from_on: date
    until_on: date | None


def add(connection: Connection, review: ResourceReview, at: str) -> None:
    first = {"iras_id": review.iras_id, "owner": review.owner, "created_at": at, "started_by_lead_site": review.started_by_lead_site}
    connection.execute(insert(studies), first | _columns(review))


def taken(connection: Connection, iras_id: str) -> bool:
    return connection.execute(select(studies.c.iras_id).where(studies.c.iras_id == iras_id)).first() is not None


def read(connection: Connection, iras_id: str, *, for_update: bool = False) -> ResourceReview | None:
    """The review as it stands; ``for_update`` keeps others from changing it until the transaction ends."""
    query = select(studies).where(studies.c.iras_id == iras_id)
    row = connection.execute(query.with_for_update() if for_update else query).first()
    return None if row is None else _review(row)


def save(connection: Connection, review: ResourceReview, *, before: int) -> None:
    """Write the review if it still has the revision it was read with. Raises ChangedMeanwhile if somebody was faster."""
    changed = connection.execute(update(studies).where(studies.c.iras_id == review.iras_id, studies.c.revision == before).values(**_columns(review)))
    if changed.rowcount != 1:
        raise ChangedMeanwhile("somebody else changed it first", review.place, "Read it again, and decide on what it says now")


def _columns(review: ResourceReview) -> dict[str, Any]:
    return {
        "lead_site": review.study.lead_site,
        "version": review.version,
        "state": review.state,
        "revision": review.revision,
        "document": _document(review.study),
        "first_submitted_on": _day_text(review.first_submitted_on),
        "submitted_on": _day_text(review.submitted_on),
        "agreed_on": _day_text(review.agreed_on),
        "reviewer_agreed_by": review.reviewer_agreed_by,
        "commenting_sites": "".join(f" {code} " for code in sorted(commenting_sites(review))),
    }


def _review(row: Row[Any]) -> ResourceReview:
    return ResourceReview(
        iras_id=row.iras_id,
        owner=row.owner,
        version=row.version,
        state=row.state,
        revision=row.revision,
        study=Study.model_validate_json(row.document),
        first_submitted_on=_day(row.first_submitted_on),
        submitted_on=_day(row.submitted_on),
        agreed_on=_day(row.agreed_on),
        reviewer_agreed_by=row.reviewer_agreed_by,
        started_by_lead_site=row.started_by_lead_site,
    )


def _document(study: Study) -> str:
    return canonical_json(study_record(study)).decode("utf-8")


def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


def _day_text(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def add_version(connection: Connection, agreed: AgreedVersion) -> None:
    row = {name: getattr(agreed, name) for name in ("iras_id", "version", "schedule_sha256", "agreed_at", "agreed_by", "confirmed_by")}
    connection.execute(insert(study_versions), row | {"document": _document(agreed.study)})


def version(connection: Connection, iras_id: str, number: int) -> AgreedVersion | None:
    row = connection.execute(select(study_versions).where(study_versions.c.iras_id == iras_id, study_versions.c.version == number)).first()
    if row is None:
        return None
    return AgreedVersion(
        iras_id=row.iras_id,
        version=row.version,
        study=_agreed_study(row.document),
        schedule_sha256=row.schedule_sha256,
        agreed_at=row.agreed_at,
        agreed_by=row.agreed_by,
        confirmed_by=row.confirmed_by,
    )


@lru_cache(maxsize=64)
def _agreed_study(document: str) -> Study:
    """The study of an agreed version, read once: neither it nor its text ever changes."""
    return Study.model_validate_json(document)


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionLine:
    """An agreed version in a list, without its schedule."""

    version: int
    agreed_at: str
    agreed_by: str
    confirmed_by: str


def agreed_versions(connection: Connection, iras_id: str) -> list[VersionLine]:
    """Every agreed version, newest first."""
    columns = [study_versions.c[name] for name in ("version", "agreed_at", "agreed_by", "confirmed_by")]
    rows = connection.execute(select(*columns).where(study_versions.c.iras_id == iras_id).order_by(study_versions.c.version.desc()))
    return [VersionLine(**row._mapping) for row in rows]


def latest_version(connection: Connection, iras_id: str) -> int:
    """The number of the newest agreed version; 0 while there is none."""
    number: int = connection.execute(select(func.coalesce(func.max(study_versions.c.version), 0)).where(study_versions.c.iras_id == iras_id)).scalar_one()
    return number


_STUDY: BindParameter[str] = bindparam("iras_id")
_DAY: BindParameter[str] = bindparam("day")
_IN_FORCE = and_(grants.c.from_on <= _DAY, or_(grants.c.until_on.is_(None), grants.c.until_on >= _DAY))
_HERE = studies.c.iras_id == _STUDY


def _part(what: str, who: ColumnElement[Any], more: ColumnElement[Any] | None = None) -> Select[tuple[str, str, str | None]]:
    return select(literal(what, Text).label("what"), who.label("who"), (cast(null(), Text) if more is None else more).label("more"))


# One question, since each takes longer to ask than to answer: everything that is read begins with it.
_WHO_TAKES_PART = Question(
    union_all(
        _part("study", studies.c.owner, studies.c.lead_site).where(_HERE),
        _part("commenting", studies.c.commenting_sites).where(_HERE, studies.c.commenting_sites != ""),
        _part("escalated", studies.c.iras_id).where(_HERE, exists().where(escalations.c.iras_id == studies.c.iras_id)),
        _part("delegate", grants.c.organisation).where(grants.c.iras_id == _STUDY, _IN_FORCE),
        _part("site", costings.c.ods_code).where(costings.c.iras_id == _STUDY, costings.c.shared_at.is_not(None)),
        _part("group", companies.c.code, companies.c.group_code).where(companies.c.group_code.is_not(None)),
    )
)


def membership(connection: Connection, iras_id: str, on: date) -> Membership | None:
    """Who takes part in the study on this day; None if there is no such study."""
    found: dict[str, dict[str, str | None]] = {what: {} for what in ("study", "commenting", "escalated", "delegate", "site", "group")}
    for row in _WHO_TAKES_PART.rows(connection, iras_id=iras_id, day=on.isoformat()):
        found[row.what][row.who] = row.more
    if not found["study"]:
        return None
    ((owner, lead_site),) = found["study"].items()
    return Membership(
        owner=owner,
        lead_site=lead_site,
        delegates=frozenset(found["delegate"]),
        shared_sites=frozenset(found["site"]),
        commenting_sites=frozenset(code for codes in found["commenting"] for code in codes.split()),
        escalated=bool(found["escalated"]),
        groups={code: group for code, group in found["group"].items() if group is not None},
    )


SUMMARY = [studies.c[name] for name in ("iras_id", "owner", "lead_site", "version", "state", "submitted_on", "agreed_on")]


def visible(connection: Connection, person: Person, on: date, *, after: str, limit: int) -> list[StudySummary]:
    """The studies this person may see, by IRAS ID, after the one named: the same rule as ``domain.people.standing``."""
    query = select(*SUMMARY).where(may_see(person, on), studies.c.iras_id > after).order_by(studies.c.iras_id).limit(limit)
    return [StudySummary(**summary_of(row)) for row in connection.execute(query)]


def taken_part_in(connection: Connection, person: Person, on: date) -> list[str]:
    """The IRAS IDs of the studies in which this person takes part, or which they oversee: without those they may only comment on."""
    return list(connection.scalars(select(studies.c.iras_id).where(_takes_part(person, on)).order_by(studies.c.iras_id)))


def summary_of(row: Any) -> dict[str, Any]:
    """The fields of a summary from a row of its columns."""
    facts = {column.name: getattr(row, column.name) for column in SUMMARY}
    return facts | {"submitted_on": _day(row.submitted_on), "agreed_on": _day(row.agreed_on)}


def may_see(person: Person, on: date) -> ColumnElement[bool]:
    """Which studies exist for this person: the rule of ``domain.people.standing`` as SQL."""
    return or_(_takes_part(person, on), may_comment(person)) if person.role == "site_representative" else _takes_part(person, on)


def may_comment(person: Person) -> ColumnElement[bool]:
    """On which studies this person may comment as one of the listed sites, and do nothing else."""
    if person.role != "site_representative":
        return false()
    # Not by LIKE, which takes small letters for capitals on one engine and signs for patterns on both.
    return func.replace(studies.c.commenting_sites, f" {person.organisation} ", "") != studies.c.commenting_sites


def _takes_part(person: Person, on: date) -> ColumnElement[bool]:
    here, day = studies.c.iras_id, on.isoformat()
    if person.role == "company_representative":
        in_force = and_(grants.c.from_on <= day, or_(grants.c.until_on.is_(None), grants.c.until_on >= day))
        return or_(studies.c.owner == person.organisation, exists().where(grants.c.iras_id == here, grants.c.organisation == person.organisation, in_force))
    if person.role == "study_resource_reviewer":
        return studies.c.lead_site == person.organisation
    if person.role == "site_representative":
        return exists().where(costings.c.iras_id == here, costings.c.ods_code == person.organisation, costings.c.shared_at.is_not(None))
    if person.role == "network_coordinator":
        return exists().where(escalations.c.iras_id == here)
    return true()  # national administrator and auditor


def add_grant(connection: Connection, iras_id: str, grant: Grant, *, granted_by: str) -> bool:
    """Let an organisation act for the owner between two days; returns whether it had such a grant before."""
    values = {"from_on": grant.from_on.isoformat(), "until_on": _day_text(grant.until_on), "granted_by": granted_by}
    where = and_(grants.c.iras_id == iras_id, grants.c.organisation == grant.organisation)
    if connection.execute(update(grants).where(where).values(**values)).rowcount:
        return True
    connection.execute(insert(grants), values | {"iras_id": iras_id, "organisation": grant.organisation})
    return False


def all_grants(connection: Connection, iras_id: str) -> list[Grant]:
    rows = connection.execute(select(grants).where(grants.c.iras_id == iras_id).order_by(grants.c.organisation))
    return [Grant(organisation=row.organisation, from_on=date.fromisoformat(row.from_on), until_on=_day(row.until_on)) for row in rows]
