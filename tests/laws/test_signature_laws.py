"""A signed receipt cannot be changed by a single byte."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from ncvr.domain.signing_key import SigningKey, check_signature
from ncvr.errors import InputError
from ncvr.files.json_files import parse_json, written_json
from ncvr.files.receipt_files import receipt_from, record_of
from tests.contracts import ON
from tests.signatures import contract, signer


@cache
def signed() -> tuple[bytes, SigningKey]:
    with TemporaryDirectory() as folder:
        pen = signer(Path(folder))
        return written_json(pen.signed(contract().receipt)), pen.key


def accepted(content: bytes) -> bool:
    """Whether somebody who receives these bytes as a receipt accepts them as signed."""
    try:
        reading = receipt_from(parse_json(content, "the receipt"), "the receipt")
    except InputError:
        return False
    return reading.value is not None and check_signature(record_of(reading.value), [signed()[1]], purpose="receipt", as_of=ON).counts


def says_the_same(content: bytes) -> bool:
    """Whether only the space between the values differs."""
    try:
        return bool(parse_json(content, "") == parse_json(signed()[0], ""))
    except InputError:
        return False


@given(st.data())
def test_any_change_of_any_byte_of_a_signed_receipt_is_refused(data: st.DataObject) -> None:
    content = signed()[0]
    assert accepted(content)
    at = data.draw(st.integers(0, len(content) - 1), "at")
    instead = data.draw(st.integers(0, 255).filter(lambda byte: byte != content[at]), "instead")
    changed = content[:at] + bytes([instead]) + content[at + 1 :]
    assert not accepted(changed) or says_the_same(changed)


@given(st.data())
def test_any_cut_or_inserted_bytes_are_refused(data: st.DataObject) -> None:
    content = signed()[0]
    start = data.draw(st.integers(0, len(content) - 1), "start")
    end = data.draw(st.integers(start, min(len(content), start + 80)), "end")
    changed = content[:start] + data.draw(st.binary(max_size=8), "instead") + content[end:]
    assert not accepted(changed) or says_the_same(changed)


def test_a_field_given_twice_is_refused_even_if_both_say_the_same() -> None:
    content = signed()[0]
    assert not accepted(content.replace(b'  "certified": true,\n', b'  "certified": true,\n  "certified": true,\n', 1))
