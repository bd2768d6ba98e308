"""Who read what can be read, by those who audit and nobody else: found by person, study, day and outcome, a page at a time."""

import csv
import io
from typing import Any

import pytest

from ncvr.domain.people import ROLES
from ncvr.domain.permissions import GENERAL_OPERATIONS
from ncvr.services.access_journal import AccessJournal, Asked
from tests.offices import IRAS, Town
from tests.services.walks import agreed, shared
from tests.web.visiting import Web, web

PRICE, OTHER = f"/studies/{IRAS}/sites/RA9/price", f"/studies/{IRAS}9/sites/RA9/price"


@pytest.fixture
def served(both: Town) -> Web:
    agreed(both)
    shared(both, "RA9", IRAS)
    return web(both)


def written(api: Web) -> None:
    api.client.app.state.journal.write()  # type: ignore[attr-defined]


def listed(api: Web, **asked: Any) -> list[dict[str, Any]]:
    written(api)
    items: list[dict[str, Any]] = api.as_("auditor").get("/accesses", params=asked)["items"]
    return items


def test_an_auditor_reads_who_read_what_newest_first_without_a_figure_or_a_name(served: Web) -> None:
    price = served.as_("company").get(PRICE)
    assert served.as_("rival").ask("GET", PRICE).status_code == 404
    rows = listed(served)
    people = served.town.people
    assert [(row["actor"], row["status"], row["path"]) for row in rows] == [
        (people["rival"].actor, 404, f"/api/v1{PRICE}"),
        (people["company"].actor, 200, f"/api/v1{PRICE}"),
    ]
    assert set(rows[0]) == {"at", "actor", "method", "path", "status", "times", "correlation_id"}
    assert price["prices"][0]["arms"][0]["per_participant"] not in repr(rows)
    assert "example.org" not in repr(rows)


def test_only_those_who_audit_read_it(served: Web) -> None:
    assert GENERAL_OPERATIONS["accesses.read"] == {"auditor", "national_administrator"}
    roles = set()
    for who, person in served.town.people.items():
        roles.add(person.role)
        expected = 200 if person.role in ("auditor", "national_administrator") else 403
        assert served.as_(who).ask("GET", "/accesses").status_code == expected, who
    assert roles == set(ROLES)
    assert served.nobody().ask("GET", "/accesses").status_code == 401


def test_a_look_at_the_record_stands_in_the_record(served: Web) -> None:
    assert listed(served, person=served.town.people["company"].actor) == []
    (row,) = listed(served)
    assert (row["actor"], row["path"], row["status"]) == (served.town.people["auditor"].actor, "/api/v1/accesses", 200)
    assert served.town.people["company"].actor not in repr(row)  # whom the auditor looked for is not kept


def test_it_is_found_by_person_study_outcome_and_day(served: Web) -> None:
    people = served.town.people
    served.as_("company").get(PRICE)
    served.as_("site_ra9").get(PRICE)
    served.as_("rival").ask("GET", PRICE)
    served.as_("rival").ask("GET", OTHER)  # a study whose number begins with the same digits
    written(served)
    served.town.clock.set("2026-05-06")
    served.as_("company").get(PRICE)
    company = listed(served, person=people["company"].actor)
    assert [row["at"][:10] for row in company] == ["2026-05-06", "2026-05-04"]
    assert len(listed(served, study=IRAS)) == 4
    assert [row["actor"] for row in listed(served, study=IRAS, outcome="refused")] == [people["rival"].actor]
    assert len(listed(served, study=IRAS, outcome="read")) == 3
    assert len(listed(served, study=f"{IRAS}9")) == 1
    assert listed(served, study="_______") == []
    assert [row["at"][:10] for row in listed(served, study=IRAS, since="2026-05-05")] == ["2026-05-06"]
    assert len(listed(served, study=IRAS, until="2026-05-05")) == 3
    assert len(listed(served, study=IRAS, since="2026-05-04", until="2026-05-04")) == 3


def test_a_day_begins_and_ends_at_midnight_in_london(served: Web) -> None:
    served.town.clock.moment = served.town.clock.moment.replace(month=6, day=1, hour=23, minute=30)  # half past midnight in London, on 2 June
    served.as_("company").get(PRICE)
    assert len(listed(served, study=IRAS, since="2026-06-02", until="2026-06-02")) == 1
    assert listed(served, study=IRAS, until="2026-06-01") == []


def test_pages_turn_by_cursor_and_miss_and_repeat_nothing(served: Web) -> None:
    journal = AccessJournal(served.town.office)
    for number in range(7):
        journal.note(Asked(actor=served.town.people["company"].actor, method="GET", path=f"/x{number}", status=200), "c")
        if number % 3 == 2:
            journal.write()
    journal.write()
    auditor, seen, cursor = served.as_("auditor"), [], None
    person = served.town.people["company"].actor
    while True:
        page = auditor.get("/accesses", params={"limit": "2", "person": person, **({"cursor": cursor} if cursor else {})})
        seen += [row["path"] for row in page["items"]]
        if page["next"] is None:
            break
        cursor = page["next"]
    assert seen == [f"/x{number}" for number in reversed(range(7))]
    assert served.as_("national").ask("GET", "/accesses", params={"cursor": cursor}).status_code == 400  # it is the auditor's


def test_it_comes_as_csv_for_those_who_ask(served: Web) -> None:
    served.as_("company").get(PRICE)
    written(served)
    answer = served.as_("auditor").ask("GET", "/accesses", headers={"Accept": "text/csv"})
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0] == ["at", "actor", "method", "path", "status", "times", "correlation_id"]
    assert rows[1][1:6] == [served.town.people["company"].actor, "GET", f"/api/v1{PRICE}", "200", "1"]


@pytest.mark.parametrize(
    ("asked", "place"),
    [
        ({"since": "2026-05-05", "until": "2026-05-04"}, "until"),
        ({"since": "yesterday"}, "query.since"),
        ({"outcome": "odd"}, "query.outcome"),
        ({"person": "company@example.org"}, "person"),
    ],
)
def test_what_cannot_be_asked_says_where_and_what_to_do(api: Web, asked: dict[str, str], place: str) -> None:
    answer = api.as_("auditor").ask("GET", "/accesses", params=asked)
    assert answer.status_code == 422
    (finding,) = answer.json()["findings"]
    assert finding["place"] == place
    assert finding["remedy"]


def test_the_first_and_the_last_day_there_is_can_be_asked_for(api: Web) -> None:
    assert listed(api, since="0001-01-01", until="9999-12-31") == []
