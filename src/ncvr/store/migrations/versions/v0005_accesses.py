"""Who read a price, downloaded a document or was refused."""

from alembic import op

from ncvr.store.rules import postgresql_triggers, sqlite_rules

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_SCHEMA = """
    CREATE TABLE accesses (
        id TEXT NOT NULL, at TEXT NOT NULL, actor TEXT, method TEXT NOT NULL, path TEXT NOT NULL, status INTEGER NOT NULL,
        times INTEGER NOT NULL, correlation_id TEXT NOT NULL, CONSTRAINT pk_accesses PRIMARY KEY (id)
    );
    CREATE INDEX ix_accesses_at ON accesses (at);
    CREATE INDEX ix_accesses_actor ON accesses (actor, at)
"""
_APPEND_ONLY = ("accesses",)


def upgrade() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for statement in _SCHEMA.split(";"):
        op.execute(statement)
    for rule in postgresql_triggers(_APPEND_ONLY) if on_postgresql else sqlite_rules(_APPEND_ONLY):
        op.execute(rule.replace(":", "\\:"))
