"""The resource review of a study: one per study, whose agreed versions never change.

The company edits in draft and with_company, the reviewer in in_review, nobody else. Nothing is agreed without both:
the reviewer agrees, the company confirms.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from ncvr.domain.moves import Guard, Move, Moves, table
from ncvr.domain.people import Membership, Standing
from ncvr.domain.study import Study
from ncvr.domain.study_checks import check_use
from ncvr.errors import Finding, MoveNotAllowed, NotPermitted

ReviewState = Literal["draft", "submitted", "in_review", "with_company", "agreed", "withdrawn"]
REVIEW_STATES: tuple[ReviewState, ...] = get_args(ReviewState)
QueryKind = Literal["query", "comment"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceReview:
    """A study's review as it stands. ``version`` is the one being worked on; agreed ones are kept beside it, unchanged.

    ``started_by_lead_site`` is the lead site that made the first draft for the owner; None where the owner did.
    """

    iras_id: str
    owner: str
    version: int
    state: ReviewState
    revision: int
    study: Study
    first_submitted_on: date | None = None
    submitted_on: date | None = None
    agreed_on: date | None = None
    reviewer_agreed_by: str | None = None
    started_by_lead_site: str | None = None

    @property
    def place(self) -> str:
        return f"study {self.iras_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A question (``query``) or remark (``comment``) on a line of the schedule, and its answer. ``organisation`` is the writer's."""

    id: str
    version: int
    kind: QueryKind
    line: str
    text: str
    actor: str
    by: Standing
    at: str
    organisation: str
    answer: str | None = None
    answered_by: str | None = None
    answered_at: str | None = None

    @property
    def open(self) -> bool:
        return self.kind == "query" and self.answer is None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewFacts:
    """What the guards of the review look at. ``protocol_version`` is the one the company says it submits with."""

    study: Study
    membership: Membership
    reason: str = ""
    protocol_version: str | None = None
    open_queries: int = 0
    reviewer_agreed: bool = False
    uncosted: Sequence[str] = ()
    first_version: bool = True


def _complete(facts: ReviewFacts) -> Finding | None:
    missing = [finding for finding in check_use(facts.study, "submit") if finding.level == "error"]
    if not missing:
        return None
    rest = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
    return Finding(missing[0].place, f"{missing[0].problem}{rest}", missing[0].remedy)


def _protocol_matches(facts: ReviewFacts) -> Finding | None:
    protocol = facts.study.study.protocol
    costed = protocol.version if protocol is not None else None
    if facts.protocol_version is not None and facts.protocol_version == costed:
        return None
    says = f"the protocol submitted is version {facts.protocol_version or 'unknown'}, the schedule was costed from {costed or 'none'}"
    return Finding("protocol_version", says, "Cost the protocol you submit, and name its version")


def _separate_parties(facts: ReviewFacts) -> Finding | None:
    if facts.membership.lead_site is None or facts.membership.separate():
        return None
    says = f"{facts.membership.lead_site} stands on the company's side of this study"
    return Finding("lead_site", says, "Choose a lead site that belongs neither to the company nor to its CRO, nor to their group")


def _reason_given(facts: ReviewFacts) -> Finding | None:
    return None if facts.reason.strip() else Finding("reason", "the reason is missing", "Say why, in a sentence; it is kept")


def _a_query_is_open(facts: ReviewFacts) -> Finding | None:
    return None if facts.open_queries else Finding("queries", "there is no open query", "Write at least one query before you hand back")


def _no_query_is_open(facts: ReviewFacts) -> Finding | None:
    count = facts.open_queries
    return Finding("queries", f"{count} quer{'y is' if count == 1 else 'ies are'} not answered yet", "Answer every query first") if count else None


def _reviewer_agreed(facts: ReviewFacts) -> Finding | None:
    if facts.reviewer_agreed:
        return None
    return Finding("", "the lead site has not agreed this schedule yet", "Wait for the reviewer to agree; then confirm")


def _protocol_covered(facts: ReviewFacts) -> Finding | None:
    if not facts.uncosted:
        return None
    return Finding(facts.uncosted[0], f"{len(facts.uncosted)} cells of the protocol's schedule are not costed", "Cost them, or waive each with a reason")


def _first_version(facts: ReviewFacts) -> Finding | None:
    return None if facts.first_version else Finding("", "an agreed version stands", "Withdraw the amendment instead")


def _later_version(facts: ReviewFacts) -> Finding | None:
    return Finding("", "there is no agreed version to fall back on", "Withdraw the study instead") if facts.first_version else None


def _row(name: str, before: Sequence[ReviewState], after: ReviewState, by: Sequence[Standing], *guards: Guard[ReviewFacts]) -> Move[ReviewState, ReviewFacts]:
    return Move(name=name, before=frozenset(before), after=after, by=frozenset(by), guards=guards)


_OPEN: tuple[ReviewState, ...] = ("draft", "submitted", "in_review", "with_company")
REVIEW_MOVES: Moves[ReviewState, ReviewFacts] = table(
    _row("submit", ["draft"], "submitted", ["company"], _complete, _protocol_matches, _separate_parties),
    _row("accept", ["submitted"], "in_review", ["reviewer"]),
    _row("revert", ["submitted"], "draft", ["reviewer"], _reason_given),
    _row("query", ["in_review"], "with_company", ["reviewer"], _a_query_is_open),
    _row("respond", ["with_company"], "in_review", ["company"], _no_query_is_open),
    _row("agree", ["in_review"], "in_review", ["reviewer"], _complete, _no_query_is_open, _protocol_covered, _separate_parties),
    _row("confirm", ["in_review"], "agreed", ["company"], _reviewer_agreed, _complete, _no_query_is_open, _protocol_covered, _separate_parties),
    _row("amend", ["agreed"], "draft", ["company", "network", "national"], _reason_given),
    _row("withdraw", _OPEN, "withdrawn", ["company"], _first_version),
    _row("withdraw_amendment", _OPEN, "agreed", ["company"], _later_version),
)

_EDITORS: dict[str, Standing] = {"draft": "company", "with_company": "company", "in_review": "reviewer"}


def check_may_edit(state: ReviewState, by: Standing, place: str) -> None:
    """Raises NotPermitted or MoveNotAllowed unless this side holds the pen."""
    editor = _EDITORS.get(state)
    if editor is None:
        remedy = "Amend it: that opens a draft of the next version" if state == "agreed" else "Wait until it is handed back"
        raise MoveNotAllowed(f"nobody edits a schedule that is {state.replace('_', ' ')}", place, remedy)
    if editor != by:
        raise NotPermitted(f"while it is {state.replace('_', ' ')}, only the {editor} edits the schedule", place, "Wait until it is handed to you")


def elapsed_days(submitted_on: date | None, agreed_on: date | None, today: date) -> int | None:
    """Calendar days since first submission, until agreed; None before it was submitted."""
    return None if submitted_on is None else ((agreed_on or today) - submitted_on).days
