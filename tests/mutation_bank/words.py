"""Alterations of words, figures, paragraphs and tables."""

import re
from collections.abc import Callable

from lxml import etree

from tests.mutation_bank.draft import Draft, Mark, W, copied, found, mark_cells, mark_of, new_paragraph, new_run, paragraph_of, remove, words_of
from tests.mutation_bank.kinds import kind

LETTERS = "abcdefghijklmnopqrstuvwxyz"
LOOK_ALIKES = {"a": "а", "e": "е", "o": "о", "p": "р", "c": "с", "x": "х", "i": "і", "A": "Α", "B": "В", "E": "Е", "H": "Н", "O": "О", "P": "Р", "T": "Т"}


def _text(draft: Draft, pattern: str, change: Callable[[re.Match[str]], str]) -> Mark | None:
    """Change one match of a pattern in one stretch of text."""
    places = [(name, element, match) for name, element in draft.texts() for match in re.finditer(pattern, element.text or "")]
    if not places:
        return None
    part, element, match = draft.random.choice(places)
    paragraph = paragraph_of(element)
    before = words_of(paragraph)
    text = element.text or ""
    element.text = text[: match.start()] + change(match) + text[match.end() :]
    element.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return mark_of(part, paragraph, before=before) if element.text != text else None


@kind("character")
def another_letter(draft: Draft) -> Mark | None:
    return _text(draft, "[a-z]", lambda found: draft.random.choice([letter for letter in LETTERS if letter != found.group()]))


@kind("digit")
def another_digit(draft: Draft) -> Mark | None:
    return _text(draft, "[0-9]", lambda found: str((int(found.group()) + draft.random.randint(1, 9)) % 10))


@kind("digit")
def digit_in_a_price(draft: Draft) -> Mark | None:
    return _text(draft, r"(?<=[0-9,.])[0-9](?=[^£]*$)", lambda found: str((int(found.group()) + 1) % 10))


@kind("digit")
def price_with_a_digit_more(draft: Draft) -> Mark | None:
    return _text(draft, r"£[0-9][0-9,]*", lambda found: found.group() + str(draft.random.randint(0, 9)))


@kind("digit")
def price_with_a_moved_point(draft: Draft) -> Mark | None:
    return _text(draft, r"£[0-9][0-9,]*\.[0-9]{2}", lambda found: found.group().replace(".", ",", 1) if draft.random.random() < 0.5 else found.group()[:-1])


@kind("digit")
def negative_price(draft: Draft) -> Mark | None:
    return _text(draft, "£", lambda found: "-£")


@kind("punctuation")
def another_punctuation(draft: Draft) -> Mark | None:
    return _text(draft, r"[.,;:()“”’]", lambda found: draft.random.choice([sign for sign in ".,;:!?" if sign != found.group()]))


@kind("punctuation")
def straight_quotes(draft: Draft) -> Mark | None:
    return _text(draft, "[“”’]", lambda found: "'" if found.group() == "’" else '"')


@kind("punctuation")
def another_dash(draft: Draft) -> Mark | None:
    return _text(draft, "[-–\u2011]", lambda found: "—")


@kind("drop")
def letter_dropped(draft: Draft) -> Mark | None:
    return _text(draft, r"\w", lambda found: "")


@kind("drop")
def word_dropped(draft: Draft) -> Mark | None:
    return _text(draft, r"\w+", lambda found: "")


@kind("double")
def letter_doubled(draft: Draft) -> Mark | None:
    return _text(draft, r"\w", lambda found: found.group() * 2)


@kind("double")
def word_doubled(draft: Draft) -> Mark | None:
    return _text(draft, r"\w+", lambda found: f"{found.group()} {found.group()}")


@kind("swap")
def letters_swapped(draft: Draft) -> Mark | None:
    return _text(draft, r"(\w)(?!\1)(\w)", lambda found: found.group(2) + found.group(1))


@kind("swap")
def words_swapped(draft: Draft) -> Mark | None:
    return _text(draft, r"\b(\w+) (?!\1\b)(\w+)\b", lambda found: f"{found.group(2)} {found.group(1)}")


