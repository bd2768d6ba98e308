"""The review and its site costings against a small model of their own, with the model's coverage counted.

The model is typed from the rules as people read them, not from the tables of the code. Hypothesis walks both side by side;
then whatever pair of state and move, and whatever possible pair of moves, no walk has met is walked on purpose.
"""

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from ncvr.domain.escalation import Decision, Escalation
from ncvr.domain.price_record import prices_record
from ncvr.errors import MoveNotAllowed, NotFound, NotPermitted
from ncvr.services import contract_variation, costing, escalating, kept_prices, reviewing
from ncvr.services.pricing import SOFTWARE
from ncvr.services.record_keeping import verify_ledger
from ncvr.store import costings, escalations, queries, studies
from ncvr.store.connections import address
from tests.databases import Database
from tests.offices import IRAS, Town, small_study, town
from tests.services.walks import at

SITES = ("RA9", "RK9")
REVIEW = {
    "submit": {"draft": "submitted"},
    "accept": {"submitted": "in_review"},
    "revert": {"submitted": "draft"},
    "query": {"in_review": "with_company"},
    "respond": {"with_company": "in_review"},
    "agree": {"in_review": "in_review"},
    "confirm": {"in_review": "agreed"},
    "amend": {"agreed": "draft"},
    "withdraw": {"draft": "withdrawn", "submitted": "withdrawn", "in_review": "withdrawn", "with_company": "withdrawn"},
}
LIVE = ("priced", "locked", "shared", "escalated", "accepted")
COSTING = {
    "lock": {"priced": "locked"},
    "unlock": {"locked": "priced"},
    "share": {"locked": "shared"},
    "accept": {"shared": "accepted"},
    "refuse": {"shared": "refused"},
    "escalate": {"shared": "escalated"},
    "return_to_site": {"escalated": "shared"},
    "contract": {"accepted": "contracted"},
    "vary": {"contracted": "contracted"},
    "decline": dict.fromkeys(("shared", "escalated", "accepted"), "declined"),  # before sharing the site sees nothing
    "withdraw": dict.fromkeys((*LIVE, "refused"), "withdrawn"),
    "reprice": dict.fromkeys(("priced", "locked", "shared", "accepted"), "priced"),
}
STATES = (*LIVE, "contracted", "refused", "declined", "withdrawn", "superseded")
# A costing is superseded only for as long as its successor is made: nobody ever finds one as the newest.
MET = tuple(state for state in STATES if state != "superseded")
SUPERSEDED_BY_A_CORRECTION = (*LIVE, "refused")
NEEDS_FRESH = ("lock", "share", "accept")


@dataclass
class Model:
    """What a careful person would note on paper."""

    review: str = "draft"
    version: int = 1
    agreed: int = 0
    reviewer_agreed: bool = False
    edition: int = 0
    sites: dict[str, str] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    superseded: dict[str, int] = field(default_factory=dict)
    priced_from: dict[str, int] = field(default_factory=dict)

    def review_move(self, name: str) -> bool:
        """Whether the move is allowed; then the paper says what it leads to."""
        after = REVIEW[name].get(self.review)
        if after is None or (name == "confirm" and not self.reviewer_agreed):
            return False
        if name == "withdraw" and self.agreed:
            after, self.version = "agreed", self.agreed
        if name == "amend":
            self.version += 1
        if name in ("query", "withdraw", "amend"):
            self.reviewer_agreed = False
        if name == "agree":
            self.reviewer_agreed = True
        if name == "confirm":
            self._agree()
        self.review = after
        return True

    def _agree(self) -> None:
        self.agreed = self.version
        for site in SITES:
            if self.sites.get(site) in SUPERSEDED_BY_A_CORRECTION:
                self.superseded[site] = self.superseded.get(site, 0) + 1
            if self.sites.get(site) in (None, *SUPERSEDED_BY_A_CORRECTION):
                self.sites[site], self.versions[site], self.priced_from[site] = "priced", self.version, self.edition

    def site_move(self, name: str, site: str) -> bool:
        state = self.sites.get(site)
        after = COSTING[name].get(state or "")
        stale = self.priced_from.get(site) != self.edition
        if after is None or (name in NEEDS_FRESH and stale) or (name == "reprice" and not stale):
            return False
        if (name == "vary" and self.versions[site] >= self.agreed) or (name == "contract" and stale):
            return False
        if name == "reprice":
            self.priced_from[site] = self.edition
        if name == "vary":
            self.versions[site] = self.agreed
        self.sites[site] = after
        return True


