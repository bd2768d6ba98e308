"""The zip package of a Word file, read so that no two readers can disagree about it, and written the same way every time.

A word processor repairs what it can: of two members with one name it takes one, of a lying directory it believes one
side. Whatever could be repaired into something else is refused here, before anything is unpacked, with CannotTell.
"""

import struct
import unicodedata
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NoReturn

from ncvr.errors import CannotTell

FILE_LIMIT = 20 * 2**20
MEMBER_LIMIT = 2_000
PART_LIMIT = 24 * 2**20
PACKAGE_LIMIT = 64 * 2**20
CONTENT_TYPES = "[Content_Types].xml"

_STORED, _DEFLATED = 0, 8
_END = struct.Struct("<4s4H2LH")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_NINETEEN_EIGHTY = 0x21  # 1 January 1980, the first day a zip file can name
_ASK_AGAIN = "Ask the sender for the file again, as saved by the word processor or by ncvr"
_ZIP64_EXTRA, _UNICODE_NAME_EXTRA = 0x0001, 0x7075


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One part: its content, and the very bytes that stand in the zip, so that it can be copied untouched."""

    name: str
    content: bytes
    method: int
    crc: int
    compressed: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """The parts of a Word file in the order of the zip. ``place`` names the file in messages."""

    place: str
    members: Mapping[str, Member]

    def __contains__(self, name: str) -> bool:
        return name in self.members

    def content(self, name: str) -> bytes:
        """The content of one part. Raises CannotTell naming a part that isn't there."""
        if name not in self.members:
            _refuse(self.place, f"the part {name} is missing", _ASK_AGAIN)
        return self.members[name].content


def read_package(content: bytes, place: str = "the file") -> Package:
    """The package, every byte of it accounted for. Raises CannotTell for anything ambiguous, damaged, encrypted or too big.

    Sizes are checked from the directory first and enforced again while unpacking.
    """
    _check_kind(content, place)
    entries = _directory(content, place)
    _check_names(entries, place)
    _check_sizes(entries, place)
    _check_every_byte(content, entries, place)
    return Package(place=place, members={entry.name: _member(content, entry, place) for entry in entries if not entry.is_folder})


def write_package(package: Package, changed: Mapping[str, bytes]) -> bytes:
    """The package with the changed parts, as zip bytes; all other members are copied as raw compressed bytes.

    Deterministic: content types first, then the order given, new names last; fixed date, no descriptors, no extra fields.
    """
    names = [*package.members, *(name for name in changed if name not in package.members)]
    ordered = sorted(names, key=lambda name: name != CONTENT_TYPES)
    return _zip_of(compress_member(name, changed[name]) if name in changed else package.members[name] for name in ordered)


def compress_member(name: str, content: bytes) -> Member:
    """A part compressed once, at a fixed level: 3 takes a third of the time of 6 on a long schedule, and a tenth more bytes."""
    squeeze = zlib.compressobj(3, zlib.DEFLATED, -zlib.MAX_WBITS)
    compressed = squeeze.compress(content) + squeeze.flush()
    return Member(name=name, content=content, method=_DEFLATED, crc=zlib.crc32(content), compressed=compressed)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """What the central directory says of one member."""

    name: str
    raw_name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    start: int
    data: int  # where the packed bytes begin, from the local header

    @property
    def is_folder(self) -> bool:
        return self.name.endswith("/")


def _refuse(place: str, problem: str, remedy: str) -> NoReturn:
    raise CannotTell(problem, place, remedy)


def _check_kind(content: bytes, place: str) -> None:
    if content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        _refuse(place, "the file is encrypted, or is in the old .doc format", "Remove the password in Word, or save it as .docx, and try again")
    if len(content) > FILE_LIMIT:
        _refuse(place, f"the file is larger than {FILE_LIMIT // 2**20} MB", "Send the agreement alone, without embedded pictures or attachments")
    if not content.startswith(b"PK\x03\x04"):
        _refuse(place, "this is not a Word file (.docx)", "Give the .docx file of the agreement, not a PDF, a picture or a text file")


def _directory(content: bytes, place: str) -> list[_Entry]:
    """The entries of the central directory, which must end exactly where the end record begins."""
    count, size, start = _end_record(content, place)
    position, limit = start, start + size
    entries: list[_Entry] = []
    for _ in range(count):
        entry, position = _central_entry(content, position, limit, place)
        entries.append(entry)
    if position != limit:
        _refuse(place, "the list of parts at the end of the file has bytes that belong to no part", _ASK_AGAIN)
    return entries


