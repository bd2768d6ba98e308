"""Whoever has the database, its file or a copy of it, has no secret of an authenticator app."""

import base64
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from ncvr.errors import InputError, StoreError
from ncvr.files.factor_key import key_of, read_factor_key
from ncvr.services.identity import OPERATOR
from ncvr.services.second_factor import RenewedKey, check_key, renew_key
from ncvr.services.signing_in import Opened
from ncvr.store import ledger_entries, second_factors
from ncvr.store.connections import Store
from ncvr.store.tables import metadata
from ncvr.web.app import create_app
from tests.accounts import House, house
from tests.databases import Database
from tests.offices import Town


@pytest.fixture
def door(here: Town, tmp_path: Path) -> House:
    """A house whose key is its own."""
    return own_key(here, tmp_path)


@pytest.fixture
def door_both(both: Town, tmp_path: Path) -> House:
    return own_key(both, tmp_path)


def own_key(town: Town, folder: Path) -> House:
    made = house(replace(town, office=replace(town.office, factor_key_file=folder / "keys" / "factors.key")))
    for who in ("national", "company"):
        made.give_password(who)
    return made


def everything(store: Store) -> str:
    with store.reading() as connection:
        return json.dumps([[str(row) for row in connection.execute(text(f"SELECT * FROM {name}"))] for name in metadata.tables])


def in_again(door: House, who: str) -> Opened:
    """Password and code, a while later."""
    door.town.clock.moment += timedelta(minutes=2)
    opened = door.show(door.password_only(who), door.code(who))
    assert isinstance(opened, Opened)
    return opened


def test_no_row_holds_a_secret_and_codes_are_right_all_the_same(door_both: House) -> None:
    door_both.enrol("national")
    assert in_again(door_both, "national").stage == "full"
    rows, secret = everything(door_both.town.store), door_both.secrets["national"]
    assert secret not in rows
    assert base64.b32decode(secret).hex() not in rows
    assert "v1." in rows


def test_no_byte_of_the_database_file_is_of_a_secret(door: House, sqlite_database: Database) -> None:
    door.enrol("national")
    key = door.town.office.factor_key_file.read_bytes().strip()
    door.town.store.close()  # the last connection folds the log into the file
    place = Path(sqlite_database.url.database or "")
    whole = b"".join(path.read_bytes() for path in place.parent.glob(f"{place.name}*"))
    secret = door.secrets["national"]
    for piece in (secret.encode(), base64.b32decode(secret), base64.b64encode(base64.b32decode(secret)), secret[:16].encode(), key, base64.b64decode(key)):
        assert piece not in whole
    assert b"authenticator app" in whole  # what is not secret is found: we looked in the right place


def test_a_secret_put_into_somebody_elses_row_opens_nothing(door: House) -> None:
    door.enrol("national")
    door.enrol("company")
    with door.town.store.writing() as connection:
        actors = {who: door.town.people[who].actor for who in ("national", "company")}
        move = text("UPDATE second_factors SET secret = (SELECT secret FROM second_factors WHERE actor = :mine) WHERE actor = :theirs")
        connection.execute(move, {"mine": actors["company"], "theirs": actors["national"]})
    door.town.clock.moment += timedelta(minutes=2)
    waiting = door.password_only("national")
    for code in (door.code("company"), door.code("national")):
        with pytest.raises(StoreError, match="cannot be checked now"):
            door.show(waiting, code)
    assert in_again(door, "company").stage == "full"


def test_a_secret_that_somebody_wrote_in_the_open_counts_for_nothing(door: House) -> None:
    door.enrol("national")
    with door.town.store.writing() as connection:
        connection.execute(text("UPDATE second_factors SET secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'"))
    door.secrets["national"] = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    door.town.clock.moment += timedelta(minutes=2)
    with pytest.raises(StoreError):
        door.show(door.password_only("national"), door.code("national"))


