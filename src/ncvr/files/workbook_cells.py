"""Cells as a workbook's file holds them, and the quick way to read them.

Programs write cells in one plain shape. Where every byte of a sheet's data has that shape, it is read by one pattern,
five times as fast as element by element; where anything else stands there, ``read_plain_cells`` gives None and the
slow way decides. Both give the same cells, which is a law in the tests.
"""

import gc
import re
from dataclasses import dataclass, field
from typing import NamedTuple

from ncvr.files.workbook_formula_text import moved
from ncvr.files.workbook_sheet import column_number


class CellFound(NamedTuple):
    """A cell as the file holds it. ``kind``: ``s`` text, ``n`` number, ``b`` true or false, ``e`` error, ``""`` no value."""

    kind: str
    text: str
    formula: str | None = None


Cells = dict[int, dict[int, CellFound]]
SharedFormulas = dict[str, tuple[int, int, str]]
NOTHING = CellFound("", "")


@dataclass(slots=True, kw_only=True)
class SheetFound:
    """A sheet's cells by row and column, both counted from 1, and its merged ranges."""

    name: str
    cells: Cells = field(default_factory=dict)
    merged: list[str] = field(default_factory=list)

    def cell(self, row: int, column: int) -> CellFound:
        return self.cells.get(row, {}).get(column, NOTHING)


_KINDS = {"inlineStr": "s", "str": "s", "d": "s", "": "n"}
_SPELT = re.compile(r"_x([0-9A-Fa-f]{4})_")


def cell_found(kind: str, text: str | None, formula: str | None, strings: list[str]) -> CellFound:
    """A cell from what its element says. Raises IndexError or ValueError where it names a string that isn't there."""
    if kind == "s":
        number = int(text or "")
        if number < 0:
            raise IndexError(number)
        return CellFound("s", strings[number], formula)
    if text is None:
        return CellFound("", "", formula)
    return CellFound(_KINDS.get(kind, kind), spelt_out(text) if kind == "str" else text, formula)


def spelt_out(text: str) -> str:
    """Text with the format's own spelling of special characters undone: ``_x000D_`` is a carriage return."""
    return _SPELT.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def unshared(text: str, number: str | None, row: int, column: int, shared: SharedFormulas) -> str:
    """A formula's text; one that is shared by many cells stands only in the first of them. KeyError where there is no first."""
    if number is None:
        return text
    if text:
        shared[number] = (row, column, text)
        return text
    first_row, first_column, first = shared[number]
    return moved(first, row - first_row, column - first_column)


_STRINGS = re.compile(rb"<sst[^>]*>(.*)</sst>", re.S)
_DATA = re.compile(rb"<sheetData>(.*)</sheetData>", re.S)
_TEXT = "([^<\x00-\x08\x0b-\x1f\ufffe\uffff]*)"  # a carriage return is spelt in another way, so a bare one is left to the slow way
_ROW = re.compile(r'<row r="([0-9]+)"(?: [A-Za-z:0-9]+="[^"<&]*")*( ?/)?>')
_CELL = re.compile(
    r'<c r="([A-Z]{1,3})([0-9]+)"(?: s="[0-9]+")?(?: t="([A-Za-z]+)")?(?: ?/>|>'
    r'(?:<f((?: [A-Za-z]+="[^"<&]*")*)(?: ?/>|>' + _TEXT + r"</f>))?"
    r"(?:<v>" + _TEXT + r'</v>|<v ?/>|<is><t(?: xml:space="preserve")?>' + _TEXT + r"</t></is>)?</c>)"
)
_STRING = re.compile(r'<si><t(?: xml:space="preserve")?(?: ?/>|>' + _TEXT + r"</t>)</si>\s*")
_ENTITY = re.compile(r"&(?:(amp|lt|gt|quot|apos)|#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6}));|&")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_SHARED = re.compile(r'(?=.* t="shared").* si="([0-9]+)"')


