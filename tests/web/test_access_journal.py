"""Who read a price, downloaded a document or was refused is on disk, without figures; and no read waits for it."""

import logging
from dataclasses import replace
from datetime import UTC, datetime
from threading import Event, Thread

import pytest

from ncvr.services.access_journal import AccessJournal, Asked
from ncvr.store import accesses
from ncvr.store.accesses import Access, Wanted
from ncvr.store.connections import address, open_store
from tests.offices import IRAS, Town
from tests.services.walks import agreed, shared
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
