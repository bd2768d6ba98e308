"""The values of one contract as they will be printed: found by source, checked against type and bounds, all findings at once."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from ncvr.domain.appendix_rows import NOTHING_STATED, Fact, Row
from ncvr.errors import Finding
from ncvr.files.template_decisions import supplied_by
from ncvr.files.template_profile import Column, FieldProfile, ScheduleTable, ValueType

_MONEY = re.compile(r"£[0-9]{1,3}(,[0-9]{3})*(\.[0-9]{2})?")
_DATE = re.compile(r"(0?[1-9]|[12][0-9]|3[01]) (January|February|March|April|May|June|July|August|September|October|November|December) [0-9]{4}")
_INTEGER = re.compile(r"[0-9]+")
_GRAMMARS: Mapping[ValueType, tuple[re.Pattern[str], str]] = {
    "money": (_MONEY, "an amount such as £1,234.56"),
    "date": (_DATE, "a date such as 1 April 2026"),
    "integer": (_INTEGER, "a whole number"),
}
_HOME = {
    "details": "Give it in the details file, under common for all sites or under sites for this one",
    "study": "Give it in the study file",
    "site": "Give it in the details file, or for this site in the study file",
    "price": "Price the site with a complete tariff edition",
    "arm": "Give it in the study file",
}


def field_value(field: FieldProfile, facts: Mapping[str, Fact], findings: list[Finding], site: str) -> str:
    """The text to print for a field; what is missing or does not fit is added to ``findings`` and comes back empty."""
    source = field.source or ""
    told = facts.get(source)
    if told is None:
        if field.when_absent is None:
            room = source.partition(".")[0]
            findings.append(Finding(f"{site}: {supplied_by(source)}", f"{field.words} is missing", _HOME.get(room, "Give it")))
        return field.when_absent or ""
    if field.type == "choice":
        return _option(field, told, findings, site)
    text = "\n".join(told) if isinstance(told, tuple) else {True: "Yes", False: "No"}[told] if isinstance(told, bool) else told
    findings += [Finding(f"{site}: {supplied_by(source)}", f"{field.words} {said}", remedy) for said, remedy in unfit(text, field.type, field.max_length)]
    return text


def _option(field: FieldProfile, told: Fact, findings: list[Finding], site: str) -> str:
    for option in field.options:
        if told == option.value or (isinstance(told, bool) and option.value == str(told).lower()):
            return option.text
    allowed = ", ".join(option.value for option in field.options)
    findings.append(Finding(f"{site}: {supplied_by(field.source or '')}", f"{told!r} is not one of the answers for: {field.words}", f"Use one of: {allowed}"))
    return ""


def table_rows(table: ScheduleTable, rows: Sequence[Row], findings: list[Finding], site: str) -> list[list[str]]:
    """The cells of every row in the table's order of columns; without rows, one that says so."""
    if not rows:
        return [[table.when_empty, *[NOTHING_STATED] * (len(table.columns) - 1)]]
    if len(rows) > table.max_rows:
        findings.append(Finding(f"{site}: {table.words}", f"{len(rows):,} rows; the template takes {table.max_rows:,}", "Split the study"))
    keys = [column.key for column in table.columns]
    printed = [[row[key] for key in keys] for row in rows]
    for column, cells in zip(table.columns, zip(*printed, strict=True), strict=True):
        if not _all_fit(column, cells):
            findings += _unfit_cells(table, column, cells, [row[0] for row in printed], site)
    return printed


def _all_fit(column: Column, cells: Sequence[str]) -> bool:
    """Whether nothing can be wrong with a whole column: a quick look, so that long schedules need no look at each sign."""
    grammar = _GRAMMARS.get(column.type)
    return "".join(cells).isprintable() and max(map(len, cells)) <= column.max_length and (grammar is None or all(map(grammar[0].fullmatch, cells)))


def _unfit_cells(table: ScheduleTable, column: Column, cells: Sequence[str], names: Sequence[str], site: str) -> Iterator[Finding]:
    for number, (cell, name) in enumerate(zip(cells, names, strict=True), start=1):
        for said, remedy in unfit(cell, column.type, column.max_length):
            yield Finding(f"{site}: {table.words}, row {number} ({name[:64]})", f"{column.header} {said}", remedy)


def unfit(text: str, kind: ValueType, longest: int) -> Iterator[tuple[str, str]]:
    """(what is wrong, remedy) of a value that must not be printed.

    >>> list(unfit("12.5", "integer", 9))
    [('must be a whole number', 'Correct the value')]
    """
    if len(text) > longest:
        yield f"has {len(text):,} characters; the template takes {longest:,}", "Shorten it"
    if kind in _GRAMMARS and not _GRAMMARS[kind][0].fullmatch(text):
        yield f"must be {_GRAMMARS[kind][1]}", "Correct the value"
    if text.isprintable():
        return
    bad = next((sign for sign in text if unprintable(sign) and not (sign == "\n" and kind == "multi-line")), None)
    if bad is not None:
        name = "a line break" if bad in "\n\r" else "a tab" if bad == "\t" else f"the invisible character U+{ord(bad):04X}"
        yield f"holds {name}, which must not stand there", "Remove it"


def unprintable(sign: str) -> bool:
    """Whether a character has no place in a contract: control, format (zero-width, direction), private use, line separators."""
    return unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") or ord(sign) & 0xFFFE == 0xFFFE
