"""The table of ASVS 5.0 names every requirement of levels 1 and 2 once, and no test or document that is not there."""

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROWS = re.findall(r"^\| (V\d+\.\d+\.\d+) \| ([12]) \| ([a-z ]+) \| (.+) \|$", (ROOT / "ASVS.md").read_text("utf-8"), flags=re.M)
STATES = {"test", "by design", "document", "none here", "operator", "open"}


def test_every_requirement_of_both_levels_has_one_row() -> None:
    assert Counter(level for _, level, _, _ in ROWS) == {"1": 70, "2": 183}
    assert len({number for number, _, _, _ in ROWS}) == len(ROWS)
    assert {state for _, _, state, _ in ROWS} == STATES


def test_a_row_names_only_what_is_there() -> None:
    for number, _, state, how in ROWS:
        named = re.findall(r"`([a-zA-Z_./]+(?:\.py|\.md|/templates))`", how) + re.findall(r"`((?:src|tests)/[a-z_/]+)`", how)
        assert [path for path in named if not (ROOT / path).exists()] == [], number
        if state == "test":
            assert [path for path in named if path.startswith("tests/")], f"{number} names no test"


def test_few_rows_of_level_1_are_open_and_each_says_why() -> None:
    still_open = [(number, how) for number, level, state, how in ROWS if level == "1" and state == "open"]
    assert len(still_open) <= 2
    assert all(len(how) > 20 for _, how in still_open)
