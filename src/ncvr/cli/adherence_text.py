"""The adherence report as text to read: the figure first, then why each trust is where it is."""

from collections import Counter
from collections.abc import Iterator, Sequence
from textwrap import fill

from ncvr.cli.columns import aligned
from ncvr.domain.adherence import AdherenceIndicator
from ncvr.domain.adherence_breakdowns import COLUMNS, TOTAL, Share, SponsorTable, by_region, by_sponsor, by_type
from ncvr.domain.adherence_period import read_period
from ncvr.domain.adherence_report import AdherenceReport, follow_up_list

_WIDTH = 100


def report_text(report: AdherenceReport, *, follow_up: bool) -> str:
    blocks = [[f"Adherence to NCVR prices, {report.period.title}", f"What was recorded by {_day(report.as_of)} is counted. {report.software}."]]
    if report.warning:
        blocks[0] += fill(report.warning, _WIDTH).splitlines()
    for found in report.indicators:
        blocks += _indicator(found, report, follow_up=follow_up)
    if report.refusals:
        blocks.append(["Reasons for refusal", *_reasons(report)])
    if any(found.definition.measure == "declared" for found in report.indicators):
        blocks.append(["Published figures (they stand beside ours and are not joined with them)", *_points(report)])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _indicator(found: AdherenceIndicator, report: AdherenceReport, *, follow_up: bool) -> Iterator[list[str]]:
    definition = found.definition
    share = "no data: no trust is counted" if found.denominator == 0 else f"{found.numerator} of {found.denominator} trusts ({found.display})"
    yield [f"{definition.title} ({definition.id}): {share}", *fill(definition.says, _WIDTH).splitlines()]
    excluded = Counter(standing.reason for standing in found.listed("excluded"))
    if excluded:
        rows = [(reason, str(count)) for reason, count in sorted(excluded.items(), key=lambda each: (-each[1], each[0]))]
        yield [f"  Not counted: {excluded.total()} of {len(found.standings)} organisations", *aligned(rows, right={1}, indent="    ")]
    if found.listed("not_accepted"):
        yield ["  Not accepted", *_not_accepted(found)]
    if pending := [standing for standing in found.listed("excluded") if standing.reason in ("pending", "disputed") and standing.since]:
        waiting = [(each.ods_code, each.name, each.reason, f"{found.age(each.since)} days") for each in pending if each.since]
        yield ["  Waiting for an answer or a decision", *aligned(waiting, right={3}, indent="    ")]
    yield from _shares(found, report)
    if definition.measure != "declared" and (table := by_sponsor(found, report.organisations)).sponsors:
        yield ["  Costings by sponsor (small numbers, and those that would give them away, are left out: c)", *_sponsors(table)]
    if follow_up and found.listed("not_accepted"):
        yield ["  Next steps", *_next_steps(found)]
    if found.parallel:
        nations = [(nation, f"{counts['accepted']} accepted", f"{counts['not_accepted']} not accepted") for nation, counts in found.parallel.items()]
        yield ["  Other nations, counted in parallel", *aligned(nations, indent="    ")]


def _not_accepted(found: AdherenceIndicator) -> Iterator[str]:
    """Those that a record or a position decided, one a line; those without any, by their codes."""
    rows = []
    for standing in found.listed("not_accepted"):
        if standing.decided_by:
            age = f"{found.age(standing.since)} days" if standing.since else ""
            joined = f"with {', '.join(standing.members)}" if standing.members else ""
            rows.append((standing.ods_code, standing.name, standing.reason.replace("_", " "), age, standing.decided_by, joined))
    yield from aligned(rows, right={3}, indent="    ") if rows else ()
    without = [standing.ods_code for standing in found.listed("not_accepted") if not standing.decided_by]
    if without:
        yield f"    no position on file: {len(without)}"
        yield from fill(" ".join(without), _WIDTH, initial_indent="      ", subsequent_indent="      ").splitlines()


def _shares(found: AdherenceIndicator, report: AdherenceReport) -> Iterator[list[str]]:
    if found.denominator == 0:
        return
    yield ["  By region", *_share_rows(by_region(found, report.organisations))]
    yield ["  By type of trust", *_share_rows(by_type(found, report.organisations))]


def _share_rows(shares: Sequence[Share]) -> Iterator[str]:
    rows = [(share.name, f"{share.numerator} of {share.denominator}", share.display) for share in shares]
    yield from aligned(rows, right={1, 2}, indent="    ")


def _sponsors(table: SponsorTable) -> Iterator[str]:
    columns = (*COLUMNS, TOTAL)
    rows = [("", *(column.replace("_", " ") for column in columns))]
    for name in (*table.sponsors, TOTAL):
        rows.append((name, *("c" if (number := table.published(name, column)) is None else str(number) for column in columns)))
    yield from aligned(rows, right=set(range(1, len(columns) + 1)), indent="    ")


def _next_steps(found: AdherenceIndicator) -> Iterator[str]:
    """The longest first; what is to be asked of everybody alike is said once."""
    entries = follow_up_list(found)
    rows = [(entry["ods_code"], f"{entry['age_days']} days", entry["next_step"]) for entry in entries if entry["decided_by"]]
    yield from aligned(rows, right={1}, indent="    ") if rows else ()
    if alike := [entry["next_step"] for entry in entries if not entry["decided_by"]]:
        yield f"    {alike[0]}: {len(alike)} without a position on file"


def _reasons(report: AdherenceReport) -> Iterator[str]:
    rows = [(read_period(month).title, reason.replace("_", " "), str(count)) for month, reasons in report.refusals.items() for reason, count in reasons.items()]
    yield from aligned(rows, right={2}, indent="  ")


def _points(report: AdherenceReport) -> Iterator[str]:
    rows = [(read_period(point.month).title, f"{point.per_cent}%", point.says) for point in report.points]
    yield from aligned(rows, right={1}, indent="  ")


def _day(day: object) -> str:
    return f"{day:%d %B %Y}".lstrip("0")
