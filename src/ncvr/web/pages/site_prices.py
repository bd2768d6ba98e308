"""The prices of a study's sites beside each other. Each price leads to why it is what it is; nobody edits one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import Response

from ncvr.domain.moves import open_moves
from ncvr.domain.site_costing import COSTING_MOVES
from ncvr.errors import Finding
from ncvr.files.price_files import names_in, prices_csv
from ncvr.money import exact
from ncvr.services.kept_prices import agreed_study, site_name
from ncvr.services.office import Act
from ncvr.services.pricing import site_problems
from ncvr.web.api_contracts import named
from ncvr.web.api_sites import read_price
from ncvr.web.pages.page import Seen
from ncvr.web.pages.priced_sites import OVER, Payable, PayableNames, PricedSite, newest_costings, payable_names, priced_site, shown_amount, varied
from ncvr.web.pages.study_title import agreed_or_draft, study_title
from ncvr.web.pages.table import Cell, Column, Row, Table
from ncvr.web.routing import Routes

routes = Routes("Pages")
MOST = 6
_CSV = "text/csv; charset=utf-8"
_KINDS = (("visit", "visits"), ("item", "items, each time"))
_CHANGES = {"unchanged": "Unchanged, as signed", "new": "New", "changed": "Changed", "withdrawn": "Withdrawn"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteToChoose:
    """A site of the list to choose from."""

    key: str
    name: str
    chosen: bool


@routes.add("GET", "/studies/{iras_id}/prices", "price.read", media_type="text/html")
def prices_page(page: Seen, iras_id: str) -> Response:
    """At most six sites, chosen by ticking them."""
    ticked = page.request.query_params.getlist("site")
    if ticked:
        return page.go(f"/studies/{iras_id}/prices?{urlencode({'sites': ','.join(ticked[:MOST])}, safe=',')}")
    with page.look() as act:
        by = act.standing("price.read", iras_id)
        costings = newest_costings(act, iras_id)
        wanted = [key for key in page.asked("sites").split(",") if key]
        live = [costing for costing in costings if costing.state not in OVER]
        chosen = ([costing for costing in costings if costing.site.key in wanted] or live or costings)[:MOST]
        sites = [priced_site(act, costing) for costing in chosen]
        names = payable_names(act, iras_id, sites)
        variations = [_variation_table(site, changes, names) for site in sites if (changes := varied(act, site))]
        every = [priced_site(act, costing) for costing in live]
        values: dict[str, Any] = {
            "title": study_title(act, iras_id),
            "unpriceable": [] if by == "site" else _unpriceable(act, iras_id, every),
            "to_lock": [site.key for site in every if not site.stale and "lock" in open_moves(COSTING_MOVES, site.costing.state, by)],
            "stale": [(site, "reprice" in open_moves(COSTING_MOVES, site.costing.state, by)) for site in every if site.stale],
            "in_force": act.office.tariffs.in_force(act.today).edition,
        }
    table = prices_table(iras_id, sites, names)
    shown = {site.key for site in sites}
    return page.show(
        "site_prices.html",
        tables=[table, *variations],
        iras_id=iras_id,
        sites=sites,
        parts=list(dict.fromkeys(str(row["part"]) for row in table.rows)),
        choices=[SiteToChoose(key=each.site.key, name=site_name(each), chosen=each.site.key in shown) for each in costings],
        most=MOST,
        editions=sorted({(site.record["tariff"]["edition"], site.record["tariff"]["status"]) for site in sites}),
        variations=[table.name for table in variations],
        assumptions=_assumptions(sites),
        **values,
    )


def prices_table(iras_id: str, sites: Sequence[PricedSite], names: PayableNames) -> Table:
    """One row a price, one column a site; rows stand in parts, which the table says in a column of its own."""
    columns = [Column("what", "Paid for", sortable=False), *(Column(site.key, site.key, numeric=True) for site in sites)]
    rows = [*_head(sites), *_payables(iras_id, sites, names), *_caps(sites, names), *_totals(sites, names)] if sites else []
    empty = "No site is priced yet. Every listed site is priced when the company and the lead site agree the resource."
    return Table(name="prices", caption=f"Site prices of study {iras_id}", columns=[columns[0], Column("part", "Part"), *columns[1:]], rows=rows, empty=empty)


def _head(sites: Sequence[PricedSite]) -> Iterator[Row]:
    cells = {site.key: Cell(site.entry["multiplier"], href=f"/organisations/{site.costing.site.ods_code}") for site in sites}
    yield {"part": "The site", "what": "Multiplier", **cells}
    yield {"part": "The site", "what": "Version", **{site.key: str(site.priced_version) for site in sites}}


def _payables(iras_id: str, sites: Sequence[PricedSite], names: PayableNames) -> Iterator[Row]:
    amounts = {site.key: dict(site.amounts()) for site in sites}
    listed = list(dict.fromkeys(payable for found in amounts.values() for payable in found))
    for part, payables in _parts(listed, names):
        for payable in payables:
            cells = {site.key: _price(amounts[site.key][payable], payable.address(iras_id, site.key)) for site in sites if payable in amounts[site.key]}
            yield {"part": part, "what": names.of(payable), **cells}


def _parts(listed: Sequence[Payable], names: PayableNames) -> Iterator[tuple[str, list[Payable]]]:
    """Arm by arm its visits, then its items; then what is of the whole study."""
    for arm in dict.fromkeys(payable.arm for payable in listed if payable.arm):
        for kind, words in _KINDS:
            yield f"{names.arms.get(arm, arm)}: {words}", [payable for payable in listed if payable.arm == arm and payable.kind == kind]
    yield "Unscheduled items, each time", [payable for payable in listed if payable.kind == "unscheduled"]
    yield "Set-up and close-down", [payable for payable in listed if payable.kind == "setup_and_closedown"]


def _price(text: str, href: str = "") -> Cell:
    return Cell(shown_amount(text), href=href, order=exact(text))


def _caps(sites: Sequence[PricedSite], names: PayableNames) -> Iterator[Row]:
    caps = {site.key: {each["id"]: each["cap"] for each in site.entry["pass_through"]} for site in sites}
    for entry in dict.fromkeys(entry for found in caps.values() for entry in found):
        cells = {key: Cell("At cost") if found[entry] is None else _price(found[entry]) for key, found in caps.items() if entry in found}
        yield {"part": "Passed on at cost, at most", "what": names.pass_through.get(entry, entry), **cells}


def _totals(sites: Sequence[PricedSite], names: PayableNames) -> Iterator[Row]:
    failures = {site.key: {each["arm"]: each["price"] for each in site.entry["screen_failure"]} for site in sites}
    totals = {site.key: {arm["id"]: arm["per_participant"] for arm in site.entry["arms"]} for site in sites}
    for part, by_site in (("Screen failure: the screening visits together", failures), ("A participant: each scheduled visit once", totals)):
        for arm in dict.fromkeys(arm for found in by_site.values() for arm in found):
            yield {"part": part, "what": names.arms.get(arm, arm), **{key: _price(found[arm]) for key, found in by_site.items() if arm in found}}
    projected = {site.key: site.entry["projected"] for site in sites}
    people = {key: str(found["participants"]) if found["participants"] is not None else "Not stated" for key, found in projected.items()}
    yield {"part": "Projected, not a price", "what": "Participants", **people}
    yield {
        "part": "Projected, not a price",
        "what": "Projected total",
        **{key: _price(found["total"]) if found["total"] is not None else "Not known" for key, found in projected.items()},
    }


def _assumptions(sites: Sequence[PricedSite]) -> list[tuple[str, list[str]]]:
    """What the projected totals assume, and at which sites; sites that assume the same stand together."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for site in sites:
        groups.setdefault(tuple(site.entry["projected"]["assumes"]), []).append(site.key)
    return [(", ".join(keys), list(assumes)) for assumes, keys in groups.items()]


