"""Adherence: records, declared positions, publications, and the roll-up of costings."""

from alembic import op

from ncvr.store.rules import postgresql_triggers, sqlite_rules

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_SCHEMA = """
    CREATE TABLE adherence_records (
        number INTEGER NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, recorded_on TEXT NOT NULL, iras_id TEXT NOT NULL,
        ods_code TEXT NOT NULL, costing TEXT NOT NULL, document TEXT NOT NULL, ledger_number INTEGER NOT NULL,
        CONSTRAINT pk_adherence_records PRIMARY KEY (number), CONSTRAINT uq_adherence_records_id UNIQUE (id)
    );
    CREATE TABLE adherence_positions (
        number INTEGER NOT NULL, id TEXT NOT NULL, ods_code TEXT NOT NULL, document TEXT NOT NULL, ledger_number INTEGER NOT NULL,
        CONSTRAINT pk_adherence_positions PRIMARY KEY (number), CONSTRAINT uq_adherence_positions_id UNIQUE (id)
    );
    CREATE TABLE adherence_costings (
        costing TEXT NOT NULL, opened_on TEXT NOT NULL, settled_on TEXT, last_on TEXT NOT NULL, document TEXT NOT NULL,
        CONSTRAINT pk_adherence_costings PRIMARY KEY (costing)
    );
    CREATE TABLE adherence_outcomes (
        definition TEXT NOT NULL, costing TEXT NOT NULL, number INTEGER NOT NULL, sponsor TEXT NOT NULL, ods_code TEXT NOT NULL,
        outcome TEXT NOT NULL, reason TEXT NOT NULL, decided_by TEXT NOT NULL, since TEXT NOT NULL, over_on TEXT, counts_on TEXT,
        last_on TEXT NOT NULL, CONSTRAINT pk_adherence_outcomes PRIMARY KEY (definition, costing, number)
    );
    CREATE TABLE adherence_publications (
        number INTEGER NOT NULL, period TEXT NOT NULL, revision INTEGER NOT NULL, as_of TEXT NOT NULL, document TEXT NOT NULL,
        published_at TEXT NOT NULL, ledger_number INTEGER NOT NULL, CONSTRAINT pk_adherence_publications PRIMARY KEY (number),
        CONSTRAINT uq_adherence_publications_period UNIQUE (period, revision)
    );
    CREATE INDEX ix_adherence_records_iras_id ON adherence_records (iras_id);
    CREATE INDEX ix_adherence_records_ods_code ON adherence_records (ods_code);
    CREATE INDEX ix_adherence_records_costing ON adherence_records (costing);
    CREATE INDEX ix_adherence_positions_ods_code ON adherence_positions (ods_code);
    CREATE INDEX ix_adherence_outcomes_last_on ON adherence_outcomes (definition, last_on);
    CREATE INDEX ix_adherence_outcomes_over_on ON adherence_outcomes (definition, over_on);
    CREATE INDEX ix_adherence_outcomes_costing ON adherence_outcomes (costing);
    CREATE INDEX ix_adherence_costings_settled_on ON adherence_costings (settled_on, opened_on);
    CREATE INDEX ix_adherence_costings_last_on ON adherence_costings (last_on, opened_on)
"""
_APPEND_ONLY = ("adherence_records", "adherence_positions", "adherence_publications")


def upgrade() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for statement in _SCHEMA.split(";"):
        op.execute(statement)
    for rule in postgresql_triggers(_APPEND_ONLY) if on_postgresql else sqlite_rules(_APPEND_ONLY):
        op.execute(rule.replace(":", "\\:"))
