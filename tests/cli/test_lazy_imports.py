"""No command imports what it does not use, so that each starts as fast as it can."""

import subprocess
import sys
from pathlib import Path

import pytest

from ncvr.cli.main import COMMANDS

EXAMPLES = Path(__file__).parents[2] / "src" / "ncvr" / "examples"
HEAVY = {"alembic", "cryptography", "docx", "fastapi", "lxml", "numpy", "openpyxl", "psycopg", "pydantic", "sqlalchemy", "starlette", "uvicorn", "yaml"}

RUN = """
import contextlib, io, sys
from ncvr.cli.main import main
words = sys.argv[1:]
code = 0
with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())):
    try:
        code = main(words)
    except SystemExit as stopped:
        code = stopped.code
print(code, *sorted({name.split(".")[0] for name in sys.modules}))
"""


def imported(*words: str) -> set[str]:
    """The heavy libraries that a command, run to its good end in a process of its own, imports."""
    said = subprocess.run([sys.executable, "-c", RUN, *words], capture_output=True, text=True, check=True)
    code, *names = said.stdout.split()
    assert code == "0", said.stderr
    return HEAVY & set(names)


@pytest.mark.parametrize("words", [["--help"], ["--version"], *([command, "--help"] for command in COMMANDS)], ids=" ".join)
def test_help_imports_no_library_at_all(words: list[str]) -> None:
    assert imported(*words) == set()


@pytest.mark.parametrize(
    ("words", "needed"),
    [
        (["tariff", "list"], {"pydantic", "yaml"}),
        (["tariff", "check"], {"pydantic", "yaml"}),
        (["study", "check", str(EXAMPLES / "study.json"), "--on", "2026-06-01"], {"pydantic", "yaml"}),
        (["price", str(EXAMPLES / "study.json"), "--all-sites", "--on", "2026-06-01"], {"pydantic", "yaml"}),
        (["schema", "study"], {"pydantic"}),
        (["template", "list"], {"lxml", "pydantic", "yaml"}),
        (["template", "check"], {"lxml", "pydantic", "yaml"}),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, list) else "",
)
def test_a_command_imports_only_the_libraries_it_uses(words: list[str], needed: set[str]) -> None:
    assert imported(*words) <= needed
