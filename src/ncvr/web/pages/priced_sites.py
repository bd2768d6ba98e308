"""The prices of a study's sites as they were kept, payable by payable under the names people know, for pages that put sites beside each other."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ncvr.domain.site_costing import SiteCosting
from ncvr.domain.study import Study
from ncvr.files.price_files import names_in
from ncvr.money import exact, shown_figure
from ncvr.services.costing import is_stale, list_costings
from ncvr.services.kept_prices import agreed_study
from ncvr.services.office import Act
from ncvr.store import costings

# States in which a costing is over.
OVER = ("withdrawn", "declined", "superseded")


class Payable(NamedTuple):
    """What is paid for: its kind as in ``ncvr-prices/1``, its arm (empty for the whole study) and its id."""

    kind: str
    arm: str
    id: str

    def address(self, iras_id: str, site: str) -> str:
        """Where it is explained why it costs what it costs."""
        words = [self.kind, self.arm, self.id] if self.arm else [self.kind, self.id]
        return f"/studies/{iras_id}/sites/{site}/why/{'/'.join(words)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedSite:
    """A site's newest costing with its price as it was kept. Amounts are texts in pounds, as they were written."""

    costing: SiteCosting
    record: Mapping[str, Any]
    stale: bool

    @property
    def key(self) -> str:
        return self.costing.site.key

    @property
    def entry(self) -> Mapping[str, Any]:
        entry: Mapping[str, Any] = self.record["prices"][0]
        return entry

    @property
    def name(self) -> str:
        return str(self.entry["site"]["name"])

    @property
    def priced_version(self) -> int:
        """The version the kept price was made from; a varied contract carries a newer one."""
        return int(self.record["study"]["version"])

    def amounts(self) -> Iterator[tuple[Payable, str]]:
        """Every payable with its price, in the order of the file."""
        for arm in self.entry["arms"]:
            yield from ((Payable("visit", arm["id"], each["id"]), each["price"]) for each in arm["visits"])
            yield from ((Payable("item", arm["id"], each["id"]), each["unit_price"]) for each in arm["items"])
        yield from ((Payable("unscheduled", "", each["id"]), each["unit_price"]) for each in self.entry["unscheduled"])
        yield from ((Payable("setup_and_closedown", "", each["id"]), each["price"]) for each in self.entry["setup_and_closedown"])


def newest_costings(act: Act, iras_id: str) -> list[SiteCosting]:
    """Each site's newest costing that this person may see, in the order of the codes."""
    newest = {costing.site.key: costing for costing in list_costings(act, iras_id)}
    return list(newest.values())


def priced_site(act: Act, costing: SiteCosting) -> PricedSite:
    return PricedSite(costing=costing, record=json.loads(costing.price.record), stale=is_stale(act, costing))


def shown_amount(text: str) -> str:
    """An amount of a prices file as people read it.

    >>> shown_amount("1234.50"), shown_amount("1234")
    ('£1,234.50', '£1,234')
    """
    return shown_figure(exact(text))


@dataclass(frozen=True, slots=True, kw_only=True)
class PayableNames:
    """The names of a study's arms, visits, work and costs; of several versions the newest says how a thing is called."""

    arms: Mapping[str, str]
    payables: Mapping[tuple[str, str], str]
    pass_through: Mapping[str, str]

    def of(self, payable: Payable) -> str:
        """A visit by id and name, work by its name."""
        name = self.payables.get((payable.arm, payable.id), "")
        return f"{payable.id} {name}".rstrip() if payable.kind == "visit" else name or payable.id

    def with_arm(self, payable: Payable) -> str:
        return f"{self.arms.get(payable.arm, payable.arm)}, {self.of(payable)}" if payable.arm else self.of(payable)


def payable_names(act: Act, iras_id: str, sites: Sequence[PricedSite]) -> PayableNames:
    """Names in every version these sites were priced from."""
    versions = sorted({site.priced_version for site in sites} | {site.costing.version for site in sites})
    return names_of([agreed_study(act, iras_id, version) for version in versions])


def names_of(studies: Sequence[Study]) -> PayableNames:
    """Later studies win."""
    arms: dict[str, str] = {}
    payables: dict[tuple[str, str], str] = {}
    passed: dict[str, str] = {}
    for study in studies:
        arms |= {arm.id: arm.name for arm in study.arms}
        payables |= names_in(study)
        passed |= {each.id: each.name for each in study.pass_through}
    return PayableNames(arms=arms, payables=payables, pass_through=passed)


def varied(act: Act, site: PricedSite) -> list[Mapping[str, Any]]:
    """What the newest variation of a site's contract says of every payable; nothing if it was never varied."""
    every = costings.variations_of(act.connection, site.costing.id)
    return list(json.loads(every[-1].record)) if every else []
