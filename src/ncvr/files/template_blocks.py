"""The blocks and free zones of a profile, found in its template by how their text begins."""

from collections.abc import Iterable

from lxml import etree

from ncvr.files.docx_stories import Stories
from ncvr.files.docx_words import W, text_of
from ncvr.files.template_map import TemplateMap, number_of, refuse
from ncvr.files.template_profile import FreeZone, Span, TemplateProfile


def find_blocks(profile: TemplateProfile, found: TemplateMap) -> None:
    wanted: list[tuple[str | tuple[str, str], str, Iterable[Span]]] = []
    wanted += [(block.name, block.name, block.spans) for block in profile.conditional_blocks]
    wanted += [((choice.name, option.value), choice.name, option.spans) for choice in profile.choices for option in choice.alternatives]
    wanted += [(instruction.name, instruction.name, instruction.spans) for instruction in profile.instructions if instruction.spans]
    wanted += [(repeat.name, repeat.name, [repeat.span]) for repeat in profile.repeats]
    owners: dict[etree._Element, str] = {}
    for key, name, spans in wanted:
        found.blocks[key] = [blocks for span in spans if (blocks := _span(span, name, found))]
        for element in [element for blocks in found.blocks[key] for element in blocks]:
            if element in owners:
                refuse(found, name, f"its block {_begins(element)!r} also belongs to {owners[element]}", "Let every block belong to one of them only")
            owners[element] = name


def _span(span: Span, name: str, found: TemplateMap) -> list[etree._Element]:
    candidates = [each for each in _candidates(span, found.stories) if _begins(each).startswith(span.first)]
    if span.under is not None:
        candidates = [each for each in candidates if _under(each, found.stories) == span.under]
    if len(candidates) != 1:
        refuse(
            found,
            name,
            f"{number_of(len(candidates), f'{span.unit} begins', f'{span.unit}s begin')} with {span.first!r}",
            "Give the beginning of exactly one, or the heading it is under",
        )
        return []
    blocks = [candidates[0]]
    wanted = span.last or span.first
    while not _begins(blocks[-1]).startswith(wanted):
        following = blocks[-1].getnext()
        if following is None:
            refuse(found, name, f"no {span.unit} after {span.first!r} begins with {wanted!r}", "Give the beginning of a block further on")
            return []
        blocks.append(following)
    if any(True for block in blocks for _ in block.iter(W + "sectPr")):
        refuse(found, name, "a section break stands inside it, so taking it out would change the pages around it", "Let the block end before the section break")
    return blocks


def _candidates(span: Span, stories: Stories) -> Iterable[etree._Element]:
    return stories.body.iter(W + "tr") if span.unit == "row" else stories.body.iterchildren()


def _begins(block: etree._Element) -> str:
    """The text of the block's first paragraph that has any."""
    return next((text for paragraph in block.iter(W + "p") if (text := text_of(paragraph))), "")


def _under(block: etree._Element, stories: Stories) -> str:
    first = next(block.iter(W + "p"), None)
    return next((each.under for each in stories.paragraphs if each.element is first), "")


def find_zone(zone: FreeZone, found: TemplateMap) -> None:
    blocks = list(found.stories.body.iterchildren())
    ends = []
    for which, wanted in (("after", zone.after), ("before", zone.before)):
        matches = [at for at, block in enumerate(blocks) if _begins(block).startswith(wanted)]
        if len(matches) != 1:
            refuse(
                found,
                zone.name,
                f"{number_of(len(matches), 'block begins', 'blocks begin')} with {wanted!r} ({which})",
                "Give the beginning of exactly one block",
            )
            return
        ends.append(matches[0])
    inside = blocks[ends[0] + 1 : ends[1]]
    if not inside or any(block.tag != W + "p" for block in inside):
        refuse(found, zone.name, "between its two fixed paragraphs there is not just text", "Let it hold at least one paragraph, and only paragraphs")
        return
    found.zones[zone.name] = inside
