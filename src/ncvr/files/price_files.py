"""Prices files, ``ncvr-prices/1``: reading them back, and prices as CSV for people."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ncvr.domain.prices_file import PricesFile, check_fingerprints
from ncvr.domain.pricing import NationalCosts
from ncvr.domain.study import Study
from ncvr.errors import Finding
from ncvr.files.json_files import parse_json, read_json_bytes, validated
from ncvr.files.reading import Reading

CSV_COLUMNS = ("iras_id", "version", "edition", "status", "pricing_date", "ods_code", "site", "multiplier", "kind", "arm", "id", "name", "department", "price")


def read_prices(path: Path) -> Reading[PricesFile]:
    """The prices in a file, or what is wrong with it: also where a fingerprint is not that of the figures beside it."""
    return prices_from(parse_json(read_json_bytes(path), str(path)), str(path))


def prices_from(record: Any, place: str) -> Reading[PricesFile]:
    """The prices in a JSON value, checked against their own fingerprints."""
    prices, findings = validated(PricesFile, record, place)
    if prices is not None:
        findings += [Finding(f"{place}: {found.place}", found.problem, found.remedy) for found in check_fingerprints(record)]
    return Reading(None if findings else prices, tuple(findings))


def prices_csv(record: dict[str, Any], names: dict[tuple[str, str], str]) -> str:
    """One row a price, for spreadsheets; with departments one row a share. ``names`` gives payables' names by (arm, id).

    Totals, screen failures and the caps of costs passed on follow each site's prices under kinds of their own.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for entry in record["prices"]:
        head = [record["study"]["iras_id"], record["study"]["version"], record["tariff"]["edition"], record["tariff"]["status"], record["pricing_date"]]
        head += [entry["site"]["ods_code"], entry["site"]["name"], entry["multiplier"]]
        for kind, arm, payable in _payables(entry):
            amounts = payable.get("by_department") or [{"department": "", "price": payable.get("price") or payable.get("unit_price")}]
            for amount in amounts:
                row = [*head, kind, arm, payable["id"], names[arm, payable["id"]], amount["department"], amount["price"]]
                writer.writerow([inert(str(cell)) for cell in row])
        for kind, arm, key, name, amount in _beside_the_payables(entry, names):
            writer.writerow([inert(str(cell)) for cell in [*head, kind, arm, key, name, "", amount]])
    return text.getvalue()


def payable_names(costs: NationalCosts) -> dict[tuple[str, str], str]:
    """The names people know payables by, by (arm, id); the arm is empty for those of the whole study."""
    return names_in(costs.study)


def names_in(study: Study) -> dict[tuple[str, str], str]:
    """The names of a study's visits and work, by (arm, id); the arm is empty for what is of the whole study."""
    arms = study.expanded_arms()
    visits = {(arm.id, visit.id): visit.name for arm in arms for visit in arm.visits}
    items = {(arm.id, activity.id): activity.name for arm in arms for activity in arm.activities}
    of_study = {("", entry.id): entry.name for entries in (study.unscheduled, study.setup_and_closedown, study.pass_through) for entry in entries}
    return items | visits | of_study


def _payables(entry: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for arm in entry["arms"]:
        yield from (("visit", arm["id"], visit) for visit in arm["visits"])
        yield from (("item", arm["id"], item) for item in arm["items"])
    yield from (("unscheduled", "", payable) for payable in entry["unscheduled"])
    yield from (("setup_and_closedown", "", payable) for payable in entry["setup_and_closedown"])


def _beside_the_payables(entry: dict[str, Any], names: dict[tuple[str, str], str]) -> Iterator[tuple[str, str, str, str, str]]:
    """What a site's table prints besides prices: (kind, arm, id, name, amount); a cost without a cap has no amount."""
    for arm in entry["arms"]:
        yield "per_participant", arm["id"], "", "Each scheduled visit once", arm["per_participant"]
    for failure in entry["screen_failure"]:
        yield "screen_failure", failure["arm"], "", "The screening visits together", failure["price"]
    for cost in entry["pass_through"]:
        yield "pass_through_cap", "", cost["id"], names["", cost["id"]], cost["cap"] or ""
    if entry["projected"]["total"] is not None:
        yield "projected", "", "", f"For {entry['projected']['participants']} participants", entry["projected"]["total"]


def inert(cell: str) -> str:
    """Text that a spreadsheet would take for a formula gets an apostrophe, as interface.md says for CSV for people."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
