"""A site of a study: its costing, the moves that are open, and every price it ever had."""

from fastapi import Response

from ncvr.domain.people import Standing
from ncvr.domain.permissions import STUDY_OPERATIONS
from ncvr.domain.site_costing import SiteCosting
from ncvr.money import exact, shown_figure
from ncvr.services.considering import consider_costing
from ncvr.services.costing import is_stale
from ncvr.services.kept_prices import agreed_study
from ncvr.services.office import Act
from ncvr.store import costings
from ncvr.web.pages.history_words import title_of
from ncvr.web.pages.move_words import REFUSAL_WORDS, SITE_WORDS
from ncvr.web.pages.page import Seen
from ncvr.web.pages.site_moves import costing_facts_shown, edition_status, site_words
from ncvr.web.pages.table import Cell, Column, Row, Table
from ncvr.web.pages.templates import day_here, long_day
from ncvr.web.pages.words import COSTING_TAGS, STALE_TAG
from ncvr.web.routing import Routes

routes = Routes("Pages")
# The one act of a site, of those that are open: what cannot wait comes first.
FIRST = ("reassign", "reprice", "lock", "share", "accept", "contract", "vary")


@routes.add("GET", "/studies/{iras_id}/sites/{ods}", "sites.list", media_type="text/html")
def site_page(page: Seen, iras_id: str, ods: str) -> Response:
    """The site's newest costing, as this person may see it."""
    with page.look() as act:
        considered = consider_costing(act, iras_id, ods)
        found, by = considered.costing, considered.by
        sees_price, stale = by in STUDY_OPERATIONS["price.read"], is_stale(act, found)
        main = next((name for name in FIRST if name in considered.moves), None)
        return page.show(
            "site.html",
            tables=[_prices(act, found)] if sees_price else [],
            iras_id=iras_id,
            title=title_of(agreed_study(act, iras_id, found.version)),
            name=site_words(act, found),
            home=f"/studies/{iras_id}/sites/{found.site.key}",
            tag=STALE_TAG if stale else COSTING_TAGS[found.state],
            says=_says(found, by, stale),
            facts=_facts(act, found, sees_price),
            main=(main, SITE_WORDS[main]) if main is not None else None,
            others=[(name, SITE_WORDS[name]) for name in considered.moves if name != main],
            may_escalate=by == "site" and found.state == "shared",
            may_write=by in STUDY_OPERATIONS["details.write"],
            sees_price=sees_price,
            sees_contract=by in STUDY_OPERATIONS["contract.read"],
            illustrative_of=edition_status(found) if sees_price else None,
        )


def _facts(act: Act, found: SiteCosting, sees_price: bool) -> list[tuple[str, str]]:
    rows = costing_facts_shown(act, found) if sees_price else [("Site", f"{site_words(act, found)} ({found.site.key})"), ("Version", str(found.version))]
    rows += [("Former organisation", found.former_code)] if found.former_code else []
    rows += [("Principal investigator", found.site.principal_investigator)] if found.site.principal_investigator else []
    rows += [("Shared", long_day(day_here(found.shared_at)))] if found.shared_at else []
    rows += [("Contract signed", f"{long_day(found.signed_on)}, template {found.template}")] if found.signed_on else []
    code = next((words for known, words in REFUSAL_WORDS.items() if known == found.reason_code), "")
    said = ". ".join(part for part in (code, found.reason) if part)
    return [*rows, ("Reason given", said)] if said else rows


def _says(found: SiteCosting, by: Standing, stale: bool) -> str:
    """What the state means, in a sentence."""
    if stale:
        return "The price was made from an edition that is not in force any more, or the organisation has closed. It is made again before anything else."
    if by == "site" and found.state == "shared":
        return "Accept the price as it came out; or escalate an activity that is missing; or refuse it with a reason."
    return _MEANS[found.state]


_MEANS = {
    "priced": "The site is priced. The company locks the price, then shares it.",
    "locked": "The price is locked. The company completes the contract’s details and shares it.",
    "shared": "The site has the price and its contract, and answers.",
    "escalated": "The site says that something is missing. Its network decides.",
    "accepted": "The site has accepted. The company has the contract signed, then records it.",
    "contracted": "The contract is signed, and its price is frozen.",
    "refused": "The site has refused the price. The company amends the study, or withdraws the site.",
    "declined": "The site does not take part.",
    "withdrawn": "The company has withdrawn the site.",
    "superseded": "A newer version is agreed, and the site was priced from it anew.",
}


def _prices(act: Act, found: SiteCosting) -> Table:
    columns = (
        *(Column("number", "Price"), Column("on", "Priced on"), Column("edition", "Edition")),
        *(Column("multiplier", "Multiplier", numeric=True), Column("total", "Projected total", numeric=True)),
    )
    rows: list[Row] = [
        {
            "number": Cell(f"{price.number}{', in force' if price.number == found.price.number else ''}", order=price.number),
            "on": Cell(long_day(price.pricing_date), order=price.pricing_date.isoformat()),
            "edition": price.edition,
            "multiplier": price.multiplier,
            "total": Cell(shown_figure(exact(price.total)) if price.total is not None else "No target", order=exact(price.total or "0")),
        }
        for price in reversed(costings.earlier_prices(act.connection, found))
    ]
    return Table(name="prices", caption="Every price this site had", columns=columns, rows=rows)
