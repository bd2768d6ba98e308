"""What happened to a study and when. A wrong event stays; the right one names it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from ncvr.domain.study_event import StudyEvent
from ncvr.store.tables import events


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedEvent:
    id: str
    event: StudyEvent
    actor: str
    recorded_at: str


def add(connection: Connection, iras_id: str, recorded: RecordedEvent) -> None:
    event = recorded.event
    row = {"id": recorded.id, "iras_id": iras_id, "kind": event.kind, "on_day": event.on.isoformat(), "site": event.site, "corrects": event.corrects}
    connection.execute(insert(events), row | {"actor": recorded.actor, "recorded_at": recorded.recorded_at})


def of_study(connection: Connection, iras_id: str) -> list[RecordedEvent]:
    query = select(events).where(events.c.iras_id == iras_id).order_by(events.c.recorded_at, events.c.id)
    return [_recorded(row) for row in connection.execute(query)]


def _recorded(row: Row[Any]) -> RecordedEvent:
    event = StudyEvent.model_validate({"kind": row.kind, "on": row.on_day, "site": row.site, "corrects": row.corrects})
    return RecordedEvent(id=row.id, event=event, actor=row.actor, recorded_at=row.recorded_at)
