"""Lists as JSON pages, or as CSV for those who ask for a table."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from ncvr.files.csv_records import records_csv
from ncvr.web.access import Answer, Visit, json_answer


def wants_csv(visit: Visit) -> bool:
    return "text/csv" in visit.headers.get("accept", "")


def table_answer(visit: Visit, items: Sequence[Mapping[str, Any]], following: str | None) -> Response:
    """The items as one page of JSON, or as CSV where the request accepts ``text/csv``; then the cursor is a header."""
    if wants_csv(visit):
        headers = {} if following is None else {"X-Next-Cursor": following}
        return Answer(body=records_csv(items), media_type="text/csv; charset=utf-8", headers=headers).response()
    return json_answer({"items": items, "next": following}).response()
