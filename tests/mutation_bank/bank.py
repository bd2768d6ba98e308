"""Runs the bank: alters, drops what changed nothing, verifies, and counts who noticed and where."""

import os
import random
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from ncvr.domain.verdict import Verdict
from ncvr.files.appendix_verifier import verify_contract
from tests.mutation_bank import carried, looks, words
from tests.mutation_bank.bases import Base
from tests.mutation_bank.draft import Mark, is_no_op, open_draft, places_of
from tests.mutation_bank.kinds import KINDS, Kind

assert carried
assert looks
assert words

_WHOLE_FILE = ("section", "footer", "package", "settings", "fonts", "table of contents")


@cache
def seed() -> str:
    """Another one for each commit, so that the bank grows with the history; NCVR_BANK_SEED repeats one."""
    told = os.environ.get("NCVR_BANK_SEED")
    if told:
        return told
    try:
        made = subprocess.run(["git", "rev-parse", "HEAD"], cwd=Path(__file__).parent, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "no history"
    return made.stdout.strip()[:12]


def how_many(usual: int, full: int) -> int:
    """Alterations a fixture: the usual number in ``make test``, the full one in ``make bank``."""
    return full if os.environ.get("NCVR_BANK") == "full" else usual


@dataclass(frozen=True)
class Altered:
    """One altered contract; ``key`` repeats it."""

    kind: Kind
    mark: Mark
    content: bytes
    key: str


@dataclass
class Outcome:
    counted: Counter[str] = field(default_factory=Counter)
    survivors: list[str] = field(default_factory=list)
    unlocated: list[str] = field(default_factory=list)
    located: int = 0
    locatable: int = 0

    def __str__(self) -> str:
        share = 100 * self.located / max(self.locatable, 1)
        levels = ", ".join(f"{name} {count}" for name, count in sorted(self.counted.items()))
        return f"seed {seed()}: {levels}; survivors {len(self.survivors)}; located {share:.1f} % of {self.locatable}"


def alterations(base: Base, count: int, part: int, parts: int) -> Iterator[Altered]:
    """``count`` alterations of a base that changed something, every kind in turn; this ``part`` of ``parts``."""
    originals = open_draft(base.content, random.Random(0)).parts
    kinds = sorted(KINDS.values(), key=lambda kind: kind.name)
    made = number = 0
    while made < count:
        kind = kinds[number % len(kinds)]
        key = f"{seed()} {base.name} {part} {number}"
        number += 1
        if number % parts != part:
            continue
        altered = alter(base, kind, key, originals)
        if altered is not None:
            made += 1
            yield altered
        assert number < 20 * count + 2_000, f"the bank makes too few alterations of {base.name}: {made}"


def alter(base: Base, kind: Kind, key: str, originals: dict[str, bytes]) -> Altered | None:
    """One altered contract; None if this kind cannot be done here or changed nothing."""
    draft = open_draft(base.content, random.Random(f"{key} {kind.name}"))
    places = places_of(draft, base.levels)
    mark = kind.alter(draft)
    if mark is None or (not draft.repeated and is_no_op(originals, draft.written())):
        return None
    mark = replace(mark, elements=(), places=tuple(places[element] for element in mark.elements if element in places))
    return Altered(kind, mark, draft.finished(), f"{kind.name} [{key}]")


def run_bank(base: Base, altered: Sequence[Altered] | Iterator[Altered]) -> Outcome:
    """Every altered contract beside the true price and receipt."""
    outcome = Outcome()
    for each in altered:
        verdict = verify_contract(each.content, base.templates, price=base.price, receipt=base.receipt)
        level = noticed_by(verdict)
        outcome.counted[level] += 1
        if level == "nothing" or (level == "strict" and each.kind.seen == "seen"):
            outcome.survivors.append(f"{each.key}: {each.mark.words[:2]}")
        elif verdict.verdict == "modified" and (each.mark.words or each.mark.part in _WHOLE_FILE):
            outcome.locatable += 1
            if is_located(verdict, each.mark):
                outcome.located += 1
            else:
                outcome.unlocated.append(f"{each.key}: {each.mark.words[:2]} -> {[str(finding)[:160] for finding in verdict.errors[:2]]}")
    return outcome


def noticed_by(verdict: Verdict) -> str:
    """The coarsest level that noticed: package, words, numbers, values, formatting, strict, nothing."""
    if verdict.template is None:
        return "package"  # refused before anything was compared
    checks = {finding.check for finding in verdict.errors}
    for level, different in (("words", verdict.words), ("numbers", verdict.numbers), ("values", verdict.values), ("formatting", verdict.formatting)):
        if different == "different":
            return "package" if checks == {"package"} else level
    return "strict" if verdict.strict == "different" else "nothing"


def is_located(verdict: Verdict, mark: Mark) -> bool:
    """Whether a finding names the place: some words that stood there, or the part."""
    for finding in verdict.errors:
        told = f"{finding.part} {finding.place} {finding.before} {finding.after} {finding.says}"
        if mark.part in _WHOLE_FILE and mark.part in told:
            return True
        if any(_names(told, words) for words in mark.words) or any(_is_at(f"{finding.part} {finding.place}", place) for place in mark.places):
            return True
    return False


def _is_at(told: str, place: str) -> bool:
    """Whether a finding's place is this one; clause 5 is not clause 5.2."""
    at = told.find(place)
    return at >= 0 and not told[at + len(place) :].startswith((".", "(", *"0123456789"))


def _names(told: str, words: str) -> bool:
    """Whether a finding quotes enough of some words: all of them if short, else any twenty letters in a row."""
    plain = " ".join(words.split())
    told = " ".join(told.split())
    if len(plain) <= 20:
        return plain in told
    return any(plain[at : at + 20] in told for at in range(0, len(plain) - 19, 4)) or plain[-20:] in told
