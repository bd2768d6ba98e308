"""Formulas as text: compared whatever program wrote them, and moved where a file writes one for many cells."""

import re

from ncvr.files.workbook_sheet import column_number, letters

_PIECES = re.compile(r'"(?:[^"]|"")*"|\'(?:[^\']|\'\')*\'!?|[A-Za-z_][A-Za-z0-9_.]*|\$?[A-Z]{1,3}\$?[0-9]+|.', re.S)
_CELL = re.compile(r"(?<![A-Za-z0-9_.])[A-Z]{1,3}[0-9]+(?![A-Za-z0-9_(.])")
_REFERENCE = re.compile(r"(\$?)([A-Za-z]{1,3})(\$?)([0-9]+)(?![A-Za-z0-9_(.])")


def plain(formula: str) -> str:
    """A formula without what programs write differently: spaces, dollar signs, case of functions and cells.

    >>> plain('=if($a$1 = "A b", 1, sum(B2:B3))')
    'IF(A1="A b",1,SUM(B2:B3))'
    """
    pieces = [piece if piece[0] in "\"'" else piece.upper().replace("$", "") for piece in _PIECES.findall(formula.removeprefix("="))]
    return "".join(piece for piece in pieces if not piece.isspace())


def shape(formula: str) -> str:
    """A formula without the cells it refers to, for telling a formula of ours that was moved from one that was changed.

    >>> shape('=IF(A1="A1",SUM(B$2:B9),rate_1)')
    'IF(#="A1",SUM(#:#),RATE_1)'
    """
    pieces = re.split(r'("(?:[^"]|"")*")', plain(formula))
    return "".join(piece if piece.startswith('"') else _CELL.sub("#", piece) for piece in pieces)


def moved(formula: str, rows: int, columns: int) -> str:
    """A formula shared by a block of cells, as it reads some rows down and columns to the right of where it stands.

    >>> moved('A1+$B$2&"A1"', 2, 1)
    'B3+$B$2&"A1"'
    """
    pieces = re.split(r'("(?:[^"]|"")*")', formula)
    return "".join(piece if piece.startswith('"') else _REFERENCE.sub(lambda found: _moved(found, rows, columns), piece) for piece in pieces)


def _moved(found: re.Match[str], rows: int, columns: int) -> str:
    fixed_column, column, fixed_row, row = found.groups()
    place = column if fixed_column else letters(column_number(column) + columns)
    return f"{fixed_column}{place}{fixed_row}{row if fixed_row else int(row) + rows}"
