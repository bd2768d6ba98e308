"""Who sends a request: by a bearer token, or by the cookie of a browser session. Never both: a token that is sent decides."""

from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie

from starlette.responses import Response

from ncvr.domain.people import Person
from ncvr.domain.signing_in import DEVICE_REMEMBERED, WAITING_LONGEST
from ncvr.errors import NotPermitted
from ncvr.services.front_door import Visitor, bearer, visitor_by_session, visitor_by_token
from ncvr.services.office import Office
from ncvr.services.signing_in import Opened
from ncvr.store.connections import Connection

# The prefix makes browsers refuse the cookie unless it is ours alone: secure, this host, the whole site.
SESSION_COOKIE, DEVICE_COOKIE, TICKET_COOKIE = "__Host-ncvr-session", "__Host-ncvr-device", "__Host-ncvr-ticket"
# What a browser forgets when somebody signs out. Not "cookies": that takes those of every other service under the same
# domain (on one machine, of every port), and the one this device is known by, which keeps guessing from locking its person out.
CLEARED = '"cache", "storage"'


def person_at_the_door(office: Office, method: str, headers: Mapping[str, str]) -> Person | None:
    """Who is asking, or None. Raises NotPermitted if what they showed is only for reading."""
    return _allowed(_visitor(office, headers), method)


def bearer_at_the_door(office: Office, connection: Connection, method: str, headers: Mapping[str, str]) -> Person | None:
    """The same of a bearer token, within a transaction that goes on to read what is asked for."""
    token = _bearer_token(headers)
    return _allowed(bearer(office, connection, token) if token else None, method)


def _allowed(visitor: Visitor | None, method: str) -> Person | None:
    if visitor is None:
        return None
    if not visitor.may_ask(method):
        raise NotPermitted("this token is for reading only", "Authorization", "Use a token that may act: ncvr token new EMAIL --scope act")
    return visitor.person


def person_if_known(office: Office, headers: Mapping[str, str]) -> Person | None:
    """Who is asking, for what everybody may read; somebody unknown is nobody."""
    visitor = _visitor(office, headers)
    return None if visitor is None else visitor.person


def _visitor(office: Office, headers: Mapping[str, str]) -> Visitor | None:
    if "authorization" not in headers:
        session = cookie(headers, SESSION_COOKIE)
        return visitor_by_session(office, session) if session else None
    token = _bearer_token(headers)
    return visitor_by_token(office, token) if token else None


def _bearer_token(headers: Mapping[str, str]) -> str:
    """The token that was sent; empty if none was."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def cookie(headers: Mapping[str, str], name: str) -> str | None:
    """The value of a cookie the browser sent."""
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(headers.get("cookie", ""))
    except CookieError:
        return None
    return jar[name].value if name in jar else None


def give_cookies(response: Response, opened: Opened) -> None:
    """The session's token, until the browser closes or the session ends here; and the device's, to be known next time."""
    _set(response, SESSION_COOKIE, opened.token, None)
    if opened.device is not None:
        _set(response, DEVICE_COOKIE, opened.device, int(DEVICE_REMEMBERED.total_seconds()))


def give_ticket(response: Response, ticket: str) -> None:
    """What the browser keeps while its person is at the identity provider. Lax: it is sent along when they come back."""
    _set(response, TICKET_COOKIE, ticket, int(WAITING_LONGEST.total_seconds()))


def take_ticket(response: Response) -> None:
    _set(response, TICKET_COOKIE, "", 0)


def clear_browser(response: Response) -> None:
    """Whoever signed out leaves nothing in the browser: no session, no page kept, nothing half typed."""
    _set(response, SESSION_COOKIE, "", 0)
    take_ticket(response)
    response.headers["Clear-Site-Data"] = CLEARED


def _set(response: Response, name: str, value: str, seconds: int | None) -> None:
    response.set_cookie(name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite="lax")
