"""Check a contract's receipt without ncvr: one file, Python's standard library and the package "cryptography".

    python check_receipt.py CONTRACT.receipt.json KEYS.json [CONTRACT.docx] [--as-of 2026-11-24]

KEYS.json is the sender's list of public keys (ncvr-keys/1). Take it from the sender once, by a way you trust, and keep
it: a list that comes in the same message as the receipt proves nothing. What is checked, in this order:

1. The receipt is the one that was signed: Ed25519 over "ncvr-receipt/1", a zero byte and the SHA-256 of its canonical
   JSON (sorted keys, no spaces, UTF-8) without the field "signature".
2. The key is in the list, is for receipts, was valid when it signed and is valid on the day asked about, and is not
   revoked by then.
3. The Word file is the one that was signed: the same file, or the same parts packed again.

Ends with 0 if all of it holds, 10 if the receipt is forged, 11 if that cannot be said, 2 if a file cannot be read.
"""

import argparse
import base64
import binascii
import hashlib
import json
import struct
import sys
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT, KEYS_FORMAT, PURPOSE = "ncvr-receipt/1", "ncvr-keys/1", "receipt"
HOLDS, UNREADABLE, FORGED, CANNOT_TELL = 0, 2, 10, 11
LARGEST_FILE, LARGEST_PART, MOST_PARTS = 64 * 2**20, 24 * 2**20, 2000


class Stop(Exception):
    """The check ends here, with this exit code and this sentence."""

    def __init__(self, code: int, says: str) -> None:
        super().__init__(says)
        self.code, self.says = code, says


def read(path: Path) -> bytes:
    """The bytes of a file."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise Stop(UNREADABLE, f"{path} is larger than 64 MB.")
        return path.read_bytes()
    except OSError as error:
        raise Stop(UNREADABLE, f"{path} cannot be read ({error.strerror}).") from error


def read_json(path: Path, format_name: str) -> dict[str, Any]:
    """The JSON object of a file of this format; a key twice in one object, and a number with a fraction, are refused."""
    try:
        record = json.loads(read(path).decode("utf-8-sig"), object_pairs_hook=once_each, parse_float=refused, parse_constant=refused)
    except (ValueError, RecursionError) as error:
        raise Stop(UNREADABLE, f"{path} cannot be read: {error}.") from error
    if not isinstance(record, dict) or record.get("format") != format_name:
        raise Stop(UNREADABLE, f"{path} is not a file of the format {format_name}.")
    return record


def once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise ValueError("a field stands twice in one object, and readers would disagree which one counts")
    return record


def refused(text: str) -> Any:
    raise ValueError(f"{text} is not a number that a receipt may hold")


def canonical(value: Any) -> bytes:
    """Canonical JSON in the sense of RFC 8785: keys sorted by UTF-16 code unit, no spaces, UTF-8."""
    return json.dumps(ordered(value), ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: ordered(value[key]) for key in sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))}
    return [ordered(member) for member in value] if isinstance(value, list) else value


def decoded(text: Any, length: int) -> bytes | None:
    """The bytes of base64 text, if it is the one way to write so many bytes."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, TypeError, ValueError):
        return None
    return content if len(content) == length and base64.b64encode(content).decode() == text else None


def key_of(receipt: dict[str, Any], keys: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """The key that the receipt says signed it, from the list."""
    signer = receipt.get("signed_by")
    if receipt.get("signature") is None or not isinstance(signer, dict):
        raise Stop(CANNOT_TELL, "The receipt is not signed, so anybody could have written it.")
    found = [key for key in keys["keys"] if key.get("id") == signer.get("key")]
    if len(found) != 1:
        raise Stop(CANNOT_TELL, f"The receipt is signed with the key {signer.get('key')}, which is not in your list of keys.")
    public = decoded(found[0].get("public_key"), 32)
    if public is None or hashlib.sha256(public).hexdigest()[:16] != found[0]["id"]:
        raise Stop(UNREADABLE, f"The entry of the key {found[0]['id']} in your list of keys is damaged.")
    return found[0], public


def check_signature(receipt: dict[str, Any], key: dict[str, Any], public: bytes) -> None:
    unsigned = {name: value for name, value in receipt.items() if name != "signature"}
    message = FORMAT.encode() + b"\0" + hashlib.sha256(canonical(unsigned)).digest()
    signature = decoded(receipt["signature"], 64)
    try:
        if signature is None:
            raise InvalidSignature
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature as wrong:
        said = f"FORGED: the receipt was changed after {key['owner']} signed it, or was never signed with the key {key['id']}."
        raise Stop(FORGED, said) from wrong


def check_key(receipt: dict[str, Any], key: dict[str, Any], as_of: date) -> None:
    """The key's purpose and days; the same rules as in ncvr."""
    signed_on, first, last = (date.fromisoformat(text) for text in (receipt["signed_by"]["signed_on"], key["valid_from"], key["valid_to"]))
    revoked = key.get("revoked_on")
    if key.get("purpose") != PURPOSE:
        raise Stop(CANNOT_TELL, f"The key {key['id']} is for another purpose ({key.get('purpose')}), not to sign receipts.")
    if revoked is not None and date.fromisoformat(revoked) <= as_of:
        raise Stop(CANNOT_TELL, f"The key {key['id']} was revoked on {revoked}; nothing signed with it counts any longer.")
    if not first <= signed_on <= as_of <= last:
        said = f"The key {key['id']} is valid from {first} to {last}; the receipt was signed on {signed_on}, and the day asked about is {as_of}."
        raise Stop(CANNOT_TELL, said)


def check_document(receipt: dict[str, Any], path: Path) -> str:
    """The Word file beside the hashes of the receipt; returns what to say of it."""
    content, told = read(path), receipt["document"]
    if "sha256:" + hashlib.sha256(content).hexdigest() == told["sha256"]:
        return "the very file"
    parts = parts_of(content, path)
    wrong = sorted(name for name in parts.keys() | told["parts"].keys() if parts.get(name) != told["parts"].get(name))
    if wrong:
        said = f"The Word file is not the one that was signed: {', '.join(wrong[:8])}{' and more' if len(wrong) > 8 else ''}"
        raise Stop(CANNOT_TELL, f"{said}. Either it was changed, or a word processor saved it again. ncvr contract verify can tell which.")
    return "the same parts, packed again by another program"


def parts_of(content: bytes, path: Path) -> dict[str, str]:
    """The SHA-256 of every part. A package that two programs could read in two ways is refused."""
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as package:
            entries = package.infolist()
            check_package(content, entries)
            return {each.filename: "sha256:" + hashlib.sha256(package.read(each)).hexdigest() for each in entries if not each.is_dir()}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, struct.error) as error:
        raise Stop(CANNOT_TELL, f"{path} is damaged or is not a Word file: {error}.") from error


