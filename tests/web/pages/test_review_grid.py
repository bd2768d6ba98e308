"""The grid's page and the saving of its cells: who sees what, and what happens to a change that cannot be made."""

from typing import Any

import pytest

from ncvr.store import ledger_entries
from tests.offices import IRAS, study_file
from tests.services.walks import agreed, submitted
from tests.web.pages.reading import Reader, reader
from tests.web.visiting import Web

REVIEW = f"/studies/{IRAS}/review"


@pytest.fixture
def drafted(api: Web) -> Web:
    api.as_("company").post("/studies", study_file())
    return api


def save(web: Web, who: str, revision: int, *changes: tuple[str, str, str, str], **more: Any) -> Any:
    body = {"arm": "A", "revision": revision, "changes": [dict(zip(("line", "cell", "old", "new"), change, strict=True)) for change in changes]} | more
    return web.client.post(f"{REVIEW}/cells", json=body, headers={"Authorization": f"Bearer {web.town.tokens[who]}"})


def grid(who: Reader) -> Any:
    return who.open(REVIEW).tree.get_element_by_id("grid")


def rows(who: Reader) -> list[list[str]]:
    return [[cell.text_content() for cell in row] for row in grid(who).xpath("./tbody/tr")]


def test_the_grid_holds_every_cell_and_the_cost_of_each_visit(drafted: Web) -> None:
    company = reader(drafted, "company")
    assert rows(company)[1][:6] == ["Nursing", "research_nurse", "45", "1", "1", "2"]
    assert rows(company)[2][0] == "ECG paid each time"
    feet = [cell.text_content() for cell in grid(company).xpath("./tfoot/tr/*")]
    assert feet[0] == "National cost of the visit"
    assert all(text.startswith("£") for text in feet[2:4])
    assert grid(company).get("data-edit") == f"{REVIEW}/cells"


def test_who_does_not_hold_the_pen_reads_a_plain_table_and_is_refused_when_saving(api: Web) -> None:
    submitted(api.town)
    for who in ("company", "reviewer", "national", "auditor"):
        assert grid(reader(api, who)).get("data-edit") is None
    assert reader(api, "site_ra9").see(REVIEW).status in (403, 404)
    assert reader(api, "rival").see(REVIEW).status == 404
    assert save(api, "company", 2, ("A01", "count/V1", "1", "2")).status_code == 409
    assert save(api, "rival", 2, ("A01", "count/V1", "1", "2")).status_code == 404
    assert save(api, "auditor", 2, ("A01", "count/V1", "1", "2")).status_code == 403


def test_saved_cells_come_back_with_the_figures_that_changed_and_no_others(drafted: Web) -> None:
    before = grid(reader(drafted, "company"))
    answer = save(drafted, "company", 1, ("A01", "count/V2", "", "1"), ("A02", "line/1/minutes", "45", "45.50"))
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert (said["revision"], said["problems"]) == (2, [])
    assert set(said["figures"]["lines"]) == {"A02"}
    assert set(said["figures"]["visits"]) == {"V1", "V2"}
    assert said["cells"] == {"A02": {"line/1/minutes": "45.5"}}
    after = grid(reader(drafted, "company"))
    feet = [cell.text_content() for cell in after.xpath("./tfoot/tr/*")]
    assert feet[2:4] == [said["figures"]["visits"][visit] for visit in ("V1", "V2")]
    assert feet != [cell.text_content() for cell in before.xpath("./tfoot/tr/*")]


def test_every_change_is_in_the_record_with_old_and_new(drafted: Web) -> None:
    save(drafted, "company", 1, ("A01", "count/V2", "", "1"))
    history = reader(drafted, "company").open(f"/studies/{IRAS}/history").text
    assert "A01" in history
    assert "V2" in history or "Week 4" in history


def test_what_cannot_be_saved_is_named_and_the_rest_is_saved(drafted: Web) -> None:
    said = save(drafted, "company", 1, ("A01", "line/1/minutes", "20", ""), ("A02", "count/V1", "1", "4")).json()
    assert [(found["line"], found["cell"]) for found in said["problems"]] == [("A01", "line/1/minutes")]
    found = rows(reader(drafted, "company"))
    assert (found[0][2], found[1][4]) == ("20", "4")


def test_a_change_decided_on_an_older_revision_hears_what_stands_there_now_and_by_whom(drafted: Web) -> None:
    assert save(drafted, "company", 1, ("A01", "count/V1", "1", "2")).status_code == 200
    answer = save(drafted, "company", 1, ("A01", "count/V1", "1", "5"))
    assert answer.status_code == 412
    said = answer.json()
    assert (said["revision"], said["by"], said["edit"], said["cells"]["A01"]["count/V1"]) == (2, "company", True, "2")
    assert rows(reader(drafted, "company"))[0][4] == "2"


def test_a_cell_that_holds_something_else_than_was_seen_is_not_written_over(drafted: Web) -> None:
    assert save(drafted, "company", 1, ("A01", "count/V1", "7", "5")).status_code == 412


@pytest.mark.parametrize("more", [{"price": "1.00"}, {"changes": [{"line": "A01", "cell": "line/1/price", "old": "", "new": "1"}]}])
def test_a_price_cannot_be_typed_and_the_attempt_is_recorded(drafted: Web, more: dict[str, Any]) -> None:
    assert save(drafted, "company", 1, ("A01", "count/V1", "1", "2"), **more).status_code == 403
    assert rows(reader(drafted, "company"))[0][4] == "1"
    with drafted.town.act("auditor") as act:
        assert [entry.operation for entry in ledger_entries.entries(act.connection)][-1] == "price.edit_refused"


def test_a_body_that_is_no_list_of_changes_is_refused_in_words(drafted: Web) -> None:
    answer = save(drafted, "company", 1, changes=[])
    assert answer.status_code == 422
    assert answer.json()["findings"]


def test_changes_since_the_agreed_version_are_marked_with_what_was(api: Web) -> None:
    agreed(api.town)
    company = api.as_("company")
    company.do(f"/studies/{IRAS}/review", "amend", {"reason": "protocol 3"})
    revision = company.get(f"/studies/{IRAS}/review")["revision"]
    assert save(api, "company", revision, ("A02", "count/V2", "2", "3")).json()["figures"]["gap"].startswith("+£")
    found = reader(api, "company").open(f"{REVIEW}?only=changes")
    changed = found.tree.get_element_by_id("grid").xpath("./tbody/tr")
    assert [[cell.text_content() for cell in row][5] for row in changed] == ["3 was 2"]
    assert "Show everything" in found.links


def test_the_grid_is_downloaded_as_a_table(drafted: Web) -> None:
    words = {"Authorization": f"Bearer {drafted.town.tokens['company']}"}
    answer = drafted.client.get(f"{REVIEW}?arm=A&csv=schedule", headers=words)
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0] == 'Activity id,Activity,Role or code,Minutes,Quantity,Screening,Week 4,"National cost, once"'
    assert lines[1].startswith("A01,Consent,consultant,20,1,1,,£")


def test_an_arm_that_is_not_there_is_not_found(drafted: Web) -> None:
    assert reader(drafted, "company").see(f"{REVIEW}?arm=Z").status == 404


def test_an_arm_that_repeats_another_is_read_here_and_changed_there(api: Web) -> None:
    file = study_file()
    file["arms"].append({"id": "B", "name": "Control", "same_as": "A"})
    api.as_("company").post("/studies", file)
    sheet = reader(api, "company").open(f"{REVIEW}?arm=B")
    assert "Control repeats Active" in sheet.text
    assert sheet.tree.get_element_by_id("grid").get("data-edit") is None
