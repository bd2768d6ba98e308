"""Studies as the pages list them: found by words, each with its short title."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import JSON, ColumnElement, Connection, Text, cast, func, or_, select, type_coerce

from ncvr.domain.people import Person
from ncvr.domain.review import ReviewState
from ncvr.store.studies import may_see
from ncvr.store.tables import studies, study_versions


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedStudy:
    """A row of the list. ``title`` is the short title of the newest agreed version for a site, else of what is worked on."""

    iras_id: str
    title: str
    sponsor: str
    owner: str
    lead_site: str | None
    version: int
    state: ReviewState
    submitted_on: date | None
    agreed_on: date | None


def found(connection: Connection, person: Person, on: date, *, words: str = "", state: str = "", limit: int) -> list[ListedStudy]:
    """The studies this person may see whose IRAS ID, short title or sponsor has these words, newest first."""
    title, sponsor = facts_of(connection, person)
    columns = [studies.c[name] for name in ("iras_id", "owner", "lead_site", "version", "state", "submitted_on", "agreed_on")]
    query = select(*columns, title.label("title"), sponsor.label("sponsor")).where(may_see(person, on))
    if words:
        query = query.where(or_(*(part.icontains(words, autoescape=True) for part in (studies.c.iras_id, title, sponsor))))
    if state:
        query = query.where(studies.c.state == state)
    rows = connection.execute(query.order_by(studies.c.created_at.desc(), studies.c.iras_id).limit(limit))
    return [
        ListedStudy(
            iras_id=row.iras_id,
            title=row.title,
            sponsor=row.sponsor,
            owner=row.owner,
            lead_site=row.lead_site,
            version=row.version,
            state=row.state,
            submitted_on=_day(row.submitted_on),
            agreed_on=_day(row.agreed_on),
        )
        for row in rows
    ]


def facts_of(connection: Connection, person: Person) -> tuple[ColumnElement[str], ColumnElement[str]]:
    """Short title and sponsor as this person may know them."""
    document: ColumnElement[str] = studies.c.document
    if person.role == "site_representative":
        agreed = select(study_versions.c.document).where(study_versions.c.iras_id == studies.c.iras_id).order_by(study_versions.c.version.desc()).limit(1)
        document = agreed.scalar_subquery()
    return _fact(connection, document, "short_title"), _fact(connection, document, "sponsor")


def _fact(connection: Connection, document: ColumnElement[str], name: str) -> ColumnElement[str]:
    """A fact of the study file as text; nothing where a draft has none yet."""
    read = cast(document, JSON) if connection.dialect.name == "postgresql" else type_coerce(document, JSON)
    return func.coalesce(cast(read["study"][name].as_string(), Text), "")


def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)
