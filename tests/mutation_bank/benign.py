"""Rewrites that change nothing a reader sees: what word processors, scripts and zip programs do on their own."""

import random
import re
import zipfile
from collections.abc import Callable
from io import BytesIO

from lxml import etree

from tests.mutation_bank.draft import MC, NUMBERING, SPACE, STYLES, W14, Draft, R, W, copied, field_results, found, open_draft, paragraph_properties, remove

Rewrite = Callable[[Draft], None]
REWRITES: dict[str, Rewrite] = {}


def rewrite(function: Rewrite) -> Rewrite:
    REWRITES[function.__name__] = function
    return function


def _trees(draft: Draft) -> list[etree._Element]:
    return [tree for _, tree in draft.stories()]


@rewrite
def revision_ids(draft: Draft) -> None:
    for tree in _trees(draft):
        for element in tree.iter(W + "p", W + "r", W + "tr"):
            element.set(W + "rsidR", f"{draft.random.randrange(16**8):08X}")


@rewrite
def paragraph_ids_dropped(draft: Draft) -> None:
    for tree in _trees(draft):
        for element in tree.iter():
            for name in ("paraId", "textId"):
                if W14 + name in element.attrib:
                    del element.attrib[W14 + name]


@rewrite
def runs_split(draft: Draft) -> None:
    for _, run in draft.runs():
        texts = run.findall(W + "t")
        if len(texts) == 1 and len(run) == 1 + (run.find(W + "rPr") is not None) and len(texts[0].text or "") > 3 and draft.random.random() < 0.5:
            rest = copied(run)
            text, other = texts[0], rest.find(W + "t")
            assert other is not None
            cut = draft.random.randrange(1, len(text.text or ""))
            text.text, other.text = (text.text or "")[:cut], (text.text or "")[cut:]
            for each in (text, other):
                each.set(SPACE, "preserve")
            run.addnext(rest)


@rewrite
def proofing_marks(draft: Draft) -> None:
    for _, run in draft.runs():
        if draft.random.random() < 0.2:
            run.addprevious(etree.Element(W + "proofErr", {W + "type": "spellStart"}))
            run.addnext(etree.Element(W + "proofErr", {W + "type": "spellEnd"}))


@rewrite
def rendered_page_breaks(draft: Draft) -> None:
    for _, run in draft.runs():
        if draft.random.random() < 0.05:
            run.insert(1 if run.find(W + "rPr") is not None else 0, etree.Element(W + "lastRenderedPageBreak"))


@rewrite
def languages(draft: Draft) -> None:
    for _, run in draft.runs():
        if run.find(W + "rPr") is not None:
            etree.SubElement(found(run, W + "rPr"), W + "lang", {W + "val": "en-US"})


@rewrite
def empty_properties(draft: Draft) -> None:
    for _, run in draft.runs():
        if run.find(W + "rPr") is None:
            run.insert(0, etree.Element(W + "rPr"))


@rewrite
def defaults_said(draft: Draft) -> None:
    for _, run in draft.runs():
        properties = run.find(W + "rPr")
        if properties is not None and properties.find(W + "strike") is None:
            etree.SubElement(properties, W + "strike", {W + "val": "0"})
            etree.SubElement(properties, W + "vertAlign", {W + "val": "baseline"})


@rewrite
def controls_unwrapped(draft: Draft) -> None:
    for tree in _trees(draft):
        for control in list(tree.iter(W + "sdt")):
            content = control.find(W + "sdtContent")
            if content is not None and control.getparent() is not None:
                for child in list(content):
                    control.addprevious(child)
                remove(control)


@rewrite
def control_tags_dropped(draft: Draft) -> None:
    for tree in _trees(draft):
        for tag in [*tree.iter(W + "tag"), *tree.iter(W + "showingPlcHdr")]:
            remove(tag)


