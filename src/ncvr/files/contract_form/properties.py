"""Formatting as written at one level: what one ``rPr`` or ``pPr`` says, in one vocabulary, noise left out.

A property that is switched off explicitly keeps its off value here, so that it can override an inherited one. What the
format has and this room doesn't name becomes a property of its own with its whole text, so it is unequal by default.
"""

from collections.abc import Callable

from lxml import etree

from ncvr.files.contract_form.names import VAL, W14, W, is_on, local, whole
from ncvr.files.contract_form.theme import Theme, hex_colour

Value = str | int | bool
Properties = dict[str, Value]

TOGGLES = frozenset(("b", "i", "caps", "smallCaps", "strike", "vanish", "outline", "shadow", "emboss", "imprint"))
_SWITCHES = frozenset(("dstrike", "rtl", "cs", "specVanish"))
# Complex-script twins, language, spelling, grid: no Latin reader sees them. Tracked changes are tokens, not formatting.
_UNSEEN_RUN = frozenset(("rStyle", "bCs", "iCs", "szCs", "lang", "noProof", "kern", "snapToGrid", "webHidden", "rPrChange", "ins", "del", "moveFrom", "moveTo"))
_UNSEEN_RUN |= {"oMath", "eastAsianLayout"}
_UNSEEN_PARAGRAPH = frozenset(("pStyle", "numPr", "rPr", "sectPr", "pPrChange", "cnfStyle", "divId", "kinsoku", "wordWrap", "overflowPunct", "topLinePunct"))
_UNSEEN_PARAGRAPH |= {
    "autoSpaceDE",
    "autoSpaceDN",
    "snapToGrid",
    "suppressAutoHyphens",
    "adjustRightInd",
    "widowControl",
    "suppressLineNumbers",
    "textAlignment",
}
_UNSEEN_PARAGRAPH |= {"mirrorIndents", "suppressOverlap", "textboxTightWrap"}
_HIGHLIGHTS = {
    "black": "000000",
    "blue": "0000FF",
    "cyan": "00FFFF",
    "green": "00FF00",
    "magenta": "FF00FF",
    "red": "FF0000",
    "yellow": "FFFF00",
    "white": "FFFFFF",
    "darkBlue": "000080",
    "darkCyan": "008080",
    "darkGreen": "008000",
    "darkMagenta": "800080",
    "darkRed": "800000",
    "darkYellow": "808000",
    "darkGray": "808080",
    "lightGray": "C0C0C0",
}


def whole_text(element: etree._Element) -> str:
    """The element as text in one spelling, for what is compared as a whole."""
    return etree.tostring(element, method="c14n", exclusive=True).decode("utf-8")


def shading(element: etree._Element, theme: Theme) -> str:
    """The fill of a ``shd``; a pattern keeps its name."""
    pattern = element.get(VAL, "clear")
    if pattern == "solid":
        return hex_colour(element, theme, "color")
    fill = hex_colour(element, theme, "fill", "fill")
    return fill if pattern in ("clear", "nil") else f"{fill} {pattern}"


def run_properties(element: etree._Element | None, theme: Theme) -> Properties:
    """What an ``rPr`` says."""
    said: Properties = {}
    if element is None:
        return said
    for child in element:
        name = local(child)
        if str(child.tag).startswith(W14):
            said[f"w14:{name}"] = whole_text(child)
        elif name in TOGGLES or name in _SWITCHES:
            said[name] = is_on(child)
        elif name in _RUN:
            _RUN[name](said, child, theme)
        elif name not in _UNSEEN_RUN:
            said[f"?{name}"] = whole_text(child)
    if "highlight" in said:
        said["shade"] = said.pop("highlight") or said.get("shade", "")
    return said


def _fonts(said: Properties, child: etree._Element, theme: Theme) -> None:
    for kind, theme_kind in (("ascii", "asciiTheme"), ("hAnsi", "hAnsiTheme")):
        named = child.get(W + theme_kind)
        font = (theme.font(named) if named else None) or child.get(W + kind)
        if font:
            said[kind] = font
    if child.get(W + "hint") == "eastAsia":
        said["hint"] = f"eastAsia {child.get(W + 'eastAsia') or child.get(W + 'eastAsiaTheme') or ''}"


def _underline(said: Properties, child: etree._Element, theme: Theme) -> None:
    kind = child.get(VAL, "none")
    said["u"] = "" if kind == "none" else f"{kind} {hex_colour(child, theme, 'color')}".strip()


def _number(name: str, neutral: int) -> Callable[[Properties, etree._Element, Theme], None]:
    def read(said: Properties, child: etree._Element, _theme: Theme) -> None:
        number = whole((child.get(VAL) or "").removesuffix("%"), neutral)
        said[name] = 0 if number == neutral else number

    return read


