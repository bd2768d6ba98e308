"""Content controls on filling: no longer a placeholder, and true to the data they are bound to.

Word replaces the text of a bound control by what its data store holds as soon as the file is opened; a fill that
changes only the shown text would vanish.
"""

import re

from lxml import etree

from ncvr.files.docx_parts import Parts
from ncvr.files.docx_words import W

_ITEM_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/customXml}itemID"
_CORE_PROPERTIES = "{6C3C8BC8-F283-45AE-878A-BAB7291924A1}"  # the id Word gives to docProps/core.xml as a store
_MAPPING = re.compile(r"""xmlns:([\w.-]+)\s*=\s*["']([^"']*)["']""")


def end_placeholder(control: etree._Element) -> None:
    """The control no longer says that it shows its placeholder, or Word would show grey text that goes at a click."""
    properties = control.find(W + "sdtPr")
    flag = None if properties is None else properties.find(W + "showingPlcHdr")
    if properties is not None and flag is not None:
        properties.remove(flag)


def bound_node(control: etree._Element, parts: Parts, trees: dict[str, etree._Element]) -> etree._Element | None:
    """The node of a data store that the control shows; None if it is not bound. Its part's tree is added to ``trees``."""
    binding = control.find(f"{W}sdtPr/{W}dataBinding")
    if binding is None:
        return None
    part = _store(binding.get(W + "storeItemID", ""), parts)
    if part is None:
        return None
    if part not in trees:
        trees[part] = etree.fromstring(etree.tostring(parts.tree(part)))
    mappings = dict(_MAPPING.findall(binding.get(W + "prefixMappings", "")))
    found = trees[part].xpath(binding.get(W + "xpath", ""), namespaces=mappings)
    return found[0] if isinstance(found, list) and found and isinstance(found[0], etree._Element) else None


def _store(item: str, parts: Parts) -> str | None:
    """The part of a data store by its id."""
    if item.upper() == _CORE_PROPERTIES:
        return next((arrow.target for arrow in parts.relationships("") if arrow.kind == "core-properties"), None)
    for arrow in parts.relationships(parts.main):
        if arrow.kind == "customXml" and not arrow.external:
            for inner in parts.relationships(arrow.target):
                if inner.kind == "customXmlProps" and parts.tree(inner.target).get(_ITEM_ID, "").upper() == item.upper():
                    return arrow.target
    return None
