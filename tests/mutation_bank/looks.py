"""Alterations of how things look: plain formatting, and every way of hiding words that we know."""

from collections.abc import Callable

from lxml import etree

from tests.mutation_bank.draft import (
    DOCUMENT,
    FONTS,
    NUMBERING,
    STYLES,
    W14,
    Draft,
    Mark,
    R,
    W,
    found,
    mark_cells,
    mark_of,
    new_run,
    paragraph_of,
    paragraph_properties,
    properties,
    said,
    words_of,
)
from tests.mutation_bank.kinds import kind


def _run(draft: Draft, change: Callable[[etree._Element], object], *, only: Callable[[etree._Element], bool] = lambda run: True) -> Mark | None:
    """Change the formatting of one run that shows words."""
    places = [(part, run) for part, run in draft.runs() if only(run)]
    if not places:
        return None
    part, run = draft.random.choice(places)
    change(properties(run))
    return mark_of(part, paragraph_of(run.find(W + "t")))


def _paragraph(draft: Draft, change: Callable[[etree._Element], object]) -> Mark | None:
    part, element = draft.random.choice(draft.texts())
    paragraph = paragraph_of(element)
    change(paragraph_properties(paragraph))
    return mark_of(part, paragraph)


def _toggle(name: str) -> Callable[[etree._Element], object]:
    def change(rpr: etree._Element) -> None:
        own = rpr.find(W + name)
        on = own is not None and own.get(W + "val", "1") not in ("0", "false")
        said(rpr, name, val="0" if on else "1")

    return change


# -- plain formatting


@kind("formatting")
def italic(draft: Draft) -> Mark | None:
    return _run(draft, _toggle("i"), only=lambda run: run.find(f"{W}rPr/{W}rStyle") is None)


@kind("formatting")
def underlined(draft: Draft) -> Mark | None:
    return _run(draft, lambda rpr: said(rpr, "u", val="double"))


@kind("formatting")
def struck_through(draft: Draft) -> Mark | None:
    return _run(draft, lambda rpr: said(rpr, "strike", val="1"))


@kind("formatting")
def small_capitals(draft: Draft) -> Mark | None:
    return _run(draft, lambda rpr: said(rpr, "smallCaps", val="1"))


@kind("formatting")
def another_colour(draft: Draft) -> Mark | None:
    return _run(draft, lambda rpr: said(rpr, "color", val="00B050"))


@kind("formatting")
def another_size(draft: Draft) -> Mark | None:
    return _run(draft, lambda rpr: said(rpr, "sz", val="13"))


@kind("formatting")
def another_font(draft: Draft) -> Mark | None:
    return _run(draft, lambda rpr: said(rpr, "rFonts", ascii="Courier New", hAnsi="Courier New"))


@kind("formatting")
def superscript(draft: Draft) -> Mark | None:
    return _run(draft, lambda rpr: said(rpr, "vertAlign", val="superscript"), only=lambda run: run.find(f"{W}rPr/{W}vertAlign") is None)


@kind("formatting")
def highlighted(draft: Draft) -> Mark | None:
    return _run(draft, lambda rpr: said(rpr, "highlight", val="cyan"))


@kind("formatting")
def spread_out(draft: Draft) -> Mark | None:
    return _run(draft, lambda rpr: said(rpr, "spacing", val="77"))


@kind("formatting")
def another_alignment(draft: Draft) -> Mark | None:
    def change(ppr: etree._Element) -> None:
        said(ppr, "jc", val="distribute")  # no style of a base has it, so it always shows

    return _paragraph(draft, change)


@kind("formatting")
def indented(draft: Draft) -> Mark | None:
    return _paragraph(draft, lambda ppr: said(ppr, "ind", left="1931"))


@kind("formatting")
def spaced_apart(draft: Draft) -> Mark | None:
    return _paragraph(draft, lambda ppr: said(ppr, "spacing", before="777", after="777"))


@kind("formatting")
def shaded_paragraph(draft: Draft) -> Mark | None:
    return _paragraph(draft, lambda ppr: said(ppr, "shd", val="clear", fill="C6E0B4"))


