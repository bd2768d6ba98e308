"""What every test may ask for, and how hypothesis runs."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.needs import require

collect_ignore = ["benchmarks"]

# Two cores shared with other work make deadlines lie. Failures print a blob that replays them.
settings.register_profile("default", deadline=None, max_examples=50, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("default"), max_examples=100)
settings.register_profile("thorough", settings.get_profile("default"), max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "default"))


@pytest.fixture(autouse=True, scope="session")
def _no_keys_of_the_person_at_this_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Whoever has a signing key signs what they fill; tests begin without one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NCVR_KEYS", str(tmp_path_factory.mktemp("keys") / "none"))
        yield


class LibreOffice:
    """LibreOffice with a profile of its own, so that test processes side by side do not lock each other out."""

    def __init__(self, path: str, profile: Path) -> None:
        self.path = path
        self.profile = profile

    def convert(self, document: Path, to_format: str, folder: Path) -> Path:
        """``document`` as ``to_format`` ("pdf", "docx", "odt", "xlsx" ...) in ``folder``; returns the file made."""
        folder.mkdir(parents=True, exist_ok=True)
        words = [self.path, "--headless", "--norestore", f"-env:UserInstallation={self.profile.as_uri()}"]
        words += ["--convert-to", to_format, "--outdir", str(folder), str(document)]
        said = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=180, check=True)
        made = folder / f"{document.stem}.{to_format.split(':')[0]}"
        assert made.is_file(), f"LibreOffice made no {made.name}: {said.stdout}{said.stderr}"
        return made


@pytest.fixture(scope="session")
def soffice(tmp_path_factory: pytest.TempPathFactory) -> LibreOffice:
    """LibreOffice, for what must be seen by a word processor that is not ours."""
    path = shutil.which("soffice") or shutil.which("libreoffice")
    require("LibreOffice", path is not None, "Install libreoffice-writer and libreoffice-calc")
    assert path is not None  # require() does not return otherwise
    return LibreOffice(path, tmp_path_factory.mktemp("libreoffice-profile"))


@pytest.fixture(scope="session")
def poppler() -> None:
    """pdftotext and pdftoppm, for looking into a PDF."""
    require("poppler", all(shutil.which(name) for name in ("pdftotext", "pdftoppm")), "Install poppler-utils")
