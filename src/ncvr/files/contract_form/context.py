"""What every paragraph of a file is read with: styles, lists, the parts, and a budget of work."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from ncvr.errors import CannotTell
from ncvr.files.contract_form.items import Block, Item
from ncvr.files.contract_form.names import A, R, W
from ncvr.files.contract_form.numbering import Numbering, read_numbering
from ncvr.files.contract_form.styles import Styles, read_styles
from ncvr.files.contract_form.theme import read_theme
from ncvr.files.docx_parts import Parts, Relationship

BUDGET = 60_000  # runs and paragraphs; an agreement of 33 pages has 1,900


@dataclass(frozen=True, slots=True)
class Binding:
    """A content control whose text Word takes from a data store when it opens the file."""

    part: str
    store: str
    path: str
    namespaces: str
    text: str


@dataclass(slots=True)
class Context:
    """``strict`` reads what is otherwise noise too: bookmarks, controls, raw formatting."""

    parts: Parts
    styles: Styles
    numbering: Numbering
    strict: bool
    page: str  # the colour behind everything
    items: list[Item] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    bindings: list[Binding] = field(default_factory=list)
    remarks: list[tuple[str, str]] = field(default_factory=list)  # (part, what is wrong), not tied to an item
    used_fonts: set[str] = field(default_factory=set)
    _arrows: dict[str, Mapping[str, Relationship]] = field(default_factory=dict)
    spent: int = 0

    def spend(self, amount: int = 1) -> None:
        """Count work done. Raises CannotTell beyond the budget."""
        self.spent += amount
        if self.spent > BUDGET:
            raise CannotTell(
                f"the document has more than {BUDGET:,} runs and paragraphs", self.parts.place, "Send the agreement alone, as saved by the word processor"
            )

    def arrow(self, part: str, key: str | None) -> Relationship | None:
        """The relationship of a part by its id."""
        if part not in self._arrows:
            self._arrows[part] = {arrow.id: arrow for arrow in self.parts.relationships(part)}
        return self._arrows[part].get(key or "")

    def tree(self, kind: str) -> etree._Element | None:
        """The tree of the part the main document points to as its ``kind``."""
        name = self.parts.target(self.parts.main, kind)
        return self.parts.tree(name) if name is not None and name in self.parts.package else None

    def picture(self, part: str, element: etree._Element) -> str:
        """What a picture shows: the SHA-256 of its bytes, or the address it is fetched from."""
        import hashlib

        shown = []
        for blip in element.iter(A + "blip", "{urn:schemas-microsoft-com:vml}imagedata"):
            arrow = self.arrow(part, blip.get(R + "embed") or blip.get(R + "id") or blip.get(R + "link"))
            if arrow is None:
                shown.append("missing")
            elif arrow.external or arrow.target not in self.parts.package:
                shown.append(f"from {arrow.target}")
            else:
                shown.append(hashlib.sha256(self.parts.package.content(arrow.target)).hexdigest()[:16])
        return " ".join(shown)


def open_context(parts: Parts, *, strict: bool = False) -> Context:
    """The context of a file, with styles, lists and theme read."""

    def tree(kind: str) -> etree._Element | None:
        name = parts.target(parts.main, kind)
        return parts.tree(name) if name is not None and name in parts.package else None

    settings = tree("settings")
    mapping = None if settings is None else settings.find(W + "clrSchemeMapping")
    theme = read_theme(tree("theme"), None if mapping is None else {str(name).rpartition("}")[2]: str(value) for name, value in mapping.attrib.items()})
    background = parts.tree(parts.main).find(W + "background")
    shows = settings is not None and settings.find(W + "displayBackgroundShape") is not None
    page = (background.get(W + "color") or "").upper() if background is not None and shows else ""
    return Context(parts, read_styles(tree("styles"), theme), read_numbering(tree("numbering"), theme), strict, page if len(page) == 6 else "FFFFFF")
