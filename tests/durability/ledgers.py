"""What must hold of a database after anything went wrong, given what people asked and were answered."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import select

from ncvr.domain.ledger import Entry, check_chain
from ncvr.store import ledger_entries
from ncvr.store.connections import Store
from ncvr.store.tables import costings, idempotency
from tests.durability.traffic import Asked


@dataclass(frozen=True)
class Kept:
    """The entries of the ledger, what state each costing has, its name there, and the keys whose answers are kept."""

    entries: list[Entry]
    costings: dict[str, tuple[int, str]]
    named: dict[tuple[str, str], str]
    keys: Counter[str]


def kept(store: Store) -> Kept:
    with store.snapshot() as connection:
        rows = connection.execute(select(costings.c.iras_id, costings.c.number, costings.c.site_key, costings.c.revision, costings.c.state)).all()
        states = {f"study/{row.iras_id}/costing/{row.number}": (row.revision, row.state) for row in rows}
        named = {(row.iras_id, row.site_key): f"study/{row.iras_id}/costing/{row.number}" for row in rows}
        keys = Counter(connection.execute(select(idempotency.c.key)).scalars())
        return Kept(list(ledger_entries.entries(connection)), states, named, keys)


def broken(now: Kept) -> list[str]:
    """What is not whole in the database itself: the chain, and each costing against the newest entry about it."""
    newest = {entry.object: (entry.revision, entry.new) for entry in now.entries if entry.field == "state"}
    half = [f"{name} is {state}, its ledger says {newest[name]}" for name, state in now.costings.items() if name in newest and newest[name] != state]
    return [str(finding) for finding in check_chain(now.entries)] + half


def lost(now: Kept, asked: Iterable[Asked]) -> list[str]:
    """Every acknowledged change that is not in the ledger exactly once, and every refused one that is."""
    by_request = Counter(entry.correlation_id for entry in now.entries)
    attempts: dict[str, list[Asked]] = defaultdict(list)
    for each in asked:
        if each.is_change:
            attempts[each.key].append(each)
    return [said for every in attempts.values() for said in _lost(every, by_request, now.keys)]


def _lost(attempts: list[Asked], by_request: Counter[str], keys: Counter[str]) -> Iterator[str]:
    entries, key = sum(by_request[each.correlation_id] for each in attempts), attempts[0].key
    acknowledged = any(each.acknowledged for each in attempts)
    refused = not acknowledged and all(each.status is not None and each.status < 500 for each in attempts)
    if acknowledged and entries != 1:
        yield f"{attempts[0].what} of {attempts[0].costing} was acknowledged and is in the ledger {entries} times"
    if refused and entries:
        yield f"{attempts[0].what} of {attempts[0].costing} was refused and is in the ledger"
    if entries != keys[key]:
        yield f"{attempts[0].what} of {attempts[0].costing} is in the ledger {entries} times, its answer is kept {keys[key]} times"
