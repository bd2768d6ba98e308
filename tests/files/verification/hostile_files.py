"""Files made to hurt whoever opens them, by name. Each must be refused, quickly and in little memory."""

import struct
import zlib
from collections.abc import Callable, Iterator

from tests.contract_fixtures import Filling, filled, package, zipped

MAKERS: dict[str, Callable[[], bytes]] = {}
DOCUMENT = "word/document.xml"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def hostile(maker: Callable[[], bytes]) -> Callable[[], bytes]:
    MAKERS[maker.__name__] = maker
    return maker


def raw_zip(members: list[tuple[bytes, bytes, dict[str, int]]], *, between: bytes = b"", end: bytes = b"", start: bytes = b"") -> bytes:
    """A zip in which every number may lie: members are (name, content, what is said of it otherwise)."""
    body, directory = bytearray(start), bytearray()
    for name, content, lies in members:
        packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        packed = packer.compress(content) + packer.flush()
        flags, method, crc = lies.get("flags", 0), lies.get("method", 8), lies.get("crc", zlib.crc32(content))
        size = lies.get("size", len(content))
        local_name = name.swapcase() if lies.get("local name") else name
        at = lies.get("at", len(body))
        body += struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, flags, method, 0, 33, crc, len(packed), size, len(name), 0) + local_name + packed + between
        directory += struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, flags, method, 0, 33, crc, len(packed), size, len(name), 0, 0, 0, 0, 0, at) + name
    count = min(len(members), 0xFFFF)
    return bytes(body + directory + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(directory), len(body), 0)) + end


def members(**lies: int) -> list[tuple[bytes, bytes, dict[str, int]]]:
    """The true parts, with lies about the document."""
    return [
        (name.encode(), content.encode() if isinstance(content, str) else content, lies if name == DOCUMENT else {})
        for name, content in package(Filling()).items()
    ]


def with_document(text: str | bytes) -> bytes:
    return zipped({**package(Filling()), DOCUMENT: text})


def body(inner: str, before: str = "") -> str:
    return f"{before}<w:document {W}><w:body>{inner}</w:body></w:document>"


@hostile
def bomb_whose_size_is_declared() -> bytes:
    return raw_zip([*members(), (b"word/media/a.bin", bytes(1000), {"size": 2**30})])


@hostile
def bomb_whose_size_lies() -> bytes:
    return raw_zip([*members(), (b"word/media/a.bin", bytes(200 * 2**20), {"size": 100})])


@hostile
def bomb_in_the_document() -> bytes:
    return raw_zip([(name, bytes(23 * 2**20) if name == DOCUMENT.encode() else content, lies) for name, content, lies in members()])


@hostile
def many_big_parts() -> bytes:
    return raw_zip([*members(), *((f"word/media/{at}.bin".encode(), b"", {"size": 5 * 2**20}) for at in range(200))])


@hostile
def a_part_of_thirty_megabytes() -> bytes:
    return raw_zip([*members(), (b"word/media/a.bin", bytes(30 * 2**20), {})])


@hostile
def millions_of_empty_elements() -> bytes:
    return with_document(body("<w:p/>" * 3_900_000))


@hostile
def a_million_attributes() -> bytes:
    return with_document(body("".join(f'<w:p w:a{at}="1"/>' for at in range(500_000))))


@hostile
def ten_thousand_levels() -> bytes:
    return with_document(body("<w:smartTag>" * 10_000 + "</w:smartTag>" * 10_000))


@hostile
def eighty_tables_in_each_other() -> bytes:
    return with_document(body("<w:tbl><w:tr><w:tc>" * 80 + "<w:p/>" + "</w:tc></w:tr></w:tbl>" * 80))


@hostile
def controls_in_each_other() -> bytes:
    return with_document(body("<w:sdt><w:sdtContent>" * 100 + "<w:p/>" + "</w:sdtContent></w:sdt>" * 100))


@hostile
def a_billion_laughs() -> bytes:
    entities = "".join(f'<!ENTITY a{at} "{f"&a{at - 1};" * 10 if at else "lol"}">' for at in range(10))
    return with_document(body("<w:p><w:r><w:t>&a9;</w:t></w:r></w:p>", f"<!DOCTYPE w [{entities}]>"))


