"""Rows and cells of a Word table, also those that a content control wraps, and their texts."""

from collections.abc import Iterator

from lxml import etree

from ncvr.files.docx_words import W, text_of


def rows_of(table: etree._Element) -> list[etree._Element]:
    """The rows of a table itself, also those that a control wraps."""
    return list(_through_controls(table, W + "tr"))


def cells_of(row: etree._Element) -> list[etree._Element]:
    """The cells of a row itself, also those that a control wraps."""
    return list(_through_controls(row, W + "tc"))


def _through_controls(parent: etree._Element, tag: str) -> Iterator[etree._Element]:
    for child in parent:
        if child.tag == tag:
            yield child
        elif child.tag in (W + "sdt", W + "sdtContent", W + "customXml"):
            yield from _through_controls(child, tag)


def row_texts(row: etree._Element | None) -> list[str]:
    """The text of each cell of a row; paragraphs of a cell are joined by a line feed."""
    if row is None:
        return []
    return ["\n".join(text_of(paragraph) for paragraph in _through_controls(cell, W + "p")) for cell in cells_of(row)]