ESCALATION = Escalation.model_validate({"omissions": [{"name": "Flush", "resources": [{"role": "research_nurse", "minutes": 1}]}], "reason": "missing"})
SMALL = Decision(outcome="already_included", reason="seen")
WHO = {"accept": "site", "refuse": "site", "escalate": "site", "decline": "site", "return_to_site": "network"}
REVIEWERS = ("accept", "revert", "query", "agree")
Attempt = tuple[str, str]  # the move, and the site ("" for the review)


class World:
    """The service and the model side by side; every attempt is made on both."""

    def __init__(self, made: Town, counted: Counter[tuple[str, str, str]], pairs: Counter[tuple[str, str]]) -> None:
        self.town, self.model, self.counted, self.pairs = made, Model(), counted, pairs
        self.last: dict[str, str] = {}
        self.signed: dict[str, str] = {}
        with made.act("company") as act:
            reviewing.create_study(act, small_study(sites=[{"ods_code": site, "target_participants": 10} for site in SITES]))

    def attempt(self, name: str, site: str = "") -> bool:
        kind, state = ("site", self.model.sites.get(site, "none")) if site else ("review", self.model.review)
        before = tuple(self.model.sites.values())
        expected = self.model.site_move(name, site) if site else self.model.review_move(name)
        happened = self._happens(lambda: self._site(name, site) if site else self._review(name))
        assert happened == expected, (name, site, state, self.model)
        self.counted[kind, name, state] += 1
        if happened and name == "confirm":
            self.counted.update({("superseded", "confirm", each): 1 for each in before if each in SUPERSEDED_BY_A_CORRECTION})
        if happened:
            key = site or "review"
            if key in self.last:
                self.pairs[self.last[key], name] += 1
            self.last[key] = name
        self.compare()
        return happened

    def new_edition(self) -> None:
        if self.model.edition == 0:
            self.town.clock.set("2026-10-05")
            self.model.edition = 1

    def _happens(self, move: Callable[[], Any]) -> bool:
        try:
            move()
        except (MoveNotAllowed, NotPermitted, NotFound):
            return False
        return True

    def _review(self, name: str) -> None:
        with self.town.act("reviewer" if name in REVIEWERS else "company") as act:
            revision = reviewing.read_review(act, IRAS).revision
            if name == "submit":
                reviewing.submit(act, IRAS, revision, protocol_version="2.0")
            elif name == "query":
                reviewing.add_query(act, IRAS, kind="query", line="", text="why?")
                reviewing.hand_back(act, IRAS, revision)
            elif name == "respond":
                for query in queries.of_study(act.connection, IRAS):
                    if query.open:
                        reviewing.answer_query(act, IRAS, query.id, text="because")
                reviewing.respond(act, IRAS, revision)
            elif name in ("revert", "amend", "withdraw"):
                {"revert": reviewing.revert, "amend": reviewing.amend, "withdraw": reviewing.withdraw}[name](act, IRAS, revision, reason="because")
            else:
                {"accept": reviewing.accept, "agree": reviewing.agree, "confirm": reviewing.agree}[name](act, IRAS, revision)

    def _site(self, name: str, site: str) -> None:
        who = WHO.get(name, "company")
        with self.town.act(f"site_{site.lower()}" if who == "site" else who) as act:
            found = costings.of_site(act.connection, IRAS, site)
            revision = found.revision if found is not None else 1
            if name == "refuse":
                costing.refuse(act, IRAS, site, revision, reason_code="outsourcing", reason="")
            elif name == "escalate":
                escalating.escalate(act, IRAS, site, revision, ESCALATION)
            elif name == "return_to_site":
                self._decide(act, site)
            elif name == "contract":
                fingerprint = found.price.fingerprint if found is not None else ""
                costing.contract(act, IRAS, site, revision, signed_on=act.today, fingerprint=fingerprint, template="mCTA/sample-1")
                self.signed[site] = fingerprint
            elif name == "vary":
                contract_variation.vary_contract(act, IRAS, site, revision, version=max(self.model.agreed, 1))
            elif name in ("unlock", "decline", "withdraw"):
                {"unlock": costing.unlock, "decline": costing.decline, "withdraw": costing.withdraw}[name](act, IRAS, site, revision, reason="because")
            else:
                {"lock": costing.lock, "share": costing.share, "accept": costing.accept, "reprice": costing.reprice}[name](act, IRAS, site, revision)

    def _decide(self, act: Any, site: str) -> None:
        waiting = [case for case in escalations.of_study(act.connection, IRAS) if case.decision is None and case.organisation == site]
        if not waiting or at(self.town, site).state != "escalated":
            raise MoveNotAllowed("there is nothing to decide")
        escalating.decide(act, waiting[-1].id, waiting[-1].revision, SMALL)

    def compare(self) -> None:
        """The database says what the paper says, and a signed price is what was signed."""
        with self.town.store.reading() as connection:
            review = studies.read(connection, IRAS)
            assert review is not None
            assert (review.state, review.version) == (self.model.review, self.model.version)
            for site, state in self.model.sites.items():
                found = costings.of_site(connection, IRAS, site)
                assert found is not None
                assert (found.state, found.version) == (state, self.model.versions[site])
                every = [each for each in costings.of_study(connection, IRAS) if each.site.key == site]
                assert sum(each.state == "superseded" for each in every) == self.model.superseded.get(site, 0)
                if site in self.signed:
                    assert found.price.fingerprint == self.signed[site]

    def close(self) -> None:
        assert verify_ledger(self.town.store).findings == ()
        for site in self.signed:
            with self.town.act("auditor") as act:
                again = kept_prices.recomputed_price(act, at(self.town, site))
            record = prices_record(again.costs, [again], on=at(self.town, site).price.pricing_date, software=SOFTWARE)
            assert record["prices"][0]["fingerprint"] == self.signed[site]
        self.town.store.close()


