"""What a paragraph may read: fixed text with holes between, matched whole and anchored at both ends."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from ncvr.files.contract_form.items import Item, Runs
from ncvr.files.contract_form.names import MARKS
from ncvr.files.contract_form.styles import Effective
from ncvr.files.template_profile import Column, FieldProfile, FreeZone, ScheduleTable

Clearing = frozenset[str]  # formatting of prompts that a filled value may lose


@dataclass(frozen=True, slots=True)
class Hole:
    """A permitted span of a template's paragraph. An instruction's hole must be empty in a finished contract."""

    start: int
    end: int
    kind: Literal["field", "column", "instruction"]
    name: str
    prompt: str
    field: FieldProfile | None = None
    table: ScheduleTable | None = None
    column: Column | None = None


@dataclass(frozen=True, slots=True)
class Pattern:
    """The literals around the holes of one item; ``len(literals) == len(holes) + 1``."""

    literals: tuple[str, ...]
    holes: tuple[Hole, ...]
    longest: int  # no text beyond this length is looked into: its values would be far too long

    def match(self, text: str) -> tuple[tuple[int, int], ...] | None:
        """Where each hole's value stands in ``text``; None if the fixed text differs or a value holds more than text."""
        spans = _spans(self.literals, text) if len(text) <= self.longest else None
        if spans is None or any(not MARKS.isdisjoint(text[start:end]) for start, end in spans):
            return None
        return spans

    @property
    def shown(self) -> str:
        """The paragraph with its prompts, for people."""
        prompts = [hole.prompt for hole in self.holes]
        return "".join(literal + prompt for literal, prompt in zip(self.literals, [*prompts, ""], strict=True))


def _spans(literals: Sequence[str], text: str) -> tuple[tuple[int, int], ...] | None:
    first, last = literals[0], literals[-1]
    if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
        return None
    if len(literals) == 2:
        return ((len(first), len(text) - len(last)),)
    found = _compiled(tuple(literals)).fullmatch(text)
    return None if found is None else tuple(found.span(at) for at in range(1, len(literals)))


@lru_cache(maxsize=4096)
def _compiled(literals: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("(.*?)".join(re.escape(literal) for literal in literals), re.DOTALL)


def pattern_of(item: Item, holes: Sequence[Hole]) -> Pattern | None:
    """The pattern of an item with these holes, in order; None without holes."""
    if not holes:
        return None
    edges = [0, *(edge for hole in holes for edge in (hole.start, hole.end)), len(item.text)]
    literals = tuple(item.text[edges[at] : edges[at + 1]] for at in range(0, len(edges), 2))
    return Pattern(literals, tuple(holes), sum(map(len, literals)) + sum(2 * _most(hole) for hole in holes))


def _most(hole: Hole) -> int:
    """How long a value may be; a little room makes a value that is too long a finding of its own."""
    bounded = hole.field or hole.column
    return max(200, len(hole.prompt), 0 if bounded is None else bounded.max_length)


@dataclass(frozen=True, slots=True)
class Expected:
    """One item that must stand in the contract. ``zone``: a stretch of free paragraphs stands here instead."""

    item: Item
    pattern: Pattern | None = None
    arm: int | None = None
    row: int | None = None
    zone: FreeZone | None = None
    zone_items: tuple[Item, ...] = ()
    source: int = -1  # the item's number in the template


def formats_at(runs: Runs, start: int, end: int) -> list[tuple[int, Effective]]:
    """(length, formatting) over a stretch of an item's text."""
    found, at = [], 0
    for length, formatting in runs:
        overlap = min(end, at + length) - max(start, at)
        if overlap > 0:
            found.append((overlap, formatting))
        at += length
        if at >= end:
            break
    return found
