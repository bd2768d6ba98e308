"""A list of passwords that were stolen somewhere, as their SHA-1 hashes: large, sorted, and asked without reading it whole.

The form is that of the lists that are published: a line for each, ``HASH`` or ``HASH:COUNT``, in the order of the hashes.
"""

import hashlib
import re
from pathlib import Path
from typing import BinaryIO

from ncvr.errors import InputError

_LINE = re.compile(rb"([0-9A-Fa-f]{40})(:[0-9]+)?\r?\n?")
_SCANNED = 4096  # bytes read line by line once the place is that near


def is_breached(path: Path, password: str) -> bool:
    """Whether the list has it. Raises InputError for a list that cannot be read, or is none."""
    wanted = hashlib.sha1(password.encode("utf-8"), usedforsecurity=False).hexdigest().upper().encode()
    try:
        with path.open("rb") as file:
            return _has(file, wanted)
    except OSError as error:
        raise InputError(f"the list of stolen passwords cannot be read ({error.strerror})", str(path), "Check NCVR_BREACHED_PASSWORDS") from error


def _has(file: BinaryIO, wanted: bytes) -> bool:
    """By halves: what is wanted stands, if at all, in a line that begins within [low, high)."""
    low, high = 0, file.seek(0, 2)
    _hash_at(file, low)
    while high - low > _SCANNED:
        file.seek((low + high) // 2)
        file.readline()  # the rest of a line
        begins = file.tell()
        if begins >= high:
            high = (low + high) // 2
        elif (found := _hash_at(file, begins)) == wanted:
            return True
        elif found < wanted:
            low = begins
        else:
            high = begins
    file.seek(low)
    while file.tell() < high:
        if _hash_at(file, file.tell()) == wanted:
            return True
    return False


def _hash_at(file: BinaryIO, begins: int) -> bytes:
    file.seek(begins)
    found = _LINE.fullmatch(file.readline(100))
    if found is None:
        says, remedy = "this is no list of stolen passwords", "Name a file of SHA-1 hashes, one a line, sorted, in NCVR_BREACHED_PASSWORDS"
        raise InputError(says, f"{file.name}, byte {begins}", remedy)
    return found[1].upper()
