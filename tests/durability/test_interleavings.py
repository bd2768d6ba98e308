"""Any two changes of one study at once, in any order of their steps, end as if one had come after the other (R4).

On PostgreSQL at its default level, which promises little: rows locked in one order, and decisions compared with the revision
they were made on, do it. Without those two, the same test finds orders that fit nothing.
"""

import itertools
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select, text, update

from ncvr.domain.details import SiteDetails
from ncvr.domain.escalation import Decision
from ncvr.domain.site_costing import SiteCosting
from ncvr.domain.study import Site
from ncvr.domain.study_event import StudyEvent
from ncvr.services import costing, escalating, membership, reviewing, site_contracts
from ncvr.services.office import Act
from ncvr.store import costings, escalations, studies
from ncvr.store.connections import owners_engine
from ncvr.store.tables import metadata
from tests.databases import Cluster, Database
from tests.durability.counts import FULL, drawn, times
from tests.durability.step_by_step import STEPS, Session, interleaved, serially, watch
from tests.offices import IRAS, Town, small_study, town
from tests.services.test_all_or_nothing import SMALL
from tests.services.walks import accepted, agreed, at, shared, submitted

ORDERS = tuple(itertools.combinations(range(2 * STEPS), STEPS))  # which of the eight steps are the first one's: 70
PAIRS, ORDERS_EACH = times(10**6, 6), times(70, 6)
Doing = Callable[[Act], Any]
# Who does what, decided on what is there now.
Change = tuple[str, str, Callable[[Town], Doing]]


def review_revision(here: Town) -> int:
    with here.store.reading() as connection:
        found = studies.read(connection, IRAS)
    assert found is not None
    return found.revision


def of_review(who: str, name: str, **known: Any) -> Change:
    return who, name, lambda here: partial(_with_revision, getattr(reviewing, name), (IRAS,), review_revision(here), known)


def of_costing(who: str, name: str, site: str = "RA9", **known: Any) -> Change:
    return who, f"{name} {site}", lambda here: partial(_with_revision, getattr(costing, name), (IRAS, site), at(here, site).revision, known)


def _with_revision(service: Callable[..., Any], of: tuple[str, ...], revision: int, known: dict[str, Any], act: Act) -> Any:
    return service(act, *of, revision, **known)


def simply(who: str, name: str, doing: Doing) -> Change:
    return who, name, lambda _: doing


def edit(who: str, **known: Any) -> Change:
    study = small_study(**known)
    return who, f"edit {sorted(known)}", lambda here: partial(_edited, study, review_revision(here))


def _edited(study: Any, revision: int, act: Act) -> Any:
    return reviewing.edit_schedule(act, IRAS, study, revision)


EVENT = simply("company", "event", lambda act: membership.record_event(act, IRAS, StudyEvent(kind="regulatory_application", on=act.today)))
GRANT = simply("company", "grant", lambda act: membership.grant(act, IRAS, "CRO", act.today, None))
DETAILS = simply("company", "details", lambda act: site_contracts.write_details(act, IRAS, "RA9", SiteDetails(principal_investigator="Dr A"), 0))
ADD_SITE = simply("company", "add site", lambda act: costing.add_site(act, IRAS, Site(ods_code="RXX", target_participants=3)))
ASK = simply("reviewer", "ask", lambda act: reviewing.add_query(act, IRAS, kind="query", line="A02", text="why?"))
REMARK = simply("reviewer", "remark", lambda act: reviewing.add_query(act, IRAS, kind="comment", line="A02", text="so"))
REPRICE_ALL = simply("national", "re-price all", lambda act: costing.reprice_all(act, "2026-10-01-tiny"))
WITHDRAW, AMEND = of_review("company", "withdraw", reason="over"), of_review("company", "amend", reason="new protocol")
WITHDRAW_SITE = of_costing("company", "withdraw", reason="over")
ESCALATE: Change = ("site_ra9", "escalate", lambda here: partial(_escalated, at(here, "RA9").revision))


def _escalated(revision: int, act: Act) -> Any:
    return escalating.escalate(act, IRAS, "RA9", revision, SMALL)


def decided(here: Town) -> Doing:
    with here.store.reading() as connection:
        case = escalations.of_study(connection, IRAS)[0]
    return lambda act: escalating.decide(act, case.id, case.revision, Decision.model_validate({"outcome": "below_threshold", "reason": "small"}))


def drafted(here: Town) -> None:
    with here.act("company") as act:
        reviewing.create_study(act, small_study())


def in_review(here: Town) -> None:
    review = submitted(here)
    with here.act("reviewer") as act:
        reviewing.accept(act, IRAS, review.revision)
    with here.act("reviewer") as act:
        ASK[2](here)(act)


