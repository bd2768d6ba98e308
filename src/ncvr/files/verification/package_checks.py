"""The file as a whole: what it points to, what it carries, and settings that show. Each difference from the template is said."""

import hashlib
import re
from collections.abc import Iterator

from lxml import etree

from ncvr.domain.verdict import VerdictFinding
from ncvr.files.contract_form.document import SETTINGS_THAT_SHOW, Form, settings_that_show
from ncvr.files.contract_form.names import VAL, R, W, local
from ncvr.files.docx_parts import Parts, Relationship

# What an agreement may be made of. Anything else must be in the template too, with the same content.
_USUAL = frozenset(("officeDocument", "core-properties", "extended-properties", "custom-properties", "thumbnail", "styles", "stylesWithEffects", "settings"))
_USUAL |= {"webSettings", "fontTable", "theme", "numbering", "footnotes", "endnotes", "header", "footer", "hyperlink", "customXml", "customXmlProps"}
_USUAL |= {"people", "classificationlabels"}
_RISKY = {
    "aFChunk": "another document that is merged in when the file is opened",
    "subDocument": "another document that is shown inside this one",
    "attachedTemplate": "a template that may bring its own styles and macros",
    "oleObject": "an embedded object",
    "package": "an embedded file",
    "control": "an embedded control",
    "font": "a font of its own, which may draw other signs than the letters stored",
    "image": "a picture",
    "chart": "a chart",
    "comments": "comments",
    "glossaryDocument": "building blocks",
    "origin": "a digital signature of its own",
    "frame": "a frame",
    "diagramData": "a diagram",
}
_CORE = "{6C3C8BC8-F283-45AE-878A-BAB7291924A1}"
_EXTENDED = "{6668398D-A668-4E3E-A5EB-62B293D839F1}"
_PROPERTIES = {_CORE: "core-properties", _EXTENDED: "extended-properties"}


def check_package(template: Form, contract: Form) -> Iterator[VerdictFinding]:
    """Parts and links a contract may not have, settings that show, fonts that redraw, bound controls, words in odd places."""
    yield from _relationships(template.parts, contract.parts)
    yield from _settings(template.parts, contract.parts)
    yield from _fonts(template, contract)
    yield from _bindings(template, contract)
    for part, says in set(contract.remarks) - set(template.remarks):
        yield _finding(part, f"{says}. Restore the template's")


def _finding(part: str, says: str, before: str = "", after: str = "") -> VerdictFinding:
    return VerdictFinding(check="package", part=part, place=part, before=before, after=after, says=says)


def _arrows(parts: Parts) -> Iterator[tuple[str, Relationship]]:
    for name in ("", *sorted(parts.reached())):
        yield from ((name, arrow) for arrow in parts.relationships(name))


def _relationships(template: Parts, contract: Parts) -> Iterator[VerdictFinding]:
    known = {_what(template, arrow) for _, arrow in _arrows(template)}
    for name, arrow in _arrows(contract):
        if not arrow.external and arrow.target not in contract.package:
            yield _finding(name or "package", f"it points to {arrow.target}, which isn't there. Ask for the file again")
        elif (arrow.external or arrow.kind not in _USUAL) and _what(contract, arrow) not in known:
            what = f"an address outside ({arrow.target})" if arrow.external else _RISKY.get(arrow.kind, f"something unknown ({arrow.kind})")
            yield _finding(name or "package", f"the file carries {what}, which the template does not. Take it out", after=arrow.target)


def _what(parts: Parts, arrow: Relationship) -> tuple[str, str]:
    if arrow.external or arrow.target not in parts.package:
        return arrow.kind, arrow.target
    return arrow.kind, hashlib.sha256(parts.package.content(arrow.target)).hexdigest()


def _settings(template: Parts, contract: Parts) -> Iterator[VerdictFinding]:
    before, after = settings_that_show(template), settings_that_show(contract)
    for said in sorted(after - before):
        yield _finding("settings", f"a setting was added or changed: {SETTINGS_THAT_SHOW[said.split()[0]]}. Restore the template's", after=said)
    for said in sorted(before - after):
        if not any(other.split()[0] == said.split()[0] for other in after):
            yield _finding("settings", f"a setting is gone: {SETTINGS_THAT_SHOW[said.split()[0]]}. Restore the template's", before=said)


def _fonts(template: Form, contract: Form) -> Iterator[VerdictFinding]:
    """A font in use that is replaced by another, or brought along."""
    before, after = _font_table(template.parts), _font_table(contract.parts)
    for font in sorted(contract.fonts & after.keys()):
        if after[font] not in ("", before.get(font, "")):
            yield _finding("fonts", f"the font {font} is replaced by {after[font]}. Restore the template's", before=before.get(font, ""), after=after[font])


def _font_table(parts: Parts) -> dict[str, str]:
    name = parts.target(parts.main, "fontTable")
    if name is None or name not in parts.package:
        return {}
    table = {}
    for font in parts.tree(name):
        other = font.find(W + "altName")
        embedded = sorted(local(child) for child in font if local(child).startswith("embed") and child.get(R + "id"))
        table[font.get(W + "name", "")] = " ".join(filter(None, ("" if other is None else other.get(VAL, ""), *embedded)))
    return table


def _bindings(template: Form, contract: Form) -> Iterator[VerdictFinding]:
    """Word fills a bound control from its data store on opening: the store must say what the control shows."""
    known = {(binding.store, binding.path) for binding in template.bindings}
    for binding in contract.bindings:
        if (binding.store, binding.path) not in known:
            yield _finding(
                binding.part, f"a control takes its text from the data of the file ({binding.path}), which it does not in the template", after=binding.text
            )
        stored = _stored(contract.parts, binding.store, binding.path, binding.namespaces)
        if stored is not None and stored != binding.text:
            says = f"Word would show '{stored}' when it opens the file, where '{binding.text}' is stored. Fill the contract again"
            yield _finding(binding.part, says, before=stored, after=binding.text)


def _stored(parts: Parts, store: str, path: str, namespaces: str) -> str | None:
    """What a data store holds at a path; None where the store or the place isn't there, so Word leaves the text alone."""
    root = _store(parts, store)
    if root is None:
        return None
    prefixes = dict(re.findall(r"xmlns:(\w+)=['\"]([^'\"]*)['\"]", namespaces))
    try:
        found = root.getroottree().xpath(path, namespaces=prefixes or None)
    except (etree.XPathError, ValueError):
        return None
    first = found[0] if isinstance(found, list) and found else None
    if isinstance(first, etree._Element):
        return "".join(str(text) for text in first.itertext())
    return None if first is None else str(first)


def _store(parts: Parts, store: str) -> etree._Element | None:
    if store in _PROPERTIES:
        arrow = next((arrow for arrow in parts.relationships("") if arrow.kind == _PROPERTIES[store]), None)
        return parts.tree(arrow.target) if arrow is not None and arrow.target in parts.package else None
    for arrow in parts.relationships(parts.main):
        if arrow.kind != "customXml" or arrow.target not in parts.package:
            continue
        for properties in parts.relationships(arrow.target):
            if properties.kind == "customXmlProps" and properties.target in parts.package:
                item = parts.tree(properties.target)
                if any(str(value).upper() == store for value in item.attrib.values()):
                    return parts.tree(arrow.target)
    return None
