"""A folder of signing keys: ``keys.json``, the public list that may be sent to anybody, and one's own private keys.

A private key is written once, readable by its owner alone (mode 0600), and only ever read to sign. It is never printed,
never logged, and stands in no message.
"""

import base64
import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat, load_pem_private_key

from ncvr.domain.signing_key import KeyList, Purpose, SigningKey, key_id, signed_bytes
from ncvr.errors import InputError
from ncvr.files.json_files import parse_json, read_json_bytes, validated, written_json
from ncvr.files.reading import Reading
from ncvr.files.writing import write_whole

LIST = "keys.json"
_FOR_ALL_TO_READ = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A private key, ready to sign on one day. Its secret is in no text made of it."""

    key: SigningKey
    signed_on: date
    _private: Ed25519PrivateKey = field(repr=False)

    def signed(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """The record (``format``, ...) with ``signed_by`` and ``signature``."""
        days = {"valid_from": self.key.valid_from.isoformat(), "valid_to": self.key.valid_to.isoformat(), "signed_on": self.signed_on.isoformat()}
        told = {**record, "signed_by": {"key": self.key.id, "owner": self.key.owner, **days}, "signature": None}
        signature = self._private.sign(signed_bytes(str(record["format"]), told))
        return {**told, "signature": base64.b64encode(signature).decode()}


def read_key_list(path: Path) -> Reading[KeyList]:
    """The public keys in a file, or everything that is wrong with it."""
    keys, findings = validated(KeyList, parse_json(read_json_bytes(path), str(path)), str(path))
    return Reading(keys, tuple(findings))


def known_keys(folder: Path) -> KeyList:
    """The public keys of a folder; none where it has no list. Raises InputError for a list that cannot be read."""
    return read_key_list(folder / LIST).or_raise(InputError) if (folder / LIST).exists() else KeyList()


def record_new_key(folder: Path, *, owner: str, purpose: Purpose, valid_from: date, valid_to: date, approved_by: Sequence[str]) -> SigningKey:
    """A new key that these people approved: its private half in a file of its own, its public half in the folder's list.

    Raises InputError; then neither stands.
    """
    known = known_keys(folder)
    private = Ed25519PrivateKey.generate()
    public = base64.b64encode(private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
    days = {"valid_from": valid_from, "valid_to": valid_to}
    entry = {"id": key_id(public), "purpose": purpose, "owner": owner, **days, "approved_by": tuple(approved_by), "public_key": public}
    key, findings = validated(SigningKey, entry, "the new key")
    if key is None:
        raise InputError.of(findings)
    path = _private_path(folder, key.id)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_private(path, private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    except OSError as error:
        raise InputError(f"a key cannot be written here ({error.strerror})", str(folder), "Choose a folder that you may write to, with NCVR_KEYS") from error
    try:
        _write_list(folder, [*known.keys, key])
    except InputError:
        path.unlink()
        raise
    return key


def record_revocation(folder: Path, wanted: str, on: date) -> SigningKey:
    """The key, revoked from a day on. Raises InputError for an unknown key, and for a day later than one already recorded."""
    keys = known_keys(folder).keys
    key = next((key for key in keys if key.id == wanted), None)
    if key is None:
        raise InputError(f"there is no key {wanted}", str(folder / LIST), f"Choose one of: {', '.join(each.id for each in keys) or 'none'}")
    if key.revoked_on is not None and on > key.revoked_on:
        raise InputError(f"the key {wanted} is revoked since {key.revoked_on}", str(folder / LIST), "A revocation can be dated back, and never taken back")
    revoked = key.model_copy(update={"revoked_on": on})
    _write_list(folder, [revoked if each.id == wanted else each for each in keys])
    return revoked


def signer_in_force(folder: Path, *, purpose: Purpose, on: date, wanted: str | None = None) -> Signer | None:
    """The key that signs on a day: the one named, else the newest of one's own that is valid; None where none is and none was named.

    A key that two people did not approve signs nothing.

    Raises InputError if the key named cannot sign, or if two equally new ones could.
    """
    own = [key for key in known_keys(folder).keys if key.approved and _private_path(folder, key.id).exists()]
    if wanted is not None:
        return _signer(folder, _named(own, wanted, purpose, on, folder), on)
    valid = sorted((key for key in own if key.purpose == purpose and key.valid_on(on)), key=lambda key: key.valid_from)
    if len(valid) > 1 and valid[-1].valid_from == valid[-2].valid_from:
        raise InputError("two keys could sign, and neither is newer", str(folder), f"Name one with --sign: {', '.join(key.id for key in valid)}")
    return _signer(folder, valid[-1], on) if valid else None


def _named(own: list[SigningKey], wanted: str, purpose: Purpose, on: date, folder: Path) -> SigningKey:
    key = next((key for key in own if key.id == wanted), None)
    if key is None:
        raise InputError(f"there is no private key {wanted}", str(folder), f"Choose one of: {', '.join(each.id for each in own) or 'none'}")
    if key.purpose != purpose:
        raise InputError(f"the key {wanted} is for another purpose ({key.purpose})", str(folder), f"Name a key whose purpose is {purpose}")
    if not key.valid_on(on):
        told = f"revoked on {key.revoked_on}" if key.revoked_by(on) else f"valid from {key.valid_from} to {key.valid_to}"
        raise InputError(f"the key {wanted} cannot sign on {on}: it is {told}", str(folder), "Name another, or make one with ncvr key new")
    return key


def _signer(folder: Path, key: SigningKey, on: date) -> Signer:
    path = _private_path(folder, key.id)
    remedy = "Restore the file from your backup, or revoke this key and make another"
    try:
        if os.name == "posix" and path.stat().st_mode & _FOR_ALL_TO_READ:
            raise InputError("other people on this machine can read this private key", str(path), "Make it yours alone (chmod 600), and consider to revoke it")
        private = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise InputError("this private key cannot be read", str(path), remedy) from error
    if not isinstance(private, Ed25519PrivateKey) or _public(private) != key.public_key:
        raise InputError("this private key is not the one that belongs to the public key in the list", str(path), remedy)
    return Signer(key=key, signed_on=on, _private=private)


def _public(private: Ed25519PrivateKey) -> str:
    return base64.b64encode(private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def _private_path(folder: Path, key: str) -> Path:
    return folder / f"{key}.private-key.pem"


def _write_private(path: Path, content: bytes) -> None:
    """Never readable by others, not even for a moment, and never over another key."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)


def _write_list(folder: Path, keys: list[SigningKey]) -> None:
    record = KeyList(keys=keys).model_dump(mode="json")
    write_whole(folder / LIST, written_json(record), force=True)
