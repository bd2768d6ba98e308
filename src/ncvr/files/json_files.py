"""JSON as we accept it: UTF-8, no key twice, and every problem with its place in the file's own words."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ncvr.errors import Finding, InputError

Model = TypeVar("Model", bound=BaseModel)
LARGEST_FILE = 64 * 1024 * 1024

# What pydantic calls an error -> what a person reads. The rest keep pydantic's own sentence.
_SAYINGS = {
    "extra_forbidden": ("this field is not known here", "Remove it, or correct its name"),
    "missing": ("this field is missing", "Add it"),
    "int_type": ("a whole number is needed", "Write digits only, without quotes, point or exponent"),
    "int_from_float": ("a whole number is needed", "Write digits only, without quotes, point or exponent"),
    "string_type": ("text in quotes is needed", 'Put the value in quotes, such as "123.45"; a number could lose digits'),
    "bool_type": ("true or false is needed", "Write true or false, without quotes"),
    "list_type": ("a list is needed", "Put the entries in [ ]"),
    "dict_type": ("an object is needed", "Put the entries in {{ }}"),
    "model_type": ("an object is needed", "Put the fields in {{ }}"),
    "date_type": ("a date is needed", 'Write it as "2026-04-01"'),
    "string_too_short": ("this must not be empty", "Give it, or leave the field out if it may be missing"),
    "greater_than": ("{input} is too small", "Give a number above {gt}"),
    "greater_than_equal": ("{input} is too small", "Give a number of at least {ge}"),
    "less_than_equal": ("{input} is too large", "Give a number of at most {le}"),
    "string_too_long": ("this text is too long", "Keep it to {max_length} characters"),
    "literal_error": ("{input} is not one of the values known here", "Use one of {expected}"),
}
_PATTERNS = {
    r"^[1-9][0-9]{3,6}$": ("{input} is not an IRAS ID", "Give four to seven digits, not starting with 0"),
    r"^[0-9]+$": ("{input} is not a CPMS ID", "Give digits only"),
    r"^[A-Z0-9]{3,10}$": ("{input} is not an organisation code", "Use three to ten capital letters and digits, such as RGT"),
    r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$": ("{input} cannot be an id", "Use letters, digits, full stop, hyphen or underscore; at most 64"),
}


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
        return json.loads(content.decode("utf-8-sig"), object_pairs_hook=_once_each, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise InputError("the file is not UTF-8 text", place, "Save it again as UTF-8") from error
    except json.JSONDecodeError as error:
        raise InputError(
            f"not JSON: {error.msg[0].lower() + error.msg[1:]}", f"{place}:{error.lineno}:{error.colno}", "Correct it there; a comma or quote may be missing"
        ) from error
    except RecursionError as error:
        raise InputError("the file is nested too deeply", place, "Check that it is the right file") from error
    except ValueError as error:
        raise InputError(str(error), place, "Correct it and try again") from error


def _once_each(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the field {twice!r} stands twice in one object; readers would disagree which one counts")
    return record


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number that JSON knows")


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
    context = {key: str(value) for key, value in problem.get("ctx", {}).items()} | {"input": _brief(problem.get("input"))}
    says, remedy = _PATTERNS.get(context.get("pattern", ""), _SAYINGS.get(problem["type"], ("", "")))
    if problem["type"] == "value_error":
        says, _, remedy = str(problem["ctx"]["error"]).partition("; ")
        return Finding(_join(place, where(record, problem["loc"])), says, remedy[:1].upper() + remedy[1:] or "Correct the value")
    return Finding(_join(place, where(record, problem["loc"])), says.format(**context) or problem["msg"], remedy.format(**context) or "Correct the value")


def _join(place: str, within: str) -> str:
    return f"{place}: {within}" if within else place


def _brief(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "..."


def dotted(_record: Any, location: tuple[Any, ...]) -> str:
    """A pydantic location as ``sites.RGT.dates``."""
    return ".".join(str(part) for part in location if not _is_branch(part))


def written_json(record: Any) -> bytes:
    """JSON for people and tools: two spaces, UTF-8, a newline at the end; the same value gives the same bytes."""
    return (json.dumps(record, ensure_ascii=False, indent=2) + "\n").encode("utf-8")
