"""The resource review, one function for each thing a company or a reviewer does. Each belongs to one open transaction."""

from dataclasses import replace

from ncvr.domain.canonical import sha256_of
from ncvr.domain.ledger import Change
from ncvr.domain.moves import next_state
from ncvr.domain.people import Membership, Standing
from ncvr.domain.permissions import not_found
from ncvr.domain.review import REVIEW_MOVES, Query, QueryKind, ResourceReview, ReviewFacts, ReviewState, check_may_edit
from ncvr.domain.study import Study, schedule_record, study_record
from ncvr.domain.study_changes import study_changes
from ncvr.domain.study_checks import check_class, check_references
from ncvr.domain.tariff import organisation
from ncvr.errors import InputError, MoveNotAllowed, StudyError
from ncvr.services.agreeing import keep_agreed_version
from ncvr.services.office import Act
from ncvr.services.revisions import check_revision, review_object, state_change
from ncvr.services.site_comments import seen_by_site
from ncvr.services.starting import start_of
from ncvr.store import queries, studies


def create_study(act: Act, study: Study, owner: str = "") -> ResourceReview:
    """A new study in draft, owned by the person's company, or by the one for which its lead site starts it.

    Raises StudyError without an IRAS ID, if it is taken, or for an owner that cannot be.
    """
    act.allowed("studies.create")
    iras_id = study.study.iras_id
    if iras_id is None:
        raise StudyError("the IRAS ID is missing", "study, iras_id", "Give it: four to seven digits, not starting with 0")
    start = start_of(act, study, owner)
    if studies.taken(act.connection, iras_id):
        raise StudyError(f"a study with IRAS ID {iras_id} is registered already", "study, iras_id", "Check the number; ask its owner for access if it is yours")
    draft = _as_draft(act, study, version=1, first=None)
    review = ResourceReview(iras_id=iras_id, owner=start.owner, version=1, state="draft", revision=1, study=draft, started_by_lead_site=start.lead_site)
    studies.add(act.connection, review, act.now)
    act.record(Change(operation="study.create", object=review_object(iras_id), revision=1, field="schedule_sha256", new=_schedule(draft)))
    if start.lead_site is not None:
        act.record(Change(operation="study.start_for", object=review_object(iras_id), revision=1, field="owner", new=start.owner))
    return review


def read_review(act: Act, iras_id: str) -> ResourceReview:
    act.standing("review.read", iras_id)
    return _review(act, iras_id, for_update=False)


def edit_schedule(act: Act, iras_id: str, study: Study, expected: int, *, reason: str = "") -> ResourceReview:
    """Replace the schedule being worked on; every line that differs is recorded. What the reviewer had agreed is open again."""
    by = act.standing("review.edit", iras_id)
    review = _review(act, iras_id)
    check_revision(act, review_object(iras_id), review.revision, expected)
    check_may_edit(review.state, by, review.place)
    if study.study.iras_id != iras_id:
        raise StudyError(f"the study file names IRAS ID {study.study.iras_id}", "study, iras_id", f"Keep {iras_id}: it names the study")
    if by == "reviewer" and (study.study, study.lead_site) != (review.study.study, review.study.lead_site):
        raise StudyError("a reviewer changes the schedule, not what the study is", "study", "Send back the study's identity and lead site unchanged")
    if by == "reviewer" and _codes(study) - _codes(review.study):  # a site that is listed may come to see the study: its company says which
        raise StudyError("a reviewer changes the schedule, not who takes part", "sites", "Send back the sites unchanged; the company lists another one")
    edited = _as_draft(act, study, version=review.version, first=review)
    changed = replace(review, study=edited, revision=review.revision + 1, reviewer_agreed_by=None)
    studies.save(act.connection, changed, before=review.revision)
    act.record(*_edit_entries(act, review, changed, reason))
    return changed


def _codes(study: Study) -> set[str]:
    return {site.ods_code for site in study.sites}


def _edit_entries(act: Act, before: ResourceReview, after: ResourceReview, reason: str) -> list[Change]:
    """The hashes of both schedules, and each line that differs. Sites name people, so what changed of them is not repeated here."""
    name, revision = review_object(after.iras_id), after.revision
    old, new = _schedule(before.study), _schedule(after.study)
    hashes = Change(operation="review.edit", object=name, revision=revision, field="schedule_sha256", old=old, new=new, reason=reason)
    lines = study_changes(before.study, after.study.model_copy(update={"sites": before.study.sites}), act.office.tariffs.in_force(act.today))
    return [hashes, *(Change(operation="review.line", object=name, revision=revision, field=line.place, old=line.old, new=line.new) for line in lines)]


def _schedule(study: Study) -> str:
    return sha256_of(schedule_record(study))


