"""Deciding on what one has read: a change names the revision it was decided on, and hears what changed since."""

from ncvr.domain.ledger import Change, Entry
from ncvr.errors import ChangedMeanwhile, Finding
from ncvr.services.office import Act
from ncvr.store import ledger_entries


def review_object(iras_id: str) -> str:
    """The review's name in the ledger."""
    return f"study/{iras_id}/review"


def costing_object(iras_id: str, number: int) -> str:
    """A site costing's name in the ledger."""
    return f"study/{iras_id}/costing/{number}"


def check_revision(act: Act, object_name: str, found: int, expected: int) -> None:
    """Raises ChangedMeanwhile, with what was done since, unless the object still has the revision decided on."""
    if found == expected:
        return
    remedy = "Read it again, and decide on what it says now"
    since = [Finding(object_name, _said(entry), remedy) for entry in ledger_entries.changes_of(act.connection, object_name, expected)]
    unknown = Finding(object_name, f"it has revision {found}, not {expected}", remedy)
    raise ChangedMeanwhile.of(since or [unknown])


def _said(entry: Entry) -> str:
    what = f"{entry.operation} by a {entry.role.replace('_', ' ')} at {entry.at}"
    return f"{what}: {entry.field} changed" if entry.field else what


def state_change(operation: str, object_name: str, revision: int, old: str, new: str, reason: str = "") -> Change:
    return Change(operation=operation, object=object_name, revision=revision, field="state", old=old, new=new, reason=reason)
