"""Details of a contract: a site over the common ones, and what may not stand in them."""

from typing import Any

import pytest
from pydantic import ValidationError

from ncvr.domain.details import Details, check_details
from tests import editions
from tests.contracts import DETAILS, STUDY


def told(**parts: Any) -> Details:
    return Details.model_validate(parts)


def test_a_site_overrides_what_is_common_key_by_key() -> None:
    both = told(
        common={"sponsor": {"legal_name": "A Ltd", "number": "1"}, "choices": {"one": "a", "two": "b"}},
        sites={"RGT": {"sponsor": {"number": "2"}, "choices": {"two": "c"}}},
    ).for_site("RGT")
    assert (both.sponsor.legal_name, both.sponsor.number) == ("A Ltd", "2")
    assert both.choices == {"one": "a", "two": "c"}


def test_a_site_without_entry_has_the_common_details() -> None:
    assert told(common=DETAILS).for_site("RP4").sponsor.legal_name == "Smith & Nephew <UK> Ltd"


def test_a_section_that_only_the_site_has_is_taken() -> None:
    site = told(sites={"RGT": {"cro": {"legal_name": "C Ltd"}, "vat": {"treatment": "exempt"}}}).for_site("RGT")
    assert site.cro is not None
    assert site.cro.legal_name == "C Ltd"
    assert site.vat is not None


@pytest.mark.parametrize("name", ["Volume discount", "Rebate on visits", "Local uplift", "price adjustments"])
def test_nothing_that_would_change_a_price_can_be_listed_as_a_cost(name: str) -> None:
    with pytest.raises(ValidationError, match="nobody edits a price"):
        told(common={"other_pass_through": [{"id": "X1", "name": name}]})


@pytest.mark.parametrize("cap", ["-1.00", "1e3", "1.005", 12.5, "£5"])
def test_a_cap_is_exact_pounds_and_never_negative(cap: object) -> None:
    with pytest.raises(ValidationError):
        told(common={"other_pass_through": [{"id": "X1", "name": "Taxi", "cap": cap}]})


def test_unknown_keys_are_refused() -> None:
    with pytest.raises(ValidationError):
        told(common={"payment_days": 30})


def test_a_cost_may_not_repeat_an_id_of_the_study_or_of_the_details() -> None:
    study = editions.study(STUDY)
    repeated = told(common={"out_of_hours": [{"id": "P01", "name": "Call"}], "other_pass_through": [{"id": "X1", "name": "A"}, {"id": "X1", "name": "B"}]})
    assert [finding.place for finding in check_details(repeated, study)] == ["common: P01", "common: X1"]


def test_a_cap_for_an_expense_that_is_not_there_and_an_unknown_site_are_found() -> None:
    findings = check_details(told(sites={"RGT": {"expense_caps": {"P99": {"cap": "1"}}}, "RA9": {}}), editions.study(STUDY))
    assert {finding.place for finding in findings} == {"sites.RA9", "sites.RGT.expense_caps.P99"}


def test_a_rule_for_screen_failures_goes_with_the_choice_of_a_rule() -> None:
    study = editions.study(STUDY)
    assert check_details(told(common={"screen_failure": {"pay": "rule"}}), study)
    assert check_details(told(common={"screen_failure": {"pay": "all", "rule": "one in three"}}), study)
    assert not check_details(told(common={"screen_failure": {"pay": "rule", "rule": "one in three"}}), study)


def test_a_site_written_in_two_ways_is_refused_and_in_small_letters_is_the_site() -> None:
    assert told(sites={"rgt": {"target_participants": 3}}).for_site("RGT").target_participants == 3
    with pytest.raises(ValidationError, match="RGT stands more than once"):
        told(sites={"rgt": {}, "RGT": {}})


def test_a_name_of_spaces_is_no_name() -> None:
    with pytest.raises(ValidationError, match="only spaces"):
        told(common={"sponsor": {"legal_name": "  "}})
