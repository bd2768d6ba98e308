"""What the author of a profile needs to know of a Word template: every structure that holds, hides or moves words."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lxml import etree

from ncvr.files.docx_package import read_package
from ncvr.files.docx_parts import Parts, read_parts
from ncvr.files.docx_references import bookmarked, number_references
from ncvr.files.docx_stories import Stories, StoryParagraph, read_stories, text_parts
from ncvr.files.docx_tables import row_texts, rows_of
from ncvr.files.docx_words import MC, W, leaves, text_of
from ncvr.files.template_places import place_words

PROMPT = re.compile(r"\[[^\[\]]*\]")
_VAL = W + "val"
_TRACKED = ("ins", "del", "moveFrom", "moveTo", "rPrChange", "pPrChange")
_SETTINGS = (
    ("documentProtection", "the document is protected against changes"),
    ("trackRevisions", "changes are being tracked"),
    ("updateFields", "fields update on opening"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannedPrompt:
    """A bracketed prompt: how often it stands, where, and over how many runs it is split at most."""

    text: str
    places: tuple[StoryParagraph, ...]
    runs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """``facts``: (kind, what was found), for people; ``prompts`` and ``tables`` are what a profile is drafted from."""

    stories: Stories
    prompts: tuple[ScannedPrompt, ...]
    tables: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]  # header texts and prompts of rows in which every cell is one
    facts: tuple[tuple[str, str], ...]


def scan_template(content: bytes, place: str) -> Scan:
    """Everything of note in a template. Raises CannotTell if the file is damaged, encrypted, carries macros or is no Word file."""
    parts = read_parts(read_package(content, place))
    stories = read_stories(parts, {name: parts.tree(name) for name in text_parts(parts)})
    prompts = tuple(_prompts(stories))
    return Scan(stories=stories, prompts=prompts, tables=tuple(_prompt_tables(stories)), facts=tuple(_facts(stories, prompts)))


def _prompts(stories: Stories) -> Iterator[ScannedPrompt]:
    found: dict[str, list[tuple[StoryParagraph, int]]] = {}
    for paragraph in stories.paragraphs:
        for match in PROMPT.finditer(paragraph.text):
            found.setdefault(match[0], []).append((paragraph, _runs(paragraph.element, *match.span())))
    for text, places in found.items():
        yield ScannedPrompt(text=text, places=tuple(paragraph for paragraph, _ in places), runs=max(runs for _, runs in places))


def _runs(paragraph: etree._Element, start: int, end: int) -> int:
    return len({leaf.element.getparent() for leaf in leaves(paragraph) if leaf.start < end and start < leaf.end})


def _prompt_tables(stories: Stories) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Tables with a row in which each cell is one prompt: likely a schedule with its prototype row."""
    for table in stories.body.iter(W + "tbl"):
        rows = [row_texts(row) for row in rows_of(table)]
        prototypes = [row for row in rows[1:] if len(row) > 1 and len(row) == len(rows[0]) and all(len(PROMPT.findall(cell)) == 1 for cell in row)]
        if len(prototypes) == 1:
            yield tuple(rows[0]), tuple(PROMPT.findall(cell)[0] for cell in prototypes[0])


def _facts(stories: Stories, prompts: Iterable[ScannedPrompt]) -> Iterator[tuple[str, str]]:
    for prompt in prompts:
        where = Counter(place_words(place) for place in prompt.places)
        split = f"; split over {prompt.runs} runs" if prompt.runs > 1 else ""
        yield "prompt", f"{prompt.text} {', '.join(f'{place} ({count})' if count > 1 else place for place, count in where.items())}{split}"
    for part, root in stories.trees.items():
        yield from _formatting(part, root)
        yield from _controls(root)
        yield from _fields(root)
        yield from _changes(part, root)
    yield from _references(stories)
    for element in stories.body.iter(W + "tbl"):
        rows = rows_of(element)
        yield "table", f"{len(rows)} rows, first: {_short(' | '.join(row_texts(rows[0] if rows else None)))}"
    yield from _sections(stories)
    yield from _settings(stories.parts)


