"""Who read a price, downloaded a document or was refused: kept beside the ledger, without any figure.

Reads are many and decide nothing, so they are written together a moment after they were answered, and nobody waits for it:
a process that is killed may lose the last second of them. What changes something stands in the ledger, in its own transaction.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event, Lock

from ncvr.domain.ledger import instant
from ncvr.errors import Finding
from ncvr.services.office import Office
from ncvr.store import accesses
from ncvr.store.accesses import Access

WRITTEN_EVERY = 1  # second
_LATE = 60  # seconds after which it is said


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody asked and how it ended. Of a stranger, ``path`` holds no word of theirs."""

    actor: str | None
    method: str
    path: str
    status: int


@dataclass(slots=True)
class _Waiting:
    at: str
    correlation_id: str
    times: int = 1


@dataclass(slots=True)
class AccessJournal:
    """What this process has still to write. The same asked again before that is one row that counts it."""

    office: Office
    _lock: Lock = field(default_factory=Lock)
    _waiting: dict[Asked, _Waiting] = field(default_factory=dict)

    def note(self, asked: Asked, correlation_id: str) -> None:
        with self._lock:
            before = self._waiting.get(asked)
            if before is None:
                self._waiting[asked] = _Waiting(instant(self.office.clock.now()), correlation_id)
            else:
                before.times += 1

    def write(self) -> None:
        """Write what waits. What the database does not take waits on."""
        with self._lock:
            taken, self._waiting = self._waiting, {}
        rows = {self._row(asked, waited): (asked, waited) for asked, waited in taken.items()}
        if rows:
            self._put_back(dict(rows[row] for row in accesses.unwritten(self.office.store, list(rows))))

    def _row(self, asked: Asked, waited: _Waiting) -> Access:
        return Access(
            id=self.office.chance.identifier(),
            at=waited.at,
            actor=asked.actor,
            method=asked.method,
            path=asked.path,
            status=asked.status,
            times=waited.times,
            correlation_id=waited.correlation_id,
        )

    def _put_back(self, taken: dict[Asked, _Waiting]) -> None:
        with self._lock:
            for asked, waited in taken.items():
                since = self._waiting.get(asked)
                waited.times += 0 if since is None else since.times
                self._waiting[asked] = waited

    def findings(self) -> list[Finding]:
        """For readiness: that what people read is not being kept, for so long that it is no matter of a moment."""
        late = instant(self.office.clock.now() - timedelta(seconds=_LATE))
        with self._lock:
            oldest = min((waited.at for waited in self._waiting.values()), default=late)
        if oldest >= late:
            return []
        remedy = "Read in the log why the database does not take it; until then what waits is lost if the process ends"
        return [Finding("accesses", f"who read what since {oldest} is not written yet", remedy)]

    def keep_writing(self, stop: Event) -> None:
        """Until told to stop, and once more then."""
        while not stop.wait(WRITTEN_EVERY):
            self.write()
        self.write()
