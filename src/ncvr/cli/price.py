"""``ncvr price``: fixed prices of a study's sites, as a table, JSON or CSV."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ncvr.cli import asked
from ncvr.cli.said import say

if TYPE_CHECKING:
    from ncvr.services.pricing import PricedSites


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path, metavar="STUDY.json", help="the study file")
    sites = parser.add_mutually_exclusive_group(required=True)
    sites.add_argument("--site", action="extend", nargs="+", metavar="ODS", help="price these sites of the study")
    sites.add_argument("--all-sites", action="store_true", help="price every site of the study")
    asked.add_pricing_date(parser)
    asked.add_tariffs(parser)
    parser.add_argument("--explain", action="store_true", help="say why each price is what it is, line by line")
    parser.add_argument("--by", choices=["department"], help="split each price over departments, to the penny")
    parser.add_argument("--format", choices=["table", "json", "csv"], default="table", help="default: table")
    asked.add_output(parser, "the prices")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from ncvr.errors import InputError, StudyError
    from ncvr.files.study_files import read_study
    from ncvr.services.pricing import price_sites

    if arguments.explain and arguments.format == "csv":
        raise InputError("a CSV has no room for the workings of a price", "--explain", "Choose --format table or json, or leave --explain out")
    reading = read_study(arguments.study)
    study = reading.or_raise(StudyError)
    say(reading.findings)
    priced = price_sites(study, asked.tariffs_folder(arguments), asked.pricing_date(arguments), None if arguments.all_sites else arguments.site)
    say(priced.notices)
    asked.deliver(_written(priced, arguments).encode("utf-8"), arguments)
    return 0


def _written(priced: "PricedSites", arguments: argparse.Namespace) -> str:
    by_department = arguments.by == "department"
    if arguments.format == "table":
        from ncvr.cli.price_table import price_tables

        return price_tables(priced, explain=arguments.explain, by_department=by_department)
    from ncvr.domain.price_record import prices_record
    from ncvr.files.json_files import written_json
    from ncvr.files.price_files import payable_names, prices_csv
    from ncvr.services.pricing import SOFTWARE

    record = prices_record(
        priced.costs, priced.prices, on=priced.on, software=SOFTWARE, explain=arguments.explain and arguments.format == "json", by_department=by_department
    )
    return written_json(record).decode() if arguments.format == "json" else prices_csv(record, payable_names(priced.costs))
