"""Words and numbering: every difference from the derived document, said where it is and what it was."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from ncvr.domain.verdict import VerdictFinding
from ncvr.files.contract_form.items import HIDDEN, Item, plain
from ncvr.files.contract_form.names import shown
from ncvr.files.contract_form.rendering import Rendered
from ncvr.files.verification.expected import ExpectedDocument
from ncvr.files.verification.matching import Alignment, Difference
from ncvr.files.verification.patterns import Expected
from ncvr.files.verification.places import part_of, place_of, shortened

_WORDS = re.compile(r"\ue000[^\ue001]*\ue001|\w+|\s+|[^\w\s]")
_MANY = 40  # differences listed one by one
_LONG = 300
_WEIGHED = 4_000_000  # old words times new words, beyond which a change is not looked into

RESTORE = "The national text may not be altered; restore the wording of the template"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A contract beside its derived document."""

    expected: ExpectedDocument
    found: Rendered
    alignment: Alignment


def check_wording(comparison: Comparison) -> Iterator[VerdictFinding]:
    """Paragraphs, cells, rows and tables that differ, are missing or were added."""
    differences = comparison.alignment.differences
    for difference in differences[:_MANY]:
        yield _finding(comparison, difference)
    if len(differences) > _MANY:
        yield VerdictFinding(
            check="wording",
            part="document",
            place="document",
            before="",
            after="",
            says=f"There are {len(differences) - _MANY} more differences. Start again from the contract as it was filled",
        )


def _finding(comparison: Comparison, difference: Difference) -> VerdictFinding:
    entry = comparison.expected.entries[difference.expected] if difference.kind != "added" else None
    item = comparison.found.items[difference.found] if difference.kind != "missing" else None
    if item is not None and (entry is None or entry.item.contents == item.contents):
        part, place = part_of(item), place_of(comparison.found, difference.found)
    else:
        assert entry is not None
        part, place = part_of(entry.item), place_of(comparison.expected.rendered, difference.expected)
    before, after = _filled(entry, item), "" if item is None else shown(item.text)
    return VerdictFinding(
        check=_check(comparison, difference, entry, item),
        part=part,
        place=place,
        before=shortened(before, _LONG),
        after=shortened(after, _LONG),
        says=_says(comparison, difference, entry, item),
    )


def _filled(entry: Expected | None, item: Item | None) -> str:
    """What an entry says, with the contract's own values in the places of the prompts as far as they can be told apart."""
    if entry is None or entry.pattern is None or item is None or item.kind != "paragraph":
        return expected_text(entry)
    old, new = _WORDS.findall(entry.pattern.shown), _WORDS.findall(item.text)
    if len(old) * len(new) > _WEIGHED:
        return expected_text(entry)
    holes = _hole_words(entry, old)
    said: list[str] = []
    for _, i0, i1, j0, j1 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        said += new[j0:j1] if i1 > i0 and all(at in holes for at in range(i0, i1)) else old[i0:i1]
    return shown("".join(said))


def expected_text(entry: Expected | None) -> str:
    """What an entry says, prompts standing for values."""
    if entry is None:
        return ""
    if entry.zone is not None:
        return f"[free text of {entry.zone.words}]"
    return shown(entry.item.text if entry.pattern is None else entry.pattern.shown)


def _check(comparison: Comparison, difference: Difference, entry: Expected | None, item: Item | None) -> str:
    if item is not None and HIDDEN in item.text and (entry is None or HIDDEN not in entry.item.text):
        return "hidden text"
    if item is not None and difference.kind == "added":
        return _left_over(comparison, item)[0]
    return "wording"


def _left_over(comparison: Comparison, item: Item) -> tuple[str, str]:
    """What an added item is, if it is something of the template that should have gone: (check, its name)."""
    template = comparison.expected.template
    for (choice, _), ranges in template.alternatives.items():
        if _stands_in(comparison, ranges, item):
            return "alternatives", next(each.words for each in template.profile.choices if each.name == choice)
    for name, ranges in template.conditional.items():
        if _stands_in(comparison, ranges, item):
            return "conditional block", next(each.words for each in template.profile.conditional_blocks if each.name == name)
    if _stands_in(comparison, template.instructions, item):
        return "residue", "instructions"
    return "wording", ""


def _stands_in(comparison: Comparison, ranges: tuple[tuple[int, int], ...], item: Item) -> bool:
    template = comparison.expected.template
    for start, end in ranges:
        for at in range(start, end):
            other, pattern = template.form.items[at], template.patterns.get(at)
            same = other.text == item.text if pattern is None else pattern.match(item.text) is not None and sum(map(len, pattern.literals)) > 3
            if other.kind == item.kind == "paragraph" and same:
                return True
    return False