@kind("character")
def case_flipped(draft: Draft) -> Mark | None:
    return _text(draft, "[A-Za-z]", lambda found: found.group().swapcase())


@kind("character")
def a_not_added(draft: Draft) -> Mark | None:
    return _text(draft, r"\b(must|may|is|are|pays|agrees|keeps)\b", lambda found: f"{found.group()} not")


@kind("look-alike")
def letter_of_another_alphabet(draft: Draft) -> Mark | None:
    return _text(draft, f"[{''.join(LOOK_ALIKES)}]", lambda found: LOOK_ALIKES[found.group()])


@kind("look-alike")
def full_width_digit(draft: Draft) -> Mark | None:
    return _text(draft, "[0-9]", lambda found: chr(0xFF10 + int(found.group())))


@kind("look-alike")
def unseen_character(draft: Draft) -> Mark | None:
    return _text(draft, r"\b", lambda found: draft.random.choice("\u200b\u200c\u200d\u2060\ufeff\u061c"))


@kind("look-alike")
def text_turned_round(draft: Draft) -> Mark | None:
    return _text(draft, r"[0-9]{2,}|\w{3,}", lambda found: f"\u202e{found.group()}\u202c")


@kind("look-alike")
def combining_stroke(draft: Draft) -> Mark | None:
    return _text(draft, r"\w", lambda found: found.group() + "\u0336")


@kind("look-alike")
def decomposed_letter(draft: Draft) -> Mark | None:
    return _text(draft, "[aeiou]", lambda found: found.group() + "\u0301")


@kind("look-alike")
def soft_hyphen_added(draft: Draft) -> Mark | None:
    return _text(draft, r"(?<=\w)(?=\w)", lambda found: "\u00ad")


@kind("look-alike")
def private_character(draft: Draft) -> Mark | None:
    return _text(draft, r"\w", lambda found: draft.random.choice("\ue000\ue001\ue002\ue003\uf041"))


@kind("space")
def another_space(draft: Draft) -> Mark | None:
    return _text(draft, r"(?<=\S) (?=\S)", lambda found: draft.random.choice("\u00a0\u2009\u2003"))


@kind("space")
def plain_space_for_a_fixed_one(draft: Draft) -> Mark | None:
    return _text(draft, "[\u00a0\u2009]", lambda found: " ")


@kind("space")
def space_doubled(draft: Draft) -> Mark | None:
    return _text(draft, r"(?<=\S) (?=\S)", lambda found: "  ")


@kind("space")
def space_dropped(draft: Draft) -> Mark | None:
    return _text(draft, r"(?<=\w) (?=\w)", lambda found: "")


@kind("space")
def line_break_added(draft: Draft) -> Mark | None:
    part, run = draft.random.choice(draft.runs())
    paragraph = paragraph_of(run.find(W + "t"))
    etree.SubElement(run, W + "br")
    run.append(found(new_run("more"), W + "t"))
    return mark_of(part, paragraph)


@kind("space")
def tab_for_a_space(draft: Draft) -> Mark | None:
    places = [(part, run) for part, run in draft.runs() if run.find(W + "tab") is not None]
    if not places:
        return None
    part, run = draft.random.choice(places)
    paragraph = paragraph_of(run.find(W + "t"))
    before = words_of(paragraph)
    remove(found(run, W + "tab"))
    return mark_of(part, paragraph, before=before)


# -- runs and paragraphs


@kind("drop")
def run_dropped(draft: Draft) -> Mark | None:
    part, run = draft.random.choice(draft.runs())
    paragraph = paragraph_of(run.find(W + "t"))
    before = words_of(paragraph)
    remove(run)
    return mark_of(part, paragraph, before=before)


