"""Every statement of every service function made to fail in turn, and every commit: all of it is done, or nothing (R3)."""

import contextlib
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, select

from ncvr.domain.details import SiteDetails
from ncvr.domain.escalation import Decision, Escalation
from ncvr.domain.study import Site
from ncvr.domain.study_event import StudyEvent
from ncvr.services import contract_variation, costing, escalating, identity, membership, reviewing, site_contracts
from ncvr.services.office import Act
from ncvr.services.record_keeping import verify_ledger
from ncvr.store import escalations, ledger_entries, queries
from ncvr.store.connections import Connection, Store
from ncvr.store.questions import Question
from ncvr.store.tables import metadata
from tests.databases import asked_by_sqlalchemy
from tests.offices import IRAS, Town, small_study
from tests.services.walks import at


class DiskFull(Exception):
    """What a statement meets when there is no room left."""


@dataclass
class Sabotage:
    """Lets ``count`` statements of the next transaction pass and then fails; None fails the commit alone."""

    count: int | None
    failed: bool = False

    def before_statement(self, *_: Any) -> None:
        if self.count == 0:
            self._fail()
        if self.count is not None:
            self.count -= 1

    def before_commit(self, *_: Any) -> None:
        if self.count is None:
            self._fail()
        self.before_statement()

    def _fail(self) -> None:
        self.failed = True
        raise DiskFull


@contextlib.contextmanager
def sabotaged(town: Town, count: int | None) -> Iterator[Sabotage]:
    sabotage, engine, begin = Sabotage(count), town.store.engine, Store._begin

    def begin_or_fail(store: Store, connection: Connection, words: str) -> None:
        if not store.is_postgresql:  # there it is no statement of its own
            sabotage.before_statement()
        begin(store, connection, words)

    event.listen(engine, "before_cursor_execute", sabotage.before_statement)
    event.listen(engine, "commit", sabotage.before_commit)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Store, "_begin", begin_or_fail)
            patch.setattr(Question, "rows", asked_by_sqlalchemy)
            patch.setattr(ledger_entries, "asked_of_driver", lambda connection, words, values: connection.exec_driver_sql(words, values))
            yield sabotage
    finally:
        event.remove(engine, "before_cursor_execute", sabotage.before_statement)
        event.remove(engine, "commit", sabotage.before_commit)


def contents(town: Town) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    with town.store.reading() as connection:
        return {name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr) for name, table in metadata.tables.items()}


Step = tuple[str, str, Callable[[Town, Act], Any]]


def review(act: Act) -> int:
    return reviewing.read_review(act, IRAS).revision


def here(town: Town, site: str) -> int:
    return at(town, site).revision


SMALL = Escalation.model_validate({"omissions": [{"name": "Flush", "resources": [{"role": "research_nurse", "minutes": 1}]}], "reason": "missing"})
LISTED = Escalation.model_validate({"omissions": [{"name": "X", "resources": [{"item": "ECG"}], "in_protocol": True}], "reason": "missing"})


def open_query(act: Act) -> str:
    return next(query.id for query in queries.of_study(act.connection, IRAS) if query.open)


def open_case(act: Act) -> tuple[str, int]:
    return next((case.id, case.revision) for case in escalations.of_study(act.connection, IRAS) if case.decision is None)


def decide(outcome: str) -> Callable[[Town, Act], Any]:
    return lambda _, act: escalating.decide(act, *open_case(act), Decision.model_validate({"outcome": outcome, "reason": "seen"}))


def sign(town: Town, act: Act) -> Any:
    found = at(town, "RK9")
    return costing.contract(act, IRAS, "RK9", found.revision, signed_on=act.today, fingerprint=found.price.fingerprint, template="mCTA/sample-1")


