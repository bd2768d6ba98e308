"""A person gets everything that is kept of them, and can be forgotten without breaking the record."""

import json

import pytest
from sqlalchemy import text

from ncvr.errors import InputError
from ncvr.services.front_door import visitor_by_token
from ncvr.services.identity import OPERATOR, add_person, new_token
from ncvr.services.personal_data import export_person, forget_person
from ncvr.services.record_keeping import verify_ledger
from ncvr.services.signing_in import Refused
from ncvr.store import provider_identities
from ncvr.store.connections import Store
from ncvr.store.tables import metadata
from tests.accounts import House, house
from tests.databases import Database
from tests.offices import Town

EMAIL, NAME = "sigrid.unmistakable@example.org", "Sigrid Unmistakable"
WHO = "sigrid.unmistakable"


@pytest.fixture
def doors(both: Town) -> House:
    made = house(both)
    with made.town.office.act(OPERATOR, "add") as act:
        made.town.people[WHO] = add_person(act, email=EMAIL, name=NAME, role="auditor", organisation="")
        made.town.tokens[WHO] = new_token(act, EMAIL, 30, name="Sigrid's reports")
        assert provider_identities.link(act.connection, "https://login.example", "sigrid-at-the-provider", made.town.people[WHO].actor, act.now)
    made.give_password(WHO)
    made.enrol(WHO)
    return made


def everything(store: Store) -> str:
    with store.reading() as connection:
        return json.dumps([[str(row) for row in connection.execute(text(f"SELECT * FROM {name}"))] for name in metadata.tables])


def test_an_export_holds_all_that_is_kept_and_no_secret(doors: House) -> None:
    with doors.town.office.look(OPERATOR) as act:
        record = export_person(act, EMAIL)
    assert (record["format"], record["person"]["email"], record["person"]["name"]) == ("ncvr-person/1", EMAIL, NAME)
    assert {name: len(rows) for name, rows in record["signing_in"].items()} == {
        "second_factors": 1, "sessions": 2, "tokens": 1, "known_devices": 1, "one_time_links": 1, "recovery_codes": 10, "provider_identities": 1,
    }  # fmt: skip
    assert {act["operation"] for act in record["acts"]} >= {"password.set", "factor.add", "session.open"}
    written = json.dumps(record)
    with doors.town.store.reading() as connection:
        kept = connection.execute(text("SELECT password_hash FROM accounts")).scalar_one()
    for secret in (doors.secrets[WHO], doors.town.tokens[WHO], kept):
        assert secret not in written


def test_a_person_is_forgotten_and_the_chain_still_verifies(doors: House) -> None:
    opened = doors.password_only(WHO)
    assert "igrid" in everything(doors.town.store)
    before = verify_ledger(doors.town.store)
    with doors.town.office.act(OPERATOR, "forget") as act:
        actor = forget_person(act, EMAIL, "asked to be forgotten")
    kept = everything(doors.town.store)
    assert "igrid" not in kept
    assert doors.secrets[WHO] not in kept
    assert actor in kept
    with doors.town.store.reading() as connection:
        own = connection.execute(text("SELECT secret, credential, name, removed_at FROM second_factors WHERE actor = :actor"), {"actor": actor}).all()
    assert [(row.secret, row.credential, row.name, row.removed_at is not None) for row in own] == [("", None, "", True)]  # nor what was sealed
    after = verify_ledger(doors.town.store, [before.head.hash])
    assert after.findings == ()
    assert after.says == "verified against 1 anchor"
    assert doors.visitor(opened) is None
    assert doors.show(opened, doors.code(WHO)) == Refused()
    assert doors.knock(WHO) == Refused()
    assert visitor_by_token(doors.town.office, doors.town.tokens[WHO]) is None
    with doors.town.office.look(OPERATOR) as act, pytest.raises(InputError, match="nobody has the address"):
        export_person(act, EMAIL)


def test_the_address_can_be_given_to_a_person_anew_who_is_somebody_else(doors: House) -> None:
    with doors.town.office.act(OPERATOR, "again") as act:
        first = forget_person(act, EMAIL, "asked")
        assert add_person(act, email=EMAIL, name=NAME, role="auditor", organisation="").actor != first


def test_what_is_forgotten_is_gone_from_the_file_too(here: Town, sqlite_database: Database) -> None:
    with here.office.act(OPERATOR, "add") as act:
        add_person(act, email=EMAIL, name=NAME, role="auditor", organisation="")
    path = sqlite_database.url.database or ""

    def on_disk() -> bytes:
        here.store.close()  # the last connection folds the log into the file
        with open(path, "rb") as file:  # noqa: PTH123
            return file.read()

    assert NAME.encode() in on_disk()
    with here.office.act(OPERATOR, "forget") as act:
        forget_person(act, EMAIL, "asked")
    assert b"nmistakable" not in on_disk()
