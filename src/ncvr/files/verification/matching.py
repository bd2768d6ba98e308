"""The contract beside what it must be, item by item: what is equal, what stands in the holes, and what differs where."""

from bisect import bisect_left
from collections import Counter
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
Stretch = tuple[int, int, int, int]  # expected items from, to; found items from, to
_SHORT = 25_000  # the product of both lengths, up to which every pairing is weighed


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
    """Every expected and every found item in one list, pairs and differences in order.

    Stretches are trimmed from both ends, cut where a paragraph that stands only once stands in both, and only what is
    then still short is searched for its longest common stretches, so the time grows with the length of the contract.
    """
    aligner = _Aligner(document.entries, rendered.items)
    aligner.align()
    return Alignment(tuple(sorted(aligner.pairs, key=lambda pair: pair.expected)), tuple(sorted(aligner.differences, key=_order)))


def _order(difference: Difference) -> tuple[int, int]:
    return max(difference.found, 0), max(difference.expected, 0)


class _Aligner:
    """``pairs`` and ``differences`` as they are found; stretches still to be compared wait in a list, so nothing recurses."""

    def __init__(self, entries: Sequence[Expected], items: Sequence[Item]) -> None:
        self.entries, self.items = entries, items
        self.pairs: list[Pair] = []
        self.differences: list[Difference] = []
        self.wanted: list[object] = []
        self.standing: list[object] = []
        self.first = (0, 0)  # where the names begin, on each side

    def align(self) -> None:
        first = self.trimmed((0, len(self.entries), 0, len(self.items)))
        if first[0] == first[1] and first[2] == first[3]:
            return
        self.first = (first[0], first[2])
        self.wanted, self.standing = _names(self.entries, self.items, first[:2], first[2:])
        waiting = [first]
        while waiting:
            stretch = self.trimmed(waiting.pop())
            if (stretch[1] - stretch[0]) * (stretch[3] - stretch[2]) <= _SHORT:
                self.compare(stretch)
            else:
                waiting += self.cut(stretch)

    def trimmed(self, stretch: Stretch) -> Stretch:
        """The stretch without what is equal at its ends."""
        e0, e1, f0, f1 = stretch
        while e0 < e1 and f0 < f1 and self.pair(e0, f0):
            e0, f0 = e0 + 1, f0 + 1
        while e0 < e1 and f0 < f1 and self.pair(e1 - 1, f1 - 1):
            e1, f1 = e1 - 1, f1 - 1
        return e0, e1, f0, f1

    def pair(self, expected: int, found: int) -> bool:
        spans = match(self.entries[expected], self.items[found])
        if spans is not None:
            self.pairs.append(Pair(expected, found, spans))
        return spans is not None

    def cut(self, stretch: Stretch) -> list[Stretch]:
        """The stretches between items that stand only once on each side; without any, item against item."""
        e0, e1, f0, f1 = stretch
        anchors = _anchors(self.wanted_in(e0, e1), self.standing_in(f0, f1))
        if not anchors:
            self.step(_in_order(list(range(e0, e1)), list(range(f0, f1))))
            return []
        cuts = []
        for e, f in [*((e0 + e, f0 + f) for e, f in anchors), (e1, f1)]:
            cuts.append((e0, e, f0, f))
            if (e, f) != (e1, f1):
                self.step([Difference("changed", e, f)])
            e0, f0 = e + 1, f + 1
        return cuts

    def wanted_in(self, start: int, end: int) -> list[object]:
        return self.wanted[start - self.first[0] : end - self.first[0]]

    def standing_in(self, start: int, end: int) -> list[object]:
        return self.standing[start - self.first[1] : end - self.first[1]]

    def compare(self, stretch: Stretch) -> None:
        """A short stretch: its longest common stretches, and in between the most alike."""
        e0, e1, f0, f1 = stretch
        matcher = SequenceMatcher(None, self.wanted_in(e0, e1), self.standing_in(f0, f1), autojunk=False)
        for tag, i0, i1, j0, j1 in matcher.get_opcodes():
            es, fs = list(range(e0 + i0, e0 + i1)), list(range(f0 + j0, f0 + j1))
            alike = [Difference("changed", e, f) for e, f in zip(es, fs, strict=True)] if tag == "equal" else _replaced(self.entries, self.items, es, fs)
            self.step(alike)

    def step(self, steps: Sequence[Difference]) -> None:
        """Steps that turn out to be equal are pairs."""
        self.differences += [each for each in steps if each.kind != "changed" or not self.pair(each.expected, each.found)]


def _in_order(es: list[int], fs: list[int]) -> list[Difference]:
    changed = [Difference("changed", e, f) for e, f in zip(es, fs, strict=False)]
    missing = [Difference("missing", e, fs[-1] if fs else -1) for e in es[len(fs) :]]
    return [*changed, *missing, *(Difference("added", es[-1] if es else -1, f) for f in fs[len(es) :])]


def _anchors(wanted: Sequence[object], standing: Sequence[object]) -> list[tuple[int, int]]:
    """Places of names that occur once on each side, as many as keep their order."""
    counts, others = Counter(wanted), Counter(standing)
    where = {name: at for at, name in enumerate(standing) if others[name] == 1}
    common = [(at, where[name]) for at, name in enumerate(wanted) if counts[name] == 1 and name in where]
    ends: list[int] = []  # the smallest last place of an ordered selection of each length
    last: list[int] = []
    before: list[int] = []
    for number, (_, place) in enumerate(common):
        length = bisect_left(ends, place)
        before.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [place]
        last[length : length + 1] = [number]
    chosen: list[tuple[int, int]] = []
    at = last[-1] if last else -1
    while at >= 0:
        chosen.append(common[at])
        at = before[at]
    return chosen[::-1]


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
