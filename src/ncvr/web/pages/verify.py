"""Verify a contract: the file is checked and forgotten. What came out is a page, and a report to keep."""

import base64
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from fastapi import Response
from starlette.datastructures import UploadFile

from ncvr.domain.receipt import Receipt
from ncvr.domain.verdict import Verdict, VerdictFinding
from ncvr.errors import Finding, InputError, NotFound, NotPermitted
from ncvr.files.docx_package import FILE_LIMIT
from ncvr.files.json_files import parse_json
from ncvr.files.receipt_files import receipt_from
from ncvr.files.verification_report import compared_with, report_page
from ncvr.services import site_contracts
from ncvr.web.pages.page import Page, Seen
from ncvr.web.pages.table import Cell, Column, Row, Table
from ncvr.web.pages.templates import count
from ncvr.web.pages.words import VERDICT_TAGS, Tag
from ncvr.web.routing import Routes

routes = Routes("Pages")
_OLD_WORD = bytes.fromhex("d0cf11e0")  # the container of .doc, and of a .docx with a password
_RESULTS = {"equal": Tag("Equal", "green"), "different": Tag("Different", "red"), "not compared": Tag("Not compared", "grey")}
_FINDINGS = tuple(Column(*each, sortable=False) for each in (("where", "Where"), ("before", "Should read"), ("after", "Reads"), ("means", "What it means")))
_COMPARED = tuple(Column(*each, sortable=False) for each in (("what", "What"), ("result", "Result"), ("beside", "Compared with")))
_SCHEDULE = (
    *(Column("table", "Table", sortable=False), Column("item", "Item", sortable=False), Column("stands", "In the contract", numeric=True, sortable=False)),
    *(Column("expected", "Price", numeric=True, sortable=False), Column("agrees", "", sortable=False)),
)
_VALUES = tuple(Column(*each, sortable=False) for each in (("field", "Field"), ("value", "Reads"), ("result", "Beside the receipt")))


@routes.add("GET", "/verify", "contracts.verify", media_type="text/html")
def verify_page(page: Seen) -> Response:
    """Choose the file."""
    with page.look() as act:
        act.allowed("contracts.verify")
    return _form(page, iras_id=page.asked("study"), ods=page.asked("site"))


@routes.add("POST", "/verify", "contracts.verify", media_type="text/html")
def verify(page: Seen) -> Response:
    """Check it. The figures expected are shown to those who may read the price, and to nobody else."""
    iras_id, ods = page.field("iras_id") or None, page.field("ods").upper() or None
    try:
        content, receipt = _content(page), _receipt(page)
        if (iras_id is None) != (ods is None):
            name = "ods" if ods is None else "iras_id"
            raise InputError("A price is found by study and site together", name, "Give both, or neither")
        verdict = site_contracts.verified(page.visit.office, page.person, page.visit.correlation_id, content, iras_id, ods, receipt)
    except InputError as error:
        return _form(page, problems=error.findings, iras_id=iras_id or "", ods=ods or "")
    except (NotFound, NotPermitted):
        says = Finding("iras_id", "There is no such price here, or you may not see it", "Check both, or leave both empty")
        return _form(page, problems=[says], iras_id=iras_id or "", ods=ods or "")
    return _result(page, verdict, _name(page), beside=f"the price of {ods} kept here" if ods else "")


