"""The review's table of moves: who may move it, from where, and what must hold first."""

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncvr.domain.moves import next_state
from ncvr.domain.people import ROLES, STANDINGS, Membership, Person, Standing, standing
from ncvr.domain.review import REVIEW_MOVES, REVIEW_STATES, ReviewFacts, ReviewState, check_may_edit
from ncvr.errors import MoveNotAllowed, NotPermitted
from tests.editions import study

COMPLETE = study(
    {
        "study": {
            "iras_id": "1004567",
            "title": "A trial",
            "sponsor": "Example Pharma Ltd",
            "phase": "III",
            "protocol": {"number": "EX-1", "version": "2.0", "date": "2026-01-15"},
        },
        "lead_site": "RGT",
        "sites": [{"ods_code": "RGT"}],
        "arms": [{"id": "A", "name": "Active", "visits": [{"id": "V1", "name": "Screening"}]}],
    }
)
MEMBERS = Membership(owner="ACME", lead_site="RGT")


def facts(**known: object) -> ReviewFacts:
    base: dict[str, object] = {"study": COMPLETE, "membership": MEMBERS, "protocol_version": "2.0", "reason": "because", "open_queries": 0}
    return ReviewFacts(**(base | known))  # type: ignore[arg-type]


def go(name: str, state: ReviewState, by: Standing, **known: object) -> ReviewState:
    return next_state(REVIEW_MOVES, name, state, by, facts(**known), "study 1004567")


def test_a_review_goes_from_draft_to_agreed_with_both_sides_hands_on_it() -> None:
    assert go("submit", "draft", "company") == "submitted"
    assert go("accept", "submitted", "reviewer") == "in_review"
    assert go("query", "in_review", "reviewer", open_queries=1) == "with_company"
    assert go("respond", "with_company", "company") == "in_review"
    assert go("agree", "in_review", "reviewer") == "in_review"
    assert go("confirm", "in_review", "company", reviewer_agreed=True) == "agreed"
    assert go("amend", "agreed", "company") == "draft"


def test_an_incomplete_study_is_not_submitted_and_it_says_what_is_missing() -> None:
    bare = study({"arms": []})
    with pytest.raises(MoveNotAllowed, match="no arm") as refused:
        go("submit", "draft", "company", study=bare)
    assert any("protocol" in finding.problem for finding in refused.value.findings)


def test_a_study_is_submitted_only_with_the_protocol_it_was_costed_from() -> None:
    with pytest.raises(MoveNotAllowed, match=r"version 3\.0, the schedule was costed from 2\.0"):
        go("submit", "draft", "company", protocol_version="3.0")
    with pytest.raises(MoveNotAllowed, match="unknown"):
        go("submit", "draft", "company", protocol_version=None)


@pytest.mark.parametrize(
    "members",
    [
        Membership(owner="RGT", lead_site="RGT"),
        Membership(owner="ACME", lead_site="RGT", delegates=frozenset({"RGT"})),
        Membership(owner="ACME", lead_site="RGT", groups={"ACME": "G1", "RGT": "G1"}),
        Membership(owner="ACME", lead_site="RGT", delegates=frozenset({"CRO"}), groups={"CRO": "G1", "RGT": "G1"}),
    ],
)
def test_a_reviewer_of_the_company_its_cro_or_their_group_reviews_nothing(members: Membership) -> None:
    for move, state, by in (("submit", "draft", "company"), ("agree", "in_review", "reviewer"), ("confirm", "in_review", "company")):
        with pytest.raises(MoveNotAllowed, match="company's side"):
            go(move, state, by, membership=members, reviewer_agreed=True)  # type: ignore[arg-type]


def test_nothing_is_agreed_while_a_query_is_open_or_a_protocol_cell_uncosted() -> None:
    with pytest.raises(MoveNotAllowed, match="1 query is not answered"):
        go("agree", "in_review", "reviewer", open_queries=1)
    with pytest.raises(MoveNotAllowed, match="not costed"):
        go("confirm", "in_review", "company", reviewer_agreed=True, uncosted=["arm A, visit V1"])


def test_a_review_is_handed_back_only_with_a_query_and_reverted_only_with_a_reason() -> None:
    with pytest.raises(MoveNotAllowed, match="no open query"):
        go("query", "in_review", "reviewer")
    with pytest.raises(MoveNotAllowed, match="reason is missing"):
        go("revert", "submitted", "reviewer", reason=" ")


def test_an_amendment_is_withdrawn_to_the_agreed_version_and_a_first_version_for_good() -> None:
    assert go("withdraw", "draft", "company") == "withdrawn"
    assert go("withdraw_amendment", "in_review", "company", first_version=False) == "agreed"
    with pytest.raises(MoveNotAllowed, match="agreed version stands"):
        go("withdraw", "draft", "company", first_version=False)


@given(st.sampled_from(sorted(REVIEW_MOVES)), st.sampled_from(REVIEW_STATES), st.sampled_from(STANDINGS))
def test_a_move_happens_exactly_where_and_by_whom_the_table_says(name: str, state: ReviewState, by: Standing) -> None:
    move = REVIEW_MOVES[name]
    known = {"open_queries": 1 if name == "query" else 0, "reviewer_agreed": True, "first_version": name != "withdraw_amendment"}
    if by in move.by and state in move.before:
        assert go(name, state, by, **known) == move.after
    else:
        with pytest.raises(NotPermitted if by not in move.by else MoveNotAllowed):
            go(name, state, by, **known)


