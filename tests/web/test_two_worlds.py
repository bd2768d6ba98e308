"""Two worlds (R16): everything of a rival is different in the second, and nobody else can tell which one they are in.

By default a tenth of what can be fetched, drawn by a seed that is printed; NCVR_ASSURE=full fetches all.
"""

import asyncio
import itertools
import json
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ncvr.store import studies
from ncvr.web.app import PREFIX, ROUTES, create_app
from ncvr.web.envelope import _log
from tests.offices import study_file
from tests.web.permission_town import NEIGHBOURLY, STATES, Said, World, app_without_quotas, asked, neighbours, world
from tests.web.test_permission_walk import SEED, Cell, question, sampled

CANARY = "CANARY-7731"
# They have a part in the rival's studies themselves, or may see everything.
INSIDERS = ("rival", "other_reviewer", "site_rk9", "network", "national", "auditor")
# The head is printed in receipts so that nobody can cut the record: that anything was done is no secret, what it was is.
ANCHORS = ("/ledger/head",)


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[tuple[World, World]]:
    yield from two_worlds(tmp_path_factory.mktemp("worlds"), migrated_file)


def two_worlds(folder: Path, migrated_file: Path) -> Iterator[tuple[World, World]]:
    """In the second the rival's minutes, names and sites' targets differ, and there are three studies more.

    In the study that RGT comments on, all differs that RGT may not see: another site, money, a waiver, what others wrote.
    """
    other = study_file()["arms"]
    other[0]["activities"][0]["resources"][0]["minutes"] = 77
    other[0]["activities"][1]["name"] = CANARY
    changed = {"arms": other, "study": study_file()["study"] | {"title": CANARY}}
    waiver = {"arm": "A", "visit": "V1", "protocol_activity": CANARY, "reason": CANARY, "by": CANARY, "on": "2026-02-01"}
    hidden = {
        "other_site": {"target_participants": 77, "principal_investigator": CANARY},
        "file": {"pass_through": [{"id": "P01", "name": CANARY, "cap": "77.00"}], "waivers": [waiver]},
        "comments": {"rival": CANARY, "other_reviewer": CANARY, "site_rk9": CANARY},
    }
    one = world(folder / "one", migrated_file)
    two = world(folder / "two", migrated_file, rivals=changed, rivals_states=(*reversed(STATES), "shared", "shared", "draft"), hidden=hidden)
    yield one, two
    one.town.store.close()
    two.town.store.close()


# National figures over everybody's studies move with everybody's studies. These are they; all else of those answers stays the same.
_FIGURES = ("numerator", "denominator", "display", "accepted", "not_accepted", "excluded", "by_region", "by_type")
_DRAWN = re.compile(rb"<(title|desc|circle)\b.*|.*(stroke-width=\"3\"|[0-9]+ of [0-9]+|[Nn]o data|from our records|% in |>[0-9]+%<).*")


def apart_from_national_figures(name: str, said: Said) -> Said:
    headers = tuple(header for header in said.headers if header[0] != b"content-length")
    if name.startswith("GET /adherence/indicator ") and said.status == 200:
        told = json.loads(said.content)
        told["indicators"] = [{key: value for key, value in found.items() if key not in _FIGURES} for found in told["indicators"]]
        return Said(said.status, headers, json.dumps(told).encode())
    if name.startswith("GET /adherence/chart.svg ") and said.status == 200:
        return Said(said.status, headers, b"\n".join(line for line in said.content.splitlines() if not _DRAWN.fullmatch(line)))
    return said


def questions(seen_from: World, among: Sequence[str] = ()) -> list[Cell]:
    """Everything an outsider, or somebody ``among`` these, can fetch: of ACME's studies, of the rival's addresses, and what names no study."""
    outsiders = [asker for asker in seen_from.askers if (asker.name in among if among else asker.name not in INSIDERS)]
    reading = [route for route in ROUTES if route.method == "GET" and route.path not in ANCHORS]
    return [
        Cell(route, asker, place, "RK9")
        for route, asker in itertools.product(reading, outsiders)
        for place in (seen_from.places if "{iras_id}" in route.path or "{case_id}" in route.path else seen_from.places[:1])
    ]


