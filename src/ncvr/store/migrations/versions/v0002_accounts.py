"""Accounts, second factors, browser sessions; an end for people and a scope for tokens."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_SCHEMA = """
    ALTER TABLE people ADD COLUMN blocked_at TEXT;
    ALTER TABLE tokens ADD COLUMN name TEXT DEFAULT '' NOT NULL;
    ALTER TABLE tokens ADD COLUMN scope TEXT DEFAULT 'act' NOT NULL;
    CREATE TABLE accounts (
        actor TEXT NOT NULL, password_hash TEXT, password_set_at TEXT, CONSTRAINT pk_accounts PRIMARY KEY (actor),
        CONSTRAINT fk_accounts_actor FOREIGN KEY(actor) REFERENCES people (actor)
    );
    CREATE TABLE second_factors (
        id TEXT NOT NULL, actor TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, secret TEXT NOT NULL, credential TEXT,
        counter INTEGER NOT NULL, created_at TEXT NOT NULL, confirmed_at TEXT, removed_at TEXT,
        CONSTRAINT pk_second_factors PRIMARY KEY (id), CONSTRAINT uq_second_factors_credential UNIQUE (credential),
        CONSTRAINT fk_second_factors_actor FOREIGN KEY(actor) REFERENCES people (actor)
    );
    CREATE TABLE recovery_codes (
        sha256 TEXT NOT NULL, actor TEXT NOT NULL, created_at TEXT NOT NULL, used_at TEXT,
        CONSTRAINT pk_recovery_codes PRIMARY KEY (sha256),
        CONSTRAINT fk_recovery_codes_actor FOREIGN KEY(actor) REFERENCES people (actor)
    );
    CREATE TABLE sessions (
        sha256 TEXT NOT NULL, actor TEXT NOT NULL, stage TEXT NOT NULL, created_at TEXT NOT NULL, seen_at TEXT NOT NULL,
        ended_at TEXT, challenge TEXT, CONSTRAINT pk_sessions PRIMARY KEY (sha256),
        CONSTRAINT fk_sessions_actor FOREIGN KEY(actor) REFERENCES people (actor)
    );
    CREATE TABLE known_devices (
        sha256 TEXT NOT NULL, actor TEXT NOT NULL, seen_at TEXT NOT NULL, CONSTRAINT pk_known_devices PRIMARY KEY (sha256),
        CONSTRAINT fk_known_devices_actor FOREIGN KEY(actor) REFERENCES people (actor)
    );
    CREATE TABLE one_time_links (
        sha256 TEXT NOT NULL, actor TEXT NOT NULL, created_at TEXT NOT NULL, expires_at TEXT NOT NULL, used_at TEXT,
        CONSTRAINT pk_one_time_links PRIMARY KEY (sha256),
        CONSTRAINT fk_one_time_links_actor FOREIGN KEY(actor) REFERENCES people (actor)
    );
    CREATE TABLE sign_in_attempts (
        bucket TEXT NOT NULL, failures INTEGER NOT NULL, last_at TEXT NOT NULL, CONSTRAINT pk_sign_in_attempts PRIMARY KEY (bucket)
    );
    CREATE TABLE organisation_settings (
        organisation TEXT NOT NULL, second_factor BOOLEAN NOT NULL, CONSTRAINT pk_organisation_settings PRIMARY KEY (organisation)
    );
    CREATE INDEX ix_second_factors_actor ON second_factors (actor);
    CREATE INDEX ix_recovery_codes_actor ON recovery_codes (actor);
    CREATE INDEX ix_sessions_actor ON sessions (actor);
    CREATE INDEX ix_sessions_created_at ON sessions (created_at);
    CREATE INDEX ix_known_devices_actor ON known_devices (actor);
    CREATE INDEX ix_one_time_links_actor ON one_time_links (actor);
    CREATE INDEX ix_sign_in_attempts_last_at ON sign_in_attempts (last_at)
"""


def upgrade() -> None:
    for statement in _SCHEMA.split(";"):
        op.execute(statement)
