"""A template made ready: the blocks decided, the numbers renewed, and every value a hole between stretches of finished XML.

All work on trees is done once for contracts of one shape; putting values in is then only joining text. A value is
escaped in one place, :func:`xml_text`, so nothing in it can become markup.
"""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from xml.sax.saxutils import escape

from lxml import etree

from ncvr.files.docx_bindings import bound_node, end_placeholder
from ncvr.files.docx_labels import Labels
from ncvr.files.docx_parts import Parts
from ncvr.files.docx_references import bookmarked, renew_contents, renew_references
from ncvr.files.docx_stories import read_stories, text_parts
from ncvr.files.docx_words import W14, XML_SPACE, W, leaves, put_mark
from ncvr.files.template_decisions import Decisions
from ncvr.files.template_map import FoundPrompt, TemplateMap
from ncvr.files.template_places import map_template, place_words
from ncvr.files.template_profile import Column, FieldProfile, Instruction, Repeat, ScheduleTable, TemplateProfile

_CLEARED = {"highlight": "highlight", "shading": "shd", "colour": "color", "italic": "i", "bold": "b", "character style": "rStyle"}
_PARAGRAPH_IDS = (W14 + "paraId", W14 + "textId")
# Private-use characters mark holes while XML is written; the template and every value are refused if they hold any.
_OPEN, _OPEN_PLAIN, _CLOSE = "\ue000", "\ue001", "\ue002"
_MARKS = re.compile(f"([{_OPEN}{_OPEN_PLAIN}])([0-9]+){_CLOSE}|<!--(begin|end) ([a-z0-9_]+)-->")


@dataclass(frozen=True, slots=True)
class Hole:
    """A place for one value. ``plain``: in a data store, where a line break is just a character."""

    owner: FieldProfile | Column
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """What stands once per arm, or once per row of a table."""

    profile: Repeat | ScheduleTable
    segments: "tuple[Segment, ...]"


Segment = bytes | Hole | Group  # bytes: finished XML in UTF-8


@dataclass(frozen=True, slots=True)
class PreparedTemplate:
    """``parts``: the changed parts, in order; ``places``: where each field stands, for people."""

    parts: Mapping[str, tuple[Segment, ...]]
    places: Mapping[str, tuple[str, ...]]

    def literals(self) -> Iterator[tuple[str, str]]:
        """(part, stretch of XML) of everything that is not a value."""
        for part, segments in self.parts.items():
            yield from ((part, xml.decode()) for xml in _literals(segments))


def xml_text(value: str) -> str:
    """A value as it stands inside ``w:t``: escaped, with tabs and line breaks as elements beside it.

    >>> xml_text("Smith & Nephew <UK> Ltd")
    'Smith &amp; Nephew &lt;UK&gt; Ltd'
    """
    text = escape(value)
    if "\n" in text or "\t" in text:
        text = text.replace("\n", '</w:t><w:br/><w:t xml:space="preserve">').replace("\t", '</w:t><w:tab/><w:t xml:space="preserve">')
    return text


def prepare(parts: Parts, profile: TemplateProfile, decisions: Decisions) -> PreparedTemplate:
    """The template in the shape decided. The template was checked when it was read, so every place is found."""
    trees = {name: deepcopy(parts.tree(name)) for name in text_parts(parts)}
    found = map_template(profile, read_stories(parts, trees))
    labels = _labels(parts)
    body = found.stories.body
    in_template = labels.of(body)
    before = {name: in_template[paragraph] for name, paragraph in bookmarked(body).items() if paragraph in in_template}
    preparation = _Preparation(profile, decisions, parts, trees, found)
    preparation.mark_prompts()
    preparation.take_out_blocks()
    preparation.word_zones()
    preparation.mark_groups()
    after = labels.of(body)
    renew_references(trees[parts.main], after)
    renew_contents(trees[parts.main], before, after)
    return PreparedTemplate(
        parts={name: _segments(_written(tree), preparation) for name, tree in trees.items() if _is_marked(tree) or name == parts.main},
        places=preparation.places(after),
    )


def _labels(parts: Parts) -> Labels:
    numbering, styles = parts.target(parts.main, "numbering"), parts.target(parts.main, "styles")
    tree = None if numbering is None else parts.tree(numbering)
    return Labels(tree, parts.tree(styles) if styles is not None else etree.Element(W + "styles"))


