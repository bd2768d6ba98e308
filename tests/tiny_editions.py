"""Tiny tariff editions on disk, for tests that read them."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from ncvr.files.edition_rows import COLUMNS
from ncvr.files.organisation_list import COLUMNS as ORGANISATION_COLUMNS

Rows = Sequence[Sequence[str]]

RATES: Rows = [("consultant", "Consultant", "100.00", "made up"), ("research_nurse", "Research nurse", "40.50", "made up")]
ITEMS: Rows = [("ECG", "Electrocardiogram", "Cardiology", "investigation", "53.00", "made up"), ("FEE", "Fee", "Pharmacy", "departmental", "53.00", "made up")]
ACTIVITIES: Rows = [
    ("CONSENT", "Informed consent", "visit", "Clinical", "consultant", "20", "", "1", "made up"),
    ("CONSENT", "Informed consent", "visit", "Clinical", "research_nurse", "30.5", "", "", "made up"),
    ("ECG_TEST", "ECG", "investigation", "Cardiology", "", "", "ECG", "2", "made up"),
]
MULTIPLIERS: Rows = [("RGT", "Cambridge", "England", "1.08", "made_up", "made up"), ("RA9", "Torbay", "England", "1", "made_up", "made up")]
ORGANISATIONS: Rows = [
    ("RGT", "ods", "Cambridge", "England", "acute - teaching", "East of England", "open", "1993-04-01", "", "", "made up"),
    ("RA9", "ods", "Torbay", "England", "acute - multi-service", "South West", "open", "1991-04-01", "", "", "made up"),
]

HEADER = """\
edition: {name}
title: A tiny tariff
status: {status}
published_on: {published_on}
in_force_from: {in_force_from}
based_on: {based_on}
currency: GBP
rounding: {{unit: "{unit}", mode: half_up}}
uplifts:
  staff_time: {{indirect: "0.70", capacity: "0.20", source: "made up"}}
  investigation: {{indirect: "0", capacity: "0.20", source: "made up"}}
  departmental: {{indirect: "0", capacity: "0", source: "made up"}}
sources:
  - {{title: Made up, publisher: Nobody, date: "2026", licence: MIT}}
"""


def write_tiny_edition(
    folder: Path,
    name: str = "2026-04-01-tiny",
    *,
    in_force_from: str | None = None,
    published_on: str | None = None,
    status: str = "illustrative",
    based_on: str | None = None,
    unit: str = "0.01",
    files: Mapping[str, Rows | None] | None = None,
) -> Path:
    """Write an edition into ``folder/name`` and return that path; it starts on the day its name begins with.

    ``files`` gives the rows of a file by its name without ``.csv``, or None for no such file; an edition that is
    ``based_on`` another has only the files given.
    """
    edition = folder / name
    edition.mkdir(parents=True)
    start = in_force_from or name[:10]
    header = HEADER.format(name=name, status=status, published_on=published_on or start, in_force_from=start, based_on=based_on or "null", unit=unit)
    (edition / "edition.yaml").write_text(header, encoding="utf-8")
    usual: dict[str, Rows | None] = {
        "staff_rates": RATES,
        "staff_rate_derivation": [],
        "items": ITEMS,
        "activities": ACTIVITIES,
        "site_multipliers": MULTIPLIERS,
    }
    for file, rows in {**({} if based_on else usual), **(files or {})}.items():
        if rows is not None:
            write_rows(edition / f"{file}.csv", COLUMNS[f"{file}.csv"], rows)
    return edition


def write_organisations(folder: Path, rows: Rows = ORGANISATIONS) -> Path:
    """Write ``organisations.csv`` and return its path."""
    path = folder / "organisations.csv"
    write_rows(path, ORGANISATION_COLUMNS, rows)
    return path


def write_rows(path: Path, columns: Sequence[str], rows: Rows) -> None:
    """Write a CSV file with these columns and rows."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([columns, *rows])


def alter(path: Path, old: str, new: str) -> None:
    """Replace ``old``, which must be there, in a file."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
