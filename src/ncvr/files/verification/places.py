"""Where something stands, in a reader's words: ``clause 7.2``, ``under 'Visits', row 3, column 2``, ``footer of section 1``."""

import re
from collections.abc import Sequence

from ncvr.files.contract_form.items import Item, plain
from ncvr.files.contract_form.rendering import Rendered

_TYPED = re.compile(r"^(?:([0-9]{1,3}(?:\.[0-9]{1,3})+)[.)]?[\t ]|([0-9]{1,3})(?:[.)]?\t|[.)] ))")
_CLAUSE = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3})*(\([a-z0-9]+\))*")


def part_of(item: Item) -> str:
    """The story an item belongs to, for people."""
    return item.story.name or "body"


def place_of(rendered: Rendered, at: int) -> str:
    """The place of one item. ``at`` may be one past the last."""
    items = rendered.items
    at = min(max(at, 0), len(items) - 1)
    item = items[at]
    if item.contents:
        return "table of contents"
    if item.story.kind in ("header", "footer"):
        return item.story.name
    if item.kind == "section":
        return f"page set-up of section {item.story.section}"
    where = _clause(rendered, at)
    cell = _cell(items, at)
    inside = {"box": "text box", "note": "note"}.get(item.story.kind, "")
    return ", ".join(part for part in (where, inside, cell) if part) or "beginning of the document"


def _clause(rendered: Rendered, at: int) -> str:
    """The clause of an item: its own number, or the nearest number above, or the heading it stands under."""
    depth = 0
    for near in range(_around(rendered.items, at), -1, -1):
        item = rendered.items[near]
        depth += (item.kind == "end") - (item.kind == "table" and depth > 0)
        if depth or item.story.kind != "body" or item.kind != "paragraph" or item.contents:
            continue
        number = rendered.labels[near].full.rstrip(".")
        if _CLAUSE.fullmatch(number):
            return f"clause {number}" if near == at else _near(f"clause {number}", item, near, at)
        typed = _TYPED.match(item.text)
        if typed:
            return f"clause {typed.group(1) or typed.group(2)}"
        if item.outline:
            return f"under '{shortened(plain(item.text), 60)}'"
    return ""


def _around(items: Sequence[Item], at: int) -> int:
    """The item, or the outermost table it stands in: ``2 weeks`` in a cell is no clause number."""
    depth, around = 0, at
    for near in range(at, -1, -1):
        if items[near].kind == "end" and near != at:
            depth += 1
        elif items[near].kind == "table":
            depth, around = (depth - 1, around) if depth else (0, near)
    return around


def _near(clause: str, item: Item, near: int, at: int) -> str:
    return f"{clause} ('{shortened(plain(item.text), 40)}')" if item.outline else clause


def _cell(items: Sequence[Item], at: int) -> str:
    """``row 3, column 2`` of the table around, and how the row begins."""
    depth, column, row = 0, "", 0
    first = ""
    for near in range(at, -1, -1):
        item = items[near]
        if item.kind == "end" and near != at:
            depth += 1
        elif item.kind == "table":
            if depth == 0:
                return f"table row {row or 1}{f' ({first})' if first else ''}{', ' + column if column else ''}"
            depth -= 1
        elif depth == 0 and item.kind == "cell" and not column and row == 0:
            column = item.text.split(",")[0]
        elif depth == 0 and item.kind == "row":
            row += 1
            if row == 1:
                first = _row_begins(items, near, at)
    return ""


def _row_begins(items: Sequence[Item], row: int, at: int) -> str:
    text = next((plain(item.text) for item in items[row : min(row + 4, len(items))] if item.kind == "paragraph"), "")
    return shortened(text, 30)


def shortened(text: str, most: int) -> str:
    """A text cut in the middle of nowhere, with an ellipsis, if it is longer than ``most``."""
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
