"""The one door: who is asking, under which key, deciding on which revision, with which body.

Nothing is allowed by default. A person is known by a bearer token or a browser session (:mod:`ncvr.web.recognising`);
what they may do is decided by the services from the one table of permissions.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import wraps
from hashlib import sha256
from threading import Lock
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ncvr.domain.ledger import instant
from ncvr.domain.people import Person
from ncvr.errors import InputError, PriceIsFixed
from ncvr.files.json_files import parse_json, validated
from ncvr.services.office import Act, Office
from ncvr.store import idempotency
from ncvr.store.idempotency import Answered, Asked
from ncvr.web.paces import Paces
from ncvr.web.problems import Refused, written
from ncvr.web.recognising import bearer_at_the_door, person_at_the_door

Model = TypeVar("Model", bound=BaseModel)
KEPT_FOR = timedelta(hours=24)
_ALLOWED = "allowed"  # beside the headers of a kept answer: what its effect asked whether the person may
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_LARGEST_REVISION = 2**31 - 1
_DEEPEST = 50  # levels of a body; ours have ten at most
_SMALL = 64 * 1024  # octets of a body that are read before it is known who sends it
_REVISION = re.compile(r'(?:W/)?"r(0|[1-9][0-9]{0,9})"')
# What a price is called in our formats and in others' words. None of it is a field of any body (a test sees to that).
PRICE_WORDS = frozenset(
    [
        *("price", "prices", "unit_price", "per_participant", "national_cost", "total", "subtotal", "amount_due", "multiplier", "mff"),
        *("rate", "hourly_rate", "unit_cost", "indirect", "capacity", "discount", "rebate", "uplift", "adjustment", "surcharge", "fee"),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back, whole, so that it can be kept for a repeated request."""

    status: int = 200
    body: bytes = b""
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        return Response(self.body, self.status, dict(self.headers), self.media_type)


def json_answer(record: Any, *, status: int = 200, revision: int | None = None, headers: Mapping[str, str] | None = None) -> Answer:
    """A record as JSON, with its revision as the entity tag."""
    tag = {} if revision is None else {"ETag": f'"r{revision}"'}
    return Answer(status=status, body=written(record), headers={**tag, **(headers or {})})


class InFlight:
    """The requests with a key that are being answered by this process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._asked: set[Asked] = set()

    @contextmanager
    def alone(self, asked: Asked) -> Iterator[None]:
        """Raises Refused (409) while the same request is under way."""
        with self._lock:
            if asked in self._asked:
                raise _under_way()
            self._asked.add(asked)
        try:
            yield
        finally:
            with self._lock:
                self._asked.discard(asked)


def _under_way() -> Refused:
    return Refused(409, "in-flight", "the same request, with the same key, is being answered right now", "Wait a moment and send it again", "Idempotency-Key")


@dataclass(slots=True)
class Visit:
    """One request at the door."""

    office: Office
    in_flight: InFlight
    method: str
    path: str
    headers: Mapping[str, str]
    content: bytes
    correlation_id: str
    query: str = ""
    known: Person | None = None
    open_to_all: bool = False
    paces: Paces | None = None

    @property
    def person(self) -> Person:
        """Who is asking. Raises Refused: 401 unless a token or a browser session says so that is not over, 429 if they ask too often."""
        if self.known is None:
            self._meet(person_at_the_door(self.office, self.method, self.headers))
        if self.known is None:
            raise _unknown()
        return self.known

    def _meet(self, person: Person | None) -> None:
        """From now on it is known who asks; that they did is counted, once a request."""
        self.known = person
        if person is not None and self.paces is not None:
            self.paces.count(person.actor)

    @contextmanager
    def look(self) -> Iterator[Act]:
        """One reading transaction, in which the bearer of a token is recognised too if nobody asked who it is before."""
        if self.known is not None or "authorization" not in self.headers:
            with self.office.look(self.person, self.correlation_id) as act:
                yield act
            return
        with self.office.tariffs.standing_still(), self.office.store.reading() as connection:
            self._meet(bearer_at_the_door(self.office, connection, self.method, self.headers))
            if self.known is None:
                raise _unknown()
            yield Act(office=self.office, connection=connection, person=self.known, correlation_id=self.correlation_id)

    def body(self, model: type[Model]) -> Model:
        """The request's body. Raises PriceIsFixed for anything that would be a price, InputError with every finding."""
        if not self.open_to_all:
            self.person  # noqa: B018  (a stranger is told so before anything is read)
        record = self._record()
        named = price_named(record)
        if named is not None and not self.open_to_all:
            raise PriceIsFixed("nobody edits a price", named, "Leave it out; a price follows from the agreed resource, the tariff and the multiplier")
        value, findings = validated(model, record, "body")
        if value is None:
            raise InputError.of(findings)
        return value

    def _record(self) -> Any:
        try:
            return parse_json(self.content, "body") if self.content else {}
        except InputError as error:
            raise Refused(400, "input", error.problem, error.remedy, error.place) from error

    @property
    def revision(self) -> int:
        """The revision the person decided on. Raises Refused (428) if the request does not say."""
        found = _REVISION.fullmatch(self.headers.get("if-match", "").strip())
        if found is None:
            says = "the request does not say which revision it was decided on"
            raise Refused(428, "precondition-required", says, 'Read it first, and send its ETag in If-Match, such as "r3"', "If-Match")
        return min(int(found[1]), _LARGEST_REVISION)  # one that no database counts to is not the present one either

    def change(self, effect: Callable[[Act], Answer]) -> Response:
        """Do something in one transaction; a request sent again with its Idempotency-Key gets the first answer back."""
        key = self.headers.get("idempotency-key")
        if key is None or self.method != "POST":
            with self.office.act(self.person, self.correlation_id) as act:
                answer = effect(act)
            return answer.response()
        if not _KEY.fullmatch(key):
            raise Refused(400, "input", "this key will not do", "Use 1 to 200 letters, digits and signs without spaces", "Idempotency-Key")
        asked = Asked(actor=self.person.actor, method=self.method, path=self.path, key=key)
        with self.in_flight.alone(asked), self.office.act(self.person, self.correlation_id) as act:
            answer = self._once(act, asked, effect)
        return answer.response()

    def _once(self, act: Act, asked: Asked, effect: Callable[[Act], Answer]) -> Answer:
        if not idempotency.try_lock(act.connection, asked):
            raise _under_way()
        since = instant(self.office.clock.now() - KEPT_FOR)
        digest = sha256(b"\0".join((self.headers.get("if-match", "").encode(), self.query.encode(), self.content))).hexdigest()
        before = idempotency.answered(act.connection, asked, since=since)
        if before is not None:
            return _again(act, before, digest)
        answer = effect(act)
        headers = json.dumps({**answer.headers, "content-type": answer.media_type, _ALLOWED: sorted(act.asked)})
        kept = Answered(body_sha256=digest, status=answer.status, headers=headers, body=answer.body)
        idempotency.keep(act.connection, asked, kept, at=act.now, since=since)
        return answer


