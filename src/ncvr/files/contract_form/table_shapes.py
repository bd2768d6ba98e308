"""Rows and cells as they are written: spans, merges, heights, widths and fills."""

from lxml import etree

from ncvr.files.contract_form import hiding
from ncvr.files.contract_form.context import Context
from ncvr.files.contract_form.items import Hazard
from ncvr.files.contract_form.names import VAL, W, is_on, token, whole
from ncvr.files.contract_form.properties import shading
from ncvr.files.contract_form.styles import Effective, effective

_TRACKED = ("ins", "del", "cellIns", "cellDel", "cellMerge")


def row_shape(properties: etree._Element | None) -> tuple[str, Effective, tuple[Hazard, ...]]:
    """(tracked changes, formatting, what hides it) of a row."""
    if properties is None:
        return "", (), ()
    tracked = [name for name in _TRACKED if properties.find(W + name) is not None]
    hidden = is_on(properties.find(W + "hidden"))
    height = properties.find(W + "trHeight")
    rule, high = ("", 0) if height is None else (height.get(W + "hRule", "auto"), whole(height.get(VAL)))
    says = hiding.row_hazard(rule, high) or ("the row is hidden" if hidden else "")
    shape = effective({"exact height": high if rule == "exact" else 0, "hidden": hidden})
    return "".join(token(f"tracked row {name}") for name in tracked), shape, (Hazard(says, ""),) if says else ()


def span_of(properties: etree._Element | None) -> int:
    """How many columns a cell covers."""
    span = None if properties is None else properties.find(W + "gridSpan")
    return 1 if span is None else min(max(whole(span.get(VAL), 1), 1), 100)


def merge_of(properties: etree._Element | None) -> str:
    """Whether a cell continues the one above or beside it, and tracked changes of it."""
    if properties is None:
        return ""
    said = ""
    for name in ("vMerge", "hMerge"):
        merge = properties.find(W + name)
        if merge is not None and merge.get(VAL, "continue") != "restart":
            said += f", continues ({name[0]})"
    for name in _TRACKED:
        if properties.find(W + name) is not None:
            said += token(f"tracked cell {name}")
    return said


def width_of(properties: etree._Element | None) -> tuple[int, str]:
    """(width, unit) of a cell as written."""
    width = None if properties is None else properties.find(W + "tcW")
    return (0, "") if width is None else (whole(width.get(W + "w")), width.get(W + "type", ""))


def fill_of(properties: etree._Element | None, context: Context) -> str:
    """The colour behind a cell or table, ``""`` without one."""
    shade = None if properties is None else properties.find(W + "shd")
    return "" if shade is None else shading(shade, context.styles.theme)
