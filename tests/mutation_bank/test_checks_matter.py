"""No check is ornament: with each one switched off, some altered contract passes that is caught with it on."""

import random
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from ncvr.domain.verdict import Verdict
from ncvr.files.appendix_verifier import CHECKS, verify_contract
from tests.contract_fixtures import filled
from tests.mutation_bank.bank import noticed_by, seed
from tests.mutation_bank.bases import SECOND, Base, second_base
from tests.mutation_bank.draft import DOCUMENT, Draft, W, open_draft
from tests.mutation_bank.kinds import KINDS


@cache
def bank() -> tuple[tuple[str, Base, bytes], ...]:
    """One of every kind, and cases made for a check that others nearly always back up."""
    return (*_of_every_kind(), *_made_to_measure())


def _of_every_kind() -> Iterator[tuple[str, Base, bytes]]:
    base = second_base()
    for name, kind in sorted(KINDS.items()):
        draft = open_draft(base.content, random.Random(f"{seed()} {name}"))
        if kind.alter(draft) is not None:
            yield name, base, draft.finished()


def _changed(base: Base, draft: Draft, name: str) -> tuple[str, Base, bytes]:
    return name, base, draft.finished()


def _made_to_measure() -> Iterator[tuple[str, Base, bytes]]:
    base = second_base()

    def draft() -> Draft:
        return open_draft(base.content, random.Random(0))

    def replace_everywhere(opened: Draft, old: str, new: str) -> Draft:
        for _, text in opened.texts():
            text.text = (text.text or "").replace(old, new)
        for text in opened.document.iter(W + "t"):
            text.text = (text.text or "").replace(old, new)
        return opened

    yield _changed(base, replace_everywhere(draft(), "QT-001", "QT-0\u200b01"), "an unseen character in every place of a value")
    yield _changed(base, replace_everywhere(draft(), "£450.00", "£45O.00"), "a letter in an amount")
    yield _changed(base, replace_everywhere(draft(), "Week 4", "[Visit]"), "a prompt in a row")
    yield _changed(base, replace_everywhere(draft(), "The site can do it.", "The site can [do] it."), "a prompt in free text")
    yield _changed(base, replace_everywhere(draft(), "The site can do it.", "The site can do it. " * 40), "free text that is too long")
    yield _changed(base, replace_everywhere(draft(), "1004567", "1004568"), "another study in every place")
    yield _changed(base, replace_everywhere(draft(), "£381.39", "£381.40"), "another total")
    yield _changed(base, replace_everywhere(draft(), "± 3 days", "± 5 days"), "another window in the rows of one visit")
    one_place = draft()
    footer = next(text for part, text in one_place.texts() if part == "word/footer1.xml" and "QT-001" in (text.text or ""))
    footer.text = (footer.text or "").replace("QT-001", "QT-002")
    yield _changed(base, one_place, "another value in one place")
    yield _changed(base, replace_everywhere(draft(), "£310.07", "£310.08"), "another price")
    yield "letters become roman", base, replace_in(base.content, 'w:numFmt w:val="lowerLetter"', 'w:numFmt w:val="lowerRoman"', "word/numbering.xml")
    early = filled(replace(SECOND, phase="I"))
    yield "a block that should have gone", base, replace_in(early, "phase </w:t>", "phase II</w:t>")


def replace_in(content: bytes, old: str, new: str, part: str = DOCUMENT) -> bytes:
    """The contract with some XML of one part replaced."""
    draft = open_draft(content, random.Random(0))
    text = draft.parts[part].decode("utf-8")
    assert old in text, old
    draft.parts[part] = text.replace(old, new, 1).encode("utf-8")
    return draft.finished()


# What a finding is called -> the check that finds it, where the two differ.
FOUND_BY = {"alternatives": "wording", "conditional block": "wording", "values": "receipt", "schedule": "receipt", "choices": "receipt", "metadata": "strict"}
GIVEN = ((True, True), (True, False), (False, False))  # price, receipt


def verified(base: Base, content: bytes, given: tuple[bool, bool], off: frozenset[str] = frozenset()) -> Verdict:
    return verify_contract(content, base.templates, price=base.price if given[0] else None, receipt=base.receipt if given[1] else None, without=off)


@cache
def caught() -> tuple[tuple[str, Base, bytes, tuple[bool, bool], frozenset[str]], ...]:
    """Every case that is caught, with the checks that caught it."""
    cases = []
    for name, base, content in bank():
        for given in GIVEN:
            verdict = verified(base, content, given)
            level = noticed_by(verdict)
            if verdict.template is not None and level != "nothing":
                findings = [finding for finding in verdict.findings if finding.level == "error" or level == "strict"]
                cases.append((name, base, content, given, frozenset(FOUND_BY.get(finding.check, finding.check) for finding in findings)))
    return tuple(cases)


@pytest.mark.parametrize("check", sorted(CHECKS))
def test_without_a_check_something_passes(check: str) -> None:
    for name, base, content, given, by in caught():
        if by == {check}:
            verdict = verified(base, content, given, frozenset((check,)))
            if verdict.verdict != "modified" and (check != "strict" or verdict.strict != "different"):
                print(f"without {check}: {name}")
                return
    pytest.fail(f"nothing passes without the check '{check}'")
