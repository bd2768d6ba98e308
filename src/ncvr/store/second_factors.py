"""Authenticator apps, passkeys and recovery codes. A used code is used: each is compared and set in one statement."""

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, delete, func, insert, select, update

from ncvr.store.account_tables import recovery_codes, second_factors

Kind = Literal["totp", "passkey"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactor:
    """``secret`` is the app's shared secret, sealed, or the passkey's public key; ``counter`` the last step or signature seen."""

    id: str
    actor: str
    kind: Kind
    name: str
    secret: str
    credential: str | None
    counter: int


def add(connection: Connection, factor: SecondFactor, at: str, *, confirmed: bool) -> None:
    row = {name: getattr(factor, name) for name in SecondFactor.__slots__}
    connection.execute(insert(second_factors).values(**row, created_at=at, confirmed_at=at if confirmed else None))


def confirmed(connection: Connection, actor: str) -> list[SecondFactor]:
    """What the person can show, oldest first."""
    query = select(second_factors).where(second_factors.c.actor == actor, second_factors.c.confirmed_at.is_not(None), second_factors.c.removed_at.is_(None))
    return [_factor(row) for row in connection.execute(query.order_by(second_factors.c.created_at, second_factors.c.id))]


def unconfirmed(connection: Connection, actor: str) -> SecondFactor | None:
    """The newest app that was offered and not yet confirmed."""
    waiting = (second_factors.c.actor == actor, second_factors.c.confirmed_at.is_(None), second_factors.c.removed_at.is_(None))
    row = connection.execute(select(second_factors).where(*waiting).order_by(second_factors.c.created_at.desc(), second_factors.c.id.desc()).limit(1)).first()
    return None if row is None else _factor(row)


def _factor(row: Any) -> SecondFactor:
    return SecondFactor(**{name: row._mapping[name] for name in SecondFactor.__slots__})


def apps(connection: Connection) -> list[SecondFactor]:
    """Every authenticator app that was offered to anybody and not taken away, its secret as it is kept."""
    which = (second_factors.c.kind == "totp", second_factors.c.removed_at.is_(None))
    return [_factor(row) for row in connection.execute(select(second_factors).where(*which).order_by(second_factors.c.id))]


def keep_secret(connection: Connection, factor_id: str, sealed: str) -> None:
    """Keep an app's secret in another form."""
    connection.execute(update(second_factors).where(second_factors.c.id == factor_id).values(secret=sealed))


def confirm(connection: Connection, factor_id: str, at: str) -> None:
    connection.execute(update(second_factors).where(second_factors.c.id == factor_id).values(confirmed_at=at))


def advance(connection: Connection, factor_id: str, counter: int) -> bool:
    """Whether this step comes after every one seen: a code that was overheard is worth nothing."""
    later = (second_factors.c.id == factor_id, second_factors.c.counter < counter)
    return connection.execute(update(second_factors).where(*later).values(counter=counter)).rowcount == 1


def is_known(connection: Connection, credential: str) -> bool:
    """Whether this passkey is somebody's already."""
    return connection.execute(select(second_factors.c.id).where(second_factors.c.credential == credential)).first() is not None


def note_signature(connection: Connection, factor_id: str, counter: int) -> None:
    """How often the passkey has signed; those that are kept in several devices always say 0."""
    connection.execute(update(second_factors).where(second_factors.c.id == factor_id).values(counter=counter))


def remove(connection: Connection, actor: str, at: str, factor_id: str | None = None) -> int:
    """Take away one factor, or all; the secret goes with it. Returns how many there were."""
    which = [second_factors.c.actor == actor, second_factors.c.removed_at.is_(None)]
    if factor_id is not None:
        which.append(second_factors.c.id == factor_id)
    return connection.execute(update(second_factors).where(*which).values(removed_at=at, secret="", credential=None)).rowcount


def replace_recovery_codes(connection: Connection, actor: str, sha256s: list[str], at: str) -> None:
    connection.execute(delete(recovery_codes).where(recovery_codes.c.actor == actor))
    if sha256s:
        connection.execute(insert(recovery_codes), [{"sha256": sha256, "actor": actor, "created_at": at} for sha256 in sha256s])


def use_recovery_code(connection: Connection, actor: str, sha256: str, at: str) -> bool:
    unused = (recovery_codes.c.sha256 == sha256, recovery_codes.c.actor == actor, recovery_codes.c.used_at.is_(None))
    return connection.execute(update(recovery_codes).where(*unused).values(used_at=at)).rowcount == 1


def recovery_codes_left(connection: Connection, actor: str) -> int:
    query = select(func.count()).select_from(recovery_codes).where(recovery_codes.c.actor == actor, recovery_codes.c.used_at.is_(None))
    return connection.execute(query).scalar_one()
