"""Headers on every answer, also on one that went wrong: what a browser may do with it, and that is little.

The policy needs no nonce and no hash, because no page has a script or a style inside it.
"""

from collections.abc import Iterable

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("script", "style", "img", "font", "connect", "manifest")),
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


RawHeaders = list[tuple[bytes, bytes]]
_SEAL: RawHeaders = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in SECURITY_HEADERS.items()]
_KEPT_NOWHERE = (b"cache-control", b"private, no-store")


def with_these(headers: Iterable[tuple[bytes, bytes]], these: RawHeaders) -> RawHeaders:
    """An answer's headers with these in place of any of the same name; names are in small letters, as ASGI has them."""
    names = {name for name, _ in these}
    return [*(pair for pair in headers if pair[0] not in names), *these]


class SecurityHeaders:
    """Around everything, also around what answers for an unexpected fault. No route can leave one out or soften it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = with_these(message.get("headers", ()), _SEAL)
                if all(name != b"cache-control" for name, _ in headers):
                    headers.append(_KEPT_NOWHERE)
                message["headers"] = headers
            await send(message)

        await self.app(scope, receive, with_headers)


class GuardedApp(FastAPI):
    """An application whose every answer has the headers: the framework's own answer to a fault lies outside its middleware."""

    def build_middleware_stack(self) -> ASGIApp:
        return SecurityHeaders(super().build_middleware_stack())
