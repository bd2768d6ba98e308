"""Reading who read what: for those who audit, newest first. It names an opaque actor and an address, and holds no figure.

A look at it over the web stands in it too, as does every refusal (:func:`ncvr.domain.permissions.is_kept_read`); a look from
the command line does not, since whoever has that has the database itself.
"""

from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from ncvr.domain.ledger import instant
from ncvr.errors import InputError
from ncvr.services.office import LONDON, Act
from ncvr.store import accesses
from ncvr.store.accesses import Access, Outcome, Place, Wanted

FORMAT = "ncvr-accesses/1"
FIELDS = tuple(each.name for each in fields(Access) if each.name != "id")


def wanted_accesses(*, person: str = "", study: str = "", since: date | None = None, until: date | None = None, outcome: Outcome = "any") -> Wanted:
    """What is asked for, in moments: ``until`` is the last of the days, each as London has it.

    Raises InputError for days the wrong way round, and for an e-mail address instead of an opaque id.
    """
    if "@" in person:
        raise InputError("a person is named here by the opaque id, not by an address", "person", "Take the id from the record, or from ncvr person export")
    if since is not None and until is not None and since > until:
        raise InputError("the last day lies before the first", "until", "Choose a later day, or leave one of them out")
    try:
        after = None if until is None else until + timedelta(days=1)
    except OverflowError:
        after = None  # until the end of time
    return Wanted(actor=person, iras_id=study, since=_begins(since), before=_begins(after), outcome=outcome)


def read_accesses(act: Act, wanted: Wanted, *, after: Place | None = None, limit: int | None = None) -> Iterator[Access]:
    """The accesses asked for, newest first. Raises NotPermitted for everybody but auditors and the national administrators."""
    act.allowed("accesses.read")
    return accesses.found(act.connection, wanted, after=after, limit=limit)


def access_record(access: Access) -> dict[str, Any]:
    """A row as it is told: everything but its own id. ``actor`` is null where whoever asked was not known."""
    return {name: getattr(access, name) for name in FIELDS}


def _begins(day: date | None) -> str:
    """The moment a day begins in London; nothing for no day, and for one that no record can be of."""
    if day is None or day.year <= 1:
        return ""
    return instant(datetime.combine(day, time(), LONDON).astimezone(UTC))
