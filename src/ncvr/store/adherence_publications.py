"""Published adherence: each as it was printed, numbered by revision."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from ncvr.store.adherence_tables import adherence_publications


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """``revision`` 1 is the first of its period; ``record`` the ncvr-adherence/1 report as it was published."""

    period: str
    revision: int
    as_of: str
    published_at: str
    record: dict[str, Any]


def add(connection: Connection, publication: Publication, ledger_number: int) -> None:
    number = connection.execute(select(func.coalesce(func.max(adherence_publications.c.number), 0) + 1)).scalar_one()
    row = {
        "number": number,
        "period": publication.period,
        "revision": publication.revision,
        "as_of": publication.as_of,
        "document": json.dumps(publication.record, ensure_ascii=False),
        "published_at": publication.published_at,
        "ledger_number": ledger_number,
    }
    connection.execute(insert(adherence_publications), row)


def newest(connection: Connection, period: str) -> Publication | None:
    query = select(adherence_publications).where(adherence_publications.c.period == period).order_by(adherence_publications.c.revision.desc())
    row = connection.execute(query.limit(1)).first()
    return None if row is None else _publication(row)


def every(connection: Connection) -> list[Publication]:
    """All, oldest first."""
    return [_publication(row) for row in connection.execute(select(adherence_publications).order_by(adherence_publications.c.number))]


def _publication(row: Row[Any]) -> Publication:
    return Publication(period=row.period, revision=row.revision, as_of=row.as_of, published_at=row.published_at, record=json.loads(row.document))
