"""The first schema of the service."""

from alembic import op

from ncvr.store.rules import postgresql_rules, sqlite_rules

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Read by both engines as it stands, but for the name of the type that holds bytes.
_SCHEMA = """
    CREATE TABLE companies (
        code TEXT NOT NULL, name TEXT NOT NULL, group_code TEXT, CONSTRAINT pk_companies PRIMARY KEY (code)
    );
    CREATE TABLE editions (
        sha256 TEXT NOT NULL, edition TEXT NOT NULL, content TEXT NOT NULL, CONSTRAINT pk_editions PRIMARY KEY (sha256)
    );
    CREATE TABLE idempotency (
        actor TEXT NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL, "key" TEXT NOT NULL, body_sha256 TEXT NOT NULL,
        status INTEGER NOT NULL, headers TEXT NOT NULL, body {bytes} NOT NULL, at TEXT NOT NULL,
        CONSTRAINT pk_idempotency PRIMARY KEY (actor, method, path, "key")
    );
    CREATE TABLE ledger (
        number INTEGER NOT NULL, at TEXT NOT NULL, actor TEXT NOT NULL, role TEXT NOT NULL, operation TEXT NOT NULL,
        object TEXT NOT NULL, revision INTEGER NOT NULL, field TEXT NOT NULL, old TEXT, new TEXT, reason TEXT NOT NULL,
        correlation_id TEXT NOT NULL, previous_hash TEXT NOT NULL, salt TEXT NOT NULL, hash TEXT NOT NULL,
        CONSTRAINT pk_ledger PRIMARY KEY (number), CONSTRAINT uq_ledger_previous_hash UNIQUE (previous_hash),
        CONSTRAINT uq_ledger_hash UNIQUE (hash)
    );
    CREATE TABLE meta (
        name TEXT NOT NULL, value TEXT NOT NULL, CONSTRAINT pk_meta PRIMARY KEY (name)
    );
    CREATE TABLE people (
        actor TEXT NOT NULL, email TEXT, name TEXT, role TEXT NOT NULL, organisation TEXT NOT NULL, demo BOOLEAN NOT NULL,
        created_at TEXT NOT NULL, CONSTRAINT pk_people PRIMARY KEY (actor), CONSTRAINT uq_people_email UNIQUE (email)
    );
    CREATE TABLE studies (
        iras_id TEXT NOT NULL, owner TEXT NOT NULL, lead_site TEXT, version INTEGER NOT NULL, state TEXT NOT NULL,
        revision INTEGER NOT NULL, document TEXT NOT NULL, first_submitted_on TEXT, submitted_on TEXT, agreed_on TEXT,
        reviewer_agreed_by TEXT, created_at TEXT NOT NULL, CONSTRAINT pk_studies PRIMARY KEY (iras_id)
    );
    CREATE TABLE costings (
        id TEXT NOT NULL, iras_id TEXT NOT NULL, number INTEGER NOT NULL, version INTEGER NOT NULL, site_key TEXT NOT NULL,
        ods_code TEXT NOT NULL, site TEXT NOT NULL, state TEXT NOT NULL, revision INTEGER NOT NULL,
        price_number INTEGER NOT NULL, former_code TEXT, shared_at TEXT, accepted_by TEXT, signed_on TEXT, template TEXT,
        reason_code TEXT, reason TEXT NOT NULL, CONSTRAINT pk_costings PRIMARY KEY (id),
        CONSTRAINT uq_costings_iras_id UNIQUE (iras_id, number),
        CONSTRAINT fk_costings_iras_id FOREIGN KEY(iras_id) REFERENCES studies (iras_id)
    );
    CREATE TABLE details (
        iras_id TEXT NOT NULL, site_key TEXT NOT NULL, revision INTEGER NOT NULL, document TEXT NOT NULL,
        CONSTRAINT pk_details PRIMARY KEY (iras_id, site_key),
        CONSTRAINT fk_details_iras_id FOREIGN KEY(iras_id) REFERENCES studies (iras_id)
    );
    CREATE TABLE events (
        id TEXT NOT NULL, iras_id TEXT NOT NULL, kind TEXT NOT NULL, on_day TEXT NOT NULL, site TEXT, corrects TEXT,
        actor TEXT NOT NULL, recorded_at TEXT NOT NULL, CONSTRAINT pk_events PRIMARY KEY (id),
        CONSTRAINT fk_events_iras_id FOREIGN KEY(iras_id) REFERENCES studies (iras_id)
    );
    CREATE TABLE grants (
        iras_id TEXT NOT NULL, organisation TEXT NOT NULL, from_on TEXT NOT NULL, until_on TEXT, granted_by TEXT NOT NULL,
        CONSTRAINT pk_grants PRIMARY KEY (iras_id, organisation),
        CONSTRAINT fk_grants_iras_id FOREIGN KEY(iras_id) REFERENCES studies (iras_id)
    );
    CREATE TABLE queries (
        id TEXT NOT NULL, iras_id TEXT NOT NULL, number INTEGER NOT NULL, version INTEGER NOT NULL, kind TEXT NOT NULL,
        line TEXT NOT NULL, text TEXT NOT NULL, actor TEXT NOT NULL, "by" TEXT NOT NULL, at TEXT NOT NULL, answer TEXT,
        answered_by TEXT, answered_at TEXT, CONSTRAINT pk_queries PRIMARY KEY (id),
        CONSTRAINT uq_queries_iras_id UNIQUE (iras_id, number),
        CONSTRAINT fk_queries_iras_id FOREIGN KEY(iras_id) REFERENCES studies (iras_id)
    );
    CREATE TABLE study_versions (
        iras_id TEXT NOT NULL, version INTEGER NOT NULL, document TEXT NOT NULL, schedule_sha256 TEXT NOT NULL,
        agreed_at TEXT NOT NULL, agreed_by TEXT NOT NULL, confirmed_by TEXT NOT NULL,
        CONSTRAINT pk_study_versions PRIMARY KEY (iras_id, version),
        CONSTRAINT fk_study_versions_iras_id FOREIGN KEY(iras_id) REFERENCES studies (iras_id)
    );
    CREATE TABLE tokens (
        sha256 TEXT NOT NULL, actor TEXT NOT NULL, created_at TEXT NOT NULL, expires_at TEXT NOT NULL, revoked_at TEXT,
        CONSTRAINT pk_tokens PRIMARY KEY (sha256), CONSTRAINT fk_tokens_actor FOREIGN KEY(actor) REFERENCES people (actor)
    );
    CREATE TABLE escalations (
        id TEXT NOT NULL, iras_id TEXT NOT NULL, costing_id TEXT NOT NULL, number INTEGER NOT NULL, revision INTEGER NOT NULL,
        document TEXT NOT NULL, figures TEXT NOT NULL, author TEXT NOT NULL, organisation TEXT NOT NULL,
        raised_at TEXT NOT NULL, outcome TEXT, decision TEXT, decided_by TEXT, decided_at TEXT,
        CONSTRAINT pk_escalations PRIMARY KEY (id), CONSTRAINT uq_escalations_iras_id UNIQUE (iras_id, number),
        CONSTRAINT fk_escalations_iras_id FOREIGN KEY(iras_id) REFERENCES studies (iras_id),
        CONSTRAINT fk_escalations_costing_id FOREIGN KEY(costing_id) REFERENCES costings (id)
    );
    CREATE TABLE prices (
        costing_id TEXT NOT NULL, number INTEGER NOT NULL, pricing_date TEXT NOT NULL, edition TEXT NOT NULL,
        edition_sha256 TEXT NOT NULL, multiplier TEXT NOT NULL, ods_code TEXT NOT NULL, fingerprint TEXT NOT NULL, total TEXT,
        record {bytes} NOT NULL, priced_at TEXT NOT NULL, CONSTRAINT pk_prices PRIMARY KEY (costing_id, number),
        CONSTRAINT fk_prices_costing_id FOREIGN KEY(costing_id) REFERENCES costings (id),
        CONSTRAINT fk_prices_edition_sha256 FOREIGN KEY(edition_sha256) REFERENCES editions (sha256)
    );
    CREATE TABLE variations (
        costing_id TEXT NOT NULL, number INTEGER NOT NULL, version INTEGER NOT NULL, edition_sha256 TEXT NOT NULL,
        record TEXT NOT NULL, varied_at TEXT NOT NULL, CONSTRAINT pk_variations PRIMARY KEY (costing_id, number),
        CONSTRAINT fk_variations_costing_id FOREIGN KEY(costing_id) REFERENCES costings (id),
        CONSTRAINT fk_variations_edition_sha256 FOREIGN KEY(edition_sha256) REFERENCES editions (sha256)
    );
    CREATE INDEX ix_ledger_object ON ledger (object);
    CREATE INDEX ix_studies_lead_site ON studies (lead_site);
    CREATE INDEX ix_studies_owner ON studies (owner);
    CREATE INDEX ix_costings_ods_code ON costings (ods_code);
    CREATE UNIQUE INDEX ix_costings_one_live ON costings (iras_id, site_key) WHERE state NOT IN ('withdrawn', 'declined', 'superseded');
    CREATE INDEX ix_events_iras_id ON events (iras_id);
    CREATE INDEX ix_queries_iras_id ON queries (iras_id);
    CREATE INDEX ix_tokens_actor ON tokens (actor);
    CREATE INDEX ix_escalations_costing_id ON escalations (costing_id);
    CREATE INDEX ix_escalations_iras_id ON escalations (iras_id)
"""


def upgrade() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for statement in _SCHEMA.format(bytes="BYTEA" if on_postgresql else "BLOB").split(";"):
        op.execute(statement)
    for rule in postgresql_rules() if on_postgresql else sqlite_rules():
        op.execute(rule.replace(":", "\\:"))
