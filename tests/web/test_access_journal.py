"""Who read a price, downloaded a document or was refused is on disk, without figures; and no read waits for it."""

import logging
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Event, Thread

import pytest

from ncvr.domain.escalation import Escalation
from ncvr.services import escalating
from ncvr.services.access_journal import AccessJournal, Asked
from ncvr.store import accesses, costings
from ncvr.store.accesses import Access, Wanted
from ncvr.store.connections import address, open_store
from ncvr.web.app import PREFIX, ROUTES
from ncvr.web.pages.site_map import PAGES
from tests.offices import IRAS, Town
from tests.services.walks import agreed, at, shared
from tests.web.visiting import Web, web

PRICE = f"/studies/{IRAS}/sites/RA9/price"


@pytest.fixture
def served(both: Town) -> Web:
    agreed(both)
    shared(both, "RA9", IRAS)
    return web(both)


def kept(api: Web) -> list[Access]:
    api.client.app.state.journal.write()  # type: ignore[attr-defined]
    with api.town.store.reading() as connection:
        return [*accesses.found(connection, Wanted())][::-1]


def test_a_price_read_twice_is_one_row_that_counts_two_and_holds_no_figure(served: Web) -> None:
    company = served.as_("company")
    price = company.get(PRICE)
    assert company.ask("GET", PRICE, headers={"X-Correlation-ID": "second"}).status_code == 200
    (row,) = kept(served)
    assert (row.actor, row.method, row.path, row.status, row.times) == (served.town.people["company"].actor, "GET", f"/api/v1{PRICE}", 200, 2)
    assert price["prices"][0]["arms"][0]["per_participant"] not in repr(row)
    company.get(PRICE)
    assert [each.times for each in kept(served)] == [2, 1]


def test_every_refusal_is_kept_and_of_a_stranger_no_word(served: Web) -> None:
    assert served.nobody().ask("GET", f"/studies/{IRAS}/sites/My-own-words/price").status_code == 401
    assert served.as_("rival").ask("GET", PRICE).status_code == 404
    assert served.as_("company").ask("POST", f"/studies/{IRAS}/review/accept", {}, {"If-Match": '"r1"'}).status_code == 403
    assert [(row.actor is None, row.status) for row in sorted(kept(served), key=lambda row: row.status)] == [(True, 401), (False, 403), (False, 404)]
    assert "My-own-words" not in repr(kept(served))


def test_a_failed_sign_in_is_kept_without_who_it_was(served: Web) -> None:
    answer = served.nobody().ask("POST", "/session", {"email": "somebody@example.org", "password": "guessed it"})
    assert answer.status_code == 401, answer.text
    (row,) = kept(served)
    assert (row.actor, row.method, row.path, row.status) == (None, "POST", "/api/v1/session", 401)
    assert "somebody" not in repr(row)


