"""The list of guards that are taken out in turn speaks of guards that stand in the code, and of tests that are there."""

import pytest

from tests.guard_mutants import ROOT, Mutant, all_mutants


@pytest.mark.parametrize("mutant", all_mutants(), ids=str)
def test_the_guard_to_be_taken_out_stands_there(mutant: Mutant) -> None:
    whole = (ROOT / "src" / "ncvr" / mutant.module).read_text("utf-8")
    assert mutant.guard in whole
    assert whole.replace(mutant.guard, mutant.without) != whole
    assert (ROOT / mutant.tests).is_file()


def test_every_guard_of_every_move_is_in_the_list() -> None:
    rows = [str(mutant) for mutant in all_mutants()]
    assert sum("_row(" in row for row in rows) >= 30
