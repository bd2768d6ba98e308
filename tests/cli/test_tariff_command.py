"""``ncvr tariff``: what a keeper of tariffs sees."""

import csv
import io
import json
from pathlib import Path

import pytest

from tests.cli.running import run
from tests.tiny_editions import ITEMS, RATES, alter, write_organisations, write_tiny_edition

OLD, NEW = "2025-04-01-tiny", "2026-04-01-tiny"
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def tariffs(tmp_path: Path) -> Path:
    write_tiny_edition(tmp_path, OLD)
    staff = [("consultant", "Consultant", "103.30", "award"), ("pharmacist", "Pharmacist", "1040.5", "new")]
    sites = [("RGT", "Cambridge", "England", "1.077599", "made_up", "made up"), ("RA9", "Torbay", "England", "1.0", "made_up", "made up")]
    write_tiny_edition(
        tmp_path,
        NEW,
        files={"staff_rates": staff, "items": [ITEMS[0], (*ITEMS[1][:3], "investigation", *ITEMS[1][4:])], "activities": [], "site_multipliers": sites},
    )
    write_organisations(tmp_path)
    return tmp_path


def test_check_says_that_all_is_in_order(tariffs: Path, capsys: Capture) -> None:
    ran = run(capsys, "tariff", "check", tariffs)
    assert (ran.code, ran.out, ran.err) == (0, f"{tariffs}: 2 editions in order, 0 notices.\n", "")
    assert run(capsys, "tariff", "check", "--tariffs", tariffs).code == 0


def test_a_multiplier_far_from_one_is_a_notice(tariffs: Path, capsys: Capture) -> None:
    alter(tariffs / NEW / "site_multipliers.csv", "1.077599", "10.77599")
    ran = run(capsys, "tariff", "check", tariffs)
    assert (ran.code, "site_multipliers.csv:2: the multiplier 10.77599 of RGT (Cambridge) is outside 0.5 to 2. Check it" in ran.err) == (0, True)


def test_check_names_every_problem_and_exits_3(tariffs: Path, capsys: Capture) -> None:
    alter(tariffs / OLD / "staff_rates.csv", "100.00", "1e2")
    alter(tariffs / NEW / "items.csv", "53.00,made up", "53.00,")
    ran = run(capsys, "tariff", "check", tariffs)
    assert ran.code == 3
    lines = ran.err.splitlines()
    assert lines[0] == (
        f"{tariffs}/{OLD}/staff_rates.csv:2: hourly_rate '1e2' is not a plain decimal number such as 1234.56. "
        "Write digits and at most one point: no exponent, comma, space or currency sign."
    )
    assert [line.split(": ")[0] for line in lines[1:]] == [f"{tariffs}/{NEW}/items.csv:{line}" for line in (2, 3)]
    assert ran.out == f"{tariffs}: 3 problems to mend.\n"


def test_check_notices_and_exits_0(tariffs: Path, capsys: Capture) -> None:
    alter(tariffs / "organisations.csv", "open,1991-04-01,", "closed,1991-04-01,2026-05-31")
    ran = run(capsys, "tariff", "check", tariffs)
    assert ran.code == 0
    assert ran.err.startswith(f"notice: {tariffs}/{OLD}/site_multipliers.csv:3: RA9 (Torbay) closed on 2026-05-31.")
    assert ran.out.endswith("2 editions in order, 2 notices.\n")


def test_the_editions_that_ship_pass_the_check(capsys: Capture) -> None:
    ran = run(capsys, "tariff", "check", "--tariffs", Path(__file__).resolve().parents[2] / "tariffs")
    assert ran.code == 0
    assert "2 editions in order, 13 notices." in ran.out


