"""P9: asking ``ncvr`` for help takes little longer than starting Python."""

import subprocess
import sys
from pathlib import Path

from tests.benchmarks.rows import Row, medians

NCVR = str(Path(sys.executable).with_name("ncvr"))


def measure() -> list[Row]:
    """One row: ``ncvr --help`` against ``python -c pass``, each in a process of its own."""
    took = medians({"pass": lambda: run(sys.executable, "-c", "pass"), "help": lambda: run(NCVR, "--help")}, rounds=31)
    return [Row(goal="P9", name="ncvr --help / python -c pass", value=took["help"] / took["pass"], bound=5, holds="at most")]


def run(*words: str) -> None:
    subprocess.run(words, stdout=subprocess.DEVNULL, check=True)
