"""What ``ncvr adherence`` does in the service's database: positions, clocks, publications, the roll-up."""

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ncvr.cli import asked
from ncvr.cli.said import say

if TYPE_CHECKING:
    from ncvr.domain.clocks import ClockReading


def run_positions(arguments: argparse.Namespace) -> int:
    from ncvr.errors import InputError
    from ncvr.files.adherence_positions import read_positions
    from ncvr.services.adherence_recording import record_positions
    from ncvr.services.identity import OPERATOR
    from ncvr.services.opening import open_office

    office = open_office()
    reading = read_positions(arguments.file, office.tariffs.organisations(), office.clock.today())
    positions = reading.or_raise(InputError)
    say(reading.findings)
    with office.act(OPERATOR, f"ncvr adherence positions {arguments.file.name}") as act:
        record_positions(act, positions)
    print(f"{len(positions)} position{'s' if len(positions) != 1 else ''} recorded.")
    return 0


def run_clocks(arguments: argparse.Namespace) -> int:
    from ncvr.services.adherence import clocks
    from ncvr.services.identity import OPERATOR
    from ncvr.services.opening import open_office

    as_of = asked.as_of(arguments)
    with open_office().look(OPERATOR) as act:
        readings = clocks(act, as_of)
    if arguments.format == "json":
        from ncvr.domain.clocks import clock_record
        from ncvr.files.json_files import written_json

        record = {"format": "ncvr-clocks/1", "as_of": as_of.isoformat(), "clocks": [clock_record(reading) for reading in readings]}
        asked.deliver(written_json(record), arguments)
    else:
        asked.deliver(("\n".join(_clocks_text(readings)) + "\n").encode("utf-8"), arguments)
    return 0


def _clocks_text(readings: "list[ClockReading]") -> Iterator[str]:
    from ncvr.domain.clocks import clock_record

    if not readings:
        yield "No clock has started: no study has recorded an event yet."
    for reading in readings:
        record = clock_record(reading)
        target = f", target {reading.clock.target_days} days" if reading.clock.target_days else ""
        yield f"{reading.clock.title}, {reading.cohort}{target}"
        median = f"{reading.median} days" if reading.median is not None else "not known yet: too many still run"
        yield f"  median  {median}, {len(reading.finished)} finished and {len(reading.unfinished)} running"
        if reading.finished:
            yield f"  of the finished alone: median {record['median_days_of_finished']}, mean {record['mean_days_of_finished']} days"
        for each in reading.unfinished[:10]:
            yield f"  running {each.days} days: study {each.iras_id}"
        for iras_id in reading.out_of_order:
            yield f"  ends before it starts: study {iras_id}. Correct one of its two events"
        for time in reading.clock.published:
            yield f"  published: {time.days} days, {time.cohort}"


def run_publish(arguments: argparse.Namespace) -> int:
    from ncvr.domain.adherence_period import read_period
    from ncvr.services.adherence import publish
    from ncvr.services.identity import OPERATOR
    from ncvr.services.opening import open_office

    with open_office().act(OPERATOR, f"ncvr adherence publish {arguments.period}") as act:
        made = publish(act, read_period(arguments.period))
    print(f"{made.period} published, revision {made.revision}, as known on {made.as_of}.")
    return 0


def run_rollup(_arguments: argparse.Namespace) -> int:
    from ncvr.services.adherence import check_rollup, rebuild_rollup
    from ncvr.services.identity import OPERATOR
    from ncvr.services.opening import open_office

    with open_office().act(OPERATOR, "ncvr adherence rollup") as act:
        say(check_rollup(act.connection, act.today))
        count = rebuild_rollup(act.connection, act.today)
    print(f"The roll-up holds {count} costing{'s' if count != 1 else ''}.")
    return 0
