"""Fetch the pages' stylesheet, script and pictures anew: ``make vendor``. Needs npm; nothing else in this project does to run.

What is left out of the package, and why: the font is loaded from another host and its licence is not ours to check; the
source maps would be asked for and are not here; of the pictures only those the stylesheet draws.
"""

import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

VERSION = "10.6.1"
ASSETS = Path(__file__).parents[1] / "src" / "ncvr" / "web" / "assets"
_WITHIN = "package/dist/nhsuk"


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run(["npm", "pack", f"nhsuk-frontend@{VERSION}", "--silent"], cwd=scratch, check=True)
        with tarfile.open(next(Path(scratch).glob("*.tgz"))) as package:
            package.extractall(scratch, filter="data")
        root = Path(scratch)
        style = mended_style((root / _WITHIN / "nhsuk-frontend.min.css").read_text("utf-8"))
        script = re.sub(r"//# sourceMappingURL=\S+\s*", "", (root / _WITHIN / "nhsuk-frontend.min.js").read_text("utf-8"))
        licence = next((root / "package").glob("LICEN[CS]E*"), None)
        files = {"nhsuk/nhsuk-frontend.min.css": style.encode(), "nhsuk/nhsuk-frontend.min.js": script.encode()}
        files["nhsuk/LICENCE.md"] = licence.read_bytes() if licence else _MIT.encode()
        for name in sorted(set(re.findall(r"/assets/(images/[\w.-]+)", style))):
            files[name] = (root / _WITHIN / "assets" / name).read_bytes()
    for name, content in files.items():
        path = ASSETS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    manifest = {"package": "nhsuk-frontend", "version": VERSION, "sha256": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}}
    (ASSETS / "nhsuk" / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
    print(f"nhsuk-frontend {VERSION}: {len(files)} files")


def mended_style(style: str) -> str:
    style = re.sub(r"@font-face\{[^}]*\}", "", style)
    style = style.replace("Frutiger W01,", "")
    return re.sub(r"/\*# sourceMappingURL=\S+ \*/\s*", "", style)


_MIT = """nhsuk-frontend, https://github.com/nhsuk/nhsuk-frontend

MIT License. Copyright (c) NHS England and the authors of nhsuk-frontend.

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE,
ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


if __name__ == "__main__":
    main()
