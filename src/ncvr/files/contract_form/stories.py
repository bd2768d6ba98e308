"""Paragraphs and tables in order: the body, a text box, a header, a footer or a note becomes items and blocks."""

from collections.abc import Callable, Iterator

from lxml import etree

from ncvr.files.contract_form import hiding
from ncvr.files.contract_form.context import Context
from ncvr.files.contract_form.items import Block, Control, Hazard, Item, Kind, Story
from ncvr.files.contract_form.names import VAL, W, is_on, local, token, whole
from ncvr.files.contract_form.numbering import Numbered
from ncvr.files.contract_form.paragraphs import ParagraphReader, control_tag, note_binding
from ncvr.files.contract_form.properties import Properties
from ncvr.files.contract_form.shown_text import StoryState
from ncvr.files.contract_form.styles import Effective, effective, merged, written
from ncvr.files.contract_form.table_shapes import fill_of, merge_of, row_shape, span_of, width_of

_SILENT = frozenset(
    W + name for name in ("sectPr", "proofErr", "bookmarkEnd", "tblPr", "tblGrid", "trPr", "tcPr", "commentRangeStart", "commentRangeEnd", "tblPrEx", "sdtPr")
)
_SILENT |= {W + "customXmlPr", W + "sdtEndPr"}
_NOTE_PARTS = {"footnote": "footnotes", "endnote": "endnotes"}