def test_what_the_database_does_not_take_waits_and_is_written_later(served: Web, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    served.as_("company").get(PRICE)
    journal: AccessJournal = served.client.app.state.journal  # type: ignore[attr-defined]
    same = "0" * 20
    monkeypatch.setattr(served.town.office.chance.__class__, "identifier", lambda _self: same)
    journal.write()
    served.as_("company").get(PRICE)
    with caplog.at_level(logging.ERROR):
        journal.write()  # the id is taken, so the database refuses the row
    assert "not written yet" in caplog.text
    served.as_("company").get(PRICE)
    monkeypatch.undo()
    assert sorted(row.times for row in kept(served)) == [1, 2]


def test_a_database_that_cannot_be_reached_ends_no_journal(served: Web, caplog: pytest.LogCaptureFixture) -> None:
    away = open_store(address("postgresql://nobody@127.0.0.1:1/nowhere"))
    journal = AccessJournal(replace(served.town.office, store=away))
    journal.note(Asked(actor=None, method="GET", path="/x", status=401), "c")
    with caplog.at_level(logging.ERROR):
        journal.write()
    assert "not written yet" in caplog.text
    journal.office = served.town.office
    journal.write()
    assert [row.path for row in kept(served)] == ["/x"]


def test_a_journal_that_is_told_to_stop_writes_what_waits(served: Web) -> None:
    journal = AccessJournal(served.town.office)
    journal.note(Asked(actor=None, method="GET", path="/x", status=401), "c")
    stop = Event()
    keeper = Thread(target=journal.keep_writing, args=(stop,))
    keeper.start()
    stop.set()
    keeper.join(10)
    (row,) = kept(served)
    assert datetime.fromisoformat(row.at).tzinfo == UTC
    assert (row.path, row.times, row.correlation_id) == ("/x", 1, "c")


def test_one_row_that_the_database_cannot_keep_keeps_no_other_from_being_written(served: Web, caplog: pytest.LogCaptureFixture) -> None:
    journal = AccessJournal(served.town.office)
    for number in range(5):
        journal.note(Asked(actor=None, method="GET", path=f"/{number}", status=401), f"c{number}")
        journal.note(Asked(actor=None, method="GET", path=f"/{number}\0" if number == 2 else f"/{number}x", status=401), f"d{number}")
    journal.write()
    every = {f"/{number}" for number in range(5)} | {f"/{number}x" for number in range(5)}
    if served.town.store.is_postgresql:  # SQLite keeps a NUL
        assert {row.path for row in kept(served)} == every - {"/2x"}
        assert "d2" in caplog.text
    else:
        assert {row.path for row in kept(served)} == every - {"/2x"} | {"/2\0"}
    assert journal.findings() == []


def test_readiness_says_when_what_people_read_is_not_being_written(served: Web) -> None:
    journal: AccessJournal = served.client.app.state.journal  # type: ignore[attr-defined]
    served.as_("company").get(PRICE)
    served.town.clock.moment += timedelta(seconds=59)
    assert "accesses" not in served.client.get("/readyz").text
    served.town.clock.moment += timedelta(seconds=2)
    answer = served.client.get("/readyz")
    assert "is not written yet" in answer.text
    assert answer.status_code == 503
    journal.write()
    assert "accesses" not in served.client.get("/readyz").text


def money(town: Town) -> list[str]:
    """The total of a shared price, as a program reads it and as a page shows it."""
    with town.store.reading() as connection:
        total = next(each.price.total for each in costings.of_study(connection, IRAS) if each.site.ods_code == "RA9")
    assert total is not None
    return [total, f"{Decimal(total):,}"]


def test_whatever_shows_a_price_leaves_a_row_of_who_read_it(both: Town) -> None:
    """Every address of the API and of the pages, asked by all who take part; the figure itself tells which of them show it."""
    agreed(both)
    shared(both, "RA9", IRAS)
    with both.act("site_ra9") as act:
        entry = {"name": "Line flush", "resources": [{"role": "research_nurse", "minutes": 5}]}
        case = escalating.escalate(act, IRAS, "RA9", at(both, "RA9").revision, Escalation.model_validate({"omissions": [entry], "reason": "missing"})).id
    api, figures, shown = web(both), money(both), set[str]()
    known = {"iras_id": IRAS, "ods": "RA9", "case_id": case, "number": "1", "kind": "visit", "arm": "A", "key": "V1"}
    for who in ("company", "reviewer", "site_ra9", "national", "auditor"):
        kept(api)
        for prefix, routes in ((PREFIX, ROUTES), ("", PAGES)):
            for route in [each for each in routes if each.method == "GET"]:
                path = prefix + re.sub(r"\{(\w+)(:\w+)?\}", lambda name: known.get(name[1], "none"), route.path)
                answer = api.client.get(path, headers={"Authorization": f"Bearer {both.tokens[who]}"}, follow_redirects=False)
                if any(figure.encode() in answer.content for figure in figures):
                    assert path in {row.path for row in kept(api)}, f"{who} saw a price at {path}, and nothing tells"
                    shown.add(route.path)
    assert shown >= {"/studies/{iras_id}/sites", "/studies/{iras_id}/sites/{ods}", "/studies/{iras_id}/sites/{ods}/price", "/studies/{iras_id}/prices"}