def fetched(seen_from: World, cells: list[Cell]) -> dict[str, Said]:
    app = app_without_quotas(seen_from.town.office)

    async def all_of_them() -> dict[str, Said]:
        said = {}
        for cell in cells:
            path, headers, body = question(cell)
            for form in ("application/json", "text/csv"):
                said[f"{cell} as {form}"] = await asked(app, cell.route.method, path, {**headers, "accept": form, "x-correlation-id": "one"}, body)
        return said

    return asyncio.run(all_of_them())


def test_nobody_else_can_tell_in_which_world_they_are(worlds: tuple[World, World], caplog: pytest.LogCaptureFixture) -> None:
    one, two = worlds
    every = questions(one)
    cells = sampled(every)
    with caplog.at_level(logging.INFO, logger=_log.name):
        first, second = fetched(one, cells), fetched(two, cells)
    differ = [name for name in first if first[name] != second[name]]
    assert differ == [], f"seed {SEED}"
    print(f"seed {SEED}: {len(first)} of {2 * len(every)} answers, each fetched in both worlds")
    assert 2 * len(every) >= 10_000
    assert len(first) == 2 * len(cells) >= 1_000
    assert {said.status for said in first.values()} >= {200, 401, 403, 404}
    assert not [name for name, said in second.items() if CANARY.encode() in said.content]
    assert len(caplog.records) >= 2 * len(first)
    assert CANARY not in caplog.text
    metrics = asyncio.run(asked(create_app(two.town.office), "GET", "/metrics", {}, b""))
    assert CANARY.encode() not in metrics.content


def test_the_rival_and_those_who_may_see_all_can_tell(worlds: tuple[World, World]) -> None:
    """The control: the second world is different, for those who have a part in it."""
    one, two = worlds
    route = next(route for route in ROUTES if (route.method, route.path) == ("GET", "/studies/{iras_id}"))
    for name in INSIDERS:
        cells = [Cell(route, asker, place, "RK9") for asker in one.askers if asker.name == name for place in one.places]
        assert fetched(one, cells) != fetched(two, cells), name


def test_a_site_that_comments_reads_the_same_in_both_worlds(worlds: tuple[World, World]) -> None:
    """All of it, not a sample: it reads the study and its own comment, and sees nothing of what differs there."""
    said = [fetched(world, [cell for cell in questions(world) if cell.asker.name == "site_rgt" and cell.place.commenting]) for world in worlds]
    assert said[0] == said[1]
    read = [name for name, answer in said[0].items() if answer.status == 200 and "1004700" in answer.content.decode()]
    assert [name.partition(" by ")[0] for name in read if "as application/json" in name] == ["GET /studies/{iras_id}"]
    assert [name for name, answer in said[0].items() if b"More time" in answer.content]


