"""``ncvr accesses``: who read a price, downloaded a document or was refused."""

import argparse
from typing import TYPE_CHECKING, Any

from ncvr.cli import asked

if TYPE_CHECKING:
    from ncvr.services.office import Act


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--person", default="", metavar="PERSON", help="one person only: an address, or the opaque id of the record")
    parser.add_argument("--study", default="", metavar="IRAS", help="one study only, by its IRAS ID")
    parser.add_argument("--since", type=asked.day, metavar="DATE", help="from this day on")
    parser.add_argument("--until", type=asked.day, metavar="DATE", help="up to and with this day")
    parser.add_argument("--outcome", choices=["any", "read", "refused"], default="any", help="what was read, or what was refused (default: any)")
    parser.add_argument("--format", choices=["text", "json", "csv"], default="text", help="default: text")
    asked.add_output(parser, "the list")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from ncvr.services.access_record import access_record, read_accesses, wanted_accesses
    from ncvr.services.identity import OPERATOR
    from ncvr.services.opening import open_office

    with open_office().look(OPERATOR) as act:
        person = _opaque(act, arguments.person)
        wanted = wanted_accesses(person=person, study=arguments.study, since=arguments.since, until=arguments.until, outcome=arguments.outcome)
        records = [access_record(access) for access in read_accesses(act, wanted)]
    asked.deliver(_written(records, arguments.format), arguments)
    return 0


def _opaque(act: "Act", person: str) -> str:
    """The actor of an address; anything else is one."""
    from ncvr.services.own_account import known_account

    return known_account(act, person).person.actor if "@" in person else person


def _written(records: list[dict[str, Any]], form: str) -> bytes:
    from ncvr.files.csv_records import records_csv
    from ncvr.files.json_files import written_json
    from ncvr.services.access_record import FIELDS, FORMAT

    if form == "json":
        return written_json({"format": FORMAT, "accesses": records})
    return records_csv(records, FIELDS) if form == "csv" else _text(records).encode("utf-8")


def _text(records: list[dict[str, Any]]) -> str:
    from ncvr.cli.columns import aligned

    if not records:
        return "Nothing that was read or refused matches.\n"
    rows = [
        (
            each["at"],
            each["actor"] or "not known",
            str(each["status"]),
            f"{each['times']} times" if each["times"] > 1 else "",
            f"{each['method']} {each['path']}",
        )
        for each in records
    ]
    return "\n".join(aligned(rows)) + "\n"