@hostile
def one_long_entity_many_times() -> bytes:
    return with_document(body(f"<w:p><w:r><w:t>{'&a;' * 20_000}</w:t></w:r></w:p>", f'<!DOCTYPE w [<!ENTITY a "{"x" * 20_000}">]>'))


@hostile
def an_entity_from_outside() -> bytes:
    return with_document(body("<w:p><w:r><w:t>&a;</w:t></w:r></w:p>", '<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/hostname">]>'))


@hostile
def a_definition_from_outside() -> bytes:
    return with_document(body("<w:p/>", '<!DOCTYPE w SYSTEM "http://127.0.0.1:9/x.dtd">'))


@hostile
def fifty_thousand_members() -> bytes:
    return raw_zip([*members(), *((f"x/{at}".encode(), b"", {}) for at in range(50_000))])


@hostile
def two_documents() -> bytes:
    return raw_zip([*members(), (DOCUMENT.encode(), b"<other/>", {})])


@hostile
def two_documents_in_other_letters() -> bytes:
    return raw_zip([*members(), (b"WORD/Document.xml", b"<other/>", {})])


@hostile
def two_names_for_one_part() -> bytes:
    return raw_zip(members(**{"local name": 1}))


@hostile
def a_name_in_full_width_letters() -> bytes:
    return zipped({**package(Filling()), "word/ｄocument.xml": "<x/>"})


@hostile
def parts_that_overlap() -> bytes:
    listed = members()
    return raw_zip([listed[0], (b"word/again.xml", listed[0][1], {"at": 0}), *listed[1:]])


@hostile
def bytes_between_parts() -> bytes:
    return raw_zip(members(), between=b"hidden")


@hostile
def bytes_before_the_first_part() -> bytes:
    return raw_zip(members(), start=b"#!/bin/sh\n")


@hostile
def bytes_after_the_end() -> bytes:
    return raw_zip(members(), end=b"more")


@hostile
def cut_short() -> bytes:
    return filled(Filling())[:-700]


@hostile
def cut_in_the_middle() -> bytes:
    return filled(Filling())[:5000]


@hostile
def a_wrong_checksum() -> bytes:
    return raw_zip(members(crc=1))


@hostile
def a_size_that_is_too_small() -> bytes:
    return raw_zip(members(size=50))


@hostile
def an_encrypted_member() -> bytes:
    return raw_zip(members(flags=1))


@hostile
def strong_encryption() -> bytes:
    return raw_zip(members(flags=0x40))


@hostile
def an_unknown_packing() -> bytes:
    return raw_zip(members(method=12))


@hostile
def an_encrypted_office_file() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096)


@hostile
def a_path_out_of_the_file() -> bytes:
    return zipped({**package(Filling()), "../../evil.xml": "<x/>"})


@hostile
def an_absolute_path() -> bytes:
    return zipped({**package(Filling()), "/etc/passwd": "<x/>"})


@hostile
def a_path_with_backslashes() -> bytes:
    return zipped({**package(Filling()), "word\\evil.xml": "<x/>"})


@hostile
def an_escaped_name() -> bytes:
    return zipped({**package(Filling()), "word/doc%75ment.xml": "<x/>"})


@hostile
def a_part_in_pieces() -> bytes:
    return zipped({**package(Filling()), "word/document.xml/[0].piece": "<x/>"})


@hostile
def utf_16() -> bytes:
    text = package(Filling())[DOCUMENT].replace('encoding="UTF-8"', 'encoding="UTF-16"')
    return with_document(text.encode("utf-16"))


@hostile
def an_old_encoding() -> bytes:
    return with_document(package(Filling())[DOCUMENT].replace('encoding="UTF-8"', 'encoding="ISO-8859-1"').encode("latin-1", "replace"))


@hostile
def a_null_in_the_text() -> bytes:
    return with_document(package(Filling())[DOCUMENT].replace("Contents", "Con\x00tents"))


@hostile
def broken_xml() -> bytes:
    return with_document(package(Filling())[DOCUMENT][:-40])


@hostile
def an_undeclared_prefix() -> bytes:
    return with_document(package(Filling())[DOCUMENT].replace("</w:body>", "<zz:x/></w:body>"))


