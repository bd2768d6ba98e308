"""The worked examples of adherence that a person can read, run one by one; and what is shown of a share."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from ncvr.domain.adherence import AdherenceIndicator, indicator, share_shown
from ncvr.domain.adherence_period import read_period
from ncvr.domain.adherence_standing import Place
from tests import adherence_town as town

COUNTED: tuple[Place, ...] = ("accepted", "not_accepted")
MADE_UP = date(2026, 1, 10)
FOLDER = Path(__file__).parent.parent / "worked_examples" / "adherence"
EXAMPLES = [(file.stem, example) for file in sorted(FOLDER.glob("*.yaml")) for example in yaml.safe_load(file.read_text("utf-8"))]


def computed(example: dict[str, Any], as_of: date | None = None) -> AdherenceIndicator:
    changed: dict[str, Any] = {key: example[key] for key in ("also_eligible", "window_months") if key in example}
    definition = town.definition(example.get("definition", "observed-1")).model_copy(update=changed)
    organisations = {code: listed for code, listed in town.organisations().items() if code in example.get("among", town.TOWN)}
    positions = example.get("positions", [])
    if "nation" in example:
        nation = {f"N{number:04d}": ("England", "acute - large", "London", "", "", "") for number in range(example["nation"]["trusts"])}
        accepting = list(nation)[: example["nation"]["accepting"]]
        organisations, positions = town.organisations(nation), [{"ods_code": code, "position": "accepts_in_full", "declared_on": MADE_UP} for code in accepting]
    period = read_period(str(example.get("month", "2026-06")))
    known = as_of or example.get("as_of", period.last)
    return indicator(town.records(example.get("records", [])), town.positions(positions), organisations, definition, period, known)


@pytest.mark.parametrize(("file", "example"), EXAMPLES, ids=[f"{file}: {example['title']}" for file, example in EXAMPLES])
def test_adherence_is_the_one_worked_out_by_hand(file: str, example: dict[str, Any]) -> None:
    found = computed(example)
    standing = {each.ods_code: each for each in found.standings}
    counted = {place: [each.ods_code for each in found.listed(place)] for place in COUNTED}
    if "counted" in example:
        assert {place: len(codes) for place, codes in counted.items()} == example["counted"]
    else:
        assert counted == {place: example.get(place, []) for place in COUNTED}
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


PUBLISHED = [example for _, example in EXAMPLES if "publications" in example]


@pytest.mark.parametrize("example", PUBLISHED, ids=[example["title"] for example in PUBLISHED])
def test_a_publication_is_what_was_known_and_a_changed_figure_its_next_revision(example: dict[str, Any]) -> None:
    revision, before = 0, None
    for published in example["publications"]:
        found = computed(example, published["as_of"])
        revision += found.standings != before
        before = found.standings
        told: dict[str, Any] = {place: [each.ods_code for each in found.listed(place)] for place in COUNTED}
        assert {"as_of": found.as_of, "revision": revision, "display": found.display, **told} == published


def test_every_example_says_something_and_no_key_is_mistyped() -> None:
    known = {"title", "definition", "month", "as_of", "records", "positions", "among", "also_eligible", "window_months", "nation"}
    expected = {"counted", "publications", "accepted", "not_accepted", "excluded", "reasons", "decided_by", "members", "ages", "parallel", "display"}
    for _, example in EXAMPLES:
        assert example.keys() <= known | expected, example["title"]
        assert example.keys() & expected, example["title"]


@pytest.mark.parametrize(
    ("numerator", "denominator", "shown"),
    [(999, 1000, "99%"), (1, 1000, "1%"), (1000, 1000, "100%"), (0, 1000, "0%"), (0, 0, "no data"), (131, 177, "74%"), (1, 100, "1%"), (199, 200, "99%")],
)
def test_less_than_all_is_never_shown_as_100_and_one_never_as_0(numerator: int, denominator: int, shown: str) -> None:
    assert share_shown(numerator, denominator) == shown
