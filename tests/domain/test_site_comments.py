"""Which sites may comment on a study under review, and what they see of it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncvr.domain.people import ROLES, STANDINGS, Membership, Person, standing
from ncvr.domain.permissions import STUDY_OPERATIONS
from ncvr.domain.review import REVIEW_STATES, ResourceReview
from ncvr.domain.site_comments import UNDER_REVIEW, as_commented, commenting_sites
from ncvr.domain.study import study_record
from tests.editions import study
from tests.offices import study_file

WAIVER = {"arm": "A", "visit": "V1", "protocol_activity": "MRI", "reason": "not needed", "by": "Dr Waiver", "on": "2026-02-01"}


def early(**known: Any) -> ResourceReview:
    """A phase I study that RGT started and leads, under review, with three sites."""
    file = study_file(study=study_file()["study"] | {"phase": "I"}, waivers=[WAIVER])
    made = ResourceReview(iras_id="1004567", owner="ACME", version=1, state="in_review", revision=3, study=study(file), started_by_lead_site="RGT")
    return replace(made, **known)


def of_phase(phase: str, lead_site: str = "RGT") -> Any:
    return study(study_file(study=study_file()["study"] | {"phase": phase}, lead_site=lead_site))


def test_every_listed_site_may_comment_on_what_its_lead_site_started_while_it_is_under_review() -> None:
    for state in UNDER_REVIEW:
        assert commenting_sites(early(state=state)) == {"RGT", "RA9", "RK9"}
    assert commenting_sites(early(study=early().study.model_copy(update={"sites": []}))) == frozenset()


@pytest.mark.parametrize("state", sorted(set(REVIEW_STATES) - UNDER_REVIEW))
def test_a_draft_and_what_is_over_are_seen_by_the_parties_alone(state: Any) -> None:
    assert commenting_sites(early(state=state)) == frozenset()


@pytest.mark.parametrize(
    "known",
    [
        {"started_by_lead_site": None},  # a company started it
        {"started_by_lead_site": "RA9"},  # it has another lead site by now
        {"study": of_phase("I", lead_site="RA9")},
        {"study": of_phase("III")},
        {"study": of_phase("II")},  # of no class yet
        {"version": 2},  # an amendment
    ],
)
def test_nothing_but_what_was_piloted_opens_a_study_to_its_sites(known: dict[str, Any]) -> None:
    assert commenting_sites(early(**known)) == frozenset()


def test_a_site_sees_the_resource_and_itself_and_no_money_no_waiver_and_no_other_site() -> None:
    whole, seen = study_record(early().study), study_record(as_commented(early(), "RA9").study)
    assert [site["ods_code"] for site in seen["sites"]] == ["RA9"]
    assert (seen["pass_through"], "waivers" in seen, "waivers" in whole) == ([], False, True)
    assert {name: seen[name] for name in ("arms", "unscheduled", "setup_and_closedown", "study")} == {
        name: whole[name] for name in ("arms", "unscheduled", "setup_and_closedown", "study")
    }


others = st.fixed_dictionaries(
    {
        "sites": st.lists(st.sampled_from(["RGT", "RK9", "RXX"]), unique=True),
        "target": st.integers(0, 99),
        "travel": st.sampled_from(["1.00", "35.00", "999.99"]),
        "waived": st.booleans(),
    }
)


@given(others, others)
def test_what_a_site_sees_depends_on_nothing_that_is_not_its_own(one: dict[str, Any], two: dict[str, Any]) -> None:
    def seen(world: dict[str, Any]) -> Any:
        sites = [{"ods_code": code, "target_participants": world["target"]} for code in world["sites"]]
        own = {"ods_code": "RA9", "target_participants": 10}
        money = [{"id": "P01", "name": "Travel", "cap": world["travel"]}]
        file = study_file(sites=[*sites[:1], own, *sites[1:]], pass_through=money, waivers=[WAIVER] if world["waived"] else [])
        return study_record(as_commented(early(study=study(file)), "RA9").study)

    assert seen(one) == seen(two)


def test_a_commenting_site_may_do_three_things_and_nothing_that_everybody_else_may() -> None:
    """Deny by default: an operation that is added for everybody is not handed to a site that only comments."""
    assert {name for name, standings in STUDY_OPERATIONS.items() if "commenting_site" in standings} == {"study.read", "queries.read", "queries.write"}
    assert STUDY_OPERATIONS["sites.list"] == set(STANDINGS) - {"commenting_site"}


def test_only_site_representatives_comment_for_a_site_and_what_was_shared_with_them_goes_before() -> None:
    members = Membership(owner="ACME", lead_site="RGT", commenting_sites=frozenset({"RA9", "RK9"}), shared_sites=frozenset({"RK9"}))
    seen = {(role, at): standing(Person(actor="a", role=role, organisation=at), members) for role in ROLES for at in ("ACME", "RGT", "RA9", "RK9")}
    assert [key for key, value in seen.items() if value == "commenting_site"] == [("site_representative", "RA9")]
    assert seen["site_representative", "RK9"] == "site"
    assert seen["site_representative", "RGT"] is None