@kind("formatting")
def page_break_before(draft: Draft) -> Mark | None:
    places = [p for p in draft.blocks() if p.find(f"{W}pPr/{W}pageBreakBefore") is None]
    paragraph = draft.random.choice(places)
    if _breaks_before(paragraph):
        return None
    said(paragraph_properties(paragraph), "pageBreakBefore")
    return mark_of(DOCUMENT, paragraph)


def _breaks_before(paragraph: etree._Element) -> bool:
    """Whether a page begins here anyhow: a break just before, or a style that begins one."""
    style = paragraph.find(f"{W}pPr/{W}pStyle")
    before = paragraph.getprevious()
    broken = before is not None and before.find(f".//{W}br") is not None
    return style is not None or broken


@kind("formatting")
def shaded_cell(draft: Draft) -> Mark | None:
    cell = draft.random.choice([cell for cell in draft.body.iter(W + "tc") if words_of(cell).strip()])
    tcPr = cell.find(W + "tcPr")
    if tcPr is None:
        tcPr = etree.Element(W + "tcPr")
        cell.insert(0, tcPr)
    said(tcPr, "shd", val="clear", fill="F4B083")
    return mark_of(DOCUMENT, next(cell.iter(W + "p")))


@kind("formatting")
def another_style(draft: Draft) -> Mark | None:
    """Another paragraph's style, where it looks different."""
    paragraph = draft.random.choice(draft.blocks())
    own = paragraph.find(f"{W}pPr/{W}pStyle")
    styles = {style.get(W + "val") for style in draft.body.iter(W + "pStyle")} - {None if own is None else own.get(W + "val")}
    said(paragraph_properties(paragraph), "pStyle", val=draft.random.choice(sorted(style for style in styles if style)))
    ppr = paragraph_properties(paragraph)
    ppr.insert(0, found(ppr, W + "pStyle"))
    return mark_of(DOCUMENT, paragraph)


@kind("formatting")
def style_redefined(draft: Draft) -> Mark | None:
    """A style that shows words gets raised letters; one of paragraphs without words of their own would change nothing a reader sees."""
    shown = {paragraph_of(text) for text in draft.body.iter(W + "t") if (text.text or "").strip()}
    used = {style.get(W + "val") for paragraph in shown if (style := paragraph.find(f"{W}pPr/{W}pStyle")) is not None}
    styles = [style for style in draft.tree(STYLES).iterchildren(W + "style") if style.get(W + "styleId") in used]
    style = draft.random.choice(styles)
    rpr = style.find(W + "rPr")
    if rpr is None:
        rpr = etree.SubElement(style, W + "rPr")
    said(rpr, "emboss", val="1")
    return Mark((), STYLES)


@kind("formatting")
def page_margins(draft: Draft) -> Mark | None:
    margin = draft.random.choice(list(draft.body.iter(W + "pgMar")))
    margin.set(W + "left", "2835")
    return Mark((), "section")


@kind("formatting")
def page_turned(draft: Draft) -> Mark | None:
    size = draft.random.choice(list(draft.body.iter(W + "pgSz")))
    size.set(W + "orient", "portrait" if size.get(W + "orient") == "landscape" else "landscape")
    return Mark((), "section")


@kind("formatting")
def page_numbers_from_seven(draft: Draft) -> Mark | None:
    section = draft.random.choice(list(draft.body.iter(W + "sectPr")))
    said(section, "pgNumType", start="7")
    return Mark((), "section")


# -- hiding


@kind("hiding")
def hidden(draft: Draft) -> Mark | None:
    return _run(draft, lambda rpr: said(rpr, "vanish"))


@kind("hiding")
def white_on_white(draft: Draft) -> Mark | None:
    return _run(draft, lambda rpr: said(rpr, "color", val="FFFFFF"), only=lambda run: _colour(run) != "FFFFFF")


def _colour(run: etree._Element) -> str:
    colour = run.find(f"{W}rPr/{W}color")
    return "" if colour is None else colour.get(W + "val", "")


