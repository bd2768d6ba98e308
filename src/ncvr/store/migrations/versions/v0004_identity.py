"""Who an identity provider's people are here. Secrets of authenticator apps that stood in the open go; their owners enrol anew."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_SCHEMA = """
    CREATE TABLE provider_identities (
        issuer TEXT NOT NULL, subject TEXT NOT NULL, actor TEXT NOT NULL, linked_at TEXT NOT NULL,
        CONSTRAINT pk_provider_identities PRIMARY KEY (issuer, subject),
        CONSTRAINT uq_provider_identities_issuer UNIQUE (issuer, actor),
        CONSTRAINT fk_provider_identities_actor FOREIGN KEY(actor) REFERENCES people (actor)
    );
    CREATE TABLE provider_answers (
        sha256 TEXT NOT NULL, used_at TEXT NOT NULL, CONSTRAINT pk_provider_answers PRIMARY KEY (sha256)
    );
    CREATE INDEX ix_provider_identities_actor ON provider_identities (actor);
    CREATE INDEX ix_provider_answers_used_at ON provider_answers (used_at);
    UPDATE second_factors SET secret = '', removed_at = created_at WHERE kind = 'totp' AND removed_at IS NULL
"""


def upgrade() -> None:
    for statement in _SCHEMA.split(";"):
        op.execute(statement)
