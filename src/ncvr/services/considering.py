"""A move somebody considers: whether it leads on from here for them, and what stands in its way, before anything is done."""

from dataclasses import dataclass

from ncvr.domain.moves import in_the_way, open_moves
from ncvr.domain.people import Standing
from ncvr.domain.permissions import STUDY_OPERATIONS
from ncvr.domain.review import REVIEW_MOVES, ResourceReview
from ncvr.domain.site_costing import COSTING_MOVES, SiteCosting
from ncvr.errors import Finding
from ncvr.services.costing import costing_facts, read_costing, reviewed_it
from ncvr.services.office import Act
from ncvr.services.reviewing import review_facts, review_operation
from ncvr.store import studies


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsideredReview:
    """``moves`` are those open to this person now; ``latest`` is the newest agreed version, 0 while there is none."""

    review: ResourceReview
    by: Standing
    latest: int
    moves: tuple[str, ...]

    def resolved(self, name: str) -> str:
        """The row of the table a person means: who agrees last confirms, and with an agreed version one withdraws the amendment."""
        if name in ("agree", "confirm"):
            return "confirm" if self.by == "company" else "agree"
        return "withdraw_amendment" if name == "withdraw" and self.latest else name


def consider_review(act: Act, iras_id: str, operation: str = "review.read") -> ConsideredReview:
    """The review and the moves that lead on from it for this person."""
    by = act.standing(operation, iras_id)
    review = studies.read(act.connection, iras_id)
    assert review is not None  # the person has a standing in it
    latest = studies.latest_version(act.connection, iras_id)
    not_now = "withdraw" if latest else "withdraw_amendment"
    listed = open_moves(REVIEW_MOVES, review.state, by)
    moves = tuple(name for name in listed if by in STUDY_OPERATIONS[review_operation(name)] and name != not_now)
    return ConsideredReview(review=review, by=by, latest=latest, moves=moves)


def review_obstacles(act: Act, considered: ConsideredReview, name: str) -> list[Finding]:
    """What the guards of a move say now, without what its form still asks for."""
    protocol = considered.review.study.study.protocol
    facts = review_facts(act, considered.review, reason="to be given", protocol_version=None if protocol is None else protocol.version)
    return in_the_way(REVIEW_MOVES[name], facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsideredCosting:
    """``moves`` are those open to this person now; ``latest`` is the newest agreed version."""

    costing: SiteCosting
    by: Standing
    latest: int
    moves: tuple[str, ...]


def consider_costing(act: Act, iras_id: str, site: str, operation: str = "sites.list") -> ConsideredCosting:
    """A site's costing and the moves that lead on from it for this person."""
    by = act.standing(operation, iras_id)
    costing = read_costing(act, iras_id, site, operation)
    latest = studies.latest_version(act.connection, iras_id)
    return ConsideredCosting(costing=costing, by=by, latest=latest, moves=costing_moves(act, costing, by, latest))


# Moves whose guards look at the costing alone: they are offered only where nothing stands in their way.
_OFFERED_WHEN_DUE = ("reprice", "reassign", "vary")
# Not moves of their own: an escalation is raised and decided elsewhere, and superseding follows from agreeing.
_NOT_ASKED_FOR = ("escalate", "return_to_site", "supersede")


def costing_moves(act: Act, costing: SiteCosting, by: Standing, latest: int) -> tuple[str, ...]:
    """The moves that lead on from a costing for this standing."""
    listed = [name for name in open_moves(COSTING_MOVES, costing.state, by) if name not in _NOT_ASKED_FOR]
    allowed = [name for name in listed if by in STUDY_OPERATIONS[f"costing.{name}"]]
    return tuple(name for name in allowed if name not in _OFFERED_WHEN_DUE or not costing_obstacles(act, costing, name, latest))


def costing_obstacles(act: Act, costing: SiteCosting, name: str, latest: int) -> list[Finding]:
    """What the guards of a move say now, without what its form still asks for."""
    known = {"version": latest} if name == "vary" else {}
    facts = costing_facts(act, costing, **known, reason="to be given", same_person=name == "accept" and reviewed_it(act, costing))
    asked = {"reason_code", "signed_on", "fingerprint"}
    return [finding for finding in in_the_way(COSTING_MOVES[name], facts) if finding.place not in asked]
