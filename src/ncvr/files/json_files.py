"""JSON as we accept it: UTF-8, no key twice, and every problem with its place in the file's own words."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ncvr.errors import Finding, InputError
from ncvr.files.schema_problems import problem_in_words

Model = TypeVar("Model", bound=BaseModel)
LARGEST_FILE = 64 * 1024 * 1024
_LONGEST_NUMBER = 30  # digits

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:]')


def read_json_bytes(path: Path) -> bytes:
    """The file's bytes. Raises InputError if it is missing, unreadable or larger than 64 MB."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise InputError("the file is larger than 64 MB", str(path), "Check that it is the right file")
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", str(path), "Check the file's name and permissions") from error


def parse_json(content: bytes, place: str) -> Any:
    """The JSON value. Raises InputError with line and column if it is not JSON, not UTF-8 or names a key twice."""
    try:
        text = content.decode("utf-8-sig")
        return json.loads(text, object_pairs_hook=_once_each, parse_constant=_no_constant, parse_int=_whole)
    except UnicodeDecodeError as error:
        raise InputError("the file is not UTF-8 text", place, "Save it again as UTF-8") from error
    except json.JSONDecodeError as error:
        raise InputError(
            f"not JSON: {error.msg[0].lower() + error.msg[1:]}", f"{place}:{error.lineno}:{error.colno}", "Correct it there; a comma or quote may be missing"
        ) from error
    except RecursionError as error:
        raise InputError("the file is nested too deeply", place, "Check that it is the right file") from error
    except _Twice as error:
        raise InputError(str(error), f"{place}:{_line_of_repeat(text)}", "Keep one of them") from error
    except ValueError as error:
        raise InputError(str(error), place, "Correct it and try again") from error


def _whole(digits: str) -> int:
    """Raises ValueError for a number that is none of ours: to read one of thousands of digits would take long."""
    if len(digits) > _LONGEST_NUMBER:
        raise ValueError(f"a number has {len(digits)} digits")
    return int(digits)


class _Twice(ValueError):
    """One object names a field twice."""


def _line_of_repeat(text: str) -> int:
    """The line of the first field that its object has already named."""
    named: list[set[str]] = []
    last = re.match("", text)
    for token in _TOKEN.finditer(text):
        if token[0] in "{[":
            named.append(set())
        elif token[0] in "}]":
            named.pop()
        elif token[0] == ":" and last is not None:
            if last[0] in named[-1]:
                return text.count("\n", 0, last.start()) + 1
            named[-1].add(last[0])
        last = token
    return 1


def _once_each(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise _Twice(f"the field {twice!r} stands twice in one object; readers would disagree which one counts")
    return record


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number that JSON knows")


def check_format(record: Any, place: str, form: str) -> list[Finding]:
    """A finding if a file does not say what it is: of a later format every field could mean something else."""
    if not isinstance(record, Mapping) or "format" in record:
        return []
    return [Finding(_join(place, "format"), "the file does not say what it is", f'Begin it with "format": "{form}"')]


def validated(model: type[Model], record: Any, place: str, where: Callable[[Any, tuple[Any, ...]], str] | None = None) -> tuple[Model | None, list[Finding]]:
    """The record as a model, or all its findings; ``where`` puts a pydantic location into the field's words."""
    try:
        return model.model_validate(record), []
    except ValidationError as error:
        name = where or dotted
        return None, [_finding(record, problem, place, name) for problem in _once_per_place(error.errors())]


def _once_per_place(problems: Iterable[Any]) -> list[Any]:
    """One finding a place: a value that fits none of several types is one problem, not several."""
    return list({tuple(part for part in problem["loc"] if not _is_branch(part)): problem for problem in problems}.values())


def _is_branch(part: object) -> bool:
    return isinstance(part, str) and (part.startswith(("function-", "constrained-")) or "[" in part)


def _finding(record: Any, problem: Mapping[str, Any], place: str, where: Callable[[Any, tuple[Any, ...]], str]) -> Finding:
    return Finding(_join(place, where(record, problem["loc"])), *problem_in_words(problem))


def _join(place: str, within: str) -> str:
    return f"{place}: {within}" if within else place


def dotted(_record: Any, location: tuple[Any, ...]) -> str:
    """A pydantic location as ``sites.RGT.dates``."""
    return ".".join(str(part) for part in location if not _is_branch(part))


def written_json(record: Any) -> bytes:
    """JSON for people and tools: two spaces, UTF-8, a newline at the end; the same value gives the same bytes."""
    return (json.dumps(record, ensure_ascii=False, indent=2) + "\n").encode("utf-8")
