"""A request holds one connection of the pool at a time: with two, as many requests as the pool has connections would wait for each other for ever."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from ncvr.web.app import PREFIX, ROUTES
from ncvr.web.pages.site_map import PAGES
from tests.offices import IRAS, Town
from tests.web.visiting import Web

WORDS = {"iras_id": IRAS, "ods": "RA9", "edition": "2026-04-01-tiny", "code": "RGT", "kind": "visit", "arm": "A", "key": "V1", "number": "1", "entry_id": "A01"}
READING = [(route.method, PREFIX + route.path) for route in ROUTES if route.method == "GET"] + [
    (route.method, route.path) for route in PAGES if route.method == "GET"
]


@contextmanager
def connections_held(town: Town) -> Iterator[list[int]]:
    """How many connections were out at each time one was taken."""
    pool, out, held = town.store.engine.pool, [0], []

    def taken(*_words: Any) -> None:
        out[0] += 1
        held.append(out[0])

    def given_back(*_words: Any) -> None:
        out[0] -= 1

    event.listen(pool, "checkout", taken)
    event.listen(pool, "checkin", given_back)
    yield held
    event.remove(pool, "checkout", taken)
    event.remove(pool, "checkin", given_back)


@pytest.mark.parametrize("who", ["company", "reviewer", "site_ra9", "national"])
def test_no_address_that_is_read_holds_two_connections(agreed_api: Web, who: str) -> None:
    token, greedy = agreed_api.town.tokens[who], []
    answered = 0
    for method, path in READING:
        address = re.sub(r"\{(\w+)(?::\w+)?\}", lambda part: WORDS.get(part[1], "none"), path)
        with connections_held(agreed_api.town) as held:
            answer = agreed_api.client.request(method, address, headers={"Authorization": f"Bearer {token}"}, follow_redirects=False)
        answered += answer.status_code == 200
        if max(held, default=0) > 1:
            greedy.append(f"{address}: {max(held)}")
    assert answered > 15
    assert greedy == []
