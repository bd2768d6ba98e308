"""Formatting as it is seen, and words that cannot be seen: effective properties beside the template's, and absolute checks."""

from collections.abc import Iterator, Mapping

from ncvr.domain.verdict import VerdictFinding
from ncvr.files.contract_form.items import Item, Runs
from ncvr.files.contract_form.names import shown
from ncvr.files.contract_form.styles import Effective
from ncvr.files.verification.matching import Pair
from ncvr.files.verification.patterns import Expected, formats_at
from ncvr.files.verification.places import part_of, place_of, shortened
from ncvr.files.verification.wording import Comparison

# Where things lie on the page. A word processor may move them a little when it saves; none of them hides a word.
LAYOUT = frozenset(("left", "right", "first", "before", "after", "line", "keepNext", "keepLines", "contextualSpacing", "pageBreakBefore", "borders"))
LAYOUT |= {"beforeAuto", "afterAuto", "label suffix", "jc", "lineRule", "columns", "outline"}
_CLOSE = 6  # twentieths of a point: word processors count in other units and round
_PROPERTIES = {
    "ascii": "font",
    "hAnsi": "font",
    "sz": "size",
    "b": "bold",
    "i": "italic",
    "u": "underline",
    "color": "colour",
    "shade": "shading",
    "fill": "shading",
    "strike": "strike-through",
    "dstrike": "double strike-through",
    "vanish": "hidden",
    "vertAlign": "superscript or subscript",
    "jc": "alignment",
    "caps": "capitals",
}
_CLEARED = {"highlight": ("shade",), "shading": ("shade",), "colour": ("color",), "italic": ("i",), "bold": ("b",)}


def check_formatting(comparison: Comparison, *, is_ours: bool) -> Iterator[VerdictFinding]:
    """Paragraphs whose text is equal but looks different. Layout alone, in a file saved by another program, is a notice."""
    for pair in comparison.alignment.pairs:
        entry, item = comparison.expected.entries[pair.expected], comparison.found.items[pair.found]
        said = _differing(comparison, entry, item, pair)
        if not said:
            continue
        layout = not is_ours and all(_is_layout(name, after, item) for name, (_, after) in said.items())
        yield VerdictFinding(
            check="layout" if layout else "formatting",
            part=part_of(item),
            place=place_of(comparison.found, pair.found),
            before="; ".join(f"{_named(name)} {before}" for name, (before, _) in said.items()),
            after="; ".join(f"{_named(name)} {after}" for name, (_, after) in said.items()),
            says=_says(item, said, layout=layout),
            level="notice" if layout else "error",
        )


def _is_layout(name: str, after: str, item: Item) -> bool:
    """Geometry; and plain black letters in a text box, which LibreOffice makes of any colour when it saves twice. Black on
    black would be found by the check for words that cannot be seen."""
    if name in LAYOUT or name.startswith(("tab ", "pgMar", "vml ")):
        return True
    return name == "color" and item.story.kind == "box" and after == "000000"


def _says(item: Item, said: Mapping[str, tuple[str, str]], *, layout: bool) -> str:
    what = ", ".join(dict.fromkeys(_named(name) for name in said))
    words = f" of '{shortened(shown(item.text), 60)}'" if item.text and item.kind == "paragraph" else ""
    if layout:
        return f"the layout{words} is a little different ({what}), as happens when another program saves a file; it hides nothing and is not compared"
    return f"the formatting{words} is not the template's ({what}). Restore it"


def _named(name: str) -> str:
    return _PROPERTIES.get(name, name.removeprefix("w14:"))


def _differing(comparison: Comparison, entry: Expected, item: Item, pair: Pair) -> dict[str, tuple[str, str]]:
    """Property -> (template's, contract's), of the paragraph and of its runs."""
    if entry.zone is not None:
        return _zone(entry, item)
    wanted = entry.item
    if wanted.runs == item.runs and wanted.shape == item.shape:
        return {}
    said = differences(wanted.shape, item.shape)
    if entry.pattern is None:
        return said | _runs(wanted.runs, item.runs)
    edges = [0, *(edge for span in pair.spans for edge in span), len(item.text)]
    old = [0, *(edge for hole in entry.pattern.holes for edge in (hole.start, hole.end)), len(wanted.text)]
    for at in range(0, len(edges), 2):
        literal = tuple(formats_at(wanted.runs, old[at], old[at + 1]))
        said |= _runs(literal, tuple(formats_at(item.runs, edges[at], edges[at + 1])))
    clearing = comparison.expected.template.profile.clear_on_filling
    for hole, (start, end) in zip(entry.pattern.holes, pair.spans, strict=True):
        if item.text[start:end] == hole.prompt:
            said |= _runs(tuple(formats_at(wanted.runs, hole.start, hole.end)), tuple(formats_at(item.runs, start, end)))
        elif end > start:
            first = formats_at(wanted.runs, hole.start, hole.end)[0][1]
            for _, formatting in formats_at(item.runs, start, end):
                said |= _value(first, wanted.base, formatting, clearing)
    return said


