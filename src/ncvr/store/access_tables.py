"""The table of who read a price, downloaded a document or was refused. Append-only, beside the ledger."""

from sqlalchemy import Column, Index, Integer, Table, Text

from ncvr.store.tables import metadata

accesses = Table(
    "accesses",
    metadata,
    Column("id", Text, primary_key=True),
    Column("at", Text, nullable=False),
    Column("actor", Text),  # nobody's, where whoever asked was not known
    Column("method", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("times", Integer, nullable=False),
    Column("correlation_id", Text, nullable=False),
)
Index("ix_accesses_at", accesses.c.at)
Index("ix_accesses_actor", accesses.c.actor, accesses.c.at)

APPEND_ONLY = ("accesses",)
