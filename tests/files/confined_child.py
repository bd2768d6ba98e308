"""What a process that reads a file from outside can do: it tells, as JSON. Its input is the port of somebody who listens."""

import json
import os
import socket
import sys
from contextlib import ExitStack
from pathlib import Path

from ncvr.files.apart import close_doors


def reaches(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 5).close()
    except OSError:
        return False
    return True


def files_it_opens() -> int:
    opened = 0
    with ExitStack() as stack:
        try:
            while opened < 500:
                stack.enter_context(Path(__file__).open())
                opened += 1
        except OSError:
            return opened
    return opened


if __name__ == "__main__":
    port = int(sys.stdin.buffer.read())
    before, closed = reaches(port), close_doors()
    print(json.dumps({"environment": sorted(os.environ), "before": before, "closed": closed, "after": reaches(port), "files": files_it_opens()}))
