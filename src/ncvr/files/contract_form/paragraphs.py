"""One paragraph as text with tokens: runs joined, fields and controls looked through, what is unknown kept as a token."""

from collections.abc import Callable

from lxml import etree

from ncvr.files.contract_form.context import Binding, Context
from ncvr.files.contract_form.drawings import read_alternate, read_drawing
from ncvr.files.contract_form.fields import Instruction
from ncvr.files.contract_form.items import Control, Reference
from ncvr.files.contract_form.names import MC, VAL, XML_SPACE, R, W, local
from ncvr.files.contract_form.shown_text import ShownText, StoryState
from ncvr.files.contract_form.styles import Effective, written

_XML_SPACE_CHARACTERS = " \t\r\n"
_RAW_BREAKS = str.maketrans({"\t": " ", "\r": " ", "\n": " "})
# Marks that nobody sees and that tools add, move or drop.
_SILENT = frozenset(
    W + name for name in ("proofErr", "bookmarkEnd", "lastRenderedPageBreak", "commentRangeStart", "commentRangeEnd", "rPr", "pPr", "annotationRef")
)
_TRACKED = {W + "ins": "inserted", W + "del": "deleted", W + "moveFrom": "moved away", W + "moveTo": "moved here"}
_CHARACTERS = {W + "tab": "\t", W + "ptab": "\t", W + "cr": "\n", W + "noBreakHyphen": "\u2011", W + "softHyphen": "\u00ad"}


class ParagraphReader(ShownText):
    """Reads one paragraph; afterwards ``builder``, ``references``, ``controls``, ``hazards``, ``boxes`` and ``notes`` hold it."""

    def __init__(self, context: Context, state: StoryState, style: str | None, table: str | None, background: str) -> None:
        super().__init__(context, state, background)
        self.style, self.table = style, table
        self.controls: list[Control] = []
        self.boxes: list[etree._Element] = []
        self.notes: list[tuple[str, str]] = []
        self.breaks_before = self.breaks_after = False  # page or column breaks before and after the first words

    # -- what stands in a paragraph

    def read(self, paragraph: etree._Element) -> None:
        """The whole paragraph, and what must not run over its end."""
        self.inline(paragraph)
        for open_field in self.state.fields:
            if open_field.in_code or open_field.swallowed is not None:
                self.mark(f"a field runs over the end of the paragraph: {''.join(open_field.code + (open_field.swallowed or []))}")
                open_field.swallowed = None
                open_field.instruction = open_field.instruction or Instruction("", (), ())

    def inline(self, parent: etree._Element) -> None:
        for child in parent:
            tag = str(child.tag)
            reader = _INLINE.get(tag)
            if reader is not None:
                reader(self, child)
            elif tag not in _SILENT:
                self.mark(f"unknown element {local(child)}")

    # -- elements of a paragraph

    def run(self, element: etree._Element) -> None:
        self.context.spend()
        properties = element.find(W + "rPr")
        formatting = self.formatting(properties)
        for child in element:
            tag = str(child.tag)
            if tag == W + "t" or tag == W + "delText":
                self.write(_text_of(child), formatting)
            elif tag in _CHARACTERS:
                self.write(_CHARACTERS[tag], formatting)
            else:
                reader = _IN_RUN.get(tag)
                if reader is not None:
                    reader(self, child, formatting)
                elif tag not in _SILENT:
                    self.mark(f"unknown element {local(child)}")

    def formatting(self, properties: etree._Element | None) -> Effective:
        effective = self.context.styles.run(properties, self.style, self.table)
        if properties is not None and properties.find(W + "rPrChange") is not None:
            self.mark("tracked formatting")
        return (*effective, ("raw", str(written(properties)))) if self.context.strict else effective

    def link(self, element: etree._Element) -> None:
        key = element.get(R + "id")
        if key is None:
            if self.state.contents:
                self.references.append(Reference("page", element.get(W + "anchor", ""), ""))
            self.inline(element)
            return
        arrow = self.context.arrow(self.state.story.part, key)
        self.mark(f"link {arrow.target}" if arrow is not None else "link to nothing")
        self.inline(element)
        self.mark("end link")

    def simple_field(self, element: etree._Element) -> None:
        self.begin_field(None)
        self.state.fields[-1].code.append(element.get(W + "instr", ""))
        self.separate_field()
        self.inline(element)
        self.end_field()

    def control(self, element: etree._Element) -> None:
        properties, content = element.find(W + "sdtPr"), element.find(W + "sdtContent")
        start = self.builder.length
        if content is not None:
            self.inline(content)
        note_binding(self.context, self.state.story.part, properties, content)
        self.controls.append(Control(control_tag(properties), start, self.builder.length))

    def tracked(self, element: etree._Element) -> None:
        says = _TRACKED[str(element.tag)]
        self.mark(says)
        self.inline(element)
        self.mark(f"end {says}")

    def bookmark(self, element: etree._Element) -> None:
        name = element.get(W + "name", "")
        self.state.bookmarks.append(name)
        if self.context.strict and name != "_GoBack":
            self.mark(f"bookmark {name}")

    def direction(self, element: etree._Element) -> None:
        self.mark(f"{local(element)} {element.get(VAL, '')}")
        self.inline(element)
        self.mark(f"end {local(element)}")

    # -- elements of a run

    def breaks(self, element: etree._Element, formatting: Effective) -> None:
        if element.get(W + "type", "textWrapping") == "textWrapping":
            self.write("\n", formatting)
        elif self.builder.length:
            self.breaks_after = True
        else:
            self.breaks_before = True

    def symbol(self, element: etree._Element, formatting: Effective) -> None:
        code = element.get(W + "char", "")
        font = element.get(W + "font", "")
        said = dict(formatting) | {"ascii": font}
        said.pop("hAnsi", None)
        try:
            self.write(chr(int(code, 16)), tuple(sorted(said.items(), key=lambda entry: entry[0])))
        except (ValueError, OverflowError):
            self.mark(f"symbol {code} of {font}")

    def field_mark(self, element: etree._Element, formatting: Effective) -> None:
        kind = element.get(W + "fldCharType")
        if kind == "begin":
            self.begin_field(element)
        elif kind == "separate" and self.state.fields:
            self.separate_field()
        elif kind == "end" and self.state.fields:
            self.end_field()
        else:
            self.mark("a stray field mark")

    def code(self, element: etree._Element, formatting: Effective) -> None:
        if self.state.fields and self.state.fields[-1].in_code:
            self.state.fields[-1].code.append(element.text or "")
        else:
            self.mark(f"stray field code {element.text}")

    def note(self, element: etree._Element, formatting: Effective) -> None:
        kind = local(element).removesuffix("Reference")
        self.mark(kind, formatting)
        self.notes.append((kind, element.get(W + "id", "")))

    def own_mark(self, element: etree._Element, formatting: Effective) -> None:
        """The note's own number in the note; word processors format it as they like."""
        self.mark(local(element))

    def drawing(self, element: etree._Element, formatting: Effective) -> None:
        self.context.spend()
        for says, shape, boxes in read_drawing(self.context, self.state.story.part, element):
            self.mark(says, shape)
            self.boxes.extend(boxes)

    def alternate(self, element: etree._Element, formatting: Effective) -> None:
        choice, complaint = read_alternate(element)
        if complaint:
            self.mark(complaint)
        for child in choice if choice is not None else ():
            reader = _IN_RUN.get(str(child.tag))
            if reader in (ParagraphReader.drawing,):
                self.drawing(child, formatting)
            else:
                self.mark(f"unexpected alternative {local(child)}: {' '.join(str(words) for words in child.itertext())}")

    # -- fields


