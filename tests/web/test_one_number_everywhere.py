"""One number everywhere: every price of every site, as the API, the page, its why, the CSV, the workbook and the contract give it."""

import csv
import io
import re
import shutil
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from starlette.testclient import TestClient

from ncvr import settings
from ncvr.files.appendix_reader import read_contract, schedule_record
from ncvr.files.template_registry import read_templates
from ncvr.services.demo_database import DATABASE
from ncvr.services.demonstration import demonstrate
from ncvr.services.opening import open_office
from ncvr.web.app import create_app

STUDY, ACCEPTED = "/studies/1012345", "RTD"
WITH_CONTRACT = ("RK9", "RTD", "RR8")
Key = tuple[str, str, str]  # kind, arm, id
Prices = Mapping[Key, Decimal]


class Company:
    """The sponsor's representative of the demo, asking the service."""

    def __init__(self, client: TestClient, token: str) -> None:
        self.client, self.token = client, token

    def get(self, address: str) -> Any:
        answer = self.client.get(address, headers={"Authorization": f"Bearer {self.token}"})
        assert answer.status_code == 200, f"{address}: {answer.text[:300]}"
        return answer


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    folder = tmp_path_factory.mktemp("numbers") / "demo"
    demonstrate(folder, tariffs=settings.tariffs_folder(), templates=settings.templates_folder(), progress=lambda _step: None)
    with (folder / "people.csv").open(encoding="utf-8") as people:
        token = next(row["token"] for row in csv.DictReader(people) if row["email"].startswith("company@"))
    office = open_office(database=Path(shutil.copy(folder / DATABASE, folder.parent / DATABASE)))
    yield Company(TestClient(create_app(office)), token)
    office.store.close()


@pytest.fixture(scope="module")
def sites(company: Company) -> list[str]:
    return [found["site"] for found in company.get(f"/api/v1{STUDY}/sites").json()["items"]]


@pytest.fixture(scope="module")
def prices(company: Company, sites: list[str]) -> dict[str, Prices]:
    """What the API says, by site."""
    return {site: api_prices(company.get(f"/api/v1{STUDY}/sites/{site}/price").json()["prices"][0]) for site in sites}


def api_prices(entry: Mapping[str, Any]) -> Prices:
    found = {("visit", arm["id"], visit["id"]): visit["price"] for arm in entry["arms"] for visit in arm["visits"]}
    found |= {("item", arm["id"], item["id"]): item["unit_price"] for arm in entry["arms"] for item in arm["items"]}
    found |= {("unscheduled", "", each["id"]): each["unit_price"] for each in entry["unscheduled"]}
    found |= {("setup_and_closedown", "", each["id"]): each["price"] for each in entry["setup_and_closedown"]}
    return {key: Decimal(text) for key, text in found.items()}


def pounds(text: str) -> Decimal:
    """``£1,234.56`` as a number, and nothing else."""
    assert re.fullmatch(r"£[0-9]{1,3}(,[0-9]{3})*\.[0-9]{2}", text), text
    return Decimal(text[1:].replace(",", ""))


_LINK = re.compile(rf'<a href="{STUDY}/sites/(\w+)/why/([\w/]+)">(£[\d,.]+)</a>')


def page_prices(html: str) -> dict[str, dict[Key, Decimal]]:
    """The prices of the page by site; each is a link that names what it is for."""
    found: dict[str, dict[Key, Decimal]] = {}
    for site, words, text in _LINK.findall(html):
        kind, *arm, key = words.split("/")
        found.setdefault(site, {})[kind, arm[0] if arm else "", key] = pounds(text)
    return found


def test_the_api_has_prices_of_ten_sites(prices: dict[str, Prices]) -> None:
    assert len(prices) == 10
    assert {len(of_site) for of_site in prices.values()} == {57}


def test_the_page_shows_the_api_s_prices(company: Company, prices: dict[str, Prices], sites: list[str]) -> None:
    shown: dict[str, dict[Key, Decimal]] = {}
    for start in range(0, len(sites), 5):
        shown |= page_prices(company.get(f"{STUDY}/prices?sites={','.join(sites[start : start + 5])}").text)
    assert shown == prices


