"""The adherence report as CSV: what it is and where it comes from first, then one row for each organisation and measure."""

import csv
import io
from collections.abc import Iterator

from ncvr.domain.adherence_report import AdherenceReport
from ncvr.files.csv_table import inert

COLUMNS = ("definition", "measure", "ods_code", "name", "region", "type", "place", "reason", "decided_by", "since", "age_days", "members")


def report_csv(report: AdherenceReport) -> str:
    """Rows that begin with ``#`` tell about the file; the table begins with its header row."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows(_about(report))
    writer.writerow(COLUMNS)
    for row in _rows(report):
        writer.writerow([inert(cell) for cell in row])
    return text.getvalue()


def _about(report: AdherenceReport) -> Iterator[tuple[str, str]]:
    yield "# period", report.period.name
    yield "# as of", report.as_of.isoformat()
    yield "# software", report.software
    yield "# ledger head", report.ledger_head or "none: the records came from a file"
    yield "# records", str(report.records)
    yield "# positions", str(report.positions)
    if report.warning:
        yield "# warning", report.warning
    for found in report.indicators:
        yield f"# {found.definition.id}", found.definition.says
        yield f"# {found.definition.id} counts", f"{found.numerator} of {found.denominator}: {found.display}; organisations: {len(found.standings)}"


def _rows(report: AdherenceReport) -> Iterator[tuple[str, ...]]:
    for found in report.indicators:
        for standing in found.standings:
            listed = report.organisations.get(standing.ods_code)
            yield (
                found.definition.id,
                found.definition.measure,
                standing.ods_code,
                standing.name,
                listed.region if listed else "",
                listed.type if listed else "",
                standing.place,
                standing.reason,
                standing.decided_by,
                standing.since.isoformat() if standing.since else "",
                str(found.age(standing.since)) if standing.since else "",
                " ".join(standing.members),
            )
