"""Starting a study in three ways, changing its facts, adding sites, giving access, recording events: and every way these go wrong."""

import json

import pytest

from ncvr.domain.study import Study, study_record
from ncvr.services import reviewing
from ncvr.services.workbook import export_workbook
from ncvr.store import studies
from tests.offices import IRAS, small_study, study_file
from tests.services.walks import agreed, at, shared, submitted
from tests.web.pages.reading import reader
from tests.web.visiting import Web

STUDY = f"/studies/{IRAS}"


def kept(api: Web, iras_id: str = IRAS) -> Study:
    with api.town.store.reading() as connection:
        review = studies.read(connection, iras_id)
    assert review is not None
    return review.study


def drafted(api: Web) -> None:
    with api.town.act("company") as act:
        reviewing.create_study(act, small_study())


def test_a_few_fields_make_a_draft_that_can_be_read(api: Web) -> None:
    company = reader(api, "company")
    day = {"protocol_date-day": "15", "protocol_date-month": "1", "protocol_date-year": "2026"}
    typed = {"iras_id": "1009999", "short_title": "A small one", "sponsor": "Acme", "lead_site": "RGT", "phase": "III", "protocol_number": "EX-9", **day}
    done = company.send("/studies/new", **typed, protocol_version="1.0", arm="Active", visits="Screening\n\n Week 4 \n")
    assert (done.status, done.address, done.heading) == (200, "/studies/1009999", "A small one Draft")
    study = kept(api, "1009999")
    assert [(visit.id, visit.name) for visit in study.arms[0].visits] == [("V1", "Screening"), ("V2", "Week 4")]
    assert study.study.protocol is not None
    assert study.study.protocol.date.isoformat() == "2026-01-15"
    assert "The title is missing" in done.text


def test_only_the_iras_id_is_needed_to_start(api: Web) -> None:
    done = reader(api, "company").send("/studies/new", iras_id="1009998")
    assert (done.status, done.heading) == (200, "Study 1009998 Draft")


@pytest.mark.parametrize(
    ("typed", "at_field"),
    [
        ({"iras_id": ""}, "#iras_id"),
        ({"iras_id": "12"}, "#iras_id"),
        ({"iras_id": IRAS, "cpms_id": "abc"}, "#cpms_id"),
        ({"iras_id": IRAS, "protocol_number": "EX-1"}, "#protocol_version"),
        ({"iras_id": IRAS, "protocol_date-day": "31", "protocol_date-month": "2", "protocol_date-year": "2026"}, "#protocol_date-day"),
        ({"iras_id": IRAS, "phase": "III", "ncvr_class": "early"}, "#ncvr_class"),
    ],
)
def test_what_will_not_do_is_said_at_its_field_and_kept(api: Web, typed: dict[str, str], at_field: str) -> None:
    again = reader(api, "company").send("/studies/new", **{"short_title": "Kept words", **typed})
    assert again.status == 422
    assert at_field in again.links.values()
    assert again.form("/studies/new")["short_title"] == "Kept words"


def test_a_number_that_is_taken_is_refused_without_telling_whose_it_is(api: Web) -> None:
    drafted(api)
    again = reader(api, "rival").send("/studies/new", iras_id=IRAS)
    assert again.status == 422
    assert "is registered already" in again.text
    assert "Acme" not in again.text


def test_a_study_file_and_a_workbook_start_a_study(api: Web) -> None:
    company, file = reader(api, "company"), json.dumps(study_file("1009997")).encode()
    assert company.ask("POST", "/studies/new/workbook", files={"file": ("study.json", file)}).address == "/studies/1009997"
    made = small_study("1009996")
    workbook = export_workbook(made, api.town.office.tariffs.folder, api.town.office.clock.today())
    done = company.ask("POST", "/studies/new/workbook", files={"file": ("study.xlsx", workbook)})
    assert (done.status, done.address) == (200, "/studies/1009996")
    assert study_record(kept(api, "1009996"))["arms"] == study_record(made)["arms"]


@pytest.mark.parametrize("content", [b"", b"PK no workbook", b"{", b'{"format": "ncvr-study/1", "price": 1}', b"\xff\xfe"])
def test_a_file_that_is_none_of_ours_is_refused_with_a_reason(api: Web, content: bytes) -> None:
    again = reader(api, "company").ask("POST", "/studies/new/workbook", files={"file": ("study.json", content)})
    assert again.status == 422
    assert "There is a problem" in again.text


