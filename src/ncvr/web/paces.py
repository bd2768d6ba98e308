"""How often one person may ask within a minute, so that no script takes everything at once, nor the service from everybody else.

Far more than a person with many open pages needs, or a program that waits for its answers. Each worker process counts for itself.
"""

from collections.abc import Callable
from threading import Lock
from time import monotonic_ns

from ncvr.web.problems import Refused

_SECOND = 10**9  # nanoseconds
_MINUTE = 60 * _SECOND


class Paces:
    """How often each person has asked since their minute began. ``clock`` gives nanoseconds that only grow."""

    def __init__(self, most: int, clock: Callable[[], int] = monotonic_ns) -> None:
        self._most, self._clock = most, clock
        self._lock = Lock()
        self._asked: dict[str, tuple[int, int]] = {}

    def count(self, actor: str) -> None:
        """One more. Raises Refused (429) once the minute's share is used up, with the seconds until the next begins."""
        with self._lock:
            now = self._clock()
            begun, times = self._asked.get(actor, (now, 0))
            if now - begun >= _MINUTE:
                begun, times = now, 0
            if times >= self._most:
                raise _too_often(self._most, -((now - begun - _MINUTE) // _SECOND))
            self._asked[actor] = begun, times + 1


def _too_often(most: int, seconds: int) -> Refused:
    says = f"you asked more than {most:,} times within a minute, which is the most there is"
    remedy = f"Go on in {seconds} second{'' if seconds == 1 else 's'}; whoever runs the service can allow more (NCVR_REQUESTS_A_MINUTE)"
    return Refused(429, "pace", says, remedy, retry_after=seconds)
