"""The paragraphs of a Word file in the order of its stories, each with what a person would say to find it.

Stories: the body, text boxes, headers and footers by the pages they stand on, notes. The fallback copy of a text box is
no story of its own: it is the *twin* of the box.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from ncvr.files.docx_parts import OFFICE_RELATIONSHIP, Parts
from ncvr.files.docx_words import MC, W, text_of
from ncvr.files.template_profile import PageKind, StoryKind

_BOX = W + "txbxContent"
_RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_PAGES: dict[str, PageKind] = {"default": "default", "first": "first", "even": "even"}


@dataclass(frozen=True, slots=True, eq=False)
class StoryParagraph:
    """One paragraph. ``row`` is the first cell's text of its table row, ``under`` the nearest heading above."""

    element: etree._Element
    text: str
    story: StoryKind
    pages: PageKind | None
    part: str
    row: str
    under: str
    twin: etree._Element | None  # the same paragraph in the fallback of a text box


@dataclass(frozen=True, slots=True, eq=False)
class Stories:
    """All parts that hold text, as trees of their own that may be changed, and their paragraphs."""

    parts: Parts
    main: str
    trees: dict[str, etree._Element]  # by part name
    paragraphs: tuple[StoryParagraph, ...]
    headings: frozenset[etree._Element]

    @property
    def body(self) -> etree._Element:
        body = self.trees[self.main].find(W + "body")
        assert body is not None  # read_stories looked
        return body


def read_stories(parts: Parts, trees: dict[str, etree._Element]) -> Stories:
    """The stories of a file. ``trees`` holds the roots of :func:`text_parts`; they are not changed here."""
    headings = _heading_styles(parts)
    found: list[StoryParagraph] = []
    body = trees[parts.main].find(W + "body")
    assert body is not None  # the template is pinned and was checked when it was registered
    found += _paragraphs(body, parts.main, "body", None, headings)
    for part, kind, pages in _furniture(parts, trees[parts.main]):
        found += _paragraphs(trees[part], part, kind, pages, headings)
    known = frozenset(each.element for each in found if each.story == "body" and _style(each.element) in headings)
    return Stories(parts=parts, main=parts.main, trees=trees, paragraphs=tuple(found), headings=known)


def text_parts(parts: Parts) -> tuple[str, ...]:
    """The names of the parts that hold paragraphs: the main part, then headers, footers and notes."""
    kinds = ("header", "footer", "footnotes", "endnotes")
    names = [arrow.target for arrow in parts.relationships(parts.main) if arrow.type.removeprefix(OFFICE_RELATIONSHIP) in kinds and not arrow.external]
    return tuple(dict.fromkeys([parts.main, *names]))


def _furniture(parts: Parts, document: etree._Element) -> Iterator[tuple[str, StoryKind, PageKind | None]]:
    """Headers and footers as the sections refer to them, each part and kind of page once; then notes."""
    targets = {arrow.id: arrow.target for arrow in parts.relationships(parts.main)}
    seen: set[str] = set()
    kinds: tuple[tuple[str, StoryKind], ...] = (("headerReference", "header"), ("footerReference", "footer"))
    for tag, kind in kinds:
        for reference in document.iter(W + tag):
            part = targets[reference.get(_RELATION_ID, "")]
            if part not in seen:
                seen.add(part)
                yield part, kind, _PAGES.get(reference.get(W + "type", "default"))
    for arrow in parts.relationships(parts.main):
        if arrow.kind in ("footnotes", "endnotes"):
            yield arrow.target, "note", None


def _paragraphs(root: etree._Element, part: str, story: StoryKind, pages: PageKind | None, headings: frozenset[str]) -> Iterator[StoryParagraph]:
    under = ""
    for element in root.iter(W + "p"):
        around = [ancestor.tag for ancestor in element.iterancestors()]
        if MC + "Fallback" in around:
            continue
        text = text_of(element)
        if _style(element) in headings and _BOX not in around:
            under = text
        kind: StoryKind = "box" if _BOX in around else story
        yield StoryParagraph(element, text, kind, pages, part, _row_label(element), under, _twin(element) if kind == "box" else None)


def _row_label(paragraph: etree._Element) -> str:
    row = next(paragraph.iterancestors(W + "tr"), None)
    cell = None if row is None else next(row.iter(W + "tc"), None)
    return "" if cell is None else "\n".join(text_of(each) for each in cell.iter(W + "p"))


def _twin(paragraph: etree._Element) -> etree._Element | None:
    """The paragraph at the same place of the fallback's text box."""
    alternate = next(paragraph.iterancestors(MC + "AlternateContent"), None)
    box = next(paragraph.iterancestors(_BOX), None)
    fallback = None if alternate is None else alternate.find(MC + "Fallback")
    if alternate is None or box is None or fallback is None:
        return None
    boxes = [each for each in alternate.iter(_BOX) if MC + "Fallback" not in [up.tag for up in each.iterancestors()]]
    copies = list(fallback.iter(_BOX))
    at = boxes.index(box)
    if at >= len(copies):
        return None
    same = list(copies[at].iter(W + "p"))
    place = list(box.iter(W + "p")).index(paragraph)
    return same[place] if place < len(same) else None


def _style(paragraph: etree._Element) -> str:
    properties = paragraph.find(W + "pPr")
    style = None if properties is None else properties.find(W + "pStyle")
    return "" if style is None else style.get(W + "val", "")


def _heading_styles(parts: Parts) -> frozenset[str]:
    """Ids of the paragraph styles with an outline level of their own or of a style they are based on."""
    name = parts.target(parts.main, "styles")
    if name is None:
        return frozenset()
    styles = {style.get(W + "styleId", ""): style for style in parts.tree(name).iterchildren(W + "style")}
    return frozenset(key for key in styles if _outlined(key, styles, frozenset()))


def _outlined(key: str, styles: dict[str, etree._Element], seen: frozenset[str]) -> bool:
    if key not in styles or key in seen:
        return False
    properties = styles[key].find(W + "pPr")
    level = None if properties is None else properties.find(W + "outlineLvl")
    if level is not None:
        return level.get(W + "val", "9") != "9"
    based = styles[key].find(W + "basedOn")
    return based is not None and _outlined(based.get(W + "val", ""), styles, seen | {key})
