"""A workbook out and back through pages: a proposal of named changes, taken over all or in part, and refusals in plain words."""

from typing import Any

import pytest

from ncvr.store import ledger_entries
from tests.offices import IRAS, study_file
from tests.web.pages.reading import Reader, Sheet, reader
from tests.web.test_workbooks import cells, downloaded, written
from tests.web.visiting import Web

WORKBOOK = f"/studies/{IRAS}/workbook"


@pytest.fixture
def company(api: Web) -> Reader:
    api.as_("company").post("/studies", study_file())
    return reader(api, "company")


def book(company: Reader, **wanted: Any) -> bytes:
    """The study's workbook with 45 minutes made 60 and 20 made 25."""
    found = downloaded(company.web.as_("company"))
    for was, now in wanted.items():
        cells(found, int(was.removeprefix("m")))[0].value = now
    return written(found)


def upload(company: Reader, content: bytes) -> Sheet:
    return company.ask("POST", WORKBOOK, files={"file": ("study.xlsx", content)})


def minutes(company: Reader) -> list[Any]:
    arm = company.web.as_("company").get(f"/studies/{IRAS}/review")["study"]["arms"][0]
    return [activity["resources"][0].get("minutes") for activity in arm["activities"]]


def test_a_proposal_names_every_change_with_its_effect_and_changes_nothing(company: Reader) -> None:
    sheet = upload(company, book(company, m45=60, m20=25))
    assert (sheet.status, sheet.heading) == (200, "What the workbook changes")
    assert "Nursing (A02) , resource 1, minutes: was 45 now 60" in sheet.text
    assert "Consent (A01) , resource 1, minutes: was 20 now 25" in sheet.text
    assert "Accept all 2 changes" in sheet.text
    assert minutes(company)[:2] == [20, 45]


@pytest.mark.parametrize(("act", "ticked", "after"), [("chosen", [1], [20, 60]), ("chosen", [0], [25, 45]), ("all", [], [25, 60])])
def test_some_changes_or_all_are_taken_over(company: Reader, act: str, ticked: list[int], after: list[int]) -> None:
    form = upload(company, book(company, m45=60, m20=25)).form(f"{WORKBOOK}/accept")
    sent = form | {"act": act, "change": [form["change"][at] for at in ticked]}
    sheet = company.ask("POST", f"{WORKBOOK}/accept", sent)
    assert "The changes of the workbook are accepted" in sheet.text
    assert minutes(company)[:2] == after


def test_nothing_ticked_is_said_and_the_proposal_stays(company: Reader) -> None:
    form = upload(company, book(company, m45=60)).form(f"{WORKBOOK}/accept")
    sheet = company.ask("POST", f"{WORKBOOK}/accept", form | {"act": "chosen", "change": []})
    assert (sheet.status, "No change is chosen" in sheet.text) == (422, True)
    assert sheet.form(f"{WORKBOOK}/accept")["schedule"] == form["schedule"]


def test_a_proposal_carried_in_the_form_is_an_ordinary_edit_when_it_comes_back(company: Reader) -> None:
    form = upload(company, book(company, m45=60)).form(f"{WORKBOOK}/accept")
    for broken in ("", "[]", "{", form["schedule"].replace('"V1"', '"V9"', 1), form["schedule"].replace("research_nurse", "", 1)):
        assert company.ask("POST", f"{WORKBOOK}/accept", form | {"act": "all", "schedule": broken}).status in (409, 422)
    assert company.ask("POST", f"{WORKBOOK}/accept", form | {"act": "all", "revision": "7"}).status == 412
    assert minutes(company)[:2] == [20, 45]


@pytest.mark.parametrize(("content", "says"), [(b"", "No file is chosen"), (b"hello", "Nothing of this workbook was taken over")])
def test_what_is_no_workbook_is_refused_in_words(company: Reader, content: bytes, says: str) -> None:
    sheet = upload(company, content)
    assert (sheet.status, says in sheet.text) == (422, True)


def test_a_workbook_of_an_older_schedule_is_refused_and_says_who_is_ahead(company: Reader) -> None:
    old = book(company, m45=60)
    company.send(f"/studies/{IRAS}/review/activities/A01", **{"minutes-1": "30"})
    sheet = upload(company, old)
    assert (sheet.status, "the study is ahead" in sheet.text) == (422, True)


def test_a_changed_price_is_refused_with_its_cell_and_recorded(company: Reader) -> None:
    found = downloaded(company.web.as_("company"))
    cell = next(cell for row in found["Site prices"].iter_rows() for cell in row if str(cell.value).startswith("="))
    cell.value = 1
    said = upload(company, written(found))
    assert (said.status, "What stands against it" in said.text) == (422, True)
    with company.web.town.act("auditor") as act:
        assert [entry.operation for entry in ledger_entries.entries(act.connection)][-1] == "price.edit_refused"


def test_only_who_holds_the_pen_is_offered_an_upload(agreed_api: Web) -> None:
    api = agreed_api
    for who in ("company", "reviewer", "national", "auditor", "site_ra9"):
        sheet = reader(api, who).open(WORKBOOK)
        assert "Download the workbook" in sheet.links
        assert sheet.tree.xpath("//input[@type='file']") == []
    assert reader(api, "rival").see(WORKBOOK).status == 404
