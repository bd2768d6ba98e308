"""Which version of a model agreement is accepted when: every boundary day that is known."""

from datetime import date

import pytest

from ncvr.domain.acceptance import lapse, template_in_force
from ncvr.errors import TemplateError
from ncvr.files.template_registry import read_acceptance
from tests.contracts import TEMPLATES

WINDOWS = read_acceptance(TEMPLATES).value or ()


@pytest.mark.parametrize("family", ["mCTA", "CRO-mCTA"])
@pytest.mark.parametrize(
    ("submitted_on", "version"),
    [
        ("2023-10-01", "2023-10"),
        ("2023-11-30", "2023-10"),
        ("2023-12-01", "2023-12"),
        ("2025-05-18", "2023-12"),
        ("2025-05-19", "2025-05"),
        ("2025-07-29", "2025-05"),
        ("2025-07-30", "2025-07"),
        ("2025-09-30", "2025-07"),
        ("2025-10-01", "2025-07"),
        ("2026-04-07", "2025-07"),
        ("2026-04-08", "2026-04"),
        ("2026-04-28", "2026-04"),
    ],
)
def test_the_newest_version_accepted_on_the_day_is_in_force(family: str, submitted_on: str, version: str) -> None:
    day = date.fromisoformat(submitted_on)
    assert template_in_force(WINDOWS, family, day, day).version == version


@pytest.mark.parametrize(
    ("version", "submitted_on", "accepted"),
    [
        ("2023-10", "2024-05-31", True),
        ("2023-10", "2024-06-01", False),
        ("2023-12", "2025-05-18", True),
        ("2023-12", "2025-05-19", False),
        ("2025-05", "2025-05-18", False),
        ("2025-05", "2025-09-30", True),
        ("2025-05", "2025-10-01", False),
        ("2025-07", "2025-07-29", False),
        ("2025-07", "2026-04-27", True),
        ("2025-07", "2026-04-28", False),
        ("2026-04", "2026-04-07", False),
    ],
)
def test_each_version_is_accepted_from_its_first_to_its_last_day(version: str, submitted_on: str, accepted: bool) -> None:
    window = next(window for window in WINDOWS if (window.family, window.version) == ("mCTA", version))
    day = date.fromisoformat(submitted_on)
    assert window.accepts(day, day) is accepted


def test_a_study_submitted_in_time_needs_the_new_version_for_contracts_made_after_the_change() -> None:
    assert template_in_force(WINDOWS, "mCTA", date(2026, 4, 20), date(2026, 4, 27)).version == "2026-04"
    with pytest.raises(TemplateError, match="no version of mCTA"):
        template_in_force(WINDOWS, "mCTA", date(2026, 4, 1), date(2026, 4, 28))


@pytest.mark.parametrize(("family", "first"), [("ATMP-mCTA", "2024-10-14"), ("CRO-ATMP-mCTA", "2024-10-14"), ("mCCIA", "2025-04-28"), ("mCDA", "2025-04-28")])
def test_other_families_have_windows_of_their_own(family: str, first: str) -> None:
    day = date.fromisoformat(first)
    assert template_in_force(WINDOWS, family, day, day).accepted_from == day
    with pytest.raises(TemplateError):
        template_in_force(WINDOWS, family, date.fromordinal(day.toordinal() - 1), day)


def test_an_unknown_family_and_a_day_before_the_first_version_are_errors() -> None:
    with pytest.raises(TemplateError, match="no acceptance windows are known for 'mCTB'"):
        template_in_force(WINDOWS, "mCTB", date(2026, 6, 1), date(2026, 6, 1))
    with pytest.raises(TemplateError):
        template_in_force(WINDOWS, "mCTA", date(2023, 9, 30), date(2023, 9, 30))


def test_a_sample_is_never_in_force() -> None:
    assert all(not template_in_force(WINDOWS, "mCTA", day, day).sample for day in (date(2023, 10, 1), date(2026, 6, 1)))


def test_a_version_that_lapses_before_the_contract_is_said() -> None:
    assert lapse(WINDOWS, "mCTA", "2025-07", date(2026, 4, 1), date(2026, 4, 27)) is None
    said = lapse(WINDOWS, "mCTA", "2025-07", date(2026, 4, 1), date(2026, 4, 28))
    assert said == "mCTA/2025-07 is accepted for contracts until 2026-04-27; the details say 2026-04-28"
    assert lapse(WINDOWS, "mCTA", "2026-04", date(2026, 4, 7), None) == "mCTA/2026-04 is accepted only from 2026-04-08; the details say 2026-04-07"
    assert lapse(WINDOWS, "mCTA", "unregistered", date(2026, 4, 7), None) is None
