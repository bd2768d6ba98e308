"""A table of a page: a caption, columns to sort by, rows, what to say when there is none, and the same figures as CSV."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from urllib.parse import urlencode

from ncvr.files.csv_table import inert
from ncvr.web.pages.words import Tag


@dataclass(frozen=True, slots=True)
class Column:
    """``numeric`` columns stand to the right. ``sortable`` columns have a heading that is a link."""

    key: str
    head: str
    numeric: bool = False
    sortable: bool = True


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell: ``text``; as a link, as a tag; ``order`` where the text itself would sort wrongly, as money does.

    ``change``: the text is what ``was`` there before a change, or what is there ``now``.
    """

    text: str
    href: str = ""
    tag: Tag | None = None
    order: Any = None
    change: Literal["", "was", "now"] = ""

    @property
    def sorts_as(self) -> tuple[int, Any]:
        """Numbers before words, and an empty cell last."""
        if self.order is not None:
            return (0, self.order)
        return (2, "") if not self.text else (1, self.text.casefold())


Row = Mapping[str, Cell | str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """``name`` stands in the page's address (``?csv=NAME``, ``?sort=NAME.KEY``) and in the name of the CSV file.

    The first column of each row is its heading. ``empty`` says what it means that there are no rows, and what to do.
    """

    name: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    empty: str = "There is nothing here yet."
    asked: Mapping[str, str] = field(default_factory=dict)

    def cell(self, row: Row, column: Column) -> Cell:
        found = row.get(column.key, "")
        return found if isinstance(found, Cell) else Cell(found)

    def for_request(self, asked: Mapping[str, str]) -> "Table":
        """Sorted as the address says; a column that is not there is not asked for."""
        table = replace(self, asked=dict(asked))
        column, falling = table.sorting
        if column is None:
            return table
        ordered = sorted(self.rows, key=lambda row: self.cell(row, column).sorts_as, reverse=falling)
        return replace(table, rows=ordered)

    @property
    def sorting(self) -> tuple[Column | None, bool]:
        """By which column the address sorts, and whether downwards."""
        name, _, key = self.asked.get("sort", "").partition(".")
        falling = key.startswith("-")
        found = next((column for column in self.columns if name == self.name and column.sortable and column.key == key.removeprefix("-")), None)
        return found, falling

    def direction(self, column: Column) -> str:
        """``aria-sort`` of a heading."""
        by, falling = self.sorting
        return "none" if by is not column else "descending" if falling else "ascending"

    def sort_link(self, column: Column) -> str:
        """The address that sorts by this column; the other way round if it does already."""
        down = "-" if self.direction(column) == "ascending" else ""
        return "?" + urlencode({**self.asked, "sort": f"{self.name}.{down}{column.key}"}) + f"#{self.name}"

    @property
    def csv_link(self) -> str:
        return "?" + urlencode({**self.asked, "csv": self.name})

    def csv(self) -> bytes:
        """The table as people's spreadsheets take it; text that would be a formula there gets a ``'``."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow([column.head for column in self.columns])
        writer.writerows([[inert(self._plain(self.cell(row, column))) for column in self.columns] for row in self.rows])
        return ("\ufeff" + text.getvalue()).encode("utf-8")

    @staticmethod
    def _plain(cell: Cell) -> str:
        return cell.tag.text if cell.tag is not None and not cell.text else cell.text