def test_a_lost_key_is_not_made_anew_and_recovery_codes_still_let_in(door: House, caplog: pytest.LogCaptureFixture) -> None:
    _, codes = door.enrol("national")
    path = door.town.office.factor_key_file
    kept = path.read_bytes()
    path.unlink()
    waiting = door.password_only("company")
    with pytest.raises(StoreError, match="cannot be checked now") as raised:
        door.enrol("company")  # a new key would shut out whoever enrolled before
    assert str(path) not in str(raised.value.findings[0])
    assert str(path) in caplog.text
    assert not path.exists()
    assert waiting.stage == "enrol"
    opened = door.show(door.password_only("national"), codes[0])
    assert isinstance(opened, Opened)
    path.write_bytes(kept)
    path.chmod(0o600)
    assert in_again(door, "national").stage == "full"


def test_readiness_says_when_the_key_is_not_the_one_that_people_enrolled_with(door: House) -> None:
    office = door.town.office
    assert check_key(office) == []  # nobody enrolled, no key needed
    door.enrol("national")
    assert check_key(office) == []
    path = office.factor_key_file
    path.write_bytes(base64.b64encode(bytes(32)))
    answer = TestClient(create_app(office)).get("/readyz")
    assert answer.status_code == 503
    assert "the key that authenticator apps were enrolled with is not here" in answer.text
    assert str(path) not in answer.text
    path.unlink()
    assert len(check_key(office)) == 1


def kept_keys(door: House) -> set[str | None]:
    with door.town.store.reading() as connection:
        return {key_of(factor.secret) for factor in second_factors.apps(connection)}


def renewed(door: House) -> RenewedKey:
    with door.town.office.act(OPERATOR, "new key") as act:
        return renew_key(act)


def renewed_in_vain(door: House) -> None:
    """As when the database goes away after the file was written."""
    with door.town.office.act(OPERATOR, "new key") as act:
        renew_key(act)
        raise ConnectionError


def test_with_a_new_key_every_code_is_right_as_before_and_the_former_key_opens_nothing_more(door_both: House) -> None:
    for who in ("national", "company"):
        door_both.enrol(who)
    (before,) = kept_keys(door_both)
    done = renewed(door_both)
    path = door_both.town.office.factor_key_file
    assert kept_keys(door_both) == {read_factor_key(path).id} != {before}
    assert (done.secrets, read_factor_key(done.former).id) == (2, before)
    for who in ("national", "company"):
        assert in_again(door_both, who).stage == "full"
    done.former.unlink()
    assert check_key(door_both.town.office) == []
    assert in_again(door_both, "national").stage == "full"
    with door_both.town.store.reading() as connection:
        news = [each for each in ledger_entries.entries(connection) if each.operation == "factor.new_key"]
    assert [(each.old, each.new) for each in news] == [(before, read_factor_key(path).id)]


def test_what_was_sealed_before_a_new_key_still_opens_where_the_change_was_undone_or_an_older_backup_came_back(door: House) -> None:
    door.enrol("national")
    before = kept_keys(door)
    office = door.town.office
    with pytest.raises(ConnectionError):
        renewed_in_vain(door)
    assert kept_keys(door) == before != {read_factor_key(office.factor_key_file).id}
    assert check_key(office) == []
    assert in_again(door, "national").stage == "full"
    door.enrol("company")  # with the new key, beside one of the former
    assert renewed(door).secrets == 2
    assert len(kept_keys(door)) == 1
    for who in ("national", "company"):
        assert in_again(door, who).stage == "full"


def test_no_new_key_is_made_while_a_secret_does_not_open(door: House) -> None:
    with pytest.raises(InputError, match="no key to renew yet"):
        renewed(door)
    door.enrol("national")
    path = door.town.office.factor_key_file
    kept = path.read_bytes()
    path.unlink()
    with pytest.raises(InputError, match="cannot be read"):
        renewed(door)
    path.write_bytes(kept)
    path.chmod(0o600)
    with door.town.store.writing() as connection:
        connection.execute(text("UPDATE second_factors SET secret = 'v1.../../x.AAAA'"))
    with pytest.raises(InputError, match="sealed with the key"):
        renewed(door)
    assert path.read_bytes() == kept
    assert list(path.parent.iterdir()) == [path]
