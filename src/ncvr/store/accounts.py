"""Who may sign in with what: passwords, one-time links, and what an organisation asks of its people."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, insert, select, text, update

from ncvr.domain.people import Person, Role
from ncvr.store.account_tables import accounts, one_time_links, organisation_settings
from ncvr.store.people import has_address, person_of
from ncvr.store.tables import companies, people


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person and how they may sign in; ``organisation_asks`` is for a second factor, which it does unless it says otherwise."""

    person: Person
    email: str | None
    name: str | None
    password_hash: str | None
    blocked: bool
    organisation_asks: bool


def by_email(connection: Connection, email: str) -> Account | None:
    """The account of an address, in capitals or not."""
    return _account(connection.execute(_query().where(has_address(email))).first())


def one(connection: Connection, actor: str) -> Account | None:
    return _account(connection.execute(_query().where(people.c.actor == actor)).first())


def _query() -> Select[Any]:
    return (
        select(people, accounts.c.password_hash, organisation_settings.c.second_factor)
        .outerjoin(accounts, accounts.c.actor == people.c.actor)
        .outerjoin(organisation_settings, organisation_settings.c.organisation == people.c.organisation)
    )


def _account(row: Any) -> Account | None:
    person = person_of(row)
    if person is None:
        return None
    return Account(
        person=person,
        email=row.email,
        name=row.name,
        password_hash=row.password_hash,
        blocked=row.blocked_at is not None,
        organisation_asks=row.second_factor is not False,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPerson:
    """One of the demo's people, to choose from."""

    email: str
    name: str
    role: Role
    organisation: str


def demo_people(connection: Connection) -> list[ListedPerson]:
    """The people the demo made, in the order it made them."""
    query = select(people).where(people.c.demo, people.c.email.is_not(None), people.c.blocked_at.is_(None)).order_by(people.c.created_at, people.c.actor)
    return [ListedPerson(email=row.email, name=row.name or "", role=row.role, organisation=row.organisation) for row in connection.execute(query)]


def company_name(connection: Connection, code: str) -> str:
    """The name of a company, or nothing for a code that is not a company's."""
    return connection.execute(select(companies.c.name).where(companies.c.code == code)).scalar() or ""


def set_password(connection: Connection, actor: str, password_hash: str, at: str) -> None:
    values = {"password_hash": password_hash, "password_set_at": at}
    if connection.execute(update(accounts).where(accounts.c.actor == actor).values(values)).rowcount == 0:
        connection.execute(insert(accounts).values(actor=actor, **values))


def improve_hash(connection: Connection, actor: str, old: str, new: str) -> None:
    """The same password under today's cost, unless it was changed meanwhile."""
    connection.execute(update(accounts).where(accounts.c.actor == actor, accounts.c.password_hash == old).values(password_hash=new))


def set_blocked(connection: Connection, actor: str, at: str | None) -> None:
    connection.execute(update(people).where(people.c.actor == actor).values(blocked_at=at))


def ask_second_factor(connection: Connection, organisation: str, asked: bool) -> None:
    """Whether an organisation asks its people for a second factor."""
    statement = (
        "INSERT INTO organisation_settings (organisation, second_factor) VALUES (:organisation, :asked) "
        "ON CONFLICT (organisation) DO UPDATE SET second_factor = excluded.second_factor"
    )
    connection.execute(text(statement), {"organisation": organisation, "asked": asked})


def add_link(connection: Connection, sha256: str, actor: str, *, at: str, expires_at: str) -> None:
    """A new link ends the earlier ones of the person."""
    connection.execute(update(one_time_links).where(one_time_links.c.actor == actor, one_time_links.c.used_at.is_(None)).values(used_at=at))
    connection.execute(insert(one_time_links).values(sha256=sha256, actor=actor, created_at=at, expires_at=expires_at))


def link_owner(connection: Connection, sha256: str, now: str) -> str | None:
    """Whose link this is, if it was not used and has not ended."""
    query = select(one_time_links.c.actor).where(one_time_links.c.sha256 == sha256, one_time_links.c.used_at.is_(None), one_time_links.c.expires_at > now)
    return connection.execute(query).scalar()


def use_link(connection: Connection, sha256: str, now: str) -> bool:
    """Whether the link was still unused; of two at the same time one hears yes."""
    unused = (one_time_links.c.sha256 == sha256, one_time_links.c.used_at.is_(None), one_time_links.c.expires_at > now)
    return connection.execute(update(one_time_links).where(*unused).values(used_at=now)).rowcount == 1
