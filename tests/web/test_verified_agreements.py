"""A contract verified through the service is recorded for adherence by that act itself, with what was found and of what."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ncvr.domain.details import SiteDetails
from ncvr.files.docx_package import read_package, write_package
from ncvr.services import site_contracts
from tests.contracts import DETAILS, TEMPLATES
from tests.databases import Database
from tests.offices import IRAS, town
from tests.services.walks import agreed, shared
from tests.web.visiting import Web, web

MAY = "month=2026-05"


def opened(database: Database, folder: Path) -> Iterator[Web]:
    made = town(database, folder, templates=TEMPLATES)
    agreed(made)
    for site in ("RGT", "RA9"):
        with made.act("company") as act:
            site_contracts.write_details(act, IRAS, site, SiteDetails.model_validate(DETAILS), 0)
        shared(made, site)
    yield web(made)
    made.store.close()


@pytest.fixture
def shared_api(sqlite_database: Database, tmp_path: Path) -> Iterator[Web]:
    """One study agreed; the contracts of two sites are out, the third's price is not locked yet."""
    yield from opened(sqlite_database, tmp_path)


@pytest.fixture
def shared_both(database: Database, tmp_path: Path) -> Iterator[Web]:
    """The same, once on each engine."""
    yield from opened(database, tmp_path)


def contract_of(api: Web, site: str) -> bytes:
    content: bytes = api.as_("company").ask("GET", f"/studies/{IRAS}/sites/{site}/contract.docx").content
    return content


def altered(content: bytes, before: bytes = b"Participating Organisation", after: bytes = b"Participating Organization") -> bytes:
    package = read_package(content)
    body = package.content("word/document.xml")
    assert before in body
    return write_package(package, {"word/document.xml": body.replace(before, after, 1)})


def verified(api: Web, who: str, content: bytes, site: str = "RGT", named: bool = True) -> Any:
    asked = {"iras_id": IRAS, "ods": site} if named else {}
    answer = api.client.post("/api/v1/contracts/verify", params=asked, content=content, headers={"Authorization": f"Bearer {api.town.tokens[who]}"})
    return answer.json()["verdict"] if answer.status_code == 200 else answer.status_code


def agreements(api: Web) -> list[Any]:
    return [record for record in api.as_("national").get("/adherence/records?limit=200")["items"] if record["kind"].startswith("agreement_")]


def industry(api: Web) -> tuple[list[str], list[str]]:
    (found,) = api.as_("national").get(f"/adherence/indicator?{MAY}&definition=industry-1")["indicators"]
    return found["accepted"], found["not_accepted"]


def test_an_unmodified_contract_verified_here_is_a_record_with_its_evidence_and_verified_again_is_no_second(shared_both: Web) -> None:
    content = contract_of(shared_both, "RGT")
    assert [verified(shared_both, "company", content) for _ in range(2)] == ["unmodified"] * 2
    (record,) = agreements(shared_both)
    assert (record["kind"], record["ods_code"], record.get("by", "system")) == ("agreement_unmodified", "RGT", "system")
    fingerprint = shared_both.as_("company").get(f"/studies/{IRAS}/sites/RGT/price")["prices"][0]["fingerprint"]
    assert (record["evidence"]["document_sha256"], record["evidence"]["fingerprint"]) == (f"sha256:{sha256(content).hexdigest()}", fingerprint)
    assert industry(shared_both) == (["RGT"], [])
    assert shared_both.as_("national").get("/ledger/verify")["findings"] == []


def test_a_modified_contract_verified_here_counts_against_industry_and_never_against_the_trust(shared_api: Web) -> None:
    shared_api.as_("site_rgt").do(f"/studies/{IRAS}/sites/RGT", "accept")
    assert verified(shared_api, "site_rgt", altered(contract_of(shared_api, "RGT"))) == "modified"
    assert [record["kind"] for record in agreements(shared_api)] == ["agreement_modified"]
    assert industry(shared_api) == ([], ["RGT"])
    (observed,) = shared_api.as_("national").get(f"/adherence/indicator?{MAY}&definition=observed-1")["indicators"]
    assert (observed["accepted"], observed["not_accepted"]) == (["RGT"], [])


def test_another_person_or_another_document_is_another_record(shared_api: Web) -> None:
    content = contract_of(shared_api, "RGT")
    for who, document in (("company", content), ("site_rgt", content), ("company", altered(content))):
        verified(shared_api, who, document)
    assert [record["kind"] for record in agreements(shared_api)] == ["agreement_unmodified", "agreement_unmodified", "agreement_modified"]


def test_a_document_that_is_not_this_sites_contract_says_nothing_about_it(shared_api: Web) -> None:
    others, own = contract_of(shared_api, "RA9"), contract_of(shared_api, "RGT")
    assert verified(shared_api, "company", others, site="RGT") != "unmodified"
    assert verified(shared_api, "company", b"PK\x03\x04 no Word file") == "cannot tell"
    assert verified(shared_api, "company", own, named=False) == "cannot tell"
    assert agreements(shared_api) == []


def test_who_may_not_read_the_price_records_nothing(shared_api: Web) -> None:
    content = contract_of(shared_api, "RGT")
    assert [verified(shared_api, who, content) for who in ("rival", "site_ra9")] == [404, 404]
    assert agreements(shared_api) == []


def test_a_contract_that_was_not_shared_yet_is_verified_without_a_record(shared_api: Web) -> None:
    company = shared_api.as_("company")
    answer = company.ask("PUT", f"/studies/{IRAS}/sites/RK9/details", DETAILS, {"If-Match": company.tag(f"/studies/{IRAS}/sites/RK9/details")})
    assert answer.status_code == 200
    company.do(f"/studies/{IRAS}/sites/RK9", "lock")
    assert verified(shared_api, "company", contract_of(shared_api, "RK9"), site="RK9") == "unmodified"
    assert agreements(shared_api) == []


def test_what_the_national_administrator_took_back_does_not_return_with_the_same_document(shared_api: Web) -> None:
    document = altered(contract_of(shared_api, "RGT"))
    verified(shared_api, "site_rgt", document)
    told = {"kind": "retracted", "on": "2026-05-04", "iras_id": IRAS, "ods_code": "RGT", "corrects": agreements(shared_api)[0]["id"]}
    shared_api.as_("national").post("/adherence/records", told)
    verified(shared_api, "site_rgt", document)
    assert len(agreements(shared_api)) == 1
    assert industry(shared_api) == ([], [])
