"""The first second factor of somebody who needs one and has none: an authenticator app or a passkey, then the recovery codes, once."""

from dataclasses import dataclass

from fastapi import Response

from ncvr.errors import Finding
from ncvr.services import enrolling, signing_in
from ncvr.web.pages.page import Page, Seen, own_address
from ncvr.web.problems import Refused
from ncvr.web.recognising import SESSION_COOKIE, cookie, give_cookies
from ncvr.web.routing import Routes

routes = Routes("Pages")


@routes.add("GET", "/sign-in/second-factor", "session.open", media_type="text/html")
def choice_page(page: Seen) -> Response:
    """Which second factor it shall be."""
    return page.show("second_factor.html", then=own_address(page.asked("then")))


@routes.add("POST", "/sign-in/app", "session.open", media_type="text/html")
def offer_app(page: Seen) -> Response:
    """A secret for the app, as a picture and to type."""
    offered = enrolling.offer_first_app(page.visit.office, _token(page), page.visit.correlation_id)
    if offered is None:
        raise Refused(401, "not-signed-in", "no session waits for a second factor here", "Sign in first", "session")
    return _show_app(page, offered.secret, offered.uri)


@routes.add("POST", "/sign-in/app/confirm", "session.open", media_type="text/html")
def confirm_app(page: Seen) -> Response:
    """The first code of the app: in, with the recovery codes shown once."""
    found = enrolling.confirm_first_app(page.visit.office, _token(page), page.field("code"), page.visit.correlation_id)
    if isinstance(found, signing_in.Refused):
        wrong = Finding("code", "This code is not one of the app you were just given", "Wait for its next code and enter that, or begin again")
        return page.show("second_factor_again.html", problems=[wrong], then=own_address(page.field("then")))
    opened, codes = found
    response = page.show("recovery_codes.html", codes=codes, then=own_address(page.field("then")))
    give_cookies(response, opened)
    return response


def _show_app(page: Page, secret: str, uri: str) -> Response:
    groups = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return page.show("second_factor_app.html", secret=groups, uri=uri, picture=qr_code(uri), then=own_address(page.field("then")))


@dataclass(frozen=True, slots=True, kw_only=True)
class QrCode:
    """A picture as one path of squares, of so many squares in each direction with the quiet border."""

    size: int
    path: str


def qr_code(text: str) -> QrCode:
    """The text for a camera."""
    import segno  # only for those who set an app up

    border, rows = 4, segno.make(text, error="m", micro=False).matrix
    squares = [f"M{x + border} {y + border}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark]
    return QrCode(size=len(rows) + 2 * border, path="".join(squares))


def _token(page: Page) -> str:
    return cookie(page.visit.headers, SESSION_COOKIE) or ""
