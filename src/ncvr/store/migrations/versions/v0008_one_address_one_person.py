"""One address is one person, in capitals or not.

Until now two people could have addresses that differ in capitals only, and a command then meant one of the two. Which of
them an address is for is not for a migration to decide: a database that holds such a pair stays as it is.
"""

from alembic import op
from sqlalchemy import text

from ncvr.errors import Finding, StoreError

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_ALIKE = """
    SELECT lower(email) AS address, actor FROM people
    WHERE lower(email) IN (SELECT lower(email) FROM people GROUP BY lower(email) HAVING count(*) > 1)
    ORDER BY lower(email), created_at, actor
"""
_REMEDY = (
    "With the software as it was before: ncvr person export EMAIL says which of them the address finds; ncvr person forget EMAIL blanks that one. "
    "Then run ncvr db upgrade, and add whoever was blanked and is still needed under an address of their own"
)


def upgrade() -> None:
    """Raises StoreError, and changes nothing, while two people have one address."""
    alike: dict[str, list[str]] = {}
    for row in op.get_bind().execute(text(_ALIKE)):
        alike.setdefault(row.address, []).append(row.actor)
    if alike:
        raise StoreError.of(
            Finding("people", f"{' and '.join(actors)} have the same e-mail address but for its capitals", _REMEDY) for actors in alike.values()
        )
    op.execute("CREATE UNIQUE INDEX uq_people_email_in_any_case ON people (lower(email))")
