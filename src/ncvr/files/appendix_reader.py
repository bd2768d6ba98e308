"""The values and the finance schedule that stand in a contract, as data. It says what is there, not whether it is right.

It finds them by the pinned template: fixed words around a value, the row it stands in, header rows of tables. It never
sees a receipt or a price, and knows nothing of how the document was made.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from ncvr.domain.appendix_rows import NOTHING_STATED
from ncvr.errors import CannotTell, Finding, InputError
from ncvr.files.docx_package import read_package
from ncvr.files.docx_parts import read_parts
from ncvr.files.docx_stories import Stories, StoryParagraph, read_stories, text_parts
from ncvr.files.docx_tables import cells_of, row_texts, rows_of
from ncvr.files.docx_words import W
from ncvr.files.template_map import FoundPrompt, FoundTable, TemplateMap
from ncvr.files.template_profile import FieldProfile, ScheduleTable
from ncvr.files.template_registry import RegisteredTemplate

FORMAT = "ncvr-schedule/1"
_ALIKE = 0.6  # share of a template's fixed paragraphs that a document must hold to be read as one made from it

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadArm:
    fields: Mapping[str, str]
    tables: Mapping[str, tuple[Row, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSchedule:
    """What stands in a contract made from ``template``. ``notices``: values that stand differently in two places."""

    template: str
    fields: Mapping[str, str]
    arms: tuple[ReadArm, ...]
    tables: Mapping[str, tuple[Row, ...]]
    notices: tuple[Finding, ...] = ()


def schedule_record(schedule: ReadSchedule) -> dict[str, Any]:
    """The schedule as JSON values, ``ncvr-schedule/1``."""
    return {
        "format": FORMAT,
        "template": schedule.template,
        "fields": dict(schedule.fields),
        "arms": [{"fields": dict(arm.fields), "tables": _plain(arm.tables)} for arm in schedule.arms],
        "tables": _plain(schedule.tables),
    }


def _plain(tables: Mapping[str, tuple[Row, ...]]) -> dict[str, list[dict[str, str]]]:
    return {name: [dict(row) for row in rows] for name, rows in tables.items()}


def read_contract(content: bytes, templates: Iterable[RegisteredTemplate], place: str = "the file") -> ReadSchedule:
    """What stands in the contract. Raises InputError if the file cannot be read or was made from no registered template."""
    try:
        parts = read_parts(read_package(content, place))
        stories = read_stories(parts, {name: parts.tree(name) for name in text_parts(parts)})
    except CannotTell as refused:
        raise InputError.of(refused.findings) from refused
    template = _closest(stories, templates, place)
    return _Reader(stories, template.name, template.places).schedule()


def _closest(stories: Stories, templates: Iterable[RegisteredTemplate], place: str) -> RegisteredTemplate:
    standing = {paragraph.text for paragraph in stories.paragraphs}
    likeness = [(_share(each.places, standing), each.name, each) for each in templates]
    share, _, best = max(likeness, key=lambda entry: entry[:2], default=(0.0, "", None))
    if best is None or share < _ALIKE:
        raise InputError(
            "this was not made from any registered template", place, "Check the file, or register its template; ncvr template list shows those known"
        )
    return best


def _share(found: TemplateMap, standing: set[str]) -> float:
    with_prompts = {prompt.paragraph for prompt in found.prompts}
    fixed = {paragraph.text for paragraph in found.stories.paragraphs if paragraph not in with_prompts and paragraph.text}
    return len(fixed & standing) / len(fixed) if fixed else 0.0


class _Reader:
    """One document against the map of its template."""

    def __init__(self, stories: Stories, name: str, found: TemplateMap) -> None:
        self.stories, self.name, self.found = stories, name, found
        self.notices: list[Finding] = []
        self.by_place: dict[tuple[object, ...], list[StoryParagraph]] = {}
        for paragraph in stories.paragraphs:
            self.by_place.setdefault(_place(paragraph), []).append(paragraph)
        self.varying = {prompt.paragraph.text for prompt in found.prompts}

    def schedule(self) -> ReadSchedule:
        values = self._field_values()
        of_arms = {field.name for field in values if (field.source or "").startswith("arm.")}
        tables = {table.profile.name: self._tables(table) for table in self.found.tables}
        arm_tables = [table.profile.name for table in self.found.tables if table.profile.rows.startswith("arm.")]
        arms = max((len(tables[name]) for name in arm_tables), default=0)
        return ReadSchedule(
            template=self.name,
            fields={field.name: self._one(field, texts) for field, texts in values.items() if field.name not in of_arms and texts},
            arms=tuple(
                ReadArm(
                    fields={field.name: texts[arm] for field, texts in values.items() if field.name in of_arms and arm < len(texts)},
                    tables={name: tables[name][arm] for name in arm_tables if arm < len(tables[name])},
                )
                for arm in range(arms)
            ),
            tables={name: rows[0] if rows else () for name, rows in tables.items() if name not in arm_tables},
            notices=tuple(self.notices),
        )

    def _one(self, field: FieldProfile, texts: Sequence[str]) -> str:
        if len(set(texts)) > 1:
            said = f"{field.words} stands differently in different places: {' / '.join(dict.fromkeys(texts))[:200]}"
            self.notices.append(Finding(field.name, said, "Find out which is right; ncvr contract verify says where they stand", "notice"))
        return texts[0]

    def _field_values(self) -> dict[FieldProfile, list[str]]:
        """The text at each place of each field, in reading order; a place in a block that has gone gives none."""
        by_paragraph: dict[StoryParagraph, list[FoundPrompt]] = {}
        for prompt in self.found.prompts:
            if isinstance(prompt.owner, FieldProfile):
                by_paragraph.setdefault(prompt.paragraph, []).append(prompt)
        values: dict[FieldProfile, list[str]] = {prompt.owner: [] for prompt in self.found.prompts if isinstance(prompt.owner, FieldProfile)}
        for paragraph, prompts in by_paragraph.items():
            owners = [prompt.owner for prompt in sorted(prompts, key=lambda prompt: prompt.start) if isinstance(prompt.owner, FieldProfile)]
            for texts in self._matches(paragraph, prompts, once=not any((owner.source or "").startswith("arm.") for owner in owners)):
                for owner, text in zip(owners, texts, strict=True):
                    values[owner].append(text)
        return values

    def _matches(self, paragraph: StoryParagraph, prompts: Sequence[FoundPrompt], *, once: bool) -> Iterator[tuple[str, ...]]:
        pattern = _pattern(paragraph, prompts)
        for candidate in self.by_place.get(_place(paragraph), ()):
            same_heading = paragraph.under in self.varying or candidate.under == paragraph.under
            if same_heading and (match := pattern.fullmatch(candidate.text)):
                yield match.groups()
                if once:
                    return

    def _tables(self, table: FoundTable) -> list[tuple[Row, ...]]:
        """The rows of every table with this header, in reading order."""
        headers = [column.header for column in table.profile.columns]
        siblings = rows_of(table.element)
        at = siblings.index(table.row)
        after = len(siblings) - at - 1
        found = []
        for element in self.stories.body.iter(W + "tbl"):
            rows = rows_of(element)
            if row_texts(rows[0] if rows else None) == headers:
                found.append(tuple(self._rows(table, rows[at : len(rows) - after])))
        return found

    def _rows(self, table: FoundTable, rows: Sequence[etree._Element]) -> Iterator[Row]:
        patterns = _cell_patterns(table)
        for row in rows:
            cells = row_texts(row)
            if len(cells) == len(patterns) and not _says_empty(table.profile, cells):
                matches = [pattern.fullmatch(cell) for pattern, cell in zip(patterns, cells, strict=True)]
                yield {column.key: match[1] if match else cell for column, match, cell in zip(table.profile.columns, matches, cells, strict=True)}


def _pattern(paragraph: StoryParagraph, prompts: Sequence[FoundPrompt]) -> re.Pattern[str]:
    """The paragraph with room for any text where its prompts stand."""
    pieces, at = [], 0
    for prompt in sorted(prompts, key=lambda prompt: prompt.start):
        pieces += [re.escape(paragraph.text[at : prompt.start]), "(.*?)"]
        at = prompt.end
    return re.compile("".join([*pieces, re.escape(paragraph.text[at:])]), re.DOTALL)


def _place(paragraph: StoryParagraph) -> tuple[object, ...]:
    """What must be equal for two paragraphs to stand in the same place, beside the heading above: story, pages, table, row, column."""
    row = None if paragraph.row == paragraph.text else paragraph.row
    return (paragraph.story, paragraph.pages or "default", row, _column(paragraph.element), _home(paragraph))


def _home(paragraph: StoryParagraph) -> object:
    """The table a paragraph stands in, by its first row; outside the body, how many paragraphs stand before it."""
    if paragraph.story == "body":
        table = next(paragraph.element.iterancestors(W + "tbl"), None)
        return None if table is None else tuple(row_texts(next(iter(rows_of(table)), None)))
    return sum(1 for _ in paragraph.element.itersiblings(W + "p", preceding=True))


def _column(paragraph: etree._Element) -> int:
    cell = next(paragraph.iterancestors(W + "tc"), None)
    row = None if cell is None else next(cell.iterancestors(W + "tr"), None)
    return -1 if cell is None or row is None else cells_of(row).index(cell)


def _cell_patterns(table: FoundTable) -> list[re.Pattern[str]]:
    parted = [cell.partition(column.prompt) for cell, column in zip(row_texts(table.row), table.profile.columns, strict=True)]
    return [re.compile(f"{re.escape(before)}(.*){re.escape(after)}", re.DOTALL) for before, _, after in parted]


def _says_empty(table: ScheduleTable, cells: Sequence[str]) -> bool:
    """Whether this row only says that there is none."""
    return cells[0] == table.when_empty and all(cell == NOTHING_STATED for cell in cells[1:])
