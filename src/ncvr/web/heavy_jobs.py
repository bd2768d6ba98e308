"""Work that takes seconds is done for one person one at a time, and so often an hour, so that nobody's downloads in a loop
slow down everybody else.

Each worker process counts for itself.
"""

from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from math import ceil
from threading import Lock

from fastapi import Request

from ncvr.domain.people import Person
from ncvr.web.access import Door
from ncvr.web.problems import Refused

HEAVY = frozenset({"contracts.zip", "verify", "workbook", "workbook.xlsx", "reprice"})  # by the last word of the address
_AGAIN_AFTER = 5  # seconds
_HOUR = timedelta(hours=1)
A_PERSONS_SHARE, AN_ORGANISATIONS_SHARE = 120, 600  # an hour; a study's 150 contracts are one download


def is_heavy(method: str, path: str) -> bool:
    """Whether a route's work takes seconds.

    >>> is_heavy("POST", "/contracts/verify"), is_heavy("GET", "/ledger/verify"), is_heavy("GET", "/studies")
    (True, True, False)
    """
    return path.rpartition("/")[2] in HEAVY and not (method == "POST" and "{ods}" in path)


class HeavyJobs:
    """Whose heavy work is under way in this process, and how much of it each person and organisation had in the last hour."""

    def __init__(self, a_persons: int = A_PERSONS_SHARE, an_organisations: int = AN_ORGANISATIONS_SHARE) -> None:
        self._shares = a_persons, an_organisations
        self._lock = Lock()
        self._busy: set[str] = set()
        self._begun: defaultdict[str, deque[datetime]] = defaultdict(deque)

    @contextmanager
    def one_for(self, person: Person, now: datetime) -> Iterator[None]:
        """Raises Refused (429) while other heavy work of this person is under way, or once the hour's share is used up."""
        actor = person.actor
        with self._lock:
            if actor in self._busy:
                says, remedy = "your other download or check is still under way", f"Send it again when that is done, or in {_AGAIN_AFTER} seconds"
                raise Refused(429, "one-at-a-time", says, remedy, retry_after=_AGAIN_AFTER)
            self._count(person, now)
            self._busy.add(actor)
        try:
            yield
        finally:
            with self._lock:
                self._busy.discard(actor)

    def _count(self, person: Person, now: datetime) -> None:
        names = [person.actor, *([f"organisation {person.organisation}"] if person.organisation else [])]
        for name, share in zip(names, self._shares, strict=False):  # who is of no organisation has no share of one
            begun = self._begun[name]
            while begun and begun[0] <= now - _HOUR:
                begun.popleft()
            if len(begun) >= share:
                seconds = ceil((begun[0] + _HOUR - now).total_seconds())
                says = f"{share} downloads and checks were made within an hour, by you or your organisation, which is the most there are"
                raise Refused(429, "quota", says, f"Go on in {ceil(seconds / 60)} minutes; a study's contracts come in one download", retry_after=seconds)
        for name in names:
            self._begun[name].append(now)


def one_at_a_time(visit: Door, request: Request) -> Iterator[None]:
    """Holds the person's one place until the answer is sent, also one that streams."""
    jobs: HeavyJobs = request.app.state.heavy_jobs
    with jobs.one_for(visit.person, visit.office.clock.now()):
        yield
