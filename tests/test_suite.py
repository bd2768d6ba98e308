"""The suite cannot shrink unseen: every test file holds tests, and no test hides in a file that is not collected."""

import ast
from pathlib import Path

import pytest

from tests.needs import require

TESTS = Path(__file__).parent


def names_of_tests(path: Path) -> list[str]:
    """Test functions, test classes and hypothesis machines at the top of a file."""
    names: list[str] = []
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.Assign):
            names.extend(target.id for target in node.targets if isinstance(target, ast.Name))
    return [name for name in names if name.startswith(("test_", "Test"))]


def test_every_test_file_holds_tests() -> None:
    files = sorted(TESTS.rglob("test_*.py"))
    assert files
    for path in files:
        found = names_of_tests(path)
        assert found, f"{path.relative_to(TESTS)} holds no test"
        assert len(found) == len(set(found)), f"{path.relative_to(TESTS)} has two tests of one name: the first never runs"


def test_no_test_hides_where_nobody_collects_it() -> None:
    for path in sorted(TESTS.rglob("*.py")):
        assert path.name.startswith("test_") or not names_of_tests(path), f"Name {path.relative_to(TESTS)} test_*.py: it holds tests"


@pytest.mark.parametrize(("everything", "outcome"), [("", pytest.skip.Exception), ("1", pytest.fail.Exception)])
def test_a_missing_program_skips_a_test_and_in_ci_fails_it(monkeypatch: pytest.MonkeyPatch, everything: str, outcome: type[BaseException]) -> None:
    monkeypatch.setenv("NCVR_REQUIRE_ALL", everything)
    require("A program", True, "Install it")
    with pytest.raises(outcome, match=r"A program is missing\. Install it"):
        require("A program", False, "Install it")
