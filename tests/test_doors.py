"""The layers hold, and the rules that guard them do catch: each is broken here on purpose, in a copy."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parent.parent
SOURCES = ROOT / "src" / "ncvr"
LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")
RUFF = Path(sys.executable).with_name("ruff")

XML_ROOMS = re.compile(r"ncvr\.files\.(appendix_|contract_folders$|contract_form\b|docx_|ict_workbook|\w*template|verification\b|workbook_)")
VERIFIES = re.compile(r"contract_form|verif")
FILLS = re.compile(r"contract_values|fill|prepared_template|template_decisions")
# These measure pages and the likeness of words, never an amount.
MEASURES = ("files/appendix_reader.py", "files/appendix_verifier.py", "files/contract_form/", "files/verification/")

POINTS_DOWN = "Imports point down only"
KNOWS_NOTHING = "The domain knows no files, web, clock or environment"
XML_IN_FILES = "XML, zip, Word and Excel only in the files rooms"
SQL_IN_STORE = "SQL only in the store"
WEB_IN_WEB = "The web framework only in the web"
PROOF = "A proof does not trust what it proves"
FILLING = "What fills does not know how it will be proved"

# a module, the import it must not have, and the contract that says so
FORBIDDEN = [
    ("domain/planted.py", "ncvr.files.reading", POINTS_DOWN),
    ("domain/planted.py", "ncvr.cli.main", POINTS_DOWN),
    ("files/planted.py", "ncvr.services.planted", POINTS_DOWN),
    ("files/planted.py", "ncvr.settings", POINTS_DOWN),
    ("services/planted.py", "ncvr.cli.main", POINTS_DOWN),
    ("utils.py", "ncvr.money", POINTS_DOWN),  # a room that is on no layer
    *[("domain/planted.py", name, KNOWS_NOTHING) for name in ("fastapi", "sqlalchemy", "openpyxl", "docx", "lxml", "yaml", "os", "pathlib", "logging")],
    ("domain/planted.py", "ncvr.settings", KNOWS_NOTHING),
    ("services/planted.py", "lxml", XML_IN_FILES),
    ("cli/planted.py", "zipfile", XML_IN_FILES),
    ("services/planted.py", "sqlalchemy", SQL_IN_STORE),
    ("files/planted.py", "sqlite3", SQL_IN_STORE),
    ("services/planted.py", "fastapi", WEB_IN_WEB),
    ("files/appendix_verifier.py", "ncvr.files.appendix_filler", PROOF),
    ("files/appendix_verifier.py", "ncvr.files.prepared_template", PROOF),
    ("files/appendix_filler.py", "ncvr.files.appendix_verifier", FILLING),
]

BANNED = [
    "import os\n\nFOLDER = os.environ['NCVR_TARIFFS']\n",
    "import os\n\nFOLDER = os.getenv('NCVR_TARIFFS')\n",
    "from datetime import date\n\nTODAY = date.today()\n",
    "from datetime import UTC, datetime\n\nNOW = datetime.now(UTC)\n",
    "import time\n\nNOW = time.time()\n",
]


@pytest.fixture(scope="module")
def said_of_planted_imports(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the import linter says of a copy of the sources with every forbidden import in it."""
    copy = tmp_path_factory.mktemp("planted")
    shutil.copytree(SOURCES, copy / "src" / "ncvr", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    for module, imported, _ in FORBIDDEN:
        path = copy / "src" / "ncvr" / module
        path.parent.mkdir(exist_ok=True)
        with path.open("a") as file:
            file.write(f"import {imported}\n")
    return subprocess.run(
        [LINT_IMPORTS, "--no-cache"], cwd=copy, env=os.environ | {"PYTHONPATH": str(copy / "src")}, capture_output=True, text=True, check=False
    ).stdout


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    return grimp.build_graph("ncvr", include_external_packages=True, cache_dir=None)


def planted_imports() -> list[object]:
    return [pytest.param(*each, id=f"{each[0]} imports {each[1]}") for each in FORBIDDEN]


@pytest.mark.parametrize(("module", "imported", "contract"), planted_imports())
def test_a_forbidden_import_is_caught_by_its_contract(said_of_planted_imports: str, module: str, imported: str, contract: str) -> None:
    assert f"{contract} BROKEN" in said_of_planted_imports
    _, _, explained = said_of_planted_imports.partition("Broken contracts")
    section = re.split(r"^-+$", explained.partition(f"\n{contract}\n")[2].lstrip("-\n"), flags=re.M)[0]
    name = "ncvr." + module.removesuffix(".py").replace("/", ".")
    assert name in section
    assert imported in section or module == "utils.py"


@pytest.mark.parametrize("source", BANNED)
def test_the_environment_and_the_clock_are_banned_outside_settings(source: str) -> None:
    for room in ("domain", "files", "services", "cli"):
        said = subprocess.run(
            [RUFF, "check", "--no-cache", "--select", "TID251", "--stdin-filename", f"src/ncvr/{room}/planted.py", "-"],
            input=source, cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert said.returncode == 1, room
        assert "TID251" in said.stdout


def test_xml_and_zip_are_opened_only_in_the_rooms_for_word_and_excel(imports: grimp.ImportGraph) -> None:
    for library in ("docx", "lxml", "openpyxl", "xml", "zipfile"):
        if library in imports.modules:
            assert [name for name in imports.find_modules_that_directly_import(library) if not XML_ROOMS.match(name)] == []


def test_a_proof_does_not_trust_what_it_proves(imports: grimp.ImportGraph) -> None:
    rooms = [name for name in imports.modules if name.startswith("ncvr.files.")]
    verifiers, fillers = [name for name in rooms if VERIFIES.search(name)], [name for name in rooms if FILLS.search(name)]
    assert verifiers
    for verifier in verifiers:
        for filler in fillers:
            assert imports.find_shortest_chain(verifier, filler) is None
            assert imports.find_shortest_chain(filler, verifier) is None


def test_no_float_comes_near_money() -> None:
    for path in SOURCES.rglob("*.py"):
        if path.relative_to(SOURCES).as_posix().startswith(MEASURES):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
            converted = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float"
            if literal or converted:
                pytest.fail(f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)} makes a float")


def test_no_function_is_longer_than_a_screen() -> None:
    for path in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                assert lines <= 40, f"{path.relative_to(ROOT)}:{node.lineno} {node.name} has {lines} lines; split it by what it does (at most 40)"
