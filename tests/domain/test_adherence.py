"""The worked examples of adherence that a person can read, run one by one; and what is shown of a share."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from ncvr.domain.adherence import AdherenceIndicator, indicator, share_shown
from ncvr.domain.adherence_period import read_period
from tests import adherence_town as town

FOLDER = Path(__file__).parent.parent / "worked_examples" / "adherence"
EXAMPLES = [(file.stem, example) for file in sorted(FOLDER.glob("*.yaml")) for example in yaml.safe_load(file.read_text("utf-8"))]


def computed(example: dict[str, Any]) -> AdherenceIndicator:
    changed: dict[str, Any] = {key: example[key] for key in ("also_eligible", "window_months") if key in example}
    definition = town.definition(example.get("definition", "observed-1")).model_copy(update=changed)
    organisations = {code: listed for code, listed in town.organisations().items() if code in example.get("among", town.TOWN)}
    period = read_period(str(example.get("month", "2026-06")))
    as_of = example.get("as_of", period.last)
    return indicator(town.records(example.get("records", [])), town.positions(example.get("positions", [])), organisations, definition, period, as_of)


@pytest.mark.parametrize(("file", "example"), EXAMPLES, ids=[f"{file}: {example['title']}" for file, example in EXAMPLES])
def test_adherence_is_the_one_worked_out_by_hand(file: str, example: dict[str, Any]) -> None:
    found = computed(example)
    standing = {each.ods_code: each for each in found.standings}
    assert [each.ods_code for each in found.listed("accepted")] == example.get("accepted", [])
    assert [each.ods_code for each in found.listed("not_accepted")] == example.get("not_accepted", [])
    for code, reason in example.get("excluded", {}).items():
        assert (standing[code].place, standing[code].reason) == ("excluded", reason)
    for code, reason in example.get("reasons", {}).items():
        assert standing[code].reason == reason
    for code, decided_by in example.get("decided_by", {}).items():
        assert standing[code].decided_by == decided_by
    for code, members in example.get("members", {}).items():
        assert list(standing[code].members) == members
    for code, age in example.get("ages", {}).items():
        assert standing[code].since is not None
        assert found.age(standing[code].since or date.min) == age
    assert found.parallel == example.get("parallel", {})
    if "display" in example:
        assert found.display == example["display"]


def test_every_example_says_something_and_no_key_is_mistyped() -> None:
    known = {"title", "definition", "month", "as_of", "records", "positions", "among", "also_eligible", "window_months"}
    expected = {"accepted", "not_accepted", "excluded", "reasons", "decided_by", "members", "ages", "parallel", "display"}
    for _, example in EXAMPLES:
        assert example.keys() <= known | expected, example["title"]
        assert example.keys() & expected, example["title"]


@pytest.mark.parametrize(
    ("numerator", "denominator", "shown"),
    [(999, 1000, "99%"), (1, 1000, "1%"), (1000, 1000, "100%"), (0, 1000, "0%"), (0, 0, "no data"), (131, 177, "74%"), (1, 100, "1%"), (199, 200, "99%")],
)
def test_less_than_all_is_never_shown_as_100_and_one_never_as_0(numerator: int, denominator: int, shown: str) -> None:
    assert share_shown(numerator, denominator) == shown


def test_the_share_of_a_thousand_trusts_is_shown_rounded_down() -> None:
    nation = {f"N{number:04d}": ("England", "acute - large", "London", "", "", "") for number in range(1000)}
    declared = town.positions({"ods_code": code, "position": "accepts_in_full", "declared_on": "2026-01-10"} for code in list(nation)[1:])
    period = read_period("2026-06")
    found = indicator([], declared, town.organisations(nation), town.definition("declared-1"), period, period.last)
    assert (found.numerator, found.denominator, found.display) == (999, 1000, "99%")
    one = indicator([], declared[:1], town.organisations(nation), town.definition("declared-1"), period, period.last)
    assert (one.numerator, one.denominator, one.display) == (1, 1000, "1%")
