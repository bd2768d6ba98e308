"""Every page, asked by everybody, of every study in every state: who may see it, and that nobody learns what a rival does (R15 to R17 for pages).

By default a tenth of the cells, drawn by a seed that is printed; NCVR_ASSURE=full asks all.
"""

import asyncio
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from ncvr.domain.people import ROLES
from ncvr.domain.permissions import GENERAL_OPERATIONS, OPEN, STUDY_OPERATIONS
from ncvr.web.pages.site_map import PAGES
from ncvr.web.routing import Route
from tests.web.permission_town import PRICED, Asker, Place, Said, World, app_without_quotas, asked, neighbours
from tests.web.test_permission_walk import FULL, SEED, sampled
from tests.web.test_two_worlds import CANARY, INSIDERS, two_worlds

# What other parts of an address are called; where there is no such thing, that it is absent is the right answer.
_PART = re.compile(r"\{(\w+)(?::\w+)?\}")
_FORM = {"content-type": "application/x-www-form-urlencoded"}


class PageCell:
    """One page asked for by one person about one study and site."""

    def __init__(self, route: Route, asker: Asker, place: Place, site: str) -> None:
        self.route, self.asker, self.place, self.site = route, asker, place, site

    def __str__(self) -> str:
        of = f"{self.place.owner or 'nobody'}'s {self.place.known_as} study, site {self.site}"
        return f"{self.route.method} {self.route.path} by {self.asker.name} of {of}"

    @property
    def address(self) -> str:
        known = {"iras_id": self.place.iras_id, "ods": self.site, "edition": "2026-04-01-tiny", "code": "RGT", "case_id": self.place.case}
        return _PART.sub(lambda part: known.get(part[1], "A02"), self.route.path)

    @property
    def names_more(self) -> bool:
        """Whether the address names something within the study that may not be there."""
        return bool(set(_PART.findall(self.route.path)) - {"iras_id", "edition", "code"})


def cells(seen_from: World, routes: list[Route]) -> list[PageCell]:
    made = []
    for route in routes:
        of_study = "{iras_id}" in route.path or route.permission in STUDY_OPERATIONS
        for place in seen_from.places if of_study else seen_from.places[:1]:
            for site in (place.site, "RGT") if "{ods}" in route.path and place.state in PRICED else (place.site,):
                made += [PageCell(route, asker, place, site) for asker in seen_from.askers]
    return made


def chosen_from(every: list[PageCell]) -> list[PageCell]:
    """A sample; and always what sites ask of the study they may comment on, of which there are few."""
    return [*sampled(every), *(cell for cell in every if cell.asker.organisation and cell.asker.organisation in cell.place.commenting)]


def expected(cell: PageCell) -> set[str]:
    """What the one table says: ``door`` (asked to sign in), ``absent`` (404), ``refused`` (403), or ``open``: shown, whatever it says."""
    route, asker = cell.route, cell.asker
    if route.permission in OPEN:
        return {"open", "door"}  # after a password there is a second factor, and a wrong one is asked again
    if not asker.known:
        return {"door"}
    if asker.reads_only and route.method != "GET":
        return {"refused"}
    more = {"absent"} if cell.names_more else set()
    if route.permission in GENERAL_OPERATIONS:
        return ({"open"} if asker.role in GENERAL_OPERATIONS[route.permission] else {"refused"}) | more
    standing = asker.standing(cell.place)
    if standing is None:
        return {"absent"}
    if standing not in STUDY_OPERATIONS[route.permission]:
        return {"refused"} | more
    # what services say beyond the table (who holds the pen, whose move it is) is asked of the API, route by route
    return {"open", *more} if route.method == "GET" else {"open", "absent", "refused"}


def seen(said: Said) -> str:
    assert said.status < 500, said.content[-2000:]
    headers = dict(said.headers)
    if said.status == 303 and headers[b"location"].startswith(b"/sign-in"):
        return "door"
    return {404: "absent", 403: "refused"}.get(said.status, "open")


def questions_asked(seen_from: World, chosen: list[PageCell]) -> list[tuple[PageCell, Said]]:
    app = app_without_quotas(seen_from.town.office)

    async def ask_all() -> list[tuple[PageCell, Said]]:
        said = []
        for cell in chosen:
            words = {**cell.asker.headers, **({} if cell.route.method == "GET" else _FORM), "x-correlation-id": "one"}
            form = b"" if cell.route.method == "GET" else b"revision=1"
            said.append((cell, await asked(app, cell.route.method, cell.address, words, form)))
        return said

    return asyncio.run(ask_all())


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[tuple[World, World]]:
    yield from two_worlds(tmp_path_factory.mktemp("page-worlds"), migrated_file)


