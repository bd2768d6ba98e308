"""``ncvr serve``: the service, on this machine unless told otherwise."""

import argparse
import errno
import os
import socket
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from ncvr.cli import asked

if TYPE_CHECKING:
    import uvicorn

_BACKLOG = 2048  # as many as the server would let wait


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", metavar="H", help="address to listen on (default: 127.0.0.1, this machine only)")
    parser.add_argument("--port", type=asked.number(1, 65_535), default=8000, metavar="N", help="default: 8000")
    parser.add_argument("--workers", type=asked.number(1, 256), default=1, metavar="N", help="server processes (default: 1)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    import uvicorn

    from ncvr.services.opening import check_serving, open_office

    office = open_office()
    said = check_serving(office.store, arguments.host, arguments.workers)
    office.store.close()
    sockets = listening(arguments.host, arguments.port)
    if said:
        print(f"notice: {said}", file=sys.stderr)
    config = uvicorn.Config(
        "ncvr.web.serving:application",
        factory=True,
        host=arguments.host,
        port=arguments.port,
        workers=arguments.workers,
        log_config=None,
        access_log=False,
        server_header=False,
    )
    return _serve(config, sockets)


def listening(host: str, port: int) -> list[socket.socket]:
    """Sockets that listen there; who calls waits until the service is up. Raises InputError where one cannot listen."""
    try:
        found = dict.fromkeys((family, address) for family, _, _, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        sockets = [socket.create_server(address, family=family, backlog=_BACKLOG) for family, address in found]
    except OSError as error:
        raise _cannot_listen(error, host, port) from error
    for each in sockets:
        each.set_inheritable(True)
        # Whoever calls takes this over. Without it an answer in two pieces waits 40 ms for the caller to confirm the first.
        each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sockets


def _cannot_listen(error: OSError, host: str, port: int) -> Exception:
    from ncvr.errors import InputError

    if error.errno == errno.EADDRINUSE:
        return InputError(f"something listens on port {port} already", "--port", "Stop it, or choose another port: --port N")
    reason = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
    return InputError(f"the service cannot listen at {host}, port {port} ({reason})", "--host", "Name an address of this machine, and a port that you may use")


def _serve(config: "uvicorn.Config", sockets: list[socket.socket]) -> int:
    """Serve until told to stop; returns the exit code."""
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    at = f"[{config.host}]" if ":" in config.host else config.host
    invitation = f"The service answers at http://{at}:{config.port}/api/v1; what it can do is at /openapi.json. Stop it with Ctrl+C."
    with suppress(KeyboardInterrupt):
        if config.workers > 1:
            print(invitation, flush=True)
            Multiprocess(config, sockets=sockets).run()
            return 0
        config.load()  # what cannot be served says so before anybody is invited
        print(invitation, flush=True)
        server = uvicorn.Server(config)
        server.run(sockets)
        return 0 if server.started else 1
    return 0
