"""Alterations of fields, references, controls, parts and the package: where what is shown is not what is stored."""

import zlib

from lxml import etree

from tests.mutation_bank.draft import (
    DOCUMENT,
    MC,
    SETTINGS,
    STYLES,
    Draft,
    Mark,
    R,
    W,
    copied,
    field_results,
    mark_cells,
    mark_of,
    new_paragraph,
    new_run,
    paragraph_of,
    properties,
    remove,
    said,
    words_of,
)
from tests.mutation_bank.kinds import kind

VML = "urn:schemas-microsoft-com:vml"


def _field(code: str, result: str) -> list[etree._Element]:
    runs = []
    for what in ("begin", "code", "separate", "result", "end"):
        run = etree.Element(W + "r")
        if what == "code":
            etree.SubElement(run, W + "instrText").text = f" {code} "
        elif what == "result":
            run = new_run(result)
        else:
            etree.SubElement(run, W + "fldChar", {W + "fldCharType": what})
        runs.append(run)
    return runs


def _insert_field(draft: Draft, code: str, result: str) -> Mark:
    part, run = draft.random.choice(draft.runs())
    paragraph = paragraph_of(run.find(W + "t"))
    for piece in reversed(_field(code, result)):
        run.addnext(piece)
    return mark_of(part, paragraph)


@kind("field")
def document_property_field(draft: Draft) -> Mark | None:
    return _insert_field(draft, "DOCPROPERTY Company", "and nothing else")


@kind("field")
def included_text(draft: Draft) -> Mark | None:
    return _insert_field(draft, 'INCLUDETEXT "other.docx"', "")


@kind("field")
def conditional_field(draft: Draft) -> Mark | None:
    return _insert_field(draft, 'IF 1 = 1 "free" "paid"', "paid")


@kind("field")
def data_exchange_field(draft: Draft) -> Mark | None:
    return _insert_field(draft, "DDEAUTO excel sheet cell", "1")


@kind("field")
def linked_field(draft: Draft) -> Mark | None:
    return _insert_field(draft, "LINK Excel.Sheet.8 prices.xls", "1")


@kind("field")
def page_field_with_words(draft: Draft) -> Mark | None:
    return _insert_field(draft, "PAGE", "free of charge")


@kind("field")
def words_as_page_number(draft: Draft) -> Mark | None:
    """The cached result of a page number in a footer says something."""
    results = _results(draft, ("PAGE", "NUMPAGES"))
    if not results:
        return None
    part, text = draft.random.choice(results)
    text.text = "free of charge"
    return mark_of(part, paragraph_of(text))


@kind("field")
def hidden_formatting_of_a_result(draft: Draft) -> Mark | None:
    results = _results(draft, ("PAGE", "NUMPAGES", "REF"))
    if not results:
        return None
    part, text = draft.random.choice(results)
    run = text.getparent()
    assert run is not None
    said(properties(run), "vanish")
    return mark_of(part, paragraph_of(text))


def _results(draft: Draft, names: tuple[str, ...]) -> list[tuple[str, etree._Element]]:
    """The shown texts of fields with these names."""
    return [(part, text) for part, root in draft.stories() for name, text in field_results(root) if name in names]


@kind("field")
def reference_result(draft: Draft) -> Mark | None:
    results = _results(draft, ("REF",))
    if not results:
        return None
    part, text = draft.random.choice(results)
    text.text = (text.text or "") + "7"
    return mark_of(part, paragraph_of(text))


@kind("field")
def reference_elsewhere(draft: Draft) -> Mark | None:
    """A cross-reference to a bookmark of another paragraph; two bookmarks around the same words are one place."""
    codes = [code for code in draft.body.iter(W + "instrText") if "REF " in (code.text or "") and "PAGEREF" not in (code.text or "")]
    around = {mark.get(W + "name", ""): mark.getparent() for mark in draft.body.iter(W + "bookmarkStart")}
    if not codes:
        return None
    code = draft.random.choice(codes)
    words = (code.text or "").split()
    other = draft.random.choice([name for name, paragraph in around.items() if paragraph is not around[words[1]]])
    code.text = f" {words[0]} {other} {' '.join(words[2:])} "
    return mark_of(DOCUMENT, paragraph_of(code))


