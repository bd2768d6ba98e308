"""Laws of adherence: every organisation in exactly one place, a share between none and all, and time that only adds."""

from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ncvr.domain.adherence import AdherenceIndicator, indicator, indicator_of_costings, share_per_cent
from ncvr.domain.adherence_period import Period, month_of, read_period
from ncvr.domain.adherence_records import EVENT_KINDS, AdherenceRecord, Position, costings_of
from tests import adherence_town as town

ORGANISATIONS = town.organisations()
CODES = [*ORGANISATIONS, "ZZZ9"]
FIRST = date(2026, 3, 1)
DAYS = st.integers(0, 180).map(lambda days: FIRST + timedelta(days=days))
PERIODS = st.sampled_from(["2026-03", "2026-04", "2026-05", "2026-06", "2026-07", "2026-Q2", "2026-Q3"]).map(read_period)
DEFINITIONS = st.sampled_from(town.definitions().definitions)


@st.composite
def histories(draw: st.DrawFn) -> list[AdherenceRecord]:
    """Records of up to six costings in any order, some disputed, decided, corrected or taken back."""
    rows: list[dict[str, Any]] = []
    for number in range(1, draw(st.integers(0, 30)) + 1):
        day = draw(DAYS)
        row: dict[str, Any] = {
            "kind": draw(st.sampled_from(["shared", "shared", *EVENT_KINDS])),
            "on": day,
            "recorded_on": day + timedelta(days=draw(st.sampled_from([0, 0, 1, 40]))),
            "ods_code": draw(st.sampled_from(CODES)),
            "costing": draw(st.sampled_from("abcdef")),
            "study": draw(st.sampled_from([{}, {}, {"phase": "IIa"}, {"portfolio": False}, {"atmp": True}, {"sponsor": "Other"}])),
        }
        if row["kind"] not in ("shared", "shared_without_contract"):
            row.pop("study")
        if number > 1 and draw(st.integers(0, 4)) == 0:
            about = f"r{draw(st.integers(1, number - 1))}"
            decided = [{"kind": kind, "about": about, "note": "because"} for kind in ("disputed", "claim_upheld", "claim_dismissed")]
            row |= draw(st.sampled_from([{"corrects": about}, {"kind": "retracted", "corrects": about}, *decided]))
            if row["kind"] not in ("shared", "shared_without_contract"):
                row.pop("study", None)
        rows.append(row)
    return sorted(town.records(rows), key=lambda record: record.recorded_on)


@st.composite
def declarations(draw: st.DrawFn) -> list[Position]:
    word = st.sampled_from(["accepts_in_full", "accepts_in_full", "accepts_in_part", "does_not_accept"])
    rows = [
        {"ods_code": draw(st.sampled_from(CODES)), "position": draw(word), "price_variation": draw(st.booleans()), "declared_on": draw(DAYS)}
        for _ in range(draw(st.integers(0, 12)))
    ]
    return town.positions(rows)


def same(one: AdherenceIndicator, other: AdherenceIndicator) -> bool:
    return one.standings == other.standings and one.parallel == other.parallel


@given(histories(), declarations(), DEFINITIONS, PERIODS, DAYS)
def test_counted_and_excluded_are_all_and_each_organisation_stands_in_one_place(
    records: list[AdherenceRecord], positions: list[Position], definition: Any, period: Period, as_of: date
) -> None:
    found = indicator(records, positions, ORGANISATIONS, definition, period, as_of)
    codes = [standing.ods_code for standing in found.standings]
    assert len(codes) == len(set(codes))
    assert found.denominator + len(found.listed("excluded")) == len(found.standings)
    assert {code for code, listed in ORGANISATIONS.items() if listed.open_on(period.last)} <= set(codes)
    assert all(standing.reason for standing in found.standings)
    ids = {record.id for record in records} | {position.id for position in positions}
    assert all(standing.decided_by in ids for standing in found.standings if standing.decided_by)


@given(histories(), declarations(), DEFINITIONS, PERIODS, DAYS)
def test_the_share_lies_between_none_and_all(records: list[AdherenceRecord], positions: list[Position], definition: Any, period: Period, as_of: date) -> None:
    found = indicator(records, positions, ORGANISATIONS, definition, period, as_of)
    assert 0 <= found.numerator <= found.denominator
    shown = share_per_cent(found.numerator, found.denominator)
    assert (shown is None) == (found.denominator == 0)
    if shown is not None:
        assert 0 <= shown <= 100
        assert (shown == 100) == (found.numerator == found.denominator)
        assert (shown == 0) == (found.numerator == 0)


@given(histories(), declarations(), DEFINITIONS, PERIODS, DAYS)
def test_what_is_recorded_later_does_not_change_what_was_known(
    records: list[AdherenceRecord], positions: list[Position], definition: Any, period: Period, as_of: date
) -> None:
    known = [record for record in records if record.recorded_on <= as_of]
    declared = [position for position in positions if position.recorded_on <= as_of]
    assert same(indicator(records, positions, ORGANISATIONS, definition, period, as_of), indicator(known, declared, ORGANISATIONS, definition, period, as_of))


@given(histories(), DEFINITIONS, PERIODS)
def test_only_the_costings_that_can_be_in_the_window_need_be_looked_at(records: list[AdherenceRecord], definition: Any, period: Period) -> None:
    as_of = date(2027, 1, 1)
    window = period.window(definition.window_months)
    costings = costings_of(records, as_of, definition.dispute_within_days)
    looked_at = [costing for costing in costings if costing.opened_on <= window.last and (costing.settled_on is None or costing.last_on >= window.first)]
    full = indicator_of_costings(costings, [], ORGANISATIONS, definition, period, as_of)
    assert same(full, indicator_of_costings(looked_at, [], ORGANISATIONS, definition, period, as_of))


@given(histories(), DEFINITIONS, PERIODS)
def test_counting_one_costing_after_another_is_counting_all_at_once(records: list[AdherenceRecord], definition: Any, period: Period) -> None:
    """What the roll-up keeps of each costing is the same as a recount from every record."""
    as_of = date(2027, 1, 1)
    days = definition.dispute_within_days
    whole = {costing.key: costing for costing in costings_of(records, as_of, days)}
    about = {record.about or record.corrects for record in records}
    apart = {record.costing_key for record in records if record.id in about or record.about or record.corrects}
    for key in {record.costing_key for record in records} - apart:
        alone = costings_of([record for record in records if record.costing_key == key], as_of, days)
        assert alone == ([whole[key]] if key in whole else [])


@given(DAYS)
def test_a_day_lies_in_its_month(day: date) -> None:
    assert month_of(day).first <= day <= month_of(day).last
