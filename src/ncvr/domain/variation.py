"""A contract varied: what is unchanged keeps its signed price through every variation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ncvr.domain.amendment import AmendedPayable, price_amendment
from ncvr.domain.pricing import Payable
from ncvr.domain.site_price import SitePrice
from ncvr.money import Pence, pounds

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedPayable:
    """The price of a payable that stands in the signed contract, and the edition that made it."""

    price: Pence
    edition: str


def vary(signed: SitePrice, standing: Mapping[Key, SignedPayable], amended: SitePrice) -> tuple[AmendedPayable, ...]:
    """Every payable of the contract as varied.

    ``signed`` is the price of the version the contract now carries; ``standing`` holds what earlier variations left in
    place and is empty before the first.
    """
    kept = [standing[_key(payable)].price if _key(payable) in standing else price for payable, price in zip(signed.costs.payables, signed.prices, strict=True)]
    varied = price_amendment(replace(signed, prices=tuple(kept)), amended)
    return tuple(_with_first_edition(payable, standing) for payable in varied)


def _key(payable: Payable | AmendedPayable) -> Key:
    return payable.kind, payable.arm, payable.id


def _with_first_edition(payable: AmendedPayable, standing: Mapping[Key, SignedPayable]) -> AmendedPayable:
    earlier = standing.get(_key(payable))
    return replace(payable, edition=earlier.edition) if earlier is not None and payable.change in ("unchanged", "withdrawn") else payable


def variation_record(varied: Sequence[AmendedPayable], places: int) -> list[dict[str, Any]]:
    """The variation as JSON values; withdrawn payables have no price, never a negative one."""
    return [
        {
            "kind": payable.kind,
            "arm": payable.arm,
            "id": payable.id,
            "change": payable.change,
            "signed": None if payable.signed is None else pounds(payable.signed, places),
            "price": None if payable.price is None else pounds(payable.price, places),
            "edition": payable.edition,
        }
        for payable in varied
    ]