def _zone(entry: Expected, item: Item) -> dict[str, tuple[str, str]]:
    """A free paragraph looks like one of those the template has in the zone."""
    allowed = {formatting for each in entry.zone_items for _, formatting in each.runs} | {each.base for each in entry.zone_items}
    said: dict[str, tuple[str, str]] = {}
    for _, formatting in item.runs:
        if not any(not differences(each, formatting) for each in allowed):
            said |= differences(next(iter(sorted(allowed, key=str)), ()), formatting)
    if all(differences(each.shape, item.shape) for each in entry.zone_items):
        said |= differences(entry.zone_items[0].shape, item.shape)
    return said


def _runs(wanted: Runs, found: Runs) -> dict[str, tuple[str, str]]:
    """Differences along two equal stretches of text."""
    if wanted == found:
        return {}
    said: dict[str, tuple[str, str]] = {}
    old, new = list(wanted), list(found)
    while old and new:
        length = min(old[0][0], new[0][0])
        if old[0][1] != new[0][1]:
            said |= differences(old[0][1], new[0][1])
        for runs in (old, new):
            rest = runs[0][0] - length
            runs[:1] = [(rest, runs[0][1])] if rest else []
    return said


def _value(first: Effective, base: Effective, found: Effective, clearing: tuple[str, ...]) -> dict[str, tuple[str, str]]:
    """A value looks as its prompt does, or as the paragraph around where the prompt's formatting is cleared on filling."""
    said = differences(first, found)
    plainer = dict(base)
    new = dict(found)
    for name in list(said):
        cleared = "character style" in clearing or any(name in _CLEARED.get(kind, ()) for kind in clearing)
        if cleared and _close(name, plainer.get(name), new.get(name)):
            del said[name]
    return said


def differences(wanted: Effective, found: Effective) -> dict[str, tuple[str, str]]:
    """What differs between two sets of properties, rounding apart."""
    if wanted == found:
        return {}
    old, new = dict(wanted), dict(found)
    said: dict[str, tuple[str, str]] = {}
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if before != after and not _close(name, before, after):
            said[name] = (_value_words(before), _value_words(after))
    return said


def _value_words(value: str | int | bool | None) -> str:
    return "none" if value is None else "yes" if value is True else str(value)[:80]


def _close(name: str, before: str | int | bool | None, after: str | int | bool | None) -> bool:
    """The same but for rounding: measures in other units, colours by two steps a channel."""
    if before == after:
        return True
    if name in ("color", "shade", "fill"):
        return _same_colour(str(before or ""), str(after or ""))
    if name in ("hAnsi", "ascii") and (before is None or after is None):
        return name == "hAnsi"
    measured = name in ("left", "right", "first", "before", "after", "line") or name.startswith(("pgMar", "pgSz", "position", "wide", "high"))
    if measured and not isinstance(before, str) and not isinstance(after, str):
        return abs(int(before or 0) - int(after or 0)) <= (1 if name[:2] == "pg" else _CLOSE)
    return False


def _same_colour(one: str, other: str) -> bool:
    if len(one) != 6 or len(other) != 6:
        return one == other
    try:
        return all(abs(int(one[at : at + 2], 16) - int(other[at : at + 2], 16)) <= 2 for at in (0, 2, 4))
    except ValueError:
        return False


def check_hidden(comparison: Comparison) -> Iterator[VerdictFinding]:
    """Words an eye would miss, judged on the contract alone; only what the template itself shows so at this place is let be."""
    known = {pair.found: comparison.expected.entries[pair.expected].item.hazards for pair in comparison.alignment.pairs}
    for at, item in enumerate(comparison.found.items):
        allowed = {hazard.says for hazard in known.get(at, ())}
        for hazard in item.hazards:
            if hazard.says not in allowed:
                words = f"'{shortened(hazard.words, 80)}' is there but cannot be seen" if hazard.words.strip() else "something is there but cannot be seen"
                yield VerdictFinding(
                    check="hidden text",
                    part=part_of(item),
                    place=place_of(comparison.found, at),
                    before="",
                    after=hazard.words,
                    says=f"{words}: {hazard.says}. Make it visible, or remove it",
                )
