"""Who read what as CSV: a header, then one row for each kept access."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from ncvr.files.csv_table import inert

COLUMNS = ("at", "actor", "method", "path", "status", "times", "correlation_id")


def accesses_csv(records: Iterable[Mapping[str, Any]]) -> str:
    """The records' columns as text; an actor who is not known is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([inert("" if record[name] is None else str(record[name])) for name in COLUMNS] for record in records)
    return text.getvalue()