def _as_draft(act: Act, study: Study, *, version: int, first: ResourceReview | None) -> Study:
    """The study with what the service decides: version, state, and after the first submission its day and class."""
    refuse_inconsistent(study)
    known = act.office.tariffs.organisations()
    for code in [*([study.lead_site] if study.lead_site else []), *(site.ods_code for site in study.sites)]:
        organisation(known, code)
    identity = study.study.model_copy(update={"first_submitted_on": None})
    if first is not None and first.first_submitted_on is not None:
        frozen = first.study.ncvr_class
        if study.ncvr_class not in (None, frozen):
            raise StudyError(f"the class was frozen at first submission: {frozen}", "study, ncvr_class", "Keep phase, ATMP flag and class as submitted")
        identity = study.study.model_copy(update={"first_submitted_on": first.first_submitted_on, "ncvr_class": frozen})
    return study.model_copy(update={"version": version, "state": "draft", "study": identity})


def refuse_inconsistent(study: Study) -> None:
    """Raises StudyError for a schedule that names an arm, visit or activity it has not, or a class that its phase is not of."""
    wrong = [*check_references(study_record(study)), *check_class(study)]
    if wrong:
        raise StudyError.of(wrong)


def submit(act: Act, iras_id: str, expected: int, *, protocol_version: str) -> ResourceReview:
    """Hand the schedule to the lead site, with the protocol it was costed from; the first time freezes the class."""
    review, state = _move(act, "submit", iras_id, expected, protocol_version=protocol_version)
    first = review.first_submitted_on or act.today
    identity = review.study.study
    frozen = identity.model_copy(update={"first_submitted_on": first, "ncvr_class": review.study.ncvr_class})
    study = review.study.model_copy(update={"study": frozen})
    return _settle(act, "review.submit", review, replace(review, state=state, study=study, first_submitted_on=first, submitted_on=act.today))


def accept(act: Act, iras_id: str, expected: int) -> ResourceReview:
    """The lead site takes the review on."""
    review, state = _move(act, "accept", iras_id, expected)
    return _settle(act, "review.accept", review, replace(review, state=state))


def revert(act: Act, iras_id: str, expected: int, *, reason: str) -> ResourceReview:
    """The lead site sends a submission back as a draft."""
    review, state = _move(act, "revert", iras_id, expected, reason=reason)
    return _settle(act, "review.revert", review, replace(review, state=state), reason)


def hand_back(act: Act, iras_id: str, expected: int) -> ResourceReview:
    """Give the pen to the company, with at least one open query."""
    review, state = _move(act, "query", iras_id, expected)
    return _settle(act, "review.query", review, replace(review, state=state, reviewer_agreed_by=None))


def respond(act: Act, iras_id: str, expected: int) -> ResourceReview:
    """Give the pen back to the reviewer, every query answered."""
    review, state = _move(act, "respond", iras_id, expected)
    return _settle(act, "review.respond", review, replace(review, state=state))


def agree(act: Act, iras_id: str, expected: int) -> ResourceReview:
    """The reviewer agrees; then the company confirms, which makes the version immutable and prices every site."""
    by = act.standing("review.agree", iras_id)
    if by == "reviewer":
        review, state = _move(act, "agree", iras_id, expected)
        return _settle(act, "review.agree", review, replace(review, state=state, reviewer_agreed_by=act.person.actor))
    review, state = _move(act, "confirm", iras_id, expected)
    agreed = replace(review, state=state, agreed_on=act.today, study=review.study.model_copy(update={"state": "agreed"}))
    settled = _settle(act, "review.agree", review, agreed)
    keep_agreed_version(act, settled)
    return settled


def amend(act: Act, iras_id: str, expected: int, *, reason: str) -> ResourceReview:
    """Open a draft of the next version; the agreed one stays."""
    review, state = _move(act, "amend", iras_id, expected, reason=reason)
    return _settle(act, "review.amend", review, next_draft(review, state), reason)


def next_draft(review: ResourceReview, state: ReviewState) -> ResourceReview:
    """The draft of version n+1, which begins as version n was agreed."""
    version = review.version + 1
    study = review.study.model_copy(update={"version": version, "state": "draft"})
    return replace(review, version=version, state=state, study=study, submitted_on=None, agreed_on=None, reviewer_agreed_by=None)


def withdraw(act: Act, iras_id: str, expected: int, *, reason: str) -> ResourceReview:
    """Withdraw the study; or, where a version is agreed already, withdraw the amendment and keep that version."""
    act.standing("review.withdraw", iras_id)
    latest = studies.latest_version(act.connection, iras_id)
    review, state = _move(act, "withdraw_amendment" if latest else "withdraw", iras_id, expected, reason=reason)
    gone = replace(review, state=state, reviewer_agreed_by=None)
    agreed = studies.version(act.connection, iras_id, latest)
    if agreed is not None:
        gone = replace(gone, version=latest, study=agreed.study)
    return _settle(act, "review.withdraw", review, gone, reason)


