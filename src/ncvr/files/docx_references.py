"""Stored results of cross-references and of the table of contents, made true after paragraphs have gone.

Word shows what is stored until somebody updates it. Only what is wrong is rewritten, in the formatting it has.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from ncvr.files.docx_labels import reference_label
from ncvr.files.docx_words import W, leaves

_NUMBER_SWITCHES = {"\\r", "\\n", "\\w"}


@dataclass(frozen=True, slots=True)
class Reference:
    """A cross-reference to the number of a paragraph: the bookmark it names and the elements that hold its result."""

    bookmark: str
    field: etree._Element  # the run that begins it
    result: tuple[etree._Element, ...]  # w:t elements


def bookmarked(root: etree._Element) -> dict[str, etree._Element]:
    """The paragraph in which each bookmark begins (for one that begins between paragraphs: the next one)."""
    found: dict[str, etree._Element] = {}
    for start in root.iter(W + "bookmarkStart"):
        around = next(start.iterancestors(W + "p"), None)
        paragraph = around if around is not None else next(start.itersiblings(W + "p"), None)
        if paragraph is not None:
            found[start.get(W + "name", "")] = paragraph
    return found


def number_references(root: etree._Element) -> Iterator[Reference]:
    """Every REF field that shows a paragraph number, in either way of writing fields."""
    for simple in root.iter(W + "fldSimple"):
        name = _target(simple.get(W + "instr", ""))
        if name:
            yield Reference(name, simple, tuple(simple.iter(W + "t")))
    for paragraph in root.iter(W + "p"):
        yield from _complex_references(paragraph)


def _complex_references(paragraph: etree._Element) -> Iterator[Reference]:
    open_fields: list[dict[str, list[etree._Element]]] = []
    for element in paragraph.iter(W + "fldChar", W + "instrText", W + "t"):
        kind = element.get(W + "fldCharType") if element.tag == W + "fldChar" else None
        if kind == "begin":
            open_fields.append({"begin": [element], "code": [], "separate": [], "result": []})
        elif not open_fields:
            continue
        elif kind == "separate":
            open_fields[-1]["separate"].append(element)
        elif kind == "end":
            field = open_fields.pop()
            name = _target("".join(code.text or "" for code in field["code"]))
            run = field["begin"][0].getparent()
            if name and run is not None:
                yield Reference(name, run, tuple(field["result"]))
        else:
            open_fields[-1]["code" if element.tag == W + "instrText" else "result"].append(element)


def _target(code: str) -> str | None:
    words = code.split()
    return words[1] if len(words) > 1 and words[0].upper() == "REF" and _NUMBER_SWITCHES & set(words[2:]) else None


def renew_references(root: etree._Element, labels: Mapping[etree._Element, str]) -> None:
    """Write the present number into every reference whose stored result differs."""
    places = bookmarked(root)
    for reference in number_references(root):
        target = places.get(reference.bookmark)
        label = reference_label(labels.get(target, "")) if target is not None else ""
        stored = "".join(element.text or "" for element in reference.result)
        if label and reference.result and stored != label:
            reference.result[0].text = label
            for element in reference.result[1:]:
                element.text = ""


def renew_contents(root: etree._Element, before: Mapping[str, str], labels: Mapping[etree._Element, str]) -> None:
    """Drop entries whose heading has gone and renew the number at the beginning of the others.

    ``before`` holds the label of each bookmark's paragraph in the template, which is how an entry's number is known.
    """
    places = bookmarked(root)
    for link in list(root.iter(W + "hyperlink")):
        name = link.get(W + "anchor", "")
        entry = link.getparent()
        if not name.startswith("_Toc") or entry is None or entry.tag != W + "p":
            continue
        if name not in places:
            _drop_entry(entry)
        else:
            _renew_entry(link, before.get(name, ""), labels.get(places[name], ""))


def _renew_entry(link: etree._Element, old: str, new: str) -> None:
    shown = leaves(link)
    if old == new or not old or not shown or not "".join(leaf.text for leaf in shown).startswith(old + "\t"):
        return
    shown[0].element.text = new + shown[0].text[len(old) :]
    for leaf in shown[1:]:
        if leaf.start < len(old):
            leaf.element.text = leaf.text[len(old) - leaf.start :]


def _drop_entry(entry: etree._Element) -> None:
    """Take an entry out; if the contents field begins in it, its beginning moves to the next entry."""
    following, parent = entry.getnext(), entry.getparent()
    begins = [run for run in entry.iterchildren(W + "r") if any(True for _ in run.iter(W + "fldChar", W + "instrText"))]
    if following is not None and begins:
        properties = following.find(W + "pPr")
        at = 0 if properties is None else 1
        for run in reversed(begins):
            following.insert(at, run)
    if parent is not None:
        parent.remove(entry)
