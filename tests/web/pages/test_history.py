"""What was done to a study, told in sentences: right names or none, filters, CSV, and the ledger checked."""

import csv
import io
from typing import Any

import pytest

from ncvr.domain.escalation import Decision, Escalation
from ncvr.domain.study import Study
from ncvr.services import escalating, reviewing
from ncvr.services.identity import OPERATOR
from ncvr.services.personal_data import forget_person
from ncvr.store import ledger_entries
from tests.editions import study
from tests.offices import IRAS, small_study
from tests.services.walks import agreed, shared, submitted
from tests.web.pages.reading import reader
from tests.web.permission_town import OMISSION
from tests.web.visiting import Web

HISTORY = f"/studies/{IRAS}/history"


def changed(lines: list[dict[str, Any]]) -> Study:
    """The small study, whose nursing (A02) has other resource lines."""
    record = small_study().model_dump(mode="json", exclude_defaults=True)
    record["arms"][0]["activities"][1]["resources"] = lines
    return study({"format": "ncvr-study/1", **record})


def edited(api: Web, lines: list[dict[str, Any]], reason: str = "") -> None:
    with api.town.act("company") as act:
        revision = reviewing.read_review(act, IRAS).revision
        reviewing.edit_schedule(act, IRAS, changed(lines), revision, reason=reason)


@pytest.fixture
def drafted(api: Web) -> Web:
    with api.town.act("company") as act:
        reviewing.create_study(act, small_study())
    return api


def test_an_edit_is_told_in_the_names_of_activity_and_role(drafted: Web) -> None:
    edited(drafted, [{"role": "research_nurse", "minutes": 30}], "Two visits are one")
    page = reader(drafted, "company").open(HISTORY)
    assert "company changed minutes of Research nurse in Nursing (A02) from 45 to 30." in page.text
    assert "company saved the schedule. Reason: Two visits are one." in page.text
    assert page.tree.xpath("//main//h2")[0].text == "4 May 2026"
    assert "10:00" in page.tree.xpath("//main//time")[0].text


def test_a_role_is_not_guessed_once_the_lines_have_moved(drafted: Web) -> None:
    edited(drafted, [{"role": "research_nurse", "minutes": 30}])
    edited(drafted, [{"role": "consultant", "minutes": 5}, {"role": "research_nurse", "minutes": 30}])
    page = reader(drafted, "company").open(HISTORY)
    assert "changed minutes of resource 1 in Nursing (A02) from 45 to 30" in page.text
    assert "added resource 1 in Nursing (A02): consultant, 5 minutes" in page.text


def test_it_is_filtered_by_what_and_by_whom_and_comes_as_csv(api_both: Web) -> None:
    agreed(api_both.town)
    shared(api_both.town, "RA9")
    company = reader(api_both, "company")
    sites = company.open(f"{HISTORY}?what=sites")
    assert "shared the price and contract of" in sites.text
    assert "submitted the schedule" not in sites.text
    of_reviewer = company.open(f"{HISTORY}?who={api_both.town.people['reviewer'].actor}")
    assert "agreed the resource" in of_reviewer.text
    assert "locked the price" not in of_reviewer.text
    nothing = company.open(f"{HISTORY}?what=queries")
    assert "Nothing in the history matches" in nothing.text
    answer = api_both.client.get(f"{HISTORY}?csv=history&what=sites", headers={"Authorization": f"Bearer {api_both.town.tokens['company']}"})
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0][:3] == ["When", "Who", "Role"]
    assert len(rows) - 1 == int(sites.tree.xpath("//main//p[@role='status']")[0].text.split()[0])


def test_a_forgotten_person_keeps_what_they_did_but_not_their_name(api: Web) -> None:
    submitted(api.town)
    assert "reviewer" not in reader(api, "company").open(HISTORY).text.split("Show")[1]
    with api.town.act("reviewer") as act:
        reviewing.accept(act, IRAS, reviewing.read_review(act, IRAS).revision)
    with api.town.office.act(OPERATOR, "asked for") as act:
        forget_person(act, "reviewer@example.org", "asked for")
    page = reader(api, "company").open(HISTORY)
    assert "Name removed took on the review" in page.text


def test_a_site_and_a_stranger_see_no_history(api: Web) -> None:
    agreed(api.town)
    shared(api.town, "RA9")
    assert reader(api, "site_ra9").see(HISTORY).status == 403
    assert reader(api, "rival").see(HISTORY).status == 404
    assert HISTORY not in reader(api, "site_ra9").open(f"/studies/{IRAS}").links.values()


def test_a_reviewer_hears_nothing_of_escalations(api: Web) -> None:
    agreed(api.town)
    found = shared(api.town, "RA9")
    with api.town.act("site_ra9") as act:
        case = escalating.escalate(act, IRAS, "RA9", found.revision, Escalation.model_validate(OMISSION | {"reason": "It is missing"}))
    with api.town.act("network") as act:
        escalating.decide(act, case.id, case.revision, Decision.model_validate({"outcome": "already_included", "reason": "in line A02"}))
    assert "decided the escalation" in reader(api, "company").open(HISTORY).text
    assert "decided the escalation" not in reader(api, "reviewer").open(HISTORY).text


def test_an_auditor_checks_the_ledger_and_hears_what_an_anchor_proves(api: Web) -> None:
    submitted(api.town)
    auditor = reader(api, "auditor")
    assert auditor.open(HISTORY).tree.xpath("//main//form[@action='/ledger/verify']")
    assert "Consistent" in auditor.open("/ledger/verify").text
    with api.town.office.look(OPERATOR) as act:
        head = ledger_entries.head(act.connection).hash
    assert "Verified" in auditor.open(f"/ledger/verify?anchor={head}").text
    assert "Broken" in auditor.open(f"/ledger/verify?anchor=sha256:{'1' * 64}").text
    for none in ("hello", f"sha256:{'0' * 64}"):
        refused = auditor.see(f"/ledger/verify?anchor={none}")
        assert (refused.status, "Give a head" in refused.text, "Broken" in refused.text) == (422, True, False), refused.text
    assert reader(api, "company").see("/ledger/verify").status == 403
    assert not reader(api, "company").open(HISTORY).tree.xpath("//main//form[@action='/ledger/verify']")
