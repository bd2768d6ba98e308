"""People who work at one service all at once, and everything they asked and were answered.

Each takes some site costing, reads it, and locks or unlocks its price; or records an event of its study. Who gets no answer
sends the same request again with the same key until there is one, as a careful program does.
"""

import http.client
import itertools
import json
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.durability.servers import SITES, Server

PEOPLE = 8
_NUMBERS = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request with its answer. ``status`` is None where none came; ``key`` is the same however often it is sent."""

    what: str
    costing: str
    begun: float
    ended: float
    status: int | None
    expected: int | None
    revision: int | None
    state: str | None
    key: str
    correlation_id: str

    @property
    def acknowledged(self) -> bool:
        return self.status in (200, 201)

    @property
    def is_change(self) -> bool:
        return self.what != "read"


@dataclass
class Traffic:
    """Eight people at these servers, with this person's token, over these studies; what they asked is in ``asked``."""

    servers: Sequence[Server]
    token: str
    studies: Sequence[str]
    chance: random.Random
    pause: float = 0.0
    asked: list[Asked] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    given_up: threading.Event = field(default_factory=threading.Event)
    faults: list[BaseException] = field(default_factory=list)

    @property
    def acknowledged(self) -> list[Asked]:
        return [each for each in self.asked if each.acknowledged and each.is_change]

    @contextmanager
    def flowing(self) -> Iterator["Traffic"]:
        """While this lasts everybody works; afterwards everybody has their last answer."""
        people = [threading.Thread(target=self._work, args=(number, random.Random(self.chance.random()))) for number in range(PEOPLE)]
        self.over.clear()
        for each in people:
            each.start()
        try:
            yield self
        finally:
            self.over.set()
            for each in people:
                each.join()
        assert not self.faults, self.faults

    def _work(self, number: int, chance: random.Random) -> None:
        person = _Person(self, number % len(self.servers), chance)
        try:
            while not self.over.is_set():
                person.work()
                time.sleep(self.pause)
        except _GivenUp:
            self.over.set()
        except BaseException as fault:  # noqa: BLE001 - told to the test, which fails
            self.faults.append(fault)
        finally:
            person.leave()

    def until(self, count: int) -> None:
        """Wait until so many changes more are acknowledged."""
        wanted = len(self.acknowledged) + count
        self.wait(lambda: len(self.acknowledged) >= wanted)

    def until_asked(self, count: int) -> None:
        """Wait until so many requests in all were answered."""
        self.wait(lambda: sum(each.status is not None for each in self.asked) >= count)

    def give_up(self) -> None:
        """Nobody insists on an answer any longer."""
        self.given_up.set()

    def wait(self, enough: Callable[[], bool]) -> None:
        begun = time.monotonic()
        while not enough():
            assert not self.faults, self.faults
            assert time.monotonic() - begun < 600, f"only {len(self.acknowledged)} changes of {len(self.asked)} requests were acknowledged"
            time.sleep(0.05)


class _GivenUp(Exception):
    """A person leaves without an answer."""


class _Person:
    """One of them, at one server; at the next one when theirs is gone."""

    def __init__(self, traffic: Traffic, server: int, chance: random.Random) -> None:
        self.traffic, self.server, self.chance = traffic, server, chance
        self.line: http.client.HTTPConnection | None = None

    def leave(self) -> None:
        if self.line is not None:
            self.line.close()
        self.line = None

    def work(self) -> None:
        study, site = self.chance.choice(self.traffic.studies), self.chance.choice(SITES)
        where = f"/api/v1/studies/{study}/sites/{site}"
        if self.chance.random() < 0.15:
            body = {"kind": "regulatory_application", "on": "2026-05-01"}
            self.insist("event", where, "POST", f"/api/v1/studies/{study}/events", body, {})
            return
        seen = self.insist("read", where, "GET", where, None, {})
        assert seen.acknowledged, seen
        move = "lock" if seen.state == "priced" else "unlock"
        body = {} if move == "lock" else {"reason": "again"}
        done = self.insist(move, where, "POST", f"{where}/{move}", body, {"If-Match": f'"r{seen.revision}"'})
        assert done.status in (200, 409, 412), done  # somebody else may have been faster

    def insist(self, what: str, costing: str, method: str, path: str, body: Any, headers: dict[str, str]) -> Asked:
        """Ask until there is an answer."""
        key = f"key-{next(_NUMBERS)}-{self.chance.getrandbits(32)}"
        keyed = headers | ({"Idempotency-Key": key} if method == "POST" else {})
        while not self.traffic.given_up.is_set():
            answer = self.ask(what, costing, method, path, body, keyed, key)
            self.traffic.asked.append(answer)
            if answer.status not in (None, 503) and not (answer.status == 409 and answer.state == "in-flight"):
                return answer
            if answer.status is None:
                self.server = (self.server + 1) % len(self.traffic.servers)
            time.sleep(0.1)
        raise _GivenUp

    def ask(self, what: str, costing: str, method: str, path: str, body: Any, headers: dict[str, str], key: str) -> Asked:
        correlation_id = f"c-{next(_NUMBERS)}"
        begun, status, revision, state = time.monotonic(), None, None, None
        told = headers | {"Authorization": f"Bearer {self.traffic.token}", "X-Correlation-ID": correlation_id}
        try:
            if self.line is None:
                server = self.traffic.servers[self.server]
                self.line = http.client.HTTPConnection(server.host, server.port, timeout=60)
            self.line.request(method, path, None if body is None else json.dumps(body), told)
            answer = self.line.getresponse()
            record = json.loads(answer.read() or b"{}")
            status, tag = answer.status, answer.headers.get("ETag", "")
            revision = int(tag.strip('"r')) if tag.startswith('"r') else None
            state = str(record["type"]).rpartition("/")[2].rpartition(":")[2] if status >= 400 else record.get("state")
        except (OSError, http.client.HTTPException, ValueError):
            self.leave()
        return Asked(
            what=what,
            costing=costing,
            begun=begun,
            ended=time.monotonic(),
            status=status,
            expected=int(headers["If-Match"].strip('"r')) if "If-Match" in headers else None,
            revision=revision,
            state=state,
            key=key,
            correlation_id=correlation_id,
        )
