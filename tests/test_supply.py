"""What this is made of is pinned, hashed and listed."""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def pinned() -> dict[str, str]:
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", (ROOT / "requirements.lock").read_text("utf-8"), flags=re.M))


def test_everything_is_pinned_with_hashes() -> None:
    text = (ROOT / "requirements.lock").read_text("utf-8")
    blocks = re.split(r"^(?=[A-Za-z0-9])", re.sub(r"^\s*#.*$", "", text, flags=re.M), flags=re.M)
    assert len(pinned()) == len([block for block in blocks if "==" in block]) > 50
    assert [block.split()[0] for block in blocks if "==" in block and "--hash=sha256:" not in block] == []


def recipe(target: str) -> str:
    """The line that makes a target."""
    found = re.search(rf"^{target}:.*\n\t(.*)", (ROOT / "Makefile").read_text("utf-8"), flags=re.M)
    assert found is not None
    return found[1]


def test_the_bill_of_materials_lists_every_pinned_package_once_with_its_hashes(tmp_path: Path) -> None:
    words = recipe("sbom").replace("$(BIN)/python", sys.executable).replace("sbom.json", str(tmp_path / "sbom.json")).split()
    subprocess.run(words, cwd=ROOT, check=True, capture_output=True)
    record = json.loads((tmp_path / "sbom.json").read_bytes())
    assert (record["bomFormat"], record["metadata"]["component"]["name"]) == ("CycloneDX", "ncvr")
    listed = {component["name"]: component["version"] for component in record["components"]}
    assert listed == pinned()
    assert len(record["components"]) == len(listed)
    for component in record["components"]:
        assert any(reference.get("hashes") for reference in component["externalReferences"]), component["name"]


def test_an_audit_that_could_not_ask_is_no_success() -> None:
    assert "--strict" in recipe("audit").split()
