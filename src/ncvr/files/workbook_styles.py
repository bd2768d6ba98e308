"""How cells look: a small set of named styles, and the one styles part that holds them.

Cells to fill in are pale yellow with dark blue text and unlocked; everything else is locked. Both pairs of colours
keep a contrast of more than 7:1. Cells for text are formatted as text, so that ``007`` and ``=A1`` stay what was typed.
"""

from typing import NamedTuple

_INK, _INPUT_INK, _GREY, _WHITE, _AMBER = "FF1B2A36", "FF12305E", "FF5B6770", "FFFFFFFF", "FF8A3B00"
_PLAIN, _BAND, _SOFT, _INPUT, _PRICE, _WARN = "", "FF0B3C5D", "FFE6EDF3", "FFFFF4C9", "FFF4F7F9", "FFFFE8D6"
_TEXT, _GENERAL, _TWO, _WHOLE, _MINUTES, _POUNDS, _WHOLE_POUNDS, _PERCENT, _EXACT, _COST, _SAME = 49, 0, 2, 3, 164, 165, 166, 167, 168, 169, 170
_FORMATS = {
    _MINUTES: "General",
    _POUNDS: '"£"#,##0.00;[Red]-"£"#,##0.00',
    _WHOLE_POUNDS: '"£"#,##0;[Red]-"£"#,##0',
    _PERCENT: "0.0%;[Red]-0.0%",
    _EXACT: "0.000000",
    _SAME: "#,##0;-#,##0;",
    _COST: '"£"#,##0.00;[Red]-"£"#,##0.00;"–"',
}


class _Look(NamedTuple):
    ink: str = _INK
    fill: str = _PLAIN
    bold: bool = False
    italic: bool = False
    size: int = 10
    number: int = _GENERAL
    align: str = "left"
    wrap: bool = False
    border: str = ""  # "", "thin" or "top"
    unlocked: bool = False
    high: bool = False


def _input(number: int = _GENERAL, align: str = "left", *, wrap: bool = False, bold: bool = False, size: int = 10) -> _Look:
    return _Look(ink=_INPUT_INK, fill=_INPUT, border="thin", unlocked=True, number=number, align=align, wrap=wrap, bold=bold, size=size)


_LOOKS = {
    "plain": _Look(),
    "title": _Look(bold=True, size=16, ink="FF0B3C5D"),
    "heading": _Look(bold=True, size=12, ink="FF0B3C5D"),
    "note": _Look(italic=True, ink=_GREY),
    "small": _Look(italic=True, ink=_GREY, size=9),
    "key": _Look(ink=_GREY, size=8),
    "label": _Look(bold=True, ink=_WHITE, fill=_BAND, wrap=True, border="thin"),
    "label_right": _Look(bold=True, ink=_WHITE, fill=_BAND, wrap=True, border="thin", align="right"),
    "side": _Look(bold=True, align="right"),
    "name": _Look(bold=True, fill=_SOFT, border="thin"),
    "line": _Look(border="thin"),
    "open": _Look(),
    "text": _Look(wrap=True, border="thin"),
    "whole": _Look(number=_WHOLE, border="thin", align="right"),
    "same": _Look(number=_SAME, ink=_GREY, border="thin", align="center", italic=True),
    "again": _Look(italic=True, ink=_GREY, size=9, border="thin"),
    "figure_plain": _Look(number=_MINUTES, border="thin", align="right"),
    "figure": _Look(number=_EXACT, border="thin", align="right"),
    "pounds": _Look(number=_POUNDS, fill=_PRICE, border="thin", align="right"),
    "cost": _Look(number=_COST, fill=_PRICE, border="thin", align="right"),
    "two": _Look(number=_TWO, border="thin", align="right"),
    "whole_pounds": _Look(number=_WHOLE_POUNDS, fill=_PRICE, border="thin", align="right"),
    "pounds_total": _Look(number=_POUNDS, fill=_SOFT, bold=True, border="top", align="right"),
    "whole_pounds_total": _Look(number=_WHOLE_POUNDS, fill=_SOFT, bold=True, border="top", align="right"),
    "percent": _Look(number=_PERCENT, fill=_PRICE, border="thin", align="right"),
    "warning": _Look(bold=True, ink=_AMBER, fill=_WARN),
    "in_text": _input(number=_TEXT, wrap=True),
    "in_choice": _input(),
    "in_label": _input(number=_TEXT, wrap=True, bold=True, align="center", size=9),
    "in_count": _input(number=_WHOLE, align="center"),
    "in_minutes": _input(number=_MINUTES, align="right"),
    "in_pounds": _input(number=_POUNDS, align="right"),
}
STYLE = {name: at for at, name in enumerate(_LOOKS)}


