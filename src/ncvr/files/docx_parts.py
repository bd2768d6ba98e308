"""The parts of a Word file as trees, found by relationship and never by name, parsed so that nothing hostile expands.

Limits are counted on the bytes before a tree is built. A breach is CannotTell: a word processor might repair what is
refused here into something else.
"""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn
from urllib.parse import unquote

from lxml import etree

from ncvr.errors import CannotTell
from ncvr.files.docx_package import CONTENT_TYPES, Package

MARKUP_PER_PART = 400_000  # "<" and "=" together bound the size of the tree
MARKUP_PER_PACKAGE = 600_000
DEPTH_LIMIT = 128

MAIN_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
OFFICE_RELATIONSHIP = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_PACKAGE = "{http://schemas.openxmlformats.org/package/2006/"
_RELATIONSHIP = _PACKAGE + "relationships}Relationship"
_TYPES = _PACKAGE + "content-types}"
_ASK_AGAIN = "Ask the sender for the file again, as saved by the word processor or by ncvr"

# Word itself writes instructions for forms into custom data; nothing shown comes from them.
_INSTRUCTION = re.compile(rb"<\?(?!xml\s|mso-)")
_DECLARATION = re.compile(
    rb"""\A<\?xml\s+version\s*=\s*["']1\.0["'](?:\s+encoding\s*=\s*["']([A-Za-z0-9._-]+)["'])?(?:\s+standalone\s*=\s*["'](?:yes|no)["'])?\s*\?>"""
)
_TOO_DEEP = etree.XPath(f"boolean(/{'*/' * DEPTH_LIMIT}*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Relationship:
    """One arrow from a part: ``target`` is a part's name, or an address outside when ``external``."""

    id: str
    type: str
    target: str
    external: bool

    @property
    def kind(self) -> str:
        """The last word of the type: ``header``, ``hyperlink`` ..."""
        return self.type.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A package whose main part is known. Trees and relationships are read once each and must not be changed."""

    package: Package
    types: Mapping[str, str]  # content type by part name
    main: str
    _trees: dict[str, etree._Element] = field(default_factory=dict)
    _relationships: dict[str, tuple[Relationship, ...]] = field(default_factory=dict)

    @property
    def place(self) -> str:
        return self.package.place

    def tree(self, name: str) -> etree._Element:
        """The root of a part's tree. Raises CannotTell if it is missing or is not XML that may be read."""
        if name not in self._trees:
            self._trees[name] = parse_part(self.package.content(name), f"{self.place}: {name}")
        return self._trees[name]

    def relationships(self, name: str) -> tuple[Relationship, ...]:
        """The relationships of a part (``""``: of the package), in the order written."""
        if name not in self._relationships:
            self._relationships[name] = _relationships(self.package, name)
        return self._relationships[name]

    def target(self, name: str, kind: str) -> str | None:
        """The one part that ``name`` points to with this kind of office relationship; None if there is none."""
        targets = {arrow.target for arrow in self.relationships(name) if arrow.type == OFFICE_RELATIONSHIP + kind and not arrow.external}
        if len(targets) > 1:
            _refuse(self.place, f"{name} points to several parts as its {kind}", _ASK_AGAIN)
        return next(iter(targets), None)

    def reached(self) -> frozenset[str]:
        """Every part that a relationship leads to, from the package on."""
        seen: set[str] = set()
        todo = [""]
        while todo:
            for arrow in self.relationships(todo.pop()):
                if not arrow.external and arrow.target not in seen and arrow.target in self.package:
                    seen.add(arrow.target)
                    todo.append(arrow.target)
        return frozenset(seen)


def read_parts(package: Package) -> Parts:
    """The parts, with the main document found. Raises CannotTell for macros, other formats, or too much markup."""
    _check_markup(package)
    types = _content_types(package)
    for name, content_type in types.items():
        if "macroenabled" in content_type.lower() or "vba" in content_type.lower() or "vbaproject" in name.lower():
            _refuse(f"{package.place}: {name}", "the file carries macros", "Ask for the agreement as a .docx without macros")
    starts = [arrow for arrow in _relationships(package, "") if arrow.kind == "officeDocument"]
    if len(starts) != 1 or starts[0].external:
        _refuse(package.place, "the file does not say which of its parts is the document", _ASK_AGAIN)
    if starts[0].type != OFFICE_RELATIONSHIP + "officeDocument":
        _refuse(package.place, "the file is in the strict variant of the format, which is not read here", "Save it in Word as 'Word Document (*.docx)'")
    main = starts[0].target
    if types.get(main) != MAIN_TYPE:
        _refuse(f"{package.place}: {main}", "the document is a template, carries macros, or is no Word document", "Save it in Word as 'Word Document (*.docx)'")
    return Parts(package=package, types=types, main=main)


def parse_part(content: bytes, place: str) -> etree._Element:
    """The root of the XML in ``content``. Raises CannotTell; nothing is expanded, fetched or guessed."""
    _check_encoding(content, place)
    if content.count(b"<") + content.count(b"=") > MARKUP_PER_PART:
        _refuse(place, "this part has far more markup than an agreement needs", _ASK_AGAIN)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        _refuse(place, f"this part is damaged ({' '.join(str(error).split())[:120]})", _ASK_AGAIN)
    if _TOO_DEEP(root):
        _refuse(place, f"this part is nested deeper than {DEPTH_LIMIT} levels", _ASK_AGAIN)
    return root


def _refuse(place: str, problem: str, remedy: str) -> NoReturn:
    raise CannotTell(problem, place, remedy)


def _check_encoding(content: bytes, place: str) -> None:
    """UTF-8 without DTD, entities or processing instructions; searching bytes is sound because it is UTF-8."""
    body = content.removeprefix(b"\xef\xbb\xbf")
    declaration = _DECLARATION.match(body)
    if body.startswith(b"<?xml") and declaration is None:
        _refuse(place, "this part begins with a declaration that is not plain XML 1.0", _ASK_AGAIN)
    if declaration and declaration.group(1) and declaration.group(1).upper() not in (b"UTF-8", b"US-ASCII"):
        _refuse(place, f"this part is not in UTF-8 but in {declaration.group(1).decode()}", _ASK_AGAIN)
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        _refuse(place, "this part is not in UTF-8", _ASK_AGAIN)
    if b"\x00" in body or b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        _refuse(place, "this part defines its own entities, which could stand for anything", _ASK_AGAIN)
    if _INSTRUCTION.search(body, declaration.end() if declaration else 0):
        _refuse(place, "this part holds processing instructions", _ASK_AGAIN)


def _check_markup(package: Package) -> None:
    total = 0
    for name, member in package.members.items():
        if name.lower().endswith((".xml", ".rels")):
            total += member.content.count(b"<") + member.content.count(b"=")
    if total > MARKUP_PER_PACKAGE:
        _refuse(package.place, "the file has far more markup than an agreement needs", _ASK_AGAIN)


def _content_types(package: Package) -> dict[str, str]:
    """The content type of every part; a part given two is refused."""
    root = parse_part(package.content(CONTENT_TYPES), f"{package.place}: {CONTENT_TYPES}")
    defaults: dict[str, str] = {}
    overrides: dict[str, str] = {}
    for entry in root:
        known = {_TYPES + "Default": (defaults, "Extension"), _TYPES + "Override": (overrides, "PartName")}.get(str(entry.tag))
        if known is None:
            _refuse(f"{package.place}: {CONTENT_TYPES}", "the list of content types holds something unknown", _ASK_AGAIN)
        table, attribute = known
        key = entry.get(attribute, "").casefold()
        if key in table:
            _refuse(f"{package.place}: {CONTENT_TYPES}", f"two content types are given for {key}", _ASK_AGAIN)
        table[key] = entry.get("ContentType", "")
    return {name: overrides.get("/" + name.casefold(), defaults.get(name.rpartition(".")[2].casefold(), "")) for name in package.members}


def _relationships(package: Package, name: str) -> tuple[Relationship, ...]:
    folder, _, base = name.rpartition("/")
    source = posixpath.join(folder, "_rels", f"{base}.rels")
    if source not in package:
        return ()
    root = parse_part(package.content(source), f"{package.place}: {source}")
    arrows = [_relationship(entry, folder, f"{package.place}: {source}") for entry in root]
    if len({arrow.id for arrow in arrows}) < len(arrows):
        _refuse(f"{package.place}: {source}", "two relationships share one id", _ASK_AGAIN)
    return tuple(arrows)


def _relationship(entry: etree._Element, folder: str, place: str) -> Relationship:
    if entry.tag != _RELATIONSHIP:
        _refuse(place, "the list of relationships holds something unknown", _ASK_AGAIN)
    external = entry.get("TargetMode", "Internal") == "External"
    target = entry.get("Target", "")
    if not external:
        path = unquote(target).partition("#")[0]
        target = posixpath.normpath(path.lstrip("/") if path.startswith("/") else posixpath.join(folder, path))
    return Relationship(id=entry.get("Id", ""), type=entry.get("Type", ""), target=target, external=external)
