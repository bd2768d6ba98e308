"""The record of every change: a chain of entries, each bound to the one before it. Pure; the store keeps it.

An entry's hash is SHA-256 over a zero byte, its 16-byte salt and its canonical JSON, the leaf form of RFC 6962, so that
a tree can be grown over the same entries later. The salt keeps a guessable entry from being guessed from its hash.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any

from ncvr.domain.canonical import canonical_writer
from ncvr.errors import Finding, InputError, StoreError

FORMAT = "ncvr-ledger/1"
START = "sha256:" + "0" * 64  # what the first entry names as its predecessor
# Clocks of a machine are set right by small steps; more than this is somebody setting them back.
CLOCK_STEP = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What was done to what: texts only, no names, so that the record can be kept for ever."""

    operation: str
    object: str
    revision: int = 0
    field: str = ""
    old: str | None = None
    new: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One change with when, who (an opaque id), in which role, in which request; ``salt`` is 16 bytes as hex."""

    number: int
    at: str
    actor: str
    role: str
    operation: str
    object: str
    revision: int
    field: str
    old: str | None
    new: str | None
    reason: str
    correlation_id: str
    previous_hash: str
    salt: str
    hash: str


ENTRY_FIELDS = tuple(field.name for field in fields(Entry))
_HASHED = tuple(name for name in ENTRY_FIELDS if name not in ("hash", "salt"))
_written = canonical_writer(["format", *_HASHED])
_content = attrgetter(*_HASHED)
_salt = re.compile("[0-9a-f]{32}").fullmatch
_is_hash = re.compile("sha256:[0-9a-f]{64}").fullmatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The newest entry: what is printed in receipts, so that nobody can cut the tail unseen."""

    number: int
    hash: str
    at: str


EMPTY = Head(number=0, hash=START, at="")


def instant(moment: datetime) -> str:
    """A moment as the ledger writes it: UTC to the microsecond, in an order that is also the text's."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def entry_after(head: Head, change: Change, *, at: datetime, actor: str, role: str, correlation_id: str, salt: bytes) -> Entry:
    """The next entry. A clock a few seconds behind keeps the last time; one set back further raises StoreError."""
    moment = instant(at)
    if moment < head.at:
        if instant(at + CLOCK_STEP) < head.at:
            raise StoreError(f"the clock says {moment}, the last entry was made at {head.at}", "ledger", "Set the machine's clock right; nothing is back-dated")
        moment = head.at
    content: dict[str, Any] = {
        "number": head.number + 1,
        "at": moment,
        "actor": actor,
        "role": role,
        "operation": change.operation,
        "object": change.object,
        "revision": change.revision,
        "field": change.field,
        "old": change.old,
        "new": change.new,
        "reason": change.reason,
        "correlation_id": correlation_id,
        "previous_hash": head.hash,
    }
    return Entry(**content, salt=salt.hex(), hash=_hash(salt, content))


def entry_hash(entry: Entry) -> str:
    """``sha256:...`` over everything in the entry but the hash itself."""
    return _hash(bytes.fromhex(entry.salt), dict(zip(_HASHED, _content(entry), strict=True)))


def _hash(salt: bytes, content: Mapping[str, Any]) -> str:
    return "sha256:" + hashlib.sha256(b"\0" + salt + _written({"format": FORMAT, **content})).hexdigest()


def head_of(entry: Entry) -> Head:
    return Head(number=entry.number, hash=entry.hash, at=entry.at)


def anchors_of(given: Collection[str], place: str) -> tuple[str, ...]:
    """The hashes to hold a ledger against, each once. Raises InputError for what is none.

    >>> anchors_of([START], "--anchor")
    Traceback (most recent call last):
    ncvr.errors.InputError: this hash stands before the first entry of every ledger, so it proves nothing
    """
    found = []
    for text in given:
        if not _is_hash(text):
            remedy = "Give a head as it was printed: sha256: and 64 digits from 0 to f"
            found.append(Finding(place, f"{text[:80]!r} is no hash, so it is no anchor", remedy))
        elif text == START:
            remedy = "Give a head that was printed when something had been recorded, such as one from a receipt"
            found.append(Finding(place, "this hash stands before the first entry of every ledger, so it proves nothing", remedy))
    if found:
        raise InputError.of(found)
    return tuple(dict.fromkeys(given))


def check_chain(entries: Iterable[Entry], anchors: Iterable[str] = ()) -> list[Finding]:
    """Everything that is wrong with the chain, the first bad entry of each kind named; and every anchor it does not hold.

    A chain alone cannot show that its tail was cut or that all of it was rewritten: that takes an anchor from outside.
    """
    findings: list[Finding] = []
    head, hashes = EMPTY, set()
    for entry in entries:
        findings += _entry_findings(entry, head)
        head = head_of(entry)
        hashes.add(entry.hash)
    for anchor in anchors:
        if anchor not in hashes:
            remedy = "Restore the newest copy that holds it: this record was cut or rewritten since that hash was printed"
            findings.append(Finding("ledger", f"the anchor {anchor} is not in this ledger", remedy))
    return findings


def _entry_findings(entry: Entry, head: Head) -> list[Finding]:
    says = []
    if entry.number != head.number + 1:
        says.append(f"it follows entry {head.number}; something was removed or added between them")
    if entry.previous_hash != head.hash:
        says.append("it does not name the entry before it")
    if entry.at < head.at:
        says.append(f"its time {entry.at} lies before the entry before it")
    if not _fits_its_hash(entry):
        says.append("its content is not what its hash was taken over")
    return [Finding(f"ledger entry {entry.number}", sentence, "Restore the ledger from a copy whose head you trust") for sentence in says]


def _fits_its_hash(entry: Entry) -> bool:
    try:
        return _salt(entry.salt) is not None and entry_hash(entry) == entry.hash
    except (TypeError, ValueError):  # a damaged file may hold what no entry was ever made of: a fraction, octets
        return False
