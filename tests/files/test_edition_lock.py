"""The lock: what is in force cannot change unseen."""

from datetime import date
from pathlib import Path

import pytest

from ncvr.errors import InputError, MoveNotAllowed, TariffFileError
from ncvr.files.tariff_files import read_edition, read_edition_in_force, read_editions
from ncvr.services.tariffs import lock_edition
from tests.tiny_editions import alter, write_tiny_edition

NAME, TODAY = "2026-04-01-tiny", date(2026, 5, 1)


def problems(folder: Path) -> list[str]:
    return [str(finding).replace(f"{folder}/", "") for finding in read_editions(folder).errors]


def test_an_edition_without_an_entry_prices_and_says_it_is_unlocked(tmp_path: Path) -> None:
    write_tiny_edition(tmp_path)
    assert read_edition(tmp_path, NAME).or_raise(TariffFileError).lock == "unlocked"


def test_locking_writes_the_hash_of_the_content(tmp_path: Path) -> None:
    write_tiny_edition(tmp_path)
    locked = lock_edition(tmp_path, NAME, TODAY)
    assert locked.lock == "locked"
    assert (tmp_path / "editions.lock").read_text(encoding="utf-8") == f"edition,sha256,approved_by\n{NAME},{locked.sha256},\n"


def test_content_changed_after_locking_is_refused_wherever_it_is_read(tmp_path: Path) -> None:
    edition = write_tiny_edition(tmp_path)
    lock_edition(tmp_path, NAME, TODAY)
    alter(edition / "staff_rates.csv", "40.50", "40.51")
    (problem,) = problems(tmp_path)
    assert problem.startswith(f"editions.lock:2: the content of {NAME} was changed after it was locked")
    assert problem.endswith("Restore its files as they were; a correction is a new edition, never a change of this one.")
    assert read_edition_in_force(tmp_path, TODAY).value is None
    with pytest.raises(TariffFileError, match="was changed after it was locked"):
        lock_edition(tmp_path, NAME, TODAY)


def test_a_base_changed_after_the_edition_on_it_was_locked_is_refused(tmp_path: Path) -> None:
    base = write_tiny_edition(tmp_path, "2025-04-01-tiny")
    write_tiny_edition(tmp_path, NAME, based_on="2025-04-01-tiny")
    lock_edition(tmp_path, NAME, TODAY)
    alter(base / "items.csv", "53.00", "54.00")
    assert read_edition_in_force(tmp_path, TODAY).value is None


def test_locking_again_changes_nothing_and_locking_another_keeps_the_first(tmp_path: Path) -> None:
    write_tiny_edition(tmp_path)
    write_tiny_edition(tmp_path, "2025-04-01-tiny")
    first = lock_edition(tmp_path, NAME, TODAY)
    before = (tmp_path / "editions.lock").read_bytes()
    assert lock_edition(tmp_path, NAME, TODAY) == first
    assert (tmp_path / "editions.lock").read_bytes() == before
    lock_edition(tmp_path, "2025-04-01-tiny", TODAY)
    assert [line.split(",")[0] for line in (tmp_path / "editions.lock").read_text(encoding="utf-8").splitlines()] == ["edition", "2025-04-01-tiny", NAME]


def test_an_edition_is_not_locked_before_its_first_day(tmp_path: Path) -> None:
    write_tiny_edition(tmp_path)
    with pytest.raises(MoveNotAllowed, match="not in force before 2026-04-01"):
        lock_edition(tmp_path, NAME, date(2026, 3, 31))
    assert not (tmp_path / "editions.lock").exists()
    with pytest.raises(InputError, match="there is no edition 'other'"):
        lock_edition(tmp_path, "other", TODAY)