@kind("hiding")
def theme_white(draft: Draft) -> Mark | None:
    return _run(draft, lambda rpr: said(rpr, "color", val="FEFEFE", themeColor="background1"), only=lambda run: _colour(run) != "FFFFFF")


@kind("hiding")
def tiny(draft: Draft) -> Mark | None:
    return _run(draft, lambda rpr: said(rpr, "sz", val="2"))


@kind("hiding")
def squeezed(draft: Draft) -> Mark | None:
    return _run(draft, lambda rpr: said(rpr, "w", val="1"))


@kind("hiding")
def off_the_line(draft: Draft) -> Mark | None:
    return _run(draft, lambda rpr: said(rpr, "position", val="1000"))


@kind("hiding")
def letters_over_each_other(draft: Draft) -> Mark | None:
    return _run(draft, lambda rpr: said(rpr, "spacing", val="-400"))


@kind("hiding")
def fitted_into_nothing(draft: Draft) -> Mark | None:
    return _run(draft, lambda rpr: said(rpr, "fitText", val="10", id="1"))


@kind("hiding")
def black_under_black(draft: Draft) -> Mark | None:
    def change(rpr: etree._Element) -> None:
        said(rpr, "shd", val="clear", fill="000000")
        said(rpr, "color", val="000000")

    return _run(draft, change)


@kind("hiding")
def symbol_font(draft: Draft) -> Mark | None:
    return _run(draft, lambda rpr: said(rpr, "rFonts", ascii="Wingdings", hAnsi="Wingdings"))


@kind("hiding")
def symbol_font_for_accents(draft: Draft) -> Mark | None:
    return _run(draft, lambda rpr: said(rpr, "rFonts", hAnsi="Webdings"))


@kind("hiding")
def right_to_left(draft: Draft) -> Mark | None:
    return _run(draft, lambda rpr: said(rpr, "rtl"))


@kind("hiding")
def east_asian_hint(draft: Draft) -> Mark | None:
    return _run(draft, lambda rpr: said(rpr, "rFonts", hint="eastAsia", eastAsia="Wingdings"))


@kind("hiding")
def text_effect_without_fill(draft: Draft) -> Mark | None:
    def change(rpr: etree._Element) -> None:
        fill = etree.SubElement(rpr, W14 + "textFill")
        etree.SubElement(fill, W14 + "noFill")

    return _run(draft, change)


@kind("hiding")
def hidden_paragraph_mark(draft: Draft) -> Mark | None:
    paragraph = draft.random.choice(draft.blocks())
    ppr = paragraph_properties(paragraph)
    said(said(ppr, "rPr"), "vanish")
    return mark_of(DOCUMENT, paragraph)


@kind("hiding")
def line_height_of_one_point(draft: Draft) -> Mark | None:
    return _paragraph(draft, lambda ppr: said(ppr, "spacing", line="20", lineRule="exact"))


@kind("hiding")
def far_off_the_page(draft: Draft) -> Mark | None:
    return _paragraph(draft, lambda ppr: said(ppr, "ind", left="30000"))


@kind("hiding")
def framed_off_the_page(draft: Draft) -> Mark | None:
    return _paragraph(draft, lambda ppr: said(ppr, "framePr", w="10", h="10", x="30000", y="30000", hAnchor="page"))


@kind("hiding")
def row_without_height(draft: Draft) -> Mark | None:
    row = draft.random.choice([row for row in draft.body.iter(W + "tr") if words_of(row).strip()])
    trPr = row.find(W + "trPr")
    if trPr is None:
        trPr = etree.Element(W + "trPr")
        row.insert(0, trPr)
    said(trPr, "trHeight", val="1", hRule="exact")
    return mark_cells(row)


@kind("hiding")
def row_hidden(draft: Draft) -> Mark | None:
    row = draft.random.choice([row for row in draft.body.iter(W + "tr") if words_of(row).strip()])
    trPr = row.find(W + "trPr")
    if trPr is None:
        trPr = etree.Element(W + "trPr")
        row.insert(0, trPr)
    said(trPr, "hidden")
    return mark_cells(row)


