"""Signing keys and what a signature is worth on a day: Ed25519, one purpose a key, a first day, a last day, a revocation.

A signature counts only if it is right, and its key is known, made for this purpose, valid on the day it signed and on
the day asked about, and not revoked by then. A revoked key counts for nothing, whatever day a receipt says it was
signed on: whoever holds a stolen key can write any day into it.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from ncvr.domain.approval import different_people
from ncvr.domain.canonical import canonical_json
from ncvr.domain.study import Day, Name, Record

FORMAT: Literal["ncvr-keys/1"] = "ncvr-keys/1"
Purpose = Literal["receipt", "checkpoint", "publication"]
Standing = Literal["valid", "unsigned", "forged", "unknown key", "wrong purpose", "revoked", "not yet valid", "expired"]

_KEY_BYTES, _SIGNATURE_BYTES = 32, 64


def _is_public_key(text: str) -> str:
    if decoded(text, _KEY_BYTES) is None:
        raise ValueError("this is not a public key; take the line over again from its owner's list")
    return text


KeyId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
PublicBytes = Annotated[str, AfterValidator(_is_public_key)]


class SigningKey(Record):
    """The public half of a key. ``id`` is made from it, so that nobody can put another key under a known id."""

    id: KeyId
    purpose: Purpose
    owner: Name
    valid_from: Day
    valid_to: Day
    revoked_on: Day | None = None
    approved_by: Annotated[tuple[Name, ...], Field(strict=False)] = ()
    public_key: PublicBytes

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if self.id != key_id(self.public_key):
            raise ValueError("the id is not that of the public key beside it; take the entry over again from its owner's list")
        if self.valid_to < self.valid_from:
            raise ValueError("the last day is before the first; correct the days")
        return self

    @property
    def approved(self) -> bool:
        """Whether two different people approved it; of others' keys their owner's list is what counts."""
        return len(different_people(self.approved_by)) >= 2

    def valid_on(self, day: date) -> bool:
        """Whether the key may sign, and counts, on this day."""
        return self.valid_from <= day <= self.valid_to and not self.revoked_by(day)

    def revoked_by(self, day: date) -> bool:
        return self.revoked_on is not None and self.revoked_on <= day


class KeyList(Record):
    """A list of public keys, to be published and sent: it holds no secret."""

    format: Literal["ncvr-keys/1"] = FORMAT
    keys: list[SigningKey] = Field(default_factory=list)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        ids = [key.id for key in self.keys]
        if twice := next((each for each in ids if ids.count(each) > 1), None):
            raise ValueError(f"the key {twice} stands twice; keep one of them")
        return self

    def key(self, wanted: str) -> SigningKey | None:
        return next((key for key in self.keys if key.id == wanted), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureCheck:
    """What a signature is worth, in one word and in a sentence; ``key`` is None where it is not in the list."""

    standing: Standing
    says: str
    key: SigningKey | None = None

    @property
    def counts(self) -> bool:
        return self.standing == "valid"


def key_id(public_key: str) -> str:
    """The id of a public key in base64: the first 16 hexadecimal digits of the SHA-256 of its 32 bytes.

    >>> key_id("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
    '21fe31dfa154a261'
    """
    return hashlib.sha256(decoded(public_key, _KEY_BYTES) or b"").hexdigest()[:16]


def decoded(text: str, length: int) -> bytes | None:
    """The bytes of base64 text, if it is the one way to write so many bytes; else None.

    >>> decoded("AAA=", 2), decoded("AAB=", 2), decoded("AAA", 2)
    (b'\\x00\\x00', None, None)
    """
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return content if len(content) == length and base64.b64encode(content).decode() == text else None


def signed_bytes(format_name: str, record: Mapping[str, Any]) -> bytes:
    """What a signature is taken over: the format's name, a zero byte, the SHA-256 of the record without its signature.

    >>> signed_bytes("ncvr-receipt/1", {"a": 1, "signature": "x"}) == signed_bytes("ncvr-receipt/1", {"a": 1})
    True
    """
    unsigned = {name: value for name, value in record.items() if name != "signature"}
    return format_name.encode("ascii") + b"\0" + hashlib.sha256(canonical_json(unsigned)).digest()


def check_signature(record: Mapping[str, Any], keys: Sequence[SigningKey], *, purpose: Purpose, as_of: date) -> SignatureCheck:
    """What the signature of a record (``format``, ``signed_by``, ``signature``) is worth on the day ``as_of``.

    The record is one that its own reader has accepted, with its own values: nothing normalised on the way.
    """
    signer, signature = record.get("signed_by"), record.get("signature")
    if signature is None:
        return SignatureCheck(standing="unsigned", says="it is not signed, so anybody could have written it")
    if not isinstance(signer, Mapping) or not isinstance(signature, str):
        return SignatureCheck(standing="forged", says="it holds a signature and doesn't say whose")
    key = next((key for key in keys if key.id == signer.get("key")), None)
    if key is None:
        said = f"it is signed with the key {signer.get('key')}, which is not in the list of known keys"
        return SignatureCheck(standing="unknown key", says=said)
    if not _is_signature_of(key, signature, signed_bytes(str(record["format"]), record)):
        said = f"its signature does not belong to what stands in it: it was changed after {key.owner} signed it, or was never signed with the key {key.id}"
        return SignatureCheck(standing="forged", says=said, key=key)
    return _worth(key, date.fromisoformat(str(signer["signed_on"])), purpose, as_of)


def _worth(key: SigningKey, signed_on: date, purpose: Purpose, as_of: date) -> SignatureCheck:
    """A right signature, judged by its key's purpose and days."""

    def judged(standing: Standing, says: str) -> SignatureCheck:
        return SignatureCheck(standing=standing, says=says, key=key)

    named = f"the key {key.id} of {key.owner}"
    if key.purpose != purpose:
        return judged("wrong purpose", f"{named} is for another purpose ({key.purpose}), not to sign a {purpose}")
    if key.revoked_by(as_of):
        return judged("revoked", f"{named} was revoked on {key.revoked_on}, and nothing signed with it counts any longer")
    if signed_on < key.valid_from or as_of < max(key.valid_from, signed_on):
        return judged(
            "not yet valid", f"{named} is valid from {key.valid_from}, the receipt says it was signed on {signed_on}, and the day asked about is {as_of}"
        )
    if max(signed_on, as_of) > key.valid_to:
        return judged("expired", f"{named} was valid until {key.valid_to}, the receipt says it was signed on {signed_on}, and the day asked about is {as_of}")
    return judged("valid", f"signed on {signed_on} with {named}, valid from {key.valid_from} to {key.valid_to}")


def _is_signature_of(key: SigningKey, signature: str, message: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature  # only where a signature is checked: it takes a while to load
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    public, signed = decoded(key.public_key, _KEY_BYTES), decoded(signature, _SIGNATURE_BYTES)
    if public is None or signed is None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signed, message)
    except InvalidSignature:
        return False
    return True