def _unknown() -> Refused:
    remedy = "Send Authorization: Bearer and your token, or sign in"
    return Refused(401, "not-authenticated", "there is no valid token with this request", remedy, "Authorization")


def _again(act: Act, before: Answered, digest: str) -> Answer:
    """The kept answer, if the person still may do what it was asked whether they may: an answer outlives no delegation."""
    if before.body_sha256 != digest:
        says = "this key was used for another request"
        raise Refused(422, "key-used", says, "Use a new key for a new request; the same one only to send the same again", "Idempotency-Key")
    headers = json.loads(before.headers)
    for operation, iras_id in headers.pop(_ALLOWED, []):  # an answer kept before these were kept has none
        act.ask_again(operation, iras_id)
    media_type = headers.pop("content-type")
    return Answer(status=before.status, body=before.body, media_type=media_type, headers=headers)


def price_named(record: Any, place: str = "body", depth: int = 0) -> str | None:
    """Where in a body a price is named, if it is. Raises Refused (400) for what no body of ours is: nested without end, or with a NUL."""
    if depth > _DEEPEST:
        raise Refused(400, "input", f"it is nested more than {_DEEPEST} levels deep", "Check that it is the right content", "body")
    if isinstance(record, Mapping):
        for key, value in record.items():
            if isinstance(key, str) and key.lower() in PRICE_WORDS:
                return f"{place}.{key}"
            found = price_named(value, f"{place}.{key}", depth + 1)
            if found:
                return found
    if isinstance(record, list):
        return next((found for number, value in enumerate(record) if (found := price_named(value, f"{place}[{number}]", depth + 1))), None)
    if isinstance(record, str) and "\0" in record:
        raise Refused(400, "input", "this text holds the sign NUL, which cannot be kept", "Leave it out", place)
    return None


def declared_length(headers: Mapping[bytes, bytes]) -> int:
    """How many octets the request says it brings; 0 where it does not say."""
    length = headers.get(b"content-length", b"0")
    return int(length) if length.isdigit() else 0


async def door(request: Request) -> Visit:
    """The request as the services see it, with its whole body. A stranger's is not read beyond what a sign-in needs."""
    scope, state = request.scope, request.app.state
    visit = Visit(
        office=state.office,
        in_flight=state.in_flight,
        paces=state.paces,
        method=scope["method"],
        path=scope["path"],
        query=scope["query_string"].decode("latin-1"),
        headers=request.headers,
        content=b"",
        correlation_id=scope["ncvr.correlation_id"],
        open_to_all=(scope["method"], scope["route"].path) in state.open_routes,
    )
    scope["ncvr.visit"] = visit
    headers = dict(scope["headers"])
    if declared_length(headers) > _SMALL or b"transfer-encoding" in headers:
        if visit.open_to_all:
            raise Refused(413, "too-large", f"what is sent here has at most {_SMALL // 1024} kB, and says how many octets", "Send less", "body")
        await run_in_threadpool(known, visit)
    visit.content = await request.body()
    return visit


Door = Annotated[Visit, Depends(door)]


def recognised(function: Callable[..., Response]) -> Callable[..., Response]:
    """The function of a route, which first asks who is there: in the same thread, since handing over takes longer than asking."""

    @wraps(function)
    def at_the_door(visit: Visit, **words: Any) -> Response:
        visit.person  # noqa: B018  (asking is the check)
        return function(visit=visit, **words)

    return at_the_door


def known(visit: Door) -> None:
    """Before anything else of a route: a stranger learns nothing of what it would have said to the body. Raises Refused (401)."""
    visit.person  # noqa: B018  (asking is the check)