COUNTED: Counter[tuple[str, str, str]] = Counter()
PAIRS: Counter[tuple[str, str]] = Counter()
# The way into each state, from a study that was just created.
AGREED: list[Attempt] = [(name, "") for name in ("submit", "accept", "agree", "confirm")]
SHARED: list[Attempt] = [("lock", "RA9"), ("share", "RA9")]
WAYS: dict[str, list[Attempt]] = {
    "draft": [],
    "submitted": AGREED[:1],
    "in_review": AGREED[:2],
    "with_company": [*AGREED[:2], ("query", "")],
    "agreed": AGREED,
    "withdrawn review": [("withdraw", "")],
    "priced": AGREED,
    "locked": [*AGREED, ("lock", "RA9")],
    "shared": [*AGREED, *SHARED],
    "escalated": [*AGREED, *SHARED, ("escalate", "RA9")],
    "accepted": [*AGREED, *SHARED, ("accept", "RA9")],
    "contracted": [*AGREED, *SHARED, ("accept", "RA9"), ("contract", "RA9")],
    "refused": [*AGREED, *SHARED, ("refuse", "RA9")],
    "declined": [*AGREED, *SHARED, ("decline", "RA9")],
    "withdrawn": [*AGREED, ("withdraw", "RA9")],
}


@pytest.fixture
def worlds(migrated_file: Path) -> Callable[[], World]:
    """A new world, as often as asked."""

    def world() -> World:
        folder = Path(tempfile.mkdtemp(dir=migrated_file.parent))
        shutil.copy(migrated_file, folder / "ncvr.db")
        url = address(folder / "ncvr.db")
        return World(town(Database(url, url), folder), COUNTED, PAIRS)

    return world


def test_the_service_and_the_model_agree_on_every_walk(worlds: Callable[[], World]) -> None:
    class Walk(RuleBasedStateMachine):
        world: World

        @initialize()
        def begin(self) -> None:
            self.world = worlds()

        @rule(data=st.data(), likely=st.booleans())
        def move(self, data: st.DataObject, likely: bool) -> None:
            tried: list[Attempt] = [(name, "") for name in REVIEW] + [(name, site) for name in COSTING for site in SITES]
            model = self.world.model
            leads_on = [(name, site) for name, site in tried if (model.sites.get(site) in COSTING[name] if site else model.review in REVIEW[name])]
            self.world.attempt(*data.draw(st.sampled_from(leads_on if likely and leads_on else tried)))

        @rule()
        def a_new_edition_comes_into_force(self) -> None:
            if len(self.world.model.sites) == len(SITES):
                self.world.new_edition()

        def teardown(self) -> None:
            if hasattr(self, "world"):
                self.world.close()

    run_state_machine_as_test(Walk, settings=settings(max_examples=12, stateful_step_count=50, deadline=None))


