"""Slowing down whoever guesses, and nobody else.

An attempt is counted as failed before it is looked at and forgiven when it was right, so that a hundred at once are
counted as a hundred. One that must wait is not counted, or nobody's wait would ever end.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from ncvr.domain.ledger import instant
from ncvr.domain.signing_in import ACCOUNT, ACCOUNT_CODES, ADDRESS, DEVICE, PAIR, PAIR_UNDER_ATTACK, Throttle, address_group
from ncvr.store import attempts
from ncvr.store.attempts import Counted
from ncvr.store.connections import Connection

NO_WAIT = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Somebody at ``address`` trying ``what`` ("password", "code", "recovery code", "change") for ``account``; from a device known for it, or none."""

    what: str
    account: str
    address: str
    device: str | None = None

    def buckets(self, key: bytes) -> dict[str, str]:
        """The names under which it is counted, by kind. Keyed, so that nobody reads addresses or e-mails out of the table."""
        if self.device is not None:
            return {"device": _name(key, self.what, "device", self.account.lower(), self.device)}
        account, address = self.account.lower(), address_group(self.address)
        return {
            "pair": _name(key, self.what, "pair", account, address),
            "address": _name(key, self.what, "address", address),
            "account": _name(key, self.what, "account", account),
        }

    def throttle(self, kind: str) -> Throttle:
        """What slows down the attempts counted under one of these names."""
        account = ACCOUNT_CODES if self.what == "code" else ACCOUNT
        return {"pair": PAIR, "address": ADDRESS, "account": account, "device": DEVICE}[kind]


def _name(key: bytes, *parts: str) -> str:
    return hmac.new(key, "\0".join(parts).encode("utf-8"), hashlib.sha256).hexdigest()


def begin(connection: Connection, attempt: Attempt, key: bytes, now: datetime) -> timedelta:
    """Count the attempt as a failure. Or, if it comes too soon: count nothing, and say how long it has to wait."""
    buckets = attempt.buckets(key)
    found = attempts.lock(connection, buckets.values())
    failures = {kind: _eased(attempt.throttle(kind), found[name], now) for kind, name in buckets.items()}
    attacked = failures.get("account", 0) >= ACCOUNT.free
    waits = [_left(PAIR_UNDER_ATTACK if kind == "pair" and attacked else attempt.throttle(kind), failures[kind], found[buckets[kind]], now) for kind in buckets]
    if max(waits) > NO_WAIT:
        return max(waits)
    attempts.save(connection, {name: Counted(failures=failures[kind] + 1, last_at=instant(now)) for kind, name in buckets.items()})
    return NO_WAIT


def forgive(connection: Connection, attempt: Attempt, key: bytes) -> int:
    """The attempt was right: its pair starts anew, elsewhere it did not happen. Returns the other failures counted for the account."""
    buckets = attempt.buckets(key)
    found = attempts.lock(connection, buckets.values())
    left = {kind: 0 if kind in ("pair", "device") else max(0, found[name].failures - 1) for kind, name in buckets.items()}
    attempts.save(connection, {name: Counted(failures=left[kind], last_at=found[name].last_at) for kind, name in buckets.items()})
    return left.get("account", 0)


def count_wrong_code(connection: Connection, session: str, key: bytes, now: datetime) -> int:
    """How many wrong codes were shown to this waiting session, this one counted."""
    name = _name(key, "code", "session", session)
    wrong = attempts.lock(connection, [name])[name].failures + 1
    attempts.save(connection, {name: Counted(failures=wrong, last_at=instant(now))})
    return wrong


def _eased(throttle: Throttle, counted: Counted, now: datetime) -> int:
    return throttle.eased(counted.failures, _since(counted, now)) if counted.last_at else 0


def _left(throttle: Throttle, failures: int, counted: Counted, now: datetime) -> timedelta:
    return max(NO_WAIT, throttle.wait(failures) - _since(counted, now)) if counted.last_at else NO_WAIT


def _since(counted: Counted, now: datetime) -> timedelta:
    return max(timedelta(0), now - datetime.fromisoformat(counted.last_at))
