"""Files appear whole or not at all, and never over another without leave."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from ncvr.errors import InputError


def write_whole(path: Path, content: bytes, *, force: bool = False) -> None:
    """Write ``content`` to a temporary neighbour, then move it into place.

    Raises InputError if the file exists (without ``force``) or cannot be written; nothing half-written is left.
    """
    write_streamed(path, (content,), force=force)


def write_streamed(path: Path, chunks: Iterable[bytes], *, force: bool = False) -> None:
    """The same for a file that is made while it is written. What the making raises is passed on, and nothing is left then either."""
    if path.is_dir():
        raise InputError("this is a folder, not a file", str(path), "Give the name of a file to write")
    if path.exists() and not force:
        raise InputError("the file exists already", str(path), "Choose another name, or give --force to replace it")
    try:
        _write_and_move(path, chunks)
    except OSError as error:
        raise InputError(f"cannot write here ({error.strerror})", str(path), "Choose a folder that exists and that you may write to") from error


def _write_and_move(path: Path, chunks: Iterable[bytes]) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            for chunk in chunks:
                file.write(chunk)
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def wait_for_disk(path: Path) -> None:
    """Wait until the disk has a file, or what a folder lists: "done" is true after a power cut too."""
    if os.name == "nt" and path.is_dir():
        return  # Windows opens no folder
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