def check_package(content: bytes, entries: list[zipfile.ZipInfo]) -> None:
    """Each name once, nothing large, and every byte before the directory belongs to exactly one part."""
    names = {each.filename.rstrip("/").casefold() for each in entries}
    if len(names) != len(entries) or len(entries) > MOST_PARTS or sum(each.file_size for each in entries) > LARGEST_FILE:
        raise zipfile.BadZipFile("it has two parts of one name, too many parts, or parts too large")
    expected = 0
    for each in sorted(entries, key=lambda entry: entry.header_offset):
        if each.header_offset != expected or each.file_size > LARGEST_PART:
            raise zipfile.BadZipFile("it holds bytes that belong to no part")
        name, extra = struct.unpack_from("<2H", content, expected + 26)
        expected += 30 + name + extra + each.compress_size
        if each.flag_bits & 8:
            expected += 16 if content[expected : expected + 4] == b"PK\x07\x08" else 12
    if content[expected : expected + 4] != b"PK\x01\x02":
        raise zipfile.BadZipFile("it holds bytes that belong to no part")


def summary(receipt: dict[str, Any], key: dict[str, Any]) -> Iterator[str]:
    """What the receipt says, for a person to read."""
    price, study, template = receipt["price"], receipt["study"], receipt["template"]
    yield f"  signed by    {key['owner']} on {receipt['signed_by']['signed_on']}, key {key['id']}, valid {key['valid_from']} to {key['valid_to']}"
    yield f"  study        IRAS {study['iras_id']}, version {study['version']}"
    yield f"  site         {price['site']['ods_code']} {price['site']['name']}, multiplier {price['multiplier']}"
    yield f"  template     {template['family']}/{template['version']}, {template['title']} ({template['status']})"
    yield f"  tariff       {receipt['tariff']['edition']} ({receipt['tariff']['status']}, {receipt['tariff']['lock']}), priced on {receipt['pricing_date']}"
    for arm in price["arms"]:
        yield f"  arm {arm['id']:<9}{arm['per_participant']} pounds for each participant"
    yield f"  fingerprint  {price['fingerprint']}"
    if not receipt["certified"]:
        yield "  NOT CERTIFIED: the template or the figures are not official. No verdict on this contract is better than cannot tell."


def check(arguments: argparse.Namespace) -> tuple[list[str], int]:
    """Everything in turn; the lines to print and the exit code."""
    receipt, keys = read_json(arguments.receipt, FORMAT), read_json(arguments.keys, KEYS_FORMAT)
    try:
        key, public = key_of(receipt, keys)
        check_signature(receipt, key, public)
        check_key(receipt, key, arguments.as_of)
        document = None if arguments.document is None else check_document(receipt, arguments.document)
        beside = "No Word file was given to compare with." if document is None else f"The Word file is {document} that was signed."
        return [f"VALID SIGNATURE, as of {arguments.as_of}. {beside}", *summary(receipt, key)], HOLDS
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Stop(UNREADABLE, f"The receipt or the list of keys is not complete ({type(error).__name__}: {error}).") from error


def main() -> int:
    words = argparse.ArgumentParser(
        description="Check a contract's receipt without ncvr.", epilog="Ends with 0: it holds; 10: forged; 11: cannot tell; 2: a file cannot be read."
    )
    words.add_argument("receipt", type=Path, help="the receipt, such as contract.receipt.json")
    words.add_argument("keys", type=Path, help="the sender's list of public keys, which you had before")
    words.add_argument("document", type=Path, nargs="?", help="the contract (.docx)")
    today = date.today()  # noqa: DTZ011, TID251 - this file stands alone, so it has to ask the clock itself
    words.add_argument("--as-of", type=date.fromisoformat, default=today, help="the day to judge the key by (default: today)")
    try:
        lines, code = check(words.parse_args())
    except Stop as stopped:
        lines, code = [stopped.says], stopped.code
    sys.stdout.write("\n".join(lines) + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