def _form(page: Page, *, problems: Sequence[Finding] = (), iras_id: str = "", ods: str = "") -> Response:
    return page.show("verify.html", problems=problems, iras_id=iras_id, ods=ods, most=FILE_LIMIT // 2**20)


def _content(page: Page) -> bytes:
    content = page.upload("file")
    if not content:
        raise InputError("No file was chosen", "file", "Choose the contract, a Word file that ends in .docx")
    if len(content) > FILE_LIMIT:
        raise InputError(f"The file is larger than {FILE_LIMIT // 2**20} MB", "file", "No contract of ours is; check that it is the right file")
    if content.startswith(_OLD_WORD):
        raise InputError("This is an old .doc file, or one with a password", "file", "Save it as .docx without a password, or ask for the file as it was sent")
    if not content.startswith(b"PK"):
        raise InputError("This is not a Word file", "file", "Choose the contract itself, a file that ends in .docx; not a PDF or a scan")
    return content


def _receipt(page: Page) -> Receipt | None:
    """The receipt that came with the contract, if one was chosen."""
    content = page.upload("receipt")
    if not content:
        return None
    try:
        return receipt_from(parse_json(content, "receipt"), "receipt").or_raise(InputError)
    except InputError as error:
        says = error.findings[0]
        raise InputError(f"This is no receipt of ours: {says.problem}", "receipt", "Choose the file that ends in .receipt.json, or none") from error


def _name(page: Page) -> str:
    """The file's own name, as far as it is one."""
    sent = page.form.get("file")
    name = PurePath((sent.filename or "").replace("\\", "/")).name if isinstance(sent, UploadFile) else ""
    return name[:120] if name.isprintable() and name else "contract.docx"


def _result(page: Page, verdict: Verdict, name: str, beside: str) -> Response:
    """Tables of a verdict neither sort nor download by address, since nothing is kept to sort: their CSV is in the page."""
    errors = [finding for finding in verdict.findings if finding.level == "error"]
    notices = [finding for finding in verdict.findings if finding.level == "notice"]
    tables = [
        Table(name="compared", caption="What was compared", columns=_COMPARED, rows=_compared_rows(verdict), empty="Nothing could be compared."),
        Table(name="findings", caption="What was found", columns=_FINDINGS, rows=_finding_rows(errors), empty="No difference was found."),
        Table(name="notices", caption="Also noted", columns=_FINDINGS, rows=_finding_rows(notices)),
        Table(name="schedule", caption="The schedule beside the prices", columns=_SCHEDULE, rows=_schedule_rows(verdict)),
        Table(name="values", caption="What was filled in", columns=_VALUES, rows=_value_rows(verdict)),
    ]
    values: dict[str, Any] = {"verdict": verdict, "heading": _heading(verdict, len(errors)), "tag": VERDICT_TAGS[verdict.verdict], "document": name}
    report = report_page(verdict, document=name, price=beside)
    files = {table.name: _in_page("text/csv", table.csv()) for table in tables if table.rows}
    return page.show("verified.html", tables=tables, files=files, report=_in_page("text/html", report.encode("utf-8")), **values)


def _heading(verdict: Verdict, errors: int) -> str:
    if verdict.verdict == "modified":
        return f"Modified: {count(errors, 'finding')}"
    return VERDICT_TAGS[verdict.verdict].text


def _in_page(kind: str, content: bytes) -> str:
    """A file within the page, since nothing is kept from which it could be fetched."""
    return f"data:{kind};charset=utf-8;base64,{base64.b64encode(content).decode('ascii')}"


def _compared_rows(verdict: Verdict) -> list[Row]:
    return [{"what": what, "result": Cell("", tag=_RESULTS[judged]), "beside": beside} for what, judged, beside in compared_with(verdict)]


def _finding_rows(findings: Sequence[VerdictFinding]) -> list[Row]:
    return [
        {
            "where": _sentence(finding.place) or "The file",
            "before": finding.before,
            "after": finding.after,
            "means": f"{_sentence(finding.says)}.",
        }
        for finding in findings
    ]


def _schedule_rows(verdict: Verdict) -> list[Row]:
    agree = {True: _RESULTS["equal"], False: _RESULTS["different"], None: Tag("Not in the price", "red")}
    return [
        {
            "table": line.table,
            "item": line.item,
            "stands": line.stands or "Missing",
            "expected": line.expected or "",
            "agrees": Cell("", tag=agree[line.agrees]),
        }
        for line in verdict.schedule
    ]


def _value_rows(verdict: Verdict) -> list[Row]:
    return [
        {"field": _sentence(value.title), "value": "Personal, not shown" if value.personal else value.value, "result": Cell("", tag=_RESULTS[value.compared])}
        for value in verdict.values_found
    ]


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
