"""Signing in: a password, then a second factor where one is due. Somebody unknown and a wrong password go the same way.

Hashing takes a tenth of a second and no transaction waits for it: the attempt is counted, the password looked at, and
only then is a session opened.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from ncvr.domain.ledger import Change, instant
from ncvr.domain.people import Person
from ncvr.domain.signing_in import DEVICE_REMEMBERED, SESSION_LONGEST, WRONG_CODES, Stage, needs_second_factor
from ncvr.services import throttling
from ncvr.services.front_door import is_open, sha256_hex
from ncvr.services.office import Act, Office
from ncvr.services.second_factor import is_app_code, shown_second_factor
from ncvr.services.throttling import NO_WAIT, Attempt
from ncvr.store import accounts, attempts, second_factors, sessions
from ncvr.store.accounts import Account
from ncvr.store.connections import Connection
from ncvr.store.schema import cursor_key
from ncvr.store.sessions import Session

_ATTEMPTS_KEPT = timedelta(days=2)
_SESSIONS_KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A session was opened: ``token`` is for the cookie, ``device`` for the one that remembers the device (once fully in).

    ``failures`` counts what others tried on the account lately; somebody who sees a number wonders, and should.
    """

    token: str = field(repr=False)
    stage: Stage
    person: Person
    device: str | None = field(default=None, repr=False)
    failures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Not let in. With a ``wait``, nothing was looked at; without, something was not right, and nobody is told what."""

    wait: timedelta = NO_WAIT


def sign_in(office: Office, *, email: str, password: str, address: str, device: str | None = None, correlation_id: str = "") -> Opened | Refused:
    """Look at a password. ``device`` is the cookie of a device used before, ``address`` where the request comes from."""
    key = cursor_key(office.store)
    with office.store.writing() as connection:
        account = accounts.by_email(connection, email)
        attempt = Attempt(what="password", account=email, address=address, device=_known(office, connection, device, email))
        wait = throttling.begin(connection, attempt, key, office.clock.now())
    if wait > NO_WAIT:
        return Refused(wait=wait)
    kept = None if account is None else account.password_hash
    if not office.passwords.matches(kept, password) or account is None or kept is None:
        return Refused()
    better = office.passwords.hashed(password) if office.passwords.is_of_another_cost(kept) else None
    with office.act(account.person, correlation_id) as act:
        now = accounts.one(act.connection, account.person.actor)
        if now is None or now.blocked or now.password_hash != kept:
            return Refused()  # kept out, or changed while we looked
        if better is not None:
            accounts.improve_hash(act.connection, account.person.actor, kept, better)
        failures = throttling.forgive(act.connection, attempt, key)
        return _open(act, _stage(act, account), failures=failures)


def show_second_factor(office: Office, *, token: str, code: str, address: str, device: str | None = None, correlation_id: str = "") -> Opened | Refused:
    """Look at a code of an app, or a recovery code; right, the waiting session ends and a full one begins under a new token.

    After five wrong ones it ends too. ``device`` is the cookie of a device used before.
    """
    key = cursor_key(office.store)
    session = waiting_session(office, token, "due")
    if session is None:
        return Refused()
    with office.act(session.person, correlation_id) as act:
        account = accounts.one(act.connection, session.person.actor)
        known = None if account is None else _known(office, act.connection, device, account.email or "")
        attempt = Attempt(what="code" if is_app_code(code) else "recovery code", account=session.person.actor, address=address, device=known)
        wait = throttling.begin(act.connection, attempt, key, office.clock.now())
        if wait > NO_WAIT:
            return Refused(wait=wait)
        shown = shown_second_factor(act, code)
        if shown is None and throttling.count_wrong_code(act.connection, session.sha256, key, office.clock.now()) < WRONG_CODES:
            return Refused()
        if not sessions.end(act.connection, session.sha256, act.now) or shown is None:
            return Refused()
        throttling.forgive(act.connection, attempt, key)
        return _open(act, "full", shown=shown)


def waiting_session(office: Office, token: str, stage: Stage) -> Session | None:
    """The session of a cookie that waits at this stage."""
    with office.store.reading() as connection:
        session = sessions.one(connection, sha256_hex(token))
    return session if session is not None and session.stage == stage and is_open(session, office.clock.now()) else None


def let_in(act: Act, waiting: Session, shown: str) -> Opened | Refused:
    """The person of a waiting session has shown what was due: it ends, and a full one begins under a new token."""
    if not sessions.end(act.connection, waiting.sha256, act.now):
        return Refused()  # somebody used it meanwhile
    return _open(act, "full", shown=shown)


def open_known_session(act: Act, account: Account, how: str, *, all_shown: bool) -> Opened:
    """A session for somebody known in another way than by our password (``how``, for the ledger).

    A second factor is asked for exactly as after a password, unless everything was shown there (``all_shown``).
    """
    return _open(act, "full" if all_shown else _stage(act, account), shown=how)


def open_full_session(act: Act, how: str) -> Opened:
    """A full session for the person of this act, known in another way than by a password (``how``, for the ledger)."""
    return _open(act, "full", shown=how)


def sign_out(office: Office, token: str, correlation_id: str = "") -> None:
    """End the session of this cookie at once; one that is over already stays so."""
    with office.store.reading() as connection:
        session = sessions.one(connection, sha256_hex(token))
    if session is None:
        return
    with office.act(session.person, correlation_id) as act:
        if sessions.end(act.connection, session.sha256, act.now):
            act.record(Change(operation="session.end", object=f"person/{act.person.actor}", field="session", new="signed out"))


def clear_what_is_over(office: Office) -> None:
    """Forget old counts and old sessions; in a transaction of its own, now and then."""
    now = office.clock.now()
    with office.store.writing() as connection:
        attempts.clear(connection, before=instant(now - _ATTEMPTS_KEPT))
        sessions.clear(connection, before=instant(now - max(_SESSIONS_KEPT, SESSION_LONGEST)))


def _known(office: Office, connection: Connection, device: str | None, email: str) -> str | None:
    """The hash of the device, if the person of this address was fully signed in on it before. Asked of everybody alike."""
    sha256 = sha256_hex(device or "")
    known = sessions.knows_device(connection, sha256, email, instant(office.clock.now() - DEVICE_REMEMBERED))
    return sha256 if known else None


def _stage(act: Act, account: Account) -> Stage:
    if second_factors.confirmed(act.connection, account.person.actor):
        return "due"
    return "enrol" if needs_second_factor(account.person.role, account.organisation_asks) else "full"


def _open(act: Act, stage: Stage, *, failures: int = 0, shown: str = "password") -> Opened:
    """A new session under a token nobody has seen; the device is remembered once everything was shown."""
    token = act.office.chance.octets(32).hex()
    actor = act.person.actor
    sessions.add(act.connection, sha256_hex(token), actor, stage, act.now)
    device = None
    if stage == "full":
        device = act.office.chance.octets(32).hex()
        sessions.remember_device(act.connection, sha256_hex(device), actor, act.now)
        act.record(Change(operation="session.open", object=f"person/{actor}", field="session", new=shown))
    return Opened(token=token, stage=stage, person=act.person, device=device, failures=failures)
