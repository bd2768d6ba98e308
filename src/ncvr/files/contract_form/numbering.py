"""Automatic numbers as a reader sees them: ``11.2``, ``(a)``. Ids don't survive a re-save; the rendered label does."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from ncvr.files.contract_form.names import VAL, W, is_on, whole
from ncvr.files.contract_form.properties import Properties, paragraph_properties, run_properties
from ncvr.files.contract_form.theme import Theme

BULLET = "•"
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list. ``restart`` is the level whose number restarts this one; 0 means none does."""

    format: str
    text: str
    start: int
    restart: int | None
    legal: bool
    suffix: str
    style: str | None
    run: Properties
    paragraph: Properties


@dataclass(frozen=True, slots=True)
class Numbered:
    """Which list and level a paragraph belongs to, before it is counted."""

    num: str
    abstract: str
    level: int
    shape: Level
    levels: Mapping[int, Level]
    starts: Mapping[int, int]  # this num's own starting numbers


@dataclass(frozen=True, slots=True)
class Label:
    """A paragraph's number: as printed, and with the numbers of the levels above (what a cross-reference may print)."""

    text: str = ""
    full: str = ""


@dataclass(slots=True)
class Numbering:
    """The lists of a file: levels by abstract list, and what each num overrides."""

    abstracts: Mapping[str, Mapping[int, Level]]
    nums: Mapping[str, tuple[str, Mapping[int, Level], Mapping[int, int]]]
    by_style: Mapping[tuple[str, str], int]  # (abstract list, paragraph style) -> level

    def numbered(self, num: str | None, level: int | None, style: str | None) -> Numbered | None:
        """The list a paragraph belongs to; None for no list, ``numId`` 0 or a list that isn't there."""
        if num is None or num == "0" or num not in self.nums:
            return None
        abstract, own, starts = self.nums[num]
        levels = {**self.abstracts.get(abstract, {}), **own}
        at = level if level is not None else self.by_style.get((abstract, style or ""), 0)
        return Numbered(num, abstract, at, levels[at], levels, starts) if at in levels else None


@dataclass(slots=True)
class Counters:
    """Counts along one story: one set of counters for each abstract list."""

    counts: dict[str, dict[int, int]] = field(default_factory=dict)
    started: set[tuple[str, int]] = field(default_factory=set)

    def next(self, numbered: Numbered) -> Label:
        """The label of the next paragraph of this list and level."""
        counts = self.counts.setdefault(numbered.abstract, {})
        at = numbered.level
        override = numbered.starts.get(at)
        if override is not None and (numbered.num, at) not in self.started:
            counts[at] = override
        else:
            counts[at] = counts[at] + 1 if at in counts else numbered.shape.start
        self.started.add((numbered.num, at))
        for deeper in [level for level in counts if level > at and _restarts(numbered.levels.get(level), at)]:
            del counts[deeper]
        for higher in range(at):
            counts.setdefault(higher, numbered.levels[higher].start if higher in numbered.levels else 1)
        return Label(_text(numbered, counts), _full(numbered, counts))


def _restarts(level: Level | None, at: int) -> bool:
    if level is None or level.restart is None:
        return True
    return level.restart != 0 and at < level.restart


def _text(numbered: Numbered, counts: Mapping[int, int]) -> str:
    shape = numbered.shape
    if shape.format == "bullet":
        sign = shape.text.strip()
        return BULLET if len(sign) == 1 and not sign.isalnum() else sign
    if shape.format == "none" and "%" not in shape.text:
        return shape.text
    text = shape.text
    for level in range(9):
        if f"%{level + 1}" in text:
            other = numbered.levels.get(level)
            kind = "decimal" if other is None or (shape.legal and other.format != "none") else other.format
            text = text.replace(f"%{level + 1}", counted(counts.get(level, 1), kind))
    return text