def _short(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= 120 else f"{one_line[:117]}..."


def _formatting(part: str, root: etree._Element) -> Iterator[tuple[str, str]]:
    """Highlighted, coloured and hidden text, by colour, with the beginning of the first."""
    for kind, tag in (("highlight", "highlight"), ("shading", "shd"), ("colour", "color")):
        by_value: dict[str, list[str]] = {}
        for run in root.iter(W + "r"):
            element = run.find(f"{W}rPr/{W}{tag}")
            value = "" if element is None else element.get(W + "fill" if tag == "shd" else _VAL, "")
            if value not in ("", "auto", "none") and (text := "".join(each.text or "" for each in run.iter(W + "t"))):
                by_value.setdefault(value, []).append(text)
        for value, texts in by_value.items():
            yield kind, f"{value}: {len(texts)} runs in {part}, first {texts[0][:60]!r}"
    for run in root.iter(W + "r"):
        if run.find(f"{W}rPr/{W}vanish") is not None and (text := "".join(each.text or "" for each in run.iter(W + "t"))):
            yield "hidden text", f"{text[:80]!r} in {part}"


def _controls(root: etree._Element) -> Iterator[tuple[str, str]]:
    for control in root.iter(W + "sdt"):
        properties = control.find(W + "sdtPr")
        if properties is None or any(up.tag == MC + "Fallback" for up in control.iterancestors()):
            continue
        told = [f"{name} {element.get(_VAL)!r}" for name in ("tag", "alias") if (element := properties.find(W + name)) is not None]
        told += ["shows its placeholder"] if properties.find(W + "showingPlcHdr") is not None else []
        binding = properties.find(W + "dataBinding")
        told += [f"bound to {binding.get(W + 'xpath')}"] if binding is not None else []
        content = control.find(W + "sdtContent")
        words = "" if content is None else "".join(text_of(each) for each in content.iter(W + "p")) or text_of(content)
        yield "control", f"{', '.join(told) or 'without tag'}: {words[:60]!r}"


def _fields(root: etree._Element) -> Iterator[tuple[str, str]]:
    codes = ["".join(simple.get(W + "instr", "")) for simple in root.iter(W + "fldSimple")]
    codes += [code.text or "" for code in root.iter(W + "instrText")]
    kinds = Counter(code.split()[0].upper() for code in codes if code.split())
    if kinds:
        yield "fields", ", ".join(f"{kind} ({count})" for kind, count in sorted(kinds.items()))
    for data in root.iter(W + "ffData"):
        name = data.find(W + "name")
        yield "form field", "without name" if name is None else name.get(_VAL, "")


def _changes(part: str, root: etree._Element) -> Iterator[tuple[str, str]]:
    for name in _TRACKED:
        count = sum(1 for _ in root.iter(W + name))
        if count:
            yield "tracked change", f"{name} ({count}) in {part}"
    comments = sum(1 for _ in root.iter(W + "commentReference"))
    if comments:
        yield "comment", f"{comments} in {part}"
    alternates = sum(1 for _ in root.iter(MC + "AlternateContent"))
    if alternates:
        yield "alternate content", f"{alternates} in {part}"


def _references(stories: Stories) -> Iterator[tuple[str, str]]:
    places = bookmarked(stories.body)
    shown = [name for name in places if not name.startswith(("_Toc", "_GoBack"))]
    if shown:
        yield "bookmarks", ", ".join(shown)
    for reference in number_references(stories.body):
        text = "".join(each.text or "" for each in reference.result)
        lost = "" if reference.bookmark in places else ": leads nowhere"
        yield "reference", f"{text!r} to {reference.bookmark}{lost}"


def _sections(stories: Stories) -> Iterator[tuple[str, str]]:
    for number, section in enumerate(stories.body.iter(W + "sectPr"), start=1):
        size = section.find(W + "pgSz")
        landscape = size is not None and size.get(W + "orient") == "landscape"
        footers = [reference.get(W + "type", "default") for reference in section.iter(W + "footerReference")]
        yield "section", f"{number}: {'landscape' if landscape else 'portrait'}, footers: {', '.join(footers) or 'as before'}"


def _settings(parts: Parts) -> Iterator[tuple[str, str]]:
    name = parts.target(parts.main, "settings")
    root = None if name is None else parts.tree(name)
    for tag, says in (
        ("documentProtection", "the document is protected against changes"),
        ("trackRevisions", "changes are being tracked"),
        ("updateFields", "fields update on opening"),
    ):
        if root is not None and root.find(W + tag) is not None:
            yield "setting", says
