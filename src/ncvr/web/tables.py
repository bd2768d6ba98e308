"""Lists as JSON pages, or as CSV for those who ask for a table."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from ncvr.web.access import Answer, Visit, json_answer

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def wants_csv(visit: Visit) -> bool:
    return "text/csv" in visit.headers.get("accept", "")


def table_answer(visit: Visit, items: Sequence[Mapping[str, Any]], following: str | None) -> Response:
    """The items as one page of JSON, or as CSV where the request accepts ``text/csv``; then the cursor is a header."""
    if wants_csv(visit):
        headers = {} if following is None else {"X-Next-Cursor": following}
        return Answer(body=csv_table(items), media_type="text/csv; charset=utf-8", headers=headers).response()
    return json_answer({"items": items, "next": following}).response()


def csv_table(items: Sequence[Mapping[str, Any]]) -> bytes:
    """One row an item; objects within are spread over columns. Text that a spreadsheet would take for a formula gets a ``'``."""
    rows = [_flat(item) for item in items]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([[_cell(row.get(name)) for name in columns] for row in rows])
    return text.getvalue().encode("utf-8")


def _flat(item: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in item.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def _cell(value: Any) -> str:
    return safe_cell("" if value is None else str(value).lower() if isinstance(value, bool) else str(value))


def safe_cell(text: str) -> str:
    """Text that a spreadsheet takes for text.

    >>> safe_cell("=1+1"), safe_cell("Leeds")
    ("'=1+1", 'Leeds')
    """
    return f"'{text}" if text.startswith(_FORMULA) else text