class StoryReader:
    """Reads one story into the context's items. ``table`` and ``background`` are those of the table around, if any."""

    def __init__(self, context: Context, story: Story, on_section: Callable[[etree._Element], None] | None = None) -> None:
        self.context, self.story = context, story
        self.state = StoryState(story)
        self.on_section = on_section

    def read(self, root: etree._Element) -> None:
        """The whole story."""
        self.blocks(root, -1, None, self.context.page)
        if self.state.fields:
            self.item("unknown", text=token("a field that never ends"))

    def blocks(self, parent: etree._Element, group: int, table: str | None, background: str) -> None:
        """Sibling blocks; ``group`` is the number of the block they stand in."""
        for child in parent:
            tag = str(child.tag)
            start = len(self.context.items)
            number = len(self.context.blocks)
            if tag == W + "p":
                self._open_block(start, group)
                self.paragraph(child, table, background)
            elif tag == W + "tbl":
                self._open_block(start, group)
                self.table(child, number, background)
            elif tag == W + "sdt":
                self._open_block(start, group)
                self._control(child, number, table, background)
            elif tag == W + "customXml":
                self.blocks(child, group, table, background)
                continue
            elif tag == W + "bookmarkStart":
                self.state.bookmarks.append(child.get(W + "name", ""))
                continue
            else:
                if tag not in _SILENT:
                    self.item("unknown", text=token(f"unknown element {local(child)}"))
                continue
            opened = self.context.blocks[number]
            self.context.blocks[number] = Block(opened.start, len(self.context.items), opened.parent, opened.is_row)

    def _open_block(self, start: int, group: int, *, is_row: bool = False) -> None:
        self.context.blocks.append(Block(start, start, group, is_row))

    def _control(self, element: etree._Element, number: int, table: str | None, background: str) -> None:
        properties, content = element.find(W + "sdtPr"), element.find(W + "sdtContent")
        note_binding(self.context, self.story.part, properties, content)
        self.state.controls.append(control_tag(properties))
        if content is not None:
            self.blocks(content, number, table, background)
        self.state.controls.pop()

    def item(
        self,
        kind: Kind,
        *,
        text: str = "",
        shape: Effective = (),
        hazards: tuple[Hazard, ...] = (),
    ) -> None:
        self.context.items.append(Item(kind=kind, story=self.story, text=text, shape=shape, hazards=hazards))

    # -- paragraphs

    def paragraph(self, element: etree._Element, table: str | None, background: str) -> None:
        self.context.spend()
        properties = element.find(W + "pPr")
        style = _style(properties)
        numbered, numbered_here = self._numbered(properties, style)
        listed = _list_indents(numbered) if numbered_here or numbered is not None else {}
        shape = dict(self.context.styles.paragraph(properties, style, table, listed))
        behind = hiding.background_of(str(shape.get("fill", "")), background)
        reader = ParagraphReader(self.context, self.state, style, table, behind)
        reader.read(element)
        self._marks_of(reader, properties, style, table)
        text, runs = reader.finished()
        if reader.breaks_before:
            self.item("page break")
        if text or numbered is not None:
            self._kept(reader, text, runs, shape, numbered, properties)
        if reader.breaks_after:
            self.item("page break")
        self._boxes_and_notes(reader)
        section = None if properties is None else properties.find(W + "sectPr")
        if section is not None and self.on_section is not None:
            self.on_section(section)

    def _kept(
        self,
        reader: ParagraphReader,
        text: str,
        runs: tuple[tuple[int, Effective], ...],
        shape: Properties,
        numbered: Numbered | None,
        properties: etree._Element | None,
    ) -> None:
        seen = effective(shape)
        says = hiding.paragraph_hazard(seen)
        hazards = (*reader.hazards, Hazard(says, text)) if says else tuple(reader.hazards)
        outline = int(shape.get("outline", 0))
        if self.context.strict:
            seen = (*seen, ("raw", str(written(properties))))
        if numbered is not None:
            seen = (*seen, *_label_shape(numbered))
        self.context.items.append(
            Item(
                kind="paragraph",
                story=self.story,
                text=text,
                runs=runs,
                shape=seen,
                base=self.context.styles.run(None, reader.style, reader.table),
                numbered=numbered,
                bookmarks=tuple(self.state.bookmarks),
                references=tuple(reader.references),
                controls=(*reader.controls, *(Control(tag, 0, len(text)) for tag in self.state.controls)),
                hazards=hazards,
                outline=outline,
                contents=reader.contents,
            )
        )
        self.state.bookmarks.clear()

    def _numbered(self, properties: etree._Element | None, style: str | None) -> tuple[Numbered | None, bool]:
        """The list of a paragraph, and whether the paragraph itself says so."""
        own = None if properties is None else properties.find(W + "numPr")
        num, level, says = self.context.styles.numbering(style)
        if own is None:
            return self.context.numbering.numbered(num, level, says), False
        own_num, own_level = own.find(W + "numId"), own.find(W + "ilvl")
        if own_num is not None:
            num, level = own_num.get(VAL), 0 if own_level is None else level
        if own_level is not None:
            level = whole(own_level.get(VAL))
        return self.context.numbering.numbered(num, level, says), own_num is not None

    def _marks_of(self, reader: ParagraphReader, properties: etree._Element | None, style: str | None, table: str | None) -> None:
        """Tracked changes of the paragraph, and a hidden paragraph mark, which joins paragraphs on screen."""
        if properties is None:
            return
        if properties.find(W + "pPrChange") is not None:
            reader.mark("tracked formatting")
        mark = properties.find(W + "rPr")
        for name in ("ins", "del", "moveFrom", "moveTo"):
            if mark is not None and mark.find(W + name) is not None:
                reader.mark(f"tracked paragraph mark {name}")
        if ("vanish", True) in self.context.styles.run(mark, style, table) and not reader.contents:
            reader.mark("hidden paragraph mark")

    def _boxes_and_notes(self, reader: ParagraphReader) -> None:
        for box in reader.boxes:
            StoryReader(self.context, Story("box", self.story.part, "text box", self.story.pages, self.story.section)).read(box)
        for kind, key in reader.notes:
            part = self.context.parts.target(self.context.parts.main, _NOTE_PARTS[kind])
            root = self.context.tree(_NOTE_PARTS[kind])
            found = None if root is None else next((note for note in root.iterfind(W + kind) if note.get(W + "id") == key), None)
            if found is None or part is None:
                self.item("unknown", text=token(f"a {kind} that is missing"))
            else:
                StoryReader(self.context, Story("note", part, kind)).read(found)

    # -- tables

    def table(self, element: etree._Element, number: int, background: str) -> None:
        properties = element.find(W + "tblPr")
        style = _style(properties, "tblStyle")
        shape = self._table_shape(properties, style)
        self.item("table", text="right to left" if _has(properties, "bidiVisual") else "", shape=shape, hazards=tuple(self._table_hazards(style)))
        fill = fill_of(properties, self.context)
        self._rows(element, number, style, (properties, fill or background))
        self.item("end")

    def _table_hazards(self, style: str | None) -> Iterator[Hazard]:
        """Parts of a table style that hide a first row, a last column and the like."""
        for link in self.context.styles.chain(style, "table") if style else ():
            for part, (run, fill) in link.conditional.items():
                says = "the words are hidden" if run.get("vanish") is True else hiding.run_hazard(effective(run), hiding.background_of(fill))
                if says or "hidden" in fill:
                    yield Hazard(f"the table style hides its {part}: {says or 'the row is hidden'}", "")

    def _table_shape(self, properties: etree._Element | None, style: str | None) -> Effective:
        said: Properties = {}
        floating = None if properties is None else properties.find(W + "tblpPr")
        if floating is not None:
            said["floating"] = str(written(floating))
        indent = None if properties is None else properties.find(W + "tblInd")
        if indent is not None and indent.get(W + "type", "dxa") == "dxa":
            said["left"] = whole(indent.get(W + "w"))
        return effective(said)

    def _rows(self, parent: etree._Element, number: int, style: str | None, around: tuple[etree._Element | None, str]) -> None:
        for child in parent:
            tag = str(child.tag)
            if tag == W + "tr":
                at = len(self.context.blocks)
                self._open_block(len(self.context.items), number, is_row=True)
                self.row(child, at, style, around)
                self.context.blocks[at] = Block(self.context.blocks[at].start, len(self.context.items), number, True)
            elif tag in (W + "sdt", W + "customXml"):
                content = child.find(W + "sdtContent") if tag == W + "sdt" else child
                note_binding(self.context, self.story.part, child.find(W + "sdtPr"), content)
                if content is not None:
                    self._rows(content, number, style, around)
            elif tag == W + "bookmarkStart":
                self.state.bookmarks.append(child.get(W + "name", ""))
            elif tag not in _SILENT:
                self.item("unknown", text=token(f"unknown element {local(child)}"))

    def row(self, element: etree._Element, number: int, style: str | None, around: tuple[etree._Element | None, str]) -> None:
        properties = element.find(W + "trPr")
        text, shape, hazards = row_shape(properties)
        self.item("row", text=text, shape=shape, hazards=hazards)
        before = None if properties is None else properties.find(W + "gridBefore")
        column = 0 if before is None else whole(before.get(VAL))
        self._cells(element, number, style, around, column)

    def _cells(self, parent: etree._Element, number: int, style: str | None, around: tuple[etree._Element | None, str], column: int) -> int:
        for child in parent:
            tag = str(child.tag)
            if tag == W + "tc":
                column = self.cell(child, number, style, around, column)
            elif tag in (W + "sdt", W + "customXml"):
                properties = child.find(W + "sdtPr")
                content = child.find(W + "sdtContent") if tag == W + "sdt" else child
                note_binding(self.context, self.story.part, properties, content)
                self.state.controls.append(control_tag(properties))
                column = column if content is None else self._cells(content, number, style, around, column)
                self.state.controls.pop()
            elif tag == W + "bookmarkStart":
                self.state.bookmarks.append(child.get(W + "name", ""))
            elif tag not in _SILENT:
                self.item("unknown", text=token(f"unknown element {local(child)}"))
        return column

    def cell(self, element: etree._Element, number: int, style: str | None, around: tuple[etree._Element | None, str], column: int) -> int:
        """One cell; returns the column after it."""
        properties = element.find(W + "tcPr")
        span = span_of(properties)
        fill = fill_of(properties, self.context)
        says = hiding.cell_hazard(*width_of(properties))
        words = "".join(text.text or "" for text in element.iter(W + "t"))
        text = f"column {column + 1}" + (f" to {column + span}" if span > 1 else "") + merge_of(properties)
        direction = None if properties is None else properties.find(W + "textDirection")
        shape = effective({"fill": fill, "direction": "" if direction is None else direction.get(VAL, "").removeprefix("lrTb")})
        self.item("cell", text=text, shape=shape, hazards=(Hazard(says, words),) if says and words.strip() else ())
        self.blocks(element, number, style, hiding.background_of(fill, around[1]))
        return column + span


def _label_shape(numbered: Numbered) -> Effective:
    """How a number looks. The font of a bullet is left out: word processors draw the same dot from different ones."""
    bullet = numbered.shape.format == "bullet"
    seen = [(f"label {name}", value) for name, value in effective(numbered.shape.run) if not (bullet and name in ("ascii", "hAnsi", "hint"))]
    return (*seen, ("label suffix", numbered.shape.suffix))


def _style(properties: etree._Element | None, name: str = "pStyle") -> str | None:
    style = None if properties is None else properties.find(W + name)
    return None if style is None else style.get(VAL)


def _has(properties: etree._Element | None, name: str) -> bool:
    return properties is not None and is_on(properties.find(W + name))


def _list_indents(numbered: Numbered | None) -> Properties:
    return {} if numbered is None else merged([numbered.shape.paragraph])
