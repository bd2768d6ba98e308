"""Effective formatting: document defaults, table style, paragraph style, character style, then what is written directly."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lxml import etree

from ncvr.files.contract_form.names import VAL, W, is_on
from ncvr.files.contract_form.properties import TOGGLES, Properties, paragraph_properties, run_properties, shading
from ncvr.files.contract_form.theme import Theme

Written = tuple[tuple[str, ...], ...]  # elements and attributes as they stand, to remember results by
Effective = tuple[tuple[str, str | int | bool], ...]  # sorted, without what is off, absent or automatic


@dataclass(frozen=True, slots=True)
class Style:
    """One style with what it says itself; ``conditional`` are the parts a table style keeps for first rows and the like."""

    id: str
    kind: str
    name: str
    based_on: str | None
    run: Properties
    paragraph: Properties
    numbering: tuple[str | None, int | None]  # numId, level
    conditional: Mapping[str, tuple[Properties, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lineage:
    """What a paragraph style and all it is based on say together: ``far`` from the list it names, ``near`` to it and nearer, and that list."""

    far: Properties
    near: Properties
    numbering: tuple[str | None, int | None, str | None]  # numId, level, style that says so


@dataclass(slots=True)
class Styles:
    """The styles of a file, with effective properties remembered by what asked for them."""

    theme: Theme
    styles: Mapping[str, Style]
    default: Mapping[str, str]  # the default style's id by kind
    run_defaults: Properties
    paragraph_defaults: Properties
    _runs: dict[tuple[str | None, str | None, Written], Effective] = field(default_factory=dict)
    _chains: dict[str, tuple[Style, ...]] = field(default_factory=dict)
    _said_of_runs: dict[tuple[str | None, str], Properties] = field(default_factory=dict)
    _lineages: dict[str | None, Lineage] = field(default_factory=dict)

    def chain(self, style: str | None, kind: str) -> tuple[Style, ...]:
        """A style and all it is based on, nearest first; an unknown id means the default style."""
        found = self.styles.get(style or "")
        start = style if found is not None and found.kind == kind and style else self.default.get(kind, "")
        if start not in self._chains:
            links: dict[str, Style] = {}
            link = start
            while link in self.styles and link not in links:
                links[link] = self.styles[link]
                link = links[link].based_on or ""
            self._chains[start] = tuple(links.values())
        return self._chains[start]

    def run(self, direct: etree._Element | None, paragraph: str | None, table: str | None) -> Effective:
        """The effective formatting of a run."""
        key = (paragraph, table, written(direct))
        if key not in self._runs:
            self._runs[key] = effective(self._run(direct, _style_of(direct, "rStyle"), paragraph, table))
        return self._runs[key]

    def _run(self, direct: etree._Element | None, character: str | None, paragraph: str | None, table: str | None) -> Properties:
        levels = [self._of_runs(table, "table")] if table else []
        levels.append(self._of_runs(paragraph, "paragraph"))
        levels.append(self._of_runs(character, "character") if character else {})
        result = merged([self.run_defaults, *levels])
        for toggle in TOGGLES:
            odd = sum(level.get(toggle) is True for level in levels) % 2 == 1
            result[toggle] = odd or self.run_defaults.get(toggle) is True
        return result | run_properties(direct, self.theme)

    def _of_runs(self, style: str | None, kind: str) -> Properties:
        """What a style and all it is based on say of runs, put together once."""
        if (style, kind) not in self._said_of_runs:
            self._said_of_runs[style, kind] = merged(link.run for link in reversed(self.chain(style, kind)))
        return self._said_of_runs[style, kind]

    def paragraph(self, direct: etree._Element | None, style: str | None, table: str | None, listed: Properties) -> Properties:
        """The effective formatting of a paragraph; ``listed`` is what its list level says of indents."""
        levels = [link.paragraph for link in reversed(self.chain(table, "table"))] if table else []
        lineage = self.lineage(style)
        own_list = lineage.numbering[0] is None or bool(_style_of(direct, "numPr", "numId"))
        levels += [lineage.far, listed, lineage.near]  # the list's indents stand below those of the style that names the list
        return merged([self.paragraph_defaults, *levels, listed if own_list else {}, paragraph_properties(direct, self.theme)])

    def numbering(self, style: str | None) -> tuple[str | None, int | None, str | None]:
        """(numId, level, style that says so) from the paragraph style chain."""
        return self.lineage(style).numbering

    def lineage(self, style: str | None) -> Lineage:
        """Put together once a style, however long its chain and however many paragraphs have it."""
        if style not in self._lineages:
            chain = self.chain(style, "paragraph")
            at = next((at for at, link in enumerate(chain) if link.numbering[0] is not None), -1)
            named = (*chain[at].numbering, chain[at].id) if at >= 0 else (None, None, None)
            far, near = (merged(link.paragraph for link in reversed(links)) for links in (chain[at + 1 :], chain[: at + 1]))
            self._lineages[style] = Lineage(far, near, named)
        return self._lineages[style]


def written(element: etree._Element | None) -> Written:
    """What stands in an element, as a key; prefixes don't matter."""
    if element is None:
        return ()
    return tuple((str(child.tag), *(str(text) for entry in child.items() for text in entry)) for child in element.iter())