@kind("swap")
def runs_swapped(draft: Draft) -> Mark | None:
    places = [
        (part, run, after)
        for part, run in draft.runs()
        if (after := run.getnext()) is not None
        and after.tag == W + "r"
        and words_of(after)
        and words_of(after) + words_of(run) != words_of(run) + words_of(after)
    ]
    if not places:
        return None
    part, run, after = draft.random.choice(places)
    paragraph = paragraph_of(run.find(W + "t"))
    before = words_of(paragraph)
    after.addnext(run)
    return mark_of(part, paragraph, before=before)


@kind("drop")
def paragraph_dropped(draft: Draft) -> Mark | None:
    paragraph = draft.random.choice(draft.blocks())
    before = words_of(paragraph)
    near = [each for each in (paragraph.getprevious(), paragraph.getnext()) if each is not None]
    remove(paragraph)
    return mark_of("word/document.xml", *near, before=before)


@kind("double")
def paragraph_doubled(draft: Draft) -> Mark | None:
    paragraph = draft.random.choice(draft.blocks())
    paragraph.addnext(copied(paragraph))
    return mark_of("word/document.xml", paragraph)


@kind("swap")
def paragraphs_swapped(draft: Draft) -> Mark | None:
    places = [p for p in draft.blocks() if (after := p.getnext()) is not None and after in draft.blocks() and words_of(after) != words_of(p)]
    if not places:
        return None
    paragraph = draft.random.choice(places)
    after = paragraph.getnext()
    assert after is not None
    after.addnext(paragraph)
    return mark_of("word/document.xml", paragraph, after)


@kind("move")
def paragraph_moved(draft: Draft) -> Mark | None:
    blocks = draft.blocks()
    at, to = draft.random.sample(range(len(blocks)), 2)
    if abs(at - to) < 2:
        return None
    blocks[to].addnext(blocks[at])
    return mark_of("word/document.xml", blocks[at], blocks[to])


@kind("move")
def paragraph_added(draft: Draft) -> Mark | None:
    paragraph = draft.random.choice(draft.blocks())
    text = draft.random.choice(["The Sponsor may reduce any price at any time.", "Clause 2 does not apply.", "Void."])
    added = new_paragraph(text)
    paragraph.addnext(added)
    return mark_of("word/document.xml", paragraph, added)


@kind("move")
def paragraphs_merged(draft: Draft) -> Mark | None:
    places = [p for p in draft.blocks() if (after := p.getnext()) is not None and after in draft.blocks()]
    if not places:
        return None
    paragraph = draft.random.choice(places)
    after = paragraph.getnext()
    assert after is not None
    before = words_of(after)
    for child in [each for each in after if each.tag != W + "pPr"]:
        paragraph.append(child)
    remove(after)
    return mark_of("word/document.xml", paragraph, before=before)


@kind("move")
def paragraph_split(draft: Draft) -> Mark | None:
    places = [p for p in draft.blocks() if len([run for run in p.iterchildren(W + "r") if words_of(run)]) > 1]
    if not places:
        return None
    paragraph = draft.random.choice(places)
    rest = copied(paragraph)
    runs = [run for run in paragraph.iterchildren(W + "r") if words_of(run)]
    copies = [run for run in rest.iterchildren(W + "r") if words_of(run)]
    cut = draft.random.randrange(1, len(runs))
    for run in runs[cut:]:
        remove(run)
    for run in copies[:cut]:
        remove(run)
    paragraph.addnext(rest)
    return mark_of("word/document.xml", paragraph, rest)


# -- tables


def _rows(draft: Draft) -> list[etree._Element]:
    return [row for row in draft.body.iter(W + "tr") if words_of(row).strip()]


@kind("table")
def row_dropped(draft: Draft) -> Mark | None:
    row = draft.random.choice(_rows(draft))
    near = [each for each in (row.getprevious(), row.getnext()) if each is not None and each.tag == W + "tr"]
    mark = mark_cells(row, *near)
    remove(row)
    return mark


@kind("table")
def row_doubled(draft: Draft) -> Mark | None:
    row = draft.random.choice(_rows(draft))
    row.addnext(copied(row))
    return mark_cells(row)