@kind("field")
def contents_elsewhere(draft: Draft) -> Mark | None:
    """An entry of the contents leads to another heading."""
    links = [link for link in draft.body.iter(W + "hyperlink") if link.get(W + "anchor")]
    if not links:
        return None
    link = draft.random.choice(links)
    other = draft.random.choice([each.get(W + "anchor", "") for each in links if each.get(W + "anchor") != link.get(W + "anchor")])
    for code in link.iter(W + "instrText"):
        code.text = (code.text or "").replace(link.get(W + "anchor", ""), other)
    link.set(W + "anchor", other)
    return Mark((words_of(link),), "table of contents")


@kind("field")
def clause_in_the_contents(draft: Draft) -> Mark | None:
    """A clause becomes part of a table of contents, which Word writes anew when somebody updates it."""
    paragraph = draft.random.choice(draft.blocks())
    begin, code, separate, _, end = _field('TOC \\o "1-1"', "")
    at = 1 if paragraph.find(W + "pPr") is not None else 0
    for number, piece in enumerate((begin, code, separate)):
        paragraph.insert(at + number, piece)
    paragraph.append(end)
    return mark_of(DOCUMENT, paragraph)


@kind("field")
def bookmark_moved(draft: Draft) -> Mark | None:
    """The target of a cross-reference now lies on another clause."""
    wanted = {(code.text or "").split()[1] for code in draft.body.iter(W + "instrText") if (code.text or "").split()[:1] == ["REF"]}
    marks = [mark for mark in draft.body.iter(W + "bookmarkStart") if mark.get(W + "name") in wanted]
    if not marks:
        return None
    mark = draft.random.choice(marks)
    home = next(mark.iterancestors(W + "p"), None)
    other = draft.random.choice([p for p in draft.blocks() if p is not home and p.find(W + "bookmarkStart") is None])
    other.insert(1 if other.find(W + "pPr") is not None else 0, mark)
    pointing = [paragraph_of(code) for code in draft.body.iter(W + "instrText") if mark.get(W + "name", "?") in (code.text or "")]
    return mark_of(DOCUMENT, *pointing)


@kind("field")
def bookmark_dropped(draft: Draft) -> Mark | None:
    wanted = {(code.text or "").split()[1] for code in draft.body.iter(W + "instrText") if (code.text or "").split()[:1] == ["REF"]}
    marks = [mark for mark in draft.body.iter(W + "bookmarkStart") if mark.get(W + "name") in wanted]
    if not marks:
        return None
    mark = draft.random.choice(marks)
    pointing = [paragraph_of(code) for code in draft.body.iter(W + "instrText") if mark.get(W + "name", "?") in (code.text or "")]
    remove(mark)
    return mark_of(DOCUMENT, *pointing)


@kind("field")
def box_ticked(draft: Draft) -> Mark | None:
    boxes = list(draft.body.iter(W + "checkBox"))
    if not boxes:
        return None
    box = draft.random.choice(boxes)
    state = box.find(W + "default")
    said(box, "checked", val="0" if state is None or state.get(W + "val") == "1" else "1")
    return mark_of(DOCUMENT, paragraph_of(box))


@kind("field")
def page_becomes_pages(draft: Draft) -> Mark | None:
    codes = [(part, code) for part, root in draft.stories() for code in root.iter(W + "instrText") if (code.text or "").split() == ["PAGE"]]
    if not codes:
        return None
    part, code = draft.random.choice(codes)
    code.text = " NUMPAGES "
    return mark_of(part, paragraph_of(code))


# -- tracked changes, comments, unknown elements


@kind("tracked")
def words_inserted_as_a_change(draft: Draft) -> Mark | None:
    part, run = draft.random.choice(draft.runs())
    change = etree.Element(W + "ins", {W + "id": "900", W + "author": "x"})
    change.append(new_run(" or not"))
    run.addnext(change)
    return mark_of(part, paragraph_of(run.find(W + "t")))


