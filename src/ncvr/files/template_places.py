"""Where in the template everything stands that its profile names: prompts, blocks, tables, zones. All findings at once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from lxml import etree

from ncvr.errors import Finding
from ncvr.files.docx_stories import Stories, StoryParagraph
from ncvr.files.docx_words import W, crosses, text_of
from ncvr.files.template_profile import Column, FieldProfile, FreeZone, Instruction, Place, ScheduleTable, Span, TemplateProfile

_WHERE = "Give before, after, row, under or control, so that the place matches as often as count says"


@dataclass(frozen=True, slots=True, eq=False)
class FoundPrompt:
    """A prompt in the template, and what it is a place of: a field, a table's column, or an instruction to take out."""

    owner: FieldProfile | Instruction | tuple[ScheduleTable, Column]
    paragraph: StoryParagraph
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class FoundTable:
    profile: ScheduleTable
    element: etree._Element
    row: etree._Element  # the prototype


@dataclass(slots=True, eq=False)
class TemplateMap:
    """Everything found. ``blocks`` holds, by profile name (and by (name, value) for alternatives), the sibling elements."""

    stories: Stories
    prompts: list[FoundPrompt] = field(default_factory=list)
    tables: list[FoundTable] = field(default_factory=list)
    blocks: dict[str | tuple[str, str], list[list[etree._Element]]] = field(default_factory=dict)
    zones: dict[str, list[etree._Element]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def map_template(profile: TemplateProfile, stories: Stories) -> TemplateMap:
    """Find everything the profile names in the template; ``findings`` holds all that does not fit."""
    found = TemplateMap(stories)
    for table in profile.tables:
        _find_table(table, found)
    _claim_prompts(profile, found)
    _find_blocks(profile, found)
    for zone in profile.free_zones:
        _find_zone(zone, found)
    found.findings += _spacing(found.prompts)
    return found


def _refuse(found: TemplateMap, name: str, problem: str, remedy: str) -> None:
    found.findings.append(Finding(f"profile: {name}", problem, remedy))


# Prompts


def _claim_prompts(profile: TemplateProfile, found: TemplateMap) -> None:
    standing = _standing(profile, found.stories)
    taken: dict[tuple[StoryParagraph, int], str] = {}
    for prompt in found.prompts:
        taken[prompt.paragraph, prompt.start] = prompt.owner[0].name if isinstance(prompt.owner, tuple) else prompt.owner.name
    for owner in _prompters(profile):
        for place in owner.places:
            text = place.prompt or owner.prompt or ""
            matches = [(paragraph, start) for paragraph, start in standing[text] if _fits(place, paragraph, start, start + len(text))]
            if len(matches) != place.count:
                said = f"the prompt {text!r} stands {_times(len(matches))} {_place_words(place)}, not {_times(place.count)}"
                _refuse(found, owner.name, said, _WHERE)
            for paragraph, start in matches:
                if (paragraph, start) in taken:
                    _refuse(found, owner.name, f"the prompt {text!r} {place_words(paragraph)} also belongs to {taken[paragraph, start]}", _WHERE)
                    continue
                taken[paragraph, start] = owner.name
                found.prompts.append(FoundPrompt(owner, paragraph, start, start + len(text)))
    for text, places in standing.items():
        for paragraph, start in places:
            if (paragraph, start) not in taken:
                _refuse(found, text, f"the prompt {text!r} also stands {place_words(paragraph)}, which no field claims", "Add the place to its field")


def _prompters(profile: TemplateProfile) -> list[FieldProfile | Instruction]:
    return [*profile.fields, *(each for each in profile.instructions if each.prompt)]


def _standing(profile: TemplateProfile, stories: Stories) -> dict[str, list[tuple[StoryParagraph, int]]]:
    """Every occurrence of every prompt of the profile."""
    texts = {column.prompt for table in profile.tables for column in table.columns}
    for owner in _prompters(profile):
        texts |= {place.prompt or owner.prompt or "" for place in owner.places}
    standing: dict[str, list[tuple[StoryParagraph, int]]] = {text: [] for text in sorted(texts)}
    for paragraph in stories.paragraphs:
        for text, places in standing.items():
            places.extend((paragraph, start) for start in occurrences(paragraph.text, text))
    return standing


def occurrences(text: str, part: str) -> Iterator[int]:
    """Where ``part`` stands in ``text``, without overlap."""
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + len(part))


def _fits(place: Place, paragraph: StoryParagraph, start: int, end: int) -> bool:
    return (
        place.story == paragraph.story
        and place.pages in (None, paragraph.pages)
        and (place.before is None or paragraph.text[:start].endswith(place.before))
        and (place.after is None or paragraph.text[end:].startswith(place.after))
        and place.row in (None, paragraph.row)
        and place.under in (None, paragraph.under)
        and (place.control is None or _control(paragraph, start, end) == place.control)
    )


