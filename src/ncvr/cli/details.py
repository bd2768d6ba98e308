"""``ncvr details``: a file for what a contract needs and a price does not."""

import argparse
from pathlib import Path

from ncvr.cli import asked
from ncvr.cli.said import say


def arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="details_command", metavar="COMMAND", required=True)
    new = commands.add_parser("new", help="a details file to fill in, which says what each key is for")
    new.add_argument("study", type=Path, metavar="STUDY.json", help="the study file")
    new.add_argument("--template", metavar="FAMILY[/VERSION]", help="the contract template (default: the study's agreement)")
    asked.add_output(new, "the details")
    new.set_defaults(run=run_new)
    table = commands.add_parser("import", help="lay a table of many sites over a details file")
    table.add_argument("table", type=Path, metavar="SITES.csv", help="a row a site: ods_code, and a column for each key, such as site.address")
    table.add_argument("--study", type=Path, metavar="STUDY.json", required=True, help="the study file")
    table.add_argument("--into", type=Path, metavar="D.json", help="the details file to lay it over (default: none, the table alone)")
    asked.add_output(table, "the details")
    table.set_defaults(run=run_import)


def run_new(arguments: argparse.Namespace) -> int:
    from ncvr import settings
    from ncvr.errors import Finding, StudyError, TemplateError
    from ncvr.files.details_skeleton import details_skeleton, missing_keys
    from ncvr.files.json_files import written_json
    from ncvr.files.study_files import read_study
    from ncvr.files.template_registry import choose_template, read_template

    study = read_study(arguments.study).or_raise(StudyError)
    folder = settings.templates_folder()
    chosen = choose_template(folder, arguments.template or study.study.agreement, None, None)
    say(chosen.notices)
    skeleton = details_skeleton(study, read_template(folder, chosen.name).or_raise(TemplateError))
    asked.deliver(written_json(skeleton), arguments)
    missing = missing_keys(skeleton)
    said = f"{chosen.name} still needs {len(missing)} values: {', '.join(missing)}"
    say([Finding("details", said, "Give those of all sites under common, and a site's own under sites", "notice")])
    return 0


def run_import(arguments: argparse.Namespace) -> int:
    from ncvr.domain.details import FORMAT
    from ncvr.errors import Finding, InputError, StudyError
    from ncvr.files.details_files import details_from
    from ncvr.files.details_table import with_table
    from ncvr.files.json_files import parse_json, read_json_bytes, written_json
    from ncvr.files.study_files import read_study

    study = read_study(arguments.study).or_raise(StudyError)
    into = {"format": FORMAT} if arguments.into is None else parse_json(read_json_bytes(arguments.into), str(arguments.into))
    details_from(into, str(arguments.into), study).or_raise(InputError)
    findings: list[Finding] = []
    record = with_table(into, arguments.table, findings)
    if findings:
        raise InputError.of(findings)
    details_from(record, str(arguments.table), study).or_raise(InputError)
    asked.deliver(written_json(record), arguments)
    return 0
