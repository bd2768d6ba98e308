"""A verdict as one page to read, print and send: no script, nothing fetched from anywhere, every text escaped."""

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from html import escape
from importlib.resources import files

from ncvr import __version__
from ncvr.domain.verdict import Comparison, Verdict, VerdictFinding

_HEADLINES = {"unmodified": "Unmodified", "modified": "Modified", "cannot tell": "Cannot tell"}
_MEANINGS = {
    "equal": "Equal",
    "different": "Different",
    "not compared": "Not compared",
}
_AMOUNTS = ("In the contract", "Price")  # headings over figures
_NOT_SHOWN = (
    "Who sent or signed the document. This page is not signed either: whoever relies on it repeats the check, which takes a second.",
    "Whether the document was changed after this check. The SHA-256 on this page belongs to the file that was checked and to no other.",
    "Whether the prices themselves are right. The check compares the contract with the price file or receipt that it was given.",
    "Whether what was filled in is true. Names, addresses and other values are listed so that a person can read them.",
)


def report_page(verdict: Verdict, *, document: str, price: str = "") -> str:
    """The page. ``document`` and ``price`` are the names of the files compared, as printed on it."""
    sections = [
        _banner(verdict, document),
        _compared(verdict),
        _findings("What was found", [finding for finding in verdict.findings if finding.level == "error"]),
        _findings("Also noted", [finding for finding in verdict.findings if finding.level == "notice"]),
        _schedule(verdict),
        _values(verdict),
        _hashes(verdict, document, price),
        _not_shown(),
        _repeat(document, price),
    ]
    style = files("ncvr.files").joinpath("verification_report.css").read_text(encoding="utf-8")
    title = f"{_HEADLINES[verdict.verdict]}: {document}"
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{escape(title)}</title><style>{style}</style>'
    return f'<!DOCTYPE html>\n<html lang="en-GB"><head>{head}</head>\n<body><main>\n{"".join(sections)}</main></body></html>\n'


def _banner(verdict: Verdict, document: str) -> str:
    kind = verdict.verdict.replace(" ", "-")
    return (
        f'<header class="verdict {kind}"><p class="file">Check of {escape(document)}</p><h1>{_HEADLINES[verdict.verdict]}</h1>'
        f"<p>{escape(verdict.says)}.</p></header>\n"
    )


def _section(title: str, inner: str) -> str:
    return f"<section><h2>{escape(title)}</h2>\n{inner}</section>\n"


def _table(headings: Iterable[str], rows: Iterable[str], kind: str = "") -> str:
    amounts = ' class="amount"'
    head = "".join(f'<th scope="col"{amounts if heading in _AMOUNTS else ""}>{escape(heading)}</th>' for heading in headings)
    return f'<table class="{kind}"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>\n'


def compared_with(verdict: Verdict) -> list[tuple[str, Comparison, str]]:
    """Words, numbers, values and formatting: what came out, and what each was compared with. Nothing where no template is known."""
    if verdict.template is None:
        return []
    template = verdict.template
    against = {
        "price": "the price file",
        "signed receipt": "a validly signed receipt",
        "unsigned receipt": "an unsigned receipt, which anybody could have written",
        "nothing": "nothing was given to compare with",
    }
    with_receipt = {"none": "there is no receipt", "unsigned": "the receipt, which is unsigned", "forged": "a receipt that was changed"}
    return [
        ("Words", verdict.words, f"template {template.family}/{template.version}, {template.title}"),
        ("Numbers", verdict.numbers, against[verdict.numbers_from]),
        ("Filled values", verdict.values, with_receipt.get(verdict.receipt, "the signed receipt")),
        ("Formatting", verdict.formatting, "the formatting of the template, as it is seen"),
    ]


def _compared(verdict: Verdict) -> str:
    rows = compared_with(verdict)
    cells = (
        f'<tr><th scope="row">{name}</th><td class="{judged.replace(" ", "-")}">{_MEANINGS[judged]}</td><td>{escape(beside)}</td></tr>'
        for name, judged, beside in rows
    )
    return _section("What was compared", _table(("", "Result", "Compared with"), cells, "compared")) if rows else ""


