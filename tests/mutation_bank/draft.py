"""A contract's parts, open for alteration by the bank. It knows nothing of how the verifier reads them."""

import random
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
REL = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SPACE = "{http://www.w3.org/XML/1998/namespace}space"
DOCUMENT, STYLES, NUMBERING, SETTINGS, FONTS = (f"word/{name}.xml" for name in ("document", "styles", "numbering", "settings", "fontTable"))


@dataclass(frozen=True)
class Mark:
    """Where an alteration was made: words that stood there before and after, or the part."""

    words: tuple[str, ...] = ()
    part: str = ""
    elements: tuple[etree._Element, ...] = ()  # the paragraphs it happened in, whose places are looked up
    places: tuple[str, ...] = ()


@dataclass
class Draft:
    """Parts as bytes, and as trees once somebody asks for them."""

    parts: dict[str, bytes]
    random: random.Random
    trees: dict[str, etree._Element] = field(default_factory=dict)
    _computed: dict[str, set[etree._Element]] = field(default_factory=dict)
    repeated: list[tuple[str, bytes]] = field(default_factory=list)  # members written a second time under the same name

    def tree(self, name: str) -> etree._Element:
        if name not in self.trees:
            self.trees[name] = etree.fromstring(self.parts[name])
        return self.trees[name]

    @property
    def document(self) -> etree._Element:
        return self.tree(DOCUMENT)

    @property
    def body(self) -> etree._Element:
        found = self.document.find(W + "body")
        assert found is not None
        return found

    def stories(self) -> Iterator[tuple[str, etree._Element]]:
        for name in sorted(self.parts):
            if name == DOCUMENT or name.startswith(("word/footer", "word/header", "word/footnotes")):
                yield name, self.tree(name)

    def texts(self, where: Callable[[etree._Element], bool] = lambda element: True, part: str = "") -> list[tuple[str, etree._Element]]:
        """Every ``w:t`` that shows something, fallback copies apart."""
        return [
            (name, element)
            for name, root in self.stories()
            if part in ("", name)
            for element in root.iter(W + "t")
            if (element.text or "").strip() and not in_fallback(element) and where(element) and element not in self.computed(name)
        ]

    def computed(self, name: str) -> set[etree._Element]:
        """Cached page and clause numbers, which word processors compute anew; they have alterations of their own."""
        if name not in self._computed:
            self._computed[name] = {text for code, text in field_results(self.tree(name)) if code in ("PAGE", "NUMPAGES", "PAGEREF", "REF")}
        return self._computed[name]

    def runs(self) -> list[tuple[str, etree._Element]]:
        return [(name, parent) for name, element in self.texts() if (parent := element.getparent()) is not None and parent.tag == W + "r"]

    def blocks(self) -> list[etree._Element]:
        """Paragraphs of the body with words, outside tables, section breaks and the contents."""
        return [p for p in self.body.iterchildren(W + "p") if words_of(p).strip() and p.find(f".//{W}sectPr") is None and p.find(f".//{W}fldChar") is None]

    def pick(self, options: list) -> object:  # type: ignore[type-arg]
        return self.random.choice(options)

    def relate(self, kind: str, target: str, *, part: str = DOCUMENT, external: bool = False, type_: str = "") -> str:
        """A new relationship; returns its id."""
        folder, _, name = part.rpartition("/")
        source = f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"
        if source not in self.parts and source not in self.trees:
            self.parts[source] = f'<Relationships xmlns="{REL}"/>'.encode()
        root = self.tree(source)
        key = f"rIdNew{len(root)}"
        attributes = {"Id": key, "Type": type_ or f"{OFFICE}/{kind}", "Target": target}
        etree.SubElement(root, f"{{{REL}}}Relationship", {**attributes, **({"TargetMode": "External"} if external else {})})
        return key

    def content_type(self, name: str, kind: str) -> None:
        root = self.tree("[Content_Types].xml")
        etree.SubElement(root, root.tag.replace("Types", "Override"), {"PartName": f"/{name}", "ContentType": kind})

    def finished(self) -> bytes:
        out = BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as file:
            for name, content in self.written().items():
                file.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # a name twice is what we want here
                for name, content in self.repeated:
                    file.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
        return out.getvalue()

    def written(self) -> dict[str, bytes]:
        trees = {name: etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True) for name, tree in self.trees.items()}
        return self.parts | trees


def open_draft(content: bytes, seed: random.Random) -> Draft:
    with zipfile.ZipFile(BytesIO(content)) as file:
        return Draft({name: file.read(name) for name in file.namelist()}, seed)


def in_fallback(element: etree._Element) -> bool:
    return any(above.tag == MC + "Fallback" for above in element.iterancestors())


def words_of(element: etree._Element) -> str:
    """What a paragraph, cell or row reads, fallback copies apart."""
    return "".join(text.text or "" for text in element.iter(W + "t") if not in_fallback(text))


def found(parent: etree._Element | None, path: str) -> etree._Element:
    """The child at a path, which must be there."""
    assert parent is not None
    child = parent.find(path)
    assert child is not None, path
    return child


def paragraph_of(element: etree._Element | None) -> etree._Element:
    assert element is not None
    return next(above for above in element.iterancestors(W + "p"))


