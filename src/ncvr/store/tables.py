"""The tables. Days and moments are ISO text, documents are JSON text in their one written form.

Rows of ``APPEND_ONLY`` tables are never changed or removed: the database itself refuses (:mod:`ncvr.store.rules`).
"""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text, UniqueConstraint, func, text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

meta = Table("meta", metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))

companies = Table(
    "companies",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("group_code", Text),
)

people = Table(
    "people",
    metadata,
    Column("actor", Text, primary_key=True),
    Column("email", Text, unique=True),
    Column("name", Text),
    Column("role", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("demo", Boolean, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("blocked_at", Text),
)
# One address is one person, however it is written: sign-in and every command look for it in capitals or not.
Index("uq_people_email_in_any_case", func.lower(people.c.email), unique=True)

tokens = Table(
    "tokens",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("actor", Text, ForeignKey("people.actor"), nullable=False, index=True),
    Column("created_at", Text, nullable=False),
    Column("expires_at", Text, nullable=False),
    Column("revoked_at", Text),
    Column("name", Text, nullable=False, server_default=""),
    Column("scope", Text, nullable=False, server_default="act"),
)

editions = Table(
    "editions",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("edition", Text, nullable=False),
    Column("content", Text, nullable=False),
)

studies = Table(
    "studies",
    metadata,
    Column("iras_id", Text, primary_key=True),
    Column("owner", Text, nullable=False, index=True),
    Column("lead_site", Text, index=True),
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Column("first_submitted_on", Text),
    Column("submitted_on", Text),
    Column("agreed_on", Text),
    Column("reviewer_agreed_by", Text),
    Column("created_at", Text, nullable=False),
    Column("started_by_lead_site", Text),
    Column("commenting_sites", Text, nullable=False, server_default=""),
)

study_versions = Table(
    "study_versions",
    metadata,
    Column("iras_id", Text, ForeignKey("studies.iras_id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("document", Text, nullable=False),
    Column("schedule_sha256", Text, nullable=False),
    Column("agreed_at", Text, nullable=False),
    Column("agreed_by", Text, nullable=False),
    Column("confirmed_by", Text, nullable=False),
)

grants = Table(
    "grants",
    metadata,
    Column("iras_id", Text, ForeignKey("studies.iras_id"), primary_key=True),
    Column("organisation", Text, primary_key=True),
    Column("from_on", Text, nullable=False),
    Column("until_on", Text),
    Column("granted_by", Text, nullable=False),
)

queries = Table(
    "queries",
    metadata,
    Column("id", Text, primary_key=True),
    Column("iras_id", Text, ForeignKey("studies.iras_id"), nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("line", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("answer", Text),
    Column("answered_by", Text),
    Column("answered_at", Text),
    Column("organisation", Text, nullable=False, server_default=""),
    UniqueConstraint("iras_id", "number"),
)

events = Table(
    "events",
    metadata,
    Column("id", Text, primary_key=True),
    Column("iras_id", Text, ForeignKey("studies.iras_id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("on_day", Text, nullable=False),
    Column("site", Text),
    Column("corrects", Text),
    Column("actor", Text, nullable=False),
    Column("recorded_at", Text, nullable=False),
)

costings = Table(
    "costings",
    metadata,
    Column("id", Text, primary_key=True),
    Column("iras_id", Text, ForeignKey("studies.iras_id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("site_key", Text, nullable=False),
    Column("ods_code", Text, nullable=False, index=True),
    Column("site", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("price_number", Integer, nullable=False),
    Column("former_code", Text),
    Column("shared_at", Text),
    Column("accepted_by", Text),
    Column("signed_on", Text),
    Column("template", Text),
    Column("reason_code", Text),
    Column("reason", Text, nullable=False),
    UniqueConstraint("iras_id", "number"),
)
# One costing in work or in force for each site of a study: two at once would be two prices.
Index(
    "ix_costings_one_live",
    costings.c.iras_id,
    costings.c.site_key,
    unique=True,
    sqlite_where=text("state NOT IN ('withdrawn', 'declined', 'superseded')"),
    postgresql_where=text("state NOT IN ('withdrawn', 'declined', 'superseded')"),
)

prices = Table(
    "prices",
    metadata,
    Column("costing_id", Text, ForeignKey("costings.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("pricing_date", Text, nullable=False),
    Column("edition", Text, nullable=False),
    Column("edition_sha256", Text, ForeignKey("editions.sha256"), nullable=False),
    Column("multiplier", Text, nullable=False),
    Column("ods_code", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("total", Text),
    Column("record", LargeBinary, nullable=False),
    Column("priced_at", Text, nullable=False),
)

variations = Table(
    "variations",
    metadata,
    Column("costing_id", Text, ForeignKey("costings.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("edition_sha256", Text, ForeignKey("editions.sha256"), nullable=False),
    Column("record", Text, nullable=False),
    Column("varied_at", Text, nullable=False),
)

details = Table(
    "details",
    metadata,
    Column("iras_id", Text, ForeignKey("studies.iras_id"), primary_key=True),
    Column("site_key", Text, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("document", Text, nullable=False),
)

escalations = Table(
    "escalations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("iras_id", Text, ForeignKey("studies.iras_id"), nullable=False, index=True),
    Column("costing_id", Text, ForeignKey("costings.id"), nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Column("figures", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("raised_at", Text, nullable=False),
    Column("outcome", Text),
    Column("decision", Text),
    Column("decided_by", Text),
    Column("decided_at", Text),
    UniqueConstraint("iras_id", "number"),
)

ledger = Table(
    "ledger",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("operation", Text, nullable=False),
    Column("object", Text, nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    Column("field", Text, nullable=False),
    Column("old", Text),
    Column("new", Text),
    Column("reason", Text, nullable=False),
    Column("correlation_id", Text, nullable=False),
    Column("previous_hash", Text, nullable=False, unique=True),
    Column("salt", Text, nullable=False),
    Column("hash", Text, nullable=False, unique=True),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("actor", Text, primary_key=True),
    Column("method", Text, primary_key=True),
    Column("path", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("body_sha256", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("headers", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("at", Text, nullable=False),
)

APPEND_ONLY = ("ledger", "study_versions", "prices", "variations", "editions", "events")
# Only what is kept for a day is ever removed.
REMOVABLE = ("idempotency",)
