"""Problems as answers over HTTP: RFC 9457 problem details, each with all its findings, place and remedy."""

import json
from dataclasses import dataclass
from typing import Any, NotRequired

from starlette.responses import Response
from typing_extensions import TypedDict

from ncvr.errors import (
    ChangedMeanwhile,
    Finding,
    InputError,
    MoveNotAllowed,
    NcvrError,
    NotFound,
    NotPermitted,
    NotRecognised,
    PriceIsFixed,
    ProviderSilent,
    ReferenceDataError,
    StoreError,
)

MEDIA_TYPE = "application/problem+json"


class FindingRecord(TypedDict):
    """One problem: where, what, and what to do."""

    place: str
    problem: str
    remedy: str
    level: str


class Problem(TypedDict):
    """Problem details (RFC 9457). ``instance`` is the correlation id, to be quoted when asking for help."""

    type: str
    title: str
    status: int
    detail: str
    instance: NotRequired[str]
    findings: list[FindingRecord]


class Refused(NcvrError):
    """A request that HTTP itself refuses, before any service is asked. ``status`` and ``kind`` name it."""

    def __init__(self, status: int, kind: str, problem: str, remedy: str, place: str = "", *, retry_after: int | None = None) -> None:
        super().__init__(problem, place, remedy)
        self.status = status
        self.kind = kind
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class _Kind:
    status: int
    kind: str
    title: str


# The first that fits counts.
_KINDS: tuple[tuple[type[NcvrError], _Kind], ...] = (
    (PriceIsFixed, _Kind(403, "price-is-fixed", "Nobody edits a price")),
    (NotRecognised, _Kind(401, "not-signed-in", "Who are you?")),
    (ProviderSilent, _Kind(503, "provider-silent", "The identity provider does not answer")),
    (NotPermitted, _Kind(403, "not-permitted", "You may not do this")),
    (MoveNotAllowed, _Kind(409, "move-not-allowed", "This does not lead on from here")),
    (NotFound, _Kind(404, "not-found", "Not found")),
    (ChangedMeanwhile, _Kind(412, "changed-meanwhile", "It has changed meanwhile")),
    (ReferenceDataError, _Kind(409, "reference-data", "Reference data needs mending")),
    (InputError, _Kind(422, "input", "The input needs mending")),
    (StoreError, _Kind(503, "store", "The record cannot be kept now")),
)
_TITLES = {
    400: "The request cannot be read",
    401: "Who are you?",
    403: "Not from there",
    404: "Not found",
    405: "This cannot be done here",
    409: "The same request is being answered",
    413: "This is too large",
    415: "This kind of content is not read here",
    422: "The input needs mending",
    428: "Say which revision you decided on",
    429: "Too many attempts",
    500: "Something went wrong here",
}


def problem_of(error: NcvrError) -> tuple[int, Problem]:
    """The status and the problem details of an error."""
    if isinstance(error, Refused):
        kind = _Kind(error.status, error.kind, _TITLES[error.status])
    else:
        kind = next((kind for of, kind in _KINDS if isinstance(error, of)), _Kind(500, "unexpected", _TITLES[500]))
    detail = error.problem[:1].upper() + error.problem[1:]
    findings = [_finding(finding) for finding in error.findings]
    return kind.status, Problem(type=f"urn:ncvr:problem:{kind.kind}", title=kind.title, status=kind.status, detail=detail, findings=findings)


def _finding(finding: Finding) -> FindingRecord:
    return FindingRecord(place=finding.place, problem=finding.problem, remedy=finding.remedy, level=finding.level)


def answer(error: NcvrError, correlation_id: str, headers: dict[str, str] | None = None) -> Response:
    """The error as an answer."""
    status, problem = problem_of(error)
    waits = {"Retry-After": str(error.retry_after)} if isinstance(error, Refused) and error.retry_after is not None else {}
    return Response(written({**problem, "instance": correlation_id}), status, {**waits, **(headers or {})}, MEDIA_TYPE)


def written(record: Any) -> bytes:
    """JSON as it is sent: UTF-8, no spaces."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def refused_status(status: int) -> Refused:
    """What the framework itself refuses, such as an unknown address, in the same form as everything else."""
    says = {404: "there is no such address here", 405: "this method is not for this address"}.get(status, "the request cannot be answered")
    kind = {404: "not-found", 405: "method-not-allowed"}.get(status, "input")
    return Refused(status if status in _TITLES else 400, kind, says, "See /openapi.json for what there is")
