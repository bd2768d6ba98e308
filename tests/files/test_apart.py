"""Whoever reads a file from outside has no secret of the service, few files, and nobody to tell."""

import json
import socket
from collections.abc import Iterator

import pytest

from ncvr.files.apart import run_apart


@pytest.fixture
def port() -> Iterator[int]:
    """Somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def test_a_process_that_reads_a_file_from_outside_inherits_no_secret_opens_few_files_and_reaches_nobody(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NCVR_DATABASE_URL", "postgresql://ncvr:secret@127.0.0.1/ncvr")
    done = run_apart("tests.files.confined_child", [], str(port).encode(), seconds=30)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [name for name in told["environment"] if name.startswith("NCVR")] == []
    assert told["files"] < 64
    assert told["before"] is True  # the control: it could, before the doors were closed
    if not told["closed"]:
        pytest.skip("this system lets no process leave its network")
    assert told["after"] is False
