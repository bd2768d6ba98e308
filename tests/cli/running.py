"""Running a command as a person does, with what it printed."""

from dataclasses import dataclass

import pytest

from ncvr.cli.main import main


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


def run(capsys: pytest.CaptureFixture[str], *words: object) -> Ran:
    """``ncvr`` with these words; a usage error of the parser counts as its exit code."""
    try:
        code = main([str(word) for word in words])
    except SystemExit as stopped:
        code = int(stopped.code or 0)
    said = capsys.readouterr()
    return Ran(code, said.out, said.err)
