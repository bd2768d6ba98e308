"""The pinned template in canonical form, with everything its profile names found in it: holes, blocks, tables, zones."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ncvr.errors import TemplateError
from ncvr.files.contract_form.document import Form, read_form
from ncvr.files.contract_form.items import Block, Item, plain
from ncvr.files.docx_package import read_package
from ncvr.files.docx_parts import read_parts
from ncvr.files.template_profile import FieldProfile, FreeZone, Instruction, Place, Repeat, ScheduleTable, Span, TemplateProfile
from ncvr.files.verification.patterns import Hole, Pattern, pattern_of

Range = tuple[int, int]  # items from, to (excluded)


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A schedule table: its items, its rows' items, and which row is the prototype."""

    profile: ScheduleTable
    whole: Range
    rows: tuple[Range, ...]
    prototype: int

    @property
    def header(self) -> tuple[str, ...]:
        return tuple(column.header for column in self.profile.columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateForm:
    """Ranges are of items of ``form``. Made once for a template and used for every contract."""

    profile: TemplateProfile
    form: Form
    patterns: dict[int, Pattern]
    conditional: dict[str, tuple[Range, ...]]
    alternatives: dict[tuple[str, str], tuple[Range, ...]]
    instructions: tuple[Range, ...]
    repeats: tuple[tuple[Repeat, Range], ...]
    zones: tuple[tuple[FreeZone, Range], ...]
    tables: tuple[FoundTable, ...]


@dataclass(slots=True)
class _Finder:
    """Looks things up in the items of a template."""

    form: Form
    headings: list[str] = field(default_factory=list)  # the nearest heading above, by item
    first_cells: list[str | None] = field(default_factory=list)  # the text of the first cell of the row, by item

    def __post_init__(self) -> None:
        heading, row, column = "", None, 0
        rows: dict[int, str] = {}
        stack: list[tuple[int | None, int]] = []
        row_of: list[int | None] = []
        for at, item in enumerate(self.form.items):
            if item.kind == "table":
                stack.append((row, column))
                row = None
            elif item.kind == "end" and stack:
                row, column = stack.pop()
            elif item.kind == "row":
                row, column = at, 0
            elif item.kind == "cell":
                column += 1
            elif item.kind == "paragraph" and row is not None and column == 1:
                rows[row] = (rows[row] + "\n" if row in rows else "") + plain(item.text)
            if item.outline and item.story.kind == "body":
                heading = plain(item.text)
            self.headings.append(heading if item.story.kind == "body" else "")
            row_of.append(row)
        self.first_cells = [None if row is None else rows.get(row, "") for row in row_of]

    def begins(self, block: Block) -> str:
        return next((plain(self.form.items[at].text) for at in range(block.start, block.end) if self.form.items[at].kind == "paragraph"), "")

    def span(self, span: Span, owner: str) -> Range:
        """The items of a span. Raises TemplateError where it is not in the template exactly once."""
        blocks = [block for block in self.form.blocks if block.is_row == (span.unit == "row") and block.end > block.start]
        starts = [block for block in blocks if self.begins(block).startswith(span.first) and (span.unit == "row" or block.parent == -1)]
        starts = [block for block in starts if self.form.items[block.start].story.kind == "body"]
        if span.under is not None:
            starts = [block for block in starts if self.headings[block.start] == span.under]
        if len(starts) != 1:
            raise TemplateError(f"{len(starts)} blocks begin with {span.first!r}", f"profile: {owner}", "Mend the profile, or restore the template")
        siblings = [block for block in blocks if block.parent == starts[0].parent and block.start >= starts[0].start]
        wanted = span.last or span.first
        last = next((block for block in siblings if self.begins(block).startswith(wanted)), None)
        if last is None:
            raise TemplateError(f"no block after {span.first!r} begins with {wanted!r}", f"profile: {owner}", "Mend the profile, or restore the template")
        return starts[0].start, last.end

    def zone(self, zone: FreeZone) -> Range:
        ends = []
        blocks = [block for block in self.form.blocks if block.parent == -1 and block.end > block.start]
        for wanted in (zone.after, zone.before):
            matches = [block for block in blocks if self.begins(block).startswith(wanted) and self.form.items[block.start].story.kind == "body"]
            if len(matches) != 1:
                raise TemplateError(f"{len(matches)} blocks begin with {wanted!r}", f"profile: {zone.name}", "Mend the profile, or restore the template")
            ends.append(matches[0])
        return ends[0].end, ends[1].start

    def table(self, profile: ScheduleTable) -> FoundTable:
        headers = [column.header for column in profile.columns]
        for number, block in enumerate(self.form.blocks):
            if block.end == block.start or self.form.items[block.start].kind != "table":
                continue
            rows = [row for row in self.form.blocks if row.is_row and row.parent == number]
            if not rows or self.cells(rows[0]) != headers:
                continue
            prompts = [column.prompt for column in profile.columns]
            prototypes = [at for at, row in enumerate(rows) if _holds(self.cells(row), prompts)]
            if len(prototypes) == 1:
                return FoundTable(profile, (block.start, block.end), tuple((row.start, row.end) for row in rows), prototypes[0])
        raise TemplateError(f"no table has the header {' | '.join(headers)}", f"profile: {profile.name}", "Mend the profile, or restore the template")

    def cells(self, row: Block) -> list[str]:
        """The text of each cell of a row, paragraphs joined by a line feed."""
        return cell_texts(self.form.items[row.start : row.end])


def cell_texts(items: Sequence[Item]) -> list[str]:
    """The text of each cell of one row's items, paragraphs joined by a line feed; nested tables are left out."""
    cells: list[list[str]] = []
    depth = 0
    for item in items:
        depth += (item.kind == "table") - (item.kind == "end")
        if depth == 0 and item.kind == "cell":
            cells.append([])
        elif depth == 0 and item.kind == "paragraph" and cells:
            cells[-1].append(plain(item.text))
    return ["\n".join(cell) for cell in cells]


def _holds(cells: Sequence[str], prompts: Sequence[str]) -> bool:
    return len(cells) == len(prompts) and all(prompt in cell for prompt, cell in zip(prompts, cells, strict=True))


def read_template(content: bytes, profile: TemplateProfile, *, strict: bool = False) -> TemplateForm:
    """The template with its profile applied. Raises TemplateError where the two don't fit, CannotTell where it can't be read."""
    place = f"template {profile.family}/{profile.version}"
    form = read_form(read_parts(read_package(content, place)), strict=strict)
    finder = _Finder(form)
    tables = tuple(finder.table(table) for table in profile.tables)
    holes = _holes(profile, finder, tables)
    return TemplateForm(
        profile=profile,
        form=form,
        patterns={at: pattern for at, here in holes.items() if (pattern := pattern_of(form.items[at], here)) is not None},
        conditional={block.name: tuple(finder.span(span, block.name) for span in block.spans) for block in profile.conditional_blocks},
        alternatives={
            (choice.name, option.value): tuple(finder.span(span, choice.name) for span in option.spans)
            for choice in profile.choices
            for option in choice.alternatives
        },
        instructions=tuple(finder.span(span, each.name) for each in profile.instructions for span in each.spans),
        repeats=tuple((repeat, finder.span(repeat.span, repeat.name)) for repeat in profile.repeats),
        zones=tuple((zone, finder.zone(zone)) for zone in profile.free_zones),
        tables=tables,
    )


def _holes(profile: TemplateProfile, finder: _Finder, tables: Sequence[FoundTable]) -> dict[int, list[Hole]]:
    holes: dict[int, list[Hole]] = defaultdict(list)
    for table in tables:
        for at, hole in _column_holes(table, finder.form.items):
            holes[at].append(hole)
    owners: list[FieldProfile | Instruction] = [*profile.fields, *(each for each in profile.instructions if each.prompt)]
    for owner in owners:
        for place in owner.places:
            _claim(owner, place, finder, holes)
    for at, here in holes.items():
        here.sort(key=lambda hole: hole.start)
        for one, other in pairwise(here):
            if other.start <= one.end:
                words = f"the places of {one.name} and {other.name} touch in {plain(finder.form.items[at].text)[:60]!r}"
                raise TemplateError(words, f"profile: {other.name}", "Leave fixed text between two places, or nobody can tell where one value ends")
    return holes


def _column_holes(table: FoundTable, items: Sequence[Item]) -> Iterator[tuple[int, Hole]]:
    start, end = table.rows[table.prototype]
    column = -1
    for at in range(start, end):
        if items[at].kind == "cell":
            column += 1
        elif items[at].kind == "paragraph":
            wanted = table.profile.columns[column]
            found = items[at].text.find(wanted.prompt)
            if found >= 0:
                yield at, Hole(found, found + len(wanted.prompt), "column", wanted.key, wanted.prompt, table=table.profile, column=wanted)


def _claim(owner: FieldProfile | Instruction, place: Place, finder: _Finder, holes: dict[int, list[Hole]]) -> None:
    prompt = place.prompt or owner.prompt or ""
    for at, item in enumerate(finder.form.items):
        if item.kind != "paragraph" or item.story.kind != place.story or item.contents:
            continue
        start = item.text.find(prompt)
        while start >= 0:
            end = start + len(prompt)
            if _fits(place, item, start, end, finder, at) and not any(hole.start == start for hole in holes[at]):
                if isinstance(owner, FieldProfile):
                    holes[at].append(Hole(start, end, "field", owner.name, prompt, field=owner))
                else:
                    holes[at].append(Hole(start, end, "instruction", owner.name, prompt))
            start = item.text.find(prompt, end)


def _fits(place: Place, item: Item, start: int, end: int, finder: _Finder, at: int) -> bool:
    return (
        place.pages in (None, item.story.pages)
        and (place.before is None or plain(item.text[:start]).endswith(place.before))
        and (place.after is None or plain(item.text[end:]).startswith(place.after))
        and place.row in (None, finder.first_cells[at])
        and place.under in (None, finder.headings[at])
        and (place.control is None or any((control.tag, control.start, control.end) == (place.control, start, end) for control in item.controls))
    )
