"""What the pages load: only files of ours, whose content is the one that was taken from the design system."""

import hashlib
import json
import re
from pathlib import Path

import pytest

import ncvr.web
from ncvr.web.pages.templates import environment
from tests.web.visiting import Web

ASSETS = Path(ncvr.web.__file__).parent / "assets"
TEMPLATES = Path(ncvr.web.__file__).parent / "templates"
# Where text of people could get in unescaped: the macros' html keys, and what is declared safe.
_RAW = re.compile(r'"html"\s*:|\|\s*safe\b|\bMarkup\b|autoescape\s+false')


def test_the_vendored_files_are_those_of_the_manifest() -> None:
    manifest = json.loads((ASSETS / "nhsuk" / "manifest.json").read_text("utf-8"))
    found = {name: hashlib.sha256((ASSETS / name).read_bytes()).hexdigest() for name in manifest["sha256"]}
    assert found == manifest["sha256"]


@pytest.mark.parametrize("name", sorted(path.name for path in ASSETS.rglob("*.css")))
def test_no_stylesheet_asks_another_host(name: str) -> None:
    content = next(ASSETS.rglob(name)).read_text("utf-8")
    assert "http:" not in content
    assert "https:" not in content
    assert "Frutiger" not in content


def test_every_picture_of_the_stylesheet_is_there() -> None:
    style = (ASSETS / "nhsuk" / "nhsuk-frontend.min.css").read_text("utf-8")
    named = set(re.findall(r"url\(/assets/([^)]+)\)", style))
    assert named
    assert [name for name in named if not (ASSETS / name).is_file()] == []


@pytest.mark.parametrize("name", environment().list_templates(extensions=["html"]))
def test_a_template_compiles_and_lets_no_raw_text_in(name: str) -> None:
    environment().get_template(name)
    assert _RAW.findall((TEMPLATES / name).read_text("utf-8")) == []


def test_assets_are_kept_by_browsers_and_asked_for_by_their_content(api: Web) -> None:
    answer = api.client.get("/sign-in")
    addresses = re.findall(r'(?:href|src)="(/assets/[^"]+)"', answer.text)
    assert len(addresses) >= 4
    for address in addresses:
        loaded = api.client.get(address)
        assert loaded.status_code == 200, address
        assert "immutable" in loaded.headers["cache-control"]
