"""Adherence: one figure in words for each measure, its chart and months, and, for the national roles, who stands behind it."""

from collections.abc import Iterator, Sequence
from datetime import date
from urllib.parse import urlencode

from fastapi import Response

from ncvr.domain.adherence import AdherenceIndicator
from ncvr.domain.adherence_breakdowns import Share, by_region, by_type
from ncvr.domain.adherence_period import Period, month_of, months_up_to, read_period
from ncvr.domain.adherence_report import AdherenceReport, follow_up_list
from ncvr.domain.adherence_standing import TrustStanding
from ncvr.domain.clocks import ClockReading, clock_record
from ncvr.errors import Finding, InputError
from ncvr.files.adherence_chart import chart_of
from ncvr.services import adherence
from ncvr.store.adherence import newest_recording
from ncvr.web.pages.page import Seen
from ncvr.web.pages.table import Cell, Column, Row, Table
from ncvr.web.pages.templates import long_day
from ncvr.web.routing import Routes

routes = Routes("Pages")
MONTHS = (6, 12, 24)  # how far back to look; the first unless one is chosen
_NATIONAL = ("national_administrator", "auditor")
_PLACES = {"accepted": "Accepted", "not_accepted": "Not accepted", "excluded": "Not counted"}
_MONTH_COLUMNS = (
    Column("month", "Month"),
    *(Column("accepted", "Trusts that accepted", numeric=True), Column("counted", "Trusts counted", numeric=True), Column("share", "Share", numeric=True)),
)
_SHARE_COLUMNS = (Column("name", "Group"), *_MONTH_COLUMNS[1:])


@routes.add("GET", "/adherence", "adherence.read", media_type="text/html")
def adherence_page(page: Seen) -> Response:
    """The indicators of a month or quarter: declared and observed apart, never one chart."""
    with page.look() as act:
        act.allowed("adherence.read")
        newest = newest_recording(act.connection) or act.today
        period, problem = _period(page.asked("period"), newest)
        as_of = act.today
        months = next((months for months in MONTHS if page.asked("months") == str(months)), MONTHS[0])
        report = adherence.read_report(act, period, as_of, months=months)
        published = [each for each in adherence.list_publications(act) if each.period == period.name]
    tables = [table for found in report.indicators for table in _tables(report, found)]
    if page.person.role in _NATIONAL:
        tables.append(_refusals(report))
    choices = list(reversed(months_up_to(max(as_of, newest), 24)))
    charts = {found.definition.id: chart_of(report, found) for found in report.indicators}
    return page.show(
        "adherence.html",
        tables=tables,
        problems=[problem] if problem else [],
        report=report,
        charts=charts,
        choices=choices,
        months=months,
        spans=MONTHS,
        published=published,
        national=page.person.role in _NATIONAL,
        chart_address=lambda found: (
            "/api/v1/adherence/chart.svg?" + urlencode({"definition": found.definition.id, _asked_as(period): period.name, "months": months})
        ),
    )


def _asked_as(period: Period) -> str:
    return "quarter" if "Q" in period.name else "month"


def _period(asked: str, newest: date) -> tuple[Period, Finding | None]:
    """The period of the address; the month of the newest record where none is named, or what is named is none."""
    if not asked:
        return month_of(newest), None
    try:
        return read_period(asked), None
    except InputError as error:
        return month_of(newest), error.findings[0]


def _tables(report: AdherenceReport, found: AdherenceIndicator) -> Iterator[Table]:
    name = found.definition.id
    series = report.series.get(name, ())
    rows: list[Row] = [
        {"month": Cell(month.month.title, order=month.month.name), **_share_cells(month.numerator, month.denominator, month.display)} for month in series
    ]
    yield Table(name=f"{name}-months", caption="Month by month", columns=_MONTH_COLUMNS, rows=rows, empty="There is no month with records yet.")
    yield _shares(f"{name}-regions", "By region", by_region(found, report.organisations))
    yield _shares(f"{name}-types", "By type of trust", by_type(found, report.organisations))


def _shares(name: str, caption: str, shares: Sequence[Share]) -> Table:
    rows: list[Row] = [{"name": share.name, **_share_cells(share.numerator, share.denominator, share.display)} for share in shares]
    return Table(name=name, caption=caption, columns=_SHARE_COLUMNS, rows=rows, empty="No trust is counted.")


