"""A study out to Excel and back through the API."""

import io
from typing import Any

import openpyxl
import pytest

from ncvr.store import ledger_entries
from ncvr.web.app import PREFIX
from tests.offices import IRAS, study_file
from tests.web.visiting import Visitor, Web

REVIEW, WORKBOOK = f"/studies/{IRAS}/review", f"/studies/{IRAS}/workbook"


def downloaded(visitor: Visitor) -> openpyxl.Workbook:
    answer = visitor.ask("GET", f"{WORKBOOK}.xlsx")
    assert answer.status_code == 200, answer.text
    return openpyxl.load_workbook(io.BytesIO(answer.content))


def written(book: openpyxl.Workbook) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def sent(visitor: Visitor, book: openpyxl.Workbook | bytes, headers: dict[str, str] | None = None, **words: str) -> Any:
    content = book if isinstance(book, bytes) else written(book)
    known = {"Authorization": f"Bearer {visitor.token}", **(headers or {})}
    return visitor.client.post(PREFIX + WORKBOOK, content=content, headers=known, params=words)


def cells(book: openpyxl.Workbook, wanted: object) -> list[Any]:
    return [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value == wanted]


@pytest.fixture
def company(api: Web) -> Visitor:
    found = api.as_("company")
    found.post("/studies", study_file())
    return found


def test_minutes_changed_in_a_workbook_are_proposed_and_taken_over_when_asked(company: Visitor) -> None:
    book = downloaded(company)
    minutes = cells(book, 45)
    assert minutes
    minutes[0].value = 60
    proposal = sent(company, book)
    assert proposal.status_code == 200, proposal.text
    assert (proposal.json()["applied"], proposal.json()["old"]["minutes"], proposal.json()["new"]["minutes"]) == (False, "275", "320")
    assert "60" not in company.get(REVIEW)["study"]["arms"][0]["activities"][1]["resources"]
    headers = {"If-Match": company.tag(REVIEW), "Idempotency-Key": "key-1"}
    content = written(book)
    applied, again = (sent(company, content, headers, apply="true", reason="measured") for _ in range(2))
    assert applied.json()["applied"] is True
    assert again.content == applied.content
    assert company.get(REVIEW)["study"]["arms"][0]["activities"][1]["resources"][0]["minutes"] == 60
    assert sent(company, book, apply="true").status_code == 428


def test_every_price_cell_typed_over_is_refused_and_recorded(company: Visitor, api: Web) -> None:
    book = downloaded(company)
    formulas = {sheet.title: [cell for row in sheet.iter_rows(min_row=4) for cell in row if str(cell.value).startswith("=")] for sheet in book.worksheets}
    chosen = [cell for sheet in ("Start here", "Site prices", "By department", "Income") for cell in formulas[sheet][:2]]
    for cell in [*chosen, formulas["Arm A"][0]]:
        kept, cell.value = cell.value, 1
        answer = sent(company, book)
        cell.value = kept
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:ncvr:problem:price-is-fixed"), (cell, kept, answer.text)
    with api.town.store.reading() as connection:
        recorded = [entry for entry in ledger_entries.entries(connection) if entry.operation == "price.edit_refused"]
    assert len(recorded) == len(chosen) + 1 == 9


def test_a_rival_gets_no_workbook_and_what_is_none_is_refused(company: Visitor, api: Web) -> None:
    rival = api.as_("rival")
    assert rival.ask("GET", f"{WORKBOOK}.xlsx").status_code == 404
    assert sent(rival, downloaded(company)).status_code == 404
    headers = {"Authorization": f"Bearer {company.token}"}
    assert company.client.post(PREFIX + WORKBOOK, content=b"hello", headers=headers).status_code == 422
    assert company.client.post(PREFIX + WORKBOOK, content=b"PK\x03\x04broken", headers=headers).status_code == 422


def test_a_site_finds_itself_alone_in_its_workbook_and_a_reviewer_no_prices(agreed_api: Web) -> None:
    site, reviewer = downloaded(agreed_api.as_("site_ra9")), downloaded(agreed_api.as_("reviewer"))
    text = [[str(cell.value) for sheet in book.worksheets for row in sheet.iter_rows() for cell in row] for book in (site, reviewer)]
    assert any("RA9" in value for value in text[0])
    assert not any("RK9" in value or "1.02" in value for value in text[0])
    assert not any("1.02" in value or "RK9" in value for value in text[1])
