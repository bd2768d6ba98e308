"""Passwords set and changed, people kept out and let in again, and what an organisation asks of its own."""

from datetime import timedelta

from ncvr.domain.ledger import Change, instant
from ncvr.domain.signing_in import LINK_LASTS
from ncvr.errors import InputError, StoreError
from ncvr.services import throttling
from ncvr.services.front_door import sha256_hex
from ncvr.services.office import Act, Office
from ncvr.services.passwords import check_password
from ncvr.services.throttling import NO_WAIT, Attempt
from ncvr.store import accounts, people, sessions
from ncvr.store.accounts import Account
from ncvr.store.connections import Connection
from ncvr.store.schema import cursor_key

_LINK_IS_OVER = InputError("this link was used, replaced or has ended", "link", "Ask for a new one: ncvr person password EMAIL")


def known_account(act: Act, email: str) -> Account:
    """Raises InputError if nobody has this address."""
    account = accounts.by_email(act.connection, email)
    if account is None:
        raise InputError(f"nobody has the address {email}", "email", "Check the address; ncvr user add adds a person")
    return account


def password_link(act: Act, email: str) -> str:
    """The secret part of a link that sets this person's password once within a day; the links before it are void."""
    account = known_account(act, email)
    secret = act.office.chance.octets(32).hex()
    ends = instant(act.office.clock.now() + LINK_LASTS)
    accounts.add_link(act.connection, sha256_hex(secret), account.person.actor, at=act.now, expires_at=ends)
    act.record(Change(operation="password.link", object=f"person/{account.person.actor}", field="link", new=f"until {ends}"))
    return secret


def email_of_link(office: Office, secret: str) -> str | None:
    """For whose password a link is good; None once it was used or has ended."""
    with office.store.reading() as connection:
        actor = accounts.link_owner(connection, sha256_hex(secret), instant(office.clock.now()))
        account = None if actor is None else accounts.one(connection, actor)
    return None if account is None else account.email


def set_password_by_link(office: Office, secret: str, password: str, correlation_id: str = "") -> None:
    """Set the password; every session of the person ends. Raises InputError for a link that is over or a password that will not do."""
    sha256 = sha256_hex(secret)
    with office.store.reading() as connection:
        actor = accounts.link_owner(connection, sha256, instant(office.clock.now()))
        account = None if actor is None else accounts.one(connection, actor)
        if account is None or account.blocked:
            raise _LINK_IS_OVER
        _check(office, connection, account, password)
    hashed = office.passwords.hashed(password)
    with office.act(account.person, correlation_id) as act:
        now = accounts.one(act.connection, account.person.actor)
        if now is None or now.blocked:
            raise _LINK_IS_OVER  # kept out while we hashed
        if not accounts.use_link(act.connection, sha256, act.now):
            raise _LINK_IS_OVER
        _set(act, hashed, "by link", keep="")


def change_password(office: Office, session_token: str, account: Account, old: str, new: str, *, address: str, correlation_id: str = "") -> timedelta | None:
    """Change one's own password, the old one shown; every other session ends. None if done, else how long to wait (0: the old one was not right).

    Raises InputError for a new one that will not do.
    """
    key, attempt = cursor_key(office.store), Attempt(what="change", account=account.person.actor, address=address)
    with office.store.writing() as connection:
        _check(office, connection, account, new)
        wait = throttling.begin(connection, attempt, key, office.clock.now())
    if wait > NO_WAIT:
        return wait
    if not office.passwords.matches(account.password_hash, old):
        return NO_WAIT
    hashed = office.passwords.hashed(new)
    with office.act(account.person, correlation_id) as act:
        now = accounts.one(act.connection, account.person.actor)
        if now is None or now.blocked or now.password_hash != account.password_hash:
            return NO_WAIT  # kept out, or changed while we looked
        throttling.forgive(act.connection, attempt, key)
        _set(act, hashed, "changed", keep=sha256_hex(session_token))
    return None


def _set(act: Act, hashed: str, how: str, *, keep: str) -> None:
    accounts.set_password(act.connection, act.person.actor, hashed, act.now)
    ended = sessions.end_all(act.connection, act.person.actor, act.now, but=keep)
    act.record(Change(operation="password.set", object=f"person/{act.person.actor}", field="password", new=f"{how}, {ended} sessions ended"))


def _check(office: Office, connection: Connection, account: Account, password: str) -> None:
    code = account.person.organisation
    names = [account.email or "", account.name or "", code, accounts.company_name(connection, code)]
    organisation = office.tariffs.organisations().get(code)
    findings = check_password(password, [*names, *([] if organisation is None else [organisation.name])], office.breached_passwords)
    if findings:
        raise InputError.of(findings)


def block(act: Act, email: str) -> int:
    """Keep a person out: sessions and tokens end at once, nothing new begins. Returns how many ended."""
    account = known_account(act, email)
    actor = account.person.actor
    accounts.set_blocked(act.connection, actor, act.now)
    ended = sessions.end_all(act.connection, actor, act.now) + people.revoke_tokens(act.connection, actor, act.now)
    sessions.forget_devices(act.connection, actor)
    act.record(Change(operation="person.block", object=f"person/{actor}", field="blocked", old="no", new="yes"))
    return ended


def unblock(act: Act, email: str) -> None:
    """Let a person in again; tokens and sessions that ended stay ended."""
    actor = known_account(act, email).person.actor
    accounts.set_blocked(act.connection, actor, None)
    act.record(Change(operation="person.unblock", object=f"person/{actor}", field="blocked", old="yes", new="no"))


def end_sessions(act: Act, email: str) -> int:
    """End every browser session of a person at once; returns how many there were."""
    actor = known_account(act, email).person.actor
    ended = sessions.end_all(act.connection, actor, act.now)
    act.record(Change(operation="session.end", object=f"person/{actor}", field="sessions", old=str(ended), new="0"))
    return ended


def ask_second_factor(act: Act, organisation: str, asked: bool) -> None:
    """Switch the second factor on or off for an organisation's people. National administrators always have one."""
    if not organisation:
        raise StoreError("national people have no organisation of their own", "organisation", "Their second factor cannot be switched off")
    accounts.ask_second_factor(act.connection, organisation, asked)
    said = "on" if asked else "off"
    act.record(Change(operation="organisation.second_factor", object=f"organisation/{organisation}", field="second factor", new=said))