def _share_cells(numerator: int, denominator: int, display: str) -> dict[str, Cell]:
    """A group without data says so; it is neither 0% nor 100%."""
    return {
        "accepted": Cell(str(numerator), order=numerator),
        "counted": Cell(str(denominator), order=denominator),
        "share": Cell(display.capitalize(), order=numerator * 10_000 // denominator if denominator else -1),
    }


def _refusals(report: AdherenceReport) -> Table:
    rows: list[Row] = [
        {"month": Cell(read_period(month).title, order=month), "reason": reason.replace("_", " ").capitalize(), "count": Cell(str(count), order=count)}
        for month, reasons in report.refusals.items()
        for reason, count in reasons.items()
    ]
    columns = (Column("month", "Month"), Column("reason", "Reason"), Column("count", "Refusals", numeric=True))
    return Table(name="refusals", caption="Reasons for refusal, by month", columns=columns, rows=rows, empty="Nobody refused a price in this period.")


@routes.add("GET", "/adherence/lists", "adherence.explain", media_type="text/html")
def lists_page(page: Seen) -> Response:
    """Who stands behind a figure: every trust in exactly one list, with the record that put it there."""
    with page.look() as act:
        act.allowed("adherence.explain")
        period, problem = _period(page.asked("period"), newest_recording(act.connection) or act.today)
        report = adherence.read_report(act, period, act.today, definition=page.asked("definition") or "observed-1")
    found = report.indicators[0]
    tables = [_follow_up(found), *(_standings(found, place) for place in ("accepted", "not_accepted", "excluded"))]
    return page.show("adherence_lists.html", tables=tables, problems=[problem] if problem else [], report=report, found=found)


_STANDING_COLUMNS = (
    *(Column("name", "Trust"), Column("code", "Code"), Column("reason", "Why"), Column("since", "Since"), Column("days", "Days", numeric=True)),
    Column("record", "Record that decides"),
)


def _standings(found: AdherenceIndicator, place: str) -> Table:
    rows = [_standing_row(found, standing) for standing in found.standings if standing.place == place]
    caption = f"{_PLACES[place]}: {len(rows)}"
    return Table(name=place.replace("_", "-"), caption=caption, columns=_STANDING_COLUMNS, rows=rows, empty="No trust.")


def _standing_row(found: AdherenceIndicator, standing: TrustStanding) -> Row:
    return {
        "name": Cell(standing.name, href=f"/organisations/{standing.ods_code}"),
        "code": standing.ods_code,
        "reason": standing.reason.replace("_", " ").capitalize(),
        "since": Cell(long_day(standing.since), order=standing.since.isoformat() if standing.since else "9"),
        "days": Cell(str(found.age(standing.since)), order=found.age(standing.since)) if standing.since else "",
        "record": standing.decided_by,
    }


def _follow_up(found: AdherenceIndicator) -> Table:
    columns = (Column("name", "Trust"), Column("reason", "Why"), Column("days", "Days", numeric=True), Column("next", "Next step", sortable=False))
    rows: list[Row] = [
        {
            "name": Cell(each["name"], href=f"/organisations/{each['ods_code']}"),
            "reason": each["reason"].replace("_", " ").capitalize(),
            "days": Cell(str(each["age_days"]), order=each["age_days"]) if each["age_days"] is not None else "",
            "next": each["next_step"],
        }
        for each in follow_up_list(found)
    ]
    return Table(
        name="follow-up",
        caption="To follow up, the longest first",
        columns=columns,
        rows=rows,
        empty="Every counted trust accepts. Nobody is to be followed up.",
    )


@routes.add("GET", "/adherence/clocks", "adherence.read", media_type="text/html")
def clocks_page(page: Seen) -> Response:
    """Elapsed days between the events of the studies this person may see."""
    with page.look() as act:
        readings = adherence.clocks(act, act.today)
        as_of = act.today
    columns = (
        *(
            Column("title", "Clock"),
            Column("cohort", "Cohort"),
            Column("median", "Median days", numeric=True),
            Column("mean", "Mean days of the finished", numeric=True),
        ),
        *(Column("finished", "Finished", numeric=True), Column("running", "Still running", numeric=True), Column("target", "Target", numeric=True)),
        Column("within", "Within target", numeric=True),
    )
    table = Table(
        name="clocks",
        caption="Clocks",
        columns=columns,
        rows=[_clock_row(reading) for reading in readings],
        empty="No clock has started yet: record events such as the regulatory application on a study's page.",
    )
    return page.show("clocks.html", tables=[table, _running(readings)], as_of=as_of)


def _clock_row(reading: ClockReading) -> Row:
    record = clock_record(reading)
    return {
        "title": reading.clock.title,
        "cohort": reading.cohort.capitalize(),
        "median": Cell(str(reading.median), order=reading.median) if reading.median is not None else "Not known yet",
        "mean": str(record["mean_days_of_finished"] or "No data"),
        "finished": Cell(str(len(reading.finished)), order=len(reading.finished)),
        "running": Cell(str(len(reading.unfinished)), order=len(reading.unfinished)),
        "target": str(reading.clock.target_days or "None set"),
        "within": "" if reading.within_target is None else str(reading.within_target),
    }


def _running(readings: Sequence[ClockReading]) -> Table:
    columns = (Column("study", "Study"), Column("clock", "Clock"), Column("days", "Days so far", numeric=True))
    rows: list[Row] = [
        {"study": Cell(each.iras_id, href=f"/studies/{each.iras_id}"), "clock": reading.clock.title, "days": Cell(str(each.days), order=each.days)}
        for reading in readings
        for each in reading.unfinished
    ]
    return Table(name="running", caption="Still running", columns=columns, rows=rows, empty="No clock runs now.")
