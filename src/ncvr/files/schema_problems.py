"""What the strict models call an error, in the words of a person: the one place where they are translated."""

import json
from collections.abc import Mapping
from typing import Any

# Kind of error -> (what is wrong, what to do).
_DATE = ("a date is needed", 'Write it as "2026-04-01"')
_SAYINGS = {
    "extra_forbidden": ("this field is not known here", "Remove it, or correct its name"),
    "missing": ("this field is missing", "Add it"),
    "int_type": ("a whole number is needed", "Write digits only, without quotes, point or exponent"),
    "int_from_float": ("a whole number is needed", "Write digits only, without quotes, point or exponent"),
    "int_parsing": ("a whole number is needed", "Write digits only, without quotes, point or exponent"),
    "int_parsing_size": ("{input} is too large", "Give a smaller number"),
    "string_type": ("text in quotes is needed", 'Put the value in quotes, such as "123.45"; a number could lose digits'),
    "string_unicode": ("this text holds a broken character", "Write it again"),
    "bool_type": ("true or false is needed", "Write true or false, without quotes"),
    "bool_parsing": ("true or false is needed", "Write true or false, without quotes"),
    "list_type": ("a list is needed", "Put the entries in [ ]"),
    "tuple_type": ("a list is needed", "Put the entries in [ ]"),
    "dict_type": ("an object is needed", "Put the entries in {{ }}"),
    "model_type": ("an object is needed", "Put the fields in {{ }}"),
    "model_attributes_type": ("an object is needed", "Put the fields in {{ }}"),
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
    "none_required": ("nothing may stand here", "Write null, or leave it out"),
    "string_too_short": ("this must not be empty", "Give it, or leave the field out if it may be missing"),
    "string_too_long": ("this text is too long", "Keep it to {max_length} characters"),
    "string_pattern_mismatch": ("{input} is not written as it must be", "Write it so that it fits the pattern {pattern}"),
    "too_short": ("there are too few entries: {actual_length}", "Give at least {min_length}"),
    "too_long": ("there are too many entries: {actual_length}", "Give at most {max_length}"),
    "greater_than": ("{input} is too small", "Give a number above {gt}"),
    "greater_than_equal": ("{input} is too small", "Give a number of at least {ge}"),
    "less_than": ("{input} is too large", "Give a number below {lt}"),
    "less_than_equal": ("{input} is too large", "Give a number of at most {le}"),
    "literal_error": ("{input} is not one of the values known here", "Use one of {expected}"),
}
_PATTERNS = {
    r"^[1-9][0-9]{3,6}$": ("{input} is not an IRAS ID", "Give four to seven digits, not starting with 0"),
    r"^[0-9]+$": ("{input} is not a CPMS ID", "Give digits only"),
    r"^[A-Z0-9]{3,10}$": ("{input} is not an organisation code", "Use three to ten letters and digits, such as RGT"),
    r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$": ("{input} cannot be an id", "Use letters, digits, full stop, hyphen or underscore; at most 64"),
    r"^sha256:[0-9a-f]{64}$": ("{input} is not a SHA-256", "Copy it whole: sha256: and 64 digits"),
    r"^[0-9]{2}-[0-9]{2}-[0-9]{2}$": ("this is not a sort code", "Write it as 12-34-56"),
    r"^[0-9]{8}$": ("this is not an account number", "Give its eight digits"),
    r"^[a-z][a-z0-9_]{0,59}$": (
        "{input} cannot be the name of a choice or condition",
        "Use small letters, digits and underscore, as the profile does",
    ),
}
_UNKNOWN = ("{input} cannot stand here", "Write it as the schema says: ncvr schema")


def problem_in_words(problem: Mapping[str, Any]) -> tuple[str, str]:
    """What is wrong and what to do, for one error of a model.

    >>> problem_in_words({"type": "too_short", "input": [], "ctx": {"min_length": 1, "actual_length": 0}})
    ('there are too few entries: 0', 'Give at least 1')
    """
    if problem["type"] == "value_error":  # our own rule, which says it with its remedy after a semicolon
        says, _, remedy = str(problem["ctx"]["error"]).partition("; ")
        return says, remedy[:1].upper() + remedy[1:] or "Correct the value"
    context = {key: str(value) for key, value in problem.get("ctx", {}).items()} | {"input": _brief(problem.get("input"))}
    says, remedy = _PATTERNS.get(context.get("pattern", ""), _SAYINGS.get(problem["type"], _UNKNOWN))
    return says.format(**context), remedy.format(**context)


def _brief(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "..."
