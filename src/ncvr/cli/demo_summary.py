"""What the demo did, told to a newcomer."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ncvr.cli.columns import aligned
from ncvr.cli.price_workings import workings_table
from ncvr.domain.projection import project
from ncvr.domain.site_price import SitePrice
from ncvr.domain.verdict import Verdict
from ncvr.money import as_written, shown

if TYPE_CHECKING:
    from ncvr.services.demonstration import Demonstration


def summary(made: "Demonstration", folder: Path) -> str:
    """Prices of the ten trusts, one price explained, the forgery caught, and three commands to try."""
    return "\n".join([*_prices(made), *_why(made), *_forgery(made, folder), *_next(made, folder)])


def _prices(made: "Demonstration") -> Iterator[str]:
    costs = made.filled.priced.costs
    identity = costs.study.study
    yield f"{identity.short_title}: the real schedule of protocol {identity.protocol.number if identity.protocol else ''}, at ten real trusts"
    yield f"Priced on {made.filled.priced.on} from edition {costs.edition.edition} ({costs.edition.status}: not the national tariff)"
    yield ""
    sites = zip(made.filled.priced.prices, made.verdicts, strict=True)
    rows = [("site", "name", "multiplier", "per participant", "projected", "contract"), *(_row(price, verdict) for price, verdict in sites)]
    yield from aligned(rows, right={2, 3, 4}, indent="  ")
    yield "  (per participant: each scheduled visit once, the same in all three arms; sponsor, people and study numbers are made up)"


def _row(price: SitePrice, verdict: Verdict) -> tuple[str, ...]:
    projection = project(price)
    total = "" if projection.total is None else f"{shown(projection.total, price.places)} for {projection.participants}"
    per_participant = shown(price.per_participant(price.arms[0]), price.places)
    return price.site.key, price.name, as_written(price.multiplier.value), per_participant, total, verdict.verdict.upper()


def _why(made: "Demonstration") -> Iterator[str]:
    from ncvr.services.demonstration import EXPLAINED

    site, arm, visit = EXPLAINED
    price = next(price for price in made.filled.priced.prices if price.site.key == site)
    payable, amount = next((payable, amount) for payable, amount in price.of("visit", arm) if payable.id == visit)
    yield ""
    yield f"Why visit {arm}/{visit} costs {shown(amount, price.places)} at {price.name}:"
    yield from workings_table(price, payable)


def _forgery(made: "Demonstration", folder: Path) -> Iterator[str]:
    before, after = made.change
    yield ""
    yield f"Then one digit of one contract was changed, from {before} to {after}, in {folder / made.altered}."
    yield f"The check says {made.altered_verdict.verdict.upper()}:"
    yield from (f"  {finding}" for finding in made.altered_verdict.findings if finding.level == "error")


def _next(made: "Demonstration", folder: Path) -> Iterator[str]:
    contract = made.filled.contracts[0].file_name(made.filled.priced.costs.study.study.iras_id)
    yield ""
    yield f"Everything is in {folder}: contracts/ (open one in a word processor), contracts/index.csv, prices.json, explained.json,"
    ncvr = _started_as(sys.argv[0])
    yield "and the service's database ncvr.db with three studies in different states; people.csv says who may see what"
    yield f"({ncvr} demo without --no-serve opens it)."
    yield "positions_ILLUSTRATIVE.csv holds made-up positions of trusts, so that the declared adherence shows a share; no trust declared them."
    yield "Try next:"
    yield f"  {ncvr} price {folder / 'study.json'} --site RGT --on {made.filled.priced.on} --explain"
    yield f"  {ncvr} contract verify {folder / 'contracts' / contract} --price {folder / 'prices.json'}"
    yield f"  {ncvr} contract verify {folder / made.altered} --price {folder / 'prices.json'}"


def _started_as(program: str) -> str:
    """``ncvr`` where the shell finds it, else the way to it from here, such as ``.venv/bin/ncvr``."""
    here = Path.cwd()
    path = here / program
    if shutil.which("ncvr") or path.name != "ncvr" or not path.is_file():
        return "ncvr"
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
