"""What a canonical document is made of: one ordered list of items."""

from dataclasses import dataclass, field
from typing import Literal

from ncvr.files.contract_form.names import CLOSE, OPEN, token
from ncvr.files.contract_form.numbering import Numbered
from ncvr.files.contract_form.styles import Effective

Kind = Literal["paragraph", "table", "row", "cell", "end", "section break", "page break", "section", "furniture", "unknown"]
StoryKind = Literal["body", "box", "header", "footer", "note"]
Runs = tuple[tuple[int, Effective], ...]  # lengths along the text of an item, and their formatting

HIDDEN, END_HIDDEN, PAGE_NUMBER = token("hidden"), token("end hidden"), token("page number")


@dataclass(frozen=True, slots=True)
class Story:
    """A stream of paragraphs. ``pages`` and ``section`` say which header or footer; ``name`` is for people."""

    kind: StoryKind
    part: str
    name: str
    pages: str = ""
    section: int = 0


@dataclass(frozen=True, slots=True)
class Reference:
    """A cross-reference: ``kind`` ``number`` (shows the target's number) or ``page`` (in the contents)."""

    kind: Literal["number", "page"]
    target: str
    result: str


@dataclass(frozen=True, slots=True)
class Control:
    """A content control's stretch of an item's text."""

    tag: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hazard:
    """Something that hides words, found on the file alone."""

    says: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A paragraph, or a mark of structure. Text and formatting are compared; the rest says where it is and what it means."""

    kind: Kind
    story: Story
    text: str = ""
    runs: Runs = ()
    shape: Effective = ()  # formatting of the paragraph, cell, row, table or section
    base: Effective = ()  # formatting of a run that says nothing itself
    numbered: Numbered | None = None
    bookmarks: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    controls: tuple[Control, ...] = ()
    hazards: tuple[Hazard, ...] = ()
    outline: int = 0  # 1 to 9 for headings
    contents: bool = False  # stands in a table of contents


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of items that is one block: a paragraph, table, row or block-level control. ``parent`` groups siblings."""

    start: int
    end: int
    parent: int
    is_row: bool


@dataclass(slots=True)
class TextBuilder:
    """The text of one paragraph as it grows, with its formatting beside it."""

    pieces: list[str] = field(default_factory=list)
    runs: list[tuple[int, Effective]] = field(default_factory=list)
    length: int = 0

    def add(self, text: str, formatting: Effective) -> None:
        if not text:
            return
        self.pieces.append(text)
        self.length += len(text)
        if self.runs and self.runs[-1][1] == formatting:
            self.runs[-1] = (self.runs[-1][0] + len(text), formatting)
        else:
            self.runs.append((len(text), formatting))

    def add_hidden(self, text: str, formatting: Effective) -> None:
        """Hidden text is a token of its own kind; neighbouring hidden stretches are one."""
        if self.pieces and self.pieces[-1] == END_HIDDEN:
            self.pieces.pop()
            self._shorten(len(END_HIDDEN))
        else:
            self.add(HIDDEN, formatting)
        self.add(text, formatting)
        self.add(END_HIDDEN, formatting)

    def _shorten(self, by: int) -> None:
        self.length -= by
        while by:
            length, formatting = self.runs.pop()
            if length > by:
                self.runs.append((length - by, formatting))
                return
            by -= length

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def cut(self, start: int, replacement: str) -> tuple[str, Runs]:
        """The text up to ``start`` and the replacement, which has all the formatting found from there on."""
        kept: list[tuple[int, Effective]] = []
        found: set[Effective] = set()
        at = 0
        for length, formatting in self.runs:
            if at < start:
                kept.append((min(length, start - at), formatting))
            if at + length > start:
                found.add(formatting)
            at += length
        together = combined(found)
        if kept and kept[-1][1] == together:
            kept[-1] = (kept[-1][0] + len(replacement), together)
        else:
            kept.append((len(replacement), together))
        return self.text[:start] + replacement, tuple(kept)


def combined(formats: set[Effective]) -> Effective:
    """One formatting for what is replaced by a token: that of all its stretches, each property once."""
    return next(iter(formats)) if len(formats) == 1 else tuple(sorted({entry for each in formats for entry in each}, key=str))


def plain(text: str) -> str:
    """The visible characters of an item's text, tokens left out."""
    if OPEN not in text:
        return text
    kept, depth = [], 0
    for character in text:
        if character == OPEN:
            depth += 1
        elif character == CLOSE:
            depth -= 1
        elif not depth:
            kept.append(character)
    return "".join(kept)