def read_plain_strings(content: bytes) -> list[str] | None:
    """The shared strings where each is one plain text; None where any has runs, or is anything else."""
    data = _STRINGS.search(content)
    text = data[1].decode("utf-8", "replace") if data is not None else "<"
    strings: list[str] = []
    at = 0
    while (piece := _STRING.match(text, at)) is not None:
        at = piece.end()
        told = piece[1] or ""
        try:
            strings.append(spelt_out(_plain(told)) if "&" in told or "_x" in told else told)
        except ValueError:
            return None
    return strings if at == len(text) and "]]>" not in text and "\ufffd" not in text else None


def read_plain_cells(content: bytes, strings: list[str]) -> tuple[Cells, bytes] | None:
    """The cells of a sheet in the plain shape, and the rest of its XML; None where the shape is not plain in every byte."""
    data = _DATA.search(content)
    if data is None or content.count(b"<sheetData") != 1:
        return None
    collecting = gc.isenabled()
    gc.disable()  # no cycles are made here, and the collector would walk over every cell again and again
    try:
        cells = _cells(data[1].decode("utf-8"), strings)
    except (ValueError, IndexError, KeyError):
        return None
    finally:
        if collecting:
            gc.enable()
    return None if cells is None else (cells, content[: data.start()] + b"<sheetData/>" + content[data.end() :])


def _cells(text: str, strings: list[str]) -> Cells | None:
    """One pass over rows and cells that must follow each other without a gap."""
    if "]]>" in text:
        return None
    cells: Cells = {}
    shared: SharedFormulas = {}
    columns: dict[str, int] = {}
    numbered = {str(number): string for number, string in enumerate(strings)}
    at, above = 0, 0
    while (opened := _ROW.match(text, at)) is not None:
        at, row = opened.end(), int(opened[1])
        if row <= above:
            return None
        above = row
        if opened[2] is not None:
            continue
        here, at = _row_cells(text, at, opened[1], columns, strings, numbered, shared)
        if not text.startswith("</row>", at):
            return None
        at += 6
        if here:
            cells[row] = here
    return cells if at == len(text) else None


def _row_cells(
    text: str, at: int, row: str, columns: dict[str, int], strings: list[str], numbered: dict[str, str], shared: SharedFormulas
) -> tuple[dict[int, CellFound], int]:
    """The cells of a row that begin at a place, and the place where they end. ValueError for cells out of order."""
    here: dict[int, CellFound] = {}
    before = 0
    made, match = tuple.__new__, _CELL.match
    while (piece := match(text, at)) is not None:
        at = piece.end()
        name, number, kind, about, formula, value, inline = piece.groups()
        told = (value or None) if inline is None else inline
        if told is None and about is None:
            continue
        column = columns.get(name) or columns.setdefault(name, column_number(name))
        if number != row or column <= before:
            raise ValueError("cells of two rows, or out of order, in one row")
        before = column
        if told is not None and ("&" in told or "_x" in told):
            told = _plain(told) if inline is None else spelt_out(_plain(told))
        if about is not None:
            here[column] = cell_found(kind or "", told, unshared(_plain(formula or ""), _share(about), int(row), column, shared), strings)
        elif kind is None or kind == "n":
            here[column] = made(CellFound, ("n", told, None))
        elif kind == "s" and told in numbered:
            here[column] = made(CellFound, ("s", numbered[told], None))
        else:
            here[column] = made(CellFound, ("s", told, None)) if inline is not None else cell_found(kind, told, None, strings)
    return here, at


def _share(about: str) -> str | None:
    found = _SHARED.match(about)
    return found[1] if found else None


def _plain(text: str) -> str:
    """Text with its entities put in. ValueError for one that XML does not know."""
    return _ENTITY.sub(_character, text) if "&" in text else text


def _character(found: re.Match[str]) -> str:
    name, decimal, hexadecimal = found.groups()
    if name is not None:
        return _ENTITIES[name]
    if decimal is None and hexadecimal is None:
        raise ValueError("an ampersand that begins nothing")
    code = int(decimal) if decimal is not None else int(hexadecimal, 16)
    if code in (9, 10, 13) or 32 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000:
        return chr(code)
    raise ValueError("a character that XML does not allow")