def _says(comparison: Comparison, difference: Difference, entry: Expected | None, item: Item | None) -> str:
    if item is not None and entry is not None:
        if item.contents != entry.item.contents:
            return f"this paragraph {'now stands' if item.contents else 'no longer stands'} inside the table of contents. {RESTORE}"
        if item.kind == "paragraph" and entry.item.kind == "paragraph":
            return f"{_changed_words(entry, item)}. {RESTORE}"
        return f"here {_named(entry.item)} is expected, but {_named(item)} stands. {RESTORE}"
    if item is None:
        assert entry is not None
        return f"{_named(entry.item)} is missing{_quoted(expected_text(entry))}. {RESTORE}"
    kind, name = _left_over(comparison, item)
    if kind == "alternatives":
        return f"more than one alternative of '{name}' stands here. Exactly one may remain; delete the other"
    if kind == "conditional block":
        return f"a part of '{name}' stands here although the rest of it is gone. Keep it whole or take it out whole"
    if kind == "residue":
        return f"an instruction of the template is still here{_quoted(shown(item.text))}. Take it out before signing"
    return f"{_named(item)} was added{_quoted(shown(item.text))}. {RESTORE}"


def _named(item: Item) -> str:
    names = {"paragraph": "a paragraph", "table": "a table", "row": "a table row", "cell": f"a table cell in {item.text}", "end": "the end of a table"}
    names |= {"section break": "a section break", "section": f"the page set-up '{item.text}'", "furniture": f"the {item.text.partition(' ')[0]}"}
    return names.get(item.kind, "something unknown") if item.text or item.kind != "paragraph" else "an empty numbered paragraph"


def _quoted(text: str) -> str:
    return f": '{shortened(text, 120)}'" if text.strip() else ""


def _changed_words(entry: Expected, item: Item) -> str:
    """``'thirty' became 'sixty'``, for each change outside the holes."""
    wanted = entry.item.text if entry.pattern is None else entry.pattern.shown
    old, new = _WORDS.findall(wanted), _WORDS.findall(item.text)
    holes = _hole_words(entry, old)
    said: list[str] = []
    if len(old) * len(new) > _WEIGHED:
        return f"'{shortened(shown(wanted), 80)}' became '{shortened(shown(item.text), 80)}'"
    for tag, i0, i1, j0, j1 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal" or (i1 > i0 and all(at in holes for at in range(i0, i1))):
            continue
        before, after = shown("".join(old[i0:i1])), shown("".join(new[j0:j1]))
        if tag == "insert":
            said.append(f"'{shortened(after, 80) or after}' was added after '{_context(old, i0)}'")
        elif tag == "delete":
            said.append(f"'{shortened(before, 80) or before}' was taken out after '{_context(old, i0)}'")
        else:
            said.append(f"'{shortened(before, 80) or before}' became '{shortened(after, 80) or after}'")
    return "; ".join(said[:4]) or f"'{shortened(shown(wanted), 80)}' became '{shortened(shown(item.text), 80)}'"


def _hole_words(entry: Expected, words: list[str]) -> set[int]:
    if entry.pattern is None:
        return set()
    spans, at = [], 0
    for literal, hole in zip(entry.pattern.literals, entry.pattern.holes, strict=False):
        at += len(literal)
        spans.append((at, at + len(hole.prompt)))
        at += len(hole.prompt)
    inside, position = set(), 0
    for number, word in enumerate(words):
        if any(start <= position < end for start, end in spans):
            inside.add(number)
        position += len(word)
    return inside


def _context(words: list[str], at: int) -> str:
    return shown("".join(words[max(0, at - 5) : at])).strip() or "the beginning"


def check_numbering(comparison: Comparison) -> Iterator[VerdictFinding]:
    """Automatic numbers; a shift of many is said once, where it begins."""
    shifted = 0
    for pair in comparison.alignment.pairs:
        before, after = comparison.expected.rendered.labels[pair.expected].text, comparison.found.labels[pair.found].text
        if before == after:
            shifted = 0 if before else shifted
            continue
        shifted += 1
        if shifted == 1:
            item = comparison.found.items[pair.found]
            words = shortened(plain(item.text), 60)
            yield VerdictFinding(
                check="numbering",
                part=part_of(item),
                place=place_of(comparison.expected.rendered, pair.expected),
                before=before,
                after=after,
                says=f"the number of '{words}' is {after or 'gone'} instead of {before or 'none'}, and others may follow. {RESTORE}",
            )