@kind("tracked")
def words_deleted_as_a_change(draft: Draft) -> Mark | None:
    part, run = draft.random.choice(draft.runs())
    paragraph = paragraph_of(run.find(W + "t"))
    before = words_of(paragraph)
    change = etree.Element(W + "del", {W + "id": "901", W + "author": "x"})
    run.addprevious(change)
    for text in run.iter(W + "t"):
        text.tag = W + "delText"
    change.append(run)
    return mark_of(part, paragraph, before=before)


@kind("tracked")
def words_moved_as_a_change(draft: Draft) -> Mark | None:
    part, run = draft.random.choice(draft.runs())
    paragraph = paragraph_of(run.find(W + "t"))
    change = etree.Element(W + "moveFrom", {W + "id": "902", W + "author": "x"})
    run.addprevious(change)
    change.append(run)
    return mark_of(part, paragraph)


@kind("tracked")
def formatting_as_a_change(draft: Draft) -> Mark | None:
    part, run = draft.random.choice(draft.runs())
    etree.SubElement(etree.SubElement(properties(run), W + "rPrChange", {W + "id": "903", W + "author": "x"}), W + "rPr")
    return mark_of(part, paragraph_of(run.find(W + "t")))


@kind("tracked")
def row_as_a_change(draft: Draft) -> Mark | None:
    row = draft.random.choice([row for row in draft.body.iter(W + "tr") if words_of(row).strip()])
    trPr = row.find(W + "trPr")
    if trPr is None:
        trPr = etree.Element(W + "trPr")
        row.insert(0, trPr)
    etree.SubElement(trPr, W + "del", {W + "id": "904", W + "author": "x"})
    return mark_cells(row)


@kind("tracked")
def comment(draft: Draft) -> Mark | None:
    part, run = draft.random.choice([(part, run) for part, run in draft.runs() if part == DOCUMENT])
    namespace = W[1:-1]
    draft.parts["word/comments.xml"] = (
        f'<w:comments xmlns:w="{namespace}"><w:comment w:id="1" w:author="x"><w:p><w:r><w:t>No.</w:t></w:r></w:p></w:comment></w:comments>'.encode()
    )
    draft.relate("comments", "comments.xml")
    draft.content_type("word/comments.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml")
    reference = etree.Element(W + "r")
    etree.SubElement(reference, W + "commentReference", {W + "id": "1"})
    run.addnext(reference)
    return mark_of(part, paragraph_of(run.find(W + "t")))


@kind("unknown")
def unknown_element(draft: Draft) -> Mark | None:
    paragraph = draft.random.choice(draft.blocks())
    strange = etree.SubElement(paragraph, draft.random.choice([W + "ruby", W + "subDoc", "{urn:strange}thing", W + "newInvention"]))
    strange.append(new_run(" hello"))
    return mark_of(DOCUMENT, paragraph)


@kind("unknown")
def unknown_block(draft: Draft) -> Mark | None:
    paragraph = draft.random.choice(draft.blocks())
    strange = etree.Element("{urn:strange}block")
    strange.append(new_paragraph("hello"))
    paragraph.addnext(strange)
    return mark_of(DOCUMENT, paragraph)


@kind("unknown")
def equation(draft: Draft) -> Mark | None:
    paragraph = draft.random.choice(draft.blocks())
    namespace = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
    formula = etree.SubElement(paragraph, namespace + "oMath")
    etree.SubElement(etree.SubElement(formula, namespace + "r"), namespace + "t").text = "0×"
    return mark_of(DOCUMENT, paragraph)


# -- controls and stores


