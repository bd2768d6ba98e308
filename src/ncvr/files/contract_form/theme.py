"""What a theme decides: fonts behind ``minorHAnsi`` and the like, and colours behind ``accent1`` with tint and shade."""

import colorsys
from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from ncvr.files.contract_form.names import A, W, local

_DEFAULT_MAP = {
    "dark1": "dk1",
    "light1": "lt1",
    "dark2": "dk2",
    "light2": "lt2",
    "text1": "dk1",
    "background1": "lt1",
    "text2": "dk2",
    "background2": "lt2",
    "hyperlink": "hlink",
    "followedHyperlink": "folHlink",
}
_SHORT = {"t1": "dk1", "t2": "dk2", "bg1": "lt1", "bg2": "lt2"}


@dataclass(frozen=True, slots=True)
class Theme:
    """Latin fonts by ``major``/``minor``, and colours by scheme name; empty where a file has no theme."""

    fonts: Mapping[str, str] = field(default_factory=dict)
    colours: Mapping[str, str] = field(default_factory=dict)

    def font(self, name: str) -> str | None:
        """The font behind a theme name such as ``minorAscii``."""
        return self.fonts.get(name[:5])

    def colour(self, name: str, tint: str | None = None, shade: str | None = None) -> str | None:
        """The colour behind a theme name, six hexadecimal digits; None if the theme has none."""
        found = self.colours.get(_DEFAULT_MAP.get(name, name))
        if found is None or not (tint or shade):
            return found
        red, green, blue = (int(found[at : at + 2], 16) / 255 for at in (0, 2, 4))
        hue, light, strength = colorsys.rgb_to_hls(red, green, blue)
        if tint:
            part = int(tint, 16) / 255
            light = light * part + (1 - part)
        if shade:
            light *= int(shade, 16) / 255
        return "".join(f"{round(channel * 255):02X}" for channel in colorsys.hls_to_rgb(hue, min(light, 1.0), strength))


def read_theme(root: etree._Element | None, mapping: Mapping[str, str] | None = None) -> Theme:
    """The theme in a theme part; ``mapping`` is the settings' own idea of which colour is text and which background."""
    if root is None:
        return Theme()
    colours = {local(entry): _colour(entry) for scheme in root.iter(A + "clrScheme") for entry in scheme}
    for name, source in (mapping or {}).items():
        if name in _SHORT and source in _DEFAULT_MAP:
            colours[_SHORT[name]] = colours.get(_DEFAULT_MAP[source], "")
    fonts = {}
    for kind in ("major", "minor"):
        latin = root.find(f".//{A}{kind}Font/{A}latin")
        if latin is not None and latin.get("typeface"):
            fonts[kind] = latin.get("typeface", "")
    return Theme(fonts, {name: colour for name, colour in colours.items() if colour})


def _colour(entry: etree._Element) -> str:
    for choice in entry:
        return (choice.get("lastClr") or choice.get("val") or "").upper()
    return ""


def hex_colour(element: etree._Element, theme: Theme, attribute: str = "val", prefix: str = "theme") -> str:
    """The colour an element gives, theme first as Word reads it; ``""`` for automatic."""
    named = element.get(W + ("themeColor" if prefix == "theme" else "themeFill"))
    if named:
        stem = "theme" if prefix == "theme" else "themeFill"
        found = theme.colour(named, element.get(f"{W}{stem}Tint"), element.get(f"{W}{stem}Shade"))
        if found:
            return found
    written = (element.get(W + attribute) or "").upper()
    return "" if written in ("", "AUTO") else written
