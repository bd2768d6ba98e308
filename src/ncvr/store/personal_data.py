"""Everything kept of one person, and blanking it. The ledger names an opaque actor only, and stays as it is."""

from typing import Any

from sqlalchemy import Connection, Table, delete, select, update

from ncvr.store.access_tables import accesses
from ncvr.store.account_tables import accounts, known_devices, one_time_links, provider_identities, recovery_codes, second_factors, sessions
from ncvr.store.tables import ledger, people, tokens

# What a person is told of each; hashes and secrets tell them nothing and are left out.
_TOLD: tuple[tuple[Table, tuple[str, ...]], ...] = (
    (second_factors, ("kind", "name", "created_at", "confirmed_at", "removed_at")),
    (sessions, ("stage", "created_at", "seen_at", "ended_at")),
    (tokens, ("name", "scope", "created_at", "expires_at", "revoked_at")),
    (known_devices, ("seen_at",)),
    (one_time_links, ("created_at", "expires_at", "used_at")),
    (recovery_codes, ("created_at", "used_at")),
    (provider_identities, ("issuer", "subject", "linked_at")),
)


def person_row(connection: Connection, actor: str) -> dict[str, Any]:
    """Name, address, role and dates, as they stand."""
    query = select(people, accounts.c.password_set_at).outerjoin(accounts, accounts.c.actor == people.c.actor).where(people.c.actor == actor)
    return dict(connection.execute(query).one()._mapping)


def told(connection: Connection, actor: str) -> dict[str, list[dict[str, Any]]]:
    """What is kept of their signing in, by table."""
    return {
        table.name: [dict(row._mapping) for row in connection.execute(select(*(table.c[name] for name in names)).where(table.c.actor == actor))]
        for table, names in _TOLD
    }


def acts(connection: Connection, actor: str) -> list[dict[str, Any]]:
    """What they did, as the ledger has it."""
    columns = [ledger.c[name] for name in ("number", "at", "role", "operation", "object", "field")]
    return [dict(row._mapping) for row in connection.execute(select(*columns).where(ledger.c.actor == actor).order_by(ledger.c.number))]


def reads(connection: Connection, actor: str) -> list[dict[str, Any]]:
    """What they read or were refused, as the record beside the ledger has it."""
    columns = [accesses.c[name] for name in ("at", "method", "path", "status", "times")]
    query = select(*columns).where(accesses.c.actor == actor).order_by(accesses.c.at, accesses.c.id)
    return [dict(row._mapping) for row in connection.execute(query)]


def blank(connection: Connection, actor: str, at: str) -> None:
    """Take away the name, the address and everything to sign in with; the opaque actor stays."""
    connection.execute(update(people).where(people.c.actor == actor).values(email=None, name=None, blocked_at=at))
    connection.execute(update(accounts).where(accounts.c.actor == actor).values(password_hash=None, password_set_at=None))
    connection.execute(update(second_factors).where(second_factors.c.actor == actor).values(secret="", credential=None, name="", removed_at=at))
    connection.execute(update(tokens).where(tokens.c.actor == actor).values(name=""))
    connection.execute(update(tokens).where(tokens.c.actor == actor, tokens.c.revoked_at.is_(None)).values(revoked_at=at))
    for table in (sessions, known_devices, one_time_links, recovery_codes, provider_identities):
        connection.execute(delete(table).where(table.c.actor == actor))
