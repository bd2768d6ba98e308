"""Tiny contract templates made from a few lines of WordprocessingML, for tests of single structures."""

from pathlib import Path
from typing import Any

import yaml

from ncvr.files.docx_package import Package, write_package
from ncvr.files.template_registry import sha256

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_MORE = (
    'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" mc:Ignorable="w14"'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
STYLES = (
    '<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/>'
    '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr><w:outlineLvl w:val="0"/></w:pPr></w:style>'
)
NUMBERING = (
    '<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:pStyle w:val="Heading1"/>'
    '<w:lvlText w:val="%1."/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="(%2)"/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num>'
)


def paragraph(*runs: str, style: str = "", before: str = "", after: str = "") -> str:
    """A paragraph; each run is its text, or XML if it begins with ``<``."""
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    written = "".join(run if run.startswith("<") else f'<w:r><w:t xml:space="preserve">{run}</w:t></w:r>' for run in runs)
    return f"<w:p>{properties}{before}{written}{after}</w:p>"


def table(*rows: tuple[str, ...]) -> str:
    cells = ["".join(f"<w:tc><w:tcPr/>{paragraph(cell)}</w:tc>" for cell in row) for row in rows]
    return f"<w:tbl><w:tblPr/><w:tblGrid/>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"


def bookmark(name: str) -> str:
    return f'<w:bookmarkStart w:id="{sum(name.encode())}" w:name="{name}"/><w:bookmarkEnd w:id="{sum(name.encode())}"/>'


def reference(name: str, result: str) -> str:
    return f'<w:fldSimple w:instr=" REF {name} \\r \\h "><w:r><w:t>{result}</w:t></w:r></w:fldSimple>'


def tiny_docx(body: str, extra: dict[str, str] | None = None) -> bytes:
    """A Word file with this body. ``extra``: other parts by name; ``word/footer1.xml`` and ``customXml/item1.xml`` are wired up."""
    extra = extra or {}
    kinds = {"word/styles.xml": "styles", "word/numbering.xml": "numbering", "word/footer1.xml": "footer", "customXml/item1.xml": "customXml"}
    parts = {
        "word/document.xml": f"{_HEAD}<w:document {_W} {_MORE}><w:body>{body}</w:body></w:document>",
        "word/styles.xml": f"{_HEAD}<w:styles {_W}>{STYLES}</w:styles>",
        "word/numbering.xml": f"{_HEAD}<w:numbering {_W}>{NUMBERING}</w:numbering>",
    } | extra
    arrows = "".join(
        f'<Relationship Id="rId{at}" Type="{_OFFICE}/{kind}" Target="/{name}"/>' for at, (name, kind) in enumerate(kinds.items(), start=1) if name in parts
    )
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml."
    overrides = "".join(
        f'<Override PartName="/{name}" ContentType="{main}{kind}+xml"/>'
        for name, kind in (
            ("word/document.xml", "document.main"),
            ("word/styles.xml", "styles"),
            ("word/numbering.xml", "numbering"),
            ("word/footer1.xml", "footer"),
        )
        if name in parts
    )
    rels = "application/vnd.openxmlformats-package.relationships+xml"
    defaults = f'<Default Extension="rels" ContentType="{rels}"/><Default Extension="xml" ContentType="application/xml"/>'
    parts["[Content_Types].xml"] = f'{_HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{defaults}{overrides}</Types>'
    parts["_rels/.rels"] = (
        f'{_HEAD}<Relationships xmlns="{_RELS}"><Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>'
    )
    parts["word/_rels/document.xml.rels"] = f'{_HEAD}<Relationships xmlns="{_RELS}">{arrows}</Relationships>'
    return write_package(Package(place="tiny", members={}), {name: text.encode() for name, text in parts.items()})


def write_tiny_template(folder: Path, body: str, profile: dict[str, Any], *, name: str = "tiny/one", extra: dict[str, str] | None = None) -> str:
    """Write a template with its profile into ``folder/name``; missing keys of the profile get plain values. Returns the name."""
    content = tiny_docx(body, extra)
    family, _, version = name.partition("/")
    head = {
        "format": "ncvr-profile/1",
        "family": family,
        "version": version,
        "title": "Tiny",
        "template_sha256": sha256(content),
        "status": "sample",
        "fields": [],
    }
    home = folder / name
    home.mkdir(parents=True)
    (home / "template.docx").write_bytes(content)
    (home / "profile.yaml").write_text(yaml.safe_dump(head | profile, allow_unicode=True), encoding="utf-8")
    return name