def _end_record(content: bytes, place: str) -> tuple[int, int, int]:
    """(entries, size of the directory, start of the directory)."""
    at = len(content) - _END.size
    if at < 0 or content[at : at + 4] != b"PK\x05\x06":
        _refuse(place, "the file is cut short, or has something added at its end", _ASK_AGAIN)
    _, disk, directory_disk, here, count, size, start, comment = _END.unpack_from(content, at)
    if disk or directory_disk or here != count or comment or count == 0xFFFF or 0xFFFFFFFF in (size, start):
        _refuse(place, "the list of parts at the end of the file is not that of a Word file", _ASK_AGAIN)
    if count > MEMBER_LIMIT:
        _refuse(place, f"the file has {count:,} parts; at most {MEMBER_LIMIT:,} are read", _ASK_AGAIN)
    if start + size != at:
        _refuse(place, "the list of parts is not where the end of the file says it is", _ASK_AGAIN)
    return count, size, start


def _central_entry(content: bytes, position: int, limit: int, place: str) -> tuple[_Entry, int]:
    if position + _CENTRAL.size > limit or content[position : position + 4] != b"PK\x01\x02":
        _refuse(place, "the list of parts is damaged", _ASK_AGAIN)
    header = _CENTRAL.unpack_from(content, position)
    flags, method, crc, packed, size = header[3], header[4], header[7], header[8], header[9]
    name_length, extra_length, comment_length, disk, start = header[10], header[11], header[12], header[13], header[16]
    name_at = position + _CENTRAL.size
    raw_name = content[name_at : name_at + name_length]
    after = name_at + name_length + extra_length + comment_length
    if after > limit or disk:
        _refuse(place, "the list of parts is damaged", _ASK_AGAIN)
    name = _name(raw_name, flags, place)
    _check_way_of_packing(flags, method, f"{place}: {name}")
    _check_extra(content[name_at + name_length : name_at + name_length + extra_length], f"{place}: {name}")
    data = _data_start(content, start, (raw_name, flags, method, crc, packed, size), f"{place}: {name}")
    entry = _Entry(name=name, raw_name=raw_name, flags=flags, method=method, crc=crc, packed=packed, size=size, start=start, data=data)
    return entry, after


def _name(raw: bytes, flags: int, place: str) -> str:
    try:
        name = raw.decode("utf-8" if flags & 0x800 else "ascii")
    except UnicodeDecodeError:
        _refuse(place, f"the name of a part cannot be read ({raw[:40]!r})", _ASK_AGAIN)
    segments = name.rstrip("/").split("/")
    if not name or any(segment in ("", ".", "..") for segment in segments) or any(ord(c) < 32 or c in '\\%:*?"<>|' for c in name):
        _refuse(place, f"the file has a part with a forbidden name ({name[:60]!r})", _ASK_AGAIN)
    if name.lower().endswith(".piece"):
        _refuse(place, f"the part {name[:60]} is stored in pieces", _ASK_AGAIN)
    return name


def _check_way_of_packing(flags: int, method: int, place: str) -> None:
    if flags & 0x2041:  # bits 0, 6 and 13: encryption in its three forms
        _refuse(place, "this part is encrypted", "Remove the password in Word, save the file and try again")
    if method not in (_STORED, _DEFLATED):
        _refuse(place, f"this part is packed in a way Word does not use (method {method})", _ASK_AGAIN)


def _check_extra(extra: bytes, place: str) -> None:
    """Extra fields may hold times and padding; a second name or second sizes would be a second truth."""
    position = 0
    while position + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, position)
        if kind in (_ZIP64_EXTRA, _UNICODE_NAME_EXTRA):
            _refuse(place, "this part has two names or two sizes", _ASK_AGAIN)
        position += 4 + length


def _data_start(content: bytes, start: int, said: tuple[bytes, int, int, int, int, int], place: str) -> int:
    """Where the packed bytes begin; the local header must say what the directory says."""
    if start + _LOCAL.size > len(content) or content[start : start + 4] != b"PK\x03\x04":
        _refuse(place, "the list of parts points to a place where no part begins", _ASK_AGAIN)
    header = _LOCAL.unpack_from(content, start)
    raw_name, flags, method, crc, packed, size = said
    name_at = start + _LOCAL.size
    here = (content[name_at : name_at + header[9]], header[2], header[3])
    sizes = header[6:9]
    later = flags & 0x08 and sizes == (0, 0, 0)  # bit 3: the sizes follow the data
    if here != (raw_name, flags, method) or not (later or sizes == (crc, packed, size)):
        _refuse(place, "the file says two different things about this part", _ASK_AGAIN)
    _check_extra(content[name_at + header[9] : name_at + header[9] + header[10]], place)
    return name_at + int(header[9]) + int(header[10])


