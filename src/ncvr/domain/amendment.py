"""Two versions of a schedule at a contracted site: what was signed stays signed.

An unchanged payable keeps its signed price under every policy. Changed and new ones are priced by the edition that the
signed edition's ``amendment_pricing`` names. A removed one is shown withdrawn, never as negative money.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ncvr.domain.pricing import Kind, Payable
from ncvr.domain.site_price import SitePrice
from ncvr.domain.tariff import TariffEdition
from ncvr.money import Pence

Change = Literal["unchanged", "changed", "new", "withdrawn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendedPayable:
    """One payable of the amended contract. ``price`` is None for a withdrawn one; ``edition`` is what priced it."""

    kind: Kind
    arm: str
    id: str
    change: Change
    signed: Pence | None
    price: Pence | None
    edition: str


def amendment_edition(signed: TariffEdition, current: TariffEdition) -> TariffEdition:
    """The edition that prices what an amendment changes: the current one, unless the signed one says its own."""
    return signed if signed.amendment_pricing == "original_edition" else current


def price_amendment(signed: SitePrice, amended: SitePrice) -> tuple[AmendedPayable, ...]:
    """Every payable of both versions once: first those of the amended version in its order, then the withdrawn.

    ``signed`` is the contracted price; ``amended`` is the new version priced by :func:`amendment_edition`.
    """
    before = {_key(payable): (payable, price) for payable, price in zip(signed.costs.payables, signed.prices, strict=True)}
    after = dict(zip(map(_key, amended.costs.payables), zip(amended.costs.payables, amended.prices, strict=True), strict=True))
    kept = [_amended(payable, price, before.get(key), signed, amended) for key, (payable, price) in after.items()]
    return (*kept, *_withdrawn(signed, before, set(after)))


_Key = tuple[Kind, str, str]


def _key(payable: Payable) -> _Key:
    return payable.kind, payable.arm, payable.id


def _amended(payable: Payable, price: Pence, earlier: tuple[Payable, Pence] | None, signed: SitePrice, amended: SitePrice) -> AmendedPayable:
    kind, arm, own = _key(payable)
    if earlier is None:
        return AmendedPayable(kind=kind, arm=arm, id=own, change="new", signed=None, price=price, edition=amended.costs.edition.edition)
    if _resource(earlier[0]) == _resource(payable):
        return AmendedPayable(kind=kind, arm=arm, id=own, change="unchanged", signed=earlier[1], price=earlier[1], edition=signed.costs.edition.edition)
    return AmendedPayable(kind=kind, arm=arm, id=own, change="changed", signed=earlier[1], price=price, edition=amended.costs.edition.edition)


def _withdrawn(signed: SitePrice, before: dict[_Key, tuple[Payable, Pence]], kept: set[_Key]) -> Iterator[AmendedPayable]:
    for (kind, arm, key), (_, price) in before.items():
        if (kind, arm, key) not in kept:
            yield AmendedPayable(kind=kind, arm=arm, id=key, change="withdrawn", signed=price, price=None, edition=signed.costs.edition.edition)


def _resource(payable: Payable) -> list[tuple[str, ...]]:
    """What a price is made of, in an order of its own: a new name, department or order of lines changes no price."""
    lines = [(cost.resource, times) for cost, times in payable.lines]
    return sorted((line.role or "", line.item or "", str(line.minutes), str(line.quantity), str(times)) for line, times in lines)
