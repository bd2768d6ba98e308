"""Who the people of an identity provider are here, and which of its answers were used. Each is decided in one statement."""

from sqlalchemy import Connection, delete, select, text

from ncvr.store.account_tables import provider_answers, provider_identities


def actor_of(connection: Connection, issuer: str, subject: str) -> str | None:
    """The person whom the provider means by this subject."""
    named = (provider_identities.c.issuer == issuer, provider_identities.c.subject == subject)
    return connection.execute(select(provider_identities.c.actor).where(*named)).scalar()


def link(connection: Connection, issuer: str, subject: str, actor: str, at: str) -> bool:
    """Whether the two are linked now; not if either of them was linked to another before."""
    statement = "INSERT INTO provider_identities (issuer, subject, actor, linked_at) VALUES (:issuer, :subject, :actor, :at) ON CONFLICT DO NOTHING"
    return connection.execute(text(statement), {"issuer": issuer, "subject": subject, "actor": actor, "at": at}).rowcount == 1


def unlink(connection: Connection, actor: str) -> int:
    """Nobody at any provider is this person any more; returns how many there were."""
    return connection.execute(delete(provider_identities).where(provider_identities.c.actor == actor)).rowcount


def use_answer(connection: Connection, sha256: str, at: str) -> bool:
    """Whether nobody came back with this answer before; of two at the same time one hears yes."""
    statement = "INSERT INTO provider_answers (sha256, used_at) VALUES (:sha256, :at) ON CONFLICT DO NOTHING"
    return connection.execute(text(statement), {"sha256": sha256, "at": at}).rowcount == 1


def clear_answers(connection: Connection, *, before: str) -> None:
    """Forget answers that are refused as too old by now."""
    connection.execute(delete(provider_answers).where(provider_answers.c.used_at < before))