@rewrite
def bookmark_ids(draft: Draft) -> None:
    for tree in _trees(draft):
        for element in tree.iter(W + "bookmarkStart", W + "bookmarkEnd"):
            element.set(W + "id", str(5_000 + int(element.get(W + "id", "0"))))


@rewrite
def loose_bookmarks(draft: Draft) -> None:
    paragraph = draft.random.choice(draft.blocks())
    paragraph.append(etree.Element(W + "bookmarkStart", {W + "id": "8000", W + "name": "_GoBack"}))
    paragraph.append(etree.Element(W + "bookmarkEnd", {W + "id": "8000"}))


@rewrite
def hyphens_as_elements(draft: Draft) -> None:
    _characters(draft, {"\u2011": "noBreakHyphen", "\u00ad": "softHyphen"})


def _characters(draft: Draft, elements: dict[str, str]) -> None:
    for _, text in draft.texts():
        run = text.getparent()
        written = text.text or ""
        at = next((at for at, character in enumerate(written) if character in elements), -1)
        if run is None or at < 0 or len(run.findall(W + "t")) > 1:
            continue
        mark = etree.Element(W + elements[written[at]])
        rest = etree.Element(W + "t", {SPACE: "preserve"})
        text.text, rest.text = written[:at], written[at + 1 :]
        text.set(SPACE, "preserve")
        text.addnext(mark)
        mark.addnext(rest)


@rewrite
def simple_fields_made_complex(draft: Draft) -> None:
    for tree in _trees(draft):
        for field in list(tree.iter(W + "fldSimple")):
            pieces = []
            for what in ("begin", "code", "separate"):
                run = etree.Element(W + "r")
                if what == "code":
                    etree.SubElement(run, W + "instrText").text = field.get(W + "instr", "")
                else:
                    etree.SubElement(run, W + "fldChar", {W + "fldCharType": what})
                pieces.append(run)
            end = etree.Element(W + "r")
            etree.SubElement(end, W + "fldChar", {W + "fldCharType": "end"})
            for piece in [*pieces, *list(field), end]:
                field.addprevious(piece)
            remove(field)


@rewrite
def fields_formatted_on_merging(draft: Draft) -> None:
    for tree in _trees(draft):
        for code in tree.iter(W + "instrText"):
            if (code.text or "").split()[:1] in (["PAGE"], ["REF"]):
                code.text = f"{code.text}\\* MERGEFORMAT "


@rewrite
def page_numbers_computed(draft: Draft) -> None:
    for _, tree in draft.stories():
        for code, text in field_results(tree):
            if code in ("PAGE", "NUMPAGES", "PAGEREF"):
                text.text = str(draft.random.randrange(1, 99))


@rewrite
def fallbacks_dropped(draft: Draft) -> None:
    for tree in _trees(draft):
        for fallback in list(tree.iter(MC + "Fallback")):
            remove(fallback)


@rewrite
def numbering_said_by_paragraphs(draft: Draft) -> None:
    """LibreOffice copies the list of a heading's style into the heading."""
    numbered = {
        style.get(W + "styleId"): style.find(f"{W}pPr/{W}numPr") for style in draft.tree(STYLES).iter(W + "style") if style.find(f"{W}pPr/{W}numPr") is not None
    }
    levels = {style.get(W + "val"): level for level in draft.tree(NUMBERING).iter(W + "lvl") if (style := level.find(W + "pStyle")) is not None}
    for paragraph in draft.blocks():
        style = paragraph.find(f"{W}pPr/{W}pStyle")
        name = None if style is None else style.get(W + "val")
        if name in numbered and name in levels and paragraph.find(f"{W}pPr/{W}numPr") is None:
            number = etree.SubElement(paragraph_properties(paragraph), W + "numPr")
            etree.SubElement(number, W + "ilvl", {W + "val": levels[name].get(W + "ilvl", "0")})
            etree.SubElement(number, W + "numId", {W + "val": found(numbered[name], W + "numId").get(W + "val", "")})


