"""Signing in with an identity provider: sent there with a ticket, come back with an answer, and in by the same door as everybody.

A ticket is all that the browser keeps of a sign-in, and nothing of it stands in the database: what is asked of the
provider follows from the ticket by a key of ours. So nobody can fill a table by starting, and an answer fits only the
browser that asked for it.
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ncvr.domain.identity_provider import PLACE, not_for_you
from ncvr.domain.ledger import Change, instant
from ncvr.domain.signing_in import WAITING_LONGEST
from ncvr.errors import InputError, NotRecognised
from ncvr.services.front_door import sha256_hex
from ncvr.services.identity_provider import Asked, IdentityProvider
from ncvr.services.office import Act, Office
from ncvr.services.own_account import known_account
from ncvr.services.signing_in import Opened, open_known_session
from ncvr.store import accounts, provider_identities
from ncvr.store.accounts import Account
from ncvr.store.schema import cursor_key

_ANSWERS_KEPT = timedelta(days=1)
_LONGEST_TICKET = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """``then``: where the person wanted to go."""

    chosen: str
    issued: int
    then: str

    def written(self) -> str:
        then = base64.urlsafe_b64encode(self.then.encode()).decode()
        return f"{self.chosen}.{self.issued}.{then}"


def read_ticket(text: str) -> Ticket | None:
    """The ticket of a cookie, if it is one. Whether we made it shows in what follows from it."""
    chosen, _, rest = text.partition(".")
    issued, _, then = rest.partition(".")
    if len(text) > _LONGEST_TICKET or not issued.isascii() or not issued.isdecimal() or len(issued) > 12:
        return None
    try:
        return Ticket(chosen=chosen, issued=int(issued), then=base64.urlsafe_b64decode(then.encode()).decode())
    except (binascii.Error, ValueError):
        return None


def _follows(key: bytes, what: str, ticket: str) -> str:
    return hmac.new(key, f"{what}\0{ticket}".encode(), hashlib.sha256).hexdigest()


def asked_with(key: bytes, ticket: str) -> Asked:
    """What is asked of the provider under this ticket."""
    return Asked(state=_follows(key, "state", ticket), nonce=_follows(key, "nonce", ticket), verifier=_follows(key, "verifier", ticket))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What the browser came back with. ``issuer`` is empty where the provider did not name itself."""

    state: str
    code: str
    issuer: str = ""
    error: str = ""


def start(office: Office, provider: IdentityProvider, then: str) -> tuple[str, str]:
    """Where the browser goes, and the ticket it keeps. Raises ProviderSilent if the provider does not answer."""
    now = office.clock.now()
    ticket = Ticket(chosen=office.chance.octets(32).hex(), issued=int(now.timestamp()), then=then).written()
    return provider.sign_in_address(asked_with(cursor_key(office.store), ticket), now), ticket


def finish(office: Office, provider: IdentityProvider, ticket: str, answered: Answered, correlation_id: str = "") -> tuple[Opened, str]:
    """A session for whoever the provider names, and where they wanted to go.

    Raises NotRecognised for whatever is not right, ProviderSilent if the provider cannot be asked now.
    """
    with provider.taking_an_answer():
        return _finished(office, provider, ticket, answered, correlation_id)


def _finished(office: Office, provider: IdentityProvider, ticket: str, answered: Answered, correlation_id: str) -> tuple[Opened, str]:
    asked, now = asked_with(cursor_key(office.store), ticket), office.clock.now()
    found = _own_ticket(ticket, asked, answered.state, now)
    if answered.issuer != provider.settings.issuer and (answered.issuer or provider.says_issuer(now)):
        raise NotRecognised("this answer comes from another provider", PLACE, "Start again")
    if answered.error or not answered.code:
        raise NotRecognised("it did not let you in", PLACE, "Start again, or sign in with your password")
    with office.store.writing() as connection:
        provider_identities.clear_answers(connection, before=instant(now - _ANSWERS_KEPT))
        if not provider_identities.use_answer(connection, sha256_hex(ticket), instant(now)):
            raise _start_again()
    claims = provider.claims(answered.code, asked, now)
    return _let_in(office, provider, claims, correlation_id), found.then


def _own_ticket(text: str, asked: Asked, state: str, now: datetime) -> Ticket:
    """The ticket, if this browser was sent to the provider with it a short while ago, and this is the answer to that."""
    ticket = read_ticket(text)
    if ticket is None or not hmac.compare_digest(asked.state.encode(), state.encode()):
        raise _start_again()
    if not timedelta(0) <= now - datetime.fromtimestamp(ticket.issued, UTC) <= WAITING_LONGEST:
        raise _start_again()
    return ticket


def _start_again() -> NotRecognised:
    return NotRecognised("this is not the answer to a sign-in of this browser, or it was used, or you waited too long", PLACE, "Start again")


def _let_in(office: Office, provider: IdentityProvider, claims: dict[str, object], correlation_id: str) -> Opened:
    issuer, subject = provider.settings.issuer, str(claims["sub"])
    with office.store.reading() as connection:
        actor = provider_identities.actor_of(connection, issuer, subject)
        account = accounts.one(connection, actor) if actor is not None else accounts.by_email(connection, provider.settings.verified_email(claims))
    if account is None or account.blocked:
        raise NotRecognised("nobody is known here under this address", PLACE, "Ask whoever runs this service to add you")
    if not provider.settings.speaks_for(account.email or ""):
        raise not_for_you()
    with office.act(account.person, correlation_id) as act:
        _check_link(act, account, issuer, subject)
        shown = provider.settings.has_shown_second_factor(claims)
        return open_known_session(act, account, "identity provider, with its second factor" if shown else "identity provider", all_shown=shown)


def _check_link(act: Act, account: Account, issuer: str, subject: str) -> None:
    """The two are linked, now or since before. Whoever is linked to another account of the provider stays so."""
    actor = account.person.actor
    if provider_identities.link(act.connection, issuer, subject, actor, act.now):
        act.record(Change(operation="identity.link", object=f"person/{actor}", field="identity provider", new=issuer))
    if provider_identities.actor_of(act.connection, issuer, subject) != actor:
        raise NotRecognised("somebody else at the provider is this person here", PLACE, "Ask whoever runs this service: ncvr person unlink")


def unlink(act: Act, email: str) -> int:
    """Nobody at the provider is this person any more, until somebody is anew by a verified address. Returns how many were."""
    actor = known_account(act, email).person.actor
    count = provider_identities.unlink(act.connection, actor)
    if not count:
        raise InputError(f"{email} is linked to no identity provider", "email", "There is nothing to undo")
    act.record(Change(operation="identity.unlink", object=f"person/{actor}", field="identity provider", old=str(count), new="0"))
    return count
