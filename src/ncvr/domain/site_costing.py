"""A site costing: one study at one site, child of an agreed version, whose price nobody edits.

``stale`` is not a state but a fact: a newer edition is in force, or the organisation has closed, and it is not contracted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from ncvr.domain.moves import Guard, Move, Moves, table
from ncvr.domain.people import Standing
from ncvr.domain.study import Site
from ncvr.errors import Finding

CostingState = Literal["priced", "locked", "shared", "escalated", "accepted", "contracted", "refused", "declined", "withdrawn", "superseded"]
COSTING_STATES: tuple[CostingState, ...] = get_args(CostingState)
# The 2023 multipliers were mended from such reasons.
RefusalReason = Literal["set_up_fees", "outsourcing", "indirect_costs", "capacity_building", "staff_rates", "missing_item", "other"]
UNCONTRACTED: tuple[CostingState, ...] = ("priced", "locked", "shared", "escalated", "accepted")
SUPERSEDED_ON_CORRECTION: tuple[CostingState, ...] = (*UNCONTRACTED, "refused")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPrice:
    """One pricing of a costing with everything that decided it; ``record`` is the ``ncvr-prices/1`` file as it was written."""

    number: int
    pricing_date: date
    edition: str
    edition_sha256: str
    multiplier: str
    fingerprint: str
    total: str | None
    record: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteCosting:
    """A site costing as it stands. ``former_code`` is the closed trust it was priced for before it was reassigned."""

    id: str
    iras_id: str
    number: int
    version: int
    site: Site
    state: CostingState
    revision: int
    price: KeptPrice
    former_code: str | None = None
    shared_at: str | None = None
    accepted_by: str | None = None
    signed_on: date | None = None
    template: str | None = None
    reason_code: str | None = None
    reason: str = ""

    @property
    def place(self) -> str:
        return f"study {self.iras_id}, site {self.site.key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CostingFacts:
    """What the guards of a site costing look at. ``in_force`` is the edition of today, or of ``signed_on`` for a contract."""

    edition: str
    in_force: str
    organisation_open: bool = True
    reason: str = ""
    reason_code: RefusalReason | None = None
    fingerprint: str = ""
    document_fingerprint: str = ""
    signed_on: date | None = None
    priced_on: date | None = None
    today: date | None = None
    version: int = 1
    latest_version: int = 1
    same_person: bool = False

    @property
    def stale(self) -> bool:
        return self.edition != self.in_force or not self.organisation_open


def _fresh(facts: CostingFacts) -> Finding | None:
    if not facts.organisation_open:
        return Finding("", "the organisation has closed", "Reassign the costing to its successor")
    if facts.edition != facts.in_force:
        return Finding("", f"it is stale: priced from {facts.edition}, and {facts.in_force} is in force", "Re-price it first")
    return None


def _is_stale(facts: CostingFacts) -> Finding | None:
    if not facts.organisation_open:
        return Finding("", "the organisation has closed", "Reassign the costing to its successor")
    return None if facts.stale else Finding("", "its edition is in force, so there is nothing to re-price", "Leave it; the price is fixed")


def _closed(facts: CostingFacts) -> Finding | None:
    return Finding("", "the organisation is open", "Reassign only the costing of an organisation that has closed") if facts.organisation_open else None


def _reason_given(facts: CostingFacts) -> Finding | None:
    return None if facts.reason.strip() else Finding("reason", "the reason is missing", "Say why, in a sentence; it is kept")


def _reason_code_given(facts: CostingFacts) -> Finding | None:
    if facts.reason_code is None:
        return Finding("reason_code", "the reason code is missing", f"Choose one of: {', '.join(get_args(RefusalReason))}")
    if facts.reason_code == "other" and not facts.reason.strip():
        return Finding("reason", "the reason 'other' needs a sentence", "Say what the reason is")
    return None


def _two_people(facts: CostingFacts) -> Finding | None:
    if not facts.same_person:
        return None
    return Finding("", "the reviewer of a single-site study may not also accept its price", "Ask another person of this organisation to accept")


def _signed_in_time(facts: CostingFacts) -> Finding | None:
    if facts.signed_on is None or facts.today is None:
        return Finding("signed_on", "the day of signature is missing", "Give the day the last party signed")
    if facts.signed_on > facts.today:
        return Finding("signed_on", f"{facts.signed_on} has not come yet", "Record a contract once it is signed")
    if facts.priced_on is not None and facts.signed_on < facts.priced_on:
        return Finding("signed_on", f"the price was made only on {facts.priced_on}", "Check the day of signature")
    if facts.edition != facts.in_force:
        return Finding(
            "signed_on", f"on {facts.signed_on} edition {facts.in_force} was in force, not {facts.edition}", "Re-price it and share the new contract"
        )
    return None


def _document_matches(facts: CostingFacts) -> Finding | None:
    if facts.fingerprint == facts.document_fingerprint:
        return None
    return Finding("fingerprint", "the document signed does not carry this price", "Check that the contract signed is the one downloaded here")


def _newer_version(facts: CostingFacts) -> Finding | None:
    if facts.version < facts.latest_version:
        return None
    return Finding("version", f"the contract already carries version {facts.version}", "Vary it once a newer version is agreed")


def _row(
    name: str, before: Sequence[CostingState], after: CostingState, by: Sequence[Standing], *guards: Guard[CostingFacts]
) -> Move[CostingState, CostingFacts]:
    return Move(name=name, before=frozenset(before), after=after, by=frozenset(by), guards=guards)


COSTING_MOVES: Moves[CostingState, CostingFacts] = table(
    _row("lock", ["priced"], "locked", ["company"], _fresh),
    _row("unlock", ["locked"], "priced", ["company"], _reason_given),
    _row("share", ["locked"], "shared", ["company"], _fresh),
    _row("accept", ["shared"], "accepted", ["site"], _fresh, _two_people),
    _row("refuse", ["shared"], "refused", ["site"], _reason_code_given),
    _row("escalate", ["shared"], "escalated", ["site"]),
    _row("return_to_site", ["escalated"], "shared", ["network", "national"], _reason_given),
    _row("contract", ["accepted"], "contracted", ["company"], _signed_in_time, _document_matches),
    _row("vary", ["contracted"], "contracted", ["company"], _newer_version),
    _row("decline", UNCONTRACTED, "declined", ["site"], _reason_given),
    _row("withdraw", [*UNCONTRACTED, "refused"], "withdrawn", ["company"], _reason_given),
    _row("reprice", ["priced", "locked", "shared", "accepted"], "priced", ["company", "national"], _is_stale),
    _row("reassign", ["priced", "locked", "shared", "accepted"], "priced", ["company", "national"], _closed),
    _row("supersede", SUPERSEDED_ON_CORRECTION, "superseded", ["company"]),
)
