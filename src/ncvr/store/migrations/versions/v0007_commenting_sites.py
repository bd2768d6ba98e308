"""Which sites may comment on a study, and of which organisation each query and comment is.

A study that is under review already opens to the sites it lists when somebody next changes it, not by an upgrade alone.
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_SCHEMA = """
    ALTER TABLE studies ADD COLUMN commenting_sites TEXT DEFAULT '' NOT NULL;
    ALTER TABLE queries ADD COLUMN organisation TEXT DEFAULT '' NOT NULL;
    UPDATE queries SET organisation = COALESCE((SELECT people.organisation FROM people WHERE people.actor = queries.actor), '')
"""


def upgrade() -> None:
    for statement in _SCHEMA.split(";"):
        op.execute(statement)
