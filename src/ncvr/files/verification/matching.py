"""The contract beside what it must be, item by item: what is equal, what stands in the holes, and what differs where."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from ncvr.files.contract_form.items import Item
from ncvr.files.contract_form.names import MARKS
from ncvr.files.contract_form.rendering import Rendered
from ncvr.files.verification.expected import ExpectedDocument
from ncvr.files.verification.patterns import Expected

Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """An expected item and the one that stands for it, numbers of both, and where the holes' values are."""

    expected: int
    found: int
    spans: Spans


@dataclass(frozen=True, slots=True)
class Difference:
    """Expected items ``expected[0]..expected[1]`` against found ones; one side may be empty."""

    kind: Literal["changed", "missing", "added"]
    expected: int
    found: int


@dataclass(frozen=True, slots=True)
class Alignment:
    pairs: tuple[Pair, ...]
    differences: tuple[Difference, ...]

    @property
    def likeness(self) -> float:
        """The share of items that are equal."""
        total = len(self.pairs) + len(self.differences)
        return len(self.pairs) / total if total else 1.0


def match(expected: Expected, found: Item) -> Spans | None:
    """Where the holes' values stand if the item says what it must; None if it doesn't. Labels and formatting are apart."""
    wanted = expected.item
    if wanted.kind != found.kind or wanted.story.kind != found.story.kind or wanted.contents != found.contents:
        return None
    if wanted.story.pages != found.story.pages or wanted.story.section != found.story.section:
        return None
    if expected.zone is not None:
        return ((0, len(found.text)),) if MARKS.isdisjoint(found.text) else None
    if expected.pattern is None:
        return () if wanted.text == found.text else None
    return expected.pattern.match(found.text)


def align(document: ExpectedDocument, rendered: Rendered) -> Alignment:
    """Every expected and every found item in one list: equal from both ends, the middle by longest common stretches."""
    entries, items = document.entries, rendered.items
    pairs: list[Pair] = []
    start, limit = 0, min(len(entries), len(items))
    while start < limit and (spans := match(entries[start], items[start])) is not None:
        pairs.append(Pair(start, start, spans))
        start += 1
    tail: list[Pair] = []
    ends = [len(entries), len(items)]
    while ends[0] > start and ends[1] > start and (spans := match(entries[ends[0] - 1], items[ends[1] - 1])) is not None:
        ends = [ends[0] - 1, ends[1] - 1]
        tail.append(Pair(ends[0], ends[1], spans))
    middle, differences = _middle(entries, items, (start, ends[0]), (start, ends[1]))
    return Alignment((*pairs, *middle, *reversed(tail)), tuple(differences))


def _middle(entries: Sequence[Expected], items: Sequence[Item], wanted: tuple[int, int], standing: tuple[int, int]) -> tuple[list[Pair], list[Difference]]:
    """Where the two differ: each found item is named after the first expected one it satisfies, then common stretches are sought."""
    names = _names(entries, items, wanted, standing)
    matcher = SequenceMatcher(None, names[0], names[1], autojunk=False)
    pairs: list[Pair] = []
    differences: list[Difference] = []
    for tag, e0, e1, f0, f1 in matcher.get_opcodes():
        es, fs = list(range(wanted[0] + e0, wanted[0] + e1)), list(range(standing[0] + f0, standing[0] + f1))
        steps = [Difference("changed", e, f) for e, f in zip(es, fs, strict=True)] if tag == "equal" else _replaced(entries, items, es, fs)
        for step in steps:
            spans = match(entries[step.expected], items[step.found]) if step.kind == "changed" else None
            if spans is not None:
                pairs.append(Pair(step.expected, step.found, spans))
            else:
                differences.append(step)
    return pairs, differences


def _names(entries: Sequence[Expected], items: Sequence[Item], wanted: tuple[int, int], standing: tuple[int, int]) -> tuple[list[object], list[object]]:
    """A name for each item such that equal names mean it may stand there; holes are matched by their fixed text."""
    expected = [_name(entry) for entry in entries[wanted[0] : wanted[1]]]
    literal = set(expected)
    holed = {name: entry for name, entry in zip(expected, entries[wanted[0] : wanted[1]], strict=True) if entry.pattern is not None or entry.zone is not None}
    telling = sorted(holed.items(), key=lambda named: -_fixed_letters(named[1]))
    found: list[object] = []
    for item in items[standing[0] : standing[1]]:
        own: object = (item.kind, item.story.kind, item.story.pages, item.story.section, item.text)
        found.append(own if own in literal else next((name for name, entry in telling if match(entry, item) is not None), own))
    return expected, found


def _fixed_letters(entry: Expected) -> int:
    return 0 if entry.pattern is None else sum(map(len, entry.pattern.literals))


def _name(entry: Expected) -> object:
    item = entry.item
    if entry.zone is not None:
        return ("zone", entry.zone.name)
    place = (item.kind, item.story.kind, item.story.pages, item.story.section)
    return (*place, item.text) if entry.pattern is None else (*place, entry.pattern.literals)


def _replaced(entries: Sequence[Expected], items: Sequence[Item], es: list[int], fs: list[int]) -> list[Difference]:
    """Items that stand for each other in order, the most alike first; the rest are missing or added."""
    differences: list[Difference] = []
    while es and fs:
        if len(es) == len(fs):
            differences.append(Difference("changed", es.pop(0), fs.pop(0)))
            continue
        longer, shorter = (es, fs) if len(es) > len(fs) else (fs, es)
        scores = [_likeness(entries, items, es[0 if shorter is es else at], fs[0 if shorter is fs else at]) for at in range(len(longer) - len(shorter) + 1)]
        best = max(range(len(scores)), key=scores.__getitem__)
        for _ in range(best):
            differences.append(Difference("missing", es.pop(0), fs[0]) if longer is es else Difference("added", es[0], fs.pop(0)))
        differences.append(Difference("changed", es.pop(0), fs.pop(0)))
    return [*differences, *(Difference("missing", e, fs[0] if fs else -1) for e in es), *(Difference("added", es[0] if es else -1, f) for f in fs)]


def _likeness(entries: Sequence[Expected], items: Sequence[Item], expected: int, found: int) -> float:
    if entries[expected].item.kind != items[found].kind:
        return -1.0
    pattern = entries[expected].pattern
    wanted = entries[expected].item.text if pattern is None else pattern.shown
    return SequenceMatcher(None, wanted, items[found].text, autojunk=False).quick_ratio()