def _word(name: str, *neutral: str) -> Callable[[Properties, etree._Element, Theme], None]:
    def read(said: Properties, child: etree._Element, _theme: Theme) -> None:
        value = child.get(VAL, "")
        said[name] = "" if value in neutral else value

    return read


def _border(said: Properties, child: etree._Element, theme: Theme) -> None:
    kind = child.get(VAL, "none")
    said["bdr"] = "" if kind in ("none", "nil") else f"{kind} {child.get(W + 'sz', '')} {hex_colour(child, theme, 'color')}"


_RUN: dict[str, Callable[[Properties, etree._Element, Theme], None]] = {
    "rFonts": _fonts,
    "color": lambda said, child, theme: said.__setitem__("color", hex_colour(child, theme)),
    "sz": _number("sz", 0),
    "u": _underline,
    "highlight": lambda said, child, theme: said.__setitem__("highlight", _HIGHLIGHTS.get(child.get(VAL, ""), "")),
    "shd": lambda said, child, theme: said.__setitem__("shade", shading(child, theme)),
    "vertAlign": _word("vertAlign", "baseline"),
    "position": _number("position", 0),
    "w": _number("scale", 100),
    "spacing": _number("spacing", 0),
    "fitText": _number("fitText", 0),
    "effect": _word("effect", "none"),
    "em": _word("em", "none"),
    "bdr": _border,
}


def paragraph_properties(element: etree._Element | None, theme: Theme) -> Properties:
    """What a ``pPr`` says, numbering and style apart. Measures in twentieths of a point."""
    said: Properties = {}
    if element is None:
        return said
    for child in element:
        name = local(child)
        if name in _PARAGRAPH:
            _PARAGRAPH[name](said, child, theme)
        elif name in ("keepNext", "keepLines", "pageBreakBefore", "bidi", "contextualSpacing"):
            said[name] = is_on(child)
        elif name not in _UNSEEN_PARAGRAPH:
            said[f"?{name}"] = whole_text(child)
    return said


def indents(said: Properties, child: etree._Element, _theme: Theme) -> None:
    for name, keys in (("left", ("left", "start")), ("right", ("right", "end"))):
        written = next((child.get(W + key) for key in keys if child.get(W + key) is not None), None)
        if written is not None:
            said[name] = whole(written)
    if child.get(W + "hanging") is not None:
        said["first"] = -whole(child.get(W + "hanging"))
    elif child.get(W + "firstLine") is not None:
        said["first"] = whole(child.get(W + "firstLine"))


def _spacing(said: Properties, child: etree._Element, _theme: Theme) -> None:
    for name in ("before", "after"):
        if is_auto := child.get(f"{W}{name}Autospacing"):
            said[f"{name}Auto"] = is_auto not in ("0", "false", "off")
        if child.get(W + name) is not None:
            said[name] = whole(child.get(W + name))
    if child.get(W + "line") is not None:
        rule = child.get(W + "lineRule", "auto")
        said["line"] = whole(child.get(W + "line"))
        said["lineRule"] = "" if rule == "auto" else rule


def _alignment(said: Properties, child: etree._Element, _theme: Theme) -> None:
    kind = child.get(VAL, "")
    said["jc"] = {"left": "", "start": "", "end": "right"}.get(kind, kind)


def _frame(said: Properties, child: etree._Element, _theme: Theme) -> None:
    said["frame"] = " ".join(sorted(f"{str(name).rpartition('}')[2]}={value!s}" for name, value in child.attrib.items()))


def _borders(said: Properties, child: etree._Element, theme: Theme) -> None:
    lines = [
        f"{local(side)} {side.get(VAL)} {side.get(W + 'sz', '')} {hex_colour(side, theme, 'color')}" for side in child if side.get(VAL) not in ("nil", "none")
    ]
    said["borders"] = "; ".join(sorted(lines))


def _tabs(said: Properties, child: etree._Element, _theme: Theme) -> None:
    for stop in child:
        at = whole(stop.get(W + "pos"))
        kind = stop.get(VAL, "left")
        if kind == "num":
            continue  # of an old format; LibreOffice adds them to lists
        said[f"tab {at}"] = "" if kind == "clear" else f"{kind} {stop.get(W + 'leader', 'none')}"


_PARAGRAPH: dict[str, Callable[[Properties, etree._Element, Theme], None]] = {
    "ind": indents,
    "spacing": _spacing,
    "jc": _alignment,
    "outlineLvl": lambda said, child, theme: said.__setitem__("outline", 0 if whole(child.get(VAL), 9) > 8 else whole(child.get(VAL)) + 1),
    "shd": lambda said, child, theme: said.__setitem__("fill", shading(child, theme)),
    "framePr": _frame,
    "pBdr": _borders,
    "tabs": _tabs,
    "textDirection": _word("direction", "lrTb", "lr", "tb"),
}
