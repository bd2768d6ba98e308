"""Columns of text that line up."""

from collections.abc import Iterator, Sequence
from unicodedata import east_asian_width


def aligned(rows: Sequence[Sequence[str]], *, right: frozenset[int] | set[int] = frozenset(), indent: str = "") -> Iterator[str]:
    """The rows as lines with columns as wide as their widest cell; the columns in ``right`` are aligned right.

    >>> list(aligned([("V1", "Screening", "£1.00"), ("V12", "Day 1", "£10.00")], right={2}))
    ['V1   Screening   £1.00', 'V12  Day 1      £10.00']
    """
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [_padded(cell, width, at in right) for at, (cell, width) in enumerate(zip(row, widths, strict=True))]
        yield (indent + "  ".join(cells)).rstrip()


def _padded(cell: str, width: int, right: bool) -> str:
    space = " " * (width - _width(cell))
    return space + cell if right else cell + space


def _width(text: str) -> int:
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)
