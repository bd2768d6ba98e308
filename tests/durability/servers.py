"""``ncvr serve`` in processes of its own, over a peopled database, as it runs where it is used."""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.databases import Database, free_port
from tests.offices import HandClock, Town, small_study, town
from tests.services.walks import agreed

SITES = ("RGT", "RA9", "RK9")
SERVE = (sys.executable, "-m", "ncvr", "serve")


def peopled(database: Database, folder: Path, studies: int) -> Town:
    """An office whose last entry was made yesterday, with agreed studies of three sites each: 1000001, 1000002 ..."""
    made = town(database, folder, clock=HandClock(datetime.now(UTC) - timedelta(days=1)))
    for number in range(1, studies + 1):
        agreed(made, small_study(str(1_000_000 + number)))
    return made


def environment(database: Database, folder: Path) -> dict[str, str]:
    """What a server process is told: where the database is, and the tariffs of the peopled office."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NCVR_")}
    where = {"NCVR_DATABASE_URL" if database.is_postgresql else "NCVR_DATABASE_FILE": named(database)}
    return kept | where | {"NCVR_TARIFFS": str(folder / "tariffs"), "NCVR_KEYS": str(folder / "no-keys"), "NCVR_REQUESTS_A_MINUTE": "999999"}


def named(database: Database) -> str:
    return database.url.set(drivername="postgresql").render_as_string(hide_password=False) if database.is_postgresql else str(database.url.database)


@dataclass
class Server:
    """One server process on an address; started again on the same one. It is up once ``asking`` is answered with 200."""

    words: Sequence[str]
    told: Mapping[str, str]
    log: Path
    host: str = "127.0.0.1"
    port: int = field(default_factory=free_port)
    asking: str = "/readyz"
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> float:
        """Start it; returns after how many seconds it was ready."""
        begun = time.perf_counter()
        with self.log.open("ab") as log:
            words = [*self.words, "--host", self.host, "--port", str(self.port)]
            self.process = subprocess.Popen(words, env=dict(self.told), stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)
        while not self._ready():
            ended, waited = self.process.poll() is not None, time.perf_counter() - begun
            if ended or waited > 90:
                self.kill()
                raise AssertionError(f"the server ended, or did not answer within {waited:.0f} s: {self.log.read_text()[-2000:]}")
            time.sleep(0.02)
        return time.perf_counter() - begun

    def _ready(self) -> bool:
        asking = http.client.HTTPConnection(self.host, self.port, timeout=10)
        try:
            asking.request("GET", self.asking)
            return asking.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            asking.close()

    def kill(self) -> None:
        """SIGKILL to the process and all it started: it gets to finish nothing."""
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):  # it ended by itself
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(20)

    def stop(self) -> None:
        """As an operator does, with time to finish."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(60)


@contextmanager
def serving(database: Database, folder: Path, *, words: Sequence[str] = SERVE, host: str = "127.0.0.1") -> Iterator[Server]:
    """A server, started; stopped at the end."""
    server = Server(words=words, told=environment(database, folder), log=folder / "server.log", host=host)
    server.start()
    try:
        yield server
    finally:
        server.stop()