# One long story in which every service function that changes something happens.
STORY: list[Step] = [
    ("national", "add_company", lambda _, act: identity.add_company(act, "NEW", "New Pharma")),
    ("national", "add_person", lambda _, act: identity.add_person(act, email="n@x.org", name="N", role="auditor", organisation="")),
    ("national", "new_token", lambda _, act: identity.new_token(act, "n@x.org", 5)),
    ("national", "revoke_tokens", lambda _, act: identity.revoke_tokens(act, "n@x.org")),
    ("company", "create_study", lambda _, act: reviewing.create_study(act, small_study())),
    ("company", "grant", lambda _, act: membership.grant(act, IRAS, "CRO", act.today, None)),
    ("company", "submit", lambda _, act: reviewing.submit(act, IRAS, review(act), protocol_version="2.0")),
    ("reviewer", "revert", lambda _, act: reviewing.revert(act, IRAS, review(act), reason="typing error")),
    ("company", "submit", lambda _, act: reviewing.submit(act, IRAS, review(act), protocol_version="2.0")),
    ("reviewer", "accept", lambda _, act: reviewing.accept(act, IRAS, review(act))),
    ("reviewer", "add_query", lambda _, act: reviewing.add_query(act, IRAS, kind="query", line="A02", text="why?")),
    ("reviewer", "hand_back", lambda _, act: reviewing.hand_back(act, IRAS, review(act))),
    ("company", "answer_query", lambda _, act: reviewing.answer_query(act, IRAS, open_query(act), text="because")),
    ("company", "edit_schedule", lambda _, act: reviewing.edit_schedule(act, IRAS, small_study(pass_through=[]), review(act))),
    ("company", "respond", lambda _, act: reviewing.respond(act, IRAS, review(act))),
    ("reviewer", "agree", lambda _, act: reviewing.agree(act, IRAS, review(act))),
    ("company", "agree", lambda _, act: reviewing.agree(act, IRAS, review(act))),
    ("company", "add_site", lambda _, act: costing.add_site(act, IRAS, Site(ods_code="RXX", target_participants=3))),
    ("company", "write_details", lambda _, act: site_contracts.write_details(act, IRAS, "RA9", SiteDetails(principal_investigator="Dr A"), 0)),
    ("company", "record_event", lambda _, act: membership.record_event(act, IRAS, StudyEvent(kind="regulatory_application", on=date(2026, 5, 1)))),
    *[("company", "lock", lambda town, act, site=site: costing.lock(act, IRAS, site, here(town, site))) for site in ("RGT", "RA9", "RK9")],
    ("company", "unlock", lambda town, act: costing.unlock(act, IRAS, "RGT", here(town, "RGT"), reason="wait")),
    ("company", "lock", lambda town, act: costing.lock(act, IRAS, "RGT", here(town, "RGT"))),
    *[("company", "share", lambda town, act, site=site: costing.share(act, IRAS, site, here(town, site))) for site in ("RGT", "RA9", "RK9")],
    ("site_rk9", "accept", lambda town, act: costing.accept(act, IRAS, "RK9", here(town, "RK9"))),
    ("company", "contract", sign),
    ("site_rgt", "refuse", lambda town, act: costing.refuse(act, IRAS, "RGT", here(town, "RGT"), reason_code="outsourcing", reason="")),
    ("site_ra9", "escalate", lambda town, act: escalating.escalate(act, IRAS, "RA9", here(town, "RA9"), SMALL)),
    ("network", "decide below_threshold", decide("below_threshold")),
    ("site_ra9", "escalate", lambda town, act: escalating.escalate(act, IRAS, "RA9", here(town, "RA9"), LISTED)),
    ("network", "decide corrected", decide("corrected")),
    ("company", "submit", lambda _, act: reviewing.submit(act, IRAS, review(act), protocol_version="2.0")),
    ("company", "withdraw", lambda _, act: reviewing.withdraw(act, IRAS, review(act), reason="wrong draft")),
    ("company", "amend", lambda _, act: reviewing.amend(act, IRAS, review(act), reason="the right one")),
    ("company", "submit", lambda _, act: reviewing.submit(act, IRAS, review(act), protocol_version="2.0")),
    ("reviewer", "accept", lambda _, act: reviewing.accept(act, IRAS, review(act))),
    ("reviewer", "agree", lambda _, act: reviewing.agree(act, IRAS, review(act))),
    ("company", "agree", lambda _, act: reviewing.agree(act, IRAS, review(act))),
    ("company", "vary_contract", lambda town, act: contract_variation.vary_contract(act, IRAS, "RK9", here(town, "RK9"), version=2)),
    ("company", "reprice", lambda town, act: costing.reprice(act, IRAS, "RA9", here(town, "RA9"))),
    ("national", "reprice_all", lambda _, act: costing.reprice_all(act, "2026-10-01-tiny")),
    ("company", "withdraw", lambda town, act: costing.withdraw(act, IRAS, "RGT", here(town, "RGT"), reason="to be merged")),
    ("company", "reassign", lambda town, act: costing.reassign(act, IRAS, "RXX", here(town, "RXX"), ods_code="RGT")),
    ("company", "lock", lambda town, act: costing.lock(act, IRAS, "RA9", here(town, "RA9"))),
    ("company", "share", lambda town, act: costing.share(act, IRAS, "RA9", here(town, "RA9"))),
    ("site_ra9", "decline", lambda town, act: costing.decline(act, IRAS, "RA9", here(town, "RA9"), reason="no capacity")),
    ("auditor", "record_price_edit_refused", lambda _, act: costing.record_price_edit_refused(act, "price")),
    ("company", "record_download", lambda _, act: site_contracts.record_download(act, IRAS, "contracts.zip", 3)),
]


def test_each_step_is_done_whole_or_not_at_all_whichever_statement_fails(both: Town) -> None:
    tried = 0
    for who, name, step in STORY:
        if name == "reprice":  # a new edition is in force, and a trust has closed
            both.clock.set("2026-10-02")
        tried += _fail_everywhere(both, who, name, step)
    print(f"{tried} statements and commits failed, each undone whole")
    assert tried > (200 if both.store.is_postgresql else 800)
    assert verify_ledger(both.store).findings == ()


def _fail_everywhere(town: Town, who: str, name: str, step: Callable[[Town, Act], Any]) -> int:
    """Fail the commit and the first, second, ... statement of this step, then let it pass; returns how many were failed.

    The statements are the same on both engines, so PostgreSQL is failed at every fourth.
    """
    before = contents(town)
    for tried, count in enumerate((None, *range(0, 1000, 4 if town.store.is_postgresql else 1))):
        with sabotaged(town, count) as sabotage, contextlib.suppress(DiskFull), town.act(who) as act:
            step(town, act)
        after = contents(town)
        if not sabotage.failed:
            assert after != before, name
            return tried
        assert after == before, f"{name} was half done when {'its commit' if count is None else f'statement {count + 1}'} failed"
    raise AssertionError(f"{name} has no end")


def test_every_service_function_that_changes_something_is_in_the_story() -> None:
    told = {name.split()[0] for _, name, _ in STORY}
    modules = (reviewing, costing, contract_variation, escalating, membership, identity, site_contracts)
    writers = {name for module in modules for name, function in vars(module).items() if _changes_something(module, name, function)}
    assert writers - told == set()


def _changes_something(module: Any, name: str, function: Any) -> bool:
    public = inspect.isfunction(function) and function.__module__ == module.__name__ and not name.startswith("_")
    if not public or name in ("moved", "settle"):  # what the others are made of
        return False
    source = inspect.getsource(function)
    return any(word in source for word in ("act.record(", "settle(", "_settle(", "_simple(", "_priced_again(", "add_costing("))
