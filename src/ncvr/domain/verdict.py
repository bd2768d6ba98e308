"""What a check of a contract found, ``ncvr-verdict/1``: unmodified, modified (where and what) or cannot tell (why)."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Decision = Literal["unmodified", "modified", "cannot tell"]
Comparison = Literal["equal", "different", "not compared"]
ReceiptStanding = Literal["valid signature", "unsigned", "forged", "none"]
NumbersFrom = Literal["price", "signed receipt", "unsigned receipt", "nothing"]
FindingLevel = Literal["error", "notice"]

EXIT_CODES: Mapping[Decision, int] = {"unmodified": 0, "modified": 10, "cannot tell": 11}


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictFinding:
    """One difference, or one thing to say. ``check`` is the rule's name; ``before`` is what the template or price has."""

    check: str
    part: str  # where in the file: "body", "footer, first page", "word/styles.xml"
    place: str  # where for a reader: "clause 7.2", "Appendix 4, Visits, row 3"
    before: str
    after: str
    says: str
    level: FindingLevel = "error"

    def __str__(self) -> str:
        return f"{self.place}: {self.says}" if self.place else self.says


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledValue:
    """One value that stands where the template lets a value stand."""

    name: str
    title: str
    place: str
    value: str
    compared: Comparison = "not compared"
    personal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleLine:
    """One row of the finance schedule beside what it was compared with; ``expected`` is None where nothing was."""

    table: str
    row: int
    item: str
    stands: str
    expected: str | None

    @property
    def agrees(self) -> bool | None:
        return None if self.expected is None else self.expected == self.stands


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateSeen:
    """The pinned template the words were compared with, and who approved what it allows."""

    family: str
    version: str
    title: str
    status: str
    sha256: str
    profile_sha256: str
    approved_by: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """``strict`` says whether the parts are those ncvr itself would write; it never spoils the verdict by itself."""

    verdict: Decision
    says: str
    words: Comparison = "not compared"
    numbers: Comparison = "not compared"
    values: Comparison = "not compared"
    formatting: Comparison = "not compared"
    strict: Comparison = "not compared"
    numbers_from: NumbersFrom = "nothing"
    template: TemplateSeen | None = None
    receipt: ReceiptStanding = "none"
    document_sha256: str = ""
    findings: tuple[VerdictFinding, ...] = ()
    values_found: tuple[FilledValue, ...] = ()
    schedule: tuple[ScheduleLine, ...] = ()
    format: Literal["ncvr-verdict/1"] = field(default="ncvr-verdict/1")

    @property
    def exit_code(self) -> int:
        return EXIT_CODES[self.verdict]

    @property
    def errors(self) -> tuple[VerdictFinding, ...]:
        return tuple(finding for finding in self.findings if finding.level == "error")


def verdict_record(verdict: Verdict) -> dict[str, Any]:
    """The verdict as JSON values, ``format`` first."""
    record = asdict(verdict)
    return {"format": record.pop("format"), **record}


def cannot_tell(says: str, findings: Iterable[VerdictFinding] = (), document_sha256: str = "") -> Verdict:
    """The verdict where no comparison was possible."""
    return Verdict(verdict="cannot tell", says=says, findings=tuple(findings), document_sha256=document_sha256)
