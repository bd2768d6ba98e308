"""Clocks between recorded events: unfinished ones count for as long as they have run, and cohorts are never mixed."""

import statistics
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ncvr.domain.clocks import Clock, Elapsed, Milestone, StudyDays, clock_record, read_clocks, survival_median
from tests import adherence_town as town

START = date(2026, 1, 1)
SETUP = Clock(id="setup", title="Set-up", starts="site_open", ends="first_participant", target_days=30)


def study(number: int, days: int | None, *, cohort: str = "late phase") -> StudyDays:
    """Opened on 1 January; its first participant so many days later, or not yet."""
    known: dict[Milestone, date] = {"site_open": START}
    if days is not None:
        known["first_participant"] = START + timedelta(days=days)
    return StudyDays(iras_id=f"{1000000 + number}", cohort=cohort, days=known)


def test_a_clock_shows_medians_means_counts_and_who_still_runs() -> None:
    (reading,) = read_clocks([SETUP], [study(1, 10), study(2, 20), study(3, 45), study(4, None)], START + timedelta(days=100))
    assert (reading.median, reading.median_of_finished, reading.mean_of_finished) == (20, Fraction(20), Fraction(25))
    assert (len(reading.finished), reading.within_target) == (3, 2)
    assert [(each.iras_id, each.days) for each in reading.unfinished] == [("1000004", 100)]
    assert clock_record(reading)["mean_days_of_finished"] == "25.0"


def test_a_running_study_makes_the_median_longer_than_that_of_the_finished() -> None:
    (reading,) = read_clocks([SETUP], [study(1, 10), study(2, 20), study(3, None), study(4, None), study(5, 40)], START + timedelta(days=30))
    assert reading.median_of_finished == 15
    assert reading.median is None  # with three of five still running, half have not finished: nobody knows yet


def test_what_happened_after_the_day_of_knowledge_still_runs() -> None:
    (reading,) = read_clocks([SETUP], [study(1, 10), study(2, 50)], START + timedelta(days=30))
    assert [(each.days, each.finished) for each in reading.elapsed] == [(10, True), (30, False)]


def test_cohorts_are_never_mixed() -> None:
    readings = read_clocks([SETUP], [study(1, 10), study(2, 90, cohort="early phase")], START + timedelta(days=100))
    assert [(reading.cohort, reading.median) for reading in readings] == [("early phase", 90), ("late phase", 10)]


def test_an_end_before_its_start_is_named_and_in_no_figure() -> None:
    (reading,) = read_clocks([SETUP], [study(1, -3), study(2, 7)], START + timedelta(days=100))
    assert reading.out_of_order == ("1000001",)
    assert [each.iras_id for each in reading.elapsed] == ["1000002"]


def test_a_clock_that_nobody_started_is_not_shown() -> None:
    assert read_clocks(town.definitions().clocks, [], START) == []


def test_the_worked_survival_table_gives_its_median() -> None:
    """At 6: 3 of 7 end, 4/7 left. At 10, after one was lost at 9: 1 of 3 ends, 8/21 left, which is the first half or less."""
    lost = {9}
    elapsed = [Elapsed(iras_id=f"{at}", days=days, finished=days not in lost) for at, days in enumerate([6, 6, 6, 9, 10, 13, 16])]
    assert survival_median(elapsed) == 10


@given(st.lists(st.integers(0, 400), min_size=1, max_size=30))
def test_when_all_have_finished_it_is_the_usual_lower_median(days: list[int]) -> None:
    elapsed = [Elapsed(iras_id=str(at), days=each, finished=True) for at, each in enumerate(days)]
    assert survival_median(elapsed) == statistics.median_low(days)


@given(st.lists(st.integers(0, 400), min_size=1, max_size=30))
def test_the_median_and_mean_of_the_finished_are_exact(days: list[int]) -> None:
    (reading,) = read_clocks([SETUP], [study(at, each) for at, each in enumerate(days)], START + timedelta(days=500))
    assert reading.mean_of_finished == Fraction(sum(days), len(days))
    assert reading.median_of_finished == statistics.median([Fraction(each) for each in days])


def test_a_clock_that_starts_where_it_ends_is_refused() -> None:
    with pytest.raises(ValidationError, match="never runs"):
        Clock(id="none", title="None", starts="site_open", ends="site_open")


def test_the_shipped_clocks_are_those_of_the_field() -> None:
    clocks = {clock.id: clock for clock in town.definitions().clocks}
    assert clocks["regulatory"].target_days == 60
    assert clocks["application-to-first-participant"].target_days == 150
    assert [time.days for time in clocks["submitted-to-first-participant"].published] == [305, 194]
