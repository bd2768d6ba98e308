"""What is under way, in a few queries over all studies a person may see: no schedules are read for it."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Text, and_, cast, func, literal, select

from ncvr.domain.people import Person
from ncvr.domain.review import ReviewState
from ncvr.domain.site_costing import UNCONTRACTED, CostingState
from ncvr.store.studies import may_comment, may_see
from ncvr.store.study_lists import facts_of
from ncvr.store.tables import costings, escalations, ledger, prices, queries, studies, study_versions

_LIVE = (*UNCONTRACTED, "refused", "contracted")
# Under names of their own: who may see a study is itself asked of these tables.
_COSTINGS, _ESCALATIONS = costings.alias("at_work"), escalations.alias("open_ones")


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyAtWork:
    """A study as far as it matters for who is next. ``since`` is when it came into this state; ``agreed`` the newest agreed version.

    ``may_comment``: the person's site may comment on it, and nothing else.
    """

    iras_id: str
    title: str
    state: ReviewState
    version: int
    agreed: int
    reviewer_agreed: bool
    first_submitted_on: date | None
    open_queries: int
    since: str
    may_comment: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CostingAtWork:
    """A site costing that is not over; ``edition`` priced it."""

    iras_id: str
    site_key: str
    ods_code: str
    state: CostingState
    version: int
    edition: str
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationAtWork:
    iras_id: str
    id: str
    organisation: str
    raised_at: str


def studies_at_work(connection: Connection, person: Person, on: date) -> list[StudyAtWork]:
    """Every study this person may see that is not withdrawn, oldest state first."""
    title, _ = facts_of(connection, person)
    agreed = select(func.coalesce(func.max(study_versions.c.version), 0)).where(study_versions.c.iras_id == studies.c.iras_id).scalar_subquery()
    asked = and_(queries.c.iras_id == studies.c.iras_id, queries.c.version == studies.c.version, queries.c.kind == "query", queries.c.answer.is_(None))
    waiting = select(func.count()).select_from(queries).where(asked).scalar_subquery()
    review = literal("study/") + studies.c.iras_id + "/review"
    moved = select(func.max(ledger.c.at)).where(ledger.c.object == review, ledger.c.field == "state").scalar_subquery()
    columns = [studies.c[name] for name in ("iras_id", "state", "version", "reviewer_agreed_by", "first_submitted_on")]
    more = [title.label("title"), agreed.label("agreed"), waiting.label("waiting"), func.coalesce(moved, studies.c.created_at).label("since")]
    more.append(may_comment(person).label("may_comment"))
    query = select(*columns, *more).where(may_see(person, on), studies.c.state != "withdrawn").order_by("since")
    return [
        StudyAtWork(
            iras_id=row.iras_id,
            title=row.title,
            state=row.state,
            version=row.version,
            agreed=row.agreed,
            reviewer_agreed=row.reviewer_agreed_by is not None,
            first_submitted_on=None if row.first_submitted_on is None else date.fromisoformat(row.first_submitted_on),
            open_queries=row.waiting,
            since=row.since,
            may_comment=bool(row.may_comment),
        )
        for row in connection.execute(query)
    ]


def costings_at_work(connection: Connection, person: Person, on: date) -> list[CostingAtWork]:
    """Every site costing this person may see that is not over; of a site representative, their own that were shared."""
    entry = literal("study/") + _COSTINGS.c.iras_id + "/costing/" + cast(_COSTINGS.c.number, Text)
    moved = select(func.max(ledger.c.at)).where(ledger.c.object == entry).scalar_subquery()
    columns = [_COSTINGS.c[name] for name in ("iras_id", "site_key", "ods_code", "state", "version")]
    present = and_(prices.c.costing_id == _COSTINGS.c.id, prices.c.number == _COSTINGS.c.price_number)
    query = select(*columns, prices.c.edition, moved.label("since")).join(prices, present).join(studies, studies.c.iras_id == _COSTINGS.c.iras_id)
    query = query.where(may_see(person, on), _COSTINGS.c.state.in_(_LIVE))
    if person.role == "site_representative":
        query = query.where(_COSTINGS.c.ods_code == person.organisation, _COSTINGS.c.shared_at.is_not(None))
    rows = connection.execute(query.order_by(_COSTINGS.c.iras_id, _COSTINGS.c.ods_code, _COSTINGS.c.number))
    return [CostingAtWork(**row._mapping) for row in rows]


def open_escalations(connection: Connection, person: Person, on: date) -> list[EscalationAtWork]:
    """The escalations nobody has decided, oldest first."""
    columns = [_ESCALATIONS.c[name] for name in ("iras_id", "id", "organisation", "raised_at")]
    query = select(*columns).join(studies, studies.c.iras_id == _ESCALATIONS.c.iras_id).where(may_see(person, on), _ESCALATIONS.c.decision.is_(None))
    if person.role == "site_representative":
        query = query.where(_ESCALATIONS.c.organisation == person.organisation)
    return [EscalationAtWork(**row._mapping) for row in connection.execute(query.order_by(_ESCALATIONS.c.raised_at))]