@kind("shown is not stored")
def bound_control(draft: Draft) -> Mark | None:
    """Words put into a control that Word fills from the file's data on opening."""
    run = draft.random.choice([run for part, run in draft.runs() if part == DOCUMENT])
    store = "{99999999-1111-4222-8333-444455556666}"
    draft.parts["customXml/item9.xml"] = b'<a xmlns="urn:a"><b>free of charge</b></a>'
    draft.parts["customXml/itemProps9.xml"] = (
        f'<ds:datastoreItem ds:itemID="{store}" xmlns:ds="http://schemas.openxmlformats.org/officeDocument/2006/customXml"/>'.encode()
    )
    draft.relate("customXml", "../customXml/item9.xml")
    draft.relate("customXmlProps", "itemProps9.xml", part="customXml/item9.xml")
    control = etree.Element(W + "sdt")
    binding = {W + "prefixMappings": "xmlns:a='urn:a'", W + "xpath": "/a:a/a:b", W + "storeItemID": store}
    etree.SubElement(etree.SubElement(control, W + "sdtPr"), W + "dataBinding", binding)
    run.addprevious(control)
    etree.SubElement(control, W + "sdtContent").append(run)
    return Mark((words_of(run),), DOCUMENT)


@kind("shown is not stored")
def store_differs(draft: Draft) -> Mark | None:
    """The data behind a bound control says something else than the control shows."""
    if "customXml/item1.xml" not in draft.parts or not list(draft.body.iter(W + "dataBinding")):
        return None
    for element in draft.tree("customXml/item1.xml").iter():
        if element.text and element.text.strip():
            element.text = "31 December 2099"
    return Mark((), "word/document.xml")


@kind("shown is not stored")
def fallback_differs(draft: Draft) -> Mark | None:
    texts = [text for text in draft.document.iter(W + "t") if any(above.tag == MC + "Fallback" for above in text.iterancestors()) and text.text]
    if not texts:
        return None
    text = draft.random.choice(texts)
    text.text = (text.text or "") + " not"
    return Mark((text.text,), DOCUMENT)


@kind("shown is not stored")
def alternative_for_another_program(draft: Draft) -> Mark | None:
    part, run = draft.random.choice([(part, run) for part, run in draft.runs() if part == DOCUMENT])
    paragraph = paragraph_of(run.find(W + "t"))
    outer = etree.Element(W + "r")
    content = etree.SubElement(outer, MC + "AlternateContent")
    choice = etree.SubElement(content, MC + "Choice", {"Requires": "w14"})
    choice.append(copied(run))
    fallback = etree.SubElement(content, MC + "Fallback")
    fallback.append(new_run(" not"))
    run.addnext(outer)
    return mark_of(part, paragraph)


@kind("shown is not stored")
def drawing_hidden(draft: Draft) -> Mark | None:
    found = [element for element in draft.document.iter() if str(element.tag).endswith("}docPr")]
    if not found:
        return None
    draft.random.choice(found).set("hidden", "1")
    return Mark(("text box",), DOCUMENT)


@kind("shown is not stored")
def box_over_a_clause(draft: Draft) -> Mark | None:
    part, run = draft.random.choice([(part, run) for part, run in draft.runs() if not part.endswith("footnotes.xml")])
    box = etree.fromstring(
        f'<w:r xmlns:w="{W[1:-1]}" xmlns:v="{VML}"><w:pict><v:rect style="position:absolute;width:400pt;height:90pt" fillcolor="white"/></w:pict></w:r>'
    )
    run.addnext(box)
    return mark_of(part, paragraph_of(run.find(W + "t")))


@kind("shown is not stored")
def picture_added(draft: Draft) -> Mark | None:
    part, run = draft.random.choice([(part, run) for part, run in draft.runs() if part == DOCUMENT])
    key = draft.relate("image", "media/image9.png")
    draft.parts["word/media/image9.png"] = b"\x89PNG\r\n\x1a\n" + zlib.compress(b"picture")
    draft.content_type("word/media/image9.png", "image/png")
    picture = etree.fromstring(
        f'<w:r xmlns:w="{W[1:-1]}" xmlns:v="{VML}" xmlns:r="{R[1:-1]}"><w:pict><v:shape style="width:99pt"><v:imagedata r:id="{key}"/></v:shape></w:pict></w:r>'
    )
    run.addnext(picture)
    return mark_of(part, paragraph_of(run.find(W + "t")))


@kind("shown is not stored")
def footnote_separator_speaks(draft: Draft) -> Mark | None:
    if "word/footnotes.xml" not in draft.parts:
        return None
    separator = next(note for note in draft.tree("word/footnotes.xml") if note.get(W + "type") == "separator")
    next(separator.iter(W + "p")).append(new_run("All prices are halved."))
    return Mark((), "word/footnotes.xml")


