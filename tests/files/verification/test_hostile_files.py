"""Whatever is handed in, the answer comes within two seconds of work and 300 MB, and is never unmodified."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from ncvr.errors import CannotTell, Finding
from ncvr.files.docx_package import read_package
from ncvr.files.docx_parts import read_parts
from ncvr.files.verification.confined import verify_confined
from tests.contract_fixtures import Filling, filled
from tests.files.verification.hostile_files import MAKERS, made

ROOT = Path(__file__).parents[3]


@cache
def answers(folder: Path) -> dict[str, dict[str, str]]:
    for name, content in made():
        (folder / name).write_bytes(content)
    (folder / "true_contract").write_bytes(filled(Filling()))
    said = subprocess.run(
        [sys.executable, "-m", "tests.files.verification.hostile_child", str(folder)], cwd=ROOT, capture_output=True, text=True, timeout=300, check=True
    )
    return {record["name"]: record for record in map(json.loads, said.stdout.splitlines())}


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    return answers(tmp_path_factory.mktemp("hostile"))


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_a_hostile_file_is_refused_within_the_limits(answered: dict[str, dict[str, str]], name: str) -> None:
    answer = answered[name]
    assert answer["verdict"] == "cannot tell", answer
    assert answer["words"] == "not compared", answer
    assert "needs more than" not in answer["says"], f"it was stopped by the limits instead of being refused: {answer}"


def test_a_true_contract_passes_under_the_same_limits(answered: dict[str, dict[str, str]]) -> None:
    assert answered["true_contract"]["words"] == "equal"


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_a_refusal_says_what_to_do(name: str) -> None:
    findings = refusal(MAKERS[name](), name)
    assert all(finding.place.startswith(name) and finding.problem and finding.remedy for finding in findings)


def refusal(content: bytes, name: str) -> tuple[Finding, ...]:
    """What is said of the package, if it is refused before the document is read."""
    try:
        read_parts(read_package(content, name))
    except CannotTell as refused:
        return refused.findings
    return ()


def test_work_that_takes_too_long_or_too_much_is_cannot_tell_with_that_reason() -> None:
    program = (
        "from ncvr.files.verification.confined import verify_confined\n"
        "def endless():\n"
        "    while True: pass\n"
        "def greedy():\n"
        "    return bytearray(900 * 2**20)\n"
        "print(verify_confined(endless, seconds=1).says)\n"
        "print(verify_confined(greedy).says)\n"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True).stdout.splitlines()
    assert "seconds of work" in said[0]
    assert "MB of memory" in said[1]


def test_a_verdict_comes_back_whole_from_the_child() -> None:
    from ncvr.domain.verdict import cannot_tell

    assert verify_confined(lambda: cannot_tell("as told")).says == "as told"
