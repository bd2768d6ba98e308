"""A password that was stolen anywhere is not taken: the common ones always, every one of a list where there is one."""

import hashlib
import random
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from zxcvbn.frequency_lists import FREQUENCY_LISTS  # type: ignore[import-untyped]

from ncvr import settings
from ncvr.domain.signing_in import SHORTEST_PASSWORD
from ncvr.errors import InputError, StoreError
from ncvr.files.breached_passwords import is_breached
from ncvr.services.passwords import check_password
from ncvr.web.app import create_app
from tests.accounts import PASSWORD, House, house
from tests.offices import Town

STOLEN = "violet harbour ladder seventeen"


def listed(path: Path, passwords: list[str], ending: str = "\n", count: str = ":3") -> Path:
    hashes = sorted(hashlib.sha1(each.encode(), usedforsecurity=False).hexdigest().upper() for each in passwords)
    path.write_text("".join(f"{each}{count}{ending}" for each in hashes), encoding="ascii")
    return path


@pytest.fixture
def stolen(tmp_path: Path) -> Path:
    """Twenty thousand, far more than is read at once."""
    return listed(tmp_path / "stolen.txt", [STOLEN, *(f"filler {number}" for number in range(20_000))])


def test_every_one_of_a_list_is_found_and_no_other(stolen: Path) -> None:
    assert is_breached(stolen, STOLEN)
    assert [number for number in range(0, 20_000, 7) if not is_breached(stolen, f"filler {number}")] == []
    assert [number for number in range(20_000, 22_000) if is_breached(stolen, f"filler {number}")] == []


@pytest.mark.parametrize("many", [0, 1, 2, 90, 91, 92, 200])
@pytest.mark.parametrize(("ending", "count"), [("\n", ":3"), ("\r\n", ":12345"), ("\n", "")])
def test_a_list_of_any_length_and_either_form_is_asked_right(tmp_path: Path, many: int, ending: str, count: str) -> None:
    path = listed(tmp_path / "stolen.txt", [f"filler {number}" for number in range(many + 1)], ending, count)
    assert all(is_breached(path, f"filler {number}") for number in range(many + 1))
    assert not is_breached(path, STOLEN)
    path.write_bytes(path.read_bytes().rstrip())  # without an end of its last line
    assert all(is_breached(path, f"filler {number}") for number in range(many + 1))


@pytest.mark.parametrize("content", [b"", b"password\n", b"0" * 39 + b"\n", b"0" * 400])
def test_what_is_no_such_list_is_refused_and_not_taken_for_an_empty_one(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "list"
    path.write_bytes(content)
    with pytest.raises(InputError, match="no list of stolen passwords"):
        is_breached(path, STOLEN)
    with pytest.raises(InputError, match="cannot be read"):
        is_breached(tmp_path / "nowhere", STOLEN)


def test_a_stolen_password_is_not_set_and_another_one_is(here: Town, stolen: Path) -> None:
    made = house(here)
    door = House(replace(made.town, office=replace(made.town.office, breached_passwords=stolen)))
    with pytest.raises(InputError, match="stolen somewhere"):
        door.give_password("company", STOLEN)
    door.give_password("company", PASSWORD)


def test_while_the_list_cannot_be_asked_no_password_is_set_and_its_place_is_told_to_nobody(here: Town, tmp_path: Path) -> None:
    made = house(here)
    door = House(replace(made.town, office=replace(made.town.office, breached_passwords=tmp_path / "nowhere")))
    with pytest.raises(StoreError, match="cannot be checked now") as told:
        door.give_password("company", PASSWORD)
    assert "nowhere" not in repr(told.value.findings)


def test_the_common_ones_of_breaches_are_refused_without_any_list() -> None:
    common = [each for each in FREQUENCY_LISTS["passwords"] if len(each) >= SHORTEST_PASSWORD]
    assert len(common) > 5_000
    assert [each for each in random.Random(7).sample(common, 400) if not check_password(each, [])] == []


def test_the_list_is_named_where_it_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.breached_passwords_file() is None
    monkeypatch.setenv("NCVR_BREACHED_PASSWORDS", "/somewhere/stolen.txt")
    assert settings.breached_passwords_file() == Path("/somewhere/stolen.txt")


def test_readiness_tells_that_the_list_is_gone_and_the_service_goes_on(here: Town, tmp_path: Path, stolen: Path) -> None:
    office = replace(here.office, breached_passwords=stolen)
    client = TestClient(create_app(office))
    assert "passwords" not in {found["place"] for found in client.get("/readyz").json()["findings"]}
    stolen.rename(tmp_path / "elsewhere.txt")
    answer = client.get("/readyz")
    (told,) = [found for found in answer.json()["findings"] if found["place"] == "passwords"]
    assert (answer.status_code, told["level"]) == (200, "notice")
    assert "NCVR_BREACHED_PASSWORDS" in told["remedy"]
    assert str(tmp_path) not in answer.text
