"""Everything to say of a template and its profile before anybody relies on them: errors, and what deserves a second look."""

import re
from collections.abc import Iterator, Mapping

from lxml import etree

from ncvr.domain.appendix import known_key
from ncvr.domain.appendix_rows import TABLES
from ncvr.errors import Finding
from ncvr.files.docx_labels import Labels
from ncvr.files.docx_parts import Parts
from ncvr.files.docx_references import bookmarked, number_references
from ncvr.files.docx_words import W, text_of
from ncvr.files.prepared_template import prepare
from ncvr.files.template_decisions import Decisions, facts_of
from ncvr.files.template_map import TemplateMap
from ncvr.files.template_profile import FieldProfile, TemplateProfile
from ncvr.files.template_registry import RegisteredTemplate

_TRACKED = ("ins", "del", "moveFrom", "moveTo", "commentRangeStart", "commentReference", "rPrChange", "pPrChange")
_TEXT = re.compile(r"<[^>]*>")


def check_template(template: RegisteredTemplate) -> list[Finding]:
    """All findings of a template whose content is the pinned one and whose places were found. Errors first."""
    profile, found = template.profile, template.places
    labels = _labels(template.parts).of(found.stories.body)
    findings = [
        *_check_sources(profile),
        *_check_repeats(profile, found, labels),
        *_check_references(found, labels),
        *_check_marks(found),
        *_check_residue(template),
        *_freed_clauses(profile, found, labels),
    ]
    placed = [Finding(f"{template.name}: {each.place}", each.problem, each.remedy, each.level) for each in findings]
    return sorted(placed, key=lambda finding: finding.level != "error")


def _labels(parts: Parts) -> Labels:
    numbering, styles = parts.target(parts.main, "numbering"), parts.target(parts.main, "styles")
    return Labels(None if numbering is None else parts.tree(numbering), etree.Element(W + "styles") if styles is None else parts.tree(styles))


def _check_sources(profile: TemplateProfile) -> Iterator[Finding]:
    """Keys, tables and columns that the financial appendix doesn't have."""
    keys = [(field.name, field.source) for field in profile.fields if field.source is not None]
    keys += [(choice.name, choice.source) for choice in profile.choices] + [(zone.name, zone.source) for zone in profile.free_zones]
    keys += [(block.name, fact) for block in profile.conditional_blocks for fact in facts_of(block.keep_when)]
    for name, key in keys:
        if not known_key(key):
            yield Finding(
                name, f"nothing is known as {key!r}", "Use a key of the details, study, site, price or arm; ncvr schema details names those of the details"
            )
    for table in profile.tables:
        columns = TABLES.get(table.rows)
        if columns is None:
            yield Finding(table.name, f"the financial appendix has no table {table.rows!r}", f"Use one of: {', '.join(TABLES)}")
        for column in table.columns if columns is not None else ():
            if column.key not in (columns or ()):
                yield Finding(f"{table.name}, {column.header}", f"{table.rows} has no column {column.key!r}", f"Use one of: {', '.join(columns or ())}")


def _check_repeats(profile: TemplateProfile, found: TemplateMap, labels: Mapping[etree._Element, str]) -> Iterator[Finding]:
    """What stands once per arm is inside the repeat, and nothing that may stand only once in a file is."""
    inside = {element for repeat in profile.repeats for block in found.blocks[repeat.name] for root in block for element in root.iter()}
    for prompt in found.prompts:
        if isinstance(prompt.owner, FieldProfile):
            of_arm = (prompt.owner.source or "").startswith("arm.")
            if of_arm and prompt.paragraph.element not in inside:
                yield Finding(prompt.owner.name, "a value of an arm stands outside the blocks repeated for each arm", "Move the prompt, or give another source")
    for table in found.tables:
        if table.profile.rows.startswith("arm.") != (table.row in inside):
            yield Finding(table.profile.name, "the table and the repeat over the arms do not agree", "Tables of an arm stand inside the repeat, others outside")
    for element in inside:
        if element.tag in (W + "bookmarkStart", W + "sdt", W + "drawing", W + "footnoteReference") or element in labels:
            said = "a numbered paragraph" if element in labels else f"a {etree.QName(element).localname}"
            yield Finding(
                "repeats", f"{said} stands in a block that is repeated; its number or id would stand several times", "Take it out of the repeated block"
            )


