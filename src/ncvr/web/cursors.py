"""Cursors of pages: signed, and bound to the person and the list, so that nobody turns another's pages or makes up a place."""

import base64
import hmac
from hashlib import sha256

from ncvr.domain.people import Person
from ncvr.web.problems import Refused

MOST = 200


def cursor(key: bytes, person: Person, path: str, after: str) -> str:
    """Where the next page of this list begins, for this person."""
    text = after.encode("utf-8")
    return base64.urlsafe_b64encode(_mark(key, person, path, text) + text).decode("ascii").rstrip("=")


def place_of(key: bytes, person: Person, path: str, given: str | None) -> str:
    """The place a cursor stands for; "" without one. Raises Refused (400) for a cursor that is not this person's of this list."""
    if not given:
        return ""
    try:
        raw = base64.urlsafe_b64decode(given + "=" * (-len(given) % 4))
    except ValueError:
        raw = b""
    mark, text = raw[:16], raw[16:]
    if not hmac.compare_digest(mark, _mark(key, person, path, text)):
        raise Refused(400, "input", "this cursor is not one of yours for this list", "Begin again without a cursor", "cursor")
    return text.decode("utf-8")


def _mark(key: bytes, person: Person, path: str, text: bytes) -> bytes:
    return hmac.new(key, b"cursor\0" + person.actor.encode() + b"\0" + path.encode() + b"\0" + text, sha256).digest()[:16]
