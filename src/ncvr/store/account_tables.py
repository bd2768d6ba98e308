"""The tables of identity: passwords, second factors, browser sessions, and what slows guessing down.

Nothing here is in the ledger and nothing in the ledger is here: a person can be forgotten by blanking these rows and
the one in ``people``. Of sessions, devices, links and recovery codes only the SHA-256 is kept.
"""

from sqlalchemy import Boolean, Column, ForeignKey, Integer, Table, Text, UniqueConstraint

from ncvr.store.tables import metadata

accounts = Table(
    "accounts",
    metadata,
    Column("actor", Text, ForeignKey("people.actor"), primary_key=True),
    Column("password_hash", Text),
    Column("password_set_at", Text),
)

second_factors = Table(
    "second_factors",
    metadata,
    Column("id", Text, primary_key=True),
    Column("actor", Text, ForeignKey("people.actor"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("credential", Text, unique=True),
    Column("counter", Integer, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("confirmed_at", Text),
    Column("removed_at", Text),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("actor", Text, ForeignKey("people.actor"), nullable=False, index=True),
    Column("created_at", Text, nullable=False),
    Column("used_at", Text),
)

sessions = Table(
    "sessions",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("actor", Text, ForeignKey("people.actor"), nullable=False, index=True),
    Column("stage", Text, nullable=False),
    Column("created_at", Text, nullable=False, index=True),
    Column("seen_at", Text, nullable=False),
    Column("ended_at", Text),
    Column("challenge", Text),
)

known_devices = Table(
    "known_devices",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("actor", Text, ForeignKey("people.actor"), nullable=False, index=True),
    Column("seen_at", Text, nullable=False),
)

one_time_links = Table(
    "one_time_links",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("actor", Text, ForeignKey("people.actor"), nullable=False, index=True),
    Column("created_at", Text, nullable=False),
    Column("expires_at", Text, nullable=False),
    Column("used_at", Text),
)

sign_in_attempts = Table(
    "sign_in_attempts",
    metadata,
    Column("bucket", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", Text, nullable=False, index=True),
)

organisation_settings = Table(
    "organisation_settings",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("second_factor", Boolean, nullable=False),
)

provider_identities = Table(
    "provider_identities",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("actor", Text, ForeignKey("people.actor"), nullable=False, index=True),
    Column("linked_at", Text, nullable=False),
    UniqueConstraint("issuer", "actor"),
)

provider_answers = Table(
    "provider_answers",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("used_at", Text, nullable=False, index=True),
)

# What is over is cleared away after its time.
REMOVABLE = ("sessions", "known_devices", "one_time_links", "sign_in_attempts", "recovery_codes", "provider_identities", "provider_answers")