def _check_references(found: TemplateMap, labels: Mapping[etree._Element, str]) -> Iterator[Finding]:
    """References resolve, and nothing that stays refers to what may go."""
    owner_of = {}
    for key, spans in found.blocks.items():
        for element in [inner for blocks in spans for block in blocks for inner in block.iter()]:
            owner_of[element] = key
    places = bookmarked(found.stories.body)
    for reference in number_references(found.stories.body):
        target = places.get(reference.bookmark)
        shown = "".join(each.text or "" for each in reference.result)
        if target is None or target not in labels:
            yield Finding("references", f"the reference shown as {shown!r} leads nowhere ({reference.bookmark})", "Mend it in the template, and register that")
        elif target in owner_of and owner_of.get(reference.field) != owner_of[target]:
            said = f"the reference shown as {shown!r} leads into a block that may go, and itself stays"
            yield Finding("references", said, "Let the reference stand in a span of the same block")


def _check_marks(found: TemplateMap) -> Iterator[Finding]:
    """Tracked changes and comments have no place in a template."""
    for part, tree in found.stories.trees.items():
        for name in _TRACKED:
            if next(tree.iter(W + name), None) is not None:
                yield Finding(part, f"the template holds tracked changes or comments ({name})", "Accept or remove them, and register the clean file")


def _check_residue(template: RegisteredTemplate) -> Iterator[Finding]:
    """With every block kept and every hole filled, no text that looks like a prompt is left."""
    profile = template.profile
    first = tuple((choice.name, choice.alternatives[0].value) for choice in profile.choices)
    blank = frozenset(field.name for field in profile.fields if field.source is None)
    kept = frozenset(block.name for block in profile.conditional_blocks)
    shapes = [first, tuple((choice.name, choice.alternatives[-1].value) for choice in profile.choices)]
    blanks = {place.prompt or field.prompt for field in profile.fields if field.may_stay_blank for place in field.places}
    seen: set[str] = set()
    for chosen in shapes:
        prepared = prepare(template.parts, profile, Decisions(kept=kept, chosen=chosen, zones=(), blank=blank))
        for part, text in prepared.literals():
            for found in (match[0] for pattern in profile.residue.patterns for match in re.finditer(pattern, _TEXT.sub("", text))):
                if found not in blanks and found not in seen:
                    seen.add(found)
                    yield Finding(part, f"{found!r} would be left in a finished contract", "Name it in the profile as a field, an instruction or a blank")


def _freed_clauses(profile: TemplateProfile, found: TemplateMap, labels: Mapping[etree._Element, str]) -> Iterator[Finding]:
    """A free zone over a numbered clause, or a prompt that is one, lets anybody rewrite it."""

    def numbered(element: etree._Element) -> str:
        label = labels.get(element, "")
        return label if any(sign.isdigit() for sign in label) else ""

    for name, elements in found.zones.items():
        freed = [label for element in elements if (label := numbered(element))]
        if freed:
            said = f"this free zone covers the numbered clause{'s' if len(freed) > 1 else ''} {', '.join(freed)}: anybody may reword it"
            yield Finding(name, said, "Make sure that the national instructions really allow this", "notice")
    for prompt in found.prompts:
        label = numbered(prompt.paragraph.element)
        whole = prompt.end - prompt.start == len(text_of(prompt.paragraph.element))
        if isinstance(prompt.owner, FieldProfile) and label and whole:
            said = f"this field is the whole of the numbered clause {label}: anybody may word it"
            yield Finding(prompt.owner.name, said, "Make sure that the national instructions really allow this", "notice")