def mark_of(part: str, *elements: etree._Element, before: str = "") -> Mark:
    """The words around an alteration; in a table those of the row too."""
    words = [before, *(words_of(element) for element in elements)]
    for element in elements:
        row = next(element.iterancestors(W + "tr"), None)
        if row is not None:
            words += [words_of(cell) for cell in row.iter(W + "tc")]
    paragraphs = tuple(paragraph for element in elements for paragraph in element.iter(W + "p"))
    return Mark(tuple(word for word in words if word.strip()), part, paragraphs)


def mark_cells(*elements: etree._Element) -> Mark:
    """The cells of some rows, cells or tables; to be asked for before they are taken out."""
    cells = [cell for element in elements for cell in element.iter(W + "tc")]
    words = tuple(word for cell in cells if (word := words_of(cell)).strip())
    return Mark(words, DOCUMENT, tuple(paragraph for cell in cells for paragraph in cell.iter(W + "p")))


def properties(run: etree._Element) -> etree._Element:
    """The run's own formatting, made if it has none."""
    found = run.find(W + "rPr")
    if found is None:
        found = etree.Element(W + "rPr")
        run.insert(0, found)
    return found


def paragraph_properties(paragraph: etree._Element) -> etree._Element:
    found = paragraph.find(W + "pPr")
    if found is None:
        found = etree.Element(W + "pPr")
        paragraph.insert(0, found)
    return found


def said(parent: etree._Element, name: str, **attributes: str) -> etree._Element:
    """A property set anew, in place of one of the same name."""
    for old in parent.findall(W + name):
        parent.remove(old)
    return etree.SubElement(parent, W + name, {W + key: value for key, value in attributes.items()})


def new_run(text: str, like: etree._Element | None = None) -> etree._Element:
    run = etree.Element(W + "r")
    if like is not None and like.find(W + "rPr") is not None:
        run.append(copied(found(like, W + "rPr")))
    element = etree.SubElement(run, W + "t", {SPACE: "preserve"})
    element.text = text
    return run


def new_paragraph(text: str) -> etree._Element:
    paragraph = etree.Element(W + "p")
    paragraph.append(new_run(text))
    return paragraph


def copied(element: etree._Element) -> etree._Element:
    return etree.fromstring(etree.tostring(element))


def remove(element: etree._Element) -> None:
    parent = element.getparent()
    assert parent is not None
    parent.remove(element)


def is_no_op(before: dict[str, bytes], after: dict[str, bytes]) -> bool:
    """Whether nothing at all was changed: every part is the same XML, by canonical XML, or the same bytes."""
    return before.keys() == after.keys() and all(content == after[name] or same_xml(content, after[name]) for name, content in before.items())


def same_xml(one: bytes, other: bytes) -> bool:
    try:
        return etree.tostring(etree.fromstring(one), method="c14n") == etree.tostring(etree.fromstring(other), method="c14n")
    except etree.XMLSyntaxError:
        return False


def field_results(root: etree._Element) -> list[tuple[str, etree._Element]]:
    """(name of the field, text it shows) for complex fields within one paragraph and simple ones."""
    found = []
    for paragraph in root.iter(W + "p"):
        names: list[str] = []
        showing: list[bool] = []
        for element in paragraph.iter(W + "fldChar", W + "instrText", W + "t"):
            simple = next(element.iterancestors(W + "fldSimple"), None)
            kind_of = element.get(W + "fldCharType")
            if kind_of == "begin":
                names.append("")
                showing.append(False)
            elif kind_of == "separate" and names:
                showing[-1] = True
            elif kind_of == "end" and names:
                names.pop()
                showing.pop()
            elif element.tag == W + "instrText" and names:
                names[-1] = names[-1] or (element.text or " ").split()[0] if (element.text or "").split() else names[-1]
            elif element.tag == W + "t" and simple is not None:
                found.append((simple.get(W + "instr", " x").split()[0], element))
            elif element.tag == W + "t" and names and showing[-1]:
                found.append((names[-1], element))
    return found


def places_of(draft: Draft, levels: dict[str, int]) -> dict[etree._Element, str]:
    """Where every paragraph stands, by our own counting: ``levels`` are the numbered paragraph styles of the family."""
    places: dict[etree._Element, str] = {}
    counts = [0] * 9
    number = heading = ""
    for paragraph in draft.body.iter(W + "p"):
        style = paragraph.find(f"{W}pPr/{W}pStyle")
        name = "" if style is None else style.get(W + "val", "")
        if name in levels and words_of(paragraph).strip():
            level = levels[name]
            counts[level:] = [counts[level] + 1, *([0] * (8 - level))]
            number = ".".join(str(count) for count in counts[: min(level + 1, 2)])
            number += "".join(f"({chr(96 + counts[deep])})" for deep in range(2, level + 1))
        elif name.startswith("Heading") or name.endswith("Heading"):
            number, heading = "", words_of(paragraph)
        if name.startswith("TOC"):
            places[paragraph] = "table of contents"
        elif any(above.tag == W + "txbxContent" for above in paragraph.iterancestors()):
            places[paragraph] = "text box"
        else:
            places[paragraph] = f"clause {number}" if number else f"under '{heading}" if heading else "beginning of the document"
    for part, root in draft.stories():
        if part != DOCUMENT:
            kind_of = "footer" if "footer" in part else "header" if "header" in part else "note"
            places |= dict.fromkeys(root.iter(W + "p"), kind_of)
    return places
