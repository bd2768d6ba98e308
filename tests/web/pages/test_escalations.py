"""Escalations as pages: the sum before it is sent, what may hold it already, one decision with a reason, and no case of another site."""

from typing import Any

from ncvr.services import escalating
from tests.offices import IRAS
from tests.services.walks import at, shared
from tests.web.pages.reading import Sheet, reader
from tests.web.visiting import Web

ESCALATE, LOG = f"/studies/{IRAS}/sites/RA9/escalate", f"/studies/{IRAS}/escalations"
TYPED = {"name": "Nursing at home", "role": "research_nurse", "minutes": "15", "ground": "threshold", "reason": "The costing does not hold it"}


def worked_out(api: Web, **typed: str) -> Sheet:
    return reader(api, "site_ra9").send(ESCALATE, step="work-out", **(TYPED | typed))


def send(api: Web, **typed: str) -> Sheet:
    """Through the check page, as a person goes."""
    checked = worked_out(api, **typed)
    return reader(api, "site_ra9").ask("POST", ESCALATE, checked.form(ESCALATE) | {"step": "send"})


def problems(sheet: Sheet) -> list[str]:
    found: list[str] = sheet.tree.xpath("//div[contains(@class, 'nhsuk-error-summary')]//a/@href")
    return found


def case_address(api: Web, who: str) -> str:
    found: list[Any] = reader(api, who).open(LOG).tree.xpath("//table[@id='escalations']//th//a/@href")
    return str(found[-1])


def test_the_sum_and_what_may_hold_it_already_are_seen_before_anything_is_sent(agreed_api: Web) -> None:
    page = worked_out(agreed_api)
    assert page.status == 200
    # 15 minutes at £40.50 an hour for 10 participants, of direct costs for 10 participants and set-up
    assert "£101.25 of £" in page.tree.xpath("//p[@id='share']")[0].text_content()
    assert "line A02 “Nursing”: 45 minutes research nurse (Active)" in page.text
    assert at(agreed_api.town, "RA9").state == "shared"
    assert "Nothing was escalated" in reader(agreed_api, "site_ra9").open(LOG).text
    changed = reader(agreed_api, "site_ra9").ask("POST", ESCALATE, page.form(ESCALATE) | {"step": "change"})
    assert changed.form(ESCALATE)["minutes"] == "15"


def test_what_is_sent_is_what_was_worked_out(agreed_api: Web) -> None:
    before = worked_out(agreed_api).tree.xpath("//p[@id='share']")[0].text_content()
    after = send(agreed_api)
    assert (after.status, after.address) == (200, LOG)
    assert "The escalation is sent" in after.text
    assert at(agreed_api.town, "RA9").state == "escalated"
    page = reader(agreed_api, "network").open(case_address(agreed_api, "network"))
    assert page.tree.xpath("//p[@id='share']")[0].text_content() == before
    again = reader(agreed_api, "site_ra9").open(ESCALATE)
    assert "this one is already" in again.text
    assert not again.tree.xpath("//main//form")


def test_what_is_missing_from_the_form_is_said_at_each_field(agreed_api: Web) -> None:
    empty = reader(agreed_api, "site_ra9").send(ESCALATE, step="work-out")
    assert (empty.status, problems(empty)) == (422, ["#name", "#ground", "#reason", "#role"])
    assert problems(worked_out(agreed_api, minutes="a while")) == ["#minutes"]
    assert problems(worked_out(agreed_api, ground="protocol")) == ["#protocol_ref"]
    assert problems(worked_out(agreed_api, times="0")) == ["#times"]
    assert at(agreed_api.town, "RA9").state == "shared"


def test_only_the_site_itself_escalates_and_only_its_own_price(agreed_api: Web) -> None:
    for who, status in (("company", 403), ("reviewer", 403), ("site_rk9", 404), ("rival", 404), ("national", 403)):
        assert reader(agreed_api, who).see(ESCALATE).status == status, who
    assert reader(agreed_api, "site_ra9").see(f"/studies/{IRAS}/sites/RGT/escalate").status == 404


def test_a_coordinator_decides_with_a_reason_and_the_rule_holds(agreed_api: Web) -> None:
    send(agreed_api, minutes="1")
    network, address = reader(agreed_api, "network"), case_address(agreed_api, "network")
    assert problems(network.send(address)) == ["#outcome", "#reason"]
    small = network.send(address, outcome="corrected", reason="It is missing")
    assert small.status == 409
    assert "neither in the protocol's schedule nor at least 5%" in small.text
    assert problems(network.send(address, outcome="corrected", reason="It is missing", waiver_by="Dr Who")) == ["#waiver_reason"]
    form = network.open(address).form(address)
    done = network.send(address, outcome="below_threshold", reason="It is a minute")
    assert "The escalation is decided" in done.text
    assert at(agreed_api.town, "RA9").state == "shared"
    assert network.ask("POST", address, form | {"outcome": "below_threshold", "reason": "Again"}).status == 412
    assert "It is a minute" in reader(agreed_api, "site_ra9").open(address).text


def test_a_case_shows_itself_to_its_site_and_the_parties_and_a_form_to_those_who_decide(agreed_api: Web) -> None:
    shared(agreed_api.town, "RK9")
    send(agreed_api)
    address = case_address(agreed_api, "company")
    for who, status in (("company", 200), ("site_ra9", 200), ("auditor", 200), ("site_rk9", 404), ("rival", 404), ("reviewer", 403)):
        sheet = reader(agreed_api, who).see(address)
        assert sheet.status == status, who
        assert not sheet.tree.xpath(f"//main//form[@action='{address}']"), who
    assert reader(agreed_api, "national").open(address).tree.xpath(f"//main//form[@action='{address}']")
    assert reader(agreed_api, "company").ask("POST", address, {"revision": "1", "outcome": "corrected", "reason": "Please"}).status == 403
    assert "Nothing was escalated" in reader(agreed_api, "site_rk9").open(LOG).text
    with agreed_api.town.act("national") as act:
        assert len(escalating.list_escalations(act, IRAS)) == 1
