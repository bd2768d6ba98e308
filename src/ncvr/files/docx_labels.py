"""Automatic numbers of paragraphs as printed, so that a filled contract's references and contents are true when opened.

Word shows the stored results of cross-references until somebody updates them; what we save must therefore be right.
The verifier counts for itself and shares nothing with this module.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from ncvr.files.docx_words import W

_VAL = W + "val"


@dataclass(frozen=True, slots=True)
class _Level:
    text: str
    format: str
    start: int
    restart: int | None  # the level (from 1) whose number restarts this one; 0: none


@dataclass(frozen=True, slots=True)
class _List:
    """One numId: the abstract list whose counters it shares, its levels, and the numbers it starts afresh with."""

    abstract: str
    levels: dict[int, _Level]
    starts: dict[int, int]
    by_style: dict[str, int]


@dataclass(slots=True)
class _Counting:
    """The counters of one story while it is walked."""

    counts: dict[str, dict[int, int]] = field(default_factory=dict)  # by abstract list
    begun: set[str] = field(default_factory=set)  # numIds whose own starting numbers have been used


@dataclass(slots=True)
class Labels:
    """The lists of a document, and which list each paragraph style belongs to."""

    numbering: etree._Element | None
    styles: etree._Element
    _lists: dict[str, _List | None] = field(default_factory=dict)
    _by_style: dict[str, tuple[str, int] | None] = field(default_factory=dict)

    def of(self, story: etree._Element) -> dict[etree._Element, str]:
        """The label of every numbered paragraph of a story; paragraphs without a number are not in it."""
        counting = _Counting()
        labels = {}
        for paragraph in story.iter(W + "p"):
            found = self._place_in_list(paragraph)
            if found is not None:
                number, level = found
                numbered = self._list(number)
                if numbered is not None and level in numbered.levels:
                    labels[paragraph] = _next(number, numbered, level, counting)
        return labels

    def _place_in_list(self, paragraph: etree._Element) -> tuple[str, int] | None:
        """(numId, level) of the paragraph itself, else of its style chain; None where it has no number."""
        style, num, level = _numbering_of(paragraph.find(W + "pPr"))
        inherited = self._of_style(style) if style is not None else None
        if num is None and inherited is None:
            return None
        from_style = inherited or ("0", 0)
        return (num or from_style[0], from_style[1] if level is None else level)

    def _of_style(self, style: str) -> tuple[str, int] | None:
        if style not in self._by_style:
            self._by_style[style] = self._inherited(style)
        return self._by_style[style]

    def _inherited(self, style: str) -> tuple[str, int] | None:
        """The list of a style or of the nearest style it is based on; its level is the one linked to the style."""
        by_id = {element.get(W + "styleId"): element for element in self.styles.iterchildren(W + "style")}
        seen: list[str] = []
        current: str | None = style
        while current is not None and current not in seen and current in by_id:
            seen.append(current)
            _, num, level = _numbering_of(by_id[current].find(W + "pPr"))
            if num is not None:
                numbered = self._list(num)
                linked = next((numbered.by_style[name] for name in seen if name in numbered.by_style), None) if numbered else None
                return num, linked if level is None and linked is not None else level or 0
            current = _said(by_id[current], "basedOn", "") or None
        return None

    def _list(self, number: str) -> _List | None:
        if number not in self._lists:
            self._lists[number] = self._read_list(number)
        return self._lists[number]

    def _read_list(self, number: str) -> _List | None:
        if self.numbering is None:
            return None
        num = next((each for each in self.numbering.iterchildren(W + "num") if each.get(W + "numId") == number), None)
        wanted = "" if num is None else _said(num, "abstractNumId", "")
        abstract = next((each for each in self.numbering.iterchildren(W + "abstractNum") if each.get(W + "abstractNumId") == wanted), None)
        if num is None or abstract is None:
            return None
        elements = {int(level.get(W + "ilvl", "0")): level for level in abstract.iterchildren(W + "lvl")}
        overrides = {int(each.get(W + "ilvl", "0")): each for each in num.iterchildren(W + "lvlOverride")}
        elements |= {level: own for level, each in overrides.items() if (own := each.find(W + "lvl")) is not None}
        starts = {level: int(_said(each, "startOverride", "1")) for level, each in overrides.items() if each.find(W + "startOverride") is not None}
        by_style = {_said(element, "pStyle", ""): level for level, element in elements.items()}
        return _List(wanted, {level: _level(element) for level, element in elements.items()}, starts, by_style)


def _next(number: str, numbered: _List, level: int, counting: _Counting) -> str:
    counts = counting.counts.setdefault(numbered.abstract, {})
    if number not in counting.begun:
        counting.begun.add(number)
        counts |= {at: start - 1 for at, start in numbered.starts.items()}
    counts[level] = counts.get(level, numbered.levels[level].start - 1) + 1
    for deeper in [at for at in counts if at > level and at in numbered.levels]:
        restart = numbered.levels[deeper].restart
        if restart is None or level < restart:
            del counts[deeper]
    return _printed(numbered.levels, level, counts)


def _numbering_of(properties: etree._Element | None) -> tuple[str | None, str | None, int | None]:
    """(style, numId, level) as written in paragraph properties."""
    if properties is None:
        return None, None, None
    style, numbered = properties.find(W + "pStyle"), properties.find(W + "numPr")
    num = None if numbered is None else numbered.find(W + "numId")
    level = None if numbered is None else numbered.find(W + "ilvl")
    return (
        None if style is None else style.get(_VAL),
        None if num is None else num.get(_VAL),
        None if level is None else int(level.get(_VAL, "0")),
    )


def _said(element: etree._Element, name: str, default: str) -> str:
    child = element.find(W + name)
    return default if child is None else child.get(_VAL, default)


def _level(element: etree._Element) -> _Level:
    restart = _said(element, "lvlRestart", "")
    return _Level(
        text=_said(element, "lvlText", ""),
        format=_said(element, "numFmt", "decimal"),
        start=int(_said(element, "start", "1")),
        restart=int(restart) if restart else None,
    )


def _printed(levels: dict[int, _Level], depth: int, counts: dict[int, int]) -> str:
    label = levels[depth].text
    for level in range(depth + 1):
        if level in levels:
            label = label.replace(f"%{level + 1}", number_as(levels[level].format, counts.get(level, levels[level].start)))
    return label


def number_as(form: str, number: int) -> str:
    """A number in a list's own form.

    >>> number_as("lowerLetter", 27), number_as("upperRoman", 14), number_as("decimal", 3)
    ('aa', 'XIV', '3')
    """
    if form in ("lowerLetter", "upperLetter"):
        letters = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letters if form == "lowerLetter" else letters.upper()
    if form in ("lowerRoman", "upperRoman"):
        roman = "".join(_roman(number))
        return roman.lower() if form == "lowerRoman" else roman
    return f"{number:02d}" if form == "decimalZero" else str(number)


def _roman(number: int) -> Iterator[str]:
    signs = (
        ("M", 1000),
        ("CM", 900),
        ("D", 500),
        ("CD", 400),
        ("C", 100),
        ("XC", 90),
        ("L", 50),
        ("XL", 40),
        ("X", 10),
        ("IX", 9),
        ("V", 5),
        ("IV", 4),
        ("I", 1),
    )
    for sign, worth in signs:
        times, number = divmod(number, worth)
        yield sign * times


def reference_label(label: str) -> str:
    """How a cross-reference prints a label: without full stops at its end.

    >>> reference_label("12.4."), reference_label("Appendix 4")
    ('12.4', 'Appendix 4')
    """
    return label.rstrip(".")
