"""Where in the template everything stands that its profile names: prompts, blocks, tables, zones. All findings at once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise

from lxml import etree

from ncvr.errors import Finding
from ncvr.files.docx_stories import Stories, StoryParagraph
from ncvr.files.docx_tables import cells_of, row_texts, rows_of
from ncvr.files.docx_words import W, crosses, text_of
from ncvr.files.template_blocks import find_blocks, find_zone
from ncvr.files.template_map import FoundPrompt, FoundTable, TemplateMap, number_of, refuse, times
from ncvr.files.template_profile import FieldProfile, Instruction, Place, ScheduleTable, TemplateProfile

_WHERE = "Give before, after, row, under or control, so that the place matches as often as count says"


def map_template(profile: TemplateProfile, stories: Stories) -> TemplateMap:
    """Find everything the profile names in the template; ``findings`` holds all that does not fit."""
    found = TemplateMap(stories)
    for table in profile.tables:
        _find_table(table, found)
    _claim_prompts(profile, found)
    find_blocks(profile, found)
    for zone in profile.free_zones:
        find_zone(zone, found)
    found.findings += _spacing(found.prompts)
    return found


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
                said = f"the prompt {text!r} stands {times(len(matches))} {_place_words(place)}, not {times(place.count)}"
                refuse(found, owner.name, said, _WHERE)
            for paragraph, start in matches:
                if (paragraph, start) in taken:
                    refuse(found, owner.name, f"the prompt {text!r} {place_words(paragraph)} also belongs to {taken[paragraph, start]}", _WHERE)
                    continue
                taken[paragraph, start] = owner.name
                found.prompts.append(FoundPrompt(owner, paragraph, start, start + len(text)))
    for text, places in standing.items():
        for paragraph, start in places:
            if (paragraph, start) not in taken:
                refuse(found, text, f"the prompt {text!r} also stands {place_words(paragraph)}, which no field claims", "Add the place to its field")


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
        refuse(
            found,
            profile.name,
            f"{number_of(len(tables), 'table has', 'tables have')} the header {' | '.join(headers)}",
            "Give the header cells of exactly one table",
        )
        return
    prompts = [column.prompt for column in profile.columns]
    rows = [row for row in rows_of(tables[0]) if _holds(row_texts(row), prompts)]
    if len(rows) != 1:
        refuse(
            found, profile.name, f"{number_of(len(rows), 'row holds', 'rows hold')} the prompts of its columns", "Give the prompts of exactly one row, in order"
        )
        return
    if next(rows[0].iter(W + "bookmarkStart", W + "sdt", W + "drawing", W + "footnoteReference"), None) is not None:
        refuse(found, profile.name, "the row that is repeated holds a bookmark, control, picture or note", "Take it out of the template's row")
    found.tables.append(FoundTable(profile, tables[0], rows[0]))
    _claim_columns(profile, rows[0], found)


def _claim_columns(profile: ScheduleTable, row: etree._Element, found: TemplateMap) -> None:
    by_element = {paragraph.element: paragraph for paragraph in found.stories.paragraphs}
    for column, cell in zip(profile.columns, cells_of(row), strict=True):
        places = [(by_element[p], start) for p in cell.iter(W + "p") for start in occurrences(text_of(p), column.prompt)]
        if len(places) != 1:
            refuse(found, profile.name, f"the prompt {column.prompt!r} stands {times(len(places))} in its cell", "Let it stand exactly once")
            continue
        paragraph, start = places[0]
        found.prompts.append(FoundPrompt((profile, column), paragraph, start, start + len(column.prompt)))


def _holds(cells: list[str], prompts: list[str]) -> bool:
    return len(cells) == len(prompts) and all(prompt in cell for prompt, cell in zip(prompts, cells, strict=True))


# Words


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