def _text_of(element: etree._Element) -> str:
    text = element.text or ""
    if element.get(XML_SPACE) != "preserve":
        text = text.strip(_XML_SPACE_CHARACTERS)
    return text.translate(_RAW_BREAKS)


def control_tag(properties: etree._Element | None) -> str:
    """The tag of a content control, ``""`` without one."""
    tag = None if properties is None else properties.find(W + "tag")
    return "" if tag is None else tag.get(VAL, "")


def note_binding(context: Context, part: str, properties: etree._Element | None, content: etree._Element | None) -> None:
    """Remember a control that takes its text from a data store."""
    binding = None if properties is None else next((child for child in properties if local(child) == "dataBinding"), None)
    if binding is not None:
        text = "" if content is None else "".join(child.text or "" for child in content.iter(W + "t"))
        said = {str(name).rpartition("}")[2]: str(value) for name, value in binding.attrib.items()}
        context.bindings.append(Binding(part, said.get("storeItemID", "").upper(), said.get("xpath", ""), said.get("prefixMappings", ""), text))


_INLINE: dict[str, Callable[[ParagraphReader, etree._Element], None]] = {
    W + "r": ParagraphReader.run,
    W + "hyperlink": ParagraphReader.link,
    W + "fldSimple": ParagraphReader.simple_field,
    W + "sdt": ParagraphReader.control,
    W + "smartTag": ParagraphReader.inline,
    W + "customXml": ParagraphReader.inline,
    W + "bookmarkStart": ParagraphReader.bookmark,
    W + "bdo": ParagraphReader.direction,
    W + "dir": ParagraphReader.direction,
    **dict.fromkeys(_TRACKED, ParagraphReader.tracked),
}
_INLINE |= dict.fromkeys((W + "smartTagPr", W + "customXmlPr"), lambda reader, element: None)
_IN_RUN: dict[str, Callable[[ParagraphReader, etree._Element, Effective], None]] = {
    W + "br": ParagraphReader.breaks,
    W + "sym": ParagraphReader.symbol,
    W + "fldChar": ParagraphReader.field_mark,
    W + "instrText": ParagraphReader.code,
    W + "footnoteReference": ParagraphReader.note,
    W + "endnoteReference": ParagraphReader.note,
    W + "footnoteRef": ParagraphReader.own_mark,
    W + "endnoteRef": ParagraphReader.own_mark,
    W + "commentReference": ParagraphReader.own_mark,
    W + "drawing": ParagraphReader.drawing,
    W + "pict": ParagraphReader.drawing,
    MC + "AlternateContent": ParagraphReader.alternate,
}
