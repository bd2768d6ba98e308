"""The text of a paragraph as a reader sees it: fields resolved, hidden words kept apart, what hides words noted."""

import re
from dataclasses import dataclass, field

from lxml import etree

from ncvr.errors import CannotTell
from ncvr.files.contract_form import hiding
from ncvr.files.contract_form.context import Context
from ncvr.files.contract_form.fields import VOLATILE, Instruction, OpenField, is_page_number, read_instruction
from ncvr.files.contract_form.items import PAGE_NUMBER, Hazard, Reference, Story, TextBuilder, combined
from ncvr.files.contract_form.names import MARKS, VAL, W, token
from ncvr.files.contract_form.styles import Effective

_MARKS = re.compile(f"[{''.join(sorted(MARKS))}]")
_ENTRY_PAGE = re.compile(r"\t[0-9ivxlcIVXLC]{1,6}\Z")
_NOTHING: Effective = ()
_DEEPEST_FIELDS = 32


@dataclass(slots=True)
class StoryState:
    """What carries over from one paragraph of a story to the next."""

    story: Story
    fields: list[OpenField] = field(default_factory=list)
    contents: int = 0  # how many tables of contents are open
    bookmarks: list[str] = field(default_factory=list)  # begun since the last paragraph that was kept
    controls: list[str] = field(default_factory=list)  # tags of block-level controls around


class ShownText:
    """Collects what a paragraph shows: ``builder`` its text, ``references`` where fields lead, ``hazards`` what hides words."""

    def __init__(self, context: Context, state: StoryState, background: str) -> None:
        self.context, self.state, self.background = context, state, background
        self.builder = TextBuilder()
        self.references: list[Reference] = []
        self.hazards: list[Hazard] = []
        self.contents = state.contents > 0

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