@kind("table")
def rows_swapped(draft: Draft) -> Mark | None:
    places = [row for row in _rows(draft) if (after := row.getnext()) is not None and after.tag == W + "tr" and words_of(after) != words_of(row)]
    if not places:
        return None
    row = draft.random.choice(places)
    after = row.getnext()
    assert after is not None
    after.addnext(row)
    return mark_cells(row, after)


@kind("table")
def row_blanked(draft: Draft) -> Mark | None:
    row = draft.random.choice(_rows(draft))
    mark = mark_cells(row)
    for element in row.iter(W + "t"):
        element.text = ""
    return mark


@kind("table")
def cells_swapped(draft: Draft) -> Mark | None:
    places = [
        cell for cell in draft.body.iter(W + "tc") if (after := cell.getnext()) is not None and after.tag == W + "tc" and words_of(after) != words_of(cell)
    ]
    cell = draft.random.choice(places)
    after = cell.getnext()
    assert after is not None
    after.addnext(cell)
    return mark_cells(cell, after)


@kind("table")
def cell_dropped(draft: Draft) -> Mark | None:
    cell = draft.random.choice([cell for cell in draft.body.iter(W + "tc") if cell.getnext() is not None])
    row = next(cell.iterancestors(W + "tr"))
    mark = mark_cells(row)
    remove(cell)
    return mark


@kind("table")
def table_dropped(draft: Draft) -> Mark | None:
    table = draft.random.choice(list(draft.body.iter(W + "tbl")))
    mark = mark_cells(table)
    table.addnext(etree.Element(W + "p"))
    remove(table)
    return mark


@kind("table")
def prices_swapped(draft: Draft) -> Mark | None:
    priced = draft.texts(lambda element: (element.text or "").startswith("£"))
    different = [(one, other) for _, one in priced for _, other in priced if one.text != other.text]
    if not different:
        return None
    one, other = draft.random.choice(different)
    mark = mark_of("word/document.xml", paragraph_of(one), paragraph_of(other))
    one.text, other.text = other.text, one.text
    return mark


@kind("table")
def cells_merged(draft: Draft) -> Mark | None:
    cell = draft.random.choice([cell for cell in draft.body.iter(W + "tc") if (after := cell.getnext()) is not None and after.tag == W + "tc"])
    after = cell.getnext()
    assert after is not None
    mark = mark_cells(cell, after)
    for child in [each for each in after if each.tag != W + "tcPr"]:
        cell.append(child)
    remove(after)
    properties = cell.find(W + "tcPr")
    if properties is None:
        properties = etree.Element(W + "tcPr")
        cell.insert(0, properties)
    etree.SubElement(properties, W + "gridSpan", {W + "val": "2"})
    return mark


@kind("table")
def rows_joined_on_screen(draft: Draft) -> Mark | None:
    cells = [cell for cell in draft.body.iter(W + "tc") if words_of(cell).strip() and cell.find(f"{W}tcPr/{W}vMerge") is None]
    cell = draft.random.choice(cells)
    properties = cell.find(W + "tcPr")
    if properties is None:
        properties = etree.Element(W + "tcPr")
        cell.insert(0, properties)
    etree.SubElement(properties, W + "vMerge")
    return mark_of("word/document.xml", next(cell.iter(W + "p")))


# -- holes


@kind("hole edge")
def words_after_a_value(draft: Draft) -> Mark | None:
    part, run = draft.random.choice(draft.runs())
    paragraph = paragraph_of(run.find(W + "t"))
    before = words_of(paragraph)
    run.addnext(new_run(draft.random.choice([", which pays nothing", " (or less)", " approx."]), run))
    return mark_of(part, paragraph, before=before)


@kind("hole edge")
def words_before_a_value(draft: Draft) -> Mark | None:
    part, run = draft.random.choice(draft.runs())
    paragraph = paragraph_of(run.find(W + "t"))
    before = words_of(paragraph)
    run.addprevious(new_run(draft.random.choice(["up to ", "about ", "not "]), run))
    return mark_of(part, paragraph, before=before)