def test_each_why_ends_in_the_price(company: Company, prices: dict[str, Prices]) -> None:
    of_site = prices[ACCEPTED]
    for (kind, arm, key), price in of_site.items():
        html = company.get(f"{STUDY}/sites/{ACCEPTED}/why/{'/'.join(filter(None, (kind, arm, key)))}").text
        heading = re.search(r"<h1[^>]*>(.*?)</h1>", html)
        assert heading is not None
        assert pounds(heading[1].rpartition(" ")[2]) == price, (kind, arm, key)


def test_the_csv_has_the_api_s_prices(company: Company, prices: dict[str, Prices]) -> None:
    rows = csv.DictReader(io.StringIO(company.get(f"{STUDY}/prices.csv").text.removeprefix("\ufeff")))
    kinds = {"visit", "item", "unscheduled", "setup_and_closedown"}
    found: dict[str, dict[Key, Decimal]] = {}
    for row in rows:
        if row["kind"] in kinds:
            found.setdefault(row["ods_code"], {})[row["kind"], row["arm"], row["id"]] = Decimal(row["price"])
    assert found == prices


def test_the_workbook_has_the_api_s_prices(company: Company, prices: dict[str, Prices]) -> None:
    book = load_workbook(io.BytesIO(company.get(f"/api/v1{STUDY}/workbook.xlsx").content), data_only=True)
    rows = list(book["Site prices"].iter_rows(values_only=True))
    head = next(row for row in rows if row[1] == "Payable")
    columns = {str(name).partition("\n")[0]: at for at, name in enumerate(head) if str(name).partition("\n")[0] in prices}
    payables = {(str(row[0]), str(row[2] or ""), str(row[3])): row for row in rows if row[0] in ("visit", "item", "unscheduled", "setup_and_closedown")}
    found = {site: {key: Decimal(str(row[at])).quantize(Decimal("0.01")) for key, row in payables.items()} for site, at in columns.items()}
    assert found == prices


@pytest.mark.parametrize("site", WITH_CONTRACT)
def test_the_contract_has_the_api_s_prices(company: Company, prices: dict[str, Prices], site: str) -> None:
    templates, _ = read_templates(settings.templates_folder())
    content = company.get(f"/api/v1{STUDY}/sites/{site}/contract.docx").content
    schedule = schedule_record(read_contract(content, templates))
    found: dict[Key, Decimal] = {}
    for arm in schedule["arms"]:
        name = arm["fields"]["arm_reference"]
        for row in (*arm["tables"]["visits"], *arm["tables"]["conditional_visits"]):
            found["visit", name, row["ref"].removeprefix(f"{name}/")] = pounds(row["price"])
        found |= {("item", name, row["ref"]): pounds(row["price"]) for row in arm["tables"]["items"]}
    found |= {("unscheduled", "", row["ref"]): pounds(row["price"]) for row in schedule["tables"]["unscheduled_items"]}
    found |= {("setup_and_closedown", "", row["ref"]): pounds(row["price"]) for row in schedule["tables"]["setup"]}
    assert found == prices[site]


def test_the_totals_are_the_same_on_the_page_and_in_the_contract(company: Company) -> None:
    entry = company.get(f"/api/v1{STUDY}/sites/{ACCEPTED}/price").json()["prices"][0]
    html = company.get(f"{STUDY}/prices?sites={ACCEPTED}").text
    totals = [Decimal(arm["per_participant"]) for arm in entry["arms"]] + [Decimal(each["price"]) for each in entry["screen_failure"]]
    for total in (*totals, Decimal(entry["projected"]["total"])):
        assert f"£{total:,.2f}" in html, total
    templates, _ = read_templates(settings.templates_folder())
    schedule = schedule_record(read_contract(company.get(f"/api/v1{STUDY}/sites/{ACCEPTED}/contract.docx").content, templates))
    assert [pounds(arm["fields"]["arm_total"]) for arm in schedule["arms"]] == totals[:3]
    assert schedule["fields"]["fingerprint"] == entry["fingerprint"]
