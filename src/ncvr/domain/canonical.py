"""Canonical JSON: one value, one sequence of bytes, so that a hash means the content and nothing else.

RFC 8785 restricted to our types: objects with text keys, lists, text, whole numbers, true, false and null. Keys are
sorted by UTF-16 code unit as the RFC asks, there are no spaces, and the bytes are UTF-8. A number with a fraction is
refused: money, rates and multipliers are text everywhere.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

# RFC 8785 numbers are IEEE doubles: a larger whole number would not survive in other readers.
_LARGEST = 2**53 - 1
_written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def canonical_json(value: object) -> bytes:
    """The value as canonical JSON in UTF-8.

    Raises TypeError for a float, a Decimal, a date or any other type that is not JSON's own, and ValueError for a whole
    number beyond 2**53 - 1 or text that is not Unicode (a lone surrogate).

    >>> canonical_json({"b": [1, None, True], "a": "é"}).decode()
    '{"a":"é","b":[1,null,true]}'
    """
    return _written(_ordered(value)).encode("utf-8")


def canonical_writer(keys: Iterable[str]) -> Callable[[Mapping[str, object]], bytes]:
    """:func:`canonical_json` for many objects that have just these keys, which it puts in order once.

    >>> canonical_writer(["b", "a"])({"b": 1, "a": None})
    b'{"a":null,"b":1}'
    """
    ordered = sorted(keys, key=_utf16)

    def write(value: Mapping[str, object]) -> bytes:
        members = {key: member if (member := value[key]).__class__ is str else _ordered(member) for key in ordered}
        return _written(members).encode("utf-8")

    return write


def sha256_of(value: object) -> str:
    """``sha256:`` and the SHA-256 of the value's canonical JSON, in hexadecimal.

    >>> sha256_of({})
    'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'
    """
    return "sha256:" + hashlib.sha256(canonical_json(value)).hexdigest()


def _ordered(value: object) -> object:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        if abs(value) > _LARGEST:
            raise ValueError(f"{value} is too large a whole number for canonical JSON; write it as text")
        return value
    if isinstance(value, Mapping):
        return {key: _ordered(value[key]) for key in sorted(value, key=_utf16)}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [_ordered(member) for member in value]
    raise TypeError(f"canonical JSON has no place for a {type(value).__name__}: {value!r}")


@lru_cache(maxsize=10_000)  # the same few keys, again and again
def _utf16(key: object) -> bytes:
    if not isinstance(key, str):
        raise TypeError(f"canonical JSON keys are text, not {type(key).__name__}: {key!r}")
    return key.encode("utf-16-be")
