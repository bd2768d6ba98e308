"""The folder of keys: private halves for their owner's eyes alone, a public list for everybody."""

import json
import os
from datetime import date, timedelta
from pathlib import Path

import pytest

from ncvr.errors import InputError
from ncvr.files.signing_keys import LIST, known_keys, read_key_list, record_new_key, record_revocation, signer_in_force
from tests.contracts import ON
from tests.signatures import FIRST, LAST, OWNER, TWO_PEOPLE, contract, signer


def new(folder: Path, first: date = FIRST, last: date = LAST) -> str:
    return record_new_key(folder, owner=OWNER, purpose="receipt", valid_from=first, valid_to=last, approved_by=TWO_PEOPLE).id


def private(folder: Path, key: str) -> Path:
    return folder / f"{key}.private-key.pem"


def test_a_private_key_can_be_read_by_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    key = new(folder)
    assert private(folder, key).stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_the_public_list_holds_no_secret(tmp_path: Path) -> None:
    key = new(tmp_path)
    secret = "".join(private(tmp_path, key).read_text().splitlines()[1:-1])
    assert secret[-40:] not in (tmp_path / LIST).read_text()
    assert json.loads((tmp_path / LIST).read_text())["keys"][0]["id"] == key


def test_a_signer_shows_no_secret(tmp_path: Path) -> None:
    pen = signer(tmp_path)
    assert "private" not in repr(pen).lower()
    assert "BEGIN" not in json.dumps(pen.signed(contract().receipt))


def test_signing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    pen = signer(tmp_path)
    assert pen.signed(contract().receipt) == pen.signed(contract().receipt)


def test_without_a_key_nobody_signs(tmp_path: Path) -> None:
    assert signer_in_force(tmp_path, purpose="receipt", on=ON) is None


def test_the_newest_valid_key_signs(tmp_path: Path) -> None:
    new(tmp_path)
    newer = new(tmp_path, FIRST + timedelta(days=30))
    new(tmp_path, ON + timedelta(days=1))  # not yet valid
    new(tmp_path, ON - timedelta(days=9), ON - timedelta(days=1))  # expired
    record_revocation(tmp_path, new(tmp_path, FIRST + timedelta(days=60)), ON)
    pen = signer_in_force(tmp_path, purpose="receipt", on=ON)
    assert pen is not None
    assert pen.key.id == newer


def test_of_two_equally_new_keys_one_has_to_be_named(tmp_path: Path) -> None:
    first, second = new(tmp_path), new(tmp_path)
    with pytest.raises(InputError) as refused:
        signer_in_force(tmp_path, purpose="receipt", on=ON)
    assert first in str(refused.value.findings[0])
    named = signer_in_force(tmp_path, purpose="receipt", on=ON, wanted=second)
    assert named is not None
    assert named.key.id == second


def test_a_key_named_that_cannot_sign_is_refused_with_the_reason(tmp_path: Path) -> None:
    expired = new(tmp_path, FIRST, ON - timedelta(days=1))
    other = record_new_key(tmp_path, owner=OWNER, purpose="publication", valid_from=FIRST, valid_to=LAST, approved_by=TWO_PEOPLE).id
    for key, reason in ((expired, "cannot sign on"), (other, "for another purpose"), ("0" * 16, "no private key")):
        with pytest.raises(InputError, match=reason):
            signer_in_force(tmp_path, purpose="receipt", on=ON, wanted=key)


def test_a_key_known_only_by_its_public_half_cannot_sign(tmp_path: Path) -> None:
    private(tmp_path, new(tmp_path)).unlink()
    assert signer_in_force(tmp_path, purpose="receipt", on=ON) is None
    assert len(known_keys(tmp_path).keys) == 1


@pytest.mark.skipif(os.name != "posix", reason="permissions of files as POSIX has them")
def test_a_private_key_that_others_can_read_signs_nothing(tmp_path: Path) -> None:
    path = private(tmp_path, new(tmp_path))
    path.chmod(0o640)
    with pytest.raises(InputError, match="other people on this machine can read this private key"):
        signer_in_force(tmp_path, purpose="receipt", on=ON)


def test_a_private_key_that_is_damaged_or_another_is_refused(tmp_path: Path) -> None:
    first, second = new(tmp_path), new(tmp_path, FIRST + timedelta(days=1))
    private(tmp_path, second).write_bytes(private(tmp_path, first).read_bytes())
    with pytest.raises(InputError, match="not the one that belongs to the public key"):
        signer_in_force(tmp_path, purpose="receipt", on=ON)
    private(tmp_path, second).write_bytes(b"nothing")
    with pytest.raises(InputError, match="cannot be read"):
        signer_in_force(tmp_path, purpose="receipt", on=ON)


def test_a_revocation_can_be_dated_back_and_never_taken_back(tmp_path: Path) -> None:
    key = new(tmp_path)
    assert record_revocation(tmp_path, key, ON).revoked_on == ON
    assert record_revocation(tmp_path, key, FIRST).revoked_on == FIRST
    with pytest.raises(InputError, match="is revoked since"):
        record_revocation(tmp_path, key, ON)
    with pytest.raises(InputError, match="there is no key"):
        record_revocation(tmp_path, "0" * 16, ON)


def test_a_list_with_a_field_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text('{"format": "ncvr-keys/1", "keys": [], "keys": []}')
    with pytest.raises(InputError, match="stands twice"):
        read_key_list(path)


def test_no_key_is_made_where_the_last_day_is_before_the_first(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the last day is before the first"):
        new(tmp_path, LAST, FIRST)
    assert list(tmp_path.iterdir()) == []


def test_a_key_that_two_people_did_not_approve_signs_nothing(tmp_path: Path) -> None:
    for names in ((), ("Ada",), ("Ada", "ada")):
        folder = tmp_path / f"keys-{len(names)}-{names[-1:]}"
        key = record_new_key(folder, owner=OWNER, purpose="receipt", valid_from=FIRST, valid_to=LAST, approved_by=names)
        assert signer_in_force(folder, purpose="receipt", on=ON) is None
        with pytest.raises(InputError, match="there is no private key"):
            signer_in_force(folder, purpose="receipt", on=ON, wanted=key.id)


def test_the_public_list_names_who_approved_a_key(tmp_path: Path) -> None:
    record_new_key(tmp_path, owner=OWNER, purpose="receipt", valid_from=FIRST, valid_to=LAST, approved_by=TWO_PEOPLE)
    assert json.loads((tmp_path / LIST).read_bytes())["keys"][0]["approved_by"] == list(TWO_PEOPLE)
    (known,) = known_keys(tmp_path).keys
    assert known.approved
