"""The whole story through the API, from a company's first file to contracts that a new edition does not touch."""

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

from ncvr import examples, settings
from tests.databases import Database
from tests.offices import IRAS, study_file, town
from tests.web.visiting import Visitor, web

REVIEW, SITES = f"/studies/{IRAS}/review", f"/studies/{IRAS}/sites"
DETAILS = examples.details().for_site("RGT").model_dump(mode="json", exclude_defaults=True)


def test_from_a_first_file_to_contracts_that_a_new_edition_does_not_touch(database: Database, tmp_path: Path) -> None:
    people = web(town(database, tmp_path, templates=settings.templates_folder()))
    company, reviewer, national, network = (people.as_(who) for who in ("company", "reviewer", "national", "network"))
    rgt, ra9, rk9 = (people.as_(f"site_{code}") for code in ("rgt", "ra9", "rk9"))

    # The company registers the study and submits it with the protocol it was costed from.
    assert company.post("/studies", study_file())["state"] == "draft"
    assert company.do(REVIEW, "submit", {"protocol_version": "2.0"})["state"] == "submitted"

    # The lead site asks; the company answers, and corrects what was asked about.
    reviewer.do(REVIEW, "accept")
    query = reviewer.post(f"{REVIEW}/queries", {"line": "A02", "text": "Do 45 minutes include the observation period?"})
    assert reviewer.do(REVIEW, "query")["state"] == "with_company"
    company.post(f"{REVIEW}/queries/{query['id']}/answer", {"text": "They did not; it is 60 minutes now"})
    longer = study_file()
    longer["arms"][0]["activities"][1]["resources"][0]["minutes"] = 60
    company.do(REVIEW, "", longer, method="PUT")
    assert company.do(REVIEW, "respond")["state"] == "in_review"

    # Both agree: the version is immutable, and three sites are priced.
    assert reviewer.do(REVIEW, "agree")["reviewer_agreed"] is True
    agreed = company.do(REVIEW, "agree")
    assert (agreed["state"], agreed["version"], agreed["elapsed_days"]) == ("agreed", 1, 0)
    assert [site["state"] for site in company.get(SITES)["items"]] == ["priced"] * 3

    # Locked and shared with the contract; before that, a site finds nothing.
    assert rk9.ask("GET", f"{SITES}/RK9").status_code == 404
    for code in ("RGT", "RA9", "RK9"):
        write_details(company, code)
        company.do(f"{SITES}/{code}", "lock")
        company.do(f"{SITES}/{code}", "share")
    assert rk9.get(f"{SITES}/RK9/price")["prices"][0]["site"]["ods_code"] == "RK9"
    assert rk9.ask("GET", f"{SITES}/RA9/price").status_code == 404

    # One accepts and one refuses with a reason.
    rk9.do(f"{SITES}/RK9", "accept")
    assert rgt.do(f"{SITES}/RGT", "refuse", {"reason_code": "staff_rates", "reason": "Below our cost"})["state"] == "refused"
    signed = sign(company, rk9, "RK9")

    # One escalates an omission, which is corrected for the nation.
    missing = {"name": "Line flush", "resources": [{"role": "research_nurse", "minutes": 10}], "in_protocol": True, "protocol_ref": "6.2"}
    case = ra9.do(f"{SITES}/RA9", "escalations", {"omissions": [missing], "reason": "In the protocol, not in the costing"})
    assert case["figures"]["participants"] == 10
    decided = network.do(f"/escalations/{case['id']}", "decision", {"outcome": "corrected", "reason": "Listed in the schedule of events"})
    assert decided["decision"]["outcome"] == "corrected"
    corrected = company.get(REVIEW)["study"]
    flush = {"id": "A04", "name": "Line flush", "payment": "visit", "resources": missing["resources"], "occurrences": {"V2": 1}}
    corrected["arms"][0]["activities"].append(flush)
    company.do(REVIEW, "", corrected, method="PUT")
    company.do(REVIEW, "submit", {"protocol_version": "2.0"})
    reviewer.do(REVIEW, "accept")
    reviewer.do(REVIEW, "agree")
    assert company.do(REVIEW, "agree")["version"] == 2
    states = [(site["ods_code"], site["version"], site["state"]) for site in company.get(SITES)["items"]]
    assert states == [
        ("RA9", 1, "superseded"),
        ("RA9", 2, "priced"),
        ("RGT", 1, "superseded"),
        ("RGT", 2, "priced"),
        ("RK9", 1, "contracted"),
    ]
    assert company.get(f"{SITES}/RK9")["variation_to_do"] is True
    varied(company, "RK9", signed)

    # A second site contracts version 2; its downloaded contract is verified against the price kept here.
    company.do(f"{SITES}/RA9", "lock")
    company.do(f"{SITES}/RA9", "share")
    ra9.do(f"{SITES}/RA9", "accept")
    sign(company, ra9, "RA9")

    # A new edition: what is not contracted goes stale, and no signed price moves.
    before = {code: company.get(f"{SITES}/{code}/price") for code in ("RK9", "RA9")}
    people.town.clock.set("2026-10-01")
    assert [(code, company.get(f"{SITES}/{code}")["stale"]) for code in ("RGT", "RK9", "RA9")] == [("RGT", True), ("RK9", False), ("RA9", False)]
    refused = company.ask("POST", f"{SITES}/RGT/lock", None, {"If-Match": company.tag(f"{SITES}/RGT")})
    assert refused.status_code == 409
    assert "stale" in refused.json()["detail"]
    assert national.post("/tariffs/2026-10-01-tiny/reprice")["repriced"] == [{"iras_id": IRAS, "site": "RGT"}]
    assert company.get(f"{SITES}/RGT")["stale"] is False
    assert {code: company.get(f"{SITES}/{code}/price") for code in ("RK9", "RA9")} == before
    assert before["RK9"]["prices"][0]["fingerprint"] == signed

    # The ledger holds all of it, in one unbroken chain, and the receipt's head is in it.
    head = company.get(f"{SITES}/RK9/receipt.json")["ledger_head"]
    checked = national.get("/ledger/verify", params={"anchor": head})
    assert checked["says"] == "verified against 1 anchor"
    assert checked["findings"] == []
    people.town.store.close()


