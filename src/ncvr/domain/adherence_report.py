"""What is published of adherence: ``ncvr-adherence/1``, with the lists behind every figure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ncvr.domain.adherence import AdherenceIndicator, share_shown
from ncvr.domain.adherence_breakdowns import COLUMNS, TOTAL, Share, SponsorTable, by_region, by_sponsor, by_type
from ncvr.domain.adherence_definition import PublishedPoint
from ncvr.domain.adherence_period import Period, Window
from ncvr.domain.adherence_records import Costing
from ncvr.domain.adherence_standing import TrustStanding
from ncvr.domain.tariff import Organisation

FORMAT = "ncvr-adherence/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyShare:
    """One month of our own series. A month without data stays a gap."""

    month: Period
    numerator: int
    denominator: int

    @property
    def display(self) -> str:
        return share_shown(self.numerator, self.denominator)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdherenceReport:
    """``series`` by definition id; ``refusals`` by month and reason; ``ledger_head`` None where the records came from a file."""

    period: Period
    as_of: date
    indicators: tuple[AdherenceIndicator, ...]
    organisations: Mapping[str, Organisation]
    series: Mapping[str, Sequence[MonthlyShare]]
    refusals: Mapping[str, Mapping[str, int]]
    points: tuple[PublishedPoint, ...]
    software: str
    records: int
    positions: int
    illustrative: int = 0  # positions that are made up
    ledger_head: str | None = None

    @property
    def warning(self) -> str:
        """What stands above figures that rest on made-up positions; empty where none do."""
        if not self.illustrative or all(found.definition.measure != "declared" for found in self.indicators):
            return ""
        return f"Illustrative: {self.illustrative} of the {self.positions} declared positions are made up, so the declared figures say nothing of real trusts."


def refusal_reasons(costings: Iterable[Costing], window: Window) -> dict[str, dict[str, int]]:
    """How often each reason was given, by month: refusals, and refusals to sign. Disputed ones are not counted."""
    counts: dict[str, Counter[str]] = {}
    for costing in costings:
        for event in costing.events:
            if event.kind in ("refused", "signing_refused") and not event.disputed and window.first <= event.on <= window.last:
                counts.setdefault(f"{event.on:%Y-%m}", Counter())[event.reason_code or "other"] += 1
    return {month: dict(sorted(counts[month].items())) for month in sorted(counts)}


def report_record(report: AdherenceReport, *, follow_up: bool = False) -> dict[str, Any]:
    """The report as JSON. ``follow_up`` adds, for the national role, who does not accept, since when and what to do next."""
    return {
        "format": FORMAT,
        "period": report.period.name,
        "as_of": report.as_of.isoformat(),
        "software": report.software,
        "ledger_head": report.ledger_head,
        "records": report.records,
        "positions": report.positions,
        **({"illustrative_positions": report.illustrative} if report.warning else {}),
        "indicators": [_indicator_record(found, report, follow_up=follow_up) for found in report.indicators],
        "refusal_reasons": [{"month": month, "reasons": dict(reasons)} for month, reasons in report.refusals.items()],
        "published_points": [point.model_dump() for point in report.points],
    }


def _indicator_record(found: AdherenceIndicator, report: AdherenceReport, *, follow_up: bool) -> dict[str, Any]:
    definition = found.definition
    record: dict[str, Any] = {
        "definition": definition.id,
        "measure": definition.measure,
        "title": definition.title,
        "says": definition.says,
        "window": {"from": found.window.first.isoformat(), "until": found.window.last.isoformat()},
        "numerator": found.numerator,
        "denominator": found.denominator,
        "display": found.display,
        "accepted": [standing.ods_code for standing in found.listed("accepted")],
        "not_accepted": [standing.ods_code for standing in found.listed("not_accepted")],
        "excluded": [_excluded(standing, found) for standing in found.listed("excluded")],
        "organisations": len(found.standings),
        "other_nations": [{"nation": nation, **counts} for nation, counts in found.parallel.items()],
        "target": None if definition.target is None else definition.target.model_dump(mode="json"),
        "explained": [_explained(standing, found) for standing in found.standings if standing.decided_by],
        "by_region": [_share(share) for share in by_region(found, report.organisations)],
        "by_type": [_share(share) for share in by_type(found, report.organisations)],
    }
    if definition.measure != "declared":
        record["by_sponsor"] = sponsor_rows(by_sponsor(found, report.organisations))
    if definition.id in report.series:
        record["series"] = [_month(month) for month in report.series[definition.id]]
    if follow_up:
        record["follow_up"] = follow_up_list(found)
    return record


def _excluded(standing: TrustStanding, found: AdherenceIndicator) -> dict[str, Any]:
    entry: dict[str, Any] = {"ods_code": standing.ods_code, "reason": standing.reason}
    if standing.since is not None:
        entry["age_days"] = found.age(standing.since)
    return entry


def _explained(standing: TrustStanding, found: AdherenceIndicator) -> dict[str, Any]:
    """Which record or position put the organisation where it stands."""
    return {
        "ods_code": standing.ods_code,
        "name": standing.name,
        "place": standing.place,
        "reason": standing.reason,
        "decided_by": standing.decided_by,
        "since": standing.since.isoformat() if standing.since else None,
        "age_days": found.age(standing.since) if standing.since else None,
        "members": list(standing.members),
    }


def follow_up_list(found: AdherenceIndicator) -> list[dict[str, Any]]:
    """Trusts that do not accept, the longest first: since when, why, and what to do next."""
    standings = sorted(found.listed("not_accepted"), key=lambda standing: (standing.since or date.min, standing.ods_code))
    return [_explained(standing, found) | {"next_step": _next_step(standing, found)} for standing in standings]


def _next_step(standing: TrustStanding, found: AdherenceIndicator) -> str:
    steps = found.definition.next_steps
    return steps.get(standing.reason, "Ask the trust what would let it accept, and record its answer")


def _share(share: Share) -> dict[str, Any]:
    return {"name": share.name, "numerator": share.numerator, "denominator": share.denominator, "display": share.display}


def _month(month: MonthlyShare) -> dict[str, Any]:
    return {"month": month.month.name, "numerator": month.numerator, "denominator": month.denominator, "display": month.display}


def sponsor_rows(table: SponsorTable) -> list[dict[str, Any]]:
    """One row a sponsor and the total; a suppressed number is null."""
    columns = (*COLUMNS, *table.regions, TOTAL)
    return [{"sponsor": name} | {column: table.published(name, column) for column in columns} for name in (*table.sponsors, TOTAL)]
