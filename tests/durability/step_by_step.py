"""Two people's transactions on PostgreSQL, taken step by step in any order one likes.

A step ends where a transaction begins to wait for its study's row, begins to write, or is about to commit; so each has up to
four. Who waits for a lock of the other's is left waiting, as in life, and goes on once it can.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import DBAPIError

from ncvr.errors import NcvrError
from ncvr.services.office import Act
from tests.offices import Town

_HERE = threading.local()
STEPS = 4


@dataclass
class Session:
    """One person's transaction, on a thread of its own, held at the end of each step."""

    town: Town
    who: str
    doing: Callable[[Act], Any]
    outcome: str = ""
    pid: int = 0
    reached: set[str] = field(default_factory=set)
    go_on: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    held: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        assert self.held.wait(30)

    @property
    def over(self) -> bool:
        return bool(self.outcome)

    def _run(self) -> None:
        _HERE.session = self
        try:
            with self.town.act(self.who) as act:
                self.pid = act.connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
                self.hold("begin")
                self.doing(act)
            self.outcome = "done"
        except (NcvrError, DBAPIError, AssertionError) as error:
            self.outcome = type(error).__name__
        self.held.set()

    def hold(self, where: str) -> None:
        """Wait here for leave to go on, the first time this point is met."""
        if where in self.reached:
            return
        self.reached.add(where)
        self.held.set()
        assert self.go_on.acquire(timeout=60)

    def step(self, watching: Connection) -> bool:
        """Let it take one step; False if it waits for a lock of the other's."""
        self.held.clear()
        self.go_on.release()
        return self.arrived(watching)

    def arrived(self, watching: Connection) -> bool:
        for _ in range(10_000):
            if self.held.wait(0.004):
                return True
            if watching.execute(text("SELECT cardinality(pg_blocking_pids(:pid)) > 0"), {"pid": self.pid}).scalar_one():
                return False
        raise AssertionError(f"{self.who} neither goes on nor waits for a lock")


def _before_statement(_connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
    session: Session | None = getattr(_HERE, "session", None)
    if session is None or "begin" not in session.reached:
        return
    if "FOR UPDATE" in statement:
        session.hold("lock")
    elif statement.startswith(("INSERT", "UPDATE", "DELETE")):
        session.hold("write")


def _before_commit(_connection: Connection) -> None:
    session: Session | None = getattr(_HERE, "session", None)
    if session is not None and "begin" in session.reached:
        session.hold("commit")


def watch(engine: Engine) -> None:
    """Make this engine's transactions hold where sessions end their steps."""
    event.listen(engine, "before_cursor_execute", _before_statement)
    event.listen(engine, "commit", _before_commit)


def interleaved(first: Session, second: Session, order: Sequence[int], watching: Connection) -> tuple[str, str]:
    """Both taken in this order of steps (0 the first's, 1 the second's); what became of each."""
    sessions, waiting = (first, second), {0: False, 1: False}
    for session in sessions:
        session.start()
    for turn in [*order, *(0, 1) * (STEPS + 1)]:
        if waiting[turn]:
            waiting[turn] = not sessions[turn].arrived(watching)
        elif not sessions[turn].over:
            waiting[turn] = not sessions[turn].step(watching)
    for session in sessions:
        session.thread.join(30)
        assert session.over
    return first.outcome, second.outcome


def serially(first: Session, second: Session, watching: Connection) -> tuple[str, str]:
    """The first whole, then the second."""
    for session in (first, second):
        session.start()
        while not session.over:
            assert session.step(watching)
        session.thread.join(30)
    return first.outcome, second.outcome
