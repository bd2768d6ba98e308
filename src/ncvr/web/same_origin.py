"""Another site's page cannot make a person's browser change anything here (CSRF).

The browser itself says where a request comes from. A bearer token is sent by programs, never by a browser on its own, so
requests that carry one are not asked.
"""

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from ncvr.web.pages.errors import told
from ncvr.web.problems import Refused

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def comes_from_here(headers: dict[bytes, bytes]) -> bool:
    """Whether a browser's request comes from a page of ours, or from the person directly.

    What names neither is refused if it brings cookies: every browser of today names one of the two.
    """
    site, origin = headers.get(b"sec-fetch-site"), headers.get(b"origin")
    if site is not None:
        return site in (b"same-origin", b"none")
    if origin is not None:
        return urlsplit(origin).netloc == headers.get(b"host", b"") != b""
    return b"cookie" not in headers


class SameOrigin:
    """Before every route: a changing request without a token must come from here."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope.get("headers", ()))
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS and b"authorization" not in headers and not comes_from_here(headers):
            refused = Refused(403, "another-site", "this request comes from another site's page", "Open the page here and do it there", "Origin")
            await told(Request(scope), refused)(scope, receive, send)
            return
        await self.app(scope, receive, send)
