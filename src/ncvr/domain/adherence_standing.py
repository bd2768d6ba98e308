"""Where one organisation stands in an indicator, and what put it there."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ncvr.domain.adherence_outcomes import CostingOutcome

Place = Literal["accepted", "not_accepted", "excluded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustStanding:
    """``reason`` says why, also for an accepted one; ``decided_by`` is the id of the record or position, if one decided it.

    ``members`` are the organisations it succeeded whose history counts for it; ``outcomes`` its costings in the window.
    """

    ods_code: str
    name: str
    place: Place
    reason: str
    decided_by: str = ""
    since: date | None = None
    members: tuple[str, ...] = ()
    outcomes: tuple[CostingOutcome, ...] = ()