def _full(numbered: Numbered, counts: Mapping[int, int]) -> str:
    """The label with those of the levels above it, where its own text doesn't hold them: ``11.2`` and ``(a)`` give ``11.2(a)``."""
    text = _text(numbered, counts).rstrip(".")
    level, shape = numbered.level, numbered.shape
    while level > 0 and "%1" not in shape.text:
        above = [at for at in range(level) if f"%{at + 1}" not in shape.text]
        if not above or above[-1] not in numbered.levels:
            break
        level = above[-1]
        shape = numbered.levels[level]
        upper = Numbered(numbered.num, numbered.abstract, level, shape, numbered.levels, numbered.starts)
        text = _text(upper, counts).rstrip(".") + text
    return text


def counted(number: int, kind: str) -> str:
    """A number in a list's format.

    >>> counted(4, "lowerRoman"), counted(28, "upperLetter"), counted(3, "decimalZero"), counted(2, "chicago")
    ('iv', 'BB', '03', '?chicago 2')
    """
    if kind == "none":
        return ""
    if kind in ("decimal", "decimalZero"):
        return f"{number:02d}" if kind == "decimalZero" else str(number)
    if kind in ("lowerLetter", "upperLetter") and 0 < number < 10_000:
        letters = chr(97 + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letters if kind == "lowerLetter" else letters.upper()
    if kind in ("lowerRoman", "upperRoman") and 0 < number < 4_000:
        return _roman(number) if kind == "lowerRoman" else _roman(number).upper()
    return f"?{kind} {number}"


def _roman(number: int) -> str:
    text = ""
    for value, letters in _ROMAN:
        times, number = divmod(number, value)
        text += letters * times
    return text


def read_numbering(root: etree._Element | None, theme: Theme) -> Numbering:
    """The lists of a numbering part; a file without one has none."""
    if root is None:
        return Numbering({}, {}, {})
    elements = {entry.get(W + "abstractNumId", ""): entry for entry in root.iterfind(W + "abstractNum")}
    by_link = {link.get(VAL, ""): entry for entry in elements.values() if (link := entry.find(W + "styleLink")) is not None}
    abstracts: dict[str, dict[int, Level]] = {}
    for key, element in elements.items():
        link = element.find(W + "numStyleLink")
        source = by_link.get(link.get(VAL, ""), element) if link is not None else element
        abstracts[key] = {whole(level.get(W + "ilvl")): _level(level, theme) for level in source.iterfind(W + "lvl")}
    nums: dict[str, tuple[str, dict[int, Level], dict[int, int]]] = {}
    for entry in root.iterfind(W + "num"):
        abstract = entry.find(W + "abstractNumId")
        own, starts = _overrides(entry, theme)
        nums.setdefault(entry.get(W + "numId", ""), ("" if abstract is None else abstract.get(VAL, ""), own, starts))
    by_style = {(key, level.style): at for key, levels in abstracts.items() for at, level in levels.items() if level.style}
    return Numbering(abstracts, nums, by_style)


def _overrides(entry: etree._Element, theme: Theme) -> tuple[dict[int, Level], dict[int, int]]:
    own: dict[int, Level] = {}
    starts: dict[int, int] = {}
    for override in entry.iterfind(W + "lvlOverride"):
        at = whole(override.get(W + "ilvl"))
        level, start = override.find(W + "lvl"), override.find(W + "startOverride")
        if level is not None:
            own[at] = _level(level, theme)
        if start is not None:
            starts[at] = whole(start.get(VAL), 1)
    return own, starts


def _level(element: etree._Element, theme: Theme) -> Level:
    def said(name: str) -> str | None:
        child = element.find(W + name)
        return None if child is None else child.get(VAL)

    restart = said("lvlRestart")
    return Level(
        format=said("numFmt") or "decimal",
        text=said("lvlText") or "",
        start=whole(said("start"), 1),
        restart=None if restart is None else whole(restart),
        legal=is_on(element.find(W + "isLgl")),
        suffix=said("suff") or "tab",
        style=said("pStyle"),
        run=run_properties(element.find(W + "rPr"), theme),
        paragraph=paragraph_properties(element.find(W + "pPr"), theme),
    )
