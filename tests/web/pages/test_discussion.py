"""Queries and comments on lines: the reviewer asks, the company answers, others read."""

from ncvr.services import reviewing
from tests.offices import IRAS
from tests.services.walks import submitted
from tests.web.pages.reading import reader
from tests.web.visiting import Web

REVIEW = f"/studies/{IRAS}/review"


def in_review(api: Web) -> Web:
    review = submitted(api.town)
    with api.town.act("reviewer") as act:
        reviewing.accept(act, IRAS, review.revision)
    return api


def test_a_query_of_the_reviewer_is_counted_in_its_row_and_answered_by_the_company(api: Web) -> None:
    web = in_review(api)
    asked = reader(web, "reviewer").send(f"{REVIEW}/queries", page=f"{REVIEW}?arm=A", line="A02", kind="query", text="Is this enough?")
    assert "Your query is kept" in asked.text
    assert "1 open query" in asked.links
    company = reader(web, "company")
    sheet = company.open(f"{REVIEW}/activities/A02")
    action = next(form.get("action") for form in sheet.tree.xpath("//form") if str(form.get("action")).endswith("/answer"))
    query = action.split("/")[-2]
    empty = company.send(action, page=f"{REVIEW}/activities/A02")
    assert (empty.status, "Nothing is written" in empty.text) == (422, True)
    answered = company.send(action, page=f"{REVIEW}/activities/A02", **{f"answer-{query}": "Yes, see 6.2"})
    assert answered.address == f"{REVIEW}/activities/A02" or answered.address == REVIEW
    assert "Yes, see 6.2" in answered.text
    assert "1 comment" in reader(web, "reviewer").open(REVIEW).links


def test_only_the_reviewer_may_ask_a_query_and_only_parties_may_remark(api: Web) -> None:
    web = in_review(api)
    assert "kind" in reader(web, "reviewer").open(REVIEW).form(f"{REVIEW}/queries")
    assert reader(web, "company").open(REVIEW).form(f"{REVIEW}/queries")["kind"] == "comment"
    assert reader(web, "auditor").open(REVIEW).tree.xpath(f"//form[@action='{REVIEW}/queries']") == []
    refused = reader(web, "company").send(f"{REVIEW}/queries", page=REVIEW, kind="query", line="A02", text="May I?")
    assert (refused.status, "May I?" in refused.tree.get_element_by_id("text").value) == (409, True)


def test_a_way_back_that_leads_elsewhere_is_not_taken(api: Web) -> None:
    web = in_review(api)
    sheet = reader(web, "reviewer").send(f"{REVIEW}/queries", page=REVIEW, kind="comment", text="Fine", back="https://elsewhere.example/")
    assert (sheet.status, sheet.address) == (200, REVIEW)
