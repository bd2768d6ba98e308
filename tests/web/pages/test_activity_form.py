"""One activity as a form: saved, added, removed, and every mistake shown at its field with what was typed."""

import pytest

from tests.offices import IRAS, study_file
from tests.services.walks import submitted
from tests.web.pages.reading import Reader, reader
from tests.web.visiting import Web

REVIEW = f"/studies/{IRAS}/review"
NURSING = f"{REVIEW}/activities/A02"


@pytest.fixture
def company(api: Web) -> Reader:
    api.as_("company").post("/studies", study_file())
    return reader(api, "company")


def study(company: Reader) -> dict[str, object]:
    found: dict[str, object] = company.web.as_("company").get(REVIEW)["study"]
    return found


def test_a_form_sent_untouched_changes_nothing(company: Reader) -> None:
    before = study(company)
    for entry in ("A01", "A02", "A03", "S01", "P01"):
        sheet = company.send(f"{REVIEW}/activities/{entry}")
        assert "is saved" in sheet.text
    assert study(company) == before


def test_minutes_counts_and_a_further_line_are_saved(company: Reader) -> None:
    typed = {"minutes-1": "7.5", "visit-1": "", "visit-2": "3", "item-2": "ECG", "quantity-2": "2", "payment": "item", "when": "always"}
    assert company.send(NURSING, **typed).status == 200
    found = study(company)["arms"][0]["activities"][1]  # type: ignore[index]
    assert found["resources"] == [{"role": "research_nurse", "minutes": "7.5"}, {"item": "ECG", "quantity": 2}]
    assert (found["occurrences"], found["payment"], found["when"]) == ({"V2": 3}, "item", "always")


@pytest.mark.parametrize(
    ("typed", "field", "says"),
    [
        ({"name": ""}, "name", "The name is missing"),
        ({"minutes-1": "x"}, "minutes-1", "'x' cannot be minutes"),
        ({"minutes-1": ""}, "minutes-1", "has no minutes"),
        ({"minutes-2": "5"}, "role-2", "minutes belong to a role"),
        ({"item-1": "ECG"}, "item-1", "a role and a code"),
        ({"item-2": "EGC"}, "item-2", "is not in edition"),
        ({"quantity-1": "0"}, "quantity-1", ""),
        ({"visit-2": "1.5"}, "visit-2", "Week 4: '1.5' is not a whole number"),
        ({"max": "often"}, "max", ""),
        ({"no_charge": "free"}, "", "stand only where there are no resources"),
    ],
)
def test_a_mistake_is_shown_at_its_field_and_nothing_is_saved(company: Reader, typed: dict[str, str], field: str, says: str) -> None:
    before = study(company)
    sheet = company.send(NURSING, **typed)
    assert sheet.status == 422
    assert says.lower() in sheet.text.lower()
    if field:
        assert sheet.tree.xpath(f"//a[@href='#{field}']"), sheet.text[:400]
        assert sheet.tree.xpath(f"//*[@id='{field}']")
    for name, text in typed.items():
        assert sheet.form(NURSING)[name] == text
    assert study(company) == before


def test_an_activity_is_added_with_the_next_id_and_removed_after_a_word_of_what_goes_with_it(company: Reader) -> None:
    added = company.send(f"{REVIEW}/new", page=f"{REVIEW}/new?list=A", name="Follow-up call", **{"role-1": "research_nurse", "minutes-1": "10", "visit-1": "1"})
    assert "The activity is added" in added.text
    assert "Follow-up call" in added.links
    assert "its counts at 1 visit go with it" in company.open(f"{REVIEW}/activities/A04/remove").text
    gone = company.send(f"{REVIEW}/activities/A04/remove")
    assert "The activity is removed" in gone.text
    assert "Follow-up call" not in gone.links


@pytest.mark.parametrize(
    ("container", "typed"), [("unscheduled", {"item-1": "ECG"}), ("setup_and_closedown", {"item-1": "ECG", "per": "year"}), ("pass_through", {"cap": "12.50"})]
)
def test_other_work_and_costs_are_added_likewise(company: Reader, container: str, typed: dict[str, str]) -> None:
    added = company.send(f"{REVIEW}/new", page=f"{REVIEW}/new?list={container}", name="Something else", **typed)
    assert "Something else" in added.links
    assert len(study(company)[container]) == (1 if container == "unscheduled" else 2)  # type: ignore[arg-type]


def test_an_id_that_is_taken_is_refused(company: Reader) -> None:
    sheet = company.send(f"{REVIEW}/new", page=f"{REVIEW}/new?list=A", id="P01", name="Twice")
    assert (sheet.status, "is used 2 times" in sheet.text) == (422, True)


def test_a_form_decided_on_something_older_is_shown_again_with_what_changed(company: Reader) -> None:
    form = company.open(NURSING).form(NURSING)
    company.send(f"{REVIEW}/activities/A01", **{"minutes-1": "25"})
    sheet = company.ask("POST", NURSING, form | {"minutes-1": "50"})
    assert (sheet.status, "activity A01" in sheet.text) == (412, True)
    assert company.ask("POST", NURSING, sheet.form(NURSING)).status == 200


def test_somebody_without_the_pen_reads_it_and_has_no_button(api: Web) -> None:
    submitted(api.town)
    sheet = reader(api, "company").open(NURSING)
    assert "45 minutes" in sheet.text
    assert sheet.tree.xpath(f"//form[@action='{NURSING}']") == []
    assert reader(api, "company").open(f"{REVIEW}/new?list=A").address == REVIEW
    assert reader(api, "company").open(f"{NURSING}/remove").address == NURSING
    assert reader(api, "company").ask("POST", f"{NURSING}/remove", {"revision": "2"}).status == 409
    assert reader(api, "site_ra9").see(NURSING).status in (403, 404)
    assert reader(api, "rival").see(NURSING).status == 404
    assert reader(api, "company").see(f"{REVIEW}/activities/Z99").status == 404
