"""Adherence in the database: records and positions in the order of recording, and the roll-up that saves recounting them.

The roll-up holds each costing as a full count finds it. It is brought up to date in the transaction that records, so it
is never behind; :mod:`ncvr.services.adherence` compares it with a recount when asked.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from ncvr.domain.adherence_period import Window
from ncvr.domain.adherence_records import AdherenceRecord, Costing, Event, Position, StudyFacts
from ncvr.store.adherence_tables import adherence_costings, adherence_positions, adherence_records
from ncvr.store.tables import ledger

_PAGE = 20_000


def record_count(connection: Connection) -> int:
    """How many records there are: they are numbered without gaps."""
    count: int = connection.execute(select(func.coalesce(func.max(adherence_records.c.number), 0))).scalar_one()
    return count


def add_record(connection: Connection, record: AdherenceRecord, ledger_number: int) -> None:
    connection.execute(insert(adherence_records), _row(record, record_count(connection) + 1, ledger_number))


def add_records(connection: Connection, records: Iterable[AdherenceRecord], ledger_number: int) -> None:
    """Many at once, in their order; the roll-up is to be made anew after."""
    first = record_count(connection) + 1
    rows = [_row(record, number, ledger_number) for number, record in enumerate(records, start=first)]
    for start in range(0, len(rows), _PAGE):
        connection.execute(insert(adherence_records), rows[start : start + _PAGE])


def _row(record: AdherenceRecord, number: int, ledger_number: int) -> dict[str, Any]:
    return {
        "number": number,
        "id": record.id,
        "kind": record.kind,
        "recorded_on": record.recorded_on.isoformat(),
        "iras_id": record.iras_id,
        "ods_code": record.ods_code,
        "costing": record.costing_key,
        "document": record.model_dump_json(exclude_defaults=True),
        "ledger_number": ledger_number,
    }


def record_by_id(connection: Connection, record_id: str) -> AdherenceRecord | None:
    document = connection.execute(select(adherence_records.c.document).where(adherence_records.c.id == record_id)).scalar_one_or_none()
    return None if document is None else AdherenceRecord.model_validate_json(document)


def all_records(connection: Connection) -> Iterator[AdherenceRecord]:
    """Every record in order of recording, a page at a time."""
    after = 0
    while True:
        query = select(adherence_records.c.number, adherence_records.c.document).where(adherence_records.c.number > after)
        rows = connection.execute(query.order_by(adherence_records.c.number).limit(_PAGE)).all()
        yield from (AdherenceRecord.model_validate_json(row.document) for row in rows)
        if len(rows) < _PAGE:
            return
        after = rows[-1].number


def records_page(connection: Connection, *, after: str, limit: int, ods_code: str | None, iras_ids: Iterable[str] | None) -> list[AdherenceRecord]:
    """Records after the one of this id, from the first for ""; of one organisation or of some studies where so asked."""
    query = select(adherence_records.c.document)
    if after:
        before = adherence_records.alias()
        query = query.where(adherence_records.c.number > select(before.c.number).where(before.c.id == after).scalar_subquery())
    if ods_code is not None:
        query = query.where(adherence_records.c.ods_code == ods_code)
    if iras_ids is not None:
        query = query.where(adherence_records.c.iras_id.in_(list(iras_ids)))
    documents = connection.execute(query.order_by(adherence_records.c.number).limit(limit)).scalars()
    return [AdherenceRecord.model_validate_json(document) for document in documents]


def records_of_costing(connection: Connection, costing: str) -> list[AdherenceRecord]:
    query = select(adherence_records.c.document).where(adherence_records.c.costing == costing).order_by(adherence_records.c.number)
    return [AdherenceRecord.model_validate_json(document) for document in connection.execute(query).scalars()]


def records_by(connection: Connection, costing: str, actor: str) -> list[AdherenceRecord]:
    """The records of a costing that this person's acts made, as the ledger says."""
    query = select(adherence_records.c.document).join(ledger, ledger.c.number == adherence_records.c.ledger_number)
    query = query.where(adherence_records.c.costing == costing, ledger.c.actor == actor).order_by(adherence_records.c.number)
    return [AdherenceRecord.model_validate_json(document) for document in connection.execute(query).scalars()]


