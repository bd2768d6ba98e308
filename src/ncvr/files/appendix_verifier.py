"""Is this Word file the pinned template with nothing but permitted fillings, and are its figures the priced ones?

The room of the proof: it shares no code with the filling. The expected document is derived from the template and the
operations its profile permits, and compared item by item; what the comparison has no name for is a difference.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from ncvr.domain.prices_file import PricesFile
from ncvr.domain.verdict import Verdict, VerdictFinding, cannot_tell
from ncvr.errors import CannotTell
from ncvr.files.docx_package import read_package
from ncvr.files.template_profile import TemplateProfile


class PinnedTemplate(Protocol):
    """A template of the verifier's own registry: the Word file's bytes, and the profile that pins their SHA-256."""

    @property
    def content(self) -> bytes: ...
    @property
    def profile(self) -> TemplateProfile: ...
    @property
    def profile_sha256(self) -> str: ...


def verify_contract(
    document: Path | bytes,
    templates: Sequence[PinnedTemplate],
    *,
    price: PricesFile | None = None,
    receipt: Mapping[str, Any] | None = None,
    signed_only: bool = False,
    as_of: date | None = None,
    place: str = "the file",
) -> Verdict:
    """The verdict on a contract; never raises for what the document holds.

    Words and formatting are compared with the pinned template alone, numbers with ``price``, else with ``receipt``
    (the parsed ``ncvr-receipt/1`` object). ``as_of`` is the day on which a receipt's signing key must have been valid.
    """
    content = document.read_bytes() if isinstance(document, Path) else document
    sha256 = "sha256:" + hashlib.sha256(content).hexdigest()
    try:
        read_package(content, place)
    except CannotTell as refused:
        says = f"The file cannot be judged: {refused.problem}"
        findings = [VerdictFinding(check="package", part="", place=f.place, before="", after="", says=str(f)) for f in refused.findings]
        return cannot_tell(says, findings, sha256)
    return cannot_tell("The comparison is not built yet", (), sha256)
