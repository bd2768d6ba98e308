"""The strictest level, for files that ncvr wrote itself: every part as it would write it, seen or unseen.

A difference here that the looser levels do not see changes nothing a reader sees, so it is said and spoils no verdict.
"""

from collections.abc import Iterator

from ncvr.domain.verdict import VerdictFinding
from ncvr.files.contract_form.document import read_form
from ncvr.files.contract_form.rendering import folded, render
from ncvr.files.docx_parts import Parts
from ncvr.files.verification.matching import align
from ncvr.files.verification.places import part_of, place_of
from ncvr.files.verification.prepared import PreparedTemplate
from ncvr.files.verification.wording import Comparison

_METADATA = frozenset(("core-properties", "extended-properties", "custom-properties"))
_WALKED = frozenset(("officeDocument", "header", "footer", "footnotes", "endnotes"))


def compare_strictly(template: PreparedTemplate, parts: Parts, loose: Comparison, *, is_ours: bool) -> Iterator[VerdictFinding]:
    """Notices on what differs although nothing shows it; nothing for a file that another program has saved."""
    if not is_ours:
        return
    prepared = template.strict()
    yield from _parts(prepared.form.form.parts, parts)
    rendered = render(folded(read_form(parts, strict=True).items))
    expected = prepared.derived(loose.expected.structure)
    alignment = align(expected, rendered)
    for difference in alignment.differences[:5]:
        at = max(difference.found, 0)
        yield _notice("strict", part_of(rendered.items[at]), place_of(rendered, at), "bookmarks, controls or field codes are not as ncvr writes them")
    for pair in alignment.pairs:
        entry, item = expected.entries[pair.expected], rendered.items[pair.found]
        if entry.pattern is None and entry.zone is None and (entry.item.runs != item.runs or entry.item.shape != item.shape):
            yield _notice("strict", part_of(item), place_of(rendered, pair.found), "formatting is stored in another way than ncvr writes it")
            return


def _notice(check: str, part: str, place: str, says: str) -> VerdictFinding:
    return VerdictFinding(check=check, part=part, place=place, before="", after="", says=f"{says}; nothing a reader sees has changed", level="notice")


def _parts(template: Parts, contract: Parts) -> Iterator[VerdictFinding]:
    """Parts that filling never touches are byte for byte the template's."""
    kinds = {arrow.target: arrow.kind for name in ("", *template.reached()) for arrow in template.relationships(name) if not arrow.external}
    bound = {arrow.target for arrow in template.relationships(template.main) if arrow.kind == "customXml"}
    for name in sorted({*template.package.members, *contract.package.members}):
        if kinds.get(name) in _WALKED or name in bound:
            continue
        same = name in template.package and name in contract.package and template.package.content(name) == contract.package.content(name)
        if not same:
            metadata = kinds.get(name) in _METADATA or name.startswith("docProps/")
            says = "the file's own description (title, author, times) differs" if metadata else f"the part {name} is not the template's"
            yield _notice("metadata" if metadata else "strict", name, name, says)
