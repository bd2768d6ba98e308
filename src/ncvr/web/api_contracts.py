"""Contracts: downloading them with their receipts, and having one verified."""

from collections.abc import Iterator
from itertools import chain

from fastapi import Response
from starlette.responses import StreamingResponse

from ncvr.domain.receipt import Receipt
from ncvr.domain.verdict import Verdict, verdict_record
from ncvr.errors import MoveNotAllowed
from ncvr.files.contract_folders import zip_stream
from ncvr.services import site_contracts
from ncvr.web.access import Answer, Door, json_answer
from ncvr.web.api_sites import SITE
from ncvr.web.problems import Refused
from ncvr.web.routing import Routes

routes = Routes("Contracts")
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ZIP = "application/zip"
_PIECE = 64 * 1024


def in_pieces(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), _PIECE):
        yield content[start : start + _PIECE]


def named(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


@routes.add("GET", f"{SITE}/contract.docx", "contract.read", media_type=DOCX)
def download_contract(visit: Door, iras_id: str, ods: str, variation: int | None = None) -> Response:
    """The site's contract with its fixed prices, from the template in force; the same bytes every time. The download is recorded.

    After a variation it is the contract as varied; ``variation=0`` gives the one that was signed, another number that variation.
    """
    with visit.office.act(visit.person, visit.correlation_id) as act:
        contract = site_contracts.site_contract(act, iras_id, ods, variation)
        site_contracts.record_download(act, iras_id, f"contract of {ods}", 1)
    headers = named(contract.file_name(iras_id)) | {"Content-Length": str(len(contract.content))}
    return StreamingResponse(in_pieces(contract.content), media_type=DOCX, headers=headers)


@routes.add("GET", f"{SITE}/receipt.json", "contract.read", answer=Receipt)
def download_receipt(visit: Door, iras_id: str, ods: str, variation: int | None = None) -> Response:
    """The contract's receipt (ncvr-receipt/1), with the head of the ledger; ``variation`` as for the contract."""
    with visit.look() as act:
        contract = site_contracts.site_contract(act, iras_id, ods, variation)
        name = contract.file_name(iras_id).removesuffix(".docx") + ".receipt.json"
        return Answer(body=site_contracts.receipt(act, contract), headers=named(name)).response()


@routes.add("GET", "/studies/{iras_id}/contracts.zip", "contract.read", media_type=ZIP)
def download_contracts(visit: Door, iras_id: str) -> Response:
    """Every contract you may see of the study, with its receipt and an index, in one zip that is sent while it is made."""
    with visit.office.act(visit.person, visit.correlation_id) as act:
        ready = site_contracts.contracts_ready(act, iras_id)
        if not ready:
            raise MoveNotAllowed("no site of this study has a contract yet", f"study {iras_id}", "Lock a price first")
        site_contracts.record_download(act, iras_id, "contracts.zip", len(ready))

    def parts() -> Iterator[bytes]:
        with visit.look() as act:
            yield from zip_stream(site_contracts.named_files(act, iras_id, ready))

    pieces = parts()
    first = next(pieces)  # what stands in the way of the first contract is said as a problem, not by a zip that breaks off
    return StreamingResponse(chain((first,), pieces), media_type=ZIP, headers=named(f"{iras_id}_contracts.zip"))


@routes.add("POST", "/contracts/verify", "contracts.verify", answer=Verdict, media_type="application/json")
def verify_contract(visit: Door, iras_id: str | None = None, ods: str | None = None) -> Response:
    """Whether a contract is unmodified. The body is the Word file; it is not kept.

    Name the study and the site to have its figures compared with the price kept here, if you may read it. Where the document
    is that site's contract, adherence records what was found, once for each person and document.
    """
    visit.person  # noqa: B018  (a stranger is told so before anything is read)
    if not visit.content.startswith(b"PK"):
        raise Refused(415, "input", "this is not a Word file", "Send the .docx itself as the body", "body")
    verdict = site_contracts.verified(visit.office, visit.person, visit.correlation_id, visit.content, iras_id, ods)
    return json_answer(verdict_record(verdict)).response()
