"""Many contracts on disk or in one zip: all of them or none, and nothing overwritten without leave."""

import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from pathlib import Path

from ncvr.errors import Finding, InputError
from ncvr.files.writing import write_whole

_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # a zip names no earlier day; a fixed one keeps equal contents equal


def write_files(folder: Path, files: Mapping[str, bytes], *, force: bool) -> None:
    """Write every file (names with ``/`` make folders below). Raises InputError naming all that exist; then none is written."""
    there = [folder / name for name in files if (folder / name).exists()]
    if folder.is_file():
        raise InputError("this is a file, and several contracts need a folder", str(folder), "Give the name of a folder, or one ending in .zip")
    if there and not force:
        raise InputError.of(Finding(str(path), "the file exists already", "Choose another folder, or give --force to replace it") for path in there)
    made: list[Path] = []
    try:
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, content, force=force)
            made.append(path)
    except (OSError, InputError):
        for path in set(made) - set(there):
            path.unlink()
        raise


def write_tree(folder: Path, files: Iterable[tuple[str, bytes]], *, force: bool) -> None:
    """The same for files that are made while they are written: first beside the folder, then all of them moved to its place.

    What the making raises is passed on. Raises InputError naming every file that exists already; then none is moved.
    """
    if folder.is_file():
        raise InputError("this is a file, and several contracts need a folder", str(folder), "Give the name of a folder, or one ending in .zip")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as temporary:
            home = Path(temporary) / folder.name
            _move_all([_made(home, name, content) for name, content in files], home, folder, force=force)
    except OSError as error:
        raise InputError(f"cannot write here ({error.strerror})", str(folder), "Choose a folder that you may write to") from error


def _made(home: Path, name: str, content: bytes) -> Path:
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def _move_all(made: list[Path], home: Path, folder: Path, *, force: bool) -> None:
    """In one move where there is no such folder yet; else file by file."""
    if not folder.exists():
        home.rename(folder)
        return
    places = [folder / path.relative_to(home) for path in made]
    if there := [place for place in places if place.exists() and not force]:
        raise InputError.of(Finding(str(place), "the file exists already", "Choose another folder, or give --force to replace it") for place in there)
    for path, place in zip(made, places, strict=True):
        place.parent.mkdir(parents=True, exist_ok=True)
        path.replace(place)


def zip_of(files: Mapping[str, bytes]) -> bytes:
    """The files as a zip; equal files give equal bytes. Word and Excel files are packed already and are stored as they are."""
    return b"".join(zip_stream(files.items()))


def zip_stream(files: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """The same zip, handed on while it is made, so that no more than one file is held at a time."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w") as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name, _FIRST_DAY)
            entry.compress_type = zipfile.ZIP_STORED if name.endswith((".docx", ".xlsx")) else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
            yield sink.taken()
    yield sink.taken()


class _Sink(BytesIO):
    """Where a zip is written that nobody keeps whole: it holds one entry, whose head can still be mended when its size is known."""

    def __init__(self) -> None:
        super().__init__()
        self._handed_on = 0

    def tell(self) -> int:
        return self._handed_on + super().tell()

    def seek(self, position: int, whence: int = 0, /) -> int:
        return super().seek(position - self._handed_on if whence == 0 else position, whence)

    def taken(self) -> bytes:
        content = self.getvalue()
        self._handed_on += len(content)
        super().seek(0)
        self.truncate(0)
        return content
