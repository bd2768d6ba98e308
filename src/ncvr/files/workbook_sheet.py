"""One sheet of a workbook, written as XML row by row: fast, and text is always a text cell, never a formula.

Nothing is formatted twice and nothing is kept as objects: a row is a string as soon as it is known.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from ncvr.money import as_written

Result = int | Decimal | str | None  # None: no result is stored
NOT_PRICED = "#N/A"


class Formula(NamedTuple):
    """A formula without its equals sign, and the result stored with it."""

    text: str
    result: Result = None


Value = str | int | Decimal | Formula | None
Cell = tuple[Value, int]  # a value and the number of its style

_SPECIAL = re.compile(r"[&<>\r]|_x[0-9A-Fa-f]{4}_")
_SPELT = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "_x000D_"}
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'


def escaped(text: str) -> str:
    """Text as it stands in a cell's XML; a carriage return, and what would be read as one, in the workbook format's own spelling."""
    return _SPECIAL.sub(lambda found: _SPELT.get(found[0]) or "_x005F" + found[0], text) if _SPECIAL.search(text) else text


def letters(column: int) -> str:
    """The name of a column, counted from 1.

    >>> letters(1), letters(27), letters(703)
    ('A', 'AA', 'AAA')
    """
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def column_number(name: str) -> int:
    """The number of a column, counted from 1.

    >>> column_number("AA")
    27
    """
    number = 0
    for letter in name.upper():
        number = 26 * number + ord(letter) - 64
    return number


_LETTERS = tuple(letters(column) for column in range(1, 16_385))


@dataclass(slots=True, kw_only=True)
class Column:
    """A column's width in characters; ``level`` 1 can be folded away."""

    width: int = 10
    hidden: bool = False
    level: int = 0


@dataclass(slots=True, kw_only=True)
class Sheet:
    """A sheet in the making. ``freeze`` is the first cell that scrolls; ``repeat`` the rows printed on every page."""

    name: str
    columns: Sequence[Column] = ()
    freeze: tuple[int, int] | None = None  # row, column
    repeat: tuple[int, int] | None = None
    hidden: bool = False
    tab: str = "FF0B3C5D"
    one_page: bool = False
    protected: bool = True
    rows: list[str] = field(default_factory=list)
    validations: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    count: int = 0  # rows written
    widest: int = 1

    def row(self, cells: Sequence[Cell | None], *, height: int | None = None, hidden: bool = False, level: int = 0) -> int:
        """Write the next row, from column A on; None leaves a cell out. Returns the row's number."""
        self.count += 1
        if len(cells) > self.widest:
            self.widest = len(cells)
        shape = f' ht="{height}" customHeight="1"' if height is not None else ""
        shape += ' hidden="1"' if hidden else ""
        shape += f' outlineLevel="{level}"' if level else ""
        self.rows.append(f'<row r="{self.count}"{shape}>{_cells(cells, self.count)}</row>')
        return self.count

    def validate(self, where: str, kind: str, first: str = "", second: str = "", *, title: str = "", says: str = "", hint: str = "") -> None:
        """Let a range take only what fits: a list (``first`` names it), or a number from ``first`` to ``second``."""
        operator = ' operator="between"' if second else ""
        attributes = f'type="{kind}"{operator} allowBlank="1" showInputMessage="1" showErrorMessage="1"'
        words = "".join(
            f' {key}="{escaped(text).replace(chr(34), "&quot;")}"' for key, text in (("errorTitle", title), ("error", says), ("prompt", hint)) if text
        )
        formulas = f"<formula1>{escaped(first)}</formula1>" + (f"<formula2>{escaped(second)}</formula2>" if second else "")
        self.validations.append(f'<dataValidation {attributes}{words} sqref="{where}">{formulas}</dataValidation>')

    def warn(self, where: str, formula: str) -> None:
        """Mark the cells of a range in amber where the formula holds."""
        rule = f'<cfRule type="expression" dxfId="0" priority="{len(self.warnings) + 1}"><formula>{escaped(formula)}</formula></cfRule>'
        self.warnings.append(f'<conditionalFormatting sqref="{where}">{rule}</conditionalFormatting>')

    def part(self, selected: bool = False) -> bytes:
        """The sheet's XML."""
        pieces = [
            _HEAD,
            f'<sheetPr><tabColor rgb="{self.tab}"/><outlinePr summaryBelow="0" summaryRight="0"/><pageSetUpPr fitToPage="1"/></sheetPr>',
            f'<dimension ref="A1:{letters(self.widest)}{max(self.count, 1)}"/>',
            f"<sheetViews>{self._view(selected)}</sheetViews>",
            '<sheetFormatPr defaultRowHeight="15" outlineLevelRow="1" outlineLevelCol="1"/>',
            f"<cols>{''.join(map(_column, range(1, len(self.columns) + 1), self.columns))}</cols>" if self.columns else "",
            "<sheetData>",
            *self.rows,
            "</sheetData>",
            _PROTECTION if self.protected else "",
            *self.warnings,
            f'<dataValidations count="{len(self.validations)}">{"".join(self.validations)}</dataValidations>' if self.validations else "",
            '<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.6" header="0.3" footer="0.3"/>',
            f'<pageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="{int(self.one_page)}"/>',
            "<headerFooter><oddFooter>&amp;L&amp;A&amp;RPage &amp;P of &amp;N</oddFooter></headerFooter></worksheet>",
        ]
        return "".join(pieces).encode("utf-8")

    def _view(self, selected: bool) -> str:
        chosen = ' tabSelected="1"' if selected else ""
        if self.freeze is None:
            return f'<sheetView showGridLines="0"{chosen} workbookViewId="0"/>'
        row, column = self.freeze
        across = f' xSplit="{column - 1}"' if column > 1 else ""
        down = f' ySplit="{row - 1}"' if row > 1 else ""
        pane = "bottomRight" if across and down else "bottomLeft" if down else "topRight"
        top = f"{letters(column)}{row}"
        return (
            f'<sheetView showGridLines="0"{chosen} workbookViewId="0"><pane{across}{down} topLeftCell="{top}" activePane="{pane}" state="frozen"/>'
            f'<selection pane="{pane}" activeCell="{top}" sqref="{top}"/></sheetView>'
        )


