"""The prices file, ``ncvr-prices/1``, as it comes back from outside: strict, and checked against its own fingerprints."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from ncvr.domain.price_record import fingerprint
from ncvr.domain.study import Count, Day, Id, Name, OdsCode, Record, Text
from ncvr.errors import Finding

Amount = Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]*)(\.[0-9]{2})?$")]
Multiplier = Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]*)(\.[0-9]+)?$")]
Exact = Annotated[str, StringConstraints(pattern=r"^-?[0-9]+(\.[0-9]+|/[0-9]+)?$")]
Hash = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]


class WorkingLineRecord(Record):
    activity: Id
    role: Name | None = None
    minutes: int | str | None = None
    item: Name | None = None
    quantity: Count
    rate: Exact
    activity_cost: Exact
    occurrences: Count
    total_activity_cost: Exact
    indirect: Exact
    capacity: Exact
    multiplier_amount: Exact
    total: Exact
    department: Name
    source: Name
    uplift_source: Name | None = None


class WorkingsRecord(Record):
    """``lines`` add up exactly to ``exact``; the price is ``exact + rounding``."""

    lines: list[WorkingLineRecord]
    national_cost: Exact
    exact: Exact
    rounding: Exact
    multiplier_source: Name | None = None


class DepartmentShare(Record):
    department: Name
    price: Amount


class _Explained(Record):
    id: Id
    by_department: list[DepartmentShare] | None = None
    workings: WorkingsRecord | None = None


class PriceRecord(_Explained):
    """A visit, or a set-up or close-down item."""

    price: Amount


class UnitPriceRecord(_Explained):
    """An item or unscheduled item, paid per occurrence."""

    unit_price: Amount


class ArmPrices(Record):
    id: Id
    visits: list[PriceRecord]
    per_participant: Amount
    items: list[UnitPriceRecord]


class PricedSite(Record):
    ods_code: OdsCode
    name: Text
    id: Id | None = None


class Cap(Record):
    id: Id
    cap: Amount | None


class ScreenFailure(Record):
    arm: Id
    price: Amount


class Projected(Record):
    participants: int | None
    total: Amount | None
    assumes: list[Text]


class ArmDirectCost(Record):
    arm: Id
    amount: Exact


class DirectCosts(Record):
    per_participant: list[ArmDirectCost]
    setup: Exact


class SitePrices(Record):
    site: PricedSite
    multiplier: Multiplier
    arms: list[ArmPrices]
    unscheduled: list[UnitPriceRecord]
    setup_and_closedown: list[PriceRecord]
    pass_through: list[Cap]
    screen_failure: list[ScreenFailure]
    projected: Projected
    direct_costs: DirectCosts
    fingerprint: Hash


class PricedStudy(Record):
    iras_id: Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{3,6}$")]
    version: Count
    schedule_sha256: Hash


class PricedTariff(Record):
    edition: Name
    status: Literal["illustrative", "transcribed", "checked"]
    sha256: Hash
    lock: Literal["locked", "unlocked"]


class PricesFile(Record):
    """A prices file. ``prices`` has one entry a site."""

    format: Literal["ncvr-prices/1"]
    study: PricedStudy
    tariff: PricedTariff
    pricing_date: Day
    software: Name
    prices: Annotated[list[SitePrices], Field(min_length=1)]


def check_fingerprints(record: dict[str, Any]) -> Iterator[Finding]:
    """Entries of a valid prices record whose fingerprint is not that of their own figures: somebody changed something."""
    for entry in record["prices"]:
        if entry["fingerprint"] != fingerprint(record["study"], record["tariff"], entry):
            place = f"site {entry['site']['ods_code']}"
            yield Finding(place, "the fingerprint is not that of the figures in this file", "The file was changed after it was written; price the study again")
