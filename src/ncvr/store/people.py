"""People, their tokens, and the companies they work for. Names are here and nowhere else."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from ncvr.domain.people import Person
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


def person_by_email(connection: Connection, email: str) -> Person | None:
    return _person(connection.execute(select(people).where(people.c.email == email)).first())


def person_by_token(connection: Connection, token_sha256: str, now: str) -> Person | None:
    """Whose token this is, if it is neither revoked nor past its end and the person may still come in."""
    query = (
        select(people.c.actor, people.c.role, people.c.organisation)
        .join(tokens, tokens.c.actor == people.c.actor)
        .where(tokens.c.sha256 == token_sha256, tokens.c.revoked_at.is_(None), tokens.c.expires_at > now, people.c.blocked_at.is_(None))
    )
    return _person(connection.execute(query).first())


def _person(row: Any) -> Person | None:
    return None if row is None else Person(actor=row.actor, role=row.role, organisation=row.organisation)


def add_token(connection: Connection, token_sha256: str, *, actor: str, at: str, expires_at: str) -> None:
    connection.execute(insert(tokens).values(sha256=token_sha256, actor=actor, created_at=at, expires_at=expires_at, revoked_at=None))


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
