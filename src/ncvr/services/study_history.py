"""What was done to a study, by whom, when and why: the ledger's entries with the names of the people, where they are still known."""

from collections.abc import Iterable
from dataclasses import dataclass

from ncvr.domain.ledger import Entry
from ncvr.services.identity import OPERATOR
from ncvr.services.office import Act
from ncvr.store import ledger_entries, people, study_objects

# Far more than any study has; a page shows them in parts.
MOST = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An entry of the ledger and who it was. ``name`` is None where it was blanked since."""

    entry: Entry
    name: str | None
    organisation: str


def study_history(act: Act, iras_id: str) -> list[Told]:
    """Everything that was done to the study, newest first. Who may not read its escalations hears nothing of them here either."""
    by = act.standing("study.history", iras_id)
    names = study_objects.names(act.connection, iras_id, with_escalations=by != "reviewer")
    return told(act, ledger_entries.of_objects(act.connection, names, most=MOST))


def since(act: Act, object_name: str, revision: int) -> list[Told]:
    """What was done to one object since it had this revision, newest last. Who asks has been shown to have a part in it."""
    return told(act, ledger_entries.changes_of(act.connection, object_name, revision))


def newest_of(act: Act, object_name: str) -> Told | None:
    """The last thing that was done to one object."""
    return next(iter(told(act, ledger_entries.of_objects(act.connection, [object_name], most=1))), None)


def told(act: Act, entries: Iterable[Entry]) -> list[Told]:
    """The entries with the people's names."""
    listed = list(entries)
    named = people.named(act.connection, {entry.actor for entry in listed})
    named[OPERATOR.actor] = people.Named(name="The operator of this service", organisation="")
    nobody = people.Named(name=None, organisation="")
    return [Told(entry=entry, name=(who := named.get(entry.actor, nobody)).name, organisation=who.organisation) for entry in listed]