def test_tariffs_come_from_the_environment_when_no_folder_is_given(tariffs: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NCVR_TARIFFS", str(tariffs))
    assert run(capsys, "tariff", "check").out.startswith(f"{tariffs}: ")
    assert OLD in run(capsys, "tariff", "list").out


def test_list_shows_each_edition_with_its_days_lock_and_sizes(tariffs: Path, capsys: Capture) -> None:
    assert run(capsys, "tariff", "list", "--tariffs", tariffs).out.splitlines() == [
        "Edition          Status        In force from  until           Lock      Rates  Items  Activities  Multipliers",
        "2025-04-01-tiny  illustrative  2025-04-01     2026-03-31      unlocked      2      2           2            2",
        "2026-04-01-tiny  illustrative  2026-04-01     further notice  unlocked      2      2           0            2",
    ]


def test_show_says_what_an_edition_holds(tariffs: Path, capsys: Capture) -> None:
    out = run(capsys, "tariff", "show", NEW, "--tariffs", tariffs).out
    for line in (
        "A tiny tariff",
        "  Status         illustrative: built from public data by stated assumptions; it is not the national tariff",
        "  Uplifts on staff time     indirect 70%, capacity 20%  made up",
        "  pharmacist  Pharmacist  £1,040.5",
        "  ECG  £53.00  investigation  Cardiology  Electrocardiogram",
        "  highest  RGT  Cambridge  England  1.077599  made_up",
        "  Made up: Nobody, 2026. MIT.",
    ):
        assert line in out.splitlines()


def test_show_finds_rows_by_any_text_in_any_case(tariffs: Path, capsys: Capture) -> None:
    out = run(capsys, "tariff", "show", OLD, "--search", "cArDiO", "--tariffs", tariffs).out
    assert "Tariff items, each (1 of 2)" in out
    assert "ECG_TEST  ECG  investigation  Cardiology  2 x ECG" in out
    assert "Cambridge" not in out
    assert "RGT  Cambridge" in run(capsys, "tariff", "show", OLD, "--search", "rgt", "--tariffs", tariffs).out
    assert "Nothing here holds 'xyz'." in run(capsys, "tariff", "show", OLD, "--search", "xyz", "--tariffs", tariffs).out


def test_show_can_list_one_part_in_full(tariffs: Path, capsys: Capture) -> None:
    out = run(capsys, "tariff", "show", NEW, "--section", "multipliers", "--tariffs", tariffs).out
    assert "  RA9  Torbay     England  1.0       made_up" in out.splitlines()
    assert "Staff rates" not in out
    assert "This part is empty." in run(capsys, "tariff", "show", NEW, "--section", "activities", "--tariffs", tariffs).out


def test_an_unknown_edition_is_answered_with_near_ones(tariffs: Path, capsys: Capture) -> None:
    for words in (("show", "2026-04-01-tyni"), ("compare", OLD, "2026-04-01-tyni"), ("lock", "2026-04-01-tyni")):
        ran = run(capsys, "tariff", *words, "--tariffs", tariffs)
        assert (ran.code, ran.out) == (2, "")
        assert f"there is no edition '2026-04-01-tyni' (near: {NEW}, {OLD}). Choose one listed by: ncvr tariff list." in ran.err


def test_compare_shows_old_new_difference_and_per_cent_group_by_group(tariffs: Path, capsys: Capture) -> None:
    assert run(capsys, "tariff", "compare", OLD, NEW, "--tariffs", tariffs).out.splitlines() == [
        "From  2025-04-01-tiny  illustrative  in force from 2025-04-01",
        "To    2026-04-01-tiny  illustrative  in force from 2026-04-01",
        "",
        "Terms: no change",
        "",
        "Staff rates, £ an hour: 1 changed, 1 added, 1 removed",
        "  consultant      Consultant      100.00   103.30  +3.30   +3.30%",
        "  pharmacist      Pharmacist        -     1040.5            added",
        "  research_nurse  Research nurse   40.50     -            removed",
        "",
        "Tariff items, £ each: 1 changed",
        "  FEE  Fee: class  departmental  investigation",
        "",
        "Usual activities: 2 removed",
        "  CONSENT   Informed consent  was consultant 20 min + research_nurse 30.5 min  now not listed",
        "  ECG_TEST  ECG               was 2 x ECG                                      now not listed",
        "",
        "Site multipliers: 1 changed",
        "  RGT  Cambridge  1.08  1.077599  -0.002401  -0.22%",
    ]


def test_compare_writes_json_and_csv(tariffs: Path, capsys: Capture, tmp_path: Path) -> None:
    record = json.loads(run(capsys, "tariff", "compare", OLD, NEW, "--format", "json", "--tariffs", tariffs).out)
    assert record["format"] == "ncvr-tariff-comparison/1"
    assert record["changes"][0] == {
        "group": "staff_rates",
        "kind": "changed",
        "key": "consultant",
        "name": "Consultant",
        "figure": "hourly_rate",
        "old": "100.00",
        "new": "103.30",
        "difference": "3.30",
        "per_cent": "+3.30",
    }
    target = tmp_path / "changes.csv"
    assert run(capsys, "tariff", "compare", OLD, NEW, "--format", "csv", "-o", target, "--tariffs", tariffs).code == 0
    rows = list(csv.DictReader(io.StringIO(target.read_text(encoding="utf-8"))))
    assert len(rows) == len(record["changes"]) == 7
    assert rows[-1]["difference"] == "-0.002401"
    assert run(capsys, "tariff", "compare", OLD, NEW, "--format", "csv", "-o", target, "--tariffs", tariffs).code == 2


def test_compare_shows_changed_terms(tariffs: Path, capsys: Capture) -> None:
    alter(tariffs / NEW / "edition.yaml", 'indirect: "0.70"', 'indirect: "0.725"')
    alter(tariffs / NEW / "edition.yaml", 'unit: "0.01"', 'unit: "1"')
    out = run(capsys, "tariff", "compare", OLD, NEW, "--tariffs", tariffs).out
    assert "Terms: 3 changed" in out  # rounding, the uplift, and the uplift at set-up, which follows it
    assert "  staff_time          Uplifts on staff time: indirect" in out
    assert "indirect 72.5%" in run(capsys, "tariff", "show", NEW, "--tariffs", tariffs).out


def test_comparing_an_edition_with_itself_finds_no_change(tariffs: Path, capsys: Capture) -> None:
    assert run(capsys, "tariff", "compare", NEW, NEW, "--tariffs", tariffs).out.count("no change") == 5


def test_lock_writes_an_entry_once_and_never_changes_it(tariffs: Path, capsys: Capture) -> None:
    first = run(capsys, "tariff", "lock", OLD, "--tariffs", tariffs)
    assert (first.code, first.out.startswith(f"{OLD} is locked as sha256:")) == (0, True)
    before = (tariffs / "editions.lock").read_bytes()
    assert run(capsys, "tariff", "lock", OLD, "--tariffs", tariffs).out == first.out
    alter(tariffs / OLD / "staff_rates.csv", RATES[1][2], "41.00")
    again = run(capsys, "tariff", "lock", OLD, "--tariffs", tariffs)
    assert again.code == 3
    assert "was changed after it was locked" in again.err
    assert (tariffs / "editions.lock").read_bytes() == before


def test_an_edition_of_the_future_cannot_be_locked_yet(tariffs: Path, capsys: Capture) -> None:
    write_tiny_edition(tariffs, "2999-04-01-tiny")
    ran = run(capsys, "tariff", "lock", "2999-04-01-tiny", "--tariffs", tariffs)
    assert (ran.code, ran.out) == (4, "")
    assert "Lock it from that day on" in ran.err


def test_every_command_explains_itself(capsys: Capture) -> None:
    for command in ("check", "list", "show", "compare", "lock"):
        ran = run(capsys, "tariff", command, "--help")
        assert ran.code == 0
        assert "--tariffs DIR" in ran.out
