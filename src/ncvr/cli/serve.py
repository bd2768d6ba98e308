"""``ncvr serve``: the service, on this machine unless told otherwise."""

import argparse
import sys


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", metavar="H", help="address to listen on (default: 127.0.0.1, this machine only)")
    parser.add_argument("--port", type=int, default=8000, metavar="N", help="default: 8000")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="server processes (default: 1)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    import uvicorn

    from ncvr.services.opening import check_serving, open_office

    office = open_office()
    said = check_serving(office.store, arguments.host, arguments.workers)
    office.store.close()
    if said:
        print(f"notice: {said}", file=sys.stderr)
    print(f"The service answers at http://{arguments.host}:{arguments.port}/api/v1; what it can do is at /openapi.json. Stop it with Ctrl+C.", flush=True)
    uvicorn.run(
        "ncvr.web.serving:application",
        factory=True,
        host=arguments.host,
        port=arguments.port,
        workers=arguments.workers if arguments.workers > 1 else None,
        log_config=None,
        access_log=False,
        server_header=False,
    )
    return 0
