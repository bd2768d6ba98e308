"""Records as CSV: a header, then one row a record, for people who open it in a spreadsheet."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from ncvr.files.csv_table import inert


def records_csv(records: Sequence[Mapping[str, Any]], columns: Sequence[str] = ()) -> bytes:
    """One row a record; objects within are spread over columns. ``columns`` stand first, also where there is no record.

    Text that a spreadsheet would take for a formula gets a ``'``; what is not there is an empty cell.
    """
    rows = [_flat(record) for record in records]
    names = list(dict.fromkeys([*columns, *(name for row in rows for name in row)]))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows([[_cell(row.get(name)) for name in names] for row in rows])
    return text.getvalue().encode("utf-8")


def _flat(record: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def _cell(value: Any) -> str:
    return inert("" if value is None else str(value).lower() if isinstance(value, bool) else str(value))
