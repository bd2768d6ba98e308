"""Which permitted shape a contract has: alternatives chosen, blocks kept, arms repeated, rows in each schedule.

This is a guess that only steers the explanation. Whatever is guessed, the contract must equal what is derived from it
item by item, so a wrong guess can make a finding less clear but can never let a difference pass.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ncvr.files.contract_form.items import Item, plain
from ncvr.files.verification.patterns import Pattern
from ncvr.files.verification.template_form import FoundTable, Range, TemplateForm, cell_texts

_ALIKE = 0.6  # the share of words that two versions of one paragraph have in common
_TELLING = 4  # letters that a paragraph needs to be recognised by


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """``arms`` by repeat name; ``rows`` by (table name, arm or None); paragraphs by zone."""

    kept: frozenset[str]
    chosen: dict[str, str]
    arms: dict[str, int]
    rows: dict[tuple[str, int | None], int]
    zones: dict[str, int]

    @property
    def key(self) -> tuple[object, ...]:
        return (self.kept, *(tuple(sorted(part.items(), key=str)) for part in (self.chosen, self.arms, self.rows, self.zones)))


@dataclass(frozen=True, slots=True)
class _Table:
    header: tuple[str, ...]
    rows: int


class _Document:
    """The texts of a contract, to recognise paragraphs by."""

    def __init__(self, template: TemplateForm, items: Sequence[Item]) -> None:
        fixed = {item.text for item in template.form.items}
        self.texts = Counter(item.text for item in items if item.kind == "paragraph" and not item.contents)
        self.tables = tuple(_tables(items))
        self.strangers = [set(text.split()) for text in self.texts if text not in fixed]

    def count(self, text: str, pattern: Pattern | None) -> int:
        if pattern is None:
            return self.texts[text]
        return sum(times for found, times in self.texts.items() if pattern.match(found) is not None)

    def likeness(self, text: str) -> float:
        """How close the nearest paragraph that is not the template's own comes: shared words of all words."""
        wanted = set(text.split())
        return max((len(wanted & words) / len(wanted | words) for words in self.strangers if words), default=0.0)


def infer_structure(template: TemplateForm, items: Sequence[Item]) -> Structure:
    """The structure that fits a contract's items best."""
    document = _Document(template, items)
    kept = {name for name, ranges in template.conditional.items() if _presence(template, ranges, document) >= 0.5}
    chosen: dict[str, str] = {}
    for choice in template.profile.choices:
        scores = {option.value: _presence(template, template.alternatives[choice.name, option.value], document) for option in choice.alternatives}
        chosen[choice.name] = max(scores, key=lambda value: scores[value])
    arms = {repeat.name: _times(template, whole, document) for repeat, whole in template.repeats}
    rows = _rows(template, arms, document)
    return Structure(kept=frozenset(kept), chosen=chosen, arms=arms, rows=rows, zones=_zones(template, items))


def _telling(template: TemplateForm, ranges: Sequence[Range]) -> list[int]:
    """Items of some ranges that stand nowhere else in the template and have words enough to be recognised."""
    items = template.form.items
    inside = {at for start, end in ranges for at in range(start, end)}
    elsewhere = {item.text for at, item in enumerate(items) if at not in inside}
    return [at for at in sorted(inside) if items[at].kind == "paragraph" and _letters(template, at) >= _TELLING and items[at].text not in elsewhere]


def _letters(template: TemplateForm, at: int) -> int:
    pattern = template.patterns.get(at)
    words = "".join(pattern.literals) if pattern else template.form.items[at].text
    return sum(character.isalpha() for character in plain(words))


def _presence(template: TemplateForm, ranges: Sequence[Range], document: _Document) -> float:
    """The share of telling paragraphs found word for word; where none is, how close the nearest comes."""
    telling = _telling(template, ranges)
    if not telling:
        return 0.0
    found = sum(document.count(template.form.items[at].text, template.patterns.get(at)) > 0 for at in telling)
    if found:
        return max(found / len(telling), 0.5)
    closest = max(document.likeness(template.form.items[at].text) for at in telling)
    return 0.5 * closest + (0.2 if closest >= _ALIKE else 0.0)


def _times(template: TemplateForm, whole: Range, document: _Document) -> int:
    counts = Counter(document.count(template.form.items[at].text, template.patterns.get(at)) for at in _telling(template, [whole]))
    return counts.most_common(1)[0][0] if counts else 1


def _rows(template: TemplateForm, arms: dict[str, int], document: _Document) -> dict[tuple[str, int | None], int]:
    """Rows of each schedule table: the k-th table with a header in the expected order is the k-th with it in the contract."""
    wanted = sorted(_wanted_tables(template, arms), key=lambda entry: entry[0])
    seen: Counter[tuple[str, ...]] = Counter()
    rows: dict[tuple[str, int | None], int] = {}
    for _, table, arm in wanted:
        standing = [found for found in document.tables if found.header == table.header]
        number = seen[table.header]
        seen[table.header] += 1
        fixed = len(table.rows) - 1
        rows[table.profile.name, arm] = max(1, standing[number].rows - fixed) if number < len(standing) else 1
    return rows


def _wanted_tables(template: TemplateForm, arms: dict[str, int]) -> list[tuple[tuple[int, int, int], FoundTable, int | None]]:
    wanted: list[tuple[tuple[int, int, int], FoundTable, int | None]] = []
    for table in template.tables:
        around = next(((repeat, whole) for repeat, whole in template.repeats if whole[0] <= table.whole[0] < whole[1]), None)
        if around is None:
            wanted.append(((table.whole[0], 0, 0), table, None))
        else:
            wanted.extend(((around[1][0], arm, table.whole[0]), table, arm) for arm in range(arms[around[0].name]))
    return wanted


def _tables(items: Sequence[Item]) -> list[_Table]:
    """Every table in order, with the texts of its first row and how many rows it has."""
    found: list[_Table | None] = []
    open_tables: list[tuple[int, list[int]]] = []
    for at, item in enumerate(items):
        if item.kind == "table":
            open_tables.append((len(found), []))
            found.append(None)
        elif item.kind == "row" and open_tables:
            open_tables[-1][1].append(at)
        elif item.kind == "end" and open_tables:
            number, rows = open_tables.pop()
            edges = [*rows, at]
            found[number] = _Table(tuple(cell_texts(items[edges[0] : edges[1]])) if rows else (), len(rows))
    return [table for table in found if table is not None]


def _zones(template: TemplateForm, items: Sequence[Item]) -> dict[str, int]:
    """Paragraphs between the fixed ones around each free zone; the template's own number where those are not found."""
    starts = [plain(item.text) if item.kind == "paragraph" and item.story.kind == "body" and not item.contents else None for item in items]
    lengths: dict[str, int] = {}
    for zone, (start, end) in template.zones:
        after = next((at for at, text in enumerate(starts) if text is not None and text.startswith(zone.after)), None)
        before = next((at for at, text in enumerate(starts) if after is not None and at > after and text is not None and text.startswith(zone.before)), None)
        found = after is not None and before is not None
        lengths[zone.name] = sum(item.kind == "paragraph" for item in items[after + 1 : before]) if found and after is not None else end - start
    return lengths
