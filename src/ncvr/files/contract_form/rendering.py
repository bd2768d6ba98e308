"""Numbers and references as a reader sees them, computed over the whole list of items, whatever the file has cached."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ncvr.files.contract_form.items import Item, plain
from ncvr.files.contract_form.numbering import Counters, Label

_UNNUMBERED = Label()


@dataclass(frozen=True, slots=True)
class Rendered:
    """Items with the label of each, and what each one's references point to: (number shown, text there)."""

    items: Sequence[Item]
    labels: Sequence[Label]
    targets: Sequence[tuple[tuple[str, str], ...]]
    bookmarks: dict[str, int]

    def possible(self, bookmark: str) -> frozenset[str]:
        """What a word processor may print for a numbered reference to this bookmark."""
        at = self.bookmarks.get(bookmark)
        if at is None:
            return frozenset()
        label = self.labels[at]
        return frozenset(text.rstrip(".") or "0" for text in (label.text, label.full)) | {label.text or "0"}


def folded(items: Sequence[Item]) -> tuple[Item, ...]:
    """Page breaks become part of the next paragraph, wherever a word processor stores them."""
    kept: list[Item] = []
    breaking = False
    for item in items:
        if item.kind == "page break":
            breaking = True
        elif breaking and item.kind == "paragraph":
            kept.append(
                item if ("pageBreakBefore", True) in item.shape else replace(item, shape=tuple(sorted((*item.shape, ("pageBreakBefore", True)), key=_name)))
            )
            breaking = False
        else:
            kept.append(item)
    return tuple(kept)


def _name(entry: tuple[str, str | int | bool]) -> str:
    return entry[0]


def render(items: Sequence[Item]) -> Rendered:
    """Labels counted along each story; references resolved; a reference that leads nowhere says so."""
    counters: dict[tuple[str, str, int, str], Counters] = {}
    labels: list[Label] = []
    bookmarks: dict[str, int] = {}
    for at, item in enumerate(items):
        labels.append(_UNNUMBERED if item.numbered is None else counters.setdefault(_flow(item), Counters()).next(item.numbered))
        for name in item.bookmarks:
            bookmarks.setdefault(name, at)
    targets = [tuple(_target(items, labels, bookmarks, reference.target) for reference in item.references) for item in items]
    return Rendered(items, labels, targets, bookmarks)


def _flow(item: Item) -> tuple[str, str, int, str]:
    story = item.story
    return ("body", "", 0, "") if story.kind == "body" else (story.kind, story.part, story.section, story.pages)


def _target(items: Sequence[Item], labels: Sequence[Label], bookmarks: dict[str, int], name: str) -> tuple[str, str]:
    at = bookmarks.get(name)
    return ("", "nothing") if at is None else (labels[at].full, plain(items[at].text))
