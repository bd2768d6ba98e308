"""The office that keeps the national record: its database, its clock, its sources of ids and salts, and its shelf of tariffs.

Everything that is not in a request comes from here, so that a simulation can run the same hour twice, byte for byte.
Each act is one transaction: what was done, what the ledger says of it and the answer kept for a repeated request stand
together or not at all.
"""

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ncvr import settings
from ncvr.domain.ledger import Change, Head, entry_after, head_of, instant
from ncvr.domain.people import Person, Standing
from ncvr.domain.permissions import check_in_general, check_in_study, not_found
from ncvr.services.passwords import Passwords
from ncvr.services.tariff_shelf import TariffShelf
from ncvr.store import ledger_entries, studies
from ncvr.store.connections import Connection, Store

if TYPE_CHECKING:
    from ncvr.domain.signing_key import SigningKey
    from ncvr.files.signing_keys import Signer  # brings in cryptography, which only signing needs
    from ncvr.services.identity_provider import IdentityProvider

LONDON = ZoneInfo("Europe/London")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """``now`` gives the moment in UTC; the day is London's."""

    now: Callable[[], datetime] = settings.now

    def today(self) -> date:
        return self.now().astimezone(LONDON).date()


def _random_id() -> str:
    return secrets.token_hex(10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """Where what nobody can guess comes from: opaque ids, ledger salts, tokens."""

    identifier: Callable[[], str] = _random_id
    octets: Callable[[int], bytes] = secrets.token_bytes


def _nobody(_day: date) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """Where a service works. ``signer`` gives the key that signs receipts on a day; None where the office has none.
    ``trusted`` gives the public keys whose signature on a receipt counts here.

    ``provider`` is the identity provider whose people may come in, if there is one; ``factor_key_file`` holds the key under
    which secrets of authenticator apps are kept, and is made when the first is; ``breached_passwords`` lists those nobody may choose.
    """

    store: Store
    tariffs: TariffShelf
    templates: Path
    clock: Clock = field(default_factory=Clock)
    chance: Chance = field(default_factory=Chance)
    passwords: Passwords = field(default_factory=Passwords)
    signer: Callable[[date], "Signer | None"] = _nobody
    trusted: Callable[[], "Sequence[SigningKey]"] = tuple
    provider: "IdentityProvider | None" = None
    factor_key_file: Path = field(default_factory=settings.factor_key_file)
    breached_passwords: Path | None = field(default_factory=settings.breached_passwords_file)

    @contextmanager
    def act(self, person: Person, correlation_id: str) -> Iterator["Act"]:
        """One transaction in which this person changes something."""
        with self.tariffs.standing_still(), self.store.writing() as connection:
            yield Act(office=self, connection=connection, person=person, correlation_id=correlation_id)

    @contextmanager
    def look(self, person: Person, correlation_id: str = "") -> Iterator["Act"]:
        """One transaction in which this person reads."""
        with self.tariffs.standing_still(), self.store.reading() as connection:
            yield Act(office=self, connection=connection, person=person, correlation_id=correlation_id)


@dataclass(slots=True, kw_only=True)
class Act:
    """What one person does in one transaction: the connection, who, and in which request.

    ``asked`` grows by what they were found to be allowed: each operation, with its study or "".
    """

    office: Office
    connection: Connection
    person: Person
    correlation_id: str
    asked: set[tuple[str, str]] = field(default_factory=set)
    _head: Head | None = None

    @property
    def now(self) -> str:
        return instant(self.office.clock.now())

    @property
    def today(self) -> date:
        return self.office.clock.today()

    def standing(self, operation: str, iras_id: str) -> Standing:
        """The person's standing in the study, if it allows the operation. Raises NotFound or NotPermitted."""
        place = f"study {iras_id}"
        membership = studies.membership(self.connection, iras_id, self.today)
        if membership is None:
            raise not_found(place)
        found = check_in_study(operation, self.person, membership, place)
        self.asked.add((operation, iras_id))
        return found

    def allowed(self, operation: str) -> None:
        """Raises NotPermitted unless the person's role allows the operation."""
        check_in_general(operation, self.person)
        self.asked.add((operation, ""))

    def ask_again(self, operation: str, iras_id: str) -> None:
        """Raises NotFound or NotPermitted unless what was allowed before still is."""
        if iras_id:
            self.standing(operation, iras_id)
        else:
            self.allowed(operation)

    def record(self, *changes: Change) -> None:
        """Append to the ledger; the lock it takes lasts until the transaction ends, so the chain cannot fork."""
        for change in changes:
            if self._head is None:
                ledger_entries.lock(self.connection)
                self._head = ledger_entries.head(self.connection)
            entry = entry_after(
                self._head,
                change,
                at=self.office.clock.now(),
                actor=self.person.actor,
                role=self.person.role,
                correlation_id=self.correlation_id,
                salt=self.office.chance.octets(16),
            )
            ledger_entries.append(self.connection, entry)
            self._head = head_of(entry)

    def identifier(self) -> str:
        return self.office.chance.identifier()
