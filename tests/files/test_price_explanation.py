"""The page that says why each price is what it is: every price, every line, in words, for one site only."""

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ncvr.files.price_explanation import explanation_page
from ncvr.money import exact, shown
from tests.contracts import ON, STUDY, site_price
from tests.outlines import Outline


def page() -> str:
    return explanation_page(site_price(), on=ON, fingerprint="sha256:" + "0" * 64)


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page.partition("</style>")[2]))


def test_every_price_stands_on_the_page_with_the_lines_it_is_made_of() -> None:
    price, told = site_price(), text_of(page())
    for payable, amount in zip(price.costs.payables, price.prices, strict=True):
        assert f"{payable.id} " in told
        assert shown(amount, price.places) in told
    for line in ("20 minutes", "£100.00 an hour", "70%", "20%", "times 1.08 is", "rounded once"):
        assert line in told


def test_the_columns_of_a_price_add_up() -> None:
    for table in re.findall(r'<table class="lines">.*?</table>', page(), flags=re.S):
        totals = [exact(text.replace("…", "").replace(",", "")) for text in re.findall(r'<td class="amount">([0-9,.]+…?)</td><td>[^<]*</td></tr>', table)]
        together = re.findall(r"<tfoot>.*?<td>([0-9,.]+)…?</td><td></td>", table)
        assert totals
        if "…" not in table:
            assert sum(totals) == exact(together[0].replace(",", ""))


def test_the_edition_is_called_illustrative_in_words_and_a_checked_locked_one_is_not() -> None:
    price = site_price()

    def said(**changes: Any) -> str:
        costs = replace(price.costs, edition=replace(price.costs.edition, **changes))
        return text_of(explanation_page(replace(price, costs=costs), on=ON, fingerprint="x"))

    assert "This tariff is illustrative" in said(status="illustrative", lock="locked")
    assert "is not locked" in said(status="checked", lock="unlocked")
    assert "has not been checked by a second person" in said(status="transcribed", lock="locked")
    assert "Please note" not in said(status="checked", lock="locked")


def test_names_cannot_write_markup_into_the_page() -> None:
    study = STUDY | {"unscheduled": [{**STUDY["unscheduled"][0], "name": "<script>alert(1)</script> & more"}]}
    written = explanation_page(site_price(study), on=ON, fingerprint="sha256:0")
    assert "<script" not in written
    assert "&lt;script&gt;" in written


def test_the_page_says_nothing_of_another_site() -> None:
    alone = STUDY | {"sites": STUDY["sites"][:1]}
    assert page() == explanation_page(site_price(alone), on=ON, fingerprint="sha256:" + "0" * 64)
    assert "RP4" not in page()


def test_headings_header_cells_and_language_are_there_for_readers_that_cannot_see() -> None:
    Outline(page()).check()


@pytest.mark.parametrize("on", [date(2026, 6, 1), date(2026, 6, 2)])
def test_the_same_price_gives_the_same_page(on: date) -> None:
    assert explanation_page(site_price(), on=on, fingerprint="x") == explanation_page(site_price(), on=on, fingerprint="x")
