"""Signing in with a password and a second factor, in a real browser: an app by its codes, a passkey by the browser's own authenticator."""

import re

import pyotp
import pytest
from playwright.sync_api import Page

from ncvr.services.identity import OPERATOR, add_person
from ncvr.services.own_account import password_link
from tests.browser.conftest import Served, Visits
from tests.browser.test_every_page import check_page

EMAIL, PASSWORD = "national.two@example.org", "violet harbour ladder seventeen"


@pytest.fixture
def link(served: Served) -> str:
    """A national administrator without a password yet, and the secret of the link that sets one."""
    with served.office.act(OPERATOR, "test") as act:
        add_person(act, email=EMAIL, name="Nadia Two", role="national_administrator", organisation="")
        return password_link(act, EMAIL)


def type_password(page: Page) -> None:
    page.goto("/sign-in?then=/tariffs")
    page.get_by_label("Email address").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def set_password(page: Page, link: str) -> None:
    page.goto(f"/password?link={link}")
    assert page.get_by_label("Email address").input_value() == EMAIL
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Set password").click()
    page.wait_for_url("**/sign-in?said=password-set")


def test_an_authenticator_app_is_set_up_at_the_first_sign_in_and_asked_for_at_the_next(visit: Visits, link: str) -> None:
    visit.complaints.expected = ("422 (Unprocessable",)
    page = visit(None)
    set_password(page, link)
    type_password(page)
    page.wait_for_url("**/sign-in/second-factor?**")
    wrong = check_page(page, page.content())
    page.get_by_role("button", name="Set up an authenticator app").click()
    secret = page.locator("code").inner_text().replace(" ", "")
    wrong += check_page(page, page.content())
    page.get_by_label("Code", exact=True).fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Confirm").click()
    codes = page.locator(".ncvr-codes code").all_inner_texts()
    assert len(codes) == 10
    wrong += check_page(page, page.content())
    page.get_by_role("button", name="go on").click()
    page.wait_for_url("**/tariffs")
    page.get_by_role("button", name="Sign out").click()
    type_password(page)
    page.wait_for_url("**/sign-in/code?**")
    page.get_by_label("Code", exact=True).fill("000000")
    page.get_by_role("button", name="Continue").click()
    assert page.title().startswith("Error: Enter your code")
    page.get_by_label("Code", exact=True).fill(codes[0])
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/tariffs")
    assert wrong == []


def test_a_passkey_is_made_and_then_opens_the_door(visit: Visits, link: str) -> None:
    visit.served.address = visit.served.address.replace("127.0.0.1", "localhost")  # a passkey belongs to a name, not a number
    page = visit(None)
    authenticator = page.context.new_cdp_session(page)
    authenticator.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    authenticator.send("WebAuthn.addVirtualAuthenticator", {"options": {**options, "automaticPresenceSimulation": True}})
    set_password(page, link)
    type_password(page)
    page.get_by_role("button", name="Make a passkey").click()
    page.get_by_role("heading", name="Keep these recovery codes").wait_for()
    assert len(page.locator("#recovery code").all_inner_texts()) == 10
    page.get_by_role("link", name="go on").click()
    page.wait_for_url("**/tariffs")
    page.get_by_role("button", name="Sign out").click()
    type_password(page)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(re.compile("/tariffs$"))
    assert page.get_by_text("Nadia Two").is_visible()
