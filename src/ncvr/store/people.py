"""People, their tokens, and the companies they work for. Names are here and nowhere else."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, func, insert, select, update

from ncvr.domain.people import Person
from ncvr.domain.signing_in import Scope
from ncvr.store.questions import Question
from ncvr.store.tables import companies, people, tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """``group`` joins companies that count as one where duties are kept apart."""

    code: str
    name: str
    group: str | None = None


def add_person(connection: Connection, person: Person, *, email: str, name: str, demo: bool, at: str) -> None:
    row = {"actor": person.actor, "email": email, "name": name, "role": person.role, "organisation": person.organisation, "demo": demo, "created_at": at}
    connection.execute(insert(people), row)


def has_address(email: str) -> ColumnElement[bool]:
    """Whether a person has this address, in capitals or not; told as the database tells that no two have it."""
    return func.lower(people.c.email) == func.lower(email)


def person_by_email(connection: Connection, email: str) -> Person | None:
    """The person of an address, in capitals or not."""
    return person_of(connection.execute(select(people).where(has_address(email))).first())


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """A person known by a token, and what the token is good for."""

    person: Person
    scope: Scope


_BEARER = Question(
    select(people.c.actor, people.c.role, people.c.organisation, tokens.c.scope)
    .join(tokens, tokens.c.actor == people.c.actor)
    .where(tokens.c.sha256 == bindparam("token"), tokens.c.revoked_at.is_(None), tokens.c.expires_at > bindparam("now"), people.c.blocked_at.is_(None))
)


def bearer_of(connection: Connection, token_sha256: str, now: str) -> Bearer | None:
    """Whose token this is, if it is neither revoked nor past its end and the person may still come in."""
    row = _BEARER.row(connection, token=token_sha256, now=now)
    person = person_of(row)
    return None if row is None or person is None else Bearer(person=person, scope=row.scope)


def person_by_token(connection: Connection, token_sha256: str, now: str) -> Person | None:
    """Whose token this is now."""
    found = bearer_of(connection, token_sha256, now)
    return None if found is None else found.person


def person_of(row: Any) -> Person | None:
    """The person a row names."""
    return None if row is None else Person(actor=row.actor, role=row.role, organisation=row.organisation)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A person as pages name them. ``name`` is None once it was blanked."""

    name: str | None
    organisation: str


def named(connection: Connection, actors: Collection[str]) -> dict[str, Named]:
    """Who these opaque actors are."""
    rows = connection.execute(select(people.c.actor, people.c.name, people.c.organisation).where(people.c.actor.in_(actors)))
    return {row.actor: Named(name=row.name, organisation=row.organisation) for row in rows}


def add_token(connection: Connection, token_sha256: str, *, actor: str, at: str, expires_at: str, scope: Scope = "act", name: str = "") -> None:
    row = {"sha256": token_sha256, "actor": actor, "created_at": at, "expires_at": expires_at, "revoked_at": None, "scope": scope, "name": name}
    connection.execute(insert(tokens), row)


def revoke_tokens(connection: Connection, actor: str, at: str) -> int:
    """Revoke all tokens of a person; returns how many there were."""
    return connection.execute(update(tokens).where(tokens.c.actor == actor, tokens.c.revoked_at.is_(None)).values(revoked_at=at)).rowcount


def count_demo_people(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(people).where(people.c.demo)).scalar_one()


def add_company(connection: Connection, company: Company) -> None:
    connection.execute(insert(companies).values(code=company.code, name=company.name, group_code=company.group))


def company(connection: Connection, code: str) -> Company | None:
    row = connection.execute(select(companies).where(companies.c.code == code)).first()
    return None if row is None else Company(code=row.code, name=row.name, group=row.group_code)


def all_companies(connection: Connection) -> list[Company]:
    rows = connection.execute(select(companies).order_by(companies.c.code))
    return [Company(code=row.code, name=row.name, group=row.group_code) for row in rows]