class _Preparation:
    """The tree edits of one preparation, in the order in which they are called."""

    def __init__(self, profile: TemplateProfile, decisions: Decisions, parts: Parts, trees: dict[str, etree._Element], found: TemplateMap) -> None:
        self.profile, self.decisions, self.parts, self.trees, self.found = profile, decisions, parts, trees, found
        self.holes: list[Hole] = []
        self.groups: dict[str, Repeat | ScheduleTable] = {}

    def mark_prompts(self) -> None:
        """A mark in place of every prompt, from the end of each paragraph, so that earlier places stay where they are."""
        for prompt in sorted(self.found.prompts, key=lambda each: each.start, reverse=True):
            owner = prompt.owner[1] if isinstance(prompt.owner, tuple) else prompt.owner
            if isinstance(owner, FieldProfile) and owner.name in self.decisions.blank:
                continue
            mark = "" if isinstance(owner, Instruction) else self._mark(Hole(owner))
            clear = [_CLEARED[name] for name in self.profile.clear_on_filling]
            controls = self._controls(prompt)
            for paragraph in [prompt.paragraph.element, *([prompt.paragraph.twin] if prompt.paragraph.twin is not None else [])]:
                put_mark(paragraph, prompt.start, prompt.end, mark, ["rStyle", *clear] if controls else clear)
            for control in controls:
                end_placeholder(control)
                node = bound_node(control, self.parts, self.trees)
                if node is not None and not isinstance(owner, Instruction):
                    node.text = self._mark(Hole(owner, plain=True))

    def _mark(self, hole: Hole) -> str:
        self.holes.append(hole)
        return f"{_OPEN_PLAIN if hole.plain else _OPEN}{len(self.holes) - 1}{_CLOSE}"

    def _controls(self, prompt: FoundPrompt) -> list[etree._Element]:
        first = next(leaf for leaf in leaves(prompt.paragraph.element) if leaf.end > prompt.start)
        return list(first.element.iterancestors(W + "sdt"))

    def take_out_blocks(self) -> None:
        """Instructions always; conditional blocks whose condition does not hold; alternatives not chosen."""
        chosen = set(self.decisions.chosen)
        gone: list[str | tuple[str, str]] = [instruction.name for instruction in self.profile.instructions if instruction.spans]
        gone += [block.name for block in self.profile.conditional_blocks if block.name not in self.decisions.kept]
        gone += [(choice.name, option.value) for choice in self.profile.choices for option in choice.alternatives if (choice.name, option.value) not in chosen]
        for key in gone:
            for element in [element for blocks in self.found.blocks[key] for element in blocks]:
                parent = element.getparent()
                if parent is not None:
                    parent.remove(element)

    def word_zones(self) -> None:
        """The contract's own paragraphs in place of the template's, each formatted like the zone's first."""
        for name, paragraphs in self.decisions.zones:
            old = self.found.zones[name]
            pattern = _pattern(old[0])
            for text in paragraphs:
                paragraph = deepcopy(pattern)
                written = next(paragraph.iter(W + "t"))
                written.text = text
                old[0].addprevious(paragraph)
            for element in old:
                parent = element.getparent()
                if parent is not None:
                    parent.remove(element)

    def mark_groups(self) -> None:
        """A begin and an end around what is repeated; its paragraph ids go, because an id stands once in a file."""
        for repeat in self.profile.repeats:
            self._group(repeat, self.found.blocks[repeat.name][0])
        for table in self.found.tables:
            self._group(table.profile, [table.row])

    def _group(self, profile: Repeat | ScheduleTable, elements: list[etree._Element]) -> None:
        self.groups[profile.name] = profile
        for element in elements:
            for paragraph in element.iter(W + "p", W + "tr"):
                for attribute in _PARAGRAPH_IDS:
                    paragraph.attrib.pop(attribute, "")
        elements[0].addprevious(etree.Comment(f"begin {profile.name}"))
        elements[-1].addnext(etree.Comment(f"end {profile.name}"))

    def places(self, labels: Mapping[etree._Element, str]) -> dict[str, tuple[str, ...]]:
        """Where every field stands in what is left, in reading order."""
        found: dict[str, list[str]] = {}
        for prompt in self.found.prompts:
            if not isinstance(prompt.owner, FieldProfile) or not _is_in(prompt.paragraph.element, self.trees[prompt.paragraph.part]):
                continue
            label = labels.get(prompt.paragraph.element, "")
            found.setdefault(prompt.owner.name, []).append(f"clause {label}" if label else place_words(prompt.paragraph))
        return {name: tuple(places) for name, places in found.items()}


def _pattern(paragraph: etree._Element) -> etree._Element:
    """A paragraph of one run like the first of this one, with nothing but room for text."""
    pattern = deepcopy(paragraph)
    for attribute in _PARAGRAPH_IDS:
        pattern.attrib.pop(attribute, "")
    run = next(pattern.iter(W + "r"), None)
    kept = [each for each in (pattern.find(W + "pPr"), run) if each is not None]
    for child in list(pattern):
        pattern.remove(child)
    pattern.extend(kept)
    if run is None:
        run = etree.SubElement(pattern, W + "r")
    for child in list(run):
        if child.tag != W + "rPr":
            run.remove(child)
    etree.SubElement(run, W + "t").set(XML_SPACE, "preserve")
    return pattern


def _is_in(element: etree._Element, root: etree._Element) -> bool:
    top = element
    for ancestor in element.iterancestors():
        top = ancestor
    return top is root


def _is_marked(tree: etree._Element) -> bool:
    return any(_OPEN in (element.text or "") or _OPEN_PLAIN in (element.text or "") for element in tree.iter(etree.Element))


def _written(tree: etree._Element) -> str:
    return '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + etree.tostring(tree, encoding="unicode")


def _segments(text: str, preparation: _Preparation) -> tuple[Segment, ...]:
    """The written part cut at its marks; groups nest."""
    open_groups: list[list[Segment]] = [[]]
    at = 0
    for found in _MARKS.finditer(text):
        open_groups[-1].append(text[at : found.start()].encode())
        at = found.end()
        if found[2] is not None:
            open_groups[-1].append(preparation.holes[int(found[2])])
        elif found[3] == "begin":
            open_groups.append([])
        else:
            inner = tuple(open_groups.pop())
            open_groups[-1].append(Group(preparation.groups[found[4]], inner))
    open_groups[-1].append(text[at:].encode())
    return tuple(open_groups[0])


def _literals(segments: tuple[Segment, ...]) -> Iterator[bytes]:
    for segment in segments:
        if isinstance(segment, bytes):
            yield segment
        elif isinstance(segment, Group):
            yield from _literals(segment.segments)
