"""Moves of many sites at once: locking and sharing all that can be, and re-pricing the nation from an edition."""

from collections.abc import Sequence

from fastapi import Response

from ncvr.domain.site_costing import SiteCosting
from ncvr.domain.study import Study
from ncvr.errors import ChangedMeanwhile, InputError, MoveNotAllowed
from ncvr.services import costing
from ncvr.services.considering import consider_costing, costing_moves, costing_obstacles
from ncvr.services.costing import list_costings
from ncvr.services.kept_prices import agreed_study
from ncvr.services.office import Act
from ncvr.services.revisions import costing_object
from ncvr.store import studies, work_lists
from ncvr.web.pages.history_words import title_of
from ncvr.web.pages.move_page import moved_on
from ncvr.web.pages.move_words import ALL_WORDS
from ncvr.web.pages.page import Page, Seen
from ncvr.web.pages.site_moves import edition_status, site_words, total_words
from ncvr.web.pages.table import Cell, Column, Row, Table
from ncvr.web.routing import Routes

routes = Routes("Pages")
_MAKE = {"lock": costing.lock, "share": costing.share}
_COLUMNS = (Column("site", "Site"), Column("total", "Projected total", numeric=True), Column("edition", "Edition"))


def _ready(act: Act, iras_id: str, name: str) -> tuple[list[SiteCosting], list[tuple[str, str]]]:
    """The costings the move leads on from now, and those it does not, each with why."""
    by, latest = act.standing(ALL_WORDS[name].operation, iras_id), studies.latest_version(act.connection, iras_id)
    found = [each for each in list_costings(act, iras_id) if name in costing_moves(act, each, by, latest)]
    kept_back = {each.id: costing_obstacles(act, each, name, latest) for each in found}
    ready = [each for each in found if not kept_back[each.id]]
    return ready, [(site_words(act, each), kept_back[each.id][0].problem) for each in found if kept_back[each.id]]


def _look(page: Page, iras_id: str, name: str) -> Response:
    with page.look() as act:
        ready, kept_back = _ready(act, iras_id, name)
        review = studies.read(act.connection, iras_id)
        assert review is not None  # the person has a standing in it
        rows: list[Row] = [{"site": site_words(act, each), "total": _total(each), "edition": each.price.edition} for each in ready]
        return page.show(
            "check_all.html",
            tables=[Table(name="sites", caption=f"{len(ready)} sites", columns=_COLUMNS, rows=rows, empty=_none(name))],
            iras_id=iras_id,
            title=title_of(_study(act, ready) or review.study),
            words=ALL_WORDS[name],
            name=name,
            ready=ready,
            kept_back=kept_back,
            illustrative_of=edition_status(ready[0]) if ready else None,
        )


def _total(found: SiteCosting) -> Cell:
    total = found.price.total
    return Cell(total_words(found), order=0 if total is None else int(total.replace(".", "")))


def _study(act: Act, ready: Sequence[SiteCosting]) -> Study | None:
    return agreed_study(act, ready[0].iras_id, ready[0].version) if ready else None


def _none(name: str) -> str:
    return "No site has a price to lock now." if name == "lock" else "No site has a locked price to share now. Lock the prices first."


def _make(page: Page, iras_id: str, name: str) -> Response:
    """All of those the person saw, or none: a site that changed meanwhile stops it."""
    seen = [entry.rpartition(":") for entry in page.ticked("site")]
    site = ""
    try:
        with page.act() as act:
            act.standing(ALL_WORDS[name].operation, iras_id)
            if not seen:
                raise InputError("no site was named", "site", "Open the page again and decide there")
            for site, _, revision in seen:
                _MAKE[name](act, iras_id, site, int(revision) if revision.isdecimal() and len(revision) <= 10 else -1)
    except (ChangedMeanwhile, MoveNotAllowed):
        with page.look() as act:
            considered = consider_costing(act, iras_id, site, ALL_WORDS[name].operation)
            study, what = agreed_study(act, iras_id, considered.costing.version), costing_object(iras_id, considered.costing.number)
            return moved_on(page, act, study, (what, f"/studies/{iras_id}/{name}-all"), considered.by, status=412)
    return page.go(f"/studies/{iras_id}", said=f"all-{name}")


def _serve(name: str) -> None:
    def look(page: Seen, iras_id: str) -> Response:
        return _look(page, iras_id, name)

    def make(page: Seen, iras_id: str) -> Response:
        return _make(page, iras_id, name)

    path, operation = f"/studies/{{iras_id}}/{name}-all", ALL_WORDS[name].operation
    routes.add("GET", path, operation, media_type="text/html")(look)
    routes.add("POST", path, operation, media_type="text/html")(make)


for _name in _MAKE:
    _serve(_name)


@routes.add("GET", "/tariffs/{edition}/reprice", "tariffs.reprice", media_type="text/html")
def reprice_page(page: Seen, edition: str) -> Response:
    """What re-pricing the nation from an edition would touch."""

    with page.look() as act:
        act.allowed("tariffs.reprice")
        in_force = act.office.tariffs.in_force(act.today).edition
        stale = [each for each in work_lists.costings_at_work(act.connection, act.person, act.today) if each.edition != edition and each.state in _REPRICED]
        studies_touched = len({each.iras_id for each in stale})
    return page.show("reprice_nation.html", edition=edition, in_force=in_force, count_sites=len(stale), count_studies=studies_touched)


_REPRICED = ("priced", "locked", "shared", "accepted")


@routes.add("POST", "/tariffs/{edition}/reprice", "tariffs.reprice", media_type="text/html")
def reprice_nation(page: Seen, edition: str) -> Response:
    """Price every stale un-contracted costing of the nation again; done twice, it does nothing the second time."""
    with page.act() as act:
        done, left = costing.reprice_all(act, edition)
        rows = [_repriced(act, each, "Priced again") for each in done]
        rows += [_repriced(act, each, "Waits to be moved to a successor, or for a multiplier") for each in left]
    columns = (Column("study", "Study"), Column("site", "Site"), Column("outcome", "Outcome"))
    table = Table(name="repriced", caption="What was done", columns=columns, rows=rows, empty="Nothing was stale, so nothing was changed.")
    return page.show("repriced_nation.html", tables=[table], edition=edition, done=len(done), left=len(left))


def _repriced(act: Act, found: SiteCosting, outcome: str) -> dict[str, Cell | str]:
    return {
        "study": Cell(found.iras_id, href=f"/studies/{found.iras_id}"),
        "site": Cell(site_words(act, found), href=f"/studies/{found.iras_id}/sites/{found.site.key}"),
        "outcome": outcome,
    }