def test_every_move_is_tried_in_every_state_and_every_possible_pair_of_moves_happens(worlds: Callable[[], World]) -> None:
    _try_every_review_move(worlds)
    _try_every_costing_move(worlds)
    _walk_every_pair(worlds)
    _correct_in_every_state(worlds)
    reviews = {(name, state) for kind, name, state in COUNTED if kind == "review"}
    sites = {(name, state) for kind, name, state in COUNTED if kind == "site"}
    assert reviews >= {(name, state) for name in REVIEW for state in ("draft", "submitted", "in_review", "with_company", "agreed", "withdrawn")}
    assert sites >= {(name, state) for name in COSTING for state in MET}
    assert {state for kind, _, state in COUNTED if kind == "superseded"} == set(SUPERSEDED_BY_A_CORRECTION)
    assert (possible_pairs() | possible_review_pairs()) - set(PAIRS) == set()
    print(f"{sum(COUNTED.values())} moves tried, {len(COUNTED)} pairs of move and state, {len(PAIRS)} pairs of moves")


def _try_every_review_move(worlds: Callable[[], World]) -> None:
    for state in ("draft", "submitted", "in_review", "with_company", "agreed", "withdrawn"):
        refused = [name for name in REVIEW if state not in REVIEW[name]]
        for names in (refused, *([name] for name in REVIEW if state in REVIEW[name])):
            world = walked(worlds(), WAYS["withdrawn review" if state == "withdrawn" else state])
            for name in names:
                world.attempt(name)
            world.close()


def _try_every_costing_move(worlds: Callable[[], World]) -> None:
    for state in MET:
        world = walked(worlds(), WAYS[state])
        for name in COSTING:
            if state not in COSTING[name]:
                world.attempt(name, "RA9")
        world.close()
        for name in COSTING:
            if state in COSTING[name]:
                world = walked(worlds(), WAYS[state])
                if name == "reprice":
                    world.new_edition()
                if name == "vary":
                    walked(world, [("amend", ""), *AGREED])
                assert world.attempt(name, "RA9")
                world.close()


def possible_pairs() -> set[tuple[str, str]]:
    """Each move of a costing with each that may come next at the same site; one new edition overtakes a price once only."""
    pairs = {(first, then) for first in COSTING for after in set(COSTING[first].values()) for then in COSTING if after in COSTING[then]}
    return pairs - {("reprice", "reprice")}


# The way to where each move of the review can be made.
_REVIEW_WAYS: dict[str, list[Attempt]] = {
    "submit": [],
    "accept": AGREED[:1],
    "revert": AGREED[:1],
    "query": AGREED[:2],
    "respond": [*AGREED[:2], ("query", "")],
    "agree": AGREED[:2],
    "confirm": AGREED[:3],
    "amend": AGREED,
}


def possible_review_pairs() -> set[tuple[str, str]]:
    """Each move of the review with each that may come next. Nothing follows withdrawing a study; withdrawing an amendment leads back to agreed."""
    led = {first: set(REVIEW[first].values()) for first in REVIEW} | {"withdraw": {"agreed"}}
    pairs = {(first, then) for first in REVIEW for after in led[first] for then in REVIEW if after in REVIEW[then]}
    # To confirm, the lead site has agreed since the last time the pen changed hands.
    return pairs - {(first, "confirm") for first in REVIEW if first != "agree"}


def _walk_every_review_pair(worlds: Callable[[], World]) -> None:
    for first, then in sorted(possible_review_pairs() - set(PAIRS)):
        way = [*AGREED, ("amend", "")] if first == "withdraw" else _REVIEW_WAYS[first]
        world = walked(worlds(), way)
        for name in (first, then):
            assert world.attempt(name), (first, then, world.model)
        world.close()


def _correct_in_every_state(worlds: Callable[[], World]) -> None:
    """A newer version agreed supersedes the costing in each state that is not over, and leaves the others alone."""
    for state in MET:
        world = walked(worlds(), [*WAYS[state], ("amend", ""), *AGREED])
        assert (world.model.sites["RA9"] == "priced") == (state in SUPERSEDED_BY_A_CORRECTION)
        world.close()


def _walk_every_pair(worlds: Callable[[], World]) -> None:
    _walk_every_review_pair(worlds)
    for first, then in sorted(possible_pairs() - set(PAIRS)):
        before = next(state for state in COSTING[first])
        world = walked(worlds(), WAYS[before])
        for name in (first, then):
            if name == "reprice":
                world.new_edition()
            if name == "vary":
                walked(world, [("amend", ""), *AGREED])
            world.attempt(name, "RA9")
        world.close()


def walked(world: World, way: list[Attempt]) -> World:
    for name, site in way:
        assert world.attempt(name, site), (name, site)
    return world
