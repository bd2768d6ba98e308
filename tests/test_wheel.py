"""The built package works by itself: installed into an empty environment, run from another folder, with its own tariffs and templates."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from tests.tiny_editions import write_tiny_edition

ROOT = Path(__file__).parent.parent


def build(target: str, folder: Path) -> Path:
    """Build the wheel or the sdist from the checkout, with the build backend of this environment and no network."""
    subprocess.run([sys.executable, "-m", "build", f"--{target}", "--no-isolation", "--outdir", str(folder), str(ROOT)], check=True, capture_output=True)
    (made,) = folder.iterdir()
    return made


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", tmp_path_factory.mktemp("wheel"))


class Installed:
    """The wheel in an environment that holds nothing else; the libraries it depends on are borrowed from this one."""

    def __init__(self, folder: Path, wheel: Path) -> None:
        self.elsewhere = folder / "elsewhere"
        self.elsewhere.mkdir()
        environment = folder / "environment"
        venv.create(environment, with_pip=False, symlinks=True)
        self.binaries = environment / "bin"
        pip = [sys.executable, "-m", "pip", "--python", str(self.binaries / "python"), "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
        subprocess.run(pip, check=True, capture_output=True)
        self.packages = Path(self.run("python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
        # One by one, and not this environment as a whole: its editable ncvr would hide a file that the wheel lacks.
        for library in Path(sysconfig.get_path("purelib")).iterdir():
            if "ncvr" not in library.name and library.suffix != ".pth" and not (self.packages / library.name).exists():
                (self.packages / library.name).symlink_to(library)

    def run(self, *words: str, **variables: str) -> str:
        """What one of its programs printed, run from another folder with no NCVR_ variable but those given."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("NCVR_", "PYTHON"))}
        program = [str(self.binaries / words[0]), *words[1:]]
        said = subprocess.run(program, cwd=self.elsewhere, env=kept | variables, capture_output=True, text=True, check=False)
        assert said.returncode == 0, said.stderr
        return said.stdout


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return Installed(tmp_path_factory.mktemp("installed"), wheel)


def test_the_wheel_holds_every_tariff_and_template_and_nothing_else(wheel: Path) -> None:
    places = {"src/ncvr": "ncvr", "tariffs": "ncvr/reference_data/tariffs", "contract_templates": "ncvr/reference_data/contract_templates"}
    wanted = {
        f"{inside}/{path.relative_to(ROOT / folder).as_posix()}"
        for folder, inside in places.items()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.parent.name != "__pycache__"
    }
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == wanted


def test_the_wheel_is_the_same_to_the_byte_whenever_it_is_built(wheel: Path, tmp_path: Path) -> None:
    assert build("wheel", tmp_path).read_bytes() == wheel.read_bytes()


def test_the_installed_package_uses_its_own_tariffs_and_templates(installed: Installed) -> None:
    program = "from ncvr import settings; print(settings.tariffs_folder()); print(settings.templates_folder())"
    inside = installed.packages / "ncvr" / "reference_data"
    assert installed.run("python", "-c", program).splitlines() == [str(inside / "tariffs"), str(inside / "contract_templates")]
    assert "2026-04-01-illustrative" in installed.run("ncvr", "tariff", "list")


def test_the_installed_package_runs_the_demo_from_another_folder(installed: Installed) -> None:
    installed.run("ncvr", "demo", "--dir", "demo", "--no-serve")
    assert len(list((installed.elsewhere / "demo" / "contracts").glob("*.docx"))) == 10


def test_variables_point_the_installed_package_elsewhere(installed: Installed, tmp_path: Path) -> None:
    tariffs, templates = tmp_path / "tariffs", tmp_path / "templates"
    write_tiny_edition(tariffs, "2026-04-01-tiny")
    listed = installed.run("ncvr", "tariff", "list", NCVR_TARIFFS=str(tariffs))
    assert "2026-04-01-tiny" in listed
    assert "2026-04-01-illustrative" not in listed
    shutil.copytree(ROOT / "contract_templates", templates)
    (templates / "acceptance.csv").write_text("".join((templates / "acceptance.csv").read_text("utf-8").splitlines(keepends=True)[:2]), "utf-8")
    lines = [len(installed.run("ncvr", "template", "list", **variables).splitlines()) for variables in ({}, {"NCVR_TEMPLATES": str(templates)})]
    assert lines[0] > lines[1]


def test_the_sdist_holds_what_the_wheel_is_built_from(tmp_path: Path) -> None:
    with tarfile.open(build("sdist", tmp_path)) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", "src/ncvr/__init__.py", "tariffs/editions.lock"} <= held
