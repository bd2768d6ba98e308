"""A check apart from the program that asks for it: two seconds of work and 300 MB, and nothing outside is harmed."""

import multiprocessing
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection

from ncvr.domain.verdict import Verdict, cannot_tell

SECONDS = 2  # of work; what other programs take meanwhile doesn't count
PATIENCE = 30  # seconds by the clock after which nobody waits any longer
MEGABYTES = 300  # beyond what the program already has

_TOO_LONG = f"the check needs more than {SECONDS} seconds of work, which no ordinary agreement does"
_TOO_MUCH = f"the check needs more than {MEGABYTES} MB of memory, which no ordinary agreement does"


def verify_confined(work: Callable[[], Verdict], document_sha256: str = "", *, seconds: int = SECONDS, megabytes: int = MEGABYTES) -> Verdict:
    """The verdict of ``work``, made in a child process with limits on time and memory; running into one is cannot tell.

    Where the system can't fork, or other threads run here, the work is done in this process with the limits of the readers alone.
    """
    if "fork" not in multiprocessing.get_all_start_methods() or threading.active_count() > 1:
        return work()
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_child, args=(work, sender, seconds, megabytes), daemon=True)
    child.start()
    sender.close()
    verdict = _received(receiver, document_sha256)
    child.join(1)
    if child.is_alive():
        child.kill()
        child.join()
    if verdict is not None:
        return verdict
    slow = child.exitcode in (-signal.SIGXCPU, -signal.SIGKILL, None)
    return cannot_tell(f"The file cannot be judged: {_TOO_LONG if slow else _TOO_MUCH}", (), document_sha256)


def _received(receiver: Connection, document_sha256: str) -> Verdict | None:
    """What the child sent; None if it ended without a word or took too long."""
    if not receiver.poll(PATIENCE):
        return None
    try:
        told = receiver.recv()
    except EOFError:
        return None
    return told if isinstance(told, Verdict) else cannot_tell(f"The file cannot be judged: {_TOO_MUCH}", (), document_sha256)


def _child(work: Callable[[], Verdict], sender: Connection, seconds: int, megabytes: int) -> None:
    _limit(seconds, megabytes)
    try:
        sender.send(work())
    except MemoryError:
        sender.send(None)
    sender.close()


def _limit(seconds: int, megabytes: int) -> None:
    import resource  # not on every system; the caller only comes here where processes can fork

    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    own = _own_memory()
    if own:
        limit = own + megabytes * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _own_memory() -> int:
    """The address space this process has already, in bytes; 0 where the system doesn't say."""
    try:
        with open("/proc/self/statm", encoding="ascii") as said:  # noqa: PTH123 - a file of the system, not of ours
            return int(said.read().split()[0]) * 4096
    except OSError:
        return 0
