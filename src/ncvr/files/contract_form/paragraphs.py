"""One paragraph as text with tokens: runs joined, fields and controls looked through, what is unknown kept as a token."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import etree

from ncvr.errors import CannotTell
from ncvr.files.contract_form import hiding
from ncvr.files.contract_form.context import Binding, Context
from ncvr.files.contract_form.drawings import read_alternate, read_drawing
from ncvr.files.contract_form.fields import VOLATILE, Instruction, OpenField, is_page_number, read_instruction
from ncvr.files.contract_form.items import PAGE_NUMBER, Control, Hazard, Reference, Story, TextBuilder, combined
from ncvr.files.contract_form.names import MARKS, MC, VAL, XML_SPACE, R, W, local, token
from ncvr.files.contract_form.styles import Effective, written

_XML_SPACE_CHARACTERS = " \t\r\n"
_RAW_BREAKS = str.maketrans({"\t": " ", "\r": " ", "\n": " "})
_MARKS = re.compile(f"[{''.join(sorted(MARKS))}]")
_ENTRY_PAGE = re.compile(r"\t[0-9ivxlcIVXLC]{1,6}\Z")
_NOTHING: Effective = ()
_DEEPEST_FIELDS = 32
# Marks that nobody sees and that tools add, move or drop.
_SILENT = frozenset(
    W + name for name in ("proofErr", "bookmarkEnd", "lastRenderedPageBreak", "commentRangeStart", "commentRangeEnd", "rPr", "pPr", "annotationRef")
)
_TRACKED = {W + "ins": "inserted", W + "del": "deleted", W + "moveFrom": "moved away", W + "moveTo": "moved here"}
_CHARACTERS = {W + "tab": "\t", W + "ptab": "\t", W + "cr": "\n", W + "noBreakHyphen": "\u2011", W + "softHyphen": "\u00ad"}


@dataclass(slots=True)
class StoryState:
    """What carries over from one paragraph of a story to the next."""

    story: Story
    fields: list[OpenField] = field(default_factory=list)
    contents: int = 0  # how many tables of contents are open
    bookmarks: list[str] = field(default_factory=list)  # begun since the last paragraph that was kept
    controls: list[str] = field(default_factory=list)  # tags of block-level controls around


class ParagraphReader:
    """Reads one paragraph; afterwards ``builder``, ``references``, ``controls``, ``hazards``, ``boxes`` and ``notes`` hold it."""

    def __init__(self, context: Context, state: StoryState, style: str | None, table: str | None, background: str) -> None:
        self.context, self.state = context, state
        self.style, self.table, self.background = style, table, background
        self.builder = TextBuilder()
        self.references: list[Reference] = []
        self.controls: list[Control] = []
        self.hazards: list[Hazard] = []
        self.boxes: list[etree._Element] = []
        self.notes: list[tuple[str, str]] = []
        self.contents = state.contents > 0
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

    def mark(self, says: str, formatting: Effective = _NOTHING) -> None:
        """A token."""
        swallowing = next((each for each in self.state.fields if each.swallowed is not None), None)
        if swallowing is not None and swallowing.swallowed is not None:
            swallowing.swallowed.append(token(says))
        else:
            self.builder.add(token(says), formatting)

    def write(self, text: str, formatting: Effective) -> None:
        """Text a reader sees, or would if it weren't hidden or part of a field."""
        fields = self.state.fields
        if fields:
            if fields[-1].in_code:
                fields[-1].code.append(text)
                return
            for open_field in fields:
                if open_field.swallowed is not None:
                    open_field.swallowed.append(text)
                    open_field.formats.add(formatting)
                    self._judge(text, formatting)
                    return
        if _MARKS.search(text):
            text = _MARKS.sub(lambda found: token(f"character {ord(found.group()):04X}"), text)
        if ("vanish", True) in formatting:
            self.builder.add_hidden(text, formatting)
        else:
            self.builder.add(text, formatting)
            self._judge(text, formatting)

    def _judge(self, text: str, formatting: Effective) -> None:
        if text.isspace() or all("\uf000" <= character <= "\uf0ff" for character in text):
            return
        says = "the words are hidden" if ("vanish", True) in formatting else hiding.run_hazard(formatting, self.background)
        if says:
            self.hazards.append(Hazard(says, text))

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

    def begin_field(self, element: etree._Element | None) -> None:
        if len(self.state.fields) >= _DEEPEST_FIELDS:
            raise CannotTell("fields are nested deeper than any word processor shows", self.context.parts.place, "Ask for the file again")
        self.state.fields.append(OpenField(checked=_checked(element)))

    def separate_field(self) -> None:
        open_field = self.state.fields[-1]
        if not open_field.in_code:
            self.mark("a stray field mark")
            return
        open_field.instruction = said = read_instruction("".join(open_field.code))
        if said.name == "TOC":
            self.state.contents += 1
            self.contents = True
        elif said.name == "PAGEREF" and self.state.contents:
            self.references.append(Reference("page", said.arguments[0] if said.arguments else "", ""))
        elif said.name in VOLATILE or said.is_number_reference:
            open_field.swallowed = []
        elif said.name == "FORMCHECKBOX":
            self.mark(f"check box {open_field.checked}")
        elif not _is_transparent(said):
            says, open_field.close = ("link", "end link") if said.name == "HYPERLINK" else (f"field {said.name}", "end field")
            rest = " ".join((*said.arguments, *said.switches))
            self.mark(f"{says} {rest}".strip())

    def end_field(self) -> None:
        if self.state.fields[-1].in_code:
            self.separate_field()
        open_field = self.state.fields.pop()
        said = open_field.instruction or Instruction("", (), ())
        if said.name == "TOC":
            self.state.contents -= 1
        if open_field.swallowed is not None:
            self._volatile(said, "".join(open_field.swallowed), open_field.formats)
        elif open_field.close:
            self.mark(open_field.close)

    def _volatile(self, said: Instruction, result: str, formats: set[Effective]) -> None:
        formatting = combined(formats)
        if said.name == "REF":
            self.references.append(Reference("number", said.arguments[0] if said.arguments else "", result))
            self.mark("reference", formatting)
            return
        self.mark(f"field {said.says}", formatting)
        if not is_page_number(result) or self.context.strict:
            self.mark(f"shows {result}", formatting)

    def finished(self) -> tuple[str, tuple[tuple[int, Effective], ...]]:
        """Text and formatting; in the contents the page number at the end is one token."""
        text = self.builder.text
        page = _ENTRY_PAGE.search(text) if self.contents and not self.context.strict else None
        return (text, tuple(self.builder.runs)) if page is None else self.builder.cut(page.start(), PAGE_NUMBER)


def _is_transparent(said: Instruction) -> bool:
    if said.name == "HYPERLINK":
        return "\\l" in said.switches and len(said.arguments) == 1  # a link within the document
    return said.name == "" or (said.name == "FILLIN" and not any(said.arguments))


def _checked(element: etree._Element | None) -> str:
    box = None if element is None else element.find(f"{W}ffData/{W}checkBox")
    if box is None:
        return ""
    state = box.find(W + "checked")
    state = box.find(W + "default") if state is None else state
    return "off" if state is None or state.get(VAL, "1") in ("0", "false", "off") else "on"


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
