"""The tables of adherence: what was recorded, what trusts declared, what was published, and the roll-up of costings.

All but the roll-up are append-only. ``ledger_number`` is the entry of the ledger that vouches for the row.
"""

from sqlalchemy import Column, Index, Integer, Table, Text, UniqueConstraint

from ncvr.store.tables import metadata

adherence_records = Table(
    "adherence_records",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("recorded_on", Text, nullable=False),
    Column("iras_id", Text, nullable=False, index=True),
    Column("ods_code", Text, nullable=False, index=True),
    Column("costing", Text, nullable=False, index=True),
    Column("document", Text, nullable=False),
    Column("ledger_number", Integer, nullable=False),
)

adherence_positions = Table(
    "adherence_positions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False, unique=True),
    Column("ods_code", Text, nullable=False, index=True),
    Column("document", Text, nullable=False),
    Column("ledger_number", Integer, nullable=False),
)

# One row a costing, kept up to date with every record: what a full count would find for it.
adherence_costings = Table(
    "adherence_costings",
    metadata,
    Column("costing", Text, primary_key=True),
    Column("opened_on", Text, nullable=False),
    Column("settled_on", Text),
    Column("last_on", Text, nullable=False),
    Column("document", Text, nullable=False),
)
Index("ix_adherence_costings_settled_on", adherence_costings.c.settled_on, adherence_costings.c.opened_on)
Index("ix_adherence_costings_last_on", adherence_costings.c.last_on, adherence_costings.c.opened_on)

# What became of each sharing, under each definition that ships, while nothing more happens: a month is read from here.
adherence_outcomes = Table(
    "adherence_outcomes",
    metadata,
    Column("definition", Text, primary_key=True),
    Column("costing", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("sponsor", Text, nullable=False),
    Column("ods_code", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("since", Text, nullable=False),
    Column("over_on", Text),
    Column("counts_on", Text),
    Column("last_on", Text, nullable=False),
)
Index("ix_adherence_outcomes_last_on", adherence_outcomes.c.definition, adherence_outcomes.c.last_on)
Index("ix_adherence_outcomes_over_on", adherence_outcomes.c.definition, adherence_outcomes.c.over_on)
Index("ix_adherence_outcomes_costing", adherence_outcomes.c.costing)

adherence_publications = Table(
    "adherence_publications",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("period", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("as_of", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("published_at", Text, nullable=False),
    Column("ledger_number", Integer, nullable=False),
    UniqueConstraint("period", "revision"),
)

APPEND_ONLY = ("adherence_records", "adherence_positions", "adherence_publications")
# A costing whose sharing was taken back leaves the roll-up; its records stay.
REMOVABLE = ("adherence_costings", "adherence_outcomes")