def reviewer_agreed(here: Town) -> None:
    review = submitted(here)
    with here.act("reviewer") as act:
        review = reviewing.accept(act, IRAS, review.revision)
    with here.act("reviewer") as act:
        reviewing.agree(act, IRAS, review.revision)


def overtaken(here: Town) -> None:
    agreed(here)
    here.clock.set("2026-10-01")


def escalated(here: Town) -> None:
    agreed(here)
    shared(here, "RA9")
    with here.act("site_ra9") as act:
        escalating.escalate(act, IRAS, "RA9", at(here, "RA9").revision, SMALL)


def on_shared(here: Town) -> None:
    agreed(here)
    shared(here, "RA9")


def on_accepted(here: Town) -> None:
    agreed(here)
    accepted(here, "RA9")


def contract(here: Town) -> Doing:
    found = at(here, "RA9")
    return lambda act: costing.contract(act, IRAS, "RA9", found.revision, signed_on=act.today, fingerprint=found.price.fingerprint, template="mCTA/sample-1")


# A study in each state, and everything that people may do with it there.
STATES: dict[str, tuple[Callable[[Town], Any], list[Change]]] = {
    "draft": (drafted, [edit("company", pass_through=[]), of_review("company", "submit", protocol_version="2.0"), WITHDRAW, GRANT, EVENT]),
    "in review": (in_review, [edit("reviewer", pass_through=[]), of_review("reviewer", "agree"), of_review("reviewer", "hand_back"), ASK, REMARK, WITHDRAW]),
    "to confirm": (reviewer_agreed, [of_review("company", "agree"), of_review("reviewer", "agree"), WITHDRAW, GRANT, edit("reviewer", pass_through=[])]),
    "agreed": (agreed, [AMEND, ADD_SITE, of_costing("company", "lock"), of_costing("company", "lock", "RK9"), WITHDRAW_SITE, WITHDRAW, DETAILS, EVENT]),
    "shared": (
        on_shared,
        [
            *(of_costing("site_ra9", "accept"), of_costing("site_ra9", "refuse", reason_code="outsourcing", reason=""), ESCALATE),
            *(of_costing("site_ra9", "decline", reason="full"), WITHDRAW_SITE, AMEND, DETAILS, of_costing("company", "lock", "RK9")),
        ],
    ),
    "escalated": (escalated, [("network", "decide", decided), WITHDRAW_SITE, AMEND, WITHDRAW]),
    "accepted": (on_accepted, [("company", "contract", contract), WITHDRAW_SITE, AMEND, of_costing("site_ra9", "decline", reason="full")]),
    "overtaken": (overtaken, [of_costing("company", "reprice"), REPRICE_ALL, WITHDRAW_SITE, AMEND]),
}
_KEPT = [each.name for each in metadata.sorted_tables if each.name not in ("meta", "people", "tokens", "companies")]
_BY_CHANCE = re.compile(r"(?<!\d)\d{6}(?!\d)")
# When, in which order, and under which ids and hashes: these differ between two runs that mean the same.
_INCIDENTAL = frozenset(["number", "at", "hash", "previous_hash", "salt", "correlation_id", "ledger_number", "record", "priced_at", "created_at"])
_ALSO = frozenset(["recorded_at", "agreed_at", "shared_at", "raised_at", "decided_at", "answered_at", "varied_at", "opened_at", "since"])


@dataclass
class Place:
    """A study in one state, put back as it was as often as one likes."""

    town: Town
    owner: Engine
    watching: Connection

    def put_back(self) -> None:
        statements = [f"DELETE FROM {name}" for name in reversed(_KEPT)] + [f"INSERT INTO {name} SELECT * FROM kept.{name}" for name in _KEPT]
        with self.owner.connect() as connection, connection.begin():
            connection.exec_driver_sql("; ".join(statements))

    def keep(self) -> None:
        """From here on this is how it was. The rules of append-only tables are lifted: what is put back was never changed."""
        with self.owner.connect() as connection, connection.begin():
            rules = connection.execute(text("SELECT tgname, tgrelid::regclass FROM pg_trigger WHERE tgname LIKE '%\\_no\\_%'")).all()
            for name, table in rules:
                connection.exec_driver_sql(f"DROP TRIGGER {name} ON {table}")
            connection.exec_driver_sql("CREATE SCHEMA kept")
            for name in _KEPT:
                connection.exec_driver_sql(f"CREATE TABLE kept.{name} AS TABLE {name}")

    def sessions(self, first: Change, second: Change) -> tuple[Session, Session]:
        """Both decide on what is there before either begins."""
        self.put_back()
        one, other = (Session(self.town, who, decide(self.town)) for who, _, decide in (first, second))
        return one, other

    def meaning(self) -> dict[str, list[str]]:
        """Everything that is there, without what two runs of one meaning differ in."""
        found = {}
        with self.town.store.snapshot() as connection:
            for name in _KEPT:
                rows = connection.execute(select(metadata.tables[name])).all()
                found[name] = sorted(_meant(row._asdict()) for row in rows)
        return found


