"""Every route, asked by everybody, of every study in every state: the answers are those of the one table (R15).

The full walk has over 20,000 cells; by default a tenth of them, drawn anew by a seed that is printed. NCVR_ASSURE=full walks all.
"""

import asyncio
import json
import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ncvr.domain import permissions
from ncvr.domain.people import ROLES, STANDINGS
from ncvr.domain.people import standing as standing_of
from ncvr.domain.permissions import GENERAL_OPERATIONS, OPEN, STUDY_OPERATIONS
from ncvr.domain.review import REVIEW_MOVES
from ncvr.domain.site_costing import COSTING_MOVES
from ncvr.web.app import PREFIX, ROUTES, create_app
from ncvr.web.pages.site_map import PAGES
from ncvr.web.routing import Route
from tests.offices import Town, study_file
from tests.web.permission_town import ESCALATED, OMISSION, PRICED, Asker, Place, Said, app_without_quotas, asked, world

FULL = os.environ.get("NCVR_ASSURE") == "full"
SEED = int(os.environ.get("NCVR_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
# The company edits in draft and with_company, the reviewer in in_review, nobody else.
HOLDS_THE_PEN = {"draft": "company", "in_review": "reviewer", "with_company": "company", "corrected": "company"}
DOCUMENTS = ("/contracts/verify", "/studies/{iras_id}/workbook")  # whose body is a file
SIGNED = {"fingerprint": "sha256:" + "0" * 64, "template": "mCTA/sample-1"}


@dataclass(frozen=True)
class Cell:
    route: Route
    asker: Asker
    place: Place
    site: str

    def __str__(self) -> str:
        return f"{self.route.method} {self.route.path} by {self.asker.name} of {self.place.owner or 'nobody'}'s {self.place.known_as} study, site {self.site}"


def cells(places: list[Place], askers: list[Asker]) -> list[Cell]:
    """Every route x everybody x every study; for routes of one site also another site than the one that is shared."""
    made = []
    for route in ROUTES:
        of_study = "{iras_id}" in route.path or "{case_id}" in route.path or route.permission in STUDY_OPERATIONS
        for place in places if of_study else places[:1]:
            for site in (place.site, "RGT") if "{ods}" in route.path and place.state in PRICED else (place.site,):
                made += [Cell(route, asker, place, site) for asker in askers]
    return made


def expected(cell: Cell) -> set[str]:
    """What the table says: ``unknown`` (401), ``absent`` (404), ``refused`` (403), ``fixed``, or ``open``: allowed, whatever comes of it."""
    route, asker, place = cell.route, cell.asker, cell.place
    if route.permission in OPEN:
        return {"open", "unknown"}  # signing in says 401 itself
    if not asker.known:
        return {"unknown"}
    if asker.reads_only and route.method != "GET":
        return {"refused"}
    if route.path.startswith(("/session/password", "/session/factors", "/sessions")):
        return of_own_session(cell)
    if route.permission == "adherence.positions" and asker.role == "site_representative":
        return {"open"} if asker.organisation == "RA9" else {"refused"}  # a trust declares its own position, here RA9's
    if route.permission in GENERAL_OPERATIONS:
        return {"open"} if asker.role in GENERAL_OPERATIONS[route.permission] else {"refused"}
    standing = asker.standing(place)
    if "{case_id}" in route.path and (place.state not in ESCALATED or (standing == "site" and asker.organisation != place.site)):
        return {"absent"}
    if standing is None:
        return {"absent"}
    if standing not in STUDY_OPERATIONS[route.permission]:
        # who may not read an escalation does not learn that it exists
        return {"absent", "refused"} if "{case_id}" in route.path else {"refused"}
    return finer(cell, standing)


def of_own_session(cell: Cell) -> set[str]:
    """What one signs in with is seen and changed in a browser session, not with a token."""
    if not cell.asker.headers.get("cookie"):
        return {"unknown"}
    if cell.route.path.startswith("/sessions") and cell.route.method == "DELETE":
        return {"open", "unknown", "absent"}  # no longer young, and no such session
    return {"open", "unknown", "absent"} if "/factors/" in cell.route.path else {"open"}  # a code that is not right, and no such factor


def finer(cell: Cell, standing: str) -> set[str]:
    """What services say beyond the table, of those the table lets through."""
    route, place = cell.route, cell.place
    if "{ods}" in route.path and (place.state not in PRICED or (standing == "site" and cell.site != cell.asker.organisation)):
        return {"absent"}
    if route.permission == "adherence.record" and (place.state not in PRICED or (standing == "site" and cell.asker.organisation != place.site)):
        return {"absent"}
    if route.permission == "price.edit":
        return {"fixed"}
    if route.permission == "study.grant" and cell.asker.organisation != place.owner:
        return {"refused"}  # a delegate lets nobody else in
    if route.permission == "review.edit" and place.state in HOLDS_THE_PEN:
        return {"open"} if standing == HOLDS_THE_PEN[place.state] else {"refused"}
    if "{query_id}" in route.path or "{number}" in route.path:
        return {"open", "absent"}  # there may be no such query or version
    return {"open"}


def seen(said: Said) -> str:
    """What the answer means."""
    status, content = said.status, said.content
    kind = json.loads(content)["type"].rpartition(":")[2] if status >= 400 else ""
    assert status < 500, content
    if kind in ("not-authenticated", "not-signed-in"):
        return "unknown"
    return {"not-found": "absent", "not-permitted": "refused", "price-is-fixed": "fixed"}.get(kind, "open")


def question(cell: Cell) -> tuple[str, dict[str, str], bytes]:
    """The address, the headers and the body of a request that would be right, were it allowed."""
    route, place = cell.route, cell.place
    words = {"iras_id": place.iras_id, "ods": cell.site, "number": "1", "query_id": "none", "case_id": place.case, "factor_id": "none", "session_id": "none"}
    words["edition"] = "2026-04-01-tiny"
    path = PREFIX + route.path.format(**words)
    queries = {"/studies/{iras_id}/diff": "?from=1&to=1", "/tariffs/compare": "?from=2026-04-01-tiny&to=2026-10-01-tiny"}
    queries |= {f"/adherence/{name}": "?month=2026-05&definition=observed-1" for name in ("indicator", "indicator.csv", "chart.svg")}
    revision = place.costing_revision if "{ods}" in route.path else 1 if "{case_id}" in route.path else place.revision
    body = b"PK" if route.path in DOCUMENTS else json.dumps(body_of(cell)).encode()
    return path + queries.get(route.path, ""), {"if-match": f'"r{revision}"', **cell.asker.headers}, b"" if route.method == "GET" else body


def body_of(cell: Cell) -> Any:
    route, place = cell.route, cell.place
    if route.permission in ("studies.create", "review.edit"):
        return study_file(place.iras_id if route.method == "PUT" else "1004999", lead_site=place.lead or "RGT")
    if route.permission == "study.record_event":
        site = cell.asker.organisation if cell.asker.role == "site_representative" else "RGT"
        return {"kind": "site_open", "on": "2026-05-01", "site": site}
    if route.permission == "adherence.record":
        return {"kind": "local_choice", "on": "2026-05-01", "iras_id": place.iras_id, "ods_code": cell.site}
    if route.permission == "escalations.raise":
        return OMISSION | {"reason": "It is missing"}
    if route.permission == "costing.contract":
        return SIGNED | {"signed_on": "2026-05-04"}
    if route.path == "/session/password":
        return {"old": "not this one", "new": "short"}
    return route.example or {}


def sites_that_comment(places: list[Place], askers: list[Asker]) -> list[Cell]:
    """Everything that sites ask of the study they may comment on: few cells, so that each is always among the walk's."""
    return [cell for cell in cells(places, askers) if cell.place.commenting and cell.asker.organisation in cell.place.commenting]


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[tuple[Town, list[Place], list[Asker]]]:
    made = world(tmp_path_factory.mktemp("walk") / "town", migrated_file)
    yield made.town, made.places, made.askers
    made.town.store.close()


def walk(town: Town, chosen: list[Cell]) -> list[tuple[Cell, str]]:
    app = app_without_quotas(town.office)

    async def ask_all() -> list[tuple[Cell, str]]:
        return [(cell, seen(await asked(app, cell.route.method, path, headers, body))) for cell in chosen for path, headers, body in [question(cell)]]

    return asyncio.run(ask_all())


def sampled(every: list[Any]) -> list[Any]:
    return every if FULL else random.Random(SEED).sample(every, len(every) // 10)


def test_everybody_may_do_what_the_table_says_and_nothing_else(walked: tuple[Town, list[Place], list[Asker]]) -> None:
    town, places, askers = walked
    every = cells(places, askers)
    assert len(every) >= 20_000
    answers = walk(town, [*sampled(every), *sites_that_comment(places, askers)])
    wrong = [f"{cell}: {answer}, not {' or '.join(sorted(expected(cell)))}" for cell, answer in answers if answer not in expected(cell)]
    counts = Counter(answer for _, answer in answers)
    print(f"seed {SEED}: {len(answers)} of {len(every)} cells, {dict(counts)}")
    assert not wrong, f"seed {SEED}: {len(wrong)} of {len(answers)} cells\n" + "\n".join(wrong[:20])
    assert all(counts[kind] > 0 for kind in ("unknown", "absent", "refused", "fixed", "open"))


def test_a_route_outside_the_table_fails_the_build() -> None:
    known = STUDY_OPERATIONS.keys() | GENERAL_OPERATIONS.keys() | OPEN
    assert [f"{route.method} {route.path}" for route in (*ROUTES, *PAGES) if route.permission not in known] == []


def test_every_route_the_application_serves_is_one_of_the_walk_or_open_to_all(here: Town) -> None:
    app = create_app(here.office)
    served = {(method, getattr(route, "path", "")) for route in app.routes for method in getattr(route, "methods", ()) or () if method != "HEAD"}
    listed = {(route.method, PREFIX + route.path) for route in ROUTES} | {(route.method, route.path) for route in PAGES}
    assert served - listed == {("GET", path) for path in ("/healthz", "/readyz", "/metrics", "/openapi.json")}


def test_the_walk_notices_every_permission_that_is_given_away_or_taken_away(
    walked: tuple[Town, list[Place], list[Asker]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the code follows a table with one row changed, the walk the right one.

    A move given away is still refused, since the table of moves names who makes it: what is taken away is noticed there too.
    """
    town, places, askers = walked
    twice_guarded = (
        {f"review.{name}" for name in REVIEW_MOVES}
        | {f"costing.{name}" for name in COSTING_MOVES}
        | {"review.edit", "escalations.raise", "adherence.record", "study.grant"}
    )
    operations = sorted({route.permission for route in ROUTES} - OPEN)
    everybody = {frozenset(STANDINGS), frozenset(ROLES)}
    for operation in operations if FULL else random.Random(SEED).sample(operations, 8):
        asked_of = [cell for cell in cells(places, askers) if cell.route.permission == operation]
        allowed = STUDY_OPERATIONS.get(operation) or GENERAL_OPERATIONS[operation]
        assert noticed(town, asked_of, operation, frozenset(), monkeypatch), f"seed {SEED}: nobody notices that {operation} is taken away"
        if allowed not in everybody and operation not in twice_guarded:
            given = frozenset(STANDINGS) | frozenset(ROLES)
            assert noticed(town, asked_of, operation, given, monkeypatch), f"seed {SEED}: nobody notices that {operation} is given away"


def noticed(town: Town, asked_of: list[Cell], operation: str, to: frozenset[Any], monkeypatch: pytest.MonkeyPatch) -> bool:
    with monkeypatch.context() as changed:
        for name, table in (("STUDY_OPERATIONS", STUDY_OPERATIONS), ("GENERAL_OPERATIONS", GENERAL_OPERATIONS)):
            if operation in table:
                changed.setattr(permissions, name, {**table, operation: to})
        return any(answer not in expected(cell) for cell, answer in walk(town, asked_of))


def test_the_walk_notices_a_study_that_is_not_hidden(walked: tuple[Town, list[Place], list[Asker]], monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: every company counts as a party to every study."""
    town, places, askers = walked
    every = [cell for cell in cells(places, askers) if cell.route.path == "/studies/{iras_id}"]
    too_much = "company"
    monkeypatch.setattr(permissions, "standing", lambda person, study: too_much if person.role == "company_representative" else standing_of(person, study))
    assert any(answer not in expected(cell) for cell, answer in walk(town, every))
