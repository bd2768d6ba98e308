"""Queries and comments on lines of a schedule, with their answers."""

from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from ncvr.domain.review import Query
from ncvr.store.tables import queries


def add(connection: Connection, iras_id: str, query: Query) -> None:
    number = select(func.count() + 1).select_from(queries).where(queries.c.iras_id == iras_id).scalar_subquery()
    values = {name: getattr(query, name) for name in Query.__slots__}
    connection.execute(insert(queries).values(iras_id=iras_id, number=number, **values))


def of_study(connection: Connection, iras_id: str) -> list[Query]:
    """Every query and comment on the study, oldest first."""
    return [_query(row) for row in connection.execute(select(queries).where(queries.c.iras_id == iras_id).order_by(queries.c.number))]


def of_commenting_site(connection: Connection, iras_id: str, organisation: str) -> list[Query]:
    """What this organisation wrote as a commenting site: what its reviewer wrote, if it leads, is the parties'."""
    own = (queries.c.iras_id == iras_id, queries.c.by == "commenting_site", queries.c.organisation == organisation)
    return [_query(row) for row in connection.execute(select(queries).where(*own).order_by(queries.c.number))]


def one(connection: Connection, iras_id: str, query_id: str) -> Query | None:
    row = connection.execute(select(queries).where(queries.c.iras_id == iras_id, queries.c.id == query_id)).first()
    return None if row is None else _query(row)


def open_count(connection: Connection, iras_id: str, version: int) -> int:
    """Queries of this version that wait for an answer; comments do not."""
    waiting = (queries.c.iras_id == iras_id, queries.c.version == version, queries.c.kind == "query", queries.c.answer.is_(None))
    return connection.execute(select(func.count()).select_from(queries).where(*waiting)).scalar_one()


def answer(connection: Connection, query_id: str, *, text: str, by: str, at: str) -> None:
    connection.execute(update(queries).where(queries.c.id == query_id, queries.c.answer.is_(None)).values(answer=text, answered_by=by, answered_at=at))


def _query(row: Row[Any]) -> Query:
    return Query(**{name: row._mapping[name] for name in Query.__slots__})
