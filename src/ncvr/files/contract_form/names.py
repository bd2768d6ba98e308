"""Names of the format, and the marks that stand for what is not text in the text of an item."""

from typing import Final

from lxml import etree

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
W14: Final = "{http://schemas.microsoft.com/office/word/2010/wordml}"
R: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
MC: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
A: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
WP: Final = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
VML: Final = "{urn:schemas-microsoft-com:vml}"
XML_SPACE: Final = "{http://www.w3.org/XML/1998/namespace}space"

VAL: Final = W + "val"

# A token is OPEN + what it is + CLOSE, in the text of a paragraph. A hole of the expected text is HOLE + number + HOLE_END.
# These private-use characters are never copied from a document: there they become tokens themselves.
OPEN, CLOSE, HOLE, HOLE_END = "\ue000", "\ue001", "\ue002", "\ue003"
MARKS: Final = frozenset((OPEN, CLOSE, HOLE, HOLE_END))

_OFF = frozenset(("0", "false", "off", "none"))


def token(says: str) -> str:
    """A token of a paragraph's text."""
    return f"{OPEN}{says}{CLOSE}"


def local(element: etree._Element) -> str:
    """The element's name without namespace."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def is_on(element: etree._Element | None) -> bool:
    """An on/off property: present without a value is on."""
    return element is not None and element.get(VAL, "1") not in _OFF


def whole(text: str | None, default: int = 0) -> int:
    """A measure as a whole number; what is not a number reads as the default."""
    try:
        return round(float(text)) if text else default
    except (ValueError, OverflowError):
        return default


def shown(text: str) -> str:
    """An item's text for people: tokens in square brackets, tabs and line breaks as spaces."""
    return text.replace(OPEN, "[").replace(CLOSE, "]").replace(HOLE, "[value ").replace(HOLE_END, "]").replace("\t", " ").replace("\n", " / ")
