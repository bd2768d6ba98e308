"""CSV tables as RFC 4180 has them: UTF-8, a header we know, and every problem with its file and line."""

import csv
import io
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from ncvr.domain.tariff import near
from ncvr.domain.written_values import day_of
from ncvr.errors import Finding
from ncvr.money import exact

CODE = re.compile(r"[A-Z0-9]{3,10}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(slots=True)
class Cells:
    """One row. Each reading method gives the cell's value, or notes a finding and gives a stand-in; then ``sound`` is False."""

    path: Path
    line: int
    values: Mapping[str, str]
    findings: list[Finding]
    sound: bool = field(default=True, init=False)

    @property
    def place(self) -> str:
        """File name and line, as prices cite them: ``staff_rates.csv:7``."""
        return f"{self.path.name}:{self.line}"

    def wrong(self, problem: str, remedy: str) -> None:
        """Note a finding on this row."""
        self.sound = False
        self.findings.append(Finding(f"{self.path}:{self.line}", problem, remedy))

    def text(self, column: str) -> str:
        """Text that must be there."""
        value = self.values[column]
        if not value:
            self.wrong(f"{column} is empty", "Say where the figure comes from" if column == "source" else f"Fill in {column}")
        return value

    def one_of(self, column: str, choices: Collection[str]) -> str:
        """One of the words known here."""
        value = self.values[column]
        if value not in choices:
            self.wrong(f"{column} {value!r} is not known here" if value else f"{column} is empty", f"Use one of: {', '.join(choices)}")
        return value

    def code(self, column: str) -> str:
        """An organisation code, trimmed and in capitals."""
        value = self.values[column].upper()
        if not CODE.fullmatch(value):
            self.wrong(f"{column} {value!r} is not an organisation code", "Use three to ten letters and digits, such as RGT")
        return value

    def number(self, column: str, *, above_zero: bool = False) -> Decimal:
        """A figure exactly as written; never below zero. An empty cell is a finding: missing is not zero."""
        value = self.values[column]
        if not value:
            self.wrong(f"{column} is empty", "Write the figure; zero is written as 0")
            return Decimal(0)
        try:
            number = exact(value)
        except ValueError as error:
            self.wrong(f"{column} {error}", "Write digits and at most one point: no exponent, comma, space or currency sign")
            return Decimal(0)
        if number < 0 or (above_zero and number == 0):
            self.wrong(f"{column} is {value}", f"Give a number {'above zero' if above_zero else 'of zero or more'}")
        return number

    def whole(self, column: str, largest: int) -> int:
        """A whole number from 1 to ``largest``; an empty cell means 1."""
        value = self.values[column] or "1"
        if not (value.isascii() and value.isdigit() and len(value) <= len(str(largest)) and 1 <= int(value) <= largest):
            self.wrong(f"{column} {value!r} is not a whole number from 1 to {largest:,}", "Write digits only")
            return 1
        return int(value)

    def day(self, column: str) -> date | None:
        """A day such as 2026-04-01, or None if the cell is empty."""
        value = self.values[column]
        try:
            return day_of(value) if value else None
        except ValueError:
            self.wrong(f"{column} {value!r} is not a date", "Write it as 2026-04-01")
            return None


def read_table(path: Path, columns: Sequence[str], findings: list[Finding]) -> Iterator[Cells]:
    """The rows of a CSV file whose header is exactly ``columns``, in any order. What is wrong is added to ``findings``.

    A file that cannot be read, is not UTF-8, or has another header gives no rows. A row of the wrong width is left out.
    """
    content = read_text(path, findings)
    if content is None:
        return
    reader = csv.reader(io.StringIO(content, newline=""), strict=True)
    start = 1
    try:
        header = [name.strip() for name in next(reader, [])]
        if not _header_is(header, path, columns, findings):
            return
        start = reader.line_num + 1
        for row in reader:
            if len(row) == len(columns):
                yield Cells(path, start, dict(zip(header, map(_cell, row), strict=True)), findings)
            else:
                findings.append(_width(path, start, row, columns))
            start = reader.line_num + 1
    except csv.Error as error:
        findings.append(
            Finding(f"{path}:{start}", f"this is not CSV ({error})", 'Put a text with a comma, quote or line break in quotes, and write a quote as ""')
        )


def read_text(path: Path, findings: list[Finding]) -> str | None:
    """The file as text in NFC, or None with a finding."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        remedy = "Add it, with its header line even if it has no rows" if path.suffix == ".csv" else "Add it"
        findings.append(Finding(f"{path}:1", "the file is missing", remedy))
        return None
    except OSError as error:
        findings.append(Finding(f"{path}:1", f"cannot be read ({error.strerror})", "Check its permissions"))
        return None
    if content.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        findings.append(Finding(f"{path}:1", "the file begins with a byte order mark", "Save it as plain UTF-8, without a byte order mark"))
        return None
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        findings.append(Finding(f"{path}:{line}", "this line is not UTF-8 text", "Save the file as UTF-8"))
        return None
    control = _CONTROL.search(text)
    if control:
        line = text.count("\n", 0, control.start()) + 1
        findings.append(Finding(f"{path}:{line}", f"the line holds a control character (U+{ord(control[0]):04X})", "Remove it; it cannot be seen but is there"))
        return None
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _cell(value: str) -> str:
    """Trimmed; and without the apostrophe that keeps a spreadsheet from reading text as a formula."""
    value = value.strip()
    return value[1:] if value[:1] == "'" and value[1:2] in ("=", "+", "-", "@") else value


def inert(text: str) -> str:
    """Text that a spreadsheet would take for a formula, with the apostrophe that keeps it text; reading takes it off again.

    >>> inert("=1+1"), inert("Leeds")
    ("'=1+1", 'Leeds')
    """
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _header_is(header: Sequence[str], path: Path, columns: Sequence[str], findings: list[Finding]) -> bool:
    place, remedy = f"{path}:1", f"The header is: {','.join(columns)}"
    unknown = [name for name in header if name not in columns]
    problems = [f"unknown column {name!r}{near(name, columns)}" for name in unknown]
    problems += [f"column {name!r} is missing" for name in columns if name not in header]
    problems += [f"column {name!r} stands twice" for name in columns if header.count(name) > 1]
    findings.extend(Finding(place, problem, remedy) for problem in problems)
    return not problems


def _width(path: Path, line: int, row: Sequence[str], columns: Sequence[str]) -> Finding:
    if not row:
        return Finding(f"{path}:{line}", "the line is empty", "Remove it")
    return Finding(f"{path}:{line}", f"the row has {len(row)} columns, not {len(columns)}", "Check its commas: a text that holds a comma stands in quotes")
