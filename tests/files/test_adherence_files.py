"""Records, positions and definitions of adherence come from files: everything wrong is said at once, each with its line."""

from datetime import date
from pathlib import Path

import pytest

from ncvr.files.adherence_definitions import SHIPPED, read_adherence_definitions
from ncvr.files.adherence_positions import read_positions
from ncvr.files.adherence_records_file import read_records, written_records
from tests import adherence_town as town

HEADER = "ods_code,position,price_variation,declared_on,source\n"


def positions_file(folder: Path, *rows: str) -> Path:
    path = folder / "positions.csv"
    path.write_text(HEADER + "".join(row + "\n" for row in rows), "utf-8")
    return path


def test_positions_are_read_as_declared(tmp_path: Path) -> None:
    path = positions_file(tmp_path, "rt1,accepts_in_full,no,2026-01-10,letter", "RT2,accepts_in_part,yes,2026-02-01,survey")
    one, two = read_positions(path, town.organisations()).value or ()
    assert (one.ods_code, one.accepts, one.declared_on, one.recorded_on) == ("RT1", True, date(2026, 1, 10), date(2026, 1, 10))
    assert (two.ods_code, two.accepts, two.price_variation) == ("RT2", False, True)


def test_every_wrong_row_of_positions_is_said_with_its_line(tmp_path: Path) -> None:
    path = positions_file(
        tmp_path,
        "RT9,accepts_in_full,no,2026-01-10,letter",
        "RT1,yes,no,2026-01-10,letter",
        "RT1,accepts_in_full,maybe,10/01/2026,",
        "RT2,accepts_in_full,no,2026-01-10,letter",
        "RT2,accepts_in_part,no,2026-01-10,letter",
        "RT3,accepts_in_full,no,,letter",
    )
    reading = read_positions(path, town.organisations())
    assert reading.value is None
    said = "\n".join(map(str, reading.findings))
    for words in (":2: RT9 is not in the list", ":3: position 'yes'", ":4: price_variation 'maybe'", ":4: declared_on '10/01/2026'", ":4: source is empty",
                  ":6: RT2 declares twice", ":7: declared_on is empty"):  # fmt: skip
        assert words in said


def test_a_position_of_a_trust_that_was_closed_is_said_and_kept(tmp_path: Path) -> None:
    reading = read_positions(positions_file(tmp_path, "RM4,accepts_in_full,no,2026-07-01,letter"), town.organisations())
    assert [finding.level for finding in reading.findings] == ["notice"]
    assert reading.value is not None


def test_a_position_is_not_recorded_before_it_was_declared(tmp_path: Path) -> None:
    reading = read_positions(positions_file(tmp_path, "RT1,accepts_in_full,no,2026-07-01,letter"), town.organisations(), date(2026, 6, 30))
    assert "has not come yet" in str(reading.findings[0])


def test_records_written_and_read_again_are_the_same(tmp_path: Path) -> None:
    records = town.records([{"kind": "shared", "day": "2026-06-02"}, {"kind": "refused", "day": "2026-06-05", "by": "site", "note": "Too low"}])
    path = tmp_path / "records.jsonl"
    path.write_bytes(written_records(tuple(records)))
    assert read_records(path).value == tuple(records)


def test_every_wrong_line_of_records_is_said(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    start = '{"iras_id":"1004567","ods_code":"RT1",'
    path.write_text(
        start + '"id":"r1","kind":"accepted","on":"2026-06-09","recorded_on":"2026-06-09"}\n'
        "{not json\n" + start + '"id":"r1","kind":"accepted","on":"2026-06-09","recorded_on":"2026-06-08"}\n'
        + start + '"id":"r4","kind":"shared","on":"2026-06-09","recorded_on":"2026-06-09"}\n'
        + start + '"id":"r5","kind":"refused","on":"2026-06-09","recorded_on":"2026-06-09"}\n'
        + start + '"id":"r6","kind":"disputed","on":"2026-06-09","recorded_on":"2026-06-09","about":"r0"}\n'
        + start + '"id":"r7","kind":"haggled","on":"2026-06-09","recorded_on":"2026-06-09"}\n'
        + start + '"id":"r8","kind":"accepted","on":"2026-06-09","recorded_on":"2026-06-08"}\n',
        "utf-8",
    )  # fmt: skip
    reading = read_records(path)
    assert reading.value is None
    said = "\n".join(map(str, reading.findings))
    for words in (":2: not JSON", ":3: accepted on 2026-06-09 was recorded before it happened", ":4: shared needs the study's facts",
                  ":5: refused needs a reason code", ":6: about names 'r0'", ":7: kind: \"haggled\" is not one of the values"):  # fmt: skip
        assert words in said


def test_the_shipped_definitions_are_whole_and_say_where_their_points_come_from() -> None:
    found = town.definitions()
    assert [definition.measure for definition in found.in_force(date(2026, 6, 30))] == ["declared", "observed", "industry"]
    assert [(point.month, point.per_cent) for point in found.published_points] == [("2023-07", 74), ("2023-09", 75), ("2024-01", 100), ("2025-09", 100)]
    assert all(point.source for point in found.published_points)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("      accepted: accepted\n", "", "accepted are not treated"),
        ("      refused: not accepted", "      refused: perhaps", "'perhaps' of refused is not known"),
        ("      refused: not accepted", "      refusd: not accepted", "'refusd' is no kind of record"),
        ("window_months: 1", "window_months: 13", "13"),
        ("id: observed-1", "id: declared-1", "'declared-1' stands twice"),
        ("measure: declared", "measure: felt", "felt"),
        ("denominator: eligible", "denominator: active", "declared counts every eligible trust"),
    ],
)
def test_a_definition_with_a_fault_is_named_with_its_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    path = tmp_path / "adherence.yaml"
    text = SHIPPED.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    reading = read_adherence_definitions(path)
    assert reading.value is None
    assert any(says in str(finding) and str(path) in finding.place for finding in reading.findings), reading.findings
    assert not any(finding.problem.startswith(":") for finding in reading.findings)
