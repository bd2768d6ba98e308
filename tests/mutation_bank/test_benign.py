"""What changes nothing a reader sees is never reported as a change."""

import io
import random
from collections.abc import Mapping
from pathlib import Path

import docx
import pytest

from ncvr.domain.verdict import Verdict
from ncvr.files.appendix_verifier import verify_contract
from tests.conftest import LibreOffice
from tests.mutation_bank.bank import how_many, seed
from tests.mutation_bank.bases import BASES, Base
from tests.mutation_bank.batches import resaved, resaved_through_odt
from tests.mutation_bank.benign import REWRITES, rewritten

FORMATTING_ALARMS = 0.01  # of all paragraphs, after a word processor has saved the file


def verified(base: Base, content: bytes) -> Verdict:
    return verify_contract(content, base.templates, price=base.price, receipt=base.receipt)


def said(verdict: Verdict) -> str:
    return "\n".join([verdict.says, *(f"{finding.check}: {finding}" for finding in verdict.errors)])


@pytest.mark.parametrize("family", sorted(BASES))
def test_the_contract_itself_is_unmodified_at_every_level(family: str) -> None:
    verdict = verified(BASES[family](), BASES[family]().content)
    assert (verdict.verdict, verdict.words, verdict.numbers, verdict.values, verdict.formatting, verdict.strict) == ("unmodified", *["equal"] * 5), said(
        verdict
    )


@pytest.mark.parametrize("family", sorted(BASES))
@pytest.mark.parametrize("name", sorted(REWRITES))
def test_a_benign_rewrite_is_not_reported(family: str, name: str) -> None:
    verdict = verified(BASES[family](), rewritten(BASES[family]().content, [name], random.Random(seed())))
    assert verdict.verdict == "unmodified", said(verdict)


@pytest.mark.parametrize("family", sorted(BASES))
def test_several_rewrites_together_are_not_reported(family: str) -> None:
    base = BASES[family]()
    for number in range(how_many(15, 150)):
        chance = random.Random(f"{seed()} {number}")
        names = chance.sample(sorted(REWRITES), chance.randint(2, 5))
        verdict = verified(base, rewritten(base.content, names, chance))
        assert verdict.verdict == "unmodified", f"{names} with seed {seed()} {number}: {said(verdict)}"


@pytest.mark.parametrize("family", sorted(BASES))
def test_loading_and_saving_with_python_docx_is_not_reported(family: str) -> None:
    out = io.BytesIO()
    docx.Document(io.BytesIO(BASES[family]().content)).save(out)
    verdict = verified(BASES[family](), out.getvalue())
    assert verdict.verdict == "unmodified", said(verdict)


def test_saving_with_libreoffice_once_twice_or_through_its_own_format_is_not_reported(soffice: LibreOffice, tmp_path: Path) -> None:
    originals = {name: base().content for name, base in BASES.items()}
    once = resaved(soffice, originals, tmp_path / "once")
    ways: Mapping[str, Mapping[str, bytes]] = {
        "once": once,
        "twice": resaved(soffice, once, tmp_path / "twice"),
        "odt": resaved_through_odt(soffice, originals, tmp_path / "odt"),
    }
    alarms = compared = 0
    for way, documents in ways.items():
        for name, content in documents.items():
            verdict = verified(BASES[name](), content)
            assert (verdict.words, verdict.numbers, verdict.values) == ("equal", "equal", "equal"), f"{way}, {name}: {said(verdict)}"
            alarms += sum(finding.check == "formatting" for finding in verdict.errors)
            compared += content_paragraphs(content)
    print(f"formatting alarms {alarms} of {compared} paragraphs")
    assert alarms < FORMATTING_ALARMS * compared


def content_paragraphs(content: bytes) -> int:
    return len(docx.Document(io.BytesIO(content)).paragraphs)
