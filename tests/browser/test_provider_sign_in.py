"""Signing in with a real identity provider in a real browser, at a server that was started as people start it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import httpx2
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from ncvr.domain.people import Role
from ncvr.services.identity import OPERATOR, add_company, add_person
from ncvr.services.opening import open_office, upgrade_database
from ncvr.services.own_account import ask_second_factor
from ncvr.web.recognising import DEVICE_COOKIE, SESSION_COOKIE
from tests.databases import free_port
from tests.identity_providers import Provider, running_provider

PEOPLE: dict[str, tuple[Role, str]] = {"company": ("company_representative", "ACME"), "national": ("national_administrator", "")}


@dataclass
class Service:
    address: str
    provider: Provider


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """``ncvr serve`` over a new database with two people, and the provider it knows."""
    folder, port = tmp_path_factory.mktemp("service"), free_port()
    database, address = folder / "ncvr.db", f"http://127.0.0.1:{port}"
    _people(database)
    with running_provider(folder, service=address) as provider:
        settings = folder / "provider.json"
        settings.write_text(provider.settings.model_dump_json())
        known = {"NCVR_DATABASE_FILE": str(database), "NCVR_PROVIDER": str(settings), "NCVR_DATABASE_URL": ""}
        words = [sys.executable, "-m", "ncvr", "serve", "--port", str(port)]
        with (folder / "log").open("w") as log, subprocess.Popen(words, env=os.environ | known, stdout=log, stderr=log) as server:
            _wait(address, server, folder / "log")
            yield Service(address, provider)
            server.terminate()


def _people(database: Path) -> None:
    upgrade_database(database=database)
    office = open_office(database=database)
    with office.act(OPERATOR, "made for tests") as act:
        add_company(act, "ACME", "Acme Pharma")
        for who, (role, organisation) in PEOPLE.items():
            add_person(act, email=f"{who}@example.org", name=who.title(), role=role, organisation=organisation)
        ask_second_factor(act, "ACME", False)
    office.store.close()


def _wait(address: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    until = monotonic() + 60
    while monotonic() < until and server.poll() is None:
        try:
            httpx2.get(f"{address}/healthz").raise_for_status()
        except httpx2.HTTPError:
            sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text())


@pytest.fixture
def context(chromium: Browser, service: Service) -> Iterator[BrowserContext]:
    opened = chromium.new_context(base_url=service.address)
    opened.set_default_timeout(20_000)
    yield opened
    opened.close()


def signed_in(context: BrowserContext, who: str, then: str = "/") -> Page:
    """To the provider, through its two forms, and back."""
    page = context.new_page()
    page.goto(f"/sign-in?then={then}")
    page.get_by_role("button", name="Sign in with Example login").click()
    page.fill('input[name="login"]', who)
    page.fill('input[name="password"]', "any")
    page.click('button[type="submit"]')
    page.click('button[type="submit"]')
    page.wait_for_url(lambda url: "127.0.0.1" in url)
    return page


def test_somebody_signs_in_at_the_provider_in_chromium_and_out_again(context: BrowserContext, service: Service) -> None:
    page = signed_in(context, "company", "/studies")
    assert page.url == f"{service.address}/studies"
    assert page.request.get("/api/v1/session").json()["organisation"] == "ACME"
    given = {cookie["name"]: cookie for cookie in context.cookies() if cookie["name"].startswith("__Host-")}
    assert given.keys() == {SESSION_COOKIE, DEVICE_COOKIE}
    assert all(cookie["httpOnly"] and cookie["secure"] and cookie["sameSite"] == "Lax" for cookie in given.values())
    page.get_by_role("button", name="Sign out").first.click()
    expect(page).to_have_url(f"{service.address}/sign-in?said=signed-out")
    assert page.request.get("/api/v1/session").status == 401


def test_a_national_administrator_is_asked_for_a_second_factor_of_ours(context: BrowserContext, service: Service) -> None:
    page = signed_in(context, "national", "/studies")
    assert page.url == f"{service.address}/sign-in/second-factor?then=%2Fstudies"
    assert page.request.get("/api/v1/session").status == 401


def test_an_answer_that_another_browser_asked_for_opens_nothing_here(chromium: Browser, context: BrowserContext, service: Service) -> None:
    started = httpx2.get(f"{service.address}/api/v1/session/oidc")
    theirs = service.provider.signed_in(started.headers["location"], "company")
    page = context.new_page()
    answer = page.goto(theirs)
    assert answer is not None
    assert answer.status == 401
    assert [cookie for cookie in context.cookies() if cookie["name"] == SESSION_COOKIE] == []
