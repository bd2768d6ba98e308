"""Adherence: what people report, what trusts declare, the indicator, its chart and clocks, and what was published."""

from typing import Annotated, Any

from fastapi import Query, Response
from pydantic import Field
from typing_extensions import TypedDict

from ncvr.domain.adherence_period import Period, read_period
from ncvr.domain.adherence_recording import ReportedRecord
from ncvr.domain.adherence_records import Position, PositionWord
from ncvr.domain.adherence_report import AdherenceReport, report_record
from ncvr.domain.clocks import clock_record
from ncvr.domain.study import Day, Name, OdsCode, Record
from ncvr.errors import InputError
from ncvr.files.adherence_chart import chart_of, chart_svg
from ncvr.files.adherence_csv import report_csv
from ncvr.services import adherence
from ncvr.services.adherence_recording import record_positions, record_reported
from ncvr.services.office import Act
from ncvr.store.adherence_publications import Publication
from ncvr.store.schema import cursor_key
from ncvr.web.access import Answer, Door, json_answer
from ncvr.web.cursors import MOST, cursor, place_of
from ncvr.web.records import Page
from ncvr.web.routing import Routes
from ncvr.web.tables import table_answer

routes = Routes("Adherence")
Month = Annotated[str | None, Query(description="such as 2026-06")]
Quarter = Annotated[str | None, Query(description="such as 2026-Q2, instead of a month")]
_NATIONAL = ("national_administrator", "auditor")


class DeclaredPosition(Record):
    """What a trust says it does, from a day on. ``variation_open``: it asked for a variation that is not closed."""

    ods_code: OdsCode
    position: PositionWord
    variation_open: bool = False
    declared_on: Day
    source: Name


class DeclaredPositions(Record):
    positions: Annotated[list[DeclaredPosition], Field(min_length=1, max_length=1000)]


class Publish(Record):
    """The month or quarter to publish."""

    period: Name


class PublicationRecord(TypedDict):
    """``report`` is the ncvr-adherence/1 report as it was published."""

    period: str
    revision: int
    as_of: str
    published_at: str
    report: dict[str, Any]


_REPORTED = {"kind": "local_choice", "on": "2026-05-04", "iras_id": "1004567", "ods_code": "RA9"}
_DECLARED = {"ods_code": "RA9", "position": "accepts_in_full", "declared_on": "2026-05-01", "source": "Letter of the director of research"}


@routes.add("POST", "/adherence/records", "adherence.record", body=ReportedRecord, example=_REPORTED, answer=dict[str, Any], status=201)
def report_adherence(visit: Door) -> Response:
    """Report what happened to a shared costing, correct a record, dispute one, or decide a dispute."""
    body = visit.body(ReportedRecord)
    return visit.change(lambda act: json_answer(record_reported(act, body).model_dump(mode="json", exclude_defaults=True), status=201))


@routes.add("GET", "/adherence/records", "adherence.records", answer=Page[dict[str, Any]])
def list_adherence_records(
    visit: Door, after: Annotated[str | None, Query(alias="cursor")] = None, limit: Annotated[int, Query(ge=1, le=MOST)] = 50
) -> Response:
    """The records you may list, in order of recording: a trust its own, a company those of its studies."""
    key = cursor_key(visit.office.store)
    start = place_of(key, visit.person, visit.path, after)
    with visit.look() as act:
        found = adherence.list_records(act, after=start, limit=limit)
        following = cursor(key, visit.person, visit.path, found[-1].id) if len(found) == limit else None
        return table_answer(visit, [record.model_dump(mode="json", exclude_defaults=True) for record in found], following)


@routes.add(
    "POST",
    "/adherence/positions",
    "adherence.positions",
    body=DeclaredPositions,
    example={"positions": [_DECLARED]},
    answer=Page[dict[str, Any]],
    status=201,
)
def declare_positions(visit: Door) -> Response:
    """Record what trusts declare; a site representative declares for their own trust."""
    body = visit.body(DeclaredPositions)
    return visit.change(lambda act: _declared(act, body))


def _declared(act: Act, body: DeclaredPositions) -> Answer:
    declared = [
        Position(
            id="new",
            ods_code=each.ods_code,
            position=each.position,
            price_variation=each.variation_open,
            declared_on=each.declared_on,
            recorded_on=max(each.declared_on, act.today),
            source=each.source,
        )
        for each in body.positions
    ]
    kept = record_positions(act, declared)
    return json_answer({"items": [position.model_dump(mode="json", exclude_defaults=True) for position in kept], "next": None}, status=201)


