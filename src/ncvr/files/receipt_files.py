"""Receipts, ``ncvr-receipt/1``: written beside a contract, and read back."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ncvr.domain.receipt import FORMAT, Receipt, salted_hash
from ncvr.domain.study import Day
from ncvr.errors import Finding
from ncvr.files.appendix_filler import FilledContract, FilledField
from ncvr.files.json_files import parse_json, read_json_bytes, validated
from ncvr.files.reading import Reading
from ncvr.files.template_registry import RegisteredTemplate, sha256


def receipt_beside(document: Path) -> Path:
    """Where the receipt of a contract lies: ``X.docx`` has ``X.receipt.json``."""
    return document.with_name(f"{document.stem}.receipt.json")


def receipt_record(
    template: RegisteredTemplate,
    contract: FilledContract,
    prices: Mapping[str, Any],
    *,
    dates: Mapping[str, Day | None],
    salt: str,
    certified: bool,
) -> dict[str, Any]:
    """The receipt as JSON values. ``prices`` is an ncvr-prices/1 record whose one entry is this site's."""
    profile, decisions = template.profile, contract.decisions
    return {
        "format": FORMAT,
        "software": prices["software"],
        "certified": certified,
        "template": {
            "family": profile.family,
            "version": profile.version,
            "title": profile.title,
            "status": profile.status,
            "sha256": profile.template_sha256,
            "profile_sha256": template.profile_sha256,
        },
        "document": {"sha256": sha256(contract.content), "parts": dict(contract.parts)},
        "study": prices["study"],
        "tariff": prices["tariff"],
        "pricing_date": prices["pricing_date"],
        "price": prices["prices"][0],
        "dates": {name: day.isoformat() for name, day in dates.items() if day is not None},
        "salt": salt,
        "fields": [_field_record(each, salt) for each in contract.fields],
        "choices": dict(decisions.chosen),
        "conditional_blocks": {block.name: block.name in decisions.kept for block in profile.conditional_blocks},
        "free_zones": {name: list(paragraphs) for name, paragraphs in decisions.zones},
        "schedule": {"tables": _tables(contract.tables), "arms": [{"id": arm, "tables": _tables(tables)} for arm, tables in contract.arm_tables.items()]},
        "ledger_head": None,
        "signed_by": None,
        "signature": None,
    }


def _field_record(filled: FilledField, salt: str) -> dict[str, Any]:
    profile = filled.profile
    value = {"value_sha256": salted_hash(salt, profile.name, filled.value)} if profile.personal else {"value": filled.value}
    arm = {"arm": filled.arm} if filled.arm else {}
    return {"name": profile.name, "title": profile.words, **value, "places": list(filled.places), **arm}


def _tables(tables: Mapping[str, tuple[tuple[str, ...], ...]]) -> dict[str, list[list[str]]]:
    return {name: [list(row) for row in rows] for name, rows in tables.items()}


def read_receipt(path: Path) -> Reading[Receipt]:
    """The receipt in a file, or everything that is wrong with it."""
    return receipt_from(parse_json(read_json_bytes(path), str(path)), str(path))


def receipt_from(record: Any, place: str) -> Reading[Receipt]:
    """The receipt in a JSON value. One that is right only after tidying (capitals, spaces, accents) was not written by ncvr, and is refused."""
    receipt, findings = validated(Receipt, record, place)
    if receipt is not None and record_of(receipt) != record:
        findings = [Finding(place, "the receipt is not written as ncvr writes it: something else changed it", "Ask for the receipt as it was written")]
    return Reading(None if findings else receipt, tuple(findings))


def record_of(receipt: Receipt) -> dict[str, Any]:
    """The JSON values of a receipt as they stood in its file."""
    return receipt.model_dump(mode="json", exclude_unset=True)
