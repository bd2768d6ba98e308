"""Contracts and their details as pages: what is missing is said before anybody downloads, and nothing is written over somebody else's form."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ncvr.domain.details import SiteDetails
from ncvr.services import site_contracts
from ncvr.store import site_details
from tests.contracts import DETAILS, TEMPLATES
from tests.databases import Database
from tests.offices import IRAS, town
from tests.services.walks import agreed, contracted, shared
from tests.web.pages.reading import reader
from tests.web.visiting import Web, web

CONTRACTS, COMMON = f"/studies/{IRAS}/contracts", f"/studies/{IRAS}/contracts/common"
DETAILS_RGT = f"/studies/{IRAS}/sites/RGT/details"


@pytest.fixture
def half_ready(sqlite_database: Database, tmp_path: Path) -> Iterator[Web]:
    """Three sites are priced; one is shared with all its details, the others have none yet."""
    made = town(sqlite_database, tmp_path, templates=TEMPLATES)
    agreed(made)
    with made.act("company") as act:
        site_contracts.write_details(act, IRAS, "RA9", SiteDetails.model_validate(DETAILS), 0)
    shared(made, "RA9")
    yield web(made)
    made.store.close()


def kept(api: Web, site: str) -> SiteDetails:
    with api.town.store.reading() as connection:
        return site_details.read(connection, IRAS, site).details


def test_a_ready_contract_is_downloaded_and_the_others_say_what_is_missing(half_ready: Web) -> None:
    page = reader(half_ready, "company").open(CONTRACTS)
    assert "1 of 3 contracts is ready to download" in page.text
    assert page.links["Download contract"] == f"/studies/{IRAS}/sites/RA9/contract.docx"
    missing = [link for link in page.tree.xpath("//table[@id='contracts']//a") if "details of the contract" in link.text_content()]
    assert [link.get("href") for link in missing] == [DETAILS_RGT, f"/studies/{IRAS}/sites/RK9/details"]
    words = {"Authorization": f"Bearer {half_ready.town.tokens['company']}"}
    answer = half_ready.client.get(f"/studies/{IRAS}/sites/RA9/contract.docx", headers=words)
    assert answer.content.startswith(b"PK")
    assert answer.headers["content-disposition"] == f'attachment; filename="{IRAS}_RA9_mCTA_sample-1_ILLUSTRATIVE.docx"'
    refused = half_ready.client.get(f"/studies/{IRAS}/sites/RGT/contract.docx", headers=words)
    assert refused.status_code == 409
    assert "Lock the price first" in refused.text  # a page, not a file that breaks off


def test_a_site_sees_its_own_contract_only_and_a_reviewer_none(half_ready: Web) -> None:
    page = reader(half_ready, "site_ra9").open(CONTRACTS)
    assert "RGT" not in page.text
    assert "Give the details" not in page.text
    assert reader(half_ready, "reviewer").see(CONTRACTS).status == 403
    assert reader(half_ready, "rival").see(CONTRACTS).status == 404
    assert reader(half_ready, "site_ra9").see(DETAILS_RGT).status == 404
    assert reader(half_ready, "site_ra9").see(COMMON).status == 403


def test_the_form_names_what_is_missing_and_keeps_what_is_given(half_ready: Web) -> None:
    company = reader(half_ready, "company")
    before = company.open(DETAILS_RGT)
    assert "20 details are missing" in before.text
    typed = {"sponsor-legal_name": "Acme Pharma Ltd", "dates-archiving_years": "25", "vat-treatment": "standard", "choices-archiving_party": "site"}
    after = company.send(DETAILS_RGT, **typed)
    assert after.status == 200
    assert "The details are saved" in after.text
    assert "16 details are missing" in after.text
    details = kept(half_ready, "RGT")
    assert (details.sponsor.legal_name, details.dates.archiving_years) == ("Acme Pharma Ltd", 25)
    assert details.choices == {"archiving_party": "site"}
    assert after.form(DETAILS_RGT)["sponsor-legal_name"] == "Acme Pharma Ltd"


def test_a_wrong_value_is_said_at_its_field_and_nothing_is_written(half_ready: Web) -> None:
    company = reader(half_ready, "company")
    page = company.send(DETAILS_RGT, **{"sponsor-legal_name": "Acme", "dates-archiving_years": "a few", "vat-note": "as ever"})
    assert page.status == 422
    links = [link.get("href") for link in page.tree.xpath("//div[contains(@class, 'nhsuk-error-summary')]//a")]
    assert links == ["#dates-archiving_years", "#vat-treatment"]
    assert page.form(DETAILS_RGT)["sponsor-legal_name"] == "Acme"  # what was typed is still there
    assert kept(half_ready, "RGT") == SiteDetails()


def test_who_saves_a_form_that_is_out_of_date_is_told(half_ready: Web) -> None:
    company = reader(half_ready, "company")
    form = company.open(DETAILS_RGT).form(DETAILS_RGT)
    company.send(DETAILS_RGT, **{"sponsor-legal_name": "First"})
    late = company.ask("POST", DETAILS_RGT, form | {"sponsor-legal_name": "Second"})
    assert late.status == 412
    assert kept(half_ready, "RGT").sponsor.legal_name == "First"


def test_details_of_a_contract_that_is_out_are_read_and_not_written(half_ready: Web) -> None:
    page = reader(half_ready, "company").open(f"/studies/{IRAS}/sites/RA9/details")
    assert not page.tree.xpath("//main//form")
    assert "The contract is out already" in page.text
    sent = reader(half_ready, "company").ask("POST", f"/studies/{IRAS}/sites/RA9/details", {"revision": "1", "sponsor-legal_name": "Other"})
    assert sent.status == 409
    assert reader(half_ready, "site_ra9").ask("POST", f"/studies/{IRAS}/sites/RA9/details", {"revision": "1"}).status == 403


def test_what_all_sites_share_is_written_to_each_whose_contract_is_not_out(half_ready: Web) -> None:
    company = reader(half_ready, "company")
    company.send(DETAILS_RGT, **{"sponsor-legal_name": "Of RGT", "invoicing-frequency": "monthly"})
    form = company.open(COMMON)
    assert "RGT, RK9" in form.text
    assert form.form(COMMON)["sponsor-legal_name"] == ""  # it differs
    company.send(COMMON, **{"sponsor-number": "01234567"})
    assert [kept(half_ready, site).sponsor.number for site in ("RGT", "RK9")] == ["01234567", "01234567"]
    assert kept(half_ready, "RGT").sponsor.legal_name == "Of RGT"  # left empty, each keeps its own
    assert kept(half_ready, "RA9").sponsor.number == SiteDetails.model_validate(DETAILS).sponsor.number


def test_a_template_that_is_not_there_any_more_is_said_for_its_site(sqlite_database: Database, tmp_path: Path) -> None:
    made = town(sqlite_database, tmp_path)  # without any template
    agreed(made)
    contracted(made, "RA9")
    page = reader(web(made), "company").open(CONTRACTS)
    assert "0 of 3 contracts are ready to download" in page.text
    assert "template" in page.tree.xpath("//table[@id='contracts']//tbody/tr[contains(., 'RA9')]/td[last()]")[0].text_content()
    made.store.close()