def _period(month: str | None, quarter: str | None) -> Period:
    asked = [word for word in (month, quarter) if word is not None]
    if len(asked) != 1:
        raise InputError("no period is asked for, or two", "month", "Give month=2026-06 or quarter=2026-Q2")
    return read_period(asked[0])


@routes.add("GET", "/adherence/indicator", "adherence.read", answer=dict[str, Any])
def read_indicator(
    visit: Door, month: Month = None, quarter: Quarter = None, definition: str | None = None, as_of: Day | None = None, months: int = 0
) -> Response:
    """The indicator of a month or quarter (ncvr-adherence/1), from what was recorded by a day; national roles see why."""
    period = _period(month, quarter)
    with visit.look() as act:
        report = adherence.read_report(act, period, as_of or act.today, definition=definition, months=min(max(months, 0), 120))
        return json_answer(_record(act, report)).response()


def _record(act: Act, report: AdherenceReport) -> dict[str, Any]:
    """What stands behind the figures, and who should do what next, is for the national roles.

    So is how many records there are by now: it moves with every act of everybody, as the head of the ledger does.
    """
    national = act.person.role in _NATIONAL
    record = report_record(report, follow_up=national)
    if not national:
        for name in ("refusal_reasons", "records", "ledger_head"):
            record.pop(name)
        for found in record["indicators"]:
            for name in ("explained", "by_sponsor"):
                found.pop(name, None)
            found["excluded"] = [{"ods_code": entry["ods_code"], "reason": entry["reason"]} for entry in found["excluded"]]
    return record


@routes.add("GET", "/adherence/indicator.csv", "adherence.explain", media_type="text/csv")
def read_indicator_csv(visit: Door, month: Month = None, quarter: Quarter = None, definition: str | None = None, as_of: Day | None = None) -> Response:
    """The same as CSV: what it is and where it comes from first, then each organisation with the record that decided."""
    period = _period(month, quarter)
    with visit.look() as act:
        act.allowed("adherence.explain")
        report = adherence.read_report(act, period, as_of or act.today, definition=definition)
        return Answer(body=report_csv(report).encode("utf-8"), media_type="text/csv; charset=utf-8").response()


@routes.add("GET", "/adherence/chart.svg", "adherence.read", media_type="image/svg+xml")
def read_chart(visit: Door, definition: str, month: Month = None, quarter: Quarter = None, as_of: Day | None = None, months: int = 12) -> Response:
    """The chart of one measure, with its target and the table of its months."""
    period = _period(month, quarter)
    with visit.look() as act:
        report = adherence.read_report(act, period, as_of or act.today, definition=definition, months=min(max(months, 1), 120))
        return Answer(body=chart_svg(chart_of(report, report.indicators[0])).encode("utf-8"), media_type="image/svg+xml").response()


@routes.add("GET", "/adherence/clocks", "adherence.read", answer=Page[dict[str, Any]])
def read_clocks(visit: Door, as_of: Day | None = None) -> Response:
    """Elapsed days between the recorded events of the studies you take part in or oversee: medians, means, counts, and what still runs."""
    with visit.look() as act:
        items = [clock_record(reading) for reading in adherence.clocks(act, as_of or act.today)]
        return json_answer({"items": items, "next": None}).response()


@routes.add("GET", "/adherence/publications", "adherence.read", answer=Page[PublicationRecord])
def list_publications(visit: Door) -> Response:
    """Everything that was published, oldest first, each as it was printed."""
    with visit.look() as act:
        return json_answer({"items": [_publication(each) for each in adherence.list_publications(act)], "next": None}).response()


@routes.add("POST", "/adherence/publications", "adherence.publish", body=Publish, example={"period": "2026-04"}, answer=PublicationRecord, status=201)
def publish(visit: Door) -> Response:
    """Publish a period as it was known yesterday; again, with the next revision number, when something changed since."""
    body = visit.body(Publish)
    return visit.change(lambda act: json_answer(_publication(adherence.publish(act, read_period(body.period))), status=201))


def _publication(made: Publication) -> PublicationRecord:
    return PublicationRecord(period=made.period, revision=made.revision, as_of=made.as_of, published_at=made.published_at, report=made.record)
