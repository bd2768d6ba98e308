"""Reading the ledger's head, and checking the whole chain."""

from collections.abc import Sequence
from dataclasses import dataclass

from ncvr.domain.ledger import Head, anchors_of, check_chain
from ncvr.errors import Finding
from ncvr.store import ledger_entries
from ncvr.store.connections import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerChecked:
    """What the chain shows. Without an anchor from outside it can only be consistent, never verified."""

    head: Head
    anchors: int
    findings: tuple[Finding, ...]

    @property
    def says(self) -> str:
        if self.findings:
            return "broken"
        return f"verified against {self.anchors} anchor{'s' if self.anchors != 1 else ''}" if self.anchors else "consistent, not anchored"


def ledger_head(store: Store) -> Head:
    with store.reading() as connection:
        return ledger_entries.head(connection)


def verify_ledger(store: Store, anchors: Sequence[str] = (), *, place: str = "anchor") -> LedgerChecked:
    """Check every entry against the one before it, and every anchor against the chain; one given twice is one.

    Raises InputError at this place for what is no anchor: that says nothing of the ledger.
    """
    held_against = anchors_of(anchors, place)
    with store.reading() as connection:
        head = ledger_entries.head(connection)
        findings = check_chain(ledger_entries.entries(connection), held_against)
    return LedgerChecked(head=head, anchors=len(held_against), findings=tuple(findings))
