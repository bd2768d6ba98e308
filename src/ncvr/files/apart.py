"""A process of our own for a file from outside: it inherits no secret, opens few files, and reaches no network."""

import os
import subprocess
import sys
from collections.abc import Sequence

# What finding and running Python takes, and no more: the database's password is in the environment of the service.
_INHERITED = ("PATH", "PYTHONPATH", "PYTHONHOME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "SYSTEMROOT")
_OPEN_FILES = 64
# Of Linux: a user space of its own, which lets anybody take a network space of its own, which holds no way out.
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000


def run_apart(module: str, words: Sequence[str], content: bytes, *, seconds: int) -> subprocess.CompletedProcess[bytes]:
    """Run one of our modules on this input. Raises subprocess.TimeoutExpired after so many seconds by the clock."""
    environment = {name: value for name, value in os.environ.items() if name in _INHERITED}  # noqa: TID251 - nothing is read from it, most is taken away
    command = [sys.executable, "-m", module, *words]
    return subprocess.run(command, input=content, capture_output=True, timeout=seconds, check=False, env=environment)  # noqa: S603 - ourselves


def close_doors() -> bool:
    """For the process itself, before it reads anything: few open files, no dump of its memory, and no network.

    Returns whether the network is closed: where the system is not Linux, or lets nobody do that, it is not.
    """
    if sys.platform == "win32":
        return False
    import resource

    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if not sys.platform.startswith("linux"):
        return False
    import ctypes

    return bool(ctypes.CDLL(None).unshare(_NEW_USER | _NEW_NETWORK) == 0)
