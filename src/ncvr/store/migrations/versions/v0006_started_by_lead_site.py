"""Which lead site started a study; none for those a company started, as all before were."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE studies ADD COLUMN started_by_lead_site TEXT")
