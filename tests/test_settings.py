"""Settings that are more than a name of a place."""

import pytest

from ncvr import settings
from ncvr.errors import InputError


def test_the_days_of_a_review_are_the_observed_median_unless_they_are_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NCVR_REVIEW_DAYS", raising=False)
    assert settings.review_days() == 34
    monkeypatch.setenv("NCVR_REVIEW_DAYS", "60")
    assert settings.review_days() == 60


@pytest.mark.parametrize("given", ["", "0", "-3", "34.5", "many", "1000", "٣٤"])
def test_what_is_no_number_of_days_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("NCVR_REVIEW_DAYS", given)
    with pytest.raises(InputError, match="no number of days") as caught:
        settings.review_days()
    assert caught.value.place == "NCVR_REVIEW_DAYS"
