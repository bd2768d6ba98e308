"""Studies as the pages list them: found by words, each with its short title."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import JSON, ColumnElement, Connection, Text, cast, func, or_, select, type_coerce

from ncvr.domain.people import Person
from ncvr.store.studies import SUMMARY, StudySummary, may_comment, may_see, summary_of
from ncvr.store.tables import studies, study_versions


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedStudy(StudySummary):
    """A row of the list. ``title`` is the short title of the newest agreed version for a site, else of what is worked on.

    ``may_comment``: the person's site may comment on it, and nothing else.
    """

    title: str
    sponsor: str
    may_comment: bool


def found(connection: Connection, person: Person, on: date, *, words: str = "", state: str = "", limit: int) -> list[ListedStudy]:
    """The studies this person may see whose IRAS ID, short title or sponsor has these words, newest first."""
    title, sponsor = facts_of(connection, person)
    query = select(*SUMMARY, title.label("title"), sponsor.label("sponsor"), may_comment(person).label("may_comment")).where(may_see(person, on))
    if words:
        query = query.where(or_(*(part.icontains(words, autoescape=True) for part in (studies.c.iras_id, title, sponsor))))
    if state:
        query = query.where(studies.c.state == state)
    rows = connection.execute(query.order_by(studies.c.created_at.desc(), studies.c.iras_id).limit(limit))
    return [ListedStudy(**summary_of(row), title=row.title, sponsor=row.sponsor, may_comment=bool(row.may_comment)) for row in rows]


def facts_of(connection: Connection, person: Person) -> tuple[ColumnElement[str], ColumnElement[str]]:
    """Short title and sponsor as this person may know them: of a study a site comments on no version is agreed yet."""
    document: ColumnElement[str] = studies.c.document
    if person.role == "site_representative":
        agreed = select(study_versions.c.document).where(study_versions.c.iras_id == studies.c.iras_id).order_by(study_versions.c.version.desc()).limit(1)
        document = func.coalesce(agreed.scalar_subquery(), studies.c.document)
    return _fact(connection, document, "short_title"), _fact(connection, document, "sponsor")


def _fact(connection: Connection, document: ColumnElement[str], name: str) -> ColumnElement[str]:
    """A fact of the study file as text; nothing where a draft has none yet."""
    read = cast(document, JSON) if connection.dialect.name == "postgresql" else type_coerce(document, JSON)
    return func.coalesce(cast(read["study"][name].as_string(), Text), "")
