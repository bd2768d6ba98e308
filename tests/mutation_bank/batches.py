"""Many documents through LibreOffice in one go."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.conftest import LibreOffice


def convert_all(soffice: LibreOffice, documents: Mapping[str, bytes], to_format: str, folder: Path) -> dict[str, bytes]:
    """Every document as ``to_format``, by the same name; one LibreOffice for all."""
    source, made = folder / "in", folder / "out"
    source.mkdir(parents=True)
    made.mkdir()
    suffix = "odt" if to_format.startswith("docx-of-odt") else "docx"
    for name, content in documents.items():
        (source / f"{name}.{suffix}").write_bytes(content)
    words = [soffice.path, "--headless", "--norestore", f"-env:UserInstallation={soffice.profile.as_uri()}"]
    wanted = "docx" if to_format.startswith("docx-of-odt") else to_format
    files = [str(path) for path in sorted(source.iterdir())]
    said = subprocess.run(
        [*words, "--convert-to", wanted, "--outdir", str(made), *files], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600, check=True
    )
    extension = wanted.split(":")[0]
    missing = [name for name in documents if not (made / f"{name}.{extension}").is_file()]
    assert not missing, f"LibreOffice did not convert {missing}: {said.stdout}{said.stderr}"
    return {name: (made / f"{name}.{extension}").read_bytes() for name in documents}


def resaved(soffice: LibreOffice, documents: Mapping[str, bytes], folder: Path) -> dict[str, bytes]:
    """The documents saved again by LibreOffice as Word files."""
    return convert_all(soffice, documents, "docx", folder)


def resaved_through_odt(soffice: LibreOffice, documents: Mapping[str, bytes], folder: Path) -> dict[str, bytes]:
    """The documents saved in LibreOffice's own format, and from there as Word files."""
    return convert_all(soffice, convert_all(soffice, documents, "odt", folder / "to"), "docx-of-odt", folder / "back")
