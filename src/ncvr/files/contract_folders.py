"""Many contracts on disk or in one zip: all of them or none, and nothing overwritten without leave."""

import zipfile
from collections.abc import Mapping
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


def zip_of(files: Mapping[str, bytes]) -> bytes:
    """The files as a zip; equal files give equal bytes. A Word file is packed already and is stored as it is."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _FIRST_DAY)
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(".docx") else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return packed.getvalue()
