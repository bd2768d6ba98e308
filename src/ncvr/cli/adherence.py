"""``ncvr adherence``: the indicator of a month or quarter, with the lists behind it, and its chart."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ncvr.cli import asked
from ncvr.cli.said import say

if TYPE_CHECKING:
    from datetime import date

    from ncvr.domain.adherence_definition import AdherenceDefinitions
    from ncvr.domain.adherence_period import Period
    from ncvr.domain.adherence_report import AdherenceReport

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
    report.add_argument("--recount", action="store_true", help="count every record, and check that the roll-up says the same")
    report.add_argument("--follow-up", action="store_true", help="also list who does not accept, since when, and what to do next")
    report.add_argument("--format", choices=["text", "json", "csv"], default="text", help="default: text")
    report.add_argument("--chart", type=Path, metavar="FILE", help="also draw the chart, as .svg or .png; needs --definition")
    report.add_argument("--months", type=int, default=12, metavar="N", help="how many months the chart and the JSON series show (default: 12)")
    asked.add_output(report, "the report")
    report.set_defaults(run=run)
    _add_records_commands(commands)


def _add_records_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from ncvr.cli import adherence_records

    says = "import declared positions of trusts from CSV into the service's database"
    positions = commands.add_parser("positions", help=says, description=says[0].upper() + says[1:] + ".")
    positions.add_argument("file", type=Path, metavar="POSITIONS.csv", help="ods_code, position, price_variation, declared_on, source")
    positions.set_defaults(run=adherence_records.run_positions)
    says = "elapsed days between the recorded events of studies"
    clocks = commands.add_parser("clocks", help=says, description=says[0].upper() + says[1:] + ", cohorts apart, those still running shown.")
    clocks.add_argument("--as-of", type=asked.day, metavar="DATE", help="as they stood on this day (default: today)")
    clocks.add_argument("--format", choices=["text", "json"], default="text", help="default: text")
    asked.add_output(clocks, "the clocks")
    clocks.set_defaults(run=adherence_records.run_clocks)
    says = "publish a month or quarter as it was known yesterday; again as a numbered revision"
    publish = commands.add_parser("publish", help=says, description=says[0].upper() + says[1:] + ".")
    publish.add_argument("period", metavar="PERIOD", help="a month such as 2026-06, or a quarter such as 2026-Q2")
    publish.set_defaults(run=adherence_records.run_publish)
    says = "make the roll-up anew from every record"
    rollup = commands.add_parser("rollup", help=says, description=says[0].upper() + says[1:] + ", after saying what was wrong with it.")
    rollup.set_defaults(run=adherence_records.run_rollup)


def _add_sources(report: argparse.ArgumentParser) -> None:
    report.add_argument("--records", type=Path, metavar="FILE.jsonl", help="count the records of this file, not those of the service's database")
    report.add_argument("--positions", type=Path, metavar="FILE.csv", help="and the declared positions of this one")
    report.add_argument("--definitions", type=Path, metavar="FILE.yaml", help="definitions of your own, instead of those that ship")
    asked.add_tariffs(report)


def run(arguments: argparse.Namespace) -> int:
    from ncvr.domain.adherence_period import read_period
    from ncvr.errors import InputError

    period = read_period(arguments.month or arguments.quarter)
    if arguments.chart is not None and (arguments.chart.suffix not in _CHARTS or not arguments.definition):
        raise InputError("a chart shows one measure, as .svg or .png", "--chart", "Give --definition ID, and a file name that ends in .svg or .png")
    if not 1 <= arguments.months <= 120:
        raise InputError(f"{arguments.months} months cannot be shown", "--months", "Give a number from 1 to 120")
    if arguments.definition:
        _definitions(arguments).definition(arguments.definition)
    as_of = asked.as_of(arguments)
    months = arguments.months if arguments.chart is not None or arguments.format == "json" else 0
    report = _from_files(arguments, period, as_of, months) if arguments.records or arguments.positions else _from_database(arguments, period, as_of, months)
    if arguments.chart is not None:
        _draw(report, arguments)
    asked.deliver(_written(report, arguments), arguments)
    return 0


def _definitions(arguments: argparse.Namespace) -> "AdherenceDefinitions":
    from ncvr.errors import TariffFileError
    from ncvr.files.adherence_definitions import SHIPPED, read_adherence_definitions

    return read_adherence_definitions(arguments.definitions or SHIPPED).or_raise(TariffFileError)


def _from_files(arguments: argparse.Namespace, period: "Period", as_of: "date", months: int) -> "AdherenceReport":
    from ncvr.errors import InputError, TariffFileError
    from ncvr.files.adherence_positions import read_positions
    from ncvr.files.adherence_records_file import read_records
    from ncvr.files.tariff_files import read_organisations
    from ncvr.services.adherence_reporting import adherence_report, sources_from_records

    organisations = read_organisations(asked.tariffs_folder(arguments)).or_raise(TariffFileError)
    records = read_records(arguments.records).or_raise(InputError) if arguments.records else ()
    positions = read_positions(arguments.positions, organisations) if arguments.positions else None
    if positions is not None:
        say(positions.findings)
    sources = sources_from_records(records, positions.or_raise(InputError) if positions else (), organisations, _definitions(arguments), as_of)
    return adherence_report(sources, period, as_of, definition=arguments.definition, months=months)


def _from_database(arguments: argparse.Namespace, period: "Period", as_of: "date", months: int) -> "AdherenceReport":
    from ncvr.services.adherence import read_report
    from ncvr.services.identity import OPERATOR
    from ncvr.services.opening import open_office

    known = {"definition": arguments.definition, "months": months, "recount": arguments.recount, "definitions": _definitions(arguments)}
    with open_office(tariffs=arguments.tariffs).look(OPERATOR) as act:
        return read_report(act, period, as_of, **known)


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