# -- parts and the package


@kind("package")
def link_elsewhere(draft: Draft) -> Mark | None:
    arrows = [arrow for arrow in draft.tree("word/_rels/document.xml.rels") if arrow.get("TargetMode") == "External"]
    if not arrows:
        return None
    draft.random.choice(arrows).set("Target", "https://example.net/elsewhere")
    return Mark((), DOCUMENT)


@kind("package")
def attached_template(draft: Draft) -> Mark | None:
    draft.relate("attachedTemplate", "https://example.net/evil.dotm", part=SETTINGS, external=True)
    return Mark((), SETTINGS)


@kind("package")
def merged_document(draft: Draft) -> Mark | None:
    paragraph = draft.random.choice(draft.blocks())
    key = draft.relate("aFChunk", "chunk.html")
    draft.parts["word/chunk.html"] = b"<p>Clause 2 is void.</p>"
    draft.content_type("word/chunk.html", "text/html")
    paragraph.addnext(etree.Element(W + "altChunk", {R + "id": key}))
    return mark_of(DOCUMENT, paragraph)


@kind("package")
def sub_document(draft: Draft) -> Mark | None:
    draft.relate("subDocument", "other.docx", external=True)
    return Mark((), DOCUMENT)


@kind("package")
def embedded_object(draft: Draft) -> Mark | None:
    part, run = draft.random.choice([(part, run) for part, run in draft.runs() if part == DOCUMENT])
    draft.relate("oleObject", "embeddings/object1.bin")
    draft.parts["word/embeddings/object1.bin"] = b"\xd0\xcf\x11\xe0object"
    draft.content_type("word/embeddings/object1.bin", "application/vnd.openxmlformats-officedocument.oleObject")
    thing = etree.Element(W + "r")
    etree.SubElement(thing, W + "object")
    run.addnext(thing)
    return mark_of(part, paragraph_of(run.find(W + "t")))


@kind("package")
def macros(draft: Draft) -> Mark | None:
    draft.relate("vbaProject", "vbaProject.bin", type_="http://schemas.microsoft.com/office/2006/relationships/vbaProject")
    draft.parts["word/vbaProject.bin"] = b"macro"
    draft.content_type("word/vbaProject.bin", "application/vnd.ms-office.vbaProject")
    return Mark((), "word/vbaProject.bin")


@kind("package")
def fields_update_on_opening(draft: Draft) -> Mark | None:
    said(draft.tree(SETTINGS), "updateFields", val="true")
    return Mark((), "settings")


@kind("package")
def document_protected(draft: Draft) -> Mark | None:
    said(draft.tree(SETTINGS), "documentProtection", edit="readOnly", enforcement="1")
    return Mark((), "settings")


@kind("package")
def changes_recorded(draft: Draft) -> Mark | None:
    said(draft.tree(SETTINGS), "trackRevisions")
    return Mark((), "settings")


@kind("package")
def footers_swapped(draft: Draft) -> Mark | None:
    """Two footers change places, or one is taken from another section."""
    references = list(draft.document.iter(W + "footerReference"))
    ids = sorted({reference.get(R + "id", "") for reference in references})
    if len(ids) < 2:
        return None
    one, other = draft.random.sample(ids, 2)
    for reference in references:
        if reference.get(R + "id") in (one, other):
            reference.set(R + "id", other if reference.get(R + "id") == one else one)
    return Mark((), "footer")


@kind("package")
def footer_dropped(draft: Draft) -> Mark | None:
    first = next(draft.document.iter(W + "sectPr"))
    references = first.findall(W + "footerReference")
    if not references:
        return None
    first.remove(draft.random.choice(references))
    return Mark((), "footer")


@kind("package")
def first_page_like_the_others(draft: Draft) -> Mark | None:
    titles = list(draft.document.iter(W + "titlePg"))
    if not titles:
        return None
    remove(draft.random.choice(titles))
    return Mark((), "section")


# -- the five published classes of attack on signed documents of this format


