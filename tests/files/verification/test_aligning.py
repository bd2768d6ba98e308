"""Two changes far apart, with a long schedule between them, are two findings and not a shift of everything between."""

import pytest

from ncvr.domain.verdict import VerdictFinding
from ncvr.files.appendix_verifier import verify_contract
from ncvr.files.docx_package import read_package, write_package
from tests import contracts


def long_contract(rows: int) -> bytes:
    composed = contracts.with_visits(contracts.appendix(contracts.site_price(), contracts.details()), rows)
    return contracts.sample_filler().fill(composed, "RGT").content


def wording_of(content: bytes, *changes: tuple[str, str]) -> list[VerdictFinding]:
    package = read_package(content)
    text = package.content("word/document.xml").decode("utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    changed = write_package(package, {"word/document.xml": text.encode("utf-8")})
    return [finding for finding in verify_contract(changed, [contracts.sample()]).errors if finding.check == "wording"]


@pytest.mark.parametrize("rows", [1, 40, 400])
def test_two_changes_far_apart_are_two_findings(rows: int) -> None:
    content = long_contract(rows)
    findings = wording_of(content, ("qualified by training and experience", "qualified by training"), ("Signature for the Sponsor", "Signature of the Sponsor"))
    assert len(findings) == 2
    assert "'and experience' was taken out" in findings[0].says
    assert "'for' became 'of'" in findings[1].says


def test_a_row_lost_between_two_changes_does_not_shift_the_rest() -> None:
    content = long_contract(400)
    text = read_package(content).content("word/document.xml").decode("utf-8")
    start = max(text.rfind(begin, 0, text.index("A/V200<")) for begin in ("<w:tr>", "<w:tr "))
    row = text[start : text.index("</w:tr>", start) + len("</w:tr>")]
    findings = wording_of(
        content, (row, ""), ("qualified by training and experience", "qualified by training"), ("Signature for the Sponsor", "Signature of the Sponsor")
    )
    assert len(findings) == 2


def test_a_value_that_repeats_the_text_around_it_a_million_times_is_not_searched() -> None:
    """Where values may begin and end could be looked for in endless ways; far too long a text is simply a difference."""
    findings = wording_of(long_contract(1), ("EX-1", ", version " * 1_000_000))
    assert len(findings) == 1
