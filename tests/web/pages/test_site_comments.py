"""A site comments on a study in pages: found in its work and its list, read without what is not its own, commented on, and gone again."""

import pytest

from tests.offices import IRAS, study_file
from tests.web.pages.reading import Sheet, reader
from tests.web.test_site_comments import QUERIES, REVIEW, STUDY, comment, early, submitted
from tests.web.visiting import Web

POSTED = f"/studies/{IRAS}/review/queries"
TITLED = study_file()["study"] | {"phase": "I", "short_title": "First in human"}


def part(sheet: Sheet, name: str) -> dict[str, str]:
    """The links of one part of My work."""
    links = sheet.tree.xpath(f"//main//h2[@id='{name}']/following-sibling::ul[1]//a")
    return {" ".join(link.text_content().split()): link.get("href") for link in links}


def test_a_listed_site_finds_the_study_in_its_work_and_in_its_list(api_both: Web) -> None:
    submitted(api_both, study=TITLED)
    site = reader(api_both, "site_ra9")
    work = site.open("/")
    assert part(work, "comments") == {f"Comment on {IRAS} First in human": STUDY}
    assert ("Nothing waits for you" in work.text, "You may comment" in work.text) == (True, True)
    listed = site.open("/studies?q=first")
    assert (listed.links["First in human"], "You may comment" in listed.text) == (STUDY, True)
    for who in ("site_rk9", "rival", "other_reviewer"):
        assert "First in human" not in reader(api_both, who).open("/studies").text
    assert "You may comment" not in reader(api_both, "reviewer").open("/studies").text


def test_the_page_shows_the_resource_and_a_form_and_nothing_of_others(api: Web) -> None:
    submitted(api, study=TITLED)
    page = reader(api, "site_ra9").open(STUDY)
    assert page.heading == "First in human Submitted"
    assert "Nursing (A02)" in page.text
    assert "ECG (A03), paid each time" in page.text
    assert "research_nurse, 45 min" in page.text
    assert "Set-up and close-down" in page.text
    assert "Your organisation has not commented yet." in page.text
    for hidden in ("Travel", "35.00", "Waiver", "P01", "Pass-through", "Dr Waiver"):
        assert hidden not in page.text
    assert (page.form(POSTED)["kind"], "P01" in page.tree.xpath("//select[@id='line']/option/@value")) == ("comment", False)
    # Nothing on it leads where a site may not go.
    assert {reader(api, "site_ra9").see(href.partition("#")[0]).status for href in page.links.values() if href.startswith("/")} == {200}


def test_a_comment_is_added_answered_by_the_company_and_read_by_its_own_site_alone(api_both: Web) -> None:
    company, _ = submitted(api_both, study=TITLED)
    site = reader(api_both, "site_ra9")
    done = site.send(POSTED, page=STUDY, line="A02", text="45 minutes are short")
    assert (done.status, done.address) == (200, STUDY)
    assert "Your comment is added" in done.text
    assert "45 minutes are short" in done.text
    told = reader(api_both, "company").open(REVIEW)
    assert "Torbay, a site that may comment, site_ra9" in told.text
    (made,) = company.get(QUERIES)["items"]
    reader(api_both, "company").send(f"{POSTED}/{made['id']}/answer", page=REVIEW, **{f"answer-{made['id']}": "We time it again"})
    answered = site.open(STUDY).text
    assert "We time it again" in answered
    assert "Answer of Acme Pharma" in answered  # a site is told which organisation answered, not which person
    assert "45 minutes are short" not in reader(api_both, "site_rgt").open(STUDY).text
    assert "remarked on" in reader(api_both, "reviewer").open(f"{STUDY}/history").text


@pytest.mark.parametrize(
    ("typed", "status", "says"),
    [
        ({"text": ""}, 422, "Nothing is written"),
        ({"text": "x" * 4001}, 422, "4,001 characters"),
        ({"line": "P01", "text": "How much?"}, 422, "There is no line 'P01'"),
        ({"kind": "query", "text": "Is this enough?"}, 409, "Only the reviewer asks queries"),
    ],
)
def test_a_comment_that_will_not_do_is_said_on_the_same_page_with_what_was_typed(api: Web, typed: dict[str, str], status: int, says: str) -> None:
    submitted(api, study=TITLED)
    again = reader(api, "site_ra9").send(POSTED, page=STUDY, **typed)
    assert (again.status, says in again.text) == (status, True)
    assert again.heading == "First in human Submitted"
    assert again.tree.get_element_by_id("text").value == typed["text"]
    assert api.as_("company").get(QUERIES)["items"] == []


def test_a_study_without_a_schedule_worth_the_name_has_a_page_too(api: Web) -> None:
    """Whatever a submission may leave out: no short title, nothing unscheduled, nothing at set-up."""
    submitted(api, setup_and_closedown=[], study=study_file()["study"] | {"phase": "I"})
    page = reader(api, "site_ra9").open(STUDY)
    assert page.heading == "A trial of something Submitted"
    assert "None." in page.text


def test_the_company_is_told_who_will_see_the_study_before_it_submits_and_who_does_after(api: Web) -> None:
    reader(api, "reviewer").web.as_("reviewer").post("/studies?owner=ACME", early())
    company = reader(api, "company")
    assert "once it is submitted, they read the resource without pass-through costs" in company.open(f"{REVIEW}/submit").text
    assert "may read the resource and comment" not in company.open(STUDY).text
    company.send(f"{REVIEW}/submit", protocol_version="2.0")
    assert "Site, may read the resource and comment while it is under review" in company.open(STUDY).text


def test_once_it_is_over_the_page_and_the_way_to_comment_are_gone(api_both: Web) -> None:
    company, _ = submitted(api_both)
    site = reader(api_both, "site_ra9")
    form = site.open(STUDY).form(POSTED)
    company.do(REVIEW, "withdraw", {"reason": "It will not open"})
    assert site.see(STUDY).status == 404
    assert site.ask("POST", POSTED, form | {"text": "Too late"}).status == 404
    assert "You may comment" not in site.open("/").text
    assert comment("Too late")["text"] not in str(company.get(QUERIES))
