"""A receipt that the service hands out is signed together with the head of its ledger."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ncvr.domain.details import SiteDetails
from ncvr.domain.signing_key import check_signature
from ncvr.files.receipt_files import receipt_from
from ncvr.files.signing_keys import Signer, record_new_key, signer_in_force
from ncvr.services import site_contracts
from ncvr.services.opening import own_signer
from ncvr.store import ledger_entries
from tests.contracts import DETAILS, TEMPLATES
from tests.databases import Database
from tests.offices import IRAS, Town, town
from tests.services.walks import agreed, shared
from tests.signatures import TWO_PEOPLE


@pytest.fixture
def contracting_town(sqlite_database: Database, tmp_path: Path) -> Town:
    made = town(sqlite_database, tmp_path, templates=TEMPLATES)
    agreed(made)
    with made.act("company") as act:
        site_contracts.write_details(act, IRAS, "RGT", SiteDetails.model_validate(DETAILS), 0)
    shared(made, "RGT")
    return made


def received(town: Town) -> dict[str, Any]:
    with town.office.look(town.people["company"]) as act:
        record: dict[str, Any] = json.loads(site_contracts.receipt(act, site_contracts.site_contract(act, IRAS, "RGT")))
        assert record["ledger_head"] == ledger_entries.head(act.connection).hash
    return record


def test_an_office_with_a_key_signs_the_receipt_and_the_head_of_the_ledger_in_it(contracting_town: Town, tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    key = record_new_key(folder, owner="National office", purpose="receipt", valid_from=date(2026, 1, 1), valid_to=date(2027, 1, 1), approved_by=TWO_PEOPLE)

    def signer(day: date) -> Signer | None:
        return signer_in_force(folder, purpose="receipt", on=day)

    contracting_town.office = replace(contracting_town.office, signer=signer)
    record = received(contracting_town)
    day = contracting_town.office.clock.today()
    assert receipt_from(record, "receipt").value is not None
    assert check_signature(record, [key], purpose="receipt", as_of=day).counts
    assert check_signature({**record, "ledger_head": "sha256:" + "0" * 64}, [key], purpose="receipt", as_of=day).standing == "forged"


def test_an_office_without_a_key_says_that_the_receipt_is_unsigned(contracting_town: Town) -> None:
    assert received(contracting_town)["signature"] is None


def test_the_office_of_the_settings_signs_with_the_keys_of_their_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NCVR_KEYS", str(tmp_path))
    assert own_signer(date(2026, 5, 4)) is None
    key = record_new_key(tmp_path, owner="National office", purpose="receipt", valid_from=date(2026, 1, 1), valid_to=date(2027, 1, 1), approved_by=TWO_PEOPLE)
    signer = own_signer(date(2026, 5, 4))
    assert signer is not None
    assert signer.key == key