def _control(paragraph: StoryParagraph, start: int, end: int) -> str | None:
    """The tag of the content control whose whole content is this stretch of text."""
    for control in paragraph.element.iter(W + "sdt"):
        tag = control.find(f"{W}sdtPr/{W}tag")
        content = control.find(W + "sdtContent")
        if tag is not None and content is not None and text_of(content) == paragraph.text[start:end]:
            return tag.get(W + "val")
    around = next(paragraph.element.iterancestors(W + "sdtContent"), None)
    control_around = None if around is None else around.getparent()
    tag = None if control_around is None else control_around.find(f"{W}sdtPr/{W}tag")
    return tag.get(W + "val") if tag is not None and paragraph.text == paragraph.text[start:end] else None


def _spacing(prompts: Iterable[FoundPrompt]) -> Iterator[Finding]:
    """Two holes never touch or overlap, and none crosses a field, a link or a line break."""
    by_paragraph: dict[StoryParagraph, list[FoundPrompt]] = defaultdict(list)
    for prompt in prompts:
        by_paragraph[prompt.paragraph].append(prompt)
    for paragraph, here in by_paragraph.items():
        here.sort(key=lambda prompt: prompt.start)
        for one, other in pairwise(here):
            if other.start <= one.end:
                yield Finding(
                    f"profile: {place_words(paragraph)}",
                    f"the prompts {paragraph.text[one.start : one.end]!r} and {paragraph.text[other.start : other.end]!r} touch",
                    "There must be fixed text between two of them, or nobody can tell where one value ends",
                )
        for prompt in here:
            if crosses(paragraph.element, prompt.start, prompt.end):
                yield Finding(
                    f"profile: {place_words(paragraph)}",
                    f"the prompt {paragraph.text[prompt.start : prompt.end]!r} crosses a field, link, bookmark, tab or line break",
                    "Retype the prompt in one piece in the template, and register it again",
                )


# Tables


def _find_table(profile: ScheduleTable, found: TemplateMap) -> None:
    headers = [column.header for column in profile.columns]
    tables = [table for table in found.stories.body.iter(W + "tbl") if headers == row_texts(next(iter(rows_of(table)), None))]
    if len(tables) != 1:
        _refuse(
            found,
            profile.name,
            f"{_number(len(tables), 'table has', 'tables have')} the header {' | '.join(headers)}",
            "Give the header cells of exactly one table",
        )
        return
    prompts = [column.prompt for column in profile.columns]
    rows = [row for row in rows_of(tables[0]) if _holds(row_texts(row), prompts)]
    if len(rows) != 1:
        _refuse(
            found, profile.name, f"{_number(len(rows), 'row holds', 'rows hold')} the prompts of its columns", "Give the prompts of exactly one row, in order"
        )
        return
    if next(rows[0].iter(W + "bookmarkStart", W + "sdt", W + "drawing", W + "footnoteReference"), None) is not None:
        _refuse(found, profile.name, "the row that is repeated holds a bookmark, control, picture or note", "Take it out of the template's row")
    found.tables.append(FoundTable(profile, tables[0], rows[0]))
    _claim_columns(profile, rows[0], found)


def _claim_columns(profile: ScheduleTable, row: etree._Element, found: TemplateMap) -> None:
    by_element = {paragraph.element: paragraph for paragraph in found.stories.paragraphs}
    for column, cell in zip(profile.columns, cells_of(row), strict=True):
        places = [(by_element[p], start) for p in cell.iter(W + "p") for start in occurrences(text_of(p), column.prompt)]
        if len(places) != 1:
            _refuse(found, profile.name, f"the prompt {column.prompt!r} stands {_times(len(places))} in its cell", "Let it stand exactly once")
            continue
        paragraph, start = places[0]
        found.prompts.append(FoundPrompt((profile, column), paragraph, start, start + len(column.prompt)))


def rows_of(table: etree._Element) -> list[etree._Element]:
    """The rows of a table itself, also those that a control wraps."""
    return list(_through_controls(table, W + "tr"))


def cells_of(row: etree._Element) -> list[etree._Element]:
    """The cells of a row itself, also those that a control wraps."""
    return list(_through_controls(row, W + "tc"))


def _through_controls(parent: etree._Element, tag: str) -> Iterator[etree._Element]:
    for child in parent:
        if child.tag == tag:
            yield child
        elif child.tag in (W + "sdt", W + "sdtContent", W + "customXml"):
            yield from _through_controls(child, tag)


def row_texts(row: etree._Element | None) -> list[str]:
    """The text of each cell of a row; paragraphs of a cell are joined by a line feed."""
    if row is None:
        return []
    return ["\n".join(text_of(paragraph) for paragraph in _through_controls(cell, W + "p")) for cell in cells_of(row)]


def _holds(cells: list[str], prompts: list[str]) -> bool:
    return len(cells) == len(prompts) and all(prompt in cell for prompt, cell in zip(prompts, cells, strict=True))