def write_details(company: Visitor, code: str) -> None:
    answer = company.ask("PUT", f"{SITES}/{code}/details", DETAILS, {"If-Match": company.tag(f"{SITES}/{code}/details")})
    assert answer.status_code == 200, answer.text


def varied(company: Visitor, code: str, signed: str) -> None:
    """The signed contract is varied to version 2: a document of its own, proven like the signed one, which stays as it was."""
    contract, price = f"{SITES}/{code}/contract.docx", company.get(f"{SITES}/{code}/price")["prices"][0]
    before = company.ask("GET", contract).content
    company.do(f"{SITES}/{code}", "vary", {"version": 2})
    after = company.ask("GET", contract).content
    assert after != before
    assert company.ask("GET", f"{contract}?variation=1").content == after
    assert company.ask("GET", f"{contract}?variation=0").content == before
    assert company.ask("GET", f"{contract}?variation=2").status_code == 404
    receipts = [company.get(f"{SITES}/{code}/receipt.json?variation={number}") for number in (0, 1)]
    assert receipts[0]["price"]["fingerprint"] == signed != receipts[1]["price"]["fingerprint"]
    for document in (before, after):
        assert verdict_on(company, code, document)["verdict"] == "unmodified"
    (kept,) = company.get(f"{SITES}/{code}/variations")["items"]
    now = {(each["kind"], each["arm"], each["id"]): each for each in kept["payables"]}
    visits = {each["id"]: each["price"] for each in price["arms"][0]["visits"]}
    assert (now["visit", "A", "V1"]["change"], now["visit", "A", "V1"]["price"]) == ("unchanged", visits["V1"])
    assert (now["visit", "A", "V2"]["change"], now["visit", "A", "V2"]["signed"]) == ("changed", visits["V2"])
    with zipfile.ZipFile(io.BytesIO(company.ask("GET", f"/studies/{IRAS}/contracts.zip").content)) as archive:
        names = archive.namelist()
        (row,) = csv.DictReader(io.StringIO(archive.read("index.csv").decode("utf-8")))
        assert archive.read(row["contract"]) == after
    assert len(names) == 3
    assert (row["site"], row["version"], row["verdict"], row["fingerprint"]) == (code, "2", "unmodified", receipts[1]["price"]["fingerprint"])


def verdict_on(company: Visitor, code: str, document: bytes) -> dict[str, Any]:
    words = {"Authorization": f"Bearer {company.token}"}
    answer = company.client.post("/api/v1/contracts/verify", params={"iras_id": IRAS, "ods": code}, content=document, headers=words)
    found: dict[str, Any] = answer.json()
    return found


def sign(company: Visitor, site: Visitor, code: str) -> str:
    """Both download the contract, the company has it verified, and records the signature; returns the fingerprint."""
    document, receipt = company.ask("GET", f"{SITES}/{code}/contract.docx"), company.get(f"{SITES}/{code}/receipt.json")
    assert document.status_code == 200, document.text
    assert site.ask("GET", f"{SITES}/{code}/contract.docx").content == document.content
    verdict = verdict_on(company, code, document.content)
    assert verdict["verdict"] == "unmodified", verdict
    fingerprint = str(receipt["price"]["fingerprint"])
    body = {"signed_on": "2026-05-04", "fingerprint": fingerprint, "template": "mCTA/sample-1"}
    assert company.do(f"{SITES}/{code}", "contract", body)["state"] == "contracted"
    return fingerprint
