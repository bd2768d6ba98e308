"""What the ledger holds of one study, and under which names."""

from sqlalchemy import Connection, or_, select

from ncvr.domain.ledger import Entry
from ncvr.store.tables import costings, details, escalations, events, ledger, queries


def names(connection: Connection, iras_id: str, *, with_escalations: bool) -> list[str]:
    """Every object of the study in the ledger: the study, its review, costings, details, queries and events, and its escalations."""
    found = [f"study/{iras_id}", f"study/{iras_id}/review"]
    for what, column in (("costing", costings.c.number), ("details", details.c.site_key), ("query", queries.c.id), ("event", events.c.id)):
        keys = connection.execute(select(column).where(column.table.c.iras_id == iras_id)).scalars()
        found += [f"study/{iras_id}/{what}/{key}" for key in keys]
    if with_escalations:
        found += [f"escalation/{key}" for key in connection.execute(select(escalations.c.id).where(escalations.c.iras_id == iras_id)).scalars()]
    return found


def sites(connection: Connection, iras_id: str) -> dict[str, str]:
    """The organisation each costing, and each escalation, of the study belongs to, by the name the ledger has for it."""
    found = connection.execute(select(costings.c.number, costings.c.ods_code).where(costings.c.iras_id == iras_id))
    named = {f"study/{iras_id}/costing/{row.number}": row.ods_code for row in found}
    raised = connection.execute(select(escalations.c.id, escalations.c.organisation).where(escalations.c.iras_id == iras_id))
    return named | {f"escalation/{row.id}": row.organisation for row in raised}


def moves_of(connection: Connection, object_name: str) -> list[Entry]:
    """How one object came to be and every state it passed through, oldest first."""
    moved = or_(ledger.c.field == "state", ledger.c.operation == "study.create")
    return [Entry(**row._mapping) for row in connection.execute(select(ledger).where(ledger.c.object == object_name, moved).order_by(ledger.c.number))]
