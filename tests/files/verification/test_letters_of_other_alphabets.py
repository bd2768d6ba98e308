"""Greek letters of substance names are honest; letters that pass for Latin ones are not."""

import pytest

from ncvr.files.verification.values import dishonest


@pytest.mark.parametrize("text", ["Anti-TNFα", "PPARγ agonist", "Aβ42", "5µg", "10μg", "IFNω", "ΔF508del", "κλπστφχδε in aκ aλ aπ aσ aτ aφ aχ aδ aε", "kΩ"])
def test_a_greek_letter_without_a_latin_likeness_may_stand_beside_latin_ones(text: str) -> None:
    assert dishonest(text) == ""


@pytest.mark.parametrize("letter", [*"οΑΒΕΗΙΚΜΝΟΡΤΥΧν", *"аеорсух"])
def test_a_letter_that_passes_for_a_latin_one_is_refused(letter: str) -> None:
    assert dishonest(f"Pharm{letter}").startswith("mixes alphabets")
    assert dishonest(f"TNFα{letter}").startswith("mixes alphabets")  # an honest letter beside it excuses nothing
