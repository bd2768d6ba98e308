"""The site costing's table of moves: a price is locked, shared, accepted and frozen, never edited."""

import re
from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncvr.domain.moves import next_state
from ncvr.domain.people import STANDINGS, Standing
from ncvr.domain.site_costing import COSTING_MOVES, COSTING_STATES, CostingFacts, CostingState
from ncvr.errors import MoveNotAllowed, NotPermitted

FINAL = {"declined", "withdrawn", "superseded"}


def facts(**known: object) -> CostingFacts:
    base: dict[str, object] = {
        "edition": "2026",
        "in_force": "2026",
        "reason": "because",
        "reason_code": "staff_rates",
        "fingerprint": "sha256:1",
        "document_fingerprint": "sha256:1",
        "signed_on": date(2026, 6, 1),
        "priced_on": date(2026, 5, 1),
        "today": date(2026, 6, 2),
        "version": 1,
        "latest_version": 2,
    }
    return CostingFacts(**(base | known))  # type: ignore[arg-type]


def go(name: str, state: CostingState, by: Standing, **known: object) -> CostingState:
    return next_state(COSTING_MOVES, name, state, by, facts(**known), "site RGT")


STALE: dict[str, object] = {"edition": "2025"}


def suited(name: str) -> dict[str, object]:
    """The facts that let this move through."""
    closed: dict[str, object] = {"organisation_open": False}
    return {"reprice": STALE, "reassign": closed}.get(name, {})


def test_a_price_is_locked_shared_accepted_and_contracted() -> None:
    state: CostingState = "priced"
    steps: list[tuple[str, Standing]] = [("lock", "company"), ("share", "company"), ("accept", "site"), ("contract", "company"), ("vary", "company")]
    for name, by in steps:
        state = go(name, state, by)
    assert state == "contracted"


@pytest.mark.parametrize(("name", "state", "by"), [("lock", "priced", "company"), ("share", "locked", "company"), ("accept", "shared", "site")])
def test_a_stale_price_goes_nowhere_until_it_is_priced_again(name: str, state: CostingState, by: Standing) -> None:
    with pytest.raises(MoveNotAllowed, match="it is stale"):
        go(name, state, by, **STALE)
    with pytest.raises(MoveNotAllowed, match="closed"):
        go(name, state, by, organisation_open=False)
    assert go("reprice", state, "company", **STALE) == "priced"


def test_a_price_whose_edition_is_in_force_is_not_priced_again() -> None:
    with pytest.raises(MoveNotAllowed, match="nothing to re-price"):
        go("reprice", "shared", "company")


@pytest.mark.parametrize(
    ("known", "says"),
    [
        ({"signed_on": None}, "day of signature is missing"),
        ({"signed_on": date(2026, 6, 3)}, "has not come yet"),
        ({"signed_on": date(2026, 4, 30)}, "made only on"),
        ({"in_force": "2027"}, "was in force, not 2026"),
        ({"document_fingerprint": "sha256:2"}, "does not carry this price"),
    ],
)
def test_a_contract_is_recorded_only_if_its_day_and_its_document_fit_the_price(known: dict[str, object], says: str) -> None:
    with pytest.raises(MoveNotAllowed, match=says):
        go("contract", "accepted", "company", **known)


def test_a_contract_signed_before_a_new_edition_and_recorded_after_it_stands() -> None:
    # The facts hold the edition of the day of signature, whatever is in force today.
    signed = {"signed_on": date(2026, 3, 31), "priced_on": date(2026, 1, 1), "today": date(2026, 4, 3), "edition": "2025", "in_force": "2025"}
    assert go("contract", "accepted", "company", **signed) == "contracted"


def test_a_refusal_needs_a_reason_code_and_other_needs_words() -> None:
    assert go("refuse", "shared", "site", reason="") == "refused"
    with pytest.raises(MoveNotAllowed, match="reason code"):
        go("refuse", "shared", "site", reason_code=None)
    with pytest.raises(MoveNotAllowed, match="needs a sentence"):
        go("refuse", "shared", "site", reason_code="other", reason="")


