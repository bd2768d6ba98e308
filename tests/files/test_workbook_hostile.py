"""Files made to harm or to confuse: each is refused in words, in little time and memory, before anything is unpacked."""

import contextlib
import io
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable

import pytest

from ncvr.errors import WorkbookError
from ncvr.files import workbook_child
from ncvr.files.workbook_child import open_workbook_apart
from ncvr.files.workbook_package import open_workbook
from tests import editions
from tests.workbooks import plain_study, through_openpyxl, workbook_of

TARIFF = editions.edition(
    staff={"consultant": "120.09", "research_nurse": "42.05"}, items={"ECG": ("53.00", "investigation")}, multipliers={"RGT": "1.08", "RP4": "1.1"}
)
CONTENT = workbook_of(editions.study(plain_study()), TARIFF)
SHEET = "xl/worksheets/sheet2.xml"


def with_part(name: str, content: bytes, *, level: int = 6) -> bytes:
    """The workbook with a part replaced or added."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(CONTENT)) as package, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as written:
        for other in package.namelist():
            if other != name:
                written.writestr(other, package.read(other))
        written.writestr(name, content)
    return made.getvalue()


def part(name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(CONTENT)) as package:
        return package.read(name)


def bomb() -> bytes:
    """A sheet that unpacks to a thousand times its size."""
    return with_part(SHEET, b"<worksheet>" + b" " * 20 * 2**20 + b"</worksheet>", level=9)


def big_bomb() -> bytes:
    return with_part("xl/media/image1.bin", bytes(80 * 2**20), level=9)


def many_parts() -> bytes:
    made = io.BytesIO(CONTENT)
    with zipfile.ZipFile(made, "a") as package:
        for number in range(3_000):
            package.writestr(f"xl/extra/{number}.xml", "<a/>")
    return made.getvalue()


def entities() -> bytes:
    """A billion laughs."""
    bombs = "".join(f'<!ENTITY a{at} "{f"&a{at - 1};" * 10}">' for at in range(1, 10))
    return with_part(SHEET, f'<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE x [<!ENTITY a0 "ha">{bombs}]><worksheet>&a9;</worksheet>'.encode())


def outside_entity() -> bytes:
    text = '<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]><worksheet>&f;</worksheet>'
    return with_part(SHEET, text.encode())


def other_encoding() -> bytes:
    return with_part(SHEET, '<?xml version="1.0" encoding="UTF-16"?><worksheet/>'.encode("utf-16"))


def deep() -> bytes:
    return with_part(SHEET, b"<worksheet>" + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</worksheet>")


def wide() -> bytes:
    """Millions of elements, no one of which looks dangerous."""
    return with_part(SHEET, b"<worksheet><x>" + b"<a b='1'/>" * 2_000_000 + b"</x></worksheet>", level=0)


def twice_named() -> bytes:
    made = io.BytesIO(CONTENT)
    with zipfile.ZipFile(made, "a") as package, pytest.warns(UserWarning, match="Duplicate"):
        package.writestr(SHEET, "<worksheet/>")
    return made.getvalue()


def lying_size() -> bytes:
    """A directory that promises less than a part unpacks to."""
    body = zlib.compress(b"x" * 1_000_000, 9)[2:-4]
    name = b"xl/workbook.xml"
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 8, 0, 0x21, 0, len(body), 10, len(name), 0) + name + body
    central = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 8, 0, 0x21, 0, len(body), 10, len(name), 0, 0, 0, 0, 0, 0) + name
    return local + central + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(central), len(local), 0)


def macros() -> bytes:
    return with_part("xl/vbaProject.bin", b"macro")


def macro_kind() -> bytes:
    return with_part("[Content_Types].xml", part("[Content_Types].xml").replace(b"sheet.main", b"sheet.macroEnabled.main"))


def many_sheets() -> bytes:
    sheets = "".join(f'<sheet name="S{at}" sheetId="{at}" r:id="rId1"/>' for at in range(1, 2_000))
    return with_part("xl/workbook.xml", part("xl/workbook.xml").replace(b"<sheets>", b"<sheets>" + sheets.encode()))


def far_row() -> bytes:
    return with_part(SHEET, part(SHEET).replace(b'<row r="13"', b'<row r="99999999999999999999"', 1))


def strange_cell() -> bytes:
    return with_part(SHEET, part(SHEET).replace(b'<c r="B13"', b'<c r="ZZZZZ13"', 1))


def lost_string() -> bytes:
    return with_part(SHEET, part(SHEET).replace(b"<sheetData>", b'<sheetData><row r="1"><c r="A1" t="s"><v>999999999</v></c></row>', 1))


def lost_share() -> bytes:
    return with_part(SHEET, part(SHEET).replace(b"<sheetData>", b'<sheetData><row r="1"><c r="A1"><f t="shared" si="7"/><v>1</v></c></row>', 1))


def two_of_a_cell() -> bytes:
    """Two values for one cell: one program would show the first, another the second."""
    return with_part(SHEET, part(SHEET).replace(b"<sheetData>", b'<sheetData><row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>', 1))


def two_of_a_row() -> bytes:
    return with_part(SHEET, part(SHEET).replace(b'<row r="14"', b'<row r="13"', 1))


def cell_of_another_row() -> bytes:
    return with_part(SHEET, part(SHEET).replace(b'<c r="B13"', b'<c r="B99"', 1))


HOSTILE: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "text": lambda: b"a,b,c\n1,2,3\n",
    "a pdf": lambda: b"%PDF-1.7 and so on",
    "a password": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5_000),
    "half a file": lambda: CONTENT[: len(CONTENT) // 2],
    "something behind": lambda: CONTENT + b"more",
    "something before": lambda: b"PK\x03\x04" + CONTENT,
    "too big": lambda: b"PK\x03\x04" + bytes(21 * 2**20),
    "no workbook part": lambda: with_part("xl/workbook.xml", b"").replace(b"xl/workbook.xml", b"xl/workbxxk.xml"),
    "broken xml": lambda: with_part(SHEET, b"<worksheet><sheetData><row></worksheet>"),
    "a bomb": bomb,
    "a big bomb": big_bomb,
    "many parts": many_parts,
    "entities": entities,
    "an outside entity": outside_entity,
    "another encoding": other_encoding,
    "deep": deep,
    "two of a name": twice_named,
    "a lying size": lying_size,
    "macros": macros,
    "a kind with macros": macro_kind,
    "many sheets": many_sheets,
    "a strange cell": strange_cell,
    "a lost string": lost_string,
    "two of a cell": two_of_a_cell,
    "two of a row": two_of_a_row,
    "a cell of another row": cell_of_another_row,
    "a lost share": lost_share,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_in_words(name: str) -> None:
    with pytest.raises(WorkbookError) as refused:
        open_workbook_apart(HOSTILE[name](), "W.xlsx")
    for found in refused.value.findings:
        assert found.place.startswith("W.xlsx")
        assert found.problem
        assert found.remedy
        assert "Word" not in str(found)


@pytest.mark.parametrize("name", ["wide", "far row"])
def test_what_is_only_odd_ends_in_an_answer_too(name: str) -> None:
    content = {"wide": wide, "far row": far_row}[name]()
    with contextlib.suppress(WorkbookError):
        assert open_workbook_apart(content, "W.xlsx").sheets


def test_a_process_that_takes_too_much_is_ended_and_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_child, "WAIT", 0)
    with pytest.raises(WorkbookError, match="took longer"):
        open_workbook_apart(CONTENT, "W.xlsx")


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are a thing of Unix")
def test_the_reading_process_has_limits_of_memory_and_time() -> None:
    code = (
        "import resource; from ncvr.files.workbook_child import _limit; _limit(); print(resource.getrlimit(resource.RLIMIT_AS)[0]); x = bytearray(400 * 2**20)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.stdout.strip() == str(workbook_child.MEMORY_LIMIT)
    assert "MemoryError" in ran.stderr


def test_reading_apart_gives_the_same_as_reading_here() -> None:
    for content in (CONTENT, through_openpyxl(CONTENT)):
        assert open_workbook_apart(content, "W.xlsx") == open_workbook(content, "W.xlsx")


def test_bombs_are_seen_before_anything_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    def unpacked(*_: object, **__: object) -> None:
        pytest.fail("something was unpacked")

    contents = [bomb(), big_bomb(), many_parts()]
    monkeypatch.setattr(zlib, "decompressobj", unpacked)
    for content in contents:
        with pytest.raises(WorkbookError):
            open_workbook(content, "W.xlsx")
