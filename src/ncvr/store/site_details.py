"""What a site's contract needs and pricing does not, one document a site."""

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from ncvr.domain.details import SiteDetails
from ncvr.errors import ChangedMeanwhile
from ncvr.store.tables import details


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDetails:
    """Revision 0 is a site for which nothing was written yet."""

    revision: int
    details: SiteDetails


def read(connection: Connection, iras_id: str, site_key: str) -> KeptDetails:
    row = connection.execute(select(details).where(details.c.iras_id == iras_id, details.c.site_key == site_key)).first()
    if row is None:
        return KeptDetails(revision=0, details=SiteDetails())
    return KeptDetails(revision=row.revision, details=SiteDetails.model_validate_json(row.document))


def write(connection: Connection, iras_id: str, site_key: str, new: SiteDetails, *, before: int) -> None:
    """Raises ChangedMeanwhile unless the details still have the revision they were read with."""
    document = new.model_dump_json(exclude_defaults=True)
    if before == 0:
        connection.execute(insert(details).values(iras_id=iras_id, site_key=site_key, revision=1, document=document))
        return
    where = (details.c.iras_id == iras_id, details.c.site_key == site_key, details.c.revision == before)
    if connection.execute(update(details).where(*where).values(revision=before + 1, document=document)).rowcount != 1:
        raise ChangedMeanwhile("somebody else changed them first", f"study {iras_id}, site {site_key}, details", "Read them again")