def test_the_reviewer_of_a_single_site_study_does_not_accept_its_price() -> None:
    with pytest.raises(MoveNotAllowed, match="may not also accept"):
        go("accept", "shared", "site", same_person=True)


def test_only_a_closed_organisations_costing_is_reassigned() -> None:
    assert go("reassign", "accepted", "national", organisation_open=False) == "priced"
    with pytest.raises(MoveNotAllowed, match="is open"):
        go("reassign", "accepted", "national")


@given(st.sampled_from(sorted(COSTING_MOVES)), st.sampled_from(COSTING_STATES), st.sampled_from(STANDINGS))
def test_a_move_happens_exactly_where_and_by_whom_the_table_says(name: str, state: CostingState, by: Standing) -> None:
    move = COSTING_MOVES[name]
    if by in move.by and state in move.before:
        assert go(name, state, by, **suited(name)) == move.after
    else:
        with pytest.raises(NotPermitted if by not in move.by else MoveNotAllowed):
            go(name, state, by, **suited(name))


def test_contracted_is_left_by_no_move_and_final_states_by_none() -> None:
    for name, move in COSTING_MOVES.items():
        assert "contracted" not in move.before or (name, move.after) == ("vary", "contracted")
        assert not FINAL & move.before


@given(st.lists(st.tuples(st.sampled_from(sorted(COSTING_MOVES)), st.sampled_from(STANDINGS)), max_size=60))
def test_no_sequence_of_moves_contracts_a_price_that_no_site_accepted(tried: list[tuple[str, Standing]]) -> None:
    state: CostingState = "priced"
    accepted = False
    for name, by in tried:
        try:
            state = go(name, state, by, **suited(name))
        except (MoveNotAllowed, NotPermitted):
            continue
        accepted = name == "accept" or (accepted and name in ("contract", "vary"))
        assert state != "contracted" or accepted


# Each move with the state and side it is made from, and a fact that alone stands in its way, with what is said; one for each guard.
WHAT_STOPS_IT: list[tuple[str, CostingState, Standing, dict[str, object], str]] = [
    ("lock", "priced", "company", STALE, "it is stale"),
    ("unlock", "locked", "company", {"reason": " "}, "the reason is missing"),
    ("share", "locked", "company", STALE, "it is stale"),
    ("accept", "shared", "site", STALE, "it is stale"),
    ("accept", "shared", "site", {"same_person": True}, "the reviewer of a single-site study"),
    ("refuse", "shared", "site", {"reason_code": None}, "the reason code is missing"),
    ("return_to_site", "escalated", "network", {"reason": ""}, "the reason is missing"),
    ("contract", "accepted", "company", {"signed_on": date(2026, 6, 3)}, "has not come yet"),
    ("contract", "accepted", "company", {"document_fingerprint": "sha256:2"}, "does not carry this price"),
    ("vary", "contracted", "company", {"latest_version": 1}, "carries version 1"),
    ("decline", "shared", "site", {"reason": ""}, "the reason is missing"),
    ("withdraw", "refused", "company", {"reason": ""}, "the reason is missing"),
    ("reprice", "shared", "company", {"edition": "2026"}, "nothing to re-price"),
    ("reassign", "shared", "company", {"organisation_open": True}, "the organisation is open"),
]


@pytest.mark.parametrize(("name", "state", "by", "wrong", "says"), WHAT_STOPS_IT, ids=lambda value: value if isinstance(value, str) else "")
def test_one_fact_that_is_not_as_it_must_be_stops_a_move_by_itself(name: str, state: CostingState, by: Standing, wrong: dict[str, object], says: str) -> None:
    assert go(name, state, by, **suited(name)) == COSTING_MOVES[name].after
    with pytest.raises(MoveNotAllowed, match=re.escape(says)):
        go(name, state, by, **(suited(name) | wrong))


def test_every_guard_of_every_move_is_among_what_stops_it() -> None:
    listed = Counter(name for name, *_ in WHAT_STOPS_IT)
    assert listed == Counter({name: len(move.guards) for name, move in COSTING_MOVES.items() if move.guards})
