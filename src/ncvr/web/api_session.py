"""Signing in and out of a browser session, the second factor, and one's own password."""

from dataclasses import asdict
from datetime import timedelta
from math import ceil
from typing import Any

from fastapi import Request, Response
from pydantic import Field
from typing_extensions import TypedDict

from ncvr.domain.study import Record
from ncvr.errors import NcvrError
from ncvr.services import demo_door, enrolling, own_account, passkeys, signing_in
from ncvr.services.front_door import open_session
from ncvr.services.opening import is_loopback
from ncvr.services.passkeys import Site
from ncvr.services.signing_in import Opened
from ncvr.store import accounts
from ncvr.store.sessions import Session
from ncvr.web.access import Door, Visit, json_answer
from ncvr.web.problems import Refused
from ncvr.web.recognising import DEVICE_COOKIE, SESSION_COOKIE, clear_browser, cookie, give_cookies
from ncvr.web.routing import Routes

routes = Routes("Session")


class Credentials(Record):
    """What a person types to sign in."""

    email: str = Field(max_length=254)
    password: str = Field(max_length=1024, repr=False)


class Code(Record):
    """Six digits of the authenticator app, or a recovery code."""

    code: str = Field(max_length=40, repr=False)


class Chosen(Record):
    """One of the demo's people."""

    email: str = Field(max_length=254)


class Credential(Record):
    """What ``navigator.credentials`` gave, as JSON (``PublicKeyCredential.toJSON()``)."""

    credential: dict[str, Any]


class NewPassword(Record):
    """At least 8 characters, 15 or more are better; any signs will do."""

    old: str = Field(max_length=1024, repr=False)
    new: str = Field(max_length=1024, repr=False)


class PasswordByLink(Record):
    """``link`` is the secret at the end of the link."""

    link: str = Field(max_length=200, repr=False)
    password: str = Field(max_length=1024, repr=False)


class SessionRecord(TypedDict):
    """``stage``: ``full``, ``due`` (show a code), or ``enrol`` (choose a second factor first). ``failures``: wrong attempts on the account lately."""

    stage: str
    role: str
    organisation: str
    failures: int


class ListedRecord(TypedDict):
    email: str
    name: str
    role: str
    organisation: str


class AppRecord(TypedDict):
    secret: str
    uri: str


class RecoveryRecord(TypedDict):
    """Shown once."""

    recovery_codes: list[str]


@routes.add("POST", "/session", "session.open", answer=SessionRecord, body=Credentials, status=201)
def sign_in(visit: Door, request: Request) -> Response:
    """Sign in with e-mail address and password; the session's cookie comes back."""
    asked = visit.body(Credentials)
    token = cookie(visit.headers, SESSION_COOKIE)
    found = signing_in.sign_in(
        visit.office,
        email=asked.email.strip(),
        password=asked.password,
        address=client_address(request),
        device=cookie(visit.headers, DEVICE_COOKIE),
        correlation_id=visit.correlation_id,
    )
    if isinstance(found, signing_in.Refused):
        raise refusal(found.wait, "your email address or password is not right")
    if token:
        signing_in.sign_out(visit.office, token, visit.correlation_id)  # whoever was here before
    signing_in.clear_what_is_over(visit.office)
    return opened_answer(found)


@routes.add("POST", "/session/code", "session.open", answer=SessionRecord, body=Code, status=201)
def show_code(visit: Door, request: Request) -> Response:
    """Show the second factor: a code of the app, or a recovery code. A full session begins under a new cookie."""
    found = signing_in.show_second_factor(
        visit.office,
        token=_token(visit),
        code=visit.body(Code).code,
        address=client_address(request),
        device=cookie(visit.headers, DEVICE_COOKIE),
        correlation_id=visit.correlation_id,
    )
    if isinstance(found, signing_in.Refused):
        raise refusal(found.wait, "this code is not right, or was used, or you waited too long, or it was the fifth wrong one: then sign in anew")
    return opened_answer(found)


@routes.add("POST", "/session/app", "session.open", answer=AppRecord, status=201)
def offer_app(visit: Door) -> Response:
    """A secret for an authenticator app, for somebody who needs a second factor and has none."""
    offered = enrolling.offer_first_app(visit.office, _token(visit), visit.correlation_id)
    if offered is None:
        raise refusal(timedelta(0), "no session waits for a second factor here")
    return json_answer(AppRecord(secret=offered.secret, uri=offered.uri), status=201).response()


@routes.add("POST", "/session/app/confirm", "session.open", answer=RecoveryRecord, body=Code, status=201)
def confirm_app(visit: Door) -> Response:
    """The first code of the app: a full session begins, and the recovery codes are shown, once."""
    found = enrolling.confirm_first_app(visit.office, _token(visit), visit.body(Code).code, visit.correlation_id)
    if isinstance(found, signing_in.Refused):
        raise refusal(found.wait, "this code is not one of the app you were just given")
    return enrolled_answer(*found)


@routes.add("POST", "/session/passkey/options", "session.open", answer=dict[str, Any], status=201)
def passkey_options(visit: Door, request: Request) -> Response:
    """What to hand to the browser's ``navigator.credentials``: ``create`` while no second factor is chosen, ``get`` while one is due."""
    options = passkeys.passkey_options(visit.office, _token(visit), passkey_site(request))
    if options is None:
        raise refusal(timedelta(0), "no session waits for a second factor here")
    return json_answer(options, status=201).response()