# Without a password: it keeps fingers off the prices, and whoever wants to sort can take it off. The import trusts no price anyway.
_PROTECTION = (
    '<sheetProtection sheet="1" objects="1" scenarios="1" formatCells="0" formatColumns="0" formatRows="0" insertColumns="0" insertRows="0" '
    'deleteColumns="0" deleteRows="0" sort="0" autoFilter="0"/>'
)


def _column(number: int, column: Column) -> str:
    shape = ' hidden="1"' if column.hidden else ""
    shape += f' outlineLevel="{column.level}"' if column.level else ""
    return f'<col min="{number}" max="{number}" width="{column.width}" customWidth="1"{shape}/>'


def _cells(cells: Iterable[Cell | None], row: int) -> str:
    pieces = []
    for letter, cell in zip(_LETTERS, cells, strict=False):
        if cell is None:
            continue
        value, style = cell
        if type(value) is str:
            text = escaped(value) if _SPECIAL.search(value) else value
            pieces.append(f'<c r="{letter}{row}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>')
        elif type(value) is int:
            pieces.append(f'<c r="{letter}{row}" s="{style}"><v>{value}</v></c>')
        elif value is None:
            pieces.append(f'<c r="{letter}{row}" s="{style}"/>')
        elif isinstance(value, Formula):
            pieces.append(_formula(f"{letter}{row}", style, value))
        else:
            assert isinstance(value, Decimal)
            pieces.append(f'<c r="{letter}{row}" s="{style}"><v>{as_written(value)}</v></c>')
    return "".join(pieces)


def _formula(place: str, style: int, formula: Formula) -> str:
    result = formula.result
    text = f"<f>{escaped(formula.text)}</f>"
    if result is None:
        return f'<c r="{place}" s="{style}">{text}</c>'
    if result == NOT_PRICED:
        return f'<c r="{place}" s="{style}" t="e">{text}<v>{NOT_PRICED}</v></c>'
    if isinstance(result, str):
        return f'<c r="{place}" s="{style}" t="str">{text}<v>{escaped(result)}</v></c>'
    return f'<c r="{place}" s="{style}">{text}<v>{as_written(result) if isinstance(result, Decimal) else result}</v></c>'