# Blocks


def _find_blocks(profile: TemplateProfile, found: TemplateMap) -> None:
    wanted: list[tuple[str | tuple[str, str], str, Iterable[Span]]] = []
    wanted += [(block.name, block.name, block.spans) for block in profile.conditional_blocks]
    wanted += [((choice.name, option.value), choice.name, option.spans) for choice in profile.choices for option in choice.alternatives]
    wanted += [(instruction.name, instruction.name, instruction.spans) for instruction in profile.instructions if instruction.spans]
    wanted += [(repeat.name, repeat.name, [repeat.span]) for repeat in profile.repeats]
    owners: dict[etree._Element, str] = {}
    for key, name, spans in wanted:
        found.blocks[key] = [blocks for span in spans if (blocks := _span(span, name, found))]
        for element in [element for blocks in found.blocks[key] for element in blocks]:
            if element in owners:
                _refuse(found, name, f"its block {_begins(element)!r} also belongs to {owners[element]}", "Let every block belong to one of them only")
            owners[element] = name


def _span(span: Span, name: str, found: TemplateMap) -> list[etree._Element]:
    candidates = [each for each in _candidates(span, found.stories) if _begins(each).startswith(span.first)]
    if span.under is not None:
        candidates = [each for each in candidates if _under(each, found.stories) == span.under]
    if len(candidates) != 1:
        _refuse(
            found,
            name,
            f"{_number(len(candidates), f'{span.unit} begins', f'{span.unit}s begin')} with {span.first!r}",
            "Give the beginning of exactly one, or the heading it is under",
        )
        return []
    blocks = [candidates[0]]
    wanted = span.last or span.first
    while not _begins(blocks[-1]).startswith(wanted):
        following = blocks[-1].getnext()
        if following is None:
            _refuse(found, name, f"no {span.unit} after {span.first!r} begins with {wanted!r}", "Give the beginning of a block further on")
            return []
        blocks.append(following)
    if any(True for block in blocks for _ in block.iter(W + "sectPr")):
        _refuse(
            found, name, "a section break stands inside it, so taking it out would change the pages around it", "Let the block end before the section break"
        )
    return blocks


def _candidates(span: Span, stories: Stories) -> Iterable[etree._Element]:
    return stories.body.iter(W + "tr") if span.unit == "row" else stories.body.iterchildren()


def _begins(block: etree._Element) -> str:
    """The text of the block's first paragraph that has any."""
    return next((text for paragraph in block.iter(W + "p") if (text := text_of(paragraph))), "")


def _under(block: etree._Element, stories: Stories) -> str:
    first = next(block.iter(W + "p"), None)
    return next((each.under for each in stories.paragraphs if each.element is first), "")


def _find_zone(zone: FreeZone, found: TemplateMap) -> None:
    blocks = list(found.stories.body.iterchildren())
    ends = []
    for which, wanted in (("after", zone.after), ("before", zone.before)):
        matches = [at for at, block in enumerate(blocks) if _begins(block).startswith(wanted)]
        if len(matches) != 1:
            _refuse(
                found,
                zone.name,
                f"{_number(len(matches), 'block begins', 'blocks begin')} with {wanted!r} ({which})",
                "Give the beginning of exactly one block",
            )
            return
        ends.append(matches[0])
    inside = blocks[ends[0] + 1 : ends[1]]
    if not inside or any(block.tag != W + "p" for block in inside):
        _refuse(found, zone.name, "between its two fixed paragraphs there is not just text", "Let it hold at least one paragraph, and only paragraphs")
        return
    found.zones[zone.name] = inside


# Words


def _times(count: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")


def _number(count: int, one: str, more: str) -> str:
    return f"{count} {more}" if count > 1 else f"one {one}" if count else f"no {one}"


def _place_words(place: Place) -> str:
    narrowed = [f"{name} {value!r}" for name in ("control", "before", "after", "row", "under") if (value := getattr(place, name)) is not None]
    story = f"in the {place.pages + '-page ' if place.pages == 'first' else ''}{place.story}" + ("s" if place.story in ("header", "footer") else "")
    return story + (f" with {', '.join(narrowed)}" if narrowed else "")


def place_words(paragraph: StoryParagraph) -> str:
    """Where a paragraph stands, for people: ``in the body, under 'Invoicing', row 'Payee'``."""
    pages = {"first": "first page, ", "even": "even pages, "}.get(paragraph.pages or "", "")
    where = "in the text box" if paragraph.story == "box" else f"in the {paragraph.story}"
    under = f", under {paragraph.under!r}" if paragraph.under and paragraph.story == "body" else ""
    row = f", row {paragraph.row!r}" if paragraph.row and paragraph.row != paragraph.text else ""
    return f"{where}{', ' + pages.rstrip(', ') if pages else ''}{under}{row}"
