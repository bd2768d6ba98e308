"""``organisations.csv``: who can be a site, under which code, and whether it is open."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, get_args

from ncvr.domain.tariff import Organisation, near
from ncvr.errors import Finding
from ncvr.files.csv_table import Cells, read_table
from ncvr.files.edition_rows import NATIONS

FILE = "organisations.csv"
COLUMNS = ("ods_code", "scheme", "name", "nation", "type", "region", "status", "open_date", "close_date", "successor", "source")

Scheme = Literal["ods", "gss", "local"]
OpenStatus = Literal["open", "closed", "unknown"]
SCHEMES: tuple[Scheme, ...] = get_args(Scheme)
STATUSES: tuple[OpenStatus, ...] = get_args(OpenStatus)


def read_organisation_list(folder: Path, findings: list[Finding]) -> dict[str, Organisation]:
    """The organisations by code."""
    organisations: dict[str, Organisation] = {}
    successors: list[Cells] = []
    for cells in read_table(folder / FILE, COLUMNS, findings):
        listed = _organisation(cells)
        if listed.ods_code in organisations:
            cells.wrong(f"{listed.ods_code} stands here and in {organisations[listed.ods_code].place}", "Keep one of the two rows")
        if cells.sound:
            organisations[listed.ods_code] = listed
        if listed.successor:
            successors.append(cells)
    _check_successors(successors, organisations)
    return organisations


def _organisation(cells: Cells) -> Organisation:
    scheme, status = cells.one_of("scheme", SCHEMES), cells.one_of("status", STATUSES)
    opened, closed = cells.day("open_date"), cells.day("close_date")
    if opened and closed and closed < opened:
        cells.wrong(f"it closes on {closed}, before it opens on {opened}", "Correct the dates")
    if status == "closed" and closed is None and not cells.values["close_date"]:
        cells.wrong("a closed organisation needs its close_date", "Add the date, or write unknown as its status")
    return Organisation(
        ods_code=cells.code("ods_code"),
        scheme=next((known for known in SCHEMES if known == scheme), "local"),
        name=cells.text("name"),
        nation=cells.one_of("nation", NATIONS),
        type=cells.text("type"),
        region=cells.values["region"],
        status=next((known for known in STATUSES if known == status), "unknown"),
        open_date=opened,
        close_date=closed,
        successor=cells.values["successor"].upper(),
        source=cells.text("source"),
        place=cells.place,
    )


def _check_successors(rows: list[Cells], organisations: Mapping[str, Organisation]) -> None:
    for cells in rows:
        code, successor = cells.values["ods_code"].upper(), cells.values["successor"].upper()
        if successor == code:
            cells.wrong(f"{code} cannot be its own successor", "Give the successor's code, or leave it blank")
        elif successor not in organisations:
            cells.wrong(f"the successor {successor!r} is not in the list{near(successor, organisations)}", "Add the successor, or leave it blank")
