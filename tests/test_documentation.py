"""What people read is true: every command, option, variable and exit code is documented, and nothing that does not exist is."""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ncvr import errors
from ncvr.cli.main import COMMANDS, command_line

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "src" / "ncvr" / "cli" / "COMMANDS.md"
README = ROOT / "README.md"
SHOWN = PAGE.relative_to(ROOT)


def parsers(command: str) -> dict[str, argparse.ArgumentParser]:
    """The parsers that do something, by name: of ``tariff`` these are ``ncvr tariff list``, ``ncvr tariff check`` ..."""
    subparsers = next(action for action in command_line(command)._actions if isinstance(action, argparse._SubParsersAction))
    return {parser.prog: parser for parser in without_subcommands(subparsers.choices[command])}


def without_subcommands(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    deeper = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not deeper:
        yield parser
    for action in deeper:
        for each in action.choices.values():
            yield from without_subcommands(each)


def options(parser: argparse.ArgumentParser) -> set[str]:
    return {option for action in parser._actions for option in action.option_strings} - {"-h", "--help"}


def words(parser: argparse.ArgumentParser) -> set[str]:
    """Everything a person can type or must fill in: options, choices, names of arguments."""
    named = {str(choice) for action in parser._actions for choice in action.choices or ()}
    return options(parser) | named | {str(action.metavar) for action in parser._actions if not action.option_strings and action.metavar}


def documented() -> dict[str, str]:
    """The text of each command's section, by the command's name."""
    parts = re.split(r"^### `(ncvr [^`]*)`$", PAGE.read_text("utf-8"), flags=re.M)
    sections: dict[str, str] = {}
    for heading, body in zip(parts[1::2], parts[2::2], strict=True):
        name = re.match(r"ncvr( [a-z-]+)*", heading)
        assert name is not None
        sections[name[0]] = heading + re.split(r"^## ", body, flags=re.M)[0]
    return sections


def says(text: str, word: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text) is not None


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_documented_with_all_its_options(command: str) -> None:
    sections = documented()
    for name, parser in parsers(command).items():
        if name not in sections:
            pytest.fail(f"Add a section to {SHOWN}: ### `{name}`, then a sentence and a line for each option", pytrace=False)
        missing = [word for word in sorted(words(parser)) if not says(sections[name], word)]
        if missing:
            pytest.fail(f"In {SHOWN}, section `{name}`, say something of {', '.join(missing)}", pytrace=False)


@pytest.mark.parametrize("name", documented())
def test_every_documented_command_and_option_exists(name: str) -> None:
    known = parsers(name.split()[1])
    if name not in known:
        pytest.fail(f"{SHOWN} documents `{name}`, which does not exist: remove its section, or add the command", pytrace=False)
    invented = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", documented()[name])) - options(known[name])
    if invented:
        pytest.fail(f"{SHOWN} gives `{name}` what it does not have: {', '.join(sorted(invented))}", pytrace=False)


@pytest.mark.parametrize("path", [README, PAGE, ROOT / "CHANGELOG.md", ROOT / "tariffs" / "README.md"], ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page_names_only_commands_and_targets_that_exist(path: Path) -> None:
    text = path.read_text("utf-8")
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), flags=re.M)
    assert set(re.findall(r"(?:`|^    )make ([a-z]+)", text, flags=re.M)) <= set(targets)
    named = set(re.findall(r"(?:`|^    |\$ )ncvr ([a-z]+)", text, flags=re.M))
    assert named <= set(COMMANDS)


def test_every_environment_variable_is_documented() -> None:
    read = set(re.findall(r'"(NCVR_[A-Z_]+)"', (ROOT / "src" / "ncvr" / "settings.py").read_text("utf-8")))
    assert read
    assert set(re.findall(r"`(NCVR_[A-Z_]+)`", PAGE.read_text("utf-8"))) == read


def test_every_exit_code_is_documented() -> None:
    kinds = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.NcvrError)]
    listed = {int(code) for code in re.findall(r"^\| (\d+) \|", PAGE.read_text("utf-8"), flags=re.M)}
    assert {kind.exit_code for kind in kinds} <= listed


def test_the_tree_of_errors_is_drawn_with_every_error_and_its_exit_code() -> None:
    drawn = dict(re.findall(r"(\w+) {2,}(\d+)", errors.__doc__ or ""))
    names = set(re.findall(r"─ (\w+)", errors.__doc__ or "")) | {"NcvrError"}
    for name, kind in vars(errors).items():
        if isinstance(kind, type) and issubclass(kind, errors.NcvrError):
            assert name in names, f"Draw {name} in the docstring of errors.py"
            assert name not in drawn or int(drawn[name]) == kind.exit_code