def merged(levels: Iterable[Properties]) -> Properties:
    """Later levels over earlier ones."""
    result: Properties = {}
    for level in levels:
        result |= level
    return result


def effective(properties: Properties) -> Effective:
    """What can be seen: off, absent, automatic and neutral are equal; a second Latin font only where it differs."""
    seen = {name: value for name, value in properties.items() if value not in (False, "", 0)}
    if seen.get("hAnsi") == seen.get("ascii"):
        seen.pop("hAnsi", None)
    if seen.pop("specVanish", False):
        seen["vanish"] = True
    return tuple(sorted(seen.items(), key=lambda entry: entry[0]))


def _style_of(properties: etree._Element | None, *path: str) -> str | None:
    for name in path:
        properties = None if properties is None else properties.find(W + name)
    return None if properties is None else properties.get(VAL)


def read_styles(root: etree._Element | None, theme: Theme) -> Styles:
    """The styles of a styles part; a file without one has no styles."""
    styles: dict[str, Style] = {}
    default: dict[str, str] = {}
    if root is None:
        return Styles(theme, styles, default, {}, {})
    for element in root.iterfind(W + "style"):
        style = _style(element, theme)
        styles.setdefault(style.id, style)
        if element.get(W + "default") in ("1", "true", "on"):
            default.setdefault(style.kind, style.id)
    run = root.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr")
    paragraph = root.find(f"{W}docDefaults/{W}pPrDefault/{W}pPr")
    return Styles(theme, styles, default, run_properties(run, theme), paragraph_properties(paragraph, theme))


def _style(element: etree._Element, theme: Theme) -> Style:
    based_on, name, pPr = element.find(W + "basedOn"), element.find(W + "name"), element.find(W + "pPr")
    level = _style_of(pPr, "numPr", "ilvl")
    conditional = {
        part.get(W + "type", ""): (run_properties(part.find(W + "rPr"), theme), _cell_fill(part, theme)) for part in element.iterfind(W + "tblStylePr")
    }
    return Style(
        id=element.get(W + "styleId", ""),
        kind=element.get(W + "type", "paragraph"),
        name="" if name is None else name.get(VAL, ""),
        based_on=None if based_on is None else based_on.get(VAL),
        run=run_properties(element.find(W + "rPr"), theme),
        paragraph=paragraph_properties(pPr, theme),
        numbering=(_style_of(pPr, "numPr", "numId"), int(level) if level and level.isdigit() else None),
        conditional=conditional,
    )


def _cell_fill(part: etree._Element, theme: Theme) -> str:
    element = part.find(f"{W}tcPr/{W}shd")
    fill = "" if element is None else shading(element, theme)
    hidden = part.find(f"{W}trPr/{W}hidden")
    return f"{fill} hidden" if is_on(hidden) else fill