def test_everybody_sees_the_pages_the_table_says_and_no_others(worlds: tuple[World, World]) -> None:
    one, _ = worlds
    chosen = chosen_from(cells(one, PAGES))
    answers = [(cell, seen(said)) for cell, said in questions_asked(one, chosen)]
    wrong = [f"{cell}: {answer}, not {' or '.join(sorted(expected(cell)))}" for cell, answer in answers if answer not in expected(cell)]
    counts = Counter(answer for _, answer in answers)
    print(f"seed {SEED}: {len(answers)} cells of pages, {dict(counts)}")
    assert not wrong, f"seed {SEED}: {len(wrong)} of {len(answers)} cells\n" + "\n".join(wrong[:20])
    assert all(counts[kind] > 0 for kind in ("door", "absent", "refused", "open"))


def test_no_page_tells_anybody_else_in_which_world_they_are(worlds: tuple[World, World]) -> None:
    one, two = worlds
    reading = [route for route in PAGES if route.method == "GET"]
    chosen = [cell for cell in chosen_from(cells(one, reading)) if cell.asker.name not in INSIDERS]
    first, second = questions_asked(one, chosen), questions_asked(two, chosen)
    differ = [str(cell) for (cell, said), (_, other) in zip(first, second, strict=True) if without_head(said) != without_head(other)]
    assert differ == [], f"seed {SEED}"
    assert not [str(cell) for cell, said in second if CANARY.encode() in said.content]
    print(f"seed {SEED}: {len(chosen)} pages fetched in both worlds")
    assert len(chosen) >= 200


def test_no_page_tells_a_site_what_the_other_sites_of_its_study_do(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> None:
    """Every page the site can open, also of its escalations, of which another site sent one before."""
    folder = tmp_path_factory.mktemp("page-neighbours")
    told = []
    for name in ("one", "two"):
        seen_from = neighbours(folder / name, migrated_file, busier=name == "two")
        reading = [route for route in PAGES if route.method == "GET"]
        told.append(questions_asked(seen_from, [cell for cell in cells(seen_from, reading) if cell.asker.name == "site_rk9"]))
        seen_from.town.store.close()
    differ = [str(cell) for (cell, said), (_, other) in zip(*told, strict=True) if without_figures(cell, said) != without_figures(cell, other)]
    assert differ == []
    shown = {cell.route.path for cell, said in told[0] if said.status == 200}
    assert shown >= {"/studies/{iras_id}", "/studies/{iras_id}/sites/{ods}", "/studies/{iras_id}/escalations", "/studies/{iras_id}/escalations/{case_id}"}


# The head of the record is no secret, as of the API: that anything was done, not what.
_HEAD = re.compile(rb"<p[^>]*>The newest entry of the whole record is number [0-9]+\..*?</p>")


def without_head(said: Said) -> tuple[int, bytes]:
    return said.status, _HEAD.sub(b"", said.content)


# National figures over everybody's studies move with everybody's studies: the finding, what the picture says, the months, and the groups counted.
_FIGURES = re.compile(
    rb'<p class="ncvr-figure-words">.*?</p>|alt="[^"]*"|<table [^>]*id="[a-z0-9-]+-months".*?</table>'
    rb"|\s*<details [^>]*><summary [^>]*><span [^>]*>By region and by type of trust.*?</details>",
    re.DOTALL,
)


def without_figures(cell: PageCell, said: Said) -> tuple[int, bytes]:
    status, content = without_head(said)
    return status, _FIGURES.sub(b"", content) if cell.route.path == "/adherence" else content


def test_a_hidden_study_and_one_that_is_not_there_are_the_same_page(worlds: tuple[World, World]) -> None:
    one, _ = worlds
    absent = next(place for place in one.places if not place.is_there)
    hidden = [place for place in one.places if place.owner == "RIVAL" and not place.commenting][:: 1 if FULL else 4]
    outsiders = [asker for asker in one.askers if asker.name in ("company", "reviewer", "site_rgt")]
    routes = [route for route in PAGES if "{iras_id}" in route.path]
    places = [absent, *hidden]
    asked_for = list(itertools.product(routes, outsiders))
    answers = questions_asked(one, [PageCell(route, asker, place, "RK9") for route, asker in asked_for for place in places])
    for at, (route, asker) in enumerate(asked_for):
        told = [(said.status, said.content.replace(cell.place.iras_id.encode(), b"NUMBER")) for cell, said in answers[at * len(places) :][: len(places)]]
        assert told[0][0] == 404, (route.method, route.path, asker.name)
        assert all(each == told[0] for each in told), (route.method, route.path, asker.name)


def test_every_role_is_among_those_who_ask(worlds: tuple[World, World]) -> None:
    assert {asker.role for asker in worlds[0].askers} >= set(ROLES)