@pytest.fixture(scope="module")
def neighbourly(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[tuple[World, World]]:
    folder = tmp_path_factory.mktemp("neighbours")
    one, two = neighbours(folder / "one", migrated_file, busier=False), neighbours(folder / "two", migrated_file, busier=True)
    yield one, two
    one.town.store.close()
    two.town.store.close()


def test_a_site_reads_the_same_whatever_the_other_sites_of_its_study_do(neighbourly: tuple[World, World]) -> None:
    """All of it, of its own site and of the others: not even a number says whether there are others and what became of them."""
    said = [fetched(world, questions(world, among=["site_rk9"])) for world in neighbourly]
    assert [name for name in said[0] if apart_from_national_figures(name, said[0][name]) != apart_from_national_figures(name, said[1][name])] == []
    shown = {name.partition(" by ")[0] for name, answer in said[0].items() if answer.status == 200 and NEIGHBOURLY in answer.content.decode("latin-1")}
    assert shown >= {"GET /studies/{iras_id}", "GET /studies/{iras_id}/sites/{ods}/price", "GET /studies/{iras_id}/escalations", "GET /adherence/records"}
    numbers = {name.partition(" by ")[0]: answer.content.count(b'"number":2,') for name, answer in said[0].items() if name.endswith("json")}
    assert numbers["GET /studies/{iras_id}/sites"] == numbers["GET /studies/{iras_id}/escalations"] == 1  # its own are counted


def test_where_a_list_goes_on_says_nothing_of_others_records_either(neighbourly: tuple[World, World]) -> None:
    """The place of one's own record among everybody's is how many others were recorded before it."""
    said = []
    for each in neighbourly:
        app, asker = app_without_quotas(each.town.office), next(asker for asker in each.askers if asker.name == "site_rk9")
        path = f"{PREFIX}/adherence/records?limit=2"
        pages: list[Said] = []
        for following in ("", "first"):
            address = f"{path}&cursor={json.loads(pages[-1].content)['next']}" if following else path
            pages.append(asyncio.run(asked(app, "GET", address, {**asker.headers, "x-correlation-id": "one"}, b"")))
        said.append(pages)
    assert said[0] == said[1]
    assert [(page.status, len(json.loads(page.content)["items"])) for page in said[0]] == [(200, 2), (200, 2)]


def test_what_a_site_hears_of_its_moves_says_nothing_of_other_sites_either(neighbourly: tuple[World, World]) -> None:
    """Also a refusal that names what was decided on by its name in the record, and what came of a move."""
    moving = [route for route in ROUTES if route.method == "POST" and "{ods}" in route.path]
    said = []
    for each in neighbourly:
        asker, place = next(asker for asker in each.askers if asker.name == "site_rk9"), each.places[0]
        cells = [Cell(route, asker, place, "RK9") for route in moving]
        said.append([fetched(each, cells), fetched(each, [replace(cell, place=replace(place, costing_revision=1)) for cell in cells])])
    assert said[0] == said[1]
    stale = [answer for answer in said[0][1].values() if answer.status == 412]
    assert stale
    assert all(b"/costing/" in answer.content for answer in stale)


def test_the_company_can_tell_what_the_other_sites_did(neighbourly: tuple[World, World]) -> None:
    """The control: the second world is different."""
    said = [fetched(world, [cell for cell in questions(world, among=["company"]) if "{iras_id}/sites" in cell.route.path]) for world in neighbourly]
    assert said[0] != said[1]


def test_a_list_that_says_too_much_is_noticed(worlds: tuple[World, World], monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: one question to the database without the rule of who sees what."""
    from sqlalchemy import true

    monkeypatch.setattr(studies, "may_see", lambda _person, _on: true())
    one, two = worlds
    cells = [cell for cell in questions(one) if cell.route.path == "/studies"]
    assert fetched(one, cells) != fetched(two, cells)


def test_what_is_hidden_answers_as_what_is_not_there_to_the_byte(worlds: tuple[World, World]) -> None:
    """R17: a study one may not see and one that does not exist cannot be told apart."""
    one, _ = worlds
    absent = next(place for place in one.places if not place.is_there)
    hidden = [place for place in one.places if place.owner == "RIVAL" and not place.commenting]
    outsiders = [asker for asker in one.askers if asker.name in ("company", "cro", "reviewer", "site_rgt", "site_ra9")]
    routes = [route for route in ROUTES if "{iras_id}" in route.path]
    app = create_app(one.town.office)

    def said(cell: Cell) -> Said:
        path, headers, body = question(cell)
        answer = asyncio.run(asked(app, cell.route.method, path, {**headers, "if-match": '"r1"', "x-correlation-id": "one"}, body))
        told = answer.content.replace(cell.place.iras_id.encode(), b"NUMBER")
        return Said(answer.status, tuple(header for header in answer.headers if header[0] != b"content-length"), told)

    compared = 0
    for route, asker in itertools.product(routes, outsiders):
        expected = said(Cell(route, asker, absent, "RK9"))
        for place in hidden[::4]:
            assert said(Cell(route, asker, place, "RK9")) == expected, (route.method, route.path, asker.name, place.state)
            compared += 1
        assert json.loads(expected.content)["status"] == 404
    assert compared >= 600


def test_a_hidden_escalation_does_not_name_its_study(worlds: tuple[World, World]) -> None:
    one, _ = worlds
    app = create_app(one.town.office)
    company = next(asker for asker in one.askers if asker.name == "company")
    cases = [place.case for place in one.places if place.owner == "RIVAL" and place.case != "none"]
    assert len(cases) == 2
    for case in cases:
        there, not_there = (
            asyncio.run(asked(app, "GET", f"{PREFIX}/escalations/{name}", {**company.headers, "x-correlation-id": "one"}, b"")) for name in (case, "no-such")
        )
        assert there.status == not_there.status == 404
        assert there.content.replace(case.encode(), b"no-such") == not_there.content
