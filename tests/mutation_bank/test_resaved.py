"""Altered, then saved by a word processor: still found. And a second reader sees the words and figures that the verifier read."""

import random
import re
from collections import Counter
from pathlib import Path

from ncvr.files.appendix_verifier import verify_contract
from ncvr.files.contract_form.document import read_form
from ncvr.files.contract_form.items import plain
from ncvr.files.contract_form.names import CLOSE, OPEN
from ncvr.files.docx_package import read_package
from ncvr.files.docx_parts import read_parts
from tests.conftest import LibreOffice
from tests.mutation_bank.bank import Altered, alter, how_many, seed
from tests.mutation_bank.bases import BASES, Base
from tests.mutation_bank.batches import convert_all, resaved
from tests.mutation_bank.draft import open_draft
from tests.mutation_bank.kinds import KINDS

WORDS = ("character", "digit", "punctuation", "drop", "double", "swap", "look-alike", "move")
# LibreOffice leaves these out when it writes text, or writes another sign for them.
UNSEEN = re.compile("[\u00ad\u200b\u200c\u200d\u2060\ufeff\u061c\u202e\u202c]")
_TOKENS = re.compile(f"{OPEN}[^{CLOSE}]*{CLOSE}")


def altered_in_words(base: Base, count: int, *, without: tuple[str, ...] = ()) -> dict[str, Altered]:
    """So many contracts with other words, by a short name."""
    kinds = [kind for name, kind in sorted(KINDS.items()) if kind.group in WORDS and kind.group not in without]
    originals = open_draft(base.content, random.Random(0)).parts
    made: dict[str, Altered] = {}
    number = 0
    while len(made) < count:
        altered = alter(base, kinds[number % len(kinds)], f"{seed()} resaved {base.name} {number}", originals)
        number += 1
        if altered is not None:
            made[f"{base.name}-{number}"] = altered
    return made


def test_an_alteration_is_found_after_the_file_was_saved_again(soffice: LibreOffice, tmp_path: Path) -> None:
    for name, base_of in BASES.items():
        base = base_of()
        altered = altered_in_words(base, how_many(20, 150))
        saved = resaved(soffice, {key: each.content for key, each in altered.items()}, tmp_path / name)
        for key, content in saved.items():
            verdict = verify_contract(content, base.templates, price=base.price, receipt=base.receipt)
            assert verdict.verdict == "modified", altered[key].key
            assert "different" in (verdict.words, verdict.numbers, verdict.values), altered[key].key


def read_by_us(content: bytes) -> tuple[list[str], Counter[str]]:
    """The stretches of text between tokens that the verifier read in the body, and the amounts."""
    pieces: list[str] = []
    amounts: Counter[str] = Counter()
    for item in read_form(read_parts(read_package(content))).items:
        if item.kind == "paragraph" and item.story.kind == "body" and not item.contents:
            pieces += [piece for part in re.split(f"{_TOKENS.pattern}|\n|\t", item.text) if (piece := one_line(part))]
            amounts.update(re.findall(r"£[0-9,.]*[0-9]", plain(item.text)))
    return pieces, amounts


def one_line(text: str) -> str:
    return " ".join(UNSEEN.sub("", text).split())


def test_libreoffice_shows_the_words_and_figures_that_the_verifier_read(soffice: LibreOffice, tmp_path: Path) -> None:
    documents: dict[str, bytes] = {}
    for name, base_of in BASES.items():
        documents[name] = base_of().content
        documents |= {key: each.content for key, each in altered_in_words(base_of(), how_many(10, 100), without=("look-alike",)).items()}
    shown = convert_all(soffice, documents, "txt:Text (encoded):UTF8", tmp_path / "text")
    for key, content in documents.items():
        text = one_line(shown[key].decode("utf-8-sig"))
        pieces, amounts = read_by_us(content)
        assert len(pieces) > 50, "too little was read to compare anything"
        missing = [piece for piece in pieces if piece not in text]
        assert not missing, f"{key}: LibreOffice does not show {missing[:3]}"
        assert Counter(re.findall(r"£[0-9,.]*[0-9]", text)) == amounts, key