@routes.add("POST", "/session/passkey/made", "session.open", answer=RecoveryRecord, body=Credential, status=201)
def make_passkey(visit: Door, request: Request) -> Response:
    """The passkey the browser made: a full session begins, and the recovery codes are shown, once."""
    found = passkeys.make_passkey(visit.office, _token(visit), visit.body(Credential).credential, passkey_site(request), visit.correlation_id)
    if isinstance(found, signing_in.Refused):
        raise refusal(found.wait, "this passkey was not made here, or you waited too long")
    return enrolled_answer(*found)


@routes.add("POST", "/session/passkey", "session.open", answer=SessionRecord, body=Credential, status=201)
def show_passkey(visit: Door, request: Request) -> Response:
    """What the browser signed with a passkey: a full session begins under a new cookie."""
    found = passkeys.show_passkey(visit.office, _token(visit), visit.body(Credential).credential, passkey_site(request), visit.correlation_id)
    if isinstance(found, signing_in.Refused):
        raise refusal(found.wait, "this passkey is not one of yours here, or you waited too long")
    return opened_answer(found)


@routes.add("GET", "/session/demo", "session.open", answer=list[ListedRecord])
def list_demo_people(visit: Door, request: Request) -> Response:
    """The people of the demo to choose from; none in a database of one's own, and none for another machine."""
    listed = demo_door.demo_people(visit.office) if is_loopback(client_address(request)) else []
    return json_answer([asdict(person) for person in listed]).response()


@routes.add("POST", "/session/demo", "session.open", answer=SessionRecord, body=Chosen, status=201)
def sign_in_as(visit: Door, request: Request) -> Response:
    """Sign in as one of the demo's people, without a password, on the machine that serves it."""
    chosen = visit.body(Chosen)
    found = demo_door.sign_in_as(visit.office, chosen.email, visit.correlation_id) if is_loopback(client_address(request)) else signing_in.Refused()
    if isinstance(found, signing_in.Refused):
        raise refusal(found.wait, "this is not one of the demo's people")
    return opened_answer(found)


@routes.add("GET", "/session", "session.own", answer=SessionRecord)
def read_session(visit: Door) -> Response:
    """Who you are here."""
    with visit.look() as act:
        act.allowed("session.own")
    person = visit.person
    return json_answer(SessionRecord(stage="full", role=person.role, organisation=person.organisation, failures=0)).response()


@routes.add("DELETE", "/session", "session.open", status=204)
def sign_out(visit: Door) -> Response:
    """Sign out: the session is over at once, wherever its cookie is, and the browser forgets what it kept of this site."""
    signing_in.sign_out(visit.office, _token(visit), visit.correlation_id)
    response = Response(status_code=204)
    clear_browser(response)
    return response


@routes.add("PUT", "/session/password", "session.own", body=NewPassword, status=204)
def change_password(visit: Door, request: Request) -> Response:
    """Change your own password; every other session of yours ends."""
    asked = visit.body(NewPassword)
    with visit.look() as act:
        act.allowed("session.own")
        session = full_session(visit)
        account = accounts.one(act.connection, session.person.actor)
    assert account is not None  # the session is theirs
    wait = own_account.change_password(
        visit.office, _token(visit), account, asked.old, asked.new, address=client_address(request), correlation_id=visit.correlation_id
    )
    if wait is not None:
        raise refusal(wait, "your old password is not right")
    return Response(status_code=204)


@routes.add("POST", "/session/password-by-link", "session.open", body=PasswordByLink, status=204)
def set_password_by_link(visit: Door) -> Response:
    """Set a password with a link from whoever runs the service. Every session of yours ends."""
    asked = visit.body(PasswordByLink)
    own_account.set_password_by_link(visit.office, asked.link, asked.password, visit.correlation_id)
    return Response(status_code=204)


def opened_answer(opened: Opened) -> Response:
    person = opened.person
    record = SessionRecord(stage=opened.stage, role=person.role, organisation=person.organisation, failures=opened.failures)
    response = json_answer(record, status=201).response()
    give_cookies(response, opened)
    return response


def enrolled_answer(opened: Opened, codes: list[str]) -> Response:
    response = json_answer(RecoveryRecord(recovery_codes=codes), status=201).response()
    give_cookies(response, opened)
    return response


def refusal(wait: timedelta, says: str) -> NcvrError:
    """401, the same whatever was not right; or 429 with how long to wait."""
    seconds = ceil(wait.total_seconds())
    if seconds <= 0:
        return Refused(401, "not-signed-in", says, "Try again, or ask whoever runs the service for a new password link", "session")
    remedy = f"Try again in {seconds} second{'' if seconds == 1 else 's'}"
    return Refused(429, "too-many-attempts", "there were too many attempts", remedy, "session", retry_after=seconds)


def full_session(visit: Visit) -> Session:
    """The browser session of whoever asks, for what a token does not do. Raises Refused (401) without one."""
    session = open_session(visit.office, _token(visit))
    if session is None or session.stage != "full" or session.person != visit.person:
        raise Refused(401, "not-signed-in", "this is done in a browser session", "Sign in first", "session")
    return session


def _token(visit: Visit) -> str:
    return cookie(visit.headers, SESSION_COOKIE) or ""


def client_address(request: Request) -> str:
    """Where the request comes from; behind a proxy, what the proxy the server trusts says."""
    return request.client.host if request.client is not None else "unknown"


def passkey_site(request: Request) -> Site:
    """This site as the browser names it. A passkey made here answers no other, whatever a false Host would say."""
    return Site(host=request.url.hostname or "", origin=f"{request.url.scheme}://{request.url.netloc}")
