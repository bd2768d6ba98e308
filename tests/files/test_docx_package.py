"""Packages: written the same way every time, read in one way only."""

import io
import random
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncvr.errors import CannotTell
from ncvr.files.docx_package import CONTENT_TYPES, compress_member, read_package, write_package
from tests.contract_fixtures import Filling, filled, package, zipped
from tests.mutation_bank.benign import packed_another_way


def test_untouched_members_are_copied_as_the_very_bytes_that_stood_in_the_file() -> None:
    given_package = read_package(filled(Filling()))
    written = read_package(write_package(given_package, {"word/document.xml": b"<x/>"}))
    assert written.content("word/document.xml") == b"<x/>"
    for name, member in given_package.members.items():
        assert name == "word/document.xml" or written.members[name].compressed == member.compressed


def test_the_same_change_gives_the_same_bytes() -> None:
    given_package = read_package(filled(Filling()))
    assert write_package(given_package, {"word/styles.xml": b"<s/>"}) == write_package(given_package, {"word/styles.xml": b"<s/>"})


def test_content_types_come_first_and_new_names_last() -> None:
    content = zipped(dict(reversed(package(Filling()).items())))
    written = read_package(write_package(read_package(content), {"word/new.xml": b"<n/>"}))
    assert next(iter(written.members)) == CONTENT_TYPES
    assert list(written.members)[-1] == "word/new.xml"


def test_other_programs_read_what_we_write() -> None:
    written = write_package(read_package(filled(Filling())), {"word/été.xml": "<é/>".encode()})
    with zipfile.ZipFile(io.BytesIO(written)) as file:
        assert file.testzip() is None
        assert file.read("word/été.xml") == "<é/>".encode()


def test_order_and_packing_of_the_zip_do_not_matter() -> None:
    content = filled(Filling())
    for seed in range(20):
        other = read_package(packed_another_way(content, random.Random(seed)))
        assert {name: member.content for name, member in other.members.items()} == {name: m.content for name, m in read_package(content).members.items()}


def test_sizes_that_follow_the_data_are_read() -> None:
    """LibreOffice writes so: the local header holds noughts, a descriptor after the data holds the sizes."""

    class Stream(io.RawIOBase):
        def __init__(self) -> None:
            self.content = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:  # type: ignore[override]
            self.content += data
            return len(data)

    stream = Stream()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        for name, part in package(Filling()).items():
            file.writestr(name, part)
    assert read_package(bytes(stream.content)).content("word/document.xml") == package(Filling())["word/document.xml"].encode()


def test_a_missing_part_is_named() -> None:
    with pytest.raises(CannotTell, match=r"word/none\.xml is missing"):
        read_package(filled(Filling()), "a.docx").content("word/none.xml")


@given(st.binary(max_size=5000))
def test_a_member_unpacks_to_what_was_packed(content: bytes) -> None:
    package_of_one = read_package(write_package(read_package(zipped({CONTENT_TYPES: "<Types/>"})), {"a.bin": content}))
    assert package_of_one.content("a.bin") == content
    assert package_of_one.members["a.bin"] == compress_member("a.bin", content)


@given(st.data())
def test_no_single_changed_byte_of_the_file_is_read_as_other_content(data: st.DataObject) -> None:
    """A flipped bit is refused, or lies in a date or another field that holds no content."""
    content = filled(Filling())
    at = data.draw(st.integers(0, len(content) - 1))
    changed = bytearray(content)
    changed[at] ^= 1 << data.draw(st.integers(0, 7))
    try:
        read = read_package(bytes(changed))
    except CannotTell:
        return
    assert {name: member.content for name, member in read.members.items()} == {name: m.content for name, m in read_package(content).members.items()}
