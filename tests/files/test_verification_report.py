"""The page one would attach to an e-mail: no script, everything escaped, old and new marked, and what it doesn't show."""

import re
from html.parser import HTMLParser

from ncvr.domain.verdict import Verdict
from ncvr.files.appendix_verifier import verify_contract
from ncvr.files.verification_report import report_page
from tests.contract_fixtures import Filling, filled
from tests.mutation_bank.bases import second_base
from tests.mutation_bank.test_checks_matter import replace_in


def verdict_of(content: bytes) -> Verdict:
    base = second_base()
    return verify_contract(content, base.templates, price=base.price, receipt=base.receipt)


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


def test_a_changed_clause_is_shown_old_beside_new() -> None:
    page = report_page(verdict_of(replace_in(second_base().content, "within thirty (30)", "within sixty (60)")), document="contract.docx", price="prices.json")
    assert "<h1>Modified</h1>" in page
    assert "clause 1.2" in page.lower()
    assert re.search(r"<del>[^<]*thirty", page)
    assert re.search(r"<ins>[^<]*sixty", page)
    assert "ncvr contract verify contract.docx --price prices.json" in page


def test_a_changed_price_stands_beside_the_true_one() -> None:
    page = report_page(verdict_of(replace_in(second_base().content, "£310.07", "£310.08")), document="c.docx", price="p.json")
    row = next(row for row in page.split("<tr>")[1:] if "S02" in row.partition("</tr>")[0])
    assert "Different" in row


def test_the_page_holds_no_script_and_fetches_nothing() -> None:
    page = report_page(verdict_of(second_base().content), document="c.docx")
    tags = Tags(page)
    assert not {"script", "link", "img", "iframe", "object", "form"} & set(tags.tags)
    assert not [name for name, _ in tags.attributes if name.startswith("on") or name in ("src", "href")]
    assert "url(" not in page
    assert "@import" not in page


def test_what_the_document_holds_is_escaped() -> None:
    content = replace_in(second_base().content, "disclose", "&lt;script&gt;alert(1)&lt;/script&gt;")
    page = report_page(verdict_of(content), document="<b>.docx", price='"><x>.json')
    assert "<script" not in page
    assert "<b>" not in page
    assert "<x>" not in page


def test_personal_values_are_not_printed() -> None:
    page = report_page(verdict_of(second_base().content), document="c.docx")
    assert Filling().sponsor_contact not in page
    assert "personal, not printed here" in page
    assert "Smith &amp; Nephew &lt;UK&gt; Ltd" in page


def test_it_says_what_it_does_not_show() -> None:
    page = report_page(verdict_of(second_base().content), document="c.docx")
    assert "<h1>Unmodified</h1>" in page
    assert "What this does not show" in page
    assert "Whether the prices themselves are right" in page


def test_a_file_that_cannot_be_judged_has_a_page_too() -> None:
    page = report_page(verdict_of(b"no contract"), document="c.docx")
    assert "<h1>Cannot tell</h1>" in page
    assert "this is not a Word file" in page


def test_without_price_or_receipt_the_page_lists_what_was_filled_in_as_not_compared() -> None:
    base = second_base()
    verdict = verify_contract(filled(Filling()), base.templates)
    assert (verdict.verdict, verdict.numbers, verdict.values) == ("cannot tell", "not compared", "not compared")
    page = report_page(verdict, document="c.docx")
    assert "A study of “quiet” things" in page
    assert page.count("Not compared") > 10
