"""What a test needs from the machine. Missing, the test is skipped and says why; under NCVR_REQUIRE_ALL=1, as in CI, it fails."""

import os

import pytest


def require(thing: str, available: bool, message: str) -> None:
    """Go on only if ``thing`` is available. ``message`` says how to get it."""
    if available:
        return
    said = f"{thing} is missing. {message}"
    if os.environ.get("NCVR_REQUIRE_ALL") == "1":
        pytest.fail(f"{said} (NCVR_REQUIRE_ALL=1 allows no skipping)", pytrace=False)
    pytest.skip(said)
