"""What every half of the bank must show."""

import os
from pathlib import Path

from tests.mutation_bank.bank import alterations, how_many, run_bank
from tests.mutation_bank.bases import Base

HALVES = 2
LOCATED = 0.95


def check_half(base: Base, half: int) -> None:
    """No survivors, and at least 95 per cent of the findings name the place. NCVR_BANK_REPORT names a file for the figures."""
    outcome = run_bank(base, alterations(base, how_many(500, 5_000), half, HALVES))
    print(f"{base.name}, half {half}: {outcome}")
    report = os.environ.get("NCVR_BANK_REPORT")
    if report:
        with Path(report).open("a", encoding="utf-8") as file:
            file.write(f"{base.name}, half {half}: {outcome}\n")
    assert not outcome.survivors, f"{outcome}\n" + "\n".join(outcome.survivors)
    assert outcome.located >= LOCATED * outcome.locatable, f"{outcome}\n" + "\n".join(outcome.unlocated)