def add_query(act: Act, iras_id: str, *, kind: QueryKind, line: str, text: str) -> Query:
    """Ask (``query``, the reviewer) or remark (``comment``, either side, and a commenting site) on a line of the schedule it sees."""
    by = act.standing("queries.write", iras_id)
    review = _review(act, iras_id)
    if by == "commenting_site":
        review = seen_by_site(act, review)
    if kind == "query" and (by != "reviewer" or review.state != "in_review"):
        raise MoveNotAllowed("only the reviewer asks queries, while it is in review", review.place, "Write a comment instead")
    if review.state in ("agreed", "withdrawn"):
        raise MoveNotAllowed(f"it is {review.state}, so its lines are not discussed any more", review.place, "Amend it first")
    _check_line(review.study, line)
    writer = act.person
    query = Query(
        id=act.identifier(), version=review.version, kind=kind, line=line, text=text, actor=writer.actor, by=by, at=act.now, organisation=writer.organisation
    )
    queries.add(act.connection, iras_id, query)
    act.record(Change(operation=f"queries.{kind}", object=f"study/{iras_id}/query/{query.id}", field=line, new=text))
    return query


def answer_query(act: Act, iras_id: str, query_id: str, *, text: str) -> Query:
    """Answer a query or comment of the other side, once."""
    by = act.standing("queries.answer", iras_id)
    place = f"study {iras_id}, query {query_id}"
    query = queries.one(act.connection, iras_id, query_id)
    if query is None:
        raise not_found(place)
    if query.by == by:
        raise MoveNotAllowed("it was written by your own side", place, "Wait for the other side to answer")
    if query.answer is not None:
        raise MoveNotAllowed("it has been answered already", place, "Write a comment to add something")
    queries.answer(act.connection, query_id, text=text, by=act.person.actor, at=act.now)
    act.record(Change(operation="queries.answer", object=f"study/{iras_id}/query/{query_id}", field=query.line, new=text))
    answered = queries.one(act.connection, iras_id, query_id)
    assert answered is not None  # it was there a moment ago, in this transaction
    return answered


def _check_line(study: Study, line: str) -> None:
    """A line is an arm, a visit (``A/V1``), or the id of an activity, unscheduled, set-up or pass-through entry; "" is the whole."""
    arms = study.expanded_arms()
    known = {"", *(arm.id for arm in arms), *(f"{arm.id}/{visit.id}" for arm in arms for visit in arm.visits)}
    known |= {activity.id for arm in arms for activity in arm.activities}
    known |= {entry.id for entry in study.unscheduled} | {entry.id for entry in study.setup_and_closedown} | {entry.id for entry in study.pass_through}
    if line not in known:
        raise InputError(f"there is no line {line!r} in this schedule", "line", "Name an activity's id, a visit such as A/V1, an arm, or leave it empty")


def _review(act: Act, iras_id: str, *, for_update: bool = True) -> ResourceReview:
    review = studies.read(act.connection, iras_id, for_update=for_update)
    assert review is not None  # whoever asks has a standing in it
    return review


def _move(act: Act, name: str, iras_id: str, expected: int, **known: str) -> tuple[ResourceReview, ReviewState]:
    """The review as it is, and the state this move leads to; permission, revision and guards are checked in that order."""
    by: Standing = act.standing(review_operation(name), iras_id)
    review = _review(act, iras_id)
    check_revision(act, review_object(iras_id), review.revision, expected)
    facts = review_facts(act, review, **known)
    state: ReviewState = next_state(REVIEW_MOVES, name, review.state, by, facts, review.place)
    return review, state


_OPERATIONS = {"confirm": "review.agree", "withdraw_amendment": "review.withdraw"}


def review_operation(name: str) -> str:
    """The permission a move of the review needs."""
    return _OPERATIONS.get(name, f"review.{name}")


def review_facts(act: Act, review: ResourceReview, *, reason: str = "", protocol_version: str | None = None) -> ReviewFacts:
    """What the guards look at, as it is now."""
    membership: Membership | None = studies.membership(act.connection, review.iras_id, act.today)
    assert membership is not None  # the review has been read
    return ReviewFacts(
        study=review.study,
        membership=membership,
        reason=reason,
        protocol_version=protocol_version,
        open_queries=queries.open_count(act.connection, review.iras_id, review.version),
        reviewer_agreed=review.reviewer_agreed_by is not None,
        first_version=studies.latest_version(act.connection, review.iras_id) == 0,
    )


def _settle(act: Act, operation: str, before: ResourceReview, after: ResourceReview, reason: str = "") -> ResourceReview:
    settled = replace(after, revision=before.revision + 1)
    studies.save(act.connection, settled, before=before.revision)
    act.record(state_change(operation, review_object(before.iras_id), settled.revision, before.state, settled.state, reason))
    return settled