def _findings(title: str, findings: list[VerdictFinding]) -> str:
    return _section(title, "".join(_finding(finding) for finding in findings)) if findings else ""


def _finding(finding: VerdictFinding) -> str:
    says = finding.says[:1].upper() + finding.says[1:]
    place = finding.place[:1].upper() + finding.place[1:]
    shown = _side_by_side(finding) if finding.before or finding.after else ""
    return f'<article><h3>{escape(place) or "The file"}</h3><p>{escape(says)}.</p>{shown}<p class="check">Check: {escape(finding.check)}</p></article>\n'


def _side_by_side(finding: VerdictFinding) -> str:
    old, new = _marked(finding.before, finding.after)
    return f'<dl class="change"><dt>Should read</dt><dd>{old or "<em>nothing</em>"}</dd><dt>Reads</dt><dd>{new or "<em>nothing</em>"}</dd></dl>'


def _marked(before: str, after: str) -> tuple[str, str]:
    """Both texts with what differs marked, word by word."""
    old, new = before.split(" "), after.split(" ")
    left: list[str] = []
    right: list[str] = []
    for tag, i0, i1, j0, j1 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        one, other = escape(" ".join(old[i0:i1])), escape(" ".join(new[j0:j1]))
        left.append(one if tag == "equal" or not one else f"<del>{one}</del>")
        right.append(other if tag == "equal" or not other else f"<ins>{other}</ins>")
    return " ".join(left).strip(), " ".join(right).strip()


def _schedule(verdict: Verdict) -> str:
    if not verdict.schedule:
        return ""
    return _section("The schedule beside the prices", _table(("Table", "Item", "In the contract", "Price", ""), _lines(verdict), "schedule"))


def _lines(verdict: Verdict) -> Iterator[str]:
    for line in verdict.schedule:
        agrees = {True: ("equal", "Equal"), False: ("different", "Different"), None: ("different", "Not in the price")}[line.agrees]
        stands = escape(line.stands) or "<em>missing</em>"
        expected = "" if line.expected is None else escape(line.expected)
        yield (
            f'<tr><td>{escape(line.table)}</td><td>{escape(line.item)}</td><td class="amount">{stands}</td>'
            f'<td class="amount">{expected}</td><td class="{agrees[0]}">{agrees[1]}</td></tr>'
        )


def _values(verdict: Verdict) -> str:
    if not verdict.values_found:
        return ""
    rows = (
        f'<tr><th scope="row">{escape(value.title[:1].upper() + value.title[1:])}</th>'
        f"<td>{'<em>personal, not printed here</em>' if value.personal else escape(value.value)}</td>"
        f'<td class="{value.compared.replace(" ", "-")}">{_MEANINGS[value.compared]}</td></tr>'
        for value in verdict.values_found
    )
    return _section("What was filled in", _table(("Field", "Reads", "Beside the receipt"), rows, "values"))


def _hashes(verdict: Verdict, document: str, price: str) -> str:
    rows = [(f"Document {document}", verdict.document_sha256)]
    if verdict.template is not None:
        rows += [("Template", verdict.template.sha256), ("Profile of the template", verdict.template.profile_sha256)]
        rows += [("Profile approved by", ", ".join(verdict.template.approved_by) or f"nobody ({verdict.template.status})")]
    rows += [("Price file", price)] if price else []
    rows += [("Software", f"ncvr {__version__}")]
    cells = (f'<tr><th scope="row">{escape(name)}</th><td class="hash">{escape(told)}</td></tr>' for name, told in rows if told)
    return _section("Which files", _table(("", "SHA-256 or name"), cells, "hashes"))


def _not_shown() -> str:
    return _section("What this does not show", "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in _NOT_SHOWN) + "</ul>\n")


def _repeat(document: str, price: str) -> str:
    command = f"ncvr contract verify {_quoted(document)}" + (f" --price {_quoted(price)}" if price else "")
    return _section("How to repeat the check", f"<p>With this software installed, beside the same files:</p><pre>{escape(command)}</pre>\n")


def _quoted(name: str) -> str:
    return f'"{name}"' if " " in name else name
