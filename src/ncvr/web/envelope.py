"""What every request and answer has around it: a correlation id, a limit before anything is read, a count, and one line of log.

The log holds no names, minutes or prices: only who (an opaque id), which route, how it ended and how long it took.
"""

import json
import logging
import re
from collections.abc import Callable
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ncvr.services.access_journal import Asked
from ncvr.web.access import Visit, declared_length
from ncvr.web.pages.errors import told
from ncvr.web.problems import Refused
from ncvr.web.security_headers import with_these

LARGEST_BODY = 16 * 1024 * 1024
LARGEST_DOCUMENT = 32 * 1024 * 1024
_DOCUMENTS = ("/verify", "/workbook")
_REFUSED = frozenset({401, 403, 404, 429})
_LONGEST_PATH = 200
# Whoever makes up others is counted as one: a label that a stranger can add to the measures would stay for good.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_VARY = (b"vary", b"Authorization, Cookie, Accept, Accept-Encoding")
_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_log = logging.getLogger("ncvr.web")


class Measures:
    """What is counted, without labels that could tell one organisation from another."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter("ncvr_requests", "Requests answered", ["method", "route", "status"], registry=self.registry)
        self.seconds = Histogram("ncvr_request_seconds", "Time to answer", ["route"], registry=self.registry)


class Envelope:
    """Around the whole application, as plain ASGI: streaming answers pass through it piece by piece."""

    def __init__(self, app: ASGIApp, identifier: Callable[[], str], measures: Measures) -> None:
        self.app = app
        self.identifier = identifier
        self.measures = measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        given = headers.get(b"x-correlation-id", b"")
        correlation_id = given.decode("ascii") if _ID.fullmatch(given) else self.identifier()
        scope["ncvr.correlation_id"] = correlation_id
        scope["method"] = scope["method"] if scope["method"] in _METHODS else "OTHER"
        begun, status = perf_counter(), [500]

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                status[0] = message["status"]
                message["headers"] = with_these(message["headers"], [(b"x-correlation-id", correlation_id.encode("ascii")), _VARY])
            await send(message)

        largest = LARGEST_DOCUMENT if scope["path"].endswith(_DOCUMENTS) else LARGEST_BODY
        try:
            if _CONTROL.search(scope["path"]) or b"%00" in scope["query_string"]:
                await told(Request(scope), _no_address())(scope, receive, sealed)
            elif declared_length(headers) > largest:
                await told(Request(scope), _too_large(largest))(scope, receive, sealed)
            else:
                await self.app(scope, _limited(receive, largest), sealed)
        finally:
            self._note(scope, status[0], perf_counter() - begun, correlation_id)

    def _note(self, scope: Scope, status: int, seconds: float, correlation_id: str) -> None:
        route = getattr(scope.get("route"), "path", "none")
        self.measures.requests.labels(scope["method"], route, str(status)).inc()
        self.measures.seconds.labels(route).observe(seconds)
        visit = scope.get("ncvr.visit")
        known = visit.known if isinstance(visit, Visit) else None
        line = {"method": scope["method"], "route": route, "status": status, "ms": round(seconds * 1000), "correlation_id": correlation_id}
        actor = known.actor if known else None
        _keep(scope, route, status, actor, correlation_id)
        _log.info("%s", json.dumps(line | {"actor": actor}))


def _keep(scope: Scope, route: str, status: int, actor: str | None, correlation_id: str) -> None:
    """Write down a read of a price or a document, and every refusal; of a stranger only which route it was."""
    state = scope["app"].state
    if status in _REFUSED or (scope["method"], route) in state.reads_kept:
        path = scope["path"][:_LONGEST_PATH] if actor else route
        state.journal.note(Asked(actor=actor, method=scope["method"], path=path, status=status), correlation_id)


def _no_address() -> Refused:
    return Refused(400, "input", "this address holds signs that nothing is called by", "Check the address", "address")


def _limited(receive: Receive, largest: int) -> Receive:
    """Bodies without a declared length are counted while they arrive."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > largest:
            raise _too_large(largest)
        return message

    return counted


def _too_large(largest: int) -> Refused:
    return Refused(413, "too-large", f"a body may have at most {largest // (1024 * 1024)} MB", "Send less at once", "body")
