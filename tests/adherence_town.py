"""Small organisations and short records for tests of adherence: what a test does not say has a plain default."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Literal, get_args

from ncvr.domain.adherence_definition import AdherenceDefinitions, Definition
from ncvr.domain.adherence_records import OPENS, AdherenceRecord, Position
from ncvr.domain.tariff import Organisation
from ncvr.errors import TariffFileError
from ncvr.files.adherence_definitions import read_adherence_definitions

# code: (nation, type, region, open date, close date, successor)
TOWN: dict[str, tuple[str, str, str, str, str, str]] = {
    "RT1": ("England", "acute - large", "London", "", "", ""),
    "RT2": ("England", "acute - specialist", "London", "", "", ""),
    "RT3": ("England", "mental health and learning disability", "North West", "", "", ""),
    "RT4": ("England", "community", "North West", "", "", ""),
    "RT5": ("England", "unknown", "", "", "", ""),
    "7W1": ("Wales", "local health board", "", "", "", ""),
    "RM1": ("England", "acute - small", "South West", "", "2026-05-31", "RM3"),
    "RM2": ("England", "acute - medium", "South West", "", "2026-05-31", "RM3"),
    "RM3": ("England", "acute - large", "South West", "2026-06-01", "", ""),
    "RM4": ("England", "acute - small", "South West", "", "2026-05-31", ""),
}
OpenStatus = Literal["open", "closed", "unknown"]


def organisations(town: Mapping[str, tuple[str, str, str, str, str, str]] = TOWN) -> dict[str, Organisation]:
    return {code: _organisation(code, *row) for code, row in town.items()}


def _organisation(code: str, nation: str, kind: str, region: str, opened: str, closed: str, successor: str) -> Organisation:
    status = "unknown" if nation != "England" else "closed" if closed else "open"
    return Organisation(
        ods_code=code,
        scheme="ods",
        name=f"Trust {code}",
        nation=nation,
        type=kind,
        region=region,
        status=next(known for known in get_args(OpenStatus) if known == status),
        open_date=date.fromisoformat(opened) if opened else None,
        close_date=date.fromisoformat(closed) if closed else None,
        successor=successor,
        source="made up for a test",
        place="tests",
    )


def definitions() -> AdherenceDefinitions:
    return read_adherence_definitions().or_raise(TariffFileError)


def definition(name: str = "observed-1") -> Definition:
    return definitions().definition(name)


def records(rows: Iterable[Mapping[str, Any]]) -> list[AdherenceRecord]:
    """Records with ids r1, r2 ... in order; the study is 1004567, phase III, on the portfolio; recorded the day it happened."""
    return [record(number, **row) for number, row in enumerate(rows, start=1)]


def record(number: int, **row: Any) -> AdherenceRecord:
    facts = {"phase": "III", "sponsor": "Acme"} | row.pop("study", {})
    told = {"id": f"r{number}", "iras_id": "1004567", "ods_code": "RT1"} | row
    if "day" in told:  # YAML readers take the word "on" for true
        told["on"] = told.pop("day")
    told.setdefault("recorded_on", told["on"])
    if told["kind"] in OPENS:
        told["study"] = facts
    if "note" in told:
        told["evidence"] = {"note": told.pop("note")}
    if told["kind"] in ("refused", "signing_refused"):
        told.setdefault("reason_code", "staff_rates")
    return AdherenceRecord.model_validate(told)


def positions(rows: Iterable[Mapping[str, Any]]) -> list[Position]:
    told = [{"id": f"p{number}", "source": "letter", "recorded_on": row["declared_on"]} | dict(row) for number, row in enumerate(rows, start=1)]
    return [Position.model_validate(row) for row in told]
