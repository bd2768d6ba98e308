"""The page of who read what: for those who audit, found from where they look, filtered, sorted, and as CSV."""

import csv
import io

import pytest

from ncvr.services.access_journal import AccessJournal, Asked
from ncvr.web.pages import accesses
from tests.offices import IRAS
from tests.web.pages.reading import reader
from tests.web.visiting import Web

PRICE = f"/studies/{IRAS}/sites/RA9/price"


@pytest.fixture
def read(agreed_api: Web) -> Web:
    agreed_api.as_("company").get(PRICE)
    assert agreed_api.as_("rival").ask("GET", PRICE).status_code == 404
    assert agreed_api.nobody().ask("GET", PRICE).status_code == 401
    written(agreed_api)
    return agreed_api


def written(api: Web) -> None:
    api.client.app.state.journal.write()  # type: ignore[attr-defined]


def test_it_says_who_read_what_by_opaque_ids(read: Web) -> None:
    page = reader(read, "auditor").open("/accesses")
    rows = [[" ".join(cell.text_content().split()) for cell in row.xpath("./*")] for row in page.tree.xpath("//main//tbody/tr")]
    company, rival = (read.town.people[who].actor for who in ("company", "rival"))
    assert page.heading == "Who read what"
    assert [row[1:6] for row in rows] == [
        ["Not known", "", "GET /api/v1/studies/{iras_id}/sites/{ods}/price", "Not signed in", "1"],
        [rival, IRAS, f"GET /api/v1{PRICE}", "Not there for them", "1"],
        [company, IRAS, f"GET /api/v1{PRICE}", "Read", "1"],
    ]
    assert rows[0][0] == "4 May 2026 at 10:00"
    assert "£" not in page.text
    assert "example.org" not in page.text


def test_it_is_filtered_sorted_and_taken_as_csv(read: Web) -> None:
    auditor, company = reader(read, "auditor"), read.town.people["company"].actor
    assert "1 row " in auditor.open(f"/accesses?person={company}").text
    refused = auditor.open(f"/accesses?study={IRAS}&outcome=refused")
    assert "1 row " in refused.text
    assert "Not there for them" in refused.text
    by_path = auditor.open("/accesses?sort=accesses.-outcome&outcome=refused")
    assert by_path.tree.xpath("//main//tbody/tr[1]//strong")[0].text == "Not there for them"
    answer = read.client.get(f"/accesses?csv=accesses&study={IRAS}", headers={"Authorization": f"Bearer {read.town.tokens['auditor']}"})
    table = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert table[0] == ["When", "Person", "Study", "What was asked for", "Outcome", "Times", "Request"]
    assert [row[4] for row in table[1:]] == ["Not there for them", "Read"]


def test_where_nothing_matches_it_says_so_and_the_filters_are_cleared(read: Web) -> None:
    page = reader(read, "national").open("/accesses?study=7654321")
    assert "Nothing that was read or refused matches." in page.text
    assert page.links["Clear filters"] == "/accesses"


def test_before_anybody_read_anything_it_says_so(api: Web) -> None:
    assert "Nobody has read a price or a document yet." in reader(api, "auditor").open("/accesses").text


@pytest.mark.parametrize(("asked", "field"), [("since=4+May", "since"), ("until=2026-13-01", "until"), ("person=a@example.org", "person")])
def test_a_filter_that_will_not_do_is_said_at_its_field_and_what_was_typed_stays(api: Web, asked: str, field: str) -> None:
    page = reader(api, "auditor").see(f"/accesses?{asked}")
    assert page.status == 422
    assert page.tree.xpath(f"//main//a[@href='#{field}']")
    assert page.tree.xpath(f"//*[@id='{field}-error']")
    assert page.tree.xpath(f"//input[@id='{field}']/@value")[0]


def test_more_than_a_page_holds_is_said_to_be_more(api: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accesses, "MOST", 3)
    journal = AccessJournal(api.town.office)
    for number in range(5):
        journal.note(Asked(actor="p-1", method="GET", path=f"/x{number}", status=200), "c")
    journal.write()
    assert "The newest 3 rows are shown and downloaded." in reader(api, "auditor").open("/accesses").text


def test_those_who_audit_find_it_where_they_look_and_nobody_else_does(read: Web) -> None:
    history = f"/studies/{IRAS}/history"
    for who in ("auditor", "national"):
        for start, link in (("/", "/accesses"), ("/ledger/verify", "/accesses"), (history, f"/accesses?study={IRAS}")):
            assert link in reader(read, who).open(start).links.values(), (who, start)
    for who in ("company", "reviewer", "network"):
        assert "/accesses" not in reader(read, who).open("/").links.values()
        assert reader(read, who).see("/accesses").status == 403
    assert f"/accesses?study={IRAS}" not in reader(read, "company").open(history).links.values()


def test_a_look_at_the_page_stands_in_the_record(api: Web) -> None:
    auditor = reader(api, "auditor")
    auditor.open("/accesses")
    written(api)
    assert "GET /accesses" in auditor.open("/accesses").text
