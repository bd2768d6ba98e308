"""Under which names the ledger holds what was done to one study."""

from sqlalchemy import Connection, select

from ncvr.store.tables import costings, details, escalations, events, queries


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
