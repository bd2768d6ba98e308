"""Reading and publishing adherence from the database: from the roll-up, or by a full count that must say the same."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

from ncvr.domain.adherence_definition import AdherenceDefinitions, Definition
from ncvr.domain.adherence_outcomes import CostingOutcome, outcomes_of
from ncvr.domain.adherence_period import Period, Window
from ncvr.domain.adherence_records import AdherenceRecord, Costing, costings_of
from ncvr.domain.adherence_report import AdherenceReport, report_record
from ncvr.domain.canonical import sha256_of
from ncvr.domain.clocks import ClockReading, Milestone, StudyDays, read_clocks
from ncvr.domain.ledger import Change
from ncvr.domain.review import ResourceReview
from ncvr.errors import Finding, MoveNotAllowed, StoreError, TariffFileError
from ncvr.files.adherence_definitions import read_adherence_definitions
from ncvr.services.adherence_recording import DISPUTE_WITHIN_DAYS, definition_sha256, kept_definitions
from ncvr.services.adherence_reporting import Sources, adherence_report, sources_from_records
from ncvr.services.office import Act
from ncvr.store import adherence, adherence_publications, adherence_rollup, ledger_entries, studies, study_events
from ncvr.store.adherence_publications import Publication
from ncvr.store.connections import Connection
from ncvr.store.study_events import RecordedEvent


def sources(act: Act, as_of: date, *, recount: bool = False, definitions: AdherenceDefinitions | None = None) -> Sources:
    """Where a report of this day of knowledge comes from: the roll-up, or every record for an earlier day or on request."""
    known = definitions or read_adherence_definitions().or_raise(TariffFileError)
    organisations, positions = act.office.tariffs.organisations(), adherence.all_positions(act.connection)
    newest = adherence.newest_recording(act.connection)
    head = ledger_entries.head(act.connection).hash
    if recount or (newest is not None and as_of < newest):
        records = list(adherence.all_records(act.connection))
        return replace(sources_from_records(records, positions, organisations, known, as_of), ledger_head=head)

    def costings(window: Window, definition: Definition) -> Iterable[Costing]:
        if definition.dispute_within_days != DISPUTE_WITHIN_DAYS:
            return costings_of(adherence.all_records(act.connection), as_of, definition.dispute_within_days)
        return adherence.costings_in(act.connection, window)

    @cache
    def is_rolled_up(name: str) -> bool:
        return name in kept_definitions() and adherence_rollup.is_complete(act.connection, name)

    def outcomes(window: Window, definition: Definition) -> Iterable[CostingOutcome]:
        name = definition_sha256(definition)
        if window.first >= definition.scope.from_day and is_rolled_up(name):
            return adherence_rollup.outcomes_in(act.connection, window, name, definition)
        return (outcome for costing in costings(window, definition) for outcome in outcomes_of(costing, definition, window))

    count = adherence.record_count(act.connection)
    return Sources(outcomes=outcomes, costings=costings, positions=positions, organisations=organisations, definitions=known, records=count, ledger_head=head)


def read_report(
    act: Act,
    period: Period,
    as_of: date,
    *,
    definition: str | None = None,
    months: int = 0,
    recount: bool = False,
    definitions: AdherenceDefinitions | None = None,
) -> AdherenceReport:
    """The report of a period. With ``recount`` from every record; raises StoreError if the roll-up says otherwise."""
    act.allowed("adherence.read")
    report = adherence_report(sources(act, as_of, recount=recount, definitions=definitions), period, as_of, definition=definition, months=months)
    if recount:
        rolled_up = adherence_report(sources(act, as_of, definitions=definitions), period, as_of, definition=definition, months=months)
        if report_record(rolled_up) != report_record(report):
            raise StoreError("the roll-up does not say what the records say", "adherence_costings", "Make it anew: ncvr adherence rollup")
    return report


def rebuild_rollup(connection: Connection, as_of: date) -> int:
    """Make the roll-up anew from every record; returns how many costings it holds."""
    counted = costings_of(adherence.all_records(connection), as_of, DISPUTE_WITHIN_DAYS)
    adherence_rollup.keep_all(connection, counted, kept_definitions())
    return len(counted)


def check_rollup(connection: Connection, as_of: date) -> list[Finding]:
    """Every costing of the roll-up that a recount finds otherwise."""
    counted = {costing.key: costing for costing in costings_of(adherence.all_records(connection), as_of, DISPUTE_WITHIN_DAYS)}
    kept = {costing.key: costing for costing in adherence.all_costings(connection)}
    wrong = sorted(key for key in counted.keys() | kept.keys() if counted.get(key) != kept.get(key))
    rows = {row[1] for row in adherence_rollup.all_rows(connection) ^ adherence_rollup.rows_of(counted.values(), kept_definitions())}
    wrong = sorted(rows.union(wrong))
    return [Finding(f"costing {key}", "the roll-up does not say what its records say", "Make it anew: ncvr adherence rollup") for key in wrong]


def list_records(act: Act, *, after: str = "", limit: int) -> list[AdherenceRecord]:
    """Records that this person may list: national roles all of them, a trust its own, a company those of its studies."""
    act.allowed("adherence.records")
    role, organisation = act.person.role, act.person.organisation
    if role in ("national_administrator", "auditor"):
        return adherence.records_page(act.connection, after=after, limit=limit, ods_code=None, iras_ids=None)
    if role == "site_representative":
        return adherence.records_page(act.connection, after=after, limit=limit, ods_code=organisation, iras_ids=None)
    own = studies.taken_part_in(act.connection, act.person, act.today)
    return adherence.records_page(act.connection, after=after, limit=limit, ods_code=None, iras_ids=own)


def publish(act: Act, period: Period) -> Publication:
    """Publish a period as it is known up to yesterday; published again, only if something changed, as the next revision.

    The day of knowledge must be over, so that nothing can be recorded on it afterwards. Raises MoveNotAllowed for a period
    that is not over, and where nothing changed since the last revision.
    """
    act.allowed("adherence.publish")
    as_of = act.today - timedelta(days=1)
    place = f"adherence {period.name}"
    if as_of < period.last:
        raise MoveNotAllowed(f"{period.title} is not over", place, f"Publish it from {period.last + timedelta(days=2)} on")
    ledger_entries.lock(act.connection)
    before = adherence_publications.newest(act.connection, period.name)
    record = report_record(read_report(act, period, as_of, months=12))
    if before is not None and before.record["indicators"] == record["indicators"]:
        raise MoveNotAllowed(f"nothing changed since revision {before.revision}", place, "Publish it again when a late record or a correction came in")
    made = Publication(period=period.name, revision=before.revision + 1 if before else 1, as_of=as_of.isoformat(), published_at=act.now, record=record)
    act.record(Change(operation="adherence.publish", object=place, revision=made.revision, field="report", new=sha256_of(record)))
    adherence_publications.add(act.connection, made, ledger_entries.head(act.connection).number)
    return made


def list_publications(act: Act) -> list[Publication]:
    act.allowed("adherence.read")
    return adherence_publications.every(act.connection)


def clocks(act: Act, as_of: date) -> list[ClockReading]:
    """Elapsed days between the recorded events of every study in which this person takes part, or which they oversee."""
    act.allowed("adherence.read")
    known = read_adherence_definitions().or_raise(TariffFileError).clocks
    taken_part_in = studies.taken_part_in(act.connection, act.person, act.today)
    return read_clocks(known, [_study_days(act, iras_id) for iras_id in taken_part_in], as_of)


def study_clocks(review: ResourceReview, recorded: Sequence[RecordedEvent], first_agreed: date | None, today: date) -> list[ClockReading]:
    """The clocks of one study, as they stand today, from what its page has read already."""
    known = read_adherence_definitions().or_raise(TariffFileError).clocks
    return read_clocks(known, [_days_of(review, recorded, first_agreed)], today)


def _study_days(act: Act, iras_id: str) -> StudyDays:
    review = studies.read(act.connection, iras_id)
    assert review is not None  # it was listed a moment ago
    lines = studies.agreed_versions(act.connection, iras_id)
    first_agreed = date.fromisoformat(lines[-1].agreed_at[:10]) if lines else None
    return _days_of(review, study_events.of_study(act.connection, iras_id), first_agreed)


def _days_of(review: ResourceReview, recorded: Sequence[RecordedEvent], first_agreed: date | None) -> StudyDays:
    days: dict[Milestone, date] = {}
    corrected = {each.event.corrects for each in recorded}
    for each in recorded:
        if each.id not in corrected:
            for milestone in ("regulatory_application", "regulatory_approval", "site_open", "first_participant"):
                if each.event.kind == milestone:
                    days[milestone] = min(each.event.on, days.get(milestone, each.event.on))
    if review.first_submitted_on is not None:
        days["costing_submitted"] = review.first_submitted_on
    if first_agreed is not None:
        days["costing_agreed"] = first_agreed
    return StudyDays(iras_id=review.iras_id, cohort=f"{review.study.ncvr_class or 'unknown'} phase", days=days)