@hostile
def a_processing_instruction() -> bytes:
    return with_document(package(Filling())[DOCUMENT].replace("<w:body>", "<?do something?><w:body>"))


@hostile
def no_content_types() -> bytes:
    return zipped({name: content for name, content in package(Filling()).items() if name != "[Content_Types].xml"})


@hostile
def no_document() -> bytes:
    return zipped({name: content for name, content in package(Filling()).items() if name != DOCUMENT})


@hostile
def two_main_documents() -> bytes:
    parts = package(Filling())
    arrow = '<Relationship Id="rId9" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/other.xml"/>'
    return zipped({**parts, "_rels/.rels": parts["_rels/.rels"].replace("</Relationships>", f"{arrow}</Relationships>"), "word/other.xml": parts[DOCUMENT]})


@hostile
def two_types_for_one_part() -> bytes:
    parts = package(Filling())
    entry = '<Override PartName="/word/document.xml" ContentType="application/xml"/>'
    return zipped({**parts, "[Content_Types].xml": parts["[Content_Types].xml"].replace("</Types>", f"{entry}</Types>")})


@hostile
def two_relationships_with_one_id() -> bytes:
    parts = package(Filling())
    return zipped({**parts, "_rels/.rels": parts["_rels/.rels"].replace('Id="rId2"', 'Id="rId1"')})


def _typed(kind: str) -> bytes:
    parts = package(Filling())
    return zipped({**parts, "[Content_Types].xml": parts["[Content_Types].xml"].replace("wordprocessingml.document.main+xml", kind)})


@hostile
def a_template_file() -> bytes:
    return _typed("wordprocessingml.template.main+xml")


@hostile
def a_macro_file() -> bytes:
    parts = package(Filling())
    types = parts["[Content_Types].xml"].replace(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml", "application/vnd.ms-word.document.macroEnabled.main+xml"
    )
    return zipped({**parts, "[Content_Types].xml": types})


@hostile
def a_macro_project() -> bytes:
    return zipped({**package(Filling()), "word/vbaProject.bin": b"\xd0\xcf\x11\xe0"})


@hostile
def the_strict_format() -> bytes:
    parts = package(Filling())
    return zipped(
        {**parts, "_rels/.rels": parts["_rels/.rels"].replace("schemas.openxmlformats.org/officeDocument/2006", "purl.oclc.org/ooxml/officeDocument")}
    )


@hostile
def more_runs_than_any_agreement() -> bytes:
    return with_document(body("<w:p>" + "<w:r><w:t>x</w:t></w:r>" * 65_000 + "</w:p>"))


@hostile
def fields_that_never_end() -> bytes:
    return with_document(body("<w:p>" + '<w:r><w:fldChar w:fldCharType="begin"/></w:r>' * 30_000 + "</w:p>"))


@hostile
def one_enormous_paragraph() -> bytes:
    return with_document(body(f"<w:p><w:r><w:t>{'a ' * 5_000_000}</w:t></w:r></w:p>"))


@hostile
def styles_based_on_each_other() -> bytes:
    chain = "".join(f'<w:style w:type="paragraph" w:styleId="s{at}"><w:basedOn w:val="s{(at + 1) % 3000}"/></w:style>' for at in range(3000))
    return zipped(
        {
            **package(Filling()),
            DOCUMENT: body('<w:p><w:pPr><w:pStyle w:val="s0"/></w:pPr></w:p>' * 2000),
            "word/styles.xml": f"<w:styles {W}>{chain}</w:styles>",
        }
    )


@hostile
def a_text_file() -> bytes:
    return b"This is no contract."


@hostile
def an_empty_file() -> bytes:
    return b""


@hostile
def a_portable_document() -> bytes:
    return b"%PDF-1.7\n" + bytes(2000)


@hostile
def an_empty_archive() -> bytes:
    return struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0, 0, 0, 0, 0)


@hostile
def twenty_one_megabytes() -> bytes:
    return b"PK\x03\x04" + bytes(21 * 2**20)


@hostile
def another_document_altogether() -> bytes:
    return with_document(body("".join(f"<w:p><w:r><w:t>A letter about something else, line {at}.</w:t></w:r></w:p>" for at in range(50))))


def made() -> Iterator[tuple[str, bytes]]:
    for name, maker in MAKERS.items():
        yield name, maker()
