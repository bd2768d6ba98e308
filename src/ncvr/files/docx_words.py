"""The words of a Word paragraph, and putting a mark exactly where some of them stand.

The text of a paragraph is what :mod:`ncvr.files.template_profile` defines. Each character knows the element it comes from, so a
stretch of text can be cut out over any number of runs without touching its neighbours.
"""

from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"

_SIGNS = {W + "tab": "\t", W + "ptab": "\t", W + "cr": "\n", W + "noBreakHyphen": "\u2011", W + "softHyphen": "\u00ad"}
# What holds running text of another paragraph or none at all: text boxes, drawings, properties, deleted text.
_NOT_WORDS = frozenset(W + name for name in ("pPr", "rPr", "drawing", "pict", "object", "instrText", "delText", "delInstrText")) | {MC + "AlternateContent"}
_PASSIVE = frozenset(W + name for name in ("proofErr", "lastRenderedPageBreak"))


@dataclass(frozen=True, slots=True)
class Leaf:
    """One element that shows text, with the text it shows and where that begins in the paragraph."""

    element: etree._Element
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def leaves(paragraph: etree._Element) -> list[Leaf]:
    """The paragraph's text, element by element."""
    found: list[Leaf] = []
    at = 0
    for element in _shown(paragraph):
        text = (element.text or "") if element.tag == W + "t" else _sign(element)
        if text:
            found.append(Leaf(element, text, at))
            at += len(text)
    return found


def text_of(paragraph: etree._Element) -> str:
    """The paragraph's text."""
    return "".join(leaf.text for leaf in leaves(paragraph))


def _shown(element: etree._Element) -> Iterator[etree._Element]:
    for child in element:
        if child.tag == W + "t" or child.tag in _SIGNS or child.tag == W + "br":
            yield child
        elif child.tag not in _NOT_WORDS and child.tag != W + "p":
            yield from _shown(child)


def _sign(element: etree._Element) -> str:
    if element.tag == W + "br":
        return "\n" if element.get(W + "type", "textWrapping") == "textWrapping" else ""
    return _SIGNS[str(element.tag)]


def crosses(paragraph: etree._Element, start: int, end: int) -> bool:
    """Whether a stretch of text cannot be taken as one: it crosses a field, link, bookmark, control, tab or line break."""
    touched = [leaf for leaf in leaves(paragraph) if leaf.start < end and start < leaf.end]
    runs = list(dict.fromkeys(leaf.element.getparent() for leaf in touched))
    if any(leaf.element.tag != W + "t" for leaf in touched) or len({run.getparent() for run in runs if run is not None}) != 1:
        return True
    between: list[etree._Element] = []
    step: etree._Element | None = runs[0]
    while step is not None and step is not runs[-1]:
        step = step.getnext()
        if step is not None and step not in runs:
            between.append(step)
    return any(element.tag not in _PASSIVE for element in between)


def put_mark(paragraph: etree._Element, start: int, end: int, mark: str, clear: Iterable[str]) -> None:
    """Replace the text from ``start`` to ``end`` with ``mark``, in the formatting of its first character.

    The mark stands in a run of its own; that run loses the run properties named in ``clear``. Text before and after is
    untouched, and runs left without content go.
    """
    touched = [leaf for leaf in leaves(paragraph) if leaf.start < end and start < leaf.end]
    first, last = touched[0], touched[-1]
    after = last.text[end - last.start :]
    for leaf in touched[1:]:
        _set_text(leaf.element, leaf.text[end - leaf.start :] if leaf is last else "")
    _set_text(first.element, first.text[: start - first.start])
    marked = _run_with(_run_of(first.element), mark, clear)
    _split_after(first.element, marked)
    if first is last and after:
        marked.addnext(_run_with(_run_of(first.element), after, ()))
    for leaf in touched:
        _drop_if_empty(leaf.element)


def _run_of(element: etree._Element) -> etree._Element:
    run = element.getparent()
    assert run is not None  # text stands in runs only; the profile's check refuses anything else
    return run


def _set_text(element: etree._Element, text: str) -> None:
    element.text = text
    element.set(XML_SPACE, "preserve")


def _run_with(like: etree._Element, text: str, clear: Iterable[str]) -> etree._Element:
    run = like.makeelement(W + "r")
    properties = like.find(W + "rPr")
    if properties is not None:
        run.append(_without(deepcopy(properties), clear))
        if not len(run[0]):
            run.remove(run[0])
    written = etree.SubElement(run, W + "t")
    _set_text(written, text)
    return run


def _without(properties: etree._Element, clear: Iterable[str]) -> etree._Element:
    for name in clear:
        for element in properties.findall(W + name):
            properties.remove(element)
    return properties


def _split_after(element: etree._Element, marked: etree._Element) -> None:
    """Put ``marked`` directly after the run of ``element``; what follows ``element`` in that run moves behind it."""
    run = _run_of(element)
    following = list(element.itersiblings())
    run.addnext(marked)
    if following:
        rest = run.makeelement(W + "r")
        properties = run.find(W + "rPr")
        if properties is not None:
            rest.append(deepcopy(properties))
        rest.extend(following)
        marked.addnext(rest)


def _drop_if_empty(element: etree._Element) -> None:
    if element.text:
        return
    run = _run_of(element)
    run.remove(element)
    parent = run.getparent()
    if parent is not None and all(child.tag == W + "rPr" for child in run):
        parent.remove(run)
