"""The list of changes between two studies as a file, ``ncvr-changes/1``: what ``ncvr workbook import`` and ``diff`` write as JSON."""

from typing import Literal

from ncvr.domain.activity_changes import What
from ncvr.domain.prices_file import Exact
from ncvr.domain.study import Day, Name, Record


class ChangeRecord(Record):
    """One change; ``effect`` in exact national pounds, every payable once, or null where one side cannot be priced."""

    what: What
    place: Name
    cell: str | None
    old: str | None
    new: str | None
    effect: Exact | None


class TotalsRecord(Record):
    minutes: Exact
    counts: int
    national_cost: Exact | None


class BothTotals(Record):
    before: TotalsRecord
    after: TotalsRecord


class ChangesFile(Record):
    format: Literal["ncvr-changes/1"]
    edition: Name
    pricing_date: Day
    changes: list[ChangeRecord]
    totals: BothTotals