def test_only_a_company_or_a_lead_site_starts_a_study(api: Web) -> None:
    for who in ("site_ra9", "network", "national", "auditor"):
        assert reader(api, who).see("/studies/new").status == 403
        assert "Start a new study" not in reader(api, who).open("/").links
    for who in ("company", "reviewer"):
        assert reader(api, who).open("/").links["Start a new study"] == reader(api, who).open("/studies").links["Start a new study"] == "/studies/new"
    assert "owner" not in reader(api, "company").open("/studies/new").form("/studies/new")


def test_a_lead_site_starts_an_early_phase_study_for_a_company_which_goes_on(api: Web) -> None:
    reviewer, company = reader(api, "reviewer"), reader(api, "company")
    assert reviewer.open("/studies/new").form("/studies/new")["lead_site"] == "RGT"
    done = reviewer.send("/studies/new", owner="acme", iras_id="1009995", short_title="First in human", phase="I")
    assert (done.status, done.address, done.heading) == (200, "/studies/1009995", "First in human Draft")
    assert "Study started by the lead site for the company" in done.text
    assert "Started by Cambridge, as its lead site" in company.open("/studies/1009995").text
    assert "started it as its lead site for ACME" in company.open("/studies/1009995/history").text
    assert "Complete and submit 1009995 First in human" in company.open("/").links
    assert reviewer.see("/studies/1009995/facts").status == 403
    assert "The facts of the study are saved" in company.send("/studies/1009995/facts", title="A first trial in people").text


def test_a_lead_site_starts_a_study_from_a_file_too(api: Web) -> None:
    file = json.dumps(study_file("1009994", study=study_file("1009994")["study"] | {"atmp": True})).encode()
    done = reader(api, "reviewer").ask("POST", "/studies/new/workbook", {"file_owner": "ACME"}, files={"file": ("study.json", file)})
    assert (done.status, done.address) == (200, "/studies/1009994")
    again = reader(api, "reviewer").ask("POST", "/studies/new/workbook", {"file_owner": "ACNE"}, files={"file": ("study.json", file)})
    assert (again.status, "#file_owner" in again.links.values(), again.form("/studies/new/workbook")["file_owner"]) == (422, True, "ACNE")
    assert "There is no company 'ACNE' here" in again.text
    assert "ACME" not in again.text.replace("like ACME", "")  # the hint's example is in every such page


@pytest.mark.parametrize(
    ("typed", "at_field"),
    [
        ({"owner": ""}, "#owner"),
        ({"owner": "ACNE"}, "#owner"),
        ({"phase": "III"}, "#ncvr_class"),
        ({"lead_site": "RA9"}, "#lead_site"),
    ],
)
def test_what_a_lead_site_may_not_start_is_said_at_its_field_and_kept(api: Web, typed: dict[str, str], at_field: str) -> None:
    again = reader(api, "reviewer").send("/studies/new", **{"owner": "ACME", "iras_id": "1009993", "phase": "I", "short_title": "Kept words", **typed})
    assert (again.status, at_field in again.links.values()) == (422, True)
    assert again.form("/studies/new")["short_title"] == "Kept words"
    assert again.form("/studies/new")["owner"] == typed.get("owner", "ACME")


def test_facts_are_changed_while_the_company_holds_the_pen_and_not_after(api: Web) -> None:
    drafted(api)
    company = reader(api, "company")
    assert "are saved" in company.send(f"{STUDY}/facts", title="Another title").text
    study = kept(api)
    assert study.study.title == "Another title"
    assert (study.sites, study.arms, study.study.agreement) == (small_study().sites, small_study().arms, "mCTA")
    assert "company changed the title from A trial of something to Another title" in company.open(f"{STUDY}/history").text
    company.send(f"{STUDY}/facts", off_portfolio="yes", agreement="CRO-mCTA")
    assert (kept(api).study.portfolio, kept(api).study.agreement) == (False, "CRO-mCTA")
    shown = company.open(f"{STUDY}/facts")
    assert (shown.form(f"{STUDY}/facts")["agreement"], shown.form(f"{STUDY}/facts").get("off_portfolio")) == ("CRO-mCTA", "yes")
    company.send(f"{STUDY}/facts", title="Yet another title")
    assert (kept(api).study.portfolio, kept(api).study.agreement) == (False, "CRO-mCTA")
    wrong = company.send(f"{STUDY}/facts", lead_site="NOWHERE")
    assert (wrong.status, wrong.form(f"{STUDY}/facts")["lead_site"]) == (422, "NOWHERE")
    with api.town.act("company") as act:
        reviewing.submit(act, IRAS, reviewing.read_review(act, IRAS).revision, protocol_version="2.0")
    assert company.see(f"{STUDY}/facts").status == 409


