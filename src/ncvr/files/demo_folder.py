"""The demo's folder: written whole beside its place, then moved there; only a folder of our own making is ever replaced."""

import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from ncvr.errors import InputError

MARKER = ".ncvr-demo"
_MARKER_TEXT = b"Made by ncvr demo, which replaces this folder when it is run again. Keep nothing of your own here.\n"


def check_demo_folder(folder: Path) -> None:
    """Raises InputError for a folder that is not the demo's own; one that does not exist or is empty will do."""
    if folder.exists() and not (folder / MARKER).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError("this folder was not made by ncvr demo", str(folder), "Choose another with --dir; nothing was changed")


def write_demo_folder(folder: Path, files: Mapping[str, bytes], furnish: Callable[[Path], object]) -> None:
    """Write ``files`` (by path within the folder), and let ``furnish`` add what is no plain file before it all appears.

    Raises InputError for a folder that is not the demo's own.
    """
    check_demo_folder(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
        try:
            _write(made, files)
            furnish(made)
            _move(made, folder)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    except OSError as error:
        raise InputError(f"cannot write here ({error.strerror})", str(folder), "Choose a folder that you may write to") from error


def _write(made: Path, files: Mapping[str, bytes]) -> None:
    made.chmod(0o755)
    for name, content in {MARKER: _MARKER_TEXT, **files}.items():
        path = made / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _move(made: Path, folder: Path) -> None:
    """Swap the new folder in; the old one goes only when the new one stands."""
    if not folder.exists():
        made.rename(folder)
        return
    old = made.with_name(f"{made.name}.old")
    folder.rename(old)
    made.rename(folder)
    shutil.rmtree(old)
