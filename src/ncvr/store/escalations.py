"""Escalated omissions with the calculator's figures as they were, and what was decided."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from ncvr.domain.escalation import Decision, Escalation
from ncvr.domain.site_numbers import next_of_site, site_number
from ncvr.errors import ChangedMeanwhile
from ncvr.store.schema import cursor_key_in
from ncvr.store.tables import escalations


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationCase:
    """``figures`` is the calculator's JSON text; ``decision`` is None while it is open."""

    id: str
    iras_id: str
    costing_id: str
    number: int
    revision: int
    escalation: Escalation
    figures: str
    author: str
    organisation: str
    raised_at: str
    decision: Decision | None = None
    decided_by: str | None = None
    decided_at: str | None = None


def add(connection: Connection, case: EscalationCase) -> None:
    row = {name: getattr(case, name) for name in ("id", "iras_id", "costing_id", "number", "revision", "figures", "author", "organisation", "raised_at")}
    connection.execute(insert(escalations), row | {"document": case.escalation.model_dump_json(exclude_defaults=True)})


def next_number(connection: Connection, iras_id: str, organisation: str) -> int:
    """The number of the next escalation of a site: the same whatever the study's other sites escalate."""
    rows = connection.execute(select(escalations.c.number, escalations.c.organisation).where(escalations.c.iras_id == iras_id)).all()
    own = [row.number for row in rows if row.organisation == organisation]
    return site_number(next_of_site(own), cursor_key_in(connection), f"escalation {iras_id} {organisation}", {row.number for row in rows})


def one(connection: Connection, case_id: str) -> EscalationCase | None:
    row = connection.execute(select(escalations).where(escalations.c.id == case_id)).first()
    return None if row is None else _case(row)


def of_study(connection: Connection, iras_id: str) -> list[EscalationCase]:
    """Every escalation of the study, oldest first."""
    in_time = (escalations.c.raised_at, escalations.c.number)
    return [_case(row) for row in connection.execute(select(escalations).where(escalations.c.iras_id == iras_id).order_by(*in_time))]


def decide(connection: Connection, case: EscalationCase, decision: Decision, *, by: str, at: str) -> None:
    """Close the case. Raises ChangedMeanwhile if somebody else has decided it meanwhile."""
    open_still = (escalations.c.id == case.id, escalations.c.revision == case.revision, escalations.c.decision.is_(None))
    values = {"outcome": decision.outcome, "decision": decision.model_dump_json(), "decided_by": by, "decided_at": at, "revision": case.revision + 1}
    if connection.execute(update(escalations).where(*open_still).values(**values)).rowcount != 1:
        raise ChangedMeanwhile("somebody else has decided it", f"escalation {case.id}", "Read what was decided")


def _case(row: Row[Any]) -> EscalationCase:
    names = ("id", "iras_id", "costing_id", "number", "revision", "figures", "author", "organisation", "raised_at", "decided_by", "decided_at")
    return EscalationCase(
        **{name: row._mapping[name] for name in names},
        escalation=Escalation.model_validate_json(row.document),
        decision=None if row.decision is None else Decision.model_validate_json(row.decision),
    )
