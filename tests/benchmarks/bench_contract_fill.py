"""P4: filling a contract against python-docx, growth with rows, untouched members, and 150 sites as one zip."""

from io import BytesIO
from typing import Any

import docx

from ncvr.domain.appendix import FinancialAppendix
from ncvr.files.contract_folders import zip_of
from ncvr.files.docx_package import read_package
from ncvr.files.template_registry import RegisteredTemplate
from tests.benchmarks.rows import Row, medians
from tests.contracts import appendix, details, filler, sample, site_price, with_visits


def measure() -> list[Row]:
    """Every way makes the whole Word file in memory; what a filler prepares once per template is prepared beforehand."""
    template = sample()
    plain = appendix(site_price(), details())
    small, large = with_visits(plain, 600), with_visits(plain, 6_000)
    ours = filler(template)
    took = medians(
        {
            "python-docx": lambda: by_python_docx(template, small),
            "600": lambda: ours.fill(small, "RGT"),
            "6000": lambda: ours.fill(large, "RGT"),
            "150 fills": lambda: [ours.fill(small, "RGT") for _ in range(150)],
            "one zip": lambda: zip_of({f"{n}/contract.docx": ours.fill(small, "RGT").content for n in range(150)}),
        },
        rounds=5,
    )
    return [
        Row(goal="P4", name="python-docx add_row / fill, 600 rows", value=took["python-docx"] / took["600"], bound=50, holds="at least"),
        Row(goal="P4", name="fill, 6,000 rows / 600 rows", value=took["6000"] / took["600"], bound=11, holds="at most"),
        Row(goal="P4", name="members changed that no value is in", value=touched(template, ours.fill(small, "RGT").content), bound=0, holds="at most"),
        Row(goal="P4", name="150 sites as one zip / 150 fills", value=took["one zip"] / took["150 fills"], bound=2, holds="at most"),
    ]


def by_python_docx(template: RegisteredTemplate, given: FinancialAppendix) -> bytes:
    """The usual way: open the template, add a row and set its cells for each visit, save."""
    document: Any = docx.Document(BytesIO(template.content))
    table = next(table for table in document.tables if [cell.text for cell in table.rows[0].cells] == ["Ref", "Visit", "Window", "Paid", "Price"])
    for row in given.arms[0].tables["arm.visits"]:
        cells = table.add_row().cells
        for cell, text in zip(cells, row.values(), strict=True):
            cell.text = text
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def touched(template: RegisteredTemplate, content: bytes) -> int:
    """Members whose packed bytes differ from the template's, other than the document and the footers, which hold values."""
    before, after = read_package(template.content).members, read_package(content).members
    holds_values = {"word/document.xml", *(name for name in before if name.startswith("word/footer"))}
    return sum(before[name].compressed != after[name].compressed for name in before if name not in holds_values)
