"""The whole file in canonical order: body with its boxes and notes, then each section's own headers and footers."""

from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from ncvr.files.contract_form.context import Binding, Context, open_context
from ncvr.files.contract_form.items import Block, Item, Story, StoryKind
from ncvr.files.contract_form.names import VAL, R, W, is_on, local, whole
from ncvr.files.contract_form.stories import StoryReader
from ncvr.files.contract_form.styles import Effective, effective
from ncvr.files.docx_parts import Parts

_PAGES = ("first", "even", "default")
_PAGES_SAY = {"first": "first page", "even": "even pages", "default": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A file's items before numbering, with the blocks they form and what is said of the file as a whole."""

    parts: Parts
    items: tuple[Item, ...]
    blocks: tuple[Block, ...]
    bindings: tuple[Binding, ...]
    remarks: tuple[tuple[str, str], ...]
    fonts: frozenset[str]


def read_form(parts: Parts, *, strict: bool = False) -> Form:
    """The canonical form of a file. Raises CannotTell where a part it needs is missing, damaged or beyond the budget."""
    context = open_context(parts, strict=strict)
    body = parts.tree(parts.main).find(W + "body")
    sections: list[etree._Element] = []
    story = Story("body", parts.main, "")

    def note_section(properties: etree._Element) -> None:
        sections.append(properties)
        context.items.append(Item(kind="section break", story=story, text=f"end of section {len(sections)}"))

    if body is not None:
        StoryReader(context, story, note_section).read(body)
        last = body.find(W + "sectPr")
        if last is not None:
            sections.append(last)
    _check_main(context, parts.tree(parts.main))
    _read_sections(context, sections)
    _check_separators(context)
    return Form(
        parts=parts,
        items=tuple(context.items),
        blocks=tuple(context.blocks),
        bindings=tuple(context.bindings),
        remarks=tuple(context.remarks),
        fonts=frozenset(str(value) for item in context.items for _, formatting in item.runs for name, value in formatting if name in ("ascii", "hAnsi")),
    )


def _check_main(context: Context, root: etree._Element) -> None:
    known = (W + "body", W + "background")
    for child in root:
        if child.tag not in known:
            context.remarks.append((context.parts.main, f"there is something beside the body: {local(child)}"))


def _read_sections(context: Context, sections: list[etree._Element]) -> None:
    settings = context.tree("settings")
    even_pages = settings is not None and is_on(settings.find(W + "evenAndOddHeaders"))
    inherited: dict[tuple[str, str], str] = {}
    for number, properties in enumerate(sections, start=1):
        story = Story("body", context.parts.main, f"section {number}", section=number)
        title_page = is_on(properties.find(W + "titlePg"))
        text = f"section {number}: {_orientation(properties)}{', with a first page of its own' if title_page else ''}"
        for reference in properties:
            if local(reference) in ("headerReference", "footerReference"):
                inherited[local(reference)[:6], reference.get(W + "type", "default")] = reference.get(R + "id", "")
        at = len(context.items)
        context.items.append(Item(kind="section", story=story, text=text))
        active = [pages for pages in _PAGES if pages == "default" or (pages == "first" and title_page) or (pages == "even" and even_pages)]
        for kind in ("header", "footer"):
            for pages in active:
                _read_furniture(context, kind, pages, number, inherited.get((kind, pages)))
        shown = {item.story.kind for item in context.items[at + 1 :]}
        context.items[at] = Item(kind="section", story=story, text=text, shape=_page_shape(properties, shown))


def _read_furniture(context: Context, kind: str, pages: str, section: int, key: str | None) -> None:
    """One header or footer, if it shows anything."""
    if key is None:
        return
    arrow = context.arrow(context.parts.main, key)
    if arrow is None or arrow.external:
        context.remarks.append((context.parts.main, f"a {kind} is missing"))
        return
    says = f"{kind} of section {section}" + (f", {_PAGES_SAY[pages]}" if _PAGES_SAY[pages] else "")
    story = Story("header" if kind == "header" else "footer", arrow.target, says, pages, section)
    before = len(context.items)
    context.items.append(Item(kind="furniture", story=story, text=f"{kind} {pages}"))
    StoryReader(context, story).read(context.parts.tree(arrow.target))
    if len(context.items) == before + 1:
        context.items.pop()


def _orientation(properties: etree._Element) -> str:
    size = properties.find(W + "pgSz")
    return "upright" if size is None or size.get(W + "orient", "portrait") == "portrait" else "landscape"


def _page_shape(properties: etree._Element, shown: set[StoryKind]) -> Effective:
    """Page size and margins in whole points, columns, page numbers and borders; distances only of furniture that is ``shown``."""
    said: dict[str, str | int | bool] = {}
    for name, keys in (("pgSz", ("w", "h")), ("pgMar", ("top", "right", "bottom", "left", "header", "footer", "gutter"))):
        element = properties.find(W + name)
        for key in keys:
            absent = element is None or (key in ("header", "footer") and key not in shown)
            said[f"{name} {key}"] = 0 if absent or element is None else round(whole(element.get(W + key)) / 20)
    columns = properties.find(W + "cols")
    said["columns"] = 0 if columns is None or whole(columns.get(W + "num"), 1) < 2 else whole(columns.get(W + "num"))
    numbers = properties.find(W + "pgNumType")
    if numbers is not None:
        said["first page number"] = numbers.get(W + "start", "")
        said["page number format"] = numbers.get(W + "fmt", "decimal").replace("decimal", "")
    for name in ("vAlign", "textDirection"):
        element = properties.find(W + name)
        value = "" if element is None else element.get(VAL, "")
        said[name] = "" if value in ("top", "lrTb", "lr") else value
    for name in ("pgBorders", "lnNumType"):
        said[name] = properties.find(W + name) is not None
    return effective(said)


def _check_separators(context: Context) -> None:
    """The line above footnotes is furniture: words in it are a difference wherever they come from."""
    for kind in ("footnotes", "endnotes"):
        root = context.tree(kind)
        name = context.parts.target(context.parts.main, kind)
        if root is None or name is None:
            continue
        for note in root:
            words = "".join(text.text or "" for text in note.iter(W + "t"))
            if note.get(W + "type", "normal") != "normal" and words.strip():
                context.remarks.append((name, f"the line above the notes holds words: {words.strip()[:80]}"))


SETTINGS_THAT_SHOW: Mapping[str, str] = {
    "documentProtection": "protection of the document",
    "writeProtection": "protection against writing",
    "trackRevisions": "recording of changes",
    "mailMerge": "mail merge",
    "updateFields": "updating of fields on opening",
    "evenAndOddHeaders": "different odd and even pages",
    "mirrorMargins": "mirrored margins",
    "displayBackgroundShape": "page background",
    "embedTrueTypeFonts": "embedded fonts",
    "docVars": "document variables",
    "revisionView": "display of tracked changes",
    "documentType": "kind of document",
    "formsDesign": "form design mode",
}


def settings_that_show(parts: Parts) -> frozenset[str]:
    """Settings a reader would notice, by name with their values."""
    name = parts.target(parts.main, "settings")
    if name is None or name not in parts.package:
        return frozenset()
    said = set()
    for child in parts.tree(name):
        key = local(child)
        if key in SETTINGS_THAT_SHOW and (child.get(VAL) is None or is_on(child)):
            values = sorted(f"{str(at).rpartition('}')[2]}={value!s}" for at, value in child.attrib.items() if not str(at).endswith("}val"))
            inner = "".join(sorted(f"{grand.get(W + 'name')}={grand.get(VAL)}" for grand in child))
            said.add(" ".join((key, *values, inner)).strip())
    return frozenset(said)