def styles_part() -> str:
    """The styles part of every workbook."""
    fonts = list(dict.fromkeys((look.bold, look.italic, look.size, look.ink) for look in _LOOKS.values()))
    fills = ["", "gray125", *dict.fromkeys(look.fill for look in _LOOKS.values() if look.fill)]
    borders = ["", "thin", "top"]
    formats = "".join(f'<numFmt numFmtId="{key}" formatCode="{_quoted(code)}"/>' for key, code in _FORMATS.items())
    cells = "".join(_cell(look, fonts, fills, borders) for look in _LOOKS.values())
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f'<numFmts count="{len(_FORMATS)}">{formats}</numFmts>'
        f'<fonts count="{len(fonts)}">{"".join(map(_font, fonts))}</fonts>'
        f'<fills count="{len(fills)}">{"".join(map(_fill, fills))}</fills>'
        f'<borders count="{len(borders)}">{"".join(map(_border, borders))}</borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="{len(_LOOKS)}">{cells}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
        '<dxfs count="1"><dxf>'
        f'<font><b/><color rgb="{_AMBER}"/></font><fill><patternFill><bgColor rgb="{_WARN}"/></patternFill></fill></dxf></dxfs></styleSheet>'
    )


def _quoted(code: str) -> str:
    return code.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


def _font(font: tuple[bool, bool, int, str]) -> str:
    bold, italic, size, ink = font
    return f'<font>{"<b/>" * bold}{"<i/>" * italic}<sz val="{size}"/><color rgb="{ink}"/><name val="Calibri"/><family val="2"/></font>'


def _fill(colour: str) -> str:
    if colour in ("", "gray125"):
        return f'<fill><patternFill patternType="{colour or "none"}"/></fill>'
    return f'<fill><patternFill patternType="solid"><fgColor rgb="{colour}"/><bgColor indexed="64"/></patternFill></fill>'


def _border(kind: str) -> str:
    line = '<{0} style="thin"><color rgb="FFC9D3DB"/></{0}>'
    if kind == "thin":
        return f"<border>{''.join(line.format(side) for side in ('left', 'right', 'top', 'bottom'))}<diagonal/></border>"
    top = '<top style="medium"><color rgb="FF0B3C5D"/></top>' if kind == "top" else "<top/>"
    return f"<border><left/><right/>{top}<bottom/><diagonal/></border>"


def _cell(look: _Look, fonts: list[tuple[bool, bool, int, str]], fills: list[str], borders: list[str]) -> str:
    ids = f'numFmtId="{look.number}" fontId="{fonts.index((look.bold, look.italic, look.size, look.ink))}" fillId="{fills.index(look.fill)}"'
    wrap = ' wrapText="1"' if look.wrap else ""
    return (
        f'<xf {ids} borderId="{borders.index(look.border)}" xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1" '
        f'applyProtection="1"><alignment horizontal="{look.align}" vertical="{"top" if look.high else "center"}"{wrap}/>'
        f'<protection locked="{0 if look.unlocked else 1}"/></xf>'
    )
