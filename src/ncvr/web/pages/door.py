"""The door: signing in with a password, the second factor, a password by link, signing out."""

from collections.abc import Sequence
from math import ceil

from fastapi import Response

from ncvr.errors import Finding, InputError
from ncvr.services import demo_door, own_account, signing_in
from ncvr.services.opening import is_loopback
from ncvr.services.signing_in import Opened
from ncvr.store.accounts import ListedPerson
from ncvr.web.api_session import client_address
from ncvr.web.pages.page import Page, Seen, next_step, own_address
from ncvr.web.recognising import DEVICE_COOKIE, SESSION_COOKIE, clear_browser, cookie, give_cookies
from ncvr.web.routing import Routes

routes = Routes("Pages")
_WRONG = Finding("email", "Your email address or password is not right", "Check both and try again")
_OVER = Finding("email", "You waited too long, or five codes were not right", "Sign in again")


@routes.add("GET", "/sign-in", "session.open", media_type="text/html")
def sign_in_page(page: Seen) -> Response:
    """Sign in; in the demo, choose one of its people."""
    return _door(page, page.asked("then"))


@routes.add("POST", "/sign-in", "session.open", media_type="text/html")
def sign_in(page: Seen) -> Response:
    """A password was typed."""
    before = cookie(page.visit.headers, SESSION_COOKIE)
    found = signing_in.sign_in(
        page.visit.office,
        email=page.field("email"),
        password=str(page.form.get("password", "")),
        address=client_address(page.request),
        device=cookie(page.visit.headers, DEVICE_COOKIE),
        correlation_id=page.visit.correlation_id,
    )
    if isinstance(found, signing_in.Refused):
        return _again(page, found)
    if before:
        signing_in.sign_out(page.visit.office, before, page.visit.correlation_id)
    signing_in.clear_what_is_over(page.visit.office)
    return _enter(page, found)


@routes.add("POST", "/sign-in/as", "session.open", media_type="text/html")
def sign_in_as(page: Seen) -> Response:
    """One of the demo's people was chosen."""
    local = is_loopback(client_address(page.request))
    found = demo_door.sign_in_as(page.visit.office, page.field("email"), page.visit.correlation_id) if local else signing_in.Refused()
    return _again(page, found) if isinstance(found, signing_in.Refused) else _enter(page, found)


@routes.add("GET", "/sign-in/code", "session.open", media_type="text/html")
def code_page(page: Seen) -> Response:
    """The second factor."""
    return page.show("sign_in_code.html", then=own_address(page.asked("then")))


@routes.add("POST", "/sign-in/code", "session.open", media_type="text/html")
def show_code(page: Seen) -> Response:
    """A code was typed."""
    token = cookie(page.visit.headers, SESSION_COOKIE) or ""
    found = signing_in.show_second_factor(
        page.visit.office,
        token=token,
        code=page.field("code"),
        address=client_address(page.request),
        device=cookie(page.visit.headers, DEVICE_COOKIE),
        correlation_id=page.visit.correlation_id,
    )
    if isinstance(found, signing_in.Refused):
        if signing_in.waiting_session(page.visit.office, token, "due") is None and not found.wait:
            return _door(page, page.field("then"), problems=[_OVER])
        wrong = Finding("code", "This code is not right, or was used before", "Wait for the next code of your app, or use a recovery code")
        return page.show("sign_in_code.html", problems=[_wait(found) or wrong], then=own_address(page.field("then")))
    return _enter(page, found)


@routes.add("GET", "/password", "session.open", media_type="text/html")
def password_page(page: Seen) -> Response:
    """Set a password with a link."""
    link = page.asked("link")
    return page.show("password.html", link=link, email=own_account.email_of_link(page.visit.office, link))


@routes.add("POST", "/password", "session.open", media_type="text/html")
def set_password(page: Seen) -> Response:
    """A new password was typed."""
    link = page.field("link")
    try:
        own_account.set_password_by_link(page.visit.office, link, str(page.form.get("password", "")), page.visit.correlation_id)
    except InputError as error:
        return page.refused(error, "password.html", link=link, email=own_account.email_of_link(page.visit.office, link))
    return page.go("/sign-in", said="password-set")


@routes.add("POST", "/sign-out", "session.open", media_type="text/html")
def sign_out(page: Seen) -> Response:
    """The session is over at once."""
    signing_in.sign_out(page.visit.office, cookie(page.visit.headers, SESSION_COOKIE) or "", page.visit.correlation_id)
    response = page.go("/sign-in", said="signed-out")
    clear_browser(response)
    return response


def _enter(page: Page, opened: Opened) -> Response:
    """On to where the person wanted to go, by way of the second factor if one is due."""
    response = page.go(next_step(opened, page.field("then")))
    give_cookies(response, opened)
    return response


def _again(page: Page, refused: signing_in.Refused) -> Response:
    return _door(page, page.field("then"), page.field("email"), [_wait(refused) or _WRONG])


def _door(page: Page, then: str, email: str = "", problems: Sequence[Finding] = ()) -> Response:
    provider = page.visit.office.provider
    name = "" if provider is None else provider.settings.name
    return page.show("sign_in.html", problems=problems, people=_demo_people(page), provider=name, then=own_address(then), email=email)


def _wait(refused: signing_in.Refused) -> Finding | None:
    seconds = ceil(refused.wait.total_seconds())
    return Finding("email", "There were too many attempts", f"Try again in {seconds} second{'' if seconds == 1 else 's'}") if seconds else None


def _demo_people(page: Page) -> list[ListedPerson]:
    return demo_door.demo_people(page.visit.office) if is_loopback(client_address(page.request)) else []