def test_a_locked_edition_that_is_gone_is_missed(tmp_path: Path) -> None:
    write_tiny_edition(tmp_path)
    write_tiny_edition(tmp_path, "2025-04-01-tiny").rename(tmp_path / ".away")
    (tmp_path / "editions.lock").write_text(f"edition,sha256,approved_by\n2025-04-01-tiny,sha256:{'0' * 64},\n", encoding="utf-8")
    assert [problem.split(".")[0] for problem in problems(tmp_path)] == ["editions"]
    assert "the locked edition 2025-04-01-tiny is missing" in problems(tmp_path)[0]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("edition,sha256,approved_by\n2026-04-01-tiny,1234,\n", "editions.lock:2: '1234' is not a content hash"),
        (f"edition,sha256,approved_by\nx,sha256:{'0' * 64},\nx,sha256:{'1' * 64},\n", "editions.lock:3: x stands here and in line 2"),
        ("edition,approved_by\n2026-04-01-tiny,\n", "editions.lock:1: column 'sha256' is missing"),
    ],
)
def test_a_lock_file_that_cannot_be_read_is_refused(tmp_path: Path, text: str, says: str) -> None:
    write_tiny_edition(tmp_path)
    (tmp_path / "editions.lock").write_text(text, encoding="utf-8")
    assert problems(tmp_path)[0].startswith(says)
    assert read_edition(tmp_path, NAME).value is None
    with pytest.raises(TariffFileError):
        lock_edition(tmp_path, NAME, TODAY)


@pytest.mark.parametrize(
    "names",
    [
        (),
        ("Ada",),
        ("Ada Example", "ada  example"),
        ("Ada", " ", ""),
        ("Ada Example", "Ada  Example."),
        ("Ada Example", "A. D\u200ba-\uff25xample"),
        ("Jos\u00e9", "Jose\u0301"),
        ("Ada", "-"),
    ],
    ids=str,
)
def test_an_edition_that_binds_anybody_is_locked_by_two_different_people(tmp_path: Path, names: tuple[str, ...]) -> None:
    write_tiny_edition(tmp_path, status="checked")
    with pytest.raises(InputError, match="an edition is approved by two different persons"):
        lock_edition(tmp_path, NAME, TODAY, names)
    assert not (tmp_path / "editions.lock").exists()


@pytest.mark.parametrize("names", [("Ada Example", "Ada Examples"), ("Ada Example 1", "Ada Example 2"), ("Jos\u00e9", "Jose")], ids=str)
def test_names_with_other_letters_are_other_people(tmp_path: Path, names: tuple[str, str]) -> None:
    write_tiny_edition(tmp_path, status="checked")
    assert lock_edition(tmp_path, NAME, TODAY, names).lock == "locked"


def test_the_lock_names_the_two_people_who_approved_it(tmp_path: Path) -> None:
    write_tiny_edition(tmp_path, status="checked")
    locked = lock_edition(tmp_path, NAME, TODAY, ("Grace", "Ada"))
    assert locked.lock == "locked"
    assert (tmp_path / "editions.lock").read_text(encoding="utf-8") == f"edition,sha256,approved_by\n{NAME},{locked.sha256},Ada; Grace\n"
    write_tiny_edition(tmp_path, "2025-04-01-tiny")
    lock_edition(tmp_path, "2025-04-01-tiny", TODAY)
    assert f"{NAME},{locked.sha256},Ada; Grace\n" in (tmp_path / "editions.lock").read_text(encoding="utf-8")  # kept beside the new one


@pytest.mark.parametrize("names", ["", "Ada", "Ada; ada"])
def test_a_lock_that_names_fewer_than_two_people_is_refused_wherever_it_is_read(tmp_path: Path, names: str) -> None:
    write_tiny_edition(tmp_path, status="checked")
    lock_edition(tmp_path, NAME, TODAY, ("Grace", "Ada"))
    alter(tmp_path / "editions.lock", "Ada; Grace", names)
    (problem,) = problems(tmp_path)
    assert problem.startswith(f"editions.lock:2: the locked edition {NAME} is checked, and its entry does not name two people")
    assert read_edition_in_force(tmp_path, TODAY).value is None


def test_one_person_alone_does_not_approve_an_illustrative_edition_either(tmp_path: Path) -> None:
    write_tiny_edition(tmp_path)
    with pytest.raises(InputError, match="two different persons"):
        lock_edition(tmp_path, NAME, TODAY, ("Ada",))
