"""The index of many filled contracts, for whoever sends them out: as CSV, as a page, and a few words on what lies beside it.

It names every site with its figures, so it stays with the sender; only the folder of a site goes to that site.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files

from ncvr.files.price_files import inert
from ncvr.money import exact, shown_figure

_STYLE = """
main { max-width: none; }
td, th { font-size: .875rem; }
tbody th { width: auto; min-width: 11rem; }
td.listed { min-width: 15rem; }
td.hash { min-width: 16rem; }
"""

_IDENTITY = ("iras_id", "version", "site", "name", "multiplier")
_FIGURES = ("participants", "projected_total", "fingerprint")
_STANDING = ("template", "template_status", "edition", "edition_status", "standing", "verdict", "receipt", "still_blank", "who_signs", "folder", "contract")


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexRow:
    """What the index says of one contract. ``totals`` are by arm, as text; ``blank`` what nobody has completed yet; ``signs`` who will."""

    folder: str
    contract: str
    iras_id: str
    version: int
    site: str
    name: str
    multiplier: str
    totals: Mapping[str, str]
    participants: str
    projected: str
    fingerprint: str
    template: str
    template_status: str
    edition: str
    edition_status: str
    standing: str  # "", "illustrative" or "illustrative, uncertified"
    verdict: str
    receipt: str
    blank: tuple[str, ...]
    signs: tuple[str, ...]


def index_csv(rows: Sequence[IndexRow]) -> bytes:
    """One row a contract; a column for each arm of any study in it."""
    arms = _arms(rows)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*_IDENTITY, *(f"per_participant_{arm}" for arm in arms), *_FIGURES, *_STANDING])
    for row in rows:
        totals = [row.totals.get(arm, "") for arm in arms]
        cells = [row.iras_id, str(row.version), row.site, row.name, row.multiplier, *totals, row.participants, row.projected, row.fingerprint, row.template]
        cells += [row.template_status, row.edition, row.edition_status, row.standing, row.verdict, row.receipt, "; ".join(row.blank), "; ".join(row.signs)]
        writer.writerow([inert(cell) for cell in [*cells, row.folder, row.contract]])
    return text.getvalue().encode("utf-8")


def _arms(rows: Sequence[IndexRow]) -> list[str]:
    return list(dict.fromkeys(arm for row in rows for arm in row.totals))


def index_page(rows: Sequence[IndexRow]) -> bytes:
    """The same as a page. What matters is said in words, never by colour alone."""
    arms = _arms(rows)
    headings = ["Study", "Site", "Multiplier", *(f"For a participant, arm {arm}" for arm in arms), "Projected total", "Verdict", "Receipt"]
    headings += ["Template", "Tariff edition", "Still blank", "Who signs", "Contract", "Fingerprint of the price"]
    head = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in headings)
    style = files("ncvr.files").joinpath("verification_report.css").read_text(encoding="utf-8") + _STYLE
    body = "".join(_row(row, arms) for row in rows)
    title = f"Contracts of {len(rows)} site{'s' if len(rows) != 1 else ''}"
    notes = "".join(f"<p><strong>Please note.</strong> {escape(note)}</p>\n" for note in notes_on(rows))
    return (
        f'<!DOCTYPE html>\n<html lang="en-GB"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{style}</style></head>\n<body><main><header><h1>{title}</h1>\n"
        f"<p>For the sender: this page names every site with its figures. Send each site its own folder and nothing else.</p>\n{notes}</header>\n"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>\n</main></body></html>\n"
    ).encode()


def _row(row: IndexRow, arms: Sequence[str]) -> str:
    standing = f", {row.standing}" if row.standing else ""
    contract = f'<a href="{escape(f"{row.folder}/{row.contract}", quote=True)}">{escape(row.contract)}</a>'
    cells = [
        f"<td>IRAS {escape(row.iras_id)}, version {row.version}</td>",
        f'<th scope="row">{escape(f"{row.site} {row.name}")}</th>',
        f"<td>{escape(row.multiplier)}</td>",
        *(f'<td class="amount">{_pounds(amount)}</td>' for amount in [*(row.totals.get(arm, "") for arm in arms), row.projected]),
        *(f"<td>{escape(told)}</td>" for told in (row.verdict + standing, row.receipt)),
        *(f"<td>{escape(what)} ({escape(status)})</td>" for what, status in ((row.template, row.template_status), (row.edition, row.edition_status))),
        *(f'<td class="listed">{_listed(entries)}</td>' for entries in (row.blank, row.signs)),
        f'<td>{contract}</td><td class="hash">{escape(row.fingerprint)}</td>',
    ]
    return f"<tr>{''.join(cells)}</tr>\n"


def _pounds(text: str) -> str:
    return shown_figure(exact(text)) if text else ""


def _listed(entries: Sequence[str]) -> str:
    return "<br>".join(escape(entry) for entry in entries)


def notes_on(rows: Sequence[IndexRow]) -> Iterator[str]:
    """What a reader must know before anything is used."""
    if any("illustrative" in row.standing for row in rows):
        yield (
            "Contracts marked illustrative carry prices from a tariff that is not the official one, or that is not locked. "
            "They show how the software works and are not for signing."
        )
    if any("uncertified" in row.standing for row in rows):
        yield "Contracts marked uncertified were filled without leave to certify: no check of them can come out better than cannot tell."
    if any(row.template_status == "sample" for row in rows):
        yield "The template is this project's own sample. It is not the national text."


def readme(rows: Sequence[IndexRow], *, signed: bool) -> bytes:
    """Plain words on what the folders hold, and how to check and send them."""
    listed = (
        "index.html and index.csv list every contract: site, multiplier, totals, fingerprint, template, verdict, what is still blank and who signs. "
        "They name all sites, so they stay with you."
    )
    check = (
        "To check that nothing was lost on the way: sha256sum -c SHA256SUMS, inside the folder. "
        "To check a contract that comes back: ncvr contract verify CONTRACT.docx --price prices.json"
    )
    paragraphs = [
        f"Contracts of {len(rows)} site{'s' if len(rows) != 1 else ''}",
        *(f"PLEASE NOTE. {note}" for note in notes_on(rows)),
        listed,
        "There is one folder for each site. It holds nothing of any other site, so the whole folder can be sent to that site:\n" + _contents(),
        check,
    ]
    if signed:
        paragraphs.append(
            "The receipts are signed. The site can check a receipt without this software: give it check_receipt.py and, by another way that it trusts "
            "(not in the same message), keys.json. Then: python check_receipt.py CONTRACT.receipt.json keys.json CONTRACT.docx"
        )
    return ("\n\n".join(paragraphs) + "\n").encode("utf-8")


def _contents() -> str:
    entries = [
        ("the contract (.docx)", "to be completed where it is blank, and signed"),
        ("its receipt (.receipt.json)", "what was filled in, and the hashes of the file and of every part"),
        ("the workbook (.xlsx)", "the schedule and the prices of this site, to calculate with"),
        ("prices.json", "the prices of this site, for programs"),
        ("explanation.html", "why each price is what it is, line by line"),
        ("verification.html", "the check of the contract against template, prices and receipt"),
        ("SHA256SUMS", "the hash of every file in the folder"),
    ]
    return "\n".join(f"  - {name}: {said}" for name, said in entries)
