"""An .xlsx file opened with care: what its directory says is checked before anything is unpacked, and its XML is strict.

Only cells, merged ranges and names are read. Nothing in a workbook is ever run, followed or calculated.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from lxml import etree

from ncvr.errors import CannotTell, WorkbookError
from ncvr.files.docx_package import Package, read_package
from ncvr.files.workbook_cells import CellFound, SharedFormulas, SheetFound, cell_found, read_plain_cells, read_plain_strings, spelt_out, unshared
from ncvr.files.workbook_sheet import column_number

RATIO_LIMIT = 200  # unpacked to packed; ordinary sheets stay below 30
RATIO_FROM = 2**20
SHEET_LIMIT = 300
CELL_LIMIT = 2_000_000

_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_SAVE_AGAIN = "Open it in Excel or LibreOffice, save it as .xlsx under a new name, and try again"
_FORBIDDEN = re.compile(rb"<!DOCTYPE|<!ENTITY", re.I)
_UTF8 = re.compile(rb"""\A(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*?(?:encoding\s*=\s*["'](?:utf-8|us-ascii)["'][^>]*)?\?>)?\s*<""", re.I)


@dataclass(slots=True, kw_only=True)
class BookFound:
    """A workbook as the file holds it. ``place`` names the file in messages."""

    place: str
    sheets: list[SheetFound]
    names: dict[str, str]


def open_workbook(content: bytes, place: str) -> BookFound:
    """The sheets of a workbook. Raises WorkbookError for anything that is no plain, undamaged .xlsx file."""
    package = _package(content, place)
    book = _tree(package, "xl/workbook.xml")
    targets = {str(each.get("Id")): str(each.get("Target")) for each in _tree(package, "xl/_rels/workbook.xml.rels").iter(_RELATIONSHIP)}
    strings = _strings(package)
    listed = list(book.iter(f"{_SHEET}sheet"))
    if len(listed) > SHEET_LIMIT:
        _refuse(place, f"the workbook has {len(listed)} sheets; at most {SHEET_LIMIT} are read", "Check that it is the right file")
    sheets = [_sheet(package, str(each.get("name")), targets.get(str(each.get(_ID)), ""), strings) for each in listed]
    names = {str(each.get("name")): each.text or "" for each in book.iter(f"{_SHEET}definedName") if each.get("localSheetId") is None}
    return BookFound(place=place, sheets=sheets, names=names)


def _refuse(place: str, problem: str, remedy: str) -> NoReturn:
    raise WorkbookError(problem, place, remedy)


def _package(content: bytes, place: str) -> Package:
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        _refuse(place, "the workbook has a password, or is in the old .xls format", "Remove the password, or save it as .xlsx, and try again")
    if not content.startswith(b"PK\x03\x04"):
        _refuse(place, "this is not an Excel workbook (.xlsx)", "Give the .xlsx file itself, not a PDF, a CSV or a picture of it")
    _check_ratios(content, place)
    try:
        package = read_package(content, place)
    except CannotTell as error:
        problem = error.problem.replace("a Word file", "an Excel workbook").replace("Word", "Excel")
        raise WorkbookError(problem, error.place, _SAVE_AGAIN) from error
    if any(name.lower().endswith(("vbaproject.bin", ".bin")) and "vba" in name.lower() for name in package.members):
        _refuse(place, "the workbook holds macros", "Save it as a workbook without macros (.xlsx) and try again")
    for needed in ("[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"):
        if needed not in package:
            _refuse(place, f"this is not an Excel workbook: its part {needed} is missing", _SAVE_AGAIN)
    if b"macroEnabled" in package.content("[Content_Types].xml"):
        _refuse(place, "the workbook is of a kind that may hold macros", "Save it as a workbook without macros (.xlsx) and try again")
    return package


def _check_ratios(content: bytes, place: str) -> None:
    """A part that unpacks to hundreds of times its size is no sheet; seen in the directory, before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as listed:
            entries = [(entry.filename, entry.file_size, entry.compress_size) for entry in listed.infolist()]
    except (zipfile.BadZipFile, ValueError, NotImplementedError, UnicodeDecodeError):
        return  # read_package says what is wrong with the directory
    for name, size, packed in entries:
        if size > RATIO_FROM and size > RATIO_LIMIT * max(packed, 1):
            _refuse(f"{place}: {name[:80]}", f"unpacked, this part would be more than {RATIO_LIMIT} times its size", _SAVE_AGAIN)


def _checked(package: Package, name: str) -> bytes:
    content = package.content(name)
    place = f"{package.place}: {name}"
    if not _UTF8.match(content):
        _refuse(place, "this part is not XML in UTF-8", _SAVE_AGAIN)
    if _FORBIDDEN.search(content, 0, 4096):
        _refuse(place, "this part declares a document type, which no workbook does", _SAVE_AGAIN)
    return content


def _tree(package: Package, name: str) -> etree._Element:
    return _parsed(_checked(package, name), f"{package.place}: {name}")


def _parsed(content: bytes, place: str) -> etree._Element:
    try:
        return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False))
    except etree.XMLSyntaxError as error:
        raise WorkbookError("this part is damaged XML", place, _SAVE_AGAIN) from error


def _walk(package: Package, name: str, *tags: str) -> Iterator[etree._Element]:
    """The elements with these tags as they end, each emptied after use, so that a big part needs little memory."""
    content = _checked(package, name)
    try:
        for _, element in etree.iterparse(io.BytesIO(content), tag=tags, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False):
            yield element
            element.clear()
    except etree.XMLSyntaxError as error:
        raise WorkbookError("this part is damaged XML", f"{package.place}: {name}", _SAVE_AGAIN) from error


def _strings(package: Package) -> list[str]:
    name = next((name for name in package.members if name.lower() == "xl/sharedstrings.xml"), None)
    if name is None:
        return []
    quick = read_plain_strings(_checked(package, name))
    return quick if quick is not None else [_text(element) for element in _walk(package, name, f"{_SHEET}si")]


def _text(element: etree._Element) -> str:
    """The text of a string, in all its runs; not how it is read aloud (``rPh``)."""
    own = element.find(f"{_SHEET}t")
    if own is not None and len(element) == 1:
        return spelt_out(own.text or "")
    runs = [part.text or "" for part in element.iter(f"{_SHEET}t") if _above(part) != f"{_SHEET}rPh"]
    return spelt_out("".join(runs))


def _above(element: etree._Element) -> str:
    parent = element.getparent()
    return str(parent.tag) if parent is not None else ""


def _sheet(package: Package, name: str, target: str, strings: list[str]) -> SheetFound:
    part = posixpath.normpath(posixpath.join("xl", target)) if not target.startswith("/") else target[1:]
    place = f"{package.place}: {name}"
    if part not in package:
        _refuse(place, "the sheet is listed but not in the file", _SAVE_AGAIN)
    content = _checked(package, part)
    quick = read_plain_cells(content, strings)
    if quick is None:
        return _any_sheet(package, part, name, strings)
    cells, rest = quick
    merged = [str(each.get("ref")) for each in _parsed(rest, f"{package.place}: {part}").iter(f"{_SHEET}mergeCell")]
    return SheetFound(name=name, cells=_few_enough(cells, place), merged=merged)


def _few_enough(cells: dict[int, dict[int, CellFound]], place: str) -> dict[int, dict[int, CellFound]]:
    if sum(map(len, cells.values())) > CELL_LIMIT:
        _refuse(place, f"the sheet has more than {CELL_LIMIT:,} cells", "Check that it is the right file")
    return cells


def _any_sheet(package: Package, part: str, name: str, strings: list[str]) -> SheetFound:
    """A sheet in any form that XML allows, element by element: five times slower."""
    place = f"{package.place}: {name}"
    sheet, row_tag, merge_tag = SheetFound(name=name), f"{_SHEET}row", f"{_SHEET}mergeCell"
    shared: SharedFormulas = {}
    row = 0
    for element in _walk(package, part, row_tag, merge_tag):
        if element.tag == merge_tag:
            sheet.merged.append(str(element.get("ref")))
            continue
        try:
            row = _next(int(element.get("r", row + 1)), row)
            cells = _row(element, row, strings, shared)
        except (ValueError, IndexError, KeyError) as error:
            raise WorkbookError(f"this sheet cannot be read from row {row} on", place, _SAVE_AGAIN) from error
        if cells:
            sheet.cells[row] = cells
    _few_enough(sheet.cells, place)
    return sheet


_V, _F, _IS = f"{_SHEET}v", f"{_SHEET}f", f"{_SHEET}is"


def _row(element: etree._Element, row: int, strings: list[str], shared: SharedFormulas) -> dict[int, CellFound]:
    found: dict[int, CellFound] = {}
    column = 0
    for cell in element:
        column = _column(cell.get("r"), row, column)
        if not len(cell):
            continue
        kind, text, formula = cell.get("t", "n"), None, None
        for child in cell:
            if child.tag == _V:
                text = child.text
            elif child.tag == _IS:
                text = _text(child)
            elif child.tag == _F:
                formula = _formula(child, row, column, shared)
        if text is not None or formula is not None:
            found[column] = cell_found(kind, text, formula, strings)
    return found


def _column(reference: str | None, row: int, before: int) -> int:
    """A cell's column. ValueError where the cell belongs to another row or stands out of order: readers would disagree about it."""
    if reference is None:
        return before + 1
    found = re.fullmatch("([A-Z]{1,3})([0-9]+)", reference)
    if found is None or int(found[2]) != row:
        raise ValueError(f"{reference!r} is no cell of row {row}")
    return _next(column_number(found[1]), before)


def _next(number: int, before: int) -> int:
    if number <= before:
        raise ValueError(f"{number} after {before}: rows or cells out of order")
    return number


def _formula(element: etree._Element, row: int, column: int, shared: SharedFormulas) -> str:
    number = element.get("si") if element.get("t") == "shared" else None
    return unshared(element.text or "", number, row, column, shared)
