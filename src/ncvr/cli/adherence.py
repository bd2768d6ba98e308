"""``ncvr adherence``: the indicator of a month or quarter, with the lists behind it, and its chart."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ncvr.cli import asked
from ncvr.cli.said import say

if TYPE_CHECKING:
    from datetime import date

    from ncvr.domain.adherence_report import AdherenceReport
    from ncvr.services.adherence_reporting import Sources

_CHARTS = (".svg", ".png")


def arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="adherence_command", metavar="COMMAND", required=True)
    says = "which trusts accept the price, in a month or quarter"
    report = commands.add_parser("report", help=says, description=says[0].upper() + says[1:] + ".")
    period = report.add_mutually_exclusive_group(required=True)
    period.add_argument("--month", metavar="YYYY-MM", help="a month, such as 2026-06")
    period.add_argument("--quarter", metavar="YYYY-Qn", help="a quarter, such as 2026-Q2")
    report.add_argument("--definition", metavar="ID", help="one definition, such as observed-1 (default: all in force)")
    report.add_argument("--as-of", type=asked.day, metavar="DATE", help="only what was recorded by the end of this day (default: today)")
    _add_sources(report)
    report.add_argument("--follow-up", action="store_true", help="also list who does not accept, since when, and what to do next")
    report.add_argument("--format", choices=["text", "json", "csv"], default="text", help="default: text")
    report.add_argument("--chart", type=Path, metavar="FILE", help="also draw the chart, as .svg or .png; needs --definition")
    report.add_argument("--months", type=int, default=12, metavar="N", help="how many months the chart and the JSON series show (default: 12)")
    asked.add_output(report, "the report")
    report.set_defaults(run=run)


def _add_sources(report: argparse.ArgumentParser) -> None:
    report.add_argument("--records", type=Path, metavar="FILE.jsonl", help="count the records of this file")
    report.add_argument("--positions", type=Path, metavar="FILE.csv", help="and the declared positions of this one")
    report.add_argument("--definitions", type=Path, metavar="FILE.yaml", help="definitions of your own, instead of those that ship")
    asked.add_tariffs(report)


def run(arguments: argparse.Namespace) -> int:
    from ncvr.domain.adherence_period import read_period
    from ncvr.errors import InputError
    from ncvr.services.adherence_reporting import adherence_report

    period = read_period(arguments.month or arguments.quarter)
    if arguments.chart is not None and (arguments.chart.suffix not in _CHARTS or not arguments.definition):
        raise InputError("a chart shows one measure, as .svg or .png", "--chart", "Give --definition ID, and a file name that ends in .svg or .png")
    if not 1 <= arguments.months <= 120:
        raise InputError(f"{arguments.months} months cannot be shown", "--months", "Give a number from 1 to 120")
    as_of = asked.as_of(arguments)
    sources = _sources(arguments, as_of)
    months = arguments.months if arguments.chart is not None or arguments.format == "json" else 0
    report = adherence_report(sources, period, as_of, definition=arguments.definition, months=months)
    if arguments.chart is not None:
        _draw(report, arguments)
    asked.deliver(_written(report, arguments), arguments)
    return 0


def _sources(arguments: argparse.Namespace, as_of: "date") -> "Sources":
    from ncvr.errors import InputError, TariffFileError
    from ncvr.files.adherence_definitions import SHIPPED, read_adherence_definitions
    from ncvr.files.adherence_positions import read_positions
    from ncvr.files.adherence_records_file import read_records
    from ncvr.files.tariff_files import read_organisations
    from ncvr.services.adherence_reporting import sources_from_records

    definitions = read_adherence_definitions(arguments.definitions or SHIPPED).or_raise(TariffFileError)
    organisations = read_organisations(asked.tariffs_folder(arguments)).or_raise(TariffFileError)
    records = read_records(arguments.records).or_raise(InputError) if arguments.records else ()
    positions = read_positions(arguments.positions, organisations) if arguments.positions else None
    if positions is not None:
        say(positions.findings)
    return sources_from_records(records, positions.or_raise(InputError) if positions else (), organisations, definitions, as_of)


def _draw(report: "AdherenceReport", arguments: argparse.Namespace) -> None:
    from ncvr.files.adherence_chart import chart_of, chart_png, chart_svg
    from ncvr.files.writing import write_whole

    svg = chart_svg(chart_of(report, report.indicators[0]))
    content = chart_png(svg) if arguments.chart.suffix == ".png" else svg.encode("utf-8")
    write_whole(arguments.chart, content, force=arguments.force)


def _written(report: "AdherenceReport", arguments: argparse.Namespace) -> bytes:
    if arguments.format == "csv":
        from ncvr.files.adherence_csv import report_csv

        return report_csv(report).encode("utf-8")
    if arguments.format == "json":
        from ncvr.domain.adherence_report import report_record
        from ncvr.files.json_files import written_json

        return written_json(report_record(report, follow_up=arguments.follow_up))
    from ncvr.cli.adherence_text import report_text

    return report_text(report, follow_up=arguments.follow_up).encode("utf-8")
