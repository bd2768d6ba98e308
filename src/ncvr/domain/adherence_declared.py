"""The declared measure: what trusts said they do, standing until they say something else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from ncvr.domain.adherence_period import Window
from ncvr.domain.adherence_records import Position
from ncvr.domain.adherence_standing import TrustStanding
from ncvr.domain.adherence_trusts import Trusts

NO_POSITION = "no position"
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredPositions:
    """The newest position of each organisation on the last day of the window."""

    newest: Mapping[str, Position]
    trusts: Trusts
    window: Window
    predecessors: Mapping[str, list[str]]

    def standing(self, ods_code: str, name: str) -> TrustStanding:
        """Accepted if it accepts in full with no price variation open; without a position on file it is not accepted."""
        members = tuple(self.predecessors.get(ods_code, ()))
        relevant = self._relevant(ods_code, members)
        if not relevant:
            return TrustStanding(ods_code=ods_code, name=name, place="not_accepted", reason=NO_POSITION, members=members)
        deciding = next((position for position in relevant if not position.accepts), relevant[0])
        return TrustStanding(
            ods_code=ods_code,
            name=name,
            place="accepted" if deciding.accepts else "not_accepted",
            reason="price variation open" if deciding.price_variation else deciding.position.replace("_", " "),
            decided_by=deciding.id,
            since=deciding.declared_on,
            members=members,
        )

    def _relevant(self, ods_code: str, members: Iterable[str]) -> list[Position]:
        """The trust's own position, and of those it succeeded as long as they are not overtaken; the worse one counts.

        In the window of the merger all count. Later, a position that the successor declared after the merger stands alone.
        """
        own = self.newest.get(ods_code)
        relevant = [own] if own else []
        for member in members:
            closed = self.trusts.organisations[member].close_date
            assert closed is not None  # only a closed organisation has been succeeded
            if member in self.newest and (own is None or closed >= self.window.first - _A_DAY or own.declared_on <= closed):
                relevant.append(self.newest[member])
        return relevant


def declared_positions(positions: Iterable[Position], trusts: Trusts, window: Window) -> DeclaredPositions:
    """``positions``: those known, oldest declaration first."""
    newest = {position.ods_code: position for position in positions if position.declared_on <= window.last}
    return DeclaredPositions(newest=newest, trusts=trusts, window=window, predecessors=trusts.predecessors(newest))