def add_position(connection: Connection, position: Position, ledger_number: int) -> None:
    number = connection.execute(select(func.coalesce(func.max(adherence_positions.c.number), 0) + 1)).scalar_one()
    row = {"number": number, "id": position.id, "ods_code": position.ods_code, "document": position.model_dump_json(exclude_defaults=True)}
    connection.execute(insert(adherence_positions), row | {"ledger_number": ledger_number})


def all_positions(connection: Connection) -> list[Position]:
    documents = connection.execute(select(adherence_positions.c.document).order_by(adherence_positions.c.number)).scalars()
    return [Position.model_validate_json(document) for document in documents]


def newest_recording(connection: Connection) -> date | None:
    """The day of the newest record: a day of knowledge before it needs a recount."""
    newest = connection.execute(select(adherence_records.c.recorded_on).order_by(adherence_records.c.number.desc()).limit(1)).scalar_one_or_none()
    return None if newest is None else date.fromisoformat(newest)


def keep_costing(connection: Connection, key: str, costing: Costing | None) -> None:
    """Bring the roll-up up to date for one costing; None: its sharing was taken back, so it is in no count."""
    if costing is None:
        connection.execute(delete(adherence_costings).where(adherence_costings.c.costing == key))
        return
    row = _costing_row(costing)
    if connection.execute(update(adherence_costings).where(adherence_costings.c.costing == key).values(row)).rowcount == 0:
        connection.execute(insert(adherence_costings), row)


def keep_all_costings(connection: Connection, costings: Iterable[Costing]) -> None:
    """Make the roll-up anew of these costings and no others."""
    connection.execute(delete(adherence_costings))
    rows = [_costing_row(costing) for costing in costings]
    for start in range(0, len(rows), _PAGE):
        connection.execute(insert(adherence_costings), rows[start : start + _PAGE])


def is_kept(connection: Connection, costing: str) -> bool:
    """Whether the costing was ever shared."""
    return connection.execute(select(adherence_costings.c.costing).where(adherence_costings.c.costing == costing)).first() is not None


def costings_in(connection: Connection, window: Window) -> list[Costing]:
    """Every costing that can be in the window: shared by its last day, and open, or with something that happened since its first."""
    columns = adherence_costings.c
    recent = or_(columns.settled_on.is_(None), columns.last_on >= window.first.isoformat())
    query = select(columns.document).where(columns.opened_on <= window.last.isoformat(), recent)
    return [unpacked(document) for document in connection.execute(query).scalars()]


def all_costings(connection: Connection) -> list[Costing]:
    return [unpacked(document) for document in connection.execute(select(adherence_costings.c.document)).scalars()]


def _costing_row(costing: Costing) -> dict[str, Any]:
    return {
        "costing": costing.key,
        "opened_on": costing.opened_on.isoformat(),
        "settled_on": costing.settled_on.isoformat() if costing.settled_on else None,
        "last_on": costing.last_on.isoformat(),
        "document": _packed(costing),
    }


def _packed(costing: Costing) -> str:
    """Lists in the order of the fields: a month reads thousands of these."""
    events = [
        [
            event.id,
            event.kind,
            event.on.isoformat(),
            event.ods_code,
            event.by,
            event.reason_code,
            event.signed_on.isoformat() if event.signed_on else None,
            event.disputed,
        ]
        for event in costing.events
    ]
    study = costing.study
    facts = [study.phase, study.ncvr_class, study.atmp, study.portfolio, study.primary_care, study.sponsor]
    return json.dumps([costing.key, costing.iras_id, facts, events], ensure_ascii=False, separators=(",", ":"))


def unpacked(document: str) -> Costing:
    """A costing as the roll-up keeps it."""
    key, iras_id, facts, events = json.loads(document)
    return Costing(key, iras_id, _facts(*facts), tuple(map(_event, events)))


@lru_cache(maxsize=4096)
def _facts(phase: Any, ncvr_class: Any, atmp: bool, portfolio: bool, primary_care: bool, sponsor: str) -> StudyFacts:
    """Costings of a study share their facts."""
    return StudyFacts(phase=phase, ncvr_class=ncvr_class, atmp=atmp, portfolio=portfolio, primary_care=primary_care, sponsor=sponsor)


def _event(row: list[Any]) -> Event:
    row[2] = date.fromisoformat(row[2])
    if row[6]:
        row[6] = date.fromisoformat(row[6])
    return Event(*row)
