"""How often each trial is made: a tenth or less by default, all of it under NCVR_ASSURE=full. NCVR_SEED=N replays a draw."""

import os
import random

FULL = os.environ.get("NCVR_ASSURE") == "full"
SEED = int(os.environ.get("NCVR_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)


def times(full: int, short: int) -> int:
    return full if FULL else short


def drawn(what: str) -> random.Random:
    """A source of chance for this trial, its seed printed."""
    print(f"{what}: NCVR_SEED={SEED}")
    return random.Random(f"{what} {SEED}")