@kind("hiding")
def cell_without_width(draft: Draft) -> Mark | None:
    cell = draft.random.choice([cell for cell in draft.body.iter(W + "tc") if words_of(cell).strip()])
    tcPr = cell.find(W + "tcPr")
    if tcPr is None:
        tcPr = etree.Element(W + "tcPr")
        cell.insert(0, tcPr)
    said(tcPr, "tcW", w="5", type="dxa")
    return mark_of(DOCUMENT, next(cell.iter(W + "p")))


@kind("hiding")
def table_off_the_page(draft: Draft) -> Mark | None:
    table = draft.random.choice(list(draft.body.iter(W + "tbl")))
    said(found(table, W + "tblPr"), "tblpPr", tblpX="30000", horzAnchor="page")
    return mark_cells(table)


@kind("hiding")
def style_hides(draft: Draft) -> Mark | None:
    used = {style.get(W + "val") for style in draft.body.iter(W + "pStyle")}
    styles = [style for style in draft.tree(STYLES).iterchildren(W + "style") if style.get(W + "styleId") in used]
    style = draft.random.choice(styles)
    rpr = style.find(W + "rPr")
    if rpr is None:
        rpr = etree.SubElement(style, W + "rPr")
    said(rpr, draft.random.choice(["vanish", "specVanish"]))
    return Mark((), STYLES)


@kind("hiding")
def defaults_hide(draft: Draft) -> Mark | None:
    rpr = draft.tree(STYLES).find(f"{W}docDefaults/{W}rPrDefault/{W}rPr")
    assert rpr is not None
    said(rpr, "color", val="FFFFFF")
    return Mark((), STYLES)


@kind("hiding")
def table_style_hides_first_row(draft: Draft) -> Mark | None:
    used = {style.get(W + "val") for style in draft.body.iter(W + "tblStyle")}
    styles = [style for style in draft.tree(STYLES).iterchildren(W + "style") if style.get(W + "styleId") in used]
    if not styles:
        return None
    part = etree.SubElement(draft.random.choice(styles), W + "tblStylePr", {W + "type": "firstRow"})
    said(said(part, "rPr"), "vanish")
    return Mark((), STYLES)


@kind("hiding")
def font_replaced(draft: Draft) -> Mark | None:
    fonts = [font for font in draft.tree(FONTS) if font.get(W + "name") in ("Arial", "Calibri")]
    if not fonts:
        return None
    font = draft.random.choice(fonts)
    font.insert(0, etree.Element(W + "altName", {W + "val": "Wingdings"}))
    return Mark((), "fonts")


@kind("hiding")
def font_embedded(draft: Draft) -> Mark | None:
    fonts = [font for font in draft.tree(FONTS) if font.get(W + "name") in ("Arial", "Calibri")]
    if not fonts:
        return None
    key = draft.relate("font", "fonts/font1.odttf", part=FONTS)
    draft.parts["word/fonts/font1.odttf"] = b"not a font"
    draft.content_type("word/fonts/font1.odttf", "application/vnd.openxmlformats-officedocument.obfuscatedFont")
    etree.SubElement(draft.random.choice(fonts), W + "embedRegular", {R + "id": key})
    return Mark((), "fonts")


# -- numbering


@kind("numbering")
def number_text(draft: Draft) -> Mark | None:
    level = _level_in_use(draft)
    text = level.find(W + "lvlText")
    assert text is not None
    text.set(W + "val", text.get(W + "val", "") + "bis")
    return Mark((), NUMBERING)


@kind("numbering")
def number_format(draft: Draft) -> Mark | None:
    level = _level_in_use(draft)
    form = level.find(W + "numFmt")
    assert form is not None
    form.set(W + "val", "upperRoman" if form.get(W + "val") != "upperRoman" else "decimal")
    return Mark((), NUMBERING) if "%" in (found(level, W + "lvlText").get(W + "val") or "") else None


@kind("numbering")
def number_start(draft: Draft) -> Mark | None:
    level = _level_in_use(draft)
    if found(level, W + "numFmt").get(W + "val") == "bullet":
        return None
    said(level, "start", val="3")
    level.insert(0, found(level, W + "start"))
    return Mark((), NUMBERING)