@given(st.lists(st.tuples(st.sampled_from(sorted(REVIEW_MOVES)), st.sampled_from(STANDINGS)), max_size=40))
def test_no_sequence_of_moves_reaches_agreed_without_a_reviewer(tried: list[tuple[str, Standing]]) -> None:
    state: ReviewState = "draft"
    agreed_by_reviewer = False
    for name, by in tried:
        try:
            state = go(name, state, by, open_queries=1 if name == "query" else 0, reviewer_agreed=agreed_by_reviewer)
        except (MoveNotAllowed, NotPermitted):
            continue
        agreed_by_reviewer = (agreed_by_reviewer or name == "agree") and name not in ("amend", "query", "revert")
        assert state != "agreed" or agreed_by_reviewer


@pytest.mark.parametrize("by", STANDINGS)
@pytest.mark.parametrize("state", REVIEW_STATES)
def test_only_the_side_that_holds_the_pen_edits_the_schedule(state: ReviewState, by: Standing) -> None:
    may = {("draft", "company"), ("with_company", "company"), ("in_review", "reviewer")}
    if (state, by) in may:
        check_may_edit(state, by, "study")
    elif state in {holding for holding, _ in may}:
        with pytest.raises(NotPermitted, match="only the"):
            check_may_edit(state, by, "study")
    else:
        with pytest.raises(MoveNotAllowed, match="nobody edits"):
            check_may_edit(state, by, "study")


def test_a_person_without_a_part_in_the_study_has_no_standing() -> None:
    members = Membership(owner="ACME", lead_site="RGT", shared_sites=frozenset({"RK9"}), delegates=frozenset({"CRO"}))
    seen = {
        (role, at): standing(Person(actor="a", role=role, organisation=at), members) for role in ROLES for at in ("ACME", "CRO", "RIVAL", "RGT", "RK9", "RP4")
    }
    assert {key for key, value in seen.items() if value == "company"} == {("company_representative", "ACME"), ("company_representative", "CRO")}
    assert {key for key, value in seen.items() if value == "reviewer"} == {("study_resource_reviewer", "RGT")}
    assert {key for key, value in seen.items() if value == "site"} == {("site_representative", "RK9")}
    assert all(value is None for (role, _), value in seen.items() if role == "network_coordinator")


# Each move with the state and side it is made from, and every fact that alone stands in its way, with what is said.
WHAT_STOPS_IT: list[tuple[str, ReviewState, Standing, dict[str, object], str]] = [
    ("submit", "draft", "company", {"study": study({"arms": []})}, "no arm"),
    ("submit", "draft", "company", {"protocol_version": "1.0"}, "the schedule was costed from"),
    ("submit", "draft", "company", {"membership": Membership(owner="RGT", lead_site="RGT")}, "company's side"),
    ("revert", "submitted", "reviewer", {"reason": " "}, "the reason is missing"),
    ("query", "in_review", "reviewer", {"open_queries": 0}, "there is no open query"),
    ("respond", "with_company", "company", {"open_queries": 2}, "2 queries are not answered yet"),
    ("agree", "in_review", "reviewer", {"study": study({"arms": []})}, "no arm"),
    ("agree", "in_review", "reviewer", {"open_queries": 1}, "1 query is not answered yet"),
    ("agree", "in_review", "reviewer", {"uncosted": ["A/V1"]}, "1 cells of the protocol's schedule are not costed"),
    ("agree", "in_review", "reviewer", {"membership": Membership(owner="RGT", lead_site="RGT")}, "company's side"),
    ("confirm", "in_review", "company", {"reviewer_agreed": False}, "the lead site has not agreed"),
    ("confirm", "in_review", "company", {"study": study({"arms": []})}, "no arm"),
    ("confirm", "in_review", "company", {"open_queries": 1}, "1 query is not answered yet"),
    ("confirm", "in_review", "company", {"uncosted": ["A/V1"]}, "1 cells of the protocol's schedule are not costed"),
    ("confirm", "in_review", "company", {"membership": Membership(owner="RGT", lead_site="RGT")}, "company's side"),
    ("amend", "agreed", "company", {"reason": ""}, "the reason is missing"),
    ("withdraw", "draft", "company", {"first_version": False}, "an agreed version stands"),
    ("withdraw_amendment", "draft", "company", {"first_version": True}, "there is no agreed version to fall back on"),
]
SUITED: dict[str, dict[str, object]] = {"query": {"open_queries": 1}, "confirm": {"reviewer_agreed": True}, "withdraw_amendment": {"first_version": False}}


@pytest.mark.parametrize(("name", "state", "by", "wrong", "says"), WHAT_STOPS_IT, ids=lambda value: value if isinstance(value, str) else "")
def test_one_fact_that_is_not_as_it_must_be_stops_a_move_by_itself(name: str, state: ReviewState, by: Standing, wrong: dict[str, object], says: str) -> None:
    suited = SUITED.get(name, {})
    assert go(name, state, by, **suited) == REVIEW_MOVES[name].after
    with pytest.raises(MoveNotAllowed, match=re.escape(says)):
        go(name, state, by, **(suited | wrong))


def test_every_guard_of_every_move_is_among_what_stops_it() -> None:
    listed = Counter(name for name, *_ in WHAT_STOPS_IT)
    assert listed == Counter({name: len(move.guards) for name, move in REVIEW_MOVES.items() if move.guards})