def _check_names(entries: Iterable[_Entry], place: str) -> None:
    seen: dict[str, str] = {}
    for entry in entries:
        folded = unicodedata.normalize("NFKC", entry.name.rstrip("/")).casefold()
        if folded in seen:
            _refuse(place, f"two parts share one name ({seen[folded]} and {entry.name}), and readers differ on which one counts", _ASK_AGAIN)
        seen[folded] = entry.name
        if entry.is_folder and (entry.size or entry.packed):
            _refuse(place, f"the folder entry {entry.name} holds data", _ASK_AGAIN)


def _check_sizes(entries: Iterable[_Entry], place: str) -> None:
    total = 0
    for entry in entries:
        total += entry.size
        if entry.size > PART_LIMIT or total > PACKAGE_LIMIT:
            limit = PART_LIMIT if entry.size > PART_LIMIT else PACKAGE_LIMIT
            _refuse(f"{place}: {entry.name}", f"unpacked, the file would pass the limit of {limit // 2**20} MB", _ASK_AGAIN)


def _check_every_byte(content: bytes, entries: Iterable[_Entry], place: str) -> None:
    """Members follow each other from the first byte to the directory, with nothing between and nothing shared."""
    expected = 0
    for entry in sorted(entries, key=lambda entry: entry.start):
        if entry.start != expected:
            _refuse(f"{place}: {entry.name}", "parts overlap, or bytes lie between them that belong to no part", _ASK_AGAIN)
        expected = entry.data + entry.packed
        if entry.flags & 0x08:
            expected += _descriptor_length(content, entry, place)
    if content[expected : expected + 4] not in (b"PK\x01\x02", b"PK\x05\x06") or expected != _END.unpack_from(content, len(content) - _END.size)[6]:
        _refuse(place, "bytes lie between the last part and the list of parts", _ASK_AGAIN)


def _descriptor_length(content: bytes, entry: _Entry, place: str) -> int:
    said = struct.pack("<3L", entry.crc, entry.packed, entry.size)
    at = entry.data + entry.packed
    if content[at : at + 16] == b"PK\x07\x08" + said:
        return 16
    if content[at : at + 12] == said:
        return 12
    _refuse(f"{place}: {entry.name}", "the file says two different things about the size of this part", _ASK_AGAIN)


def _member(content: bytes, entry: _Entry, place: str) -> Member:
    packed = content[entry.data : entry.data + entry.packed]
    plain = packed if entry.method == _STORED else _inflate(packed, entry, place)
    if len(plain) != entry.size or zlib.crc32(plain) != entry.crc:
        _refuse(f"{place}: {entry.name}", "this part is damaged: its checksum or its size is wrong", _ASK_AGAIN)
    return Member(name=entry.name, content=plain, method=entry.method, crc=entry.crc, compressed=packed)


def _inflate(packed: bytes, entry: _Entry, place: str) -> bytes:
    """Unpacked to at most one byte more than declared, so a lying size costs nothing."""
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        plain = engine.decompress(packed, entry.size + 1)
    except zlib.error:
        _refuse(f"{place}: {entry.name}", "this part is damaged and cannot be unpacked", _ASK_AGAIN)
    if not engine.eof or engine.unused_data:
        _refuse(f"{place}: {entry.name}", "this part is damaged: it is longer or shorter than the file says", _ASK_AGAIN)
    return plain


def _zip_of(members: Iterable[Member]) -> bytes:
    body, directory, count = bytearray(), bytearray(), 0
    for member in members:
        name = member.name.encode("utf-8")
        flags = 0 if member.name.isascii() else 0x800
        said = (20, flags, member.method, 0, _NINETEEN_EIGHTY, member.crc, len(member.compressed), len(member.content), len(name), 0)
        directory += _CENTRAL.pack(b"PK\x01\x02", 20, *said, 0, 0, 0, 0, len(body)) + name
        body += _LOCAL.pack(b"PK\x03\x04", *said) + name + member.compressed
        count += 1
    return bytes(body + directory + _END.pack(b"PK\x05\x06", 0, 0, count, count, len(directory), len(body), 0))
