"""Ways of hiding words, judged on the delivered file alone: what an eye would miss is said, whatever the template has."""

from functools import lru_cache

from ncvr.files.contract_form.styles import Effective

_SMALLEST = 8  # half-points: below 4 pt nobody reads it
_NARROWEST, _WIDEST = 30, 400  # per cent of the normal width of letters
_CONTRAST = 40  # of 255, in the channel that differs most
_FARTHEST = 48  # half-points above or below the line
_SYMBOLS = ("wingdings", "webdings", "symbol", "zapf dingbats", "mt extra", "marlett")
_FIGURES = "noFill", 'alpha val="100000"', 'alpha w14:val="100000"'


def background_of(*fills: str | None) -> str:
    """The nearest fill that is a colour; paper is white."""
    for fill in fills:
        if fill and len(fill.split()[0]) == 6:
            return fill.split()[0]
    return "FFFFFF"


@lru_cache(maxsize=20_000)
def run_hazard(formatting: Effective, background: str) -> str:
    """Why text formatted so cannot be read, or ``""``."""
    said = dict(formatting)
    size = int(said.get("sz", 20))
    if size < _SMALLEST:
        return f"the letters are {size / 2:g} points high"
    scale = int(said.get("scale", 100))
    if not _NARROWEST <= scale <= _WIDEST:
        return f"the letters are squeezed to {scale} per cent of their width"
    if abs(int(said.get("position", 0))) > max(_FARTHEST, size):
        return "the letters are moved far off their line"
    if int(said.get("spacing", 0)) < -size * 4:
        return "the letters are pushed over each other"
    if 0 < int(said.get("fitText", 0)) < 100:
        return "the words are squeezed into almost no room"
    return _unseen_colour(said, background) or _redrawn(said)


def _unseen_colour(said: dict[str, str | int | bool], background: str) -> str:
    colour = str(said.get("color", ""))
    behind = background_of(str(said.get("shade", "")), background)
    if len(colour) == 6 and _difference(colour, behind) < _CONTRAST:
        return f"the letters have almost the colour of what is behind them (#{colour} on #{behind})"
    for name, value in said.items():
        if name.startswith("w14:") and any(figure in str(value) for figure in _FIGURES):
            return "a text effect makes the letters transparent"
    return ""


def _redrawn(said: dict[str, str | int | bool]) -> str:
    fonts = {str(said.get(name, "")).lower() for name in ("ascii", "hAnsi")}
    symbol = next((font for font in fonts if font.startswith(_SYMBOLS)), "")
    return f"the symbol font {symbol} draws other signs than the letters stored" if symbol else ""


def _difference(one: str, other: str) -> int:
    try:
        return max(abs(int(one[at : at + 2], 16) - int(other[at : at + 2], 16)) for at in (0, 2, 4))
    except ValueError:
        return 255


@lru_cache(maxsize=20_000)
def paragraph_hazard(shape: Effective) -> str:
    """Why a paragraph formatted so cannot be read, or ``""``."""
    said = dict(shape)
    if said.get("lineRule") == "exact" and 0 < int(said.get("line", 240)) < 80:
        return f"the lines are exactly {int(said['line']) / 20:g} points high"
    if abs(int(said.get("left", 0))) > 12_000 or int(said.get("right", 0)) > 12_000 or abs(int(said.get("first", 0))) > 12_000:
        return "the paragraph is moved off the page"
    return ""


def row_hazard(rule: str, height: int) -> str:
    """Why a row cannot be read, or ``""``."""
    return f"the row is exactly {height / 20:g} points high" if rule == "exact" and height < 100 else ""


def cell_hazard(width: int, kind: str) -> str:
    """Why a cell cannot be read, or ``""``."""
    return f"the cell is only {width / 20:g} points wide" if kind in ("dxa", "") and 0 < width < 60 else ""
