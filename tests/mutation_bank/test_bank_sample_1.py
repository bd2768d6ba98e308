"""Half of the bank on the sample agreement (tests run side by side by file)."""

from tests.mutation_bank.bases import sample_base
from tests.mutation_bank.survivors import check_half


def test_no_alteration_survives_and_nearly_all_are_located() -> None:
    check_half(sample_base(), 1)
