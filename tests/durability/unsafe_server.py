"""The service made unsafe on purpose, for the controls: ``python unsafe_server.py WEAKNESS serve ...``.

A test that finds nothing wrong with the real server must find something wrong with this one.
"""

import sys
from collections.abc import Callable
from typing import Any

from ncvr.cli.main import main
from ncvr.services import costing
from ncvr.store import connections, rules


def less_synchronous(setting: str) -> Callable[[], None]:
    """SQLite waits for the disk only at checkpoints (NORMAL), or never (OFF)."""

    def weaken() -> None:
        safe = connections._set_up_sqlite

        def unsafe(raw: Any, *, guarded: bool) -> None:
            safe(raw, guarded=False)
            raw.execute(f"PRAGMA synchronous={setting}")
            if guarded:
                raw.set_authorizer(rules.sqlite_authorizer)

        connections._set_up_sqlite = unsafe

    return weaken


def last_one_wins() -> None:
    """Whoever decided on an old revision overwrites what others did since."""
    vars(costing)["check_revision"] = lambda *_: None


WEAKNESSES = {"NORMAL": less_synchronous("NORMAL"), "OFF": less_synchronous("OFF"), "LAST-WINS": last_one_wins}

if __name__ == "__main__":
    WEAKNESSES[sys.argv[1]]()
    raise SystemExit(main(sys.argv[2:]))