@kind("signature attack")
def content_injected(draft: Draft) -> Mark | None:
    """A part nobody signed is tied in beside the true one."""
    draft.parts["word/injected.xml"] = draft.parts[DOCUMENT]
    draft.relate("injected", "injected.xml", type_="http://example.net/injected")
    return Mark((), "word/injected.xml")


@kind("signature attack")
def content_masked(draft: Draft) -> Mark | None:
    """Another main document covers the true one."""
    draft.parts["word/mask.xml"] = draft.parts[DOCUMENT]
    draft.relate("officeDocument", "word/mask.xml", part="")
    draft.content_type("word/mask.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml")
    return Mark((), "package")


@kind("signature attack")
def wrapped_as_legacy(draft: Draft) -> Mark | None:
    """The true file travels inside another."""
    draft.parts["word/embeddings/true.docx"] = draft.parts[DOCUMENT]
    draft.relate("package", "embeddings/true.docx")
    draft.content_type("word/embeddings/true.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document")
    return Mark((), DOCUMENT)


@kind("signature attack")
def signature_forged(draft: Draft) -> Mark | None:
    draft.parts["_xmlsignatures/origin.sigs"] = b""
    kind_of = "http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/origin"
    draft.relate("origin", "_xmlsignatures/origin.sigs", part="", type_=kind_of)
    draft.content_type("_xmlsignatures/origin.sigs", "application/vnd.openxmlformats-package.digital-signature-origin")
    return Mark((), "package")


@kind("signature attack")
def repaired_into_another(draft: Draft) -> Mark | None:
    """Two members share a name; a word processor that repairs the file may take the other."""
    other = copied(draft.document)
    next(other.iter(W + "t")).text = "Another agreement"
    draft.repeated.append((draft.random.choice([DOCUMENT, "word/Document.xml"]), etree.tostring(other)))
    return Mark((), DOCUMENT)


# -- nothing shows it: for the strict level


@kind("unseen", "unseen")
def style_nobody_uses(draft: Draft) -> Mark | None:
    etree.SubElement(draft.tree(STYLES), W + "style", {W + "type": "paragraph", W + "styleId": "Unused"})
    return Mark((), STYLES)


@kind("unseen", "unseen")
def data_nobody_shows(draft: Draft) -> Mark | None:
    draft.parts["customXml/item8.xml"] = b"<unbound>words</unbound>"
    draft.relate("customXml", "../customXml/item8.xml")
    return Mark((), "customXml/item8.xml")


@kind("unseen", "unseen")
def part_nobody_points_to(draft: Draft) -> Mark | None:
    draft.parts["word/loose.xml"] = b"<loose/>"
    return Mark((), "word/loose.xml")


@kind("unseen", "unseen")
def title_in_the_properties(draft: Draft) -> Mark | None:
    if "docProps/core.xml" not in draft.parts:
        return None
    root = draft.tree("docProps/core.xml")
    title = next((element for element in root if str(element.tag).endswith("}title")), None)
    if title is None:
        return None
    title.text = "Another title"
    return Mark((), "docProps/core.xml")


@kind("unseen", "unseen")
def bookmark_nobody_uses(draft: Draft) -> Mark | None:
    paragraph = draft.random.choice(draft.blocks())
    paragraph.append(etree.Element(W + "bookmarkStart", {W + "id": "990", W + "name": "_Loose"}))
    paragraph.append(etree.Element(W + "bookmarkEnd", {W + "id": "990"}))
    return mark_of(DOCUMENT, paragraph)


@kind("unseen", "unseen")
def list_nobody_uses(draft: Draft) -> Mark | None:
    root = draft.tree("word/numbering.xml")
    num = etree.SubElement(root, W + "num", {W + "numId": "991"})
    etree.SubElement(num, W + "abstractNumId", {W + "val": "0"})
    return Mark((), "word/numbering.xml")


@kind("unseen", "unseen")
def cached_page_number(draft: Draft) -> Mark | None:
    """Another number where every word processor computes its own."""
    results = _results(draft, ("PAGE", "NUMPAGES", "PAGEREF"))
    if not results:
        return None
    _part, text = draft.random.choice(results)
    text.text = "77"
    return Mark((), "field")