@rewrite
def style_names(draft: Draft) -> None:
    """Every style gets another id, everywhere."""
    ids = {style.get(W + "styleId", "") for style in draft.tree(STYLES).iter(W + "style")}
    for name in [part for part in draft.parts if part.startswith("word/") and part.endswith(".xml")]:
        for element in draft.tree(name).iter():
            if element.get(W + "styleId") in ids:
                element.set(W + "styleId", f"x{element.get(W + 'styleId')}")
            pointing = str(element.tag).rpartition("}")[2] in ("pStyle", "rStyle", "tblStyle", "basedOn", "next", "link", "styleLink", "numStyleLink")
            if pointing and element.get(W + "val") in ids:
                element.set(W + "val", f"x{element.get(W + 'val')}")


@rewrite
def list_numbers(draft: Draft) -> None:
    """Every list gets another id, everywhere."""
    for name in [part for part in draft.parts if part.startswith("word/") and part.endswith(".xml")]:
        for element in draft.tree(name).iter(W + "num", W + "numId", W + "abstractNum", W + "abstractNumId"):
            for attribute in ("numId", "abstractNumId", "val"):
                if element.get(W + attribute) not in (None, "0") and not (attribute == "val" and str(element.tag).endswith("}num")):
                    element.set(W + attribute, f"{int(element.get(W + attribute, '0')) + 100}")
    for element in draft.tree(NUMBERING).iter(W + "abstractNum", W + "abstractNumId"):
        attribute = W + ("val" if str(element.tag).endswith("Id") else "abstractNumId")
        if element.get(attribute) == "0":
            element.set(attribute, "100")


@rewrite
def relationship_ids(draft: Draft) -> None:
    root = draft.tree("word/_rels/document.xml.rels")
    new = {arrow.get("Id", ""): f"n{number}" for number, arrow in enumerate(root)}
    for arrow in root:
        arrow.set("Id", new[arrow.get("Id", "")])
    for element in draft.document.iter():
        for name, value in element.attrib.items():
            if str(name).startswith(R) and value in new:
                element.set(name, new[str(value)])


@rewrite
def part_names(draft: Draft) -> None:
    """The footers get other names."""
    root, types = draft.tree("word/_rels/document.xml.rels"), draft.tree("[Content_Types].xml")
    for name in [part for part in draft.parts if re.fullmatch(r"word/footer\d+\.xml", part)]:
        other = name.replace("footer", "foot_of_page_")
        if name in draft.trees:
            draft.trees[other] = draft.trees.pop(name)
        draft.parts[other] = draft.parts.pop(name)
        for arrow in root:
            if arrow.get("Target") in (name.removeprefix("word/"), f"/{name}"):
                arrow.set("Target", other.removeprefix("word/"))
        for entry in types:
            if entry.get("PartName") == f"/{name}":
                entry.set("PartName", f"/{other}")


@rewrite
def prefixes(draft: Draft) -> None:
    """Another prefix for the format's main namespace in every part."""
    for name in [part for part in draft.parts if part.startswith("word/") and part.endswith(".xml")]:
        text = etree.tostring(draft.tree(name), encoding="unicode")
        text = re.sub(r"(</?|\s)w:", r"\1ww:", text).replace("xmlns:w=", "xmlns:ww=")
        draft.trees[name] = etree.fromstring(text)


def packed_another_way(content: bytes, seed: random.Random) -> bytes:
    """The same parts in another order, packed by another method."""
    with zipfile.ZipFile(BytesIO(content)) as file:
        parts = [(name, file.read(name)) for name in file.namelist()]
    seed.shuffle(parts)
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, part in parts:
            file.writestr(zipfile.ZipInfo(name, (2026, 6, 1, 0, 0, 0)), part, seed.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
    return out.getvalue()


def rewritten(content: bytes, names: list[str], seed: random.Random) -> bytes:
    draft = open_draft(content, seed)
    for name in names:
        REWRITES[name](draft)
    return packed_another_way(draft.finished(), seed)
