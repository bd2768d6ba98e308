"""A study at a glance: the one next act by side and state, what is still to fix, and nothing a person may not see."""

from typing import Any

import pytest

from ncvr.domain.study_event import StudyEvent
from ncvr.services import membership, reviewing
from tests.offices import IRAS, small_study
from tests.services.walks import accepted, agreed, contracted, shared, submitted
from tests.web.pages.reading import Sheet, reader
from tests.web.visiting import Web

STUDY = f"/studies/{IRAS}"


def next_act(sheet: Sheet) -> tuple[str, str]:
    """The one main button."""
    buttons = sheet.tree.xpath("//main//a[@id='next-act']")
    assert len(buttons) == 1
    return " ".join(buttons[0].text_content().split()), buttons[0].get("href")


def drafted(api: Web, **known: Any) -> None:
    with api.town.act("company") as act:
        reviewing.create_study(act, small_study(**known))


def test_what_is_missing_is_listed_and_the_way_to_submit_opens_when_nothing_is(api: Web) -> None:
    drafted(api, lead_site=None)
    company = reader(api, "company")
    page = company.open(STUDY)
    assert next_act(page) == ("Complete the facts of the study", f"{STUDY}/facts")
    assert "The lead site is missing" in page.text
    assert page.links["Facts of the study"] == f"{STUDY}/facts"
    assert "Submit for review" not in page.links
    assert "Mend this first" in company.open(f"{STUDY}/review/submit").text
    company.send(f"{STUDY}/facts", lead_site="RGT")
    assert next_act(company.open(STUDY)) == ("Submit for review", f"{STUDY}/review/submit")


def test_each_side_has_the_next_act_that_is_theirs(api: Web) -> None:
    submitted(api.town)
    assert next_act(reader(api, "reviewer").open(STUDY)) == ("Accept for review", f"{STUDY}/review/accept")
    assert next_act(reader(api, "company").open(STUDY)) == ("Open the schedule", f"{STUDY}/review")
    auditor = reader(api, "auditor").open(STUDY)
    assert not [href for href in auditor.links.values() if href.startswith(f"{STUDY}/review/")]


def test_the_timeline_counts_days_against_what_is_usual(api: Web) -> None:
    submitted(api.town)
    api.town.clock.set("2026-06-18")
    page = reader(api, "company").open(STUDY)
    assert "45 days since the first submission. That is 11 days more than usual. Usual is 34 days" in page.text
    with api.town.act("company") as act:
        for kind, day in (("regulatory_application", "2026-05-10"), ("regulatory_approval", "2026-06-09")):
            membership.record_event(act, IRAS, StudyEvent.model_validate({"kind": kind, "on": day}))
    page = reader(api, "company").open(STUDY)
    assert "Regulatory application to approval: took 30 days, target 60" in page.text
    steps = [" ".join(step.text_content().split()) for step in page.tree.xpath("//main//ol[@class='ncvr-timeline']/li")]
    assert steps[0] == "Study started by the company 4 May 2026, day 0"
    assert steps[-1] == "Regulatory approval 9 June 2026, day 36"


def test_after_agreement_the_sites_say_what_is_next(api: Web) -> None:
    agreed(api.town)
    company = reader(api, "company")
    page = company.open(STUDY)
    assert next_act(page) == ("Lock 3 prices", f"{STUDY}/lock-all")
    assert "Illustrative prices" in page.text
    for code in ("RGT", "RA9", "RK9"):
        contracted(api.town, code)
    assert "Nothing waits for you" in company.open(STUDY).text


def test_a_reviewer_sees_states_of_sites_and_no_price(api: Web) -> None:
    agreed(api.town)
    page = reader(api, "reviewer").open(STUDY)
    assert page.tree.xpath("//main//table[@id='sites']")
    assert "£" not in page.text
    assert "Projected total" not in page.text
    assert f"{STUDY}/prices" not in page.links.values()
    site = reader(api, "reviewer").open(f"{STUDY}/sites/RA9")
    assert "£" not in site.text
    assert not site.tree.xpath("//main//a[@id='next-act']")


def test_a_site_sees_its_own_view_and_no_other_site(api: Web) -> None:
    agreed(api.town)
    shared(api.town, "RA9")
    accepted(api.town, "RK9")
    page = reader(api, "site_ra9").open(STUDY)
    assert next_act(page) == ("Accept the price", f"{STUDY}/sites/RA9/accept")
    assert {"Refuse the price", "Decline to take part", "Escalate something missing"} <= set(page.links)
    for hidden in ("RK9", "Plymouth", "Timeline", "Who takes part", "History"):
        assert hidden not in page.text
    assert reader(api, "site_ra9").see(f"{STUDY}/sites/RK9").status == 404
    assert reader(api, "site_rgt").see(STUDY).status == 404


@pytest.mark.parametrize("who", ["rival", "site_ra9", "other_reviewer"])
def test_a_study_that_is_hidden_is_not_there(api: Web, who: str) -> None:
    drafted(api)
    hidden, absent = reader(api, who).see(STUDY), reader(api, who).see("/studies/9999999")
    assert hidden.status == absent.status == 404
    assert hidden.text.partition("quote this reference")[0] == absent.text.partition("quote this reference")[0]