@kind("numbering")
def number_unseen(draft: Draft) -> Mark | None:
    level = _level_in_use(draft)
    rpr = level.find(W + "rPr")
    said(etree.SubElement(level, W + "rPr") if rpr is None else rpr, "color", val="FFFFFF")
    return Mark((), NUMBERING)


def _level_in_use(draft: Draft) -> etree._Element:
    """A level that a numbered paragraph of the body uses, by its style."""
    used = {style.get(W + "val") for style in draft.body.iter(W + "pStyle")}
    levels = [level for level in draft.tree(NUMBERING).iter(W + "lvl") if (style := level.find(W + "pStyle")) is not None and style.get(W + "val") in used]
    return draft.random.choice(levels)


@kind("numbering")
def number_taken_off(draft: Draft) -> Mark | None:
    paragraph = _numbered(draft)
    ppr = paragraph_properties(paragraph)
    number = said(ppr, "numPr")
    etree.SubElement(number, W + "numId", {W + "val": "0"})
    return mark_of(DOCUMENT, paragraph)


@kind("numbering")
def level_changed(draft: Draft) -> Mark | None:
    paragraph = _numbered(draft)
    style = found(paragraph, f"{W}pPr/{W}pStyle").get(W + "val")
    level = next(level for level in draft.tree(NUMBERING).iter(W + "lvl") if (its := level.find(W + "pStyle")) is not None and its.get(W + "val") == style)
    if found(level, W + "numFmt").get(W + "val") == "bullet":
        return None
    number = said(paragraph_properties(paragraph), "numPr")
    etree.SubElement(number, W + "ilvl", {W + "val": "0" if level.get(W + "ilvl") != "0" else "1"})
    return mark_of(DOCUMENT, paragraph)


@kind("numbering")
def numbering_begun_anew(draft: Draft) -> Mark | None:
    """The list's paragraphs from here on belong to a copy that starts at another number."""
    paragraph = _numbered(draft)
    style = found(paragraph, f"{W}pPr/{W}pStyle").get(W + "val")
    root = draft.tree(NUMBERING)
    level = next(level for level in root.iter(W + "lvl") if (its := level.find(W + "pStyle")) is not None and its.get(W + "val") == style)
    abstract = level.getparent()
    assert abstract is not None
    if found(level, W + "numFmt").get(W + "val") == "bullet":
        return None
    num = etree.SubElement(root, W + "num", {W + "numId": "977"})
    etree.SubElement(num, W + "abstractNumId", {W + "val": abstract.get(W + "abstractNumId", "")})
    override = etree.SubElement(num, W + "lvlOverride", {W + "ilvl": level.get(W + "ilvl", "0")})
    etree.SubElement(override, W + "startOverride", {W + "val": "77"})
    number = said(paragraph_properties(paragraph), "numPr")
    etree.SubElement(number, W + "ilvl", {W + "val": level.get(W + "ilvl", "0")})
    etree.SubElement(number, W + "numId", {W + "val": "977"})
    return mark_of(DOCUMENT, paragraph)


def _numbered(draft: Draft) -> etree._Element:
    """A paragraph that its style numbers."""
    levels = draft.tree(NUMBERING).iter(W + "lvl")
    styles = {its.get(W + "val") for level in levels if (its := level.find(W + "pStyle")) is not None}
    listed = [
        p
        for p in draft.blocks()
        if (style := p.find(f"{W}pPr/{W}pStyle")) is not None and style.get(W + "val") in styles and p.find(f"{W}pPr/{W}numPr") is None
    ]
    return draft.random.choice(listed)


@kind("hiding")
def hidden_words_added(draft: Draft) -> Mark | None:
    part, run = draft.random.choice(draft.runs())
    added = new_run(" secretly free of charge")
    said(properties(added), "vanish")
    added.insert(0, found(added, W + "rPr"))
    run.addnext(added)
    return mark_of(part, paragraph_of(run.find(W + "t")))