def test_a_site_is_added_to_the_draft_and_to_an_agreed_version_where_it_is_priced(api: Web) -> None:
    with api.town.act("company") as act:
        reviewing.create_study(act, small_study(sites=[]))
    company, address = reader(api, "company"), f"{STUDY}/sites/new"
    assert "The site is added" in company.send(address, ods_code="ra9", target_participants="12").text
    assert [(site.ods_code, site.target_participants) for site in kept(api).sites] == [("RA9", 12)]
    twice = company.send(address, ods_code="RA9")
    assert (twice.status, "#ods_code" in twice.links.values()) == (422, True)
    unknown = company.send(address, ods_code="XXX", target_participants="a few")
    assert (unknown.status, "#target_participants" in unknown.links.values()) == (422, True)


def test_a_site_added_after_agreement_is_priced_at_once(api: Web) -> None:
    agreed(api.town, small_study(sites=[{"ods_code": "RGT"}]))
    company = reader(api, "company")
    company.send(f"{STUDY}/sites/new", ods_code="RK9", target_participants="5")
    assert at(api.town, "RK9").state == "priced"
    again = company.send(f"{STUDY}/sites/new", ods_code="RK9")
    assert again.status == 409
    assert "has a costing already" in again.text


def test_access_is_checked_then_given_between_its_days_by_the_owner_alone(api: Web) -> None:
    drafted(api)
    company, cro = reader(api, "company"), reader(api, "cro")
    assert cro.see(STUDY).status == 404
    form = company.open(f"{STUDY}/grants/new").form(f"{STUDY}/grants/check")
    check = company.ask("POST", f"{STUDY}/grants/check", form | {"organisation": "cro"})
    assert check.heading == "Give Contract Research access"
    assert "From 4 May 2026 Until Without end" in check.text
    done = company.ask("POST", f"{STUDY}/grants", check.form(f"{STUDY}/grants"))
    assert "Acts for the company" in done.text
    assert cro.open(STUDY).status == 200
    assert "Give a company access" not in cro.open(STUDY).links
    assert "Only the company that owns the study" in cro.open(f"{STUDY}/grants/new").text
    assert cro.ask("POST", f"{STUDY}/grants", check.form(f"{STUDY}/grants")).status == 403


@pytest.mark.parametrize(
    ("typed", "at_field"),
    [
        ({"organisation": "NOBODY"}, "#organisation"),
        ({"organisation": "CRO", "until_on-day": "1", "until_on-month": "1", "until_on-year": "2020"}, "#until_on-day"),
        ({"organisation": "CRO", "from_on-day": "", "from_on-month": "", "from_on-year": ""}, "#from_on-day"),
    ],
)
def test_access_that_cannot_be_is_refused_at_its_field(api: Web, typed: dict[str, str], at_field: str) -> None:
    drafted(api)
    company = reader(api, "company")
    form = company.open(f"{STUDY}/grants/new").form(f"{STUDY}/grants/check")
    again = company.ask("POST", f"{STUDY}/grants/check", form | typed)
    assert again.status == 422
    assert at_field in again.links.values()


def test_an_event_is_recorded_and_a_wrong_one_corrected(api: Web) -> None:
    submitted(api.town)
    company, day = reader(api, "company"), {"on-day": "2", "on-month": "5", "on-year": "2026"}
    send, page = f"{STUDY}/events", f"{STUDY}/events/new"
    assert "It is recorded" in company.send(send, page=page, kind="regulatory_approval", **day).text
    correct = company.open(STUDY).links["Correct it"]
    form = company.open(correct).form(send)
    assert form["kind"] == "regulatory_approval"
    done = company.ask("POST", send, form | day | {"on-day": "1"})
    assert "Was wrong, and was corrected" in done.text
    for typed, at_field in (({"kind": ""}, "#kind"), ({"on-year": "2027"}, "#on-day"), ({"on-day": "x"}, "#on-day")):
        again = company.send(send, page=page, **{"kind": "study_closed", **day, **typed})
        assert (again.status, at_field in again.links.values()) == (422, True)


def test_a_site_records_what_happened_at_itself_only(api: Web) -> None:
    agreed(api.town)
    shared(api.town, "RA9")
    site = reader(api, "site_ra9")
    page = site.open(f"{STUDY}/events/new")
    assert page.tree.xpath("//main//select[@id='site']/option/@value") == ["RA9"]
    day = {"on-day": "4", "on-month": "5", "on-year": "2026", "kind": "site_open"}
    assert "It is recorded" in site.send(f"{STUDY}/events", page=f"{STUDY}/events/new", **day).text
    assert site.send(f"{STUDY}/events", page=f"{STUDY}/events/new", **day, site="RK9").status == 403