def _unpriceable(act: Act, iras_id: str, sites: Sequence[PricedSite]) -> list[tuple[str, Finding]]:
    """Sites of the study that the edition in force cannot price: those that are stale, and those listed before anything is agreed."""
    listed = [site.costing.site for site in sites if site.stale] if sites else agreed_or_draft(act, iras_id).sites
    shelf = act.office.tariffs
    found = []
    for site in listed:
        problems = site_problems([site], shelf.in_force(act.today), shelf.organisations(), act.today)
        found += [(site.ods_code, finding) for problem in problems for finding in problem.findings]
    return found


def _variation_table(site: PricedSite, changes: Sequence[Mapping[str, str | None]], names: PayableNames) -> Table:
    """What the newest variation of a contract says of each payable: the unchanged ones keep their signed price."""
    rows: list[Row] = [
        {
            "what": names.with_arm(Payable(str(each["kind"]), each["arm"] or "", str(each["id"]))),
            "change": _CHANGES.get(str(each["change"]), str(each["change"])),
            "signed": "" if each["signed"] is None else _price(each["signed"]),
            "price": "" if each["price"] is None else _price(each["price"]),
            "edition": each["edition"] or "",
        }
        for each in changes
    ]
    columns = (
        *(Column("what", "Paid for"), Column("change", "Change"), Column("signed", "As signed", numeric=True)),
        *(Column("price", "As varied", numeric=True), Column("edition", "Edition")),
    )
    caption = f"Contract of {site.name}, varied to version {site.costing.version}"
    return Table(name=f"variation-{site.key}", caption=caption, columns=columns, rows=rows)


@routes.add("GET", "/studies/{iras_id}/prices.csv", "price.read", media_type=_CSV)
def prices_file(page: Seen, iras_id: str) -> Response:
    """Every price of every site this person may see, one row a price, as programs and pivot tables take them."""
    with page.look() as act:
        act.standing("price.read", iras_id)
        sites = [priced_site(act, costing) for costing in newest_costings(act, iras_id) if costing.state not in OVER]
        texts = [prices_csv(dict(site.record), names_in(agreed_study(act, iras_id, site.priced_version))) for site in sites]
    lines = [text.partition("\r\n") for text in texts]
    content = "".join([*(head + end for head, end, _ in lines[:1]), *(rest for _, _, rest in lines)])
    return Response("\ufeff" + content, headers=named(f"{iras_id}_prices.csv"), media_type=_CSV)


@routes.add("GET", "/studies/{iras_id}/sites/{ods}/prices.json", "price.read", media_type="application/json")
def site_prices_file(page: Seen, iras_id: str, ods: str) -> Response:
    """One site's price as the file it was kept as (ncvr-prices/1)."""
    answer: Response = read_price(page.visit, iras_id, ods)
    answer.headers.update(named(f"{iras_id}_{ods}_prices.json"))
    return answer
