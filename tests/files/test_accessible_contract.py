"""A contract that a screen reader can follow: headings in order, tables with header rows and titles, a language, no meaning by colour."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from lxml import etree

from ncvr.files.docx_package import read_package
from ncvr.files.docx_words import W, text_of
from tests.contracts import appendix, details, sample, sample_filler, site_price


def contents() -> Iterator[bytes]:
    yield sample().content
    yield sample_filler().fill(appendix(site_price(), details()), "RGT").content


@pytest.fixture(params=["template", "filled"])
def package(request: pytest.FixtureRequest) -> dict[str, etree._Element]:
    content = dict(zip(("template", "filled"), contents(), strict=True))[request.param]
    names = ("word/document.xml", "word/styles.xml", "docProps/core.xml")
    return {name: etree.fromstring(read_package(content).content(name)) for name in names}


def levels(package: dict[str, etree._Element]) -> list[int]:
    """The outline level of each heading, in reading order."""
    by_style = {
        style.get(W + "styleId"): int(level.get(W + "val", "9"))
        for style in package["word/styles.xml"].iter(W + "style")
        for level in style.iter(W + "outlineLvl")
    }
    styles = [style.get(W + "val") for style in package["word/document.xml"].iter(W + "pStyle")]
    return [by_style[style] for style in styles if style in by_style]


def test_headings_never_skip_a_level(package: dict[str, etree._Element]) -> None:
    found = levels(package)
    assert set(found) == {0, 1, 2}
    assert all(after <= before + 1 for before, after in pairwise(found))


def test_every_table_of_data_repeats_its_header_row_and_has_a_title(package: dict[str, etree._Element]) -> None:
    for table in package["word/document.xml"].iter(W + "tbl"):
        assert table.find(f"{W}tblPr/{W}tblCaption") is not None
        rows = list(table.iterchildren(W + "tr"))
        assert len(rows) == 1 or rows[0].find(f"{W}trPr/{W}tblHeader") is not None, text_of(next(table.iter(W + "p")))


def test_the_language_is_set_for_text_and_properties(package: dict[str, etree._Element]) -> None:
    (language,) = package["word/styles.xml"].iter(W + "lang")
    assert language.get(W + "val") == "en-GB"
    assert "en-GB" in [element.text for element in package["docProps/core.xml"]]


def test_drawings_have_a_text_for_those_who_cannot_see_them(package: dict[str, etree._Element]) -> None:
    assert all(element.get("descr") for element in package["word/document.xml"].iter("{*}docPr"))


def test_no_text_is_told_apart_by_direct_colour_alone(package: dict[str, etree._Element]) -> None:
    assert [run for run in package["word/document.xml"].iter(W + "r") if run.find(f"{W}rPr/{W}color") is not None] == []
