"""The expected document: the template with the permitted operations of one structure applied, numbered anew."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ncvr.files.contract_form.items import Item
from ncvr.files.contract_form.rendering import Rendered, folded, render
from ncvr.files.verification.patterns import Expected, formats_at
from ncvr.files.verification.structure import Structure
from ncvr.files.verification.template_form import Range, TemplateForm


@dataclass(frozen=True, slots=True)
class ExpectedDocument:
    """Everything that must stand, in order. ``rendered`` has the items alike, so numbers of one are numbers of the other."""

    template: TemplateForm
    structure: Structure
    entries: tuple[Expected, ...]
    rendered: Rendered


def derive(template: TemplateForm, structure: Structure) -> ExpectedDocument:
    """What a contract of this structure must be."""
    entries = _folded(_stretch(template, structure, (0, len(template.form.items)), None))
    rendered = render([entry.item for entry in entries])
    entries = _contents(template, entries, rendered)
    return ExpectedDocument(template, structure, tuple(entries), render([entry.item for entry in entries]))


def _folded(entries: Iterable[Expected]) -> list[Expected]:
    """Page breaks become part of the next paragraph that is left."""
    kept: list[Expected] = []
    breaks: list[Item] = []
    for entry in entries:
        if entry.item.kind == "page break":
            breaks.append(entry.item)
        elif breaks and entry.item.kind == "paragraph":
            kept.append(replace(entry, item=folded([*breaks, entry.item])[0]))
            breaks.clear()
        else:
            kept.append(entry)
    return kept


def _removed(template: TemplateForm, structure: Structure) -> list[Range]:
    removed = list(template.instructions)
    for name, ranges in template.conditional.items():
        removed += () if name in structure.kept else ranges
    for (choice, value), ranges in template.alternatives.items():
        removed += () if structure.chosen[choice] == value else ranges
    return removed


def _stretch(template: TemplateForm, structure: Structure, whole: Range, arm: int | None) -> Iterator[Expected]:
    removed = dict(_removed(template, structure))
    repeats = {start: (repeat, (start, end)) for repeat, (start, end) in template.repeats if arm is None}
    zones = {start: (zone, end) for zone, (start, end) in template.zones}
    prototypes = {table.rows[table.prototype][0]: table for table in template.tables}
    at, end = whole
    while at < end:
        if at in removed:
            at = removed[at]
        elif at in repeats:
            repeat, inside = repeats[at]
            for number in range(structure.arms[repeat.name]):
                yield from _stretch(template, structure, inside, number)
            at = inside[1]
        elif at in zones:
            zone, after = zones[at]
            items = tuple(template.form.items[at:after])
            for number in range(structure.zones[zone.name]):
                nearest = min(number, len(items) - 1)
                yield Expected(replace(items[nearest], bookmarks=()), zone=zone, zone_items=items, source=at + nearest)
            at = after
        elif at in prototypes:
            start, after = prototypes[at].rows[prototypes[at].prototype]
            for row in range(structure.rows[prototypes[at].profile.name, arm]):
                yield from (_one(template, number, arm, row) for number in range(start, after))
            at = after
        else:
            yield _one(template, at, arm, None)
            at += 1


def _one(template: TemplateForm, at: int, arm: int | None, row: int | None) -> Expected:
    return Expected(template.form.items[at], template.patterns.get(at), arm, row, source=at)


def _contents(template: TemplateForm, entries: Sequence[Expected], rendered: Rendered) -> list[Expected]:
    """Entries of the table of contents with their headings' new numbers; those of headings that are gone are gone."""
    before = render(template.form.items)
    kept: list[Expected] = []
    for entry in entries:
        target = next((reference.target for reference in entry.item.references if reference.kind == "page"), None)
        if not entry.item.contents or target is None or target not in before.bookmarks:
            kept.append(entry)
        elif target in rendered.bookmarks:
            old, new = before.labels[before.bookmarks[target]].text, rendered.labels[rendered.bookmarks[target]].text
            kept.append(entry if old == new or not entry.item.text.startswith(old) else replace(entry, item=_relabelled(entry.item, old, new)))
    return kept


def _relabelled(item: Item, old: str, new: str) -> Item:
    """The entry with another number in front, in the formatting of the old one."""
    length = len(item.text)
    first = formats_at(item.runs, 0, 1)[0][1]
    rest = formats_at(item.runs, len(old), length)
    runs = [(len(new), first), *rest] if new else rest
    if len(runs) > 1 and runs[0][1] == runs[1][1]:
        runs[:2] = [(runs[0][0] + runs[1][0], runs[0][1])]
    return replace(item, text=new + item.text[len(old) :], runs=tuple(runs))
