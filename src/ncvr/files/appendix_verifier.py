"""Is this Word file the pinned template with nothing but permitted fillings, and are its figures the priced ones?

The room of the proof: it shares no code with the filling. The expected document is derived from the template and the
operations its profile permits, and compared item by item; what the comparison has no name for is a difference.
"""

import hashlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from ncvr.domain.prices_file import PricesFile
from ncvr.domain.receipt import Receipt
from ncvr.domain.signing_key import SignatureCheck, SigningKey, check_signature
from ncvr.domain.verdict import Verdict, VerdictFinding, cannot_tell
from ncvr.errors import CannotTell
from ncvr.files.verification.judging import judge
from ncvr.files.verification.opened import OpenedContract, PinnedTemplate, open_contract

__all__ = ["OpenedContract", "PinnedTemplate", "verify_contract"]

# Every check by name, with the rule of the domain (section 3) that it keeps.
CHECKS = {
    "package": "1, 2, 10: the file carries nothing and points to nothing that the template does not",
    "wording": "3, 4, 5, 6: outside the permitted places every paragraph, cell and row is the template's",
    "numbering": "3: automatic numbers are those of the derived document",
    "references": "11: cross-references lead where the template's do and show the number that stands there",
    "formatting": "3: what is fixed looks as it does in the template",
    "hidden text": "10: nothing is there that cannot be seen",
    "same value": "4: one field has one value in all its places",
    "value type": "4: each value has its type and bounds",
    "characters": "10: values hold no unseen or borrowed characters",
    "residue": "9: no prompt or instruction is left",
    "free zone": "7: free text stays between its anchors and within its bounds",
    "condition": "6: a conditional block stands exactly when its condition holds",
    "totals": "8: the visits of an arm add up to its total",
    "figures": "8: every number traces to a payable, and none is missing",
    "price identity": "8: study, site, edition and fingerprint are those of the price",
    "receipt": "4, 5, 6, 7: what was filled in is what the receipt says",
    "strict": "12, 13: the parts are those that filling writes",
}


def verify_contract(
    document: Path | bytes,
    templates: Sequence[PinnedTemplate],
    *,
    price: PricesFile | None = None,
    receipt: Receipt | None = None,
    signed_only: bool = False,
    keys: Sequence[SigningKey] = (),
    as_of: date | None = None,
    place: str = "the file",
    without: frozenset[str] = frozenset(),
) -> Verdict:
    """The verdict on a contract; never raises for what the document holds.

    Words and formatting are compared with the pinned template alone, numbers with ``price``, else with ``receipt``.
    A receipt's signature counts if it is by one of ``keys`` and that key is valid on the day ``as_of``; without a day no
    signature counts. ``without`` switches checks off by name; it is for the tests that show what each check is for.
    """
    content = document.read_bytes() if isinstance(document, Path) else document
    sha256 = "sha256:" + hashlib.sha256(content).hexdigest()
    try:
        opened = open_contract(content, templates, sha256, place, without)
        return judge(opened, price=price, receipt=receipt, signature=_signature(receipt, keys, as_of), signed_only=signed_only, without=without)
    except CannotTell as refused:
        findings = [
            VerdictFinding(check="package", part="", place=found.place, before="", after="", says=_sentence(found.problem, found.remedy))
            for found in refused.findings
        ]
        return cannot_tell(f"The file cannot be judged: {refused.problem}", findings, sha256)
    except RecursionError:
        return cannot_tell("The file cannot be judged: it is nested too deeply", (), sha256)


def _signature(receipt: Receipt | None, keys: Sequence[SigningKey], as_of: date | None) -> SignatureCheck | None:
    """What the receipt's signature is worth; None where there is none to judge."""
    if receipt is None or receipt.signature is None:
        return None
    if as_of is None:
        return SignatureCheck(standing="unknown key", says="it is signed, but no day was given to judge its key by")
    return check_signature(receipt.model_dump(mode="json", exclude_unset=True), keys, purpose="receipt", as_of=as_of)


def _sentence(problem: str, remedy: str) -> str:
    return f"{problem}. {remedy}" if remedy else problem
