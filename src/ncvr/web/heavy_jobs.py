"""Work that takes seconds is done for one person one at a time, so that nobody's downloads in a loop slow down everybody else.

Each worker process counts for itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from fastapi import Request

from ncvr.web.access import Door
from ncvr.web.problems import Refused

HEAVY = frozenset({"contracts.zip", "verify", "workbook", "workbook.xlsx", "reprice"})  # by the last word of the address
_AGAIN_AFTER = 5  # seconds


def is_heavy(method: str, path: str) -> bool:
    """Whether a route's work takes seconds.

    >>> is_heavy("POST", "/contracts/verify"), is_heavy("GET", "/ledger/verify"), is_heavy("GET", "/studies")
    (True, True, False)
    """
    return path.rpartition("/")[2] in HEAVY and not (method == "POST" and "{ods}" in path)


class HeavyJobs:
    """Whose heavy work is under way in this process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._busy: set[str] = set()

    @contextmanager
    def one_for(self, actor: str) -> Iterator[None]:
        """Raises Refused (429) while other heavy work of this person is under way."""
        with self._lock:
            if actor in self._busy:
                says, remedy = "your other download or check is still under way", f"Send it again when that is done, or in {_AGAIN_AFTER} seconds"
                raise Refused(429, "one-at-a-time", says, remedy, retry_after=_AGAIN_AFTER)
            self._busy.add(actor)
        try:
            yield
        finally:
            with self._lock:
                self._busy.discard(actor)


def one_at_a_time(visit: Door, request: Request) -> Iterator[None]:
    """Holds the person's one place until the answer is sent, also one that streams."""
    jobs: HeavyJobs = request.app.state.heavy_jobs
    with jobs.one_for(visit.person.actor):
        yield
