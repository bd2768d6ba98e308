"""Declared positions of trusts as CSV: who accepts the price, since when, and how one knows."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from ncvr.domain.adherence_records import POSITIONS, Position, PositionWord
from ncvr.domain.tariff import Organisation, near
from ncvr.errors import Finding
from ncvr.files.csv_table import Cells, read_table
from ncvr.files.reading import Reading

COLUMNS = ("ods_code", "position", "price_variation", "declared_on", "source")


def read_positions(path: Path, organisations: Mapping[str, Organisation], recorded_on: date | None = None) -> Reading[tuple[Position, ...]]:
    """The positions, in the order of the file, or everything that is wrong with any row.

    ``recorded_on``: the day they come in. A file says nothing of when it was recorded, so without it each position counts
    as recorded on the day it was declared.
    """
    findings: list[Finding] = []
    positions: list[Position] = []
    seen: dict[tuple[str, date], str] = {}
    for cells in read_table(path, COLUMNS, findings):
        position = _position(cells, organisations, recorded_on)
        if position is None:
            continue
        key = (position.ods_code, position.declared_on)
        if key in seen:
            cells.wrong(f"{position.ods_code} declares twice on {position.declared_on}, here and in {seen[key]}", "Keep one of the two rows")
        seen.setdefault(key, cells.place)
        positions.append(position)
    return Reading(None if any(finding.level == "error" for finding in findings) else tuple(positions), tuple(findings))


def _position(cells: Cells, organisations: Mapping[str, Organisation], recorded_on: date | None) -> Position | None:
    code, said, source = cells.code("ods_code"), cells.one_of("position", POSITIONS), cells.text("source")
    variation, declared_on = cells.one_of("price_variation", ("yes", "no")), cells.day("declared_on")
    if declared_on is None and not cells.values["declared_on"]:
        cells.wrong("declared_on is empty", "Write the day of the declaration, such as 2026-04-01")
    if declared_on is not None and recorded_on is not None and declared_on > recorded_on:
        cells.wrong(f"{declared_on} has not come yet", "Record a position once it is declared")
    if cells.sound:
        _check_organisation(cells, code, organisations, declared_on)
    if not cells.sound or declared_on is None:
        return None
    return Position(
        id=f"{code}.{declared_on}.{cells.line}",
        ods_code=code,
        position=_word(said),
        price_variation=variation == "yes",
        declared_on=declared_on,
        recorded_on=recorded_on or declared_on,
        source=source,
    )


def _check_organisation(cells: Cells, code: str, organisations: Mapping[str, Organisation], on: date | None) -> None:
    listed = organisations.get(code)
    if listed is None:
        cells.wrong(f"{code} is not in the list of organisations{near(code, organisations)}", "Use a code from organisations.csv")
    elif on is not None and not listed.open_on(on):
        says = f"{listed.name} ({code}) was not open on {on}"
        cells.findings.append(Finding(f"{cells.path}:{cells.line}", says, "Check the code and the day; it counts for no month after it closed", "notice"))


def _word(said: str) -> PositionWord:
    return next(known for known in POSITIONS if known == said)
