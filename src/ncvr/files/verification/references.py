"""Cross-references: where each leads, and the number it shows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ncvr.domain.verdict import VerdictFinding
from ncvr.files.contract_form.items import plain
from ncvr.files.verification.places import part_of, place_of, shortened
from ncvr.files.verification.wording import RESTORE, Comparison

_FEW = 3  # cross-references with other numbers said one by one
_LISTED = 8  # of more than a few, those that are named

Targets = tuple[tuple[str, str], ...]  # (number, words) of what references lead to


def check_references(comparison: Comparison) -> Iterator[VerdictFinding]:
    """Cross-references lead where the template's do and show the number that stands there; what a shifted number does to many is said once."""
    renumbered: list[_Astray] = []
    outdated: list[_Astray] = []
    for pair in comparison.alignment.pairs:
        wanted, found = comparison.expected.rendered, comparison.found
        item = found.items[pair.found]
        if not item.references and not wanted.items[pair.expected].references:
            continue
        before, after = wanted.targets[pair.expected], found.targets[pair.found]
        if item.contents:
            before, after = tuple(sorted(set(before))), tuple(sorted(set(after)))
        if not _same_targets(comparison, before, after):
            astray = _led_astray(comparison, pair.found, before, after)
            if [words for _, words in before] == [words for _, words in after]:
                renumbered.append(astray)
            else:
                yield _reference(comparison, pair.found, f"{astray.says}. {RESTORE}")
        cached = {reference.result for reference in wanted.items[pair.expected].references}
        for reference in item.references:
            if reference.kind == "number" and reference.result not in found.possible(reference.target) | cached:
                stands = found.possible(reference.target)
                expected = f"the number there is {sorted(stands)[0]}" if stands else "it leads nowhere"
                short = f"'{reference.result}' for {sorted(stands)[0] if stands else 'nothing'}"
                outdated.append(_Astray(pair.found, f"a cross-reference shows '{reference.result}', but {expected}", short))
    yield from _astray(comparison, renumbered, "lead to other numbers than the template's", RESTORE)
    yield from _astray(comparison, outdated, "show other numbers than those that stand there", "Update the fields in Word")


@dataclass(frozen=True, slots=True)
class _Astray:
    """A reference that shows a number it should not: what it says alone, and in a list."""

    at: int
    says: str
    short: str


def _astray(comparison: Comparison, references: Sequence[_Astray], what: str, remedy: str) -> Iterator[VerdictFinding]:
    if len(references) <= _FEW:
        yield from (_reference(comparison, each.at, f"{each.says}. {remedy}") for each in references)
        return
    told = list(dict.fromkeys(each.short for each in references))
    more = f" and {len(told) - _LISTED} more" if len(told) > _LISTED else ""
    places = dict.fromkeys(place_of(comparison.found, each.at) for each in references)
    said = _reference(comparison, references[0].at, f"{len(references)} cross-references {what}: {', '.join(told[:_LISTED])}{more}. {remedy}")
    yield replace(said, place="; ".join(places))


def _same_targets(comparison: Comparison, before: Targets, after: Targets) -> bool:
    """Equal, where the words of a target may hold values: its number and fixed text decide."""
    return len(before) == len(after) and all(
        one[0] == other[0] and (one[1] == other[1] or _is_holed(comparison, one[1], other[1])) for one, other in zip(before, after, strict=True)
    )


def _is_holed(comparison: Comparison, before: str, after: str) -> bool:
    """Whether a target's text is that of a paragraph with holes, filled."""
    return any(
        entry.pattern is not None and plain(entry.item.text) == before and entry.pattern.match(after) is not None for entry in comparison.expected.entries
    )


def _led_astray(comparison: Comparison, at: int, before: Targets, after: Targets) -> _Astray:
    """Only the targets that differ; two that begin alike are told apart by more of their words."""
    if len(before) == len(after):
        changed = [(one, other) for one, other in zip(before, after, strict=True) if not _same_targets(comparison, (one,), (other,))]
        before, after = tuple(one for one, _ in changed), tuple(other for _, other in changed)
    most = 40 if _targets(before, 40) != _targets(after, 40) else 400
    instead = _targets(before, most) if _targets(before, most) != _targets(after, most) else "the place the template's leads to"
    short = f"{' and '.join(number for number, _ in after)} for {' and '.join(number for number, _ in before)}"
    return _Astray(at, f"a cross-reference leads to {_targets(after, most)} instead of {instead}", short)


def _targets(targets: Targets, most: int) -> str:
    said = [f"{number} '{shortened(words, most)}'".strip() for number, words in targets if number or words not in ("", "nothing")]
    return " and ".join(said) or "nothing"


def _reference(comparison: Comparison, at: int, says: str) -> VerdictFinding:
    item = comparison.found.items[at]
    return VerdictFinding(check="references", part=part_of(item), place=place_of(comparison.found, at), before="", after="", says=says)
