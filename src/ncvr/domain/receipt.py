"""A contract's receipt, ``ncvr-receipt/1``: what was filled into which template, from which price, without personal data.

A personal or bank value stands as a hash over the receipt's salt, the field's name and the value, so that somebody who
has the document can check it, and nobody without it can read it.
"""

import hashlib
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from ncvr.domain.canonical import canonical_json
from ncvr.domain.prices_file import Hash, PricedStudy, PricedTariff, SitePrices
from ncvr.domain.signing_key import KeyId
from ncvr.domain.study import Day, Id, Name, Record, Text

FORMAT = "ncvr-receipt/1"


class ReceiptTemplate(Record):
    """``status``: a sample of this project, a draft, or approved by two named persons."""

    family: Name
    version: Name
    title: Text
    status: Literal["sample", "draft", "approved"]
    sha256: Hash
    profile_sha256: Hash


class ReceiptDocument(Record):
    """The Word file as written, and each of its parts: zip programs may pack the same parts into other bytes."""

    sha256: Hash
    parts: dict[str, Hash]


class ReceiptField(Record):
    """One filled field; ``arm`` where it stands once per arm. Exactly one of value and value_sha256 is given."""

    name: Name
    title: Text
    value: Text | None = None
    value_sha256: Hash | None = None
    places: list[Text]
    arm: Id | None = None


class ReceiptArm(Record):
    id: Id
    tables: dict[Name, list[list[Text]]]


class ReceiptSchedule(Record):
    """Every row of every schedule table, cell by cell, as printed."""

    tables: dict[Name, list[list[Text]]]
    arms: list[ReceiptArm]


class ReceiptDates(Record):
    iras_submission: Day | None = None
    contract: Day | None = None


class ReceiptSigner(Record):
    """Who vouches for the receipt, since when and until when they may; part of what is signed."""

    key: KeyId
    owner: Name
    valid_from: Day
    valid_to: Day
    signed_on: Day


class Receipt(Record):
    """A receipt file. ``certified`` is False where an official template was filled from figures that are not official.

    ``signature`` is Ed25519, in base64, over everything else in it: see :func:`ncvr.domain.signing_key.signed_bytes`.
    """

    format: Literal["ncvr-receipt/1"]
    software: Name
    certified: bool
    template: ReceiptTemplate
    document: ReceiptDocument
    study: PricedStudy
    tariff: PricedTariff
    pricing_date: Day
    price: SitePrices
    dates: ReceiptDates = ReceiptDates()
    salt: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32,64}$")]
    fields: list[ReceiptField]
    choices: dict[Name, Text]
    conditional_blocks: dict[Name, bool]
    free_zones: dict[Name, list[Text]] = Field(default_factory=dict)
    schedule: ReceiptSchedule
    ledger_head: Hash | None = None
    signed_by: ReceiptSigner | None = None
    signature: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]{86}==$")] | None = None


def salted_hash(salt: str, field: str, value: str) -> str:
    """``sha256:...`` of a personal value, bound to its field and to one receipt by the salt.

    >>> salted_hash("00" * 16, "account_number", "12345678") == salted_hash("00" * 16, "sort_code", "12345678")
    False
    """
    return "sha256:" + hashlib.sha256(canonical_json({"field": field, "salt": salt, "value": value})).hexdigest()