def _meant(row: dict[str, Any]) -> str:
    kept = {key: value for key, value in row.items() if key not in _INCIDENTAL | _ALSO}
    return _BY_CHANCE.sub("#", str(kept))


@pytest.fixture
def places(cluster: Cluster, template: str, tmp_path: Path) -> Iterator[Callable[[str], Place]]:
    """Makes a place with a study in the state named."""
    made: list[tuple[str, Place]] = []

    def make(state: str) -> Place:
        name = f"ncvr_steps_{secrets.token_hex(4)}"
        database: Database = cluster.copy(template, name)
        here = town(database, tmp_path / name)
        STATES[state][0](here)
        owner = owners_engine(database.owner_url)
        place = Place(here, owner, owner.connect().execution_options(isolation_level="AUTOCOMMIT"))
        made.append((name, place))
        place.keep()
        watch(here.store.engine)
        return place

    yield make
    for name, place in made:
        place.watching.close()
        place.owner.dispose()
        place.town.store.close()
        cluster.drop(name)


def violations(place: Place, first: Change, second: Change, orders: list[tuple[int, ...]]) -> Iterator[str]:
    """The orders of steps whose end is neither that of one after the other nor that of the other after the one."""
    wanted = []
    one, other = place.sessions(first, second)
    wanted.append((serially(one, other, place.watching), place.meaning()))
    one, other = place.sessions(first, second)
    wanted.append((serially(other, one, place.watching)[::-1], place.meaning()))
    for order in orders:
        one, other = place.sessions(first, second)
        turns = [0 if step in order else 1 for step in range(2 * STEPS)]
        outcome = (interleaved(one, other, turns, place.watching), place.meaning())
        if outcome not in wanted:
            yield f"{first[1]} and {second[1]} in the order {turns}: {outcome[0]}, not {wanted[0][0]} or {wanted[1][0]}"


def pairs() -> list[tuple[str, Change, Change]]:
    return [(state, *pair) for state, (_, changes) in STATES.items() for pair in itertools.combinations_with_replacement(changes, 2)]


def test_two_changes_at_once_end_as_one_after_the_other_in_every_order_of_their_steps(places: Callable[[str], Place]) -> None:
    chance, every = drawn("interleavings"), pairs()
    chosen = every if FULL else sorted(chance.sample(every, PAIRS), key=lambda pair: list(STATES).index(pair[0]))
    tried, found = 0, []
    for state, group in itertools.groupby(chosen, key=lambda pair: pair[0]):
        place = places(state)
        level = place.watching.execute(text("SHOW default_transaction_isolation")).scalar_one()
        assert level == "read committed"
        for _, first, second in group:
            orders = list(ORDERS) if FULL else chance.sample(ORDERS, ORDERS_EACH)
            found += [f"{state}: {said}" for said in violations(place, first, second, orders)]
            tried += len(orders)
    print(f"{tried} interleavings of {len(chosen)} of {len(every)} pairs of changes: {len(found)} fit no order of the two")
    assert found == []
    assert tried >= PAIRS if not FULL else tried == 70 * len(every)


def test_the_same_test_finds_orders_that_fit_nothing_when_rows_are_not_locked_and_revisions_not_compared(
    places: Callable[[str], Place], monkeypatch: pytest.MonkeyPatch
) -> None:
    read, of_site = studies.read, costings.of_site
    monkeypatch.setattr(studies, "read", lambda connection, iras_id, for_update=False: read(connection, iras_id))
    monkeypatch.setattr(costings, "of_site", lambda connection, iras_id, site, for_update=False: of_site(connection, iras_id, site))
    monkeypatch.setattr(costings, "save", _overwritten)
    place, changes = places("shared"), STATES["shared"][1]
    found = list(violations(place, changes[0], changes[1], drawn("interleavings without locks").sample(ORDERS, times(70, 12))))
    print(f"without locks and comparison: {len(found)} orders fit nothing, such as: {found[:1]}")
    assert found


def _overwritten(connection: Connection, found: SiteCosting, *, before: int) -> None:
    """Saved over whatever is there by now."""
    table = metadata.tables["costings"]
    connection.execute(update(table).where(table.c.id == found.id).values(**costings._columns(found)))
