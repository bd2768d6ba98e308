"""The shelf of tariffs: read again when a file changes, but never in the middle of an act."""

from datetime import date
from pathlib import Path

from ncvr.services.tariff_shelf import TariffShelf
from tests.offices import write_tariffs
from tests.tiny_editions import write_tiny_edition


def test_a_new_edition_is_seen_by_the_next_act_and_not_within_one(tmp_path: Path) -> None:
    shelf = TariffShelf(write_tariffs(tmp_path / "tariffs"))
    with shelf.standing_still():
        assert shelf.in_force(date(2027, 1, 1)).edition == "2026-10-01-tiny"
        with shelf.standing_still():
            write_tiny_edition(shelf.folder, "2026-12-01-tiny")
            assert shelf.in_force(date(2027, 1, 1)).edition == "2026-10-01-tiny"
        assert shelf.in_force(date(2027, 1, 1)).edition == "2026-10-01-tiny"
    assert shelf.in_force(date(2027, 1, 1)).edition == "2026-12-01-tiny"
