"""A town with studies of two companies in every state, everybody who could ask, and a store that keeps nothing of what they do.

The permission walk asks every route as everybody. Who is what to which study is written down here by hand, from how the
studies were made, and not asked of the code that is tested.
"""

import asyncio
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from sqlalchemy import Connection

from ncvr.domain.escalation import Decision, Escalation
from ncvr.domain.people import Standing
from ncvr.domain.study import Site
from ncvr.services import costing, escalating, membership, reviewing
from ncvr.services.front_door import sha256_hex
from ncvr.services.identity import OPERATOR, add_company, add_person, new_token
from ncvr.services.office import Office
from ncvr.services.own_account import block
from ncvr.store import sessions
from ncvr.store.connections import Store, address
from ncvr.web.app import create_app
from ncvr.web.heavy_jobs import HeavyJobs
from ncvr.web.paces import Paces
from ncvr.web.recognising import SESSION_COOKIE
from tests.databases import Database
from tests.editions import study
from tests.offices import Town, counted, small_study, study_file, town
from tests.services.walks import accepted, agreed, at, shared

# In the order a study passes through them; the last two branch off.
STATES = ("draft", "submitted", "in_review", "with_company", "agreed", "locked", "shared", "accepted", "contracted", "escalated", "corrected", "withdrawn")
PRICED = STATES[4:11]
SHARED = STATES[6:11]
ESCALATED = ("escalated", "corrected")
SMALL = {"omissions": [{"name": "A call", "resources": [{"role": "research_nurse", "minutes": 1}]}], "reason": "small"}
OMISSION = {"omissions": [{"name": "Line flush", "resources": [{"role": "research_nurse", "minutes": 5}], "in_protocol": True, "protocol_ref": "6.2"}]}


@dataclass(frozen=True, kw_only=True)
class Place:
    """One study: whose it is, who leads, how far it came, and the site that is shared with once something is."""

    iras_id: str
    owner: str
    lead: str
    state: str
    site: str
    case: str = "none"
    also: str = ""  # another site that is shared too
    commenting: tuple[str, ...] = ()  # sites that may comment, and nothing else
    revision: int = 0
    costing_revision: int = 0

    @property
    def is_there(self) -> bool:
        return self.owner != ""

    @property
    def known_as(self) -> str:
        return "commented" if self.commenting else self.state


@dataclass(frozen=True, kw_only=True)
class Asker:
    """Somebody at the door. ``known`` is false for whoever is nobody; ``reads_only`` for a token of that scope."""

    name: str
    role: str = ""
    organisation: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    known: bool = True
    reads_only: bool = False

    def standing(self, place: Place) -> Standing | None:
        """What they are to a study, from how it was made."""
        if not place.is_there:
            return None
        of: dict[str, tuple[Standing, bool]] = {
            "company_representative": ("company", self.organisation in (place.owner, *(("CRO",) if place.owner == "ACME" else ()))),
            "study_resource_reviewer": ("reviewer", self.organisation == place.lead),
            "site_representative": ("site", self.organisation in (place.site, place.also) and place.state in SHARED),
            "network_coordinator": ("network", place.state in ESCALATED),
            "national_administrator": ("national", True),
            "auditor": ("auditor", True),
        }
        if self.role == "site_representative" and self.organisation in place.commenting:
            return "commenting_site"
        what, holds = of[self.role]
        return what if holds else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetfulStore(Store):
    """Real transactions on a real database, each undone at its end: every question finds the same town."""

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with Store.writing(self) as connection:
            begun = connection.get_transaction()
            assert begun is not None
            try:
                yield connection
            finally:
                begun.rollback()


def forgetful(town: Town) -> Town:
    return replace(town, office=replace(town.office, store=ForgetfulStore(engine=town.office.store.engine)))


def app_without_quotas(office: Office) -> FastAPI:
    """The application for walks, in which one person asks within minutes what nobody asks in an hour."""
    app = create_app(office)
    app.state.heavy_jobs, app.state.paces = HeavyJobs(10**6, 10**6), Paces(10**9)
    return app


def make_places(
    town: Town, rivals: Mapping[str, Any] | None = None, rivals_states: Sequence[str] = STATES, hidden: Mapping[str, Any] | None = None
) -> list[Place]:
    """Studies of ACME led by RGT and of RIVAL led by RA9, one in each state, one that RGT and RK9 comment on, and one that is not there.

    The people must be there (:func:`make_askers`). ``rivals`` says what is different in the rival's studies, ``rivals_states``
    which there are; ``hidden`` what is different where RGT may not look in the study it comments on.
    """
    commented = make_commented_place(town, hidden or {})  # first: RGT's own comment is the same in every world, its id too
    made = [
        make_place(town, str(first + number), company, reviewer, state, known)
        for first, company, reviewer, states, known in (
            (1004500, "company", "reviewer", STATES, {}),
            (1004600, "rival", "other_reviewer", rivals_states, rivals or {}),
        )
        for number, state in enumerate(states)
    ]
    for who, text in (hidden or {}).get("comments", {}).items():
        with town.act(who) as act:
            reviewing.add_query(act, commented.iras_id, kind="comment", line="", text=text)
    return [*made, commented, Place(iras_id="1999999", owner="", lead="", state="absent", site="RK9")]


def make_commented_place(town: Town, hidden: Mapping[str, Any]) -> Place:
    """A study of early phase that RA9 leads and started for RIVAL; it lists RGT, whose comment is there, and RK9."""
    iras_id, lead, other = "1004700", town.people["other_reviewer"].organisation, {"ods_code": "RK9", "target_participants": 5} | hidden.get("other_site", {})
    file = study_file(iras_id, lead_site=lead, sites=[{"ods_code": "RGT", "target_participants": 3}, other], **hidden.get("file", {}))
    early = study(file | {"study": file["study"] | {"phase": "I"}})
    with town.act("other_reviewer") as act:
        revision = reviewing.create_study(act, early, "RIVAL").revision
    with town.act("rival") as act:
        revision = reviewing.submit(act, iras_id, revision, protocol_version="2.0").revision
    with town.act("other_reviewer") as act:
        revision = reviewing.accept(act, iras_id, revision).revision
    with town.act("site_rgt") as act:
        reviewing.add_query(act, iras_id, kind="comment", line="A02", text="More time")
    return Place(iras_id=iras_id, owner="RIVAL", lead=lead, state="in_review", site="RK9", commenting=("RGT", "RK9"), revision=revision)


def make_place(town: Town, iras_id: str, company: str, reviewer: str, state: str, known: Mapping[str, Any]) -> Place:
    owner, lead = town.people[company].organisation, town.people[reviewer].organisation
    place = Place(iras_id=iras_id, owner=owner, lead=lead, state=state, site="RK9")
    revision = _review(town, place, company, reviewer, known)
    if owner == "ACME":
        day, today = timedelta(days=1), town.office.clock.today()
        for code, start, end in (("CRO", today, today), ("PAST", today - 9 * day, today - day), ("FUTURE", today + day, None)):
            with town.act(company) as act:
                membership.grant(act, iras_id, code, start, end)
    also = "RGT" if owner == "ACME" and state == "accepted" else ""
    if also:
        shared(town, also, iras_id)
    case = _costing(town, place, company, reviewer) if state in STATES[5:11] else "none"
    with town.act(company) as act:
        revision = reviewing.read_review(act, iras_id).revision
    return replace(place, revision=revision, case=case, also=also, costing_revision=at(town, place.site, iras_id).revision if state in PRICED else 0)


def _review(town: Town, place: Place, company: str, reviewer: str, known: Mapping[str, Any]) -> int:
    """The review, as far as its state says."""
    own = {**known, "study": known["study"] | {"iras_id": place.iras_id}} if "study" in known else known
    with town.act(company) as act:
        revision = reviewing.create_study(act, small_study(place.iras_id, lead_site=place.lead, **own)).revision
    steps: list[tuple[str, str, Callable[..., Any]]] = [
        ("submitted", company, lambda act, of, at: reviewing.submit(act, of, at, protocol_version="2.0")),
        ("in_review", reviewer, reviewing.accept),
        ("agreed", reviewer, reviewing.agree),
        ("agreed", company, reviewing.agree),
    ]
    last = (
        "submitted" if place.state == "withdrawn" else "in_review" if place.state == "with_company" else place.state if place.state in STATES[:4] else "agreed"
    )
    for state, who, step in steps:
        if place.state == "draft" or STATES.index(state) > STATES.index(last):
            break
        with town.act(who) as act:
            revision = step(act, place.iras_id, revision).revision
    if place.state == "with_company":
        with town.act(reviewer) as act:
            reviewing.add_query(act, place.iras_id, kind="query", line="A02", text="Is this enough?")
        with town.act(reviewer) as act:
            revision = reviewing.hand_back(act, place.iras_id, revision).revision
    if place.state == "withdrawn":
        with town.act(company) as act:
            revision = reviewing.withdraw(act, place.iras_id, revision, reason="no").revision
    return revision


def _costing(town: Town, place: Place, company: str, reviewer: str) -> str:
    """The costing of the one site, as far as the state says; returns the escalation's id, if there is one."""
    iras_id, site, of_site = place.iras_id, place.site, f"site_{place.site.lower()}"
    with town.act(company) as act:
        found = costing.lock(act, iras_id, site, at(town, site, iras_id).revision)
    if place.state in SHARED:
        with town.act(company) as act:
            found = costing.share(act, iras_id, site, found.revision)
    if place.state in ("accepted", "contracted"):
        with town.act(of_site) as act:
            found = costing.accept(act, iras_id, site, found.revision)
    if place.state == "contracted":
        with town.act(company) as act:
            costing.contract(act, iras_id, site, found.revision, signed_on=act.today, fingerprint=found.price.fingerprint, template="mCTA/sample-1")
    if place.state not in ESCALATED:
        return "none"
    with town.act(of_site) as act:
        case = escalating.escalate(act, iras_id, site, found.revision, Escalation.model_validate(OMISSION | {"reason": "missing"}))
    if place.state == "corrected":
        with town.act("network") as act:
            escalating.decide(act, case.id, case.revision, Decision.model_validate({"outcome": "corrected", "reason": "seen"}))
    return case.id


def make_askers(town: Town) -> list[Asker]:
    """One person in each role at each kind of organisation, and everybody who is nobody."""
    askers = [Asker(name=who, role=person.role, organisation=person.organisation, headers=_bearer(town.tokens[who])) for who, person in town.people.items()]
    with town.office.act(OPERATOR, "more people") as act:
        for code in ("PAST", "FUTURE"):
            add_company(act, code, code.title())
            email = f"{code.lower()}@example.org"
            add_person(act, email=email, name=code, role="company_representative", organisation=code)
            askers.append(Asker(name=f"delegate {code.lower()}", role="company_representative", organisation=code, headers=_bearer(new_token(act, email, 30))))
        company = town.people["company"]
        reading = _bearer(new_token(act, "company@example.org", 30, scope="read"))
        add_person(act, email="gone@example.org", name="Gone", role="company_representative", organisation="ACME")
        add_person(act, email="boss@example.org", name="Boss", role="national_administrator", organisation="")
        blocked, over = _bearer(new_token(act, "boss@example.org", 30)), _bearer(new_token(act, "gone@example.org", 0))
        block(act, "boss@example.org")
        for stage in ("full", "enrol", "due"):
            sessions.add(act.connection, sha256_hex(stage), company.actor, stage, act.now)
    return [
        *askers,
        Asker(name="session", role=company.role, organisation="ACME", headers=_cookie("full")),
        Asker(name="reading token", role=company.role, organisation="ACME", headers=reading, reads_only=True),
        Asker(name="stranger", known=False),
        Asker(name="made-up token", headers=_bearer("ncvr_" + "0" * 64), known=False),
        Asker(name="ended token", headers=over, known=False),
        Asker(name="blocked administrator", headers=blocked, known=False),
        Asker(name="waits for a second factor", headers=_cookie("due"), known=False),
        Asker(name="has no second factor yet", headers=_cookie("enrol"), known=False),
        Asker(name="wrong token beside a right session", headers={**_cookie("full"), **_bearer("x")}, known=False),
    ]


@dataclass(frozen=True)
class World:
    """A peopled town that forgets, with its studies and those who ask."""

    town: Town
    places: list[Place]
    askers: list[Asker]


def world(folder: Path, migrated_file: Path, **rivals: Any) -> World:
    """On a database of its own; two made in the same way are the same to the byte."""
    folder.mkdir()
    shutil.copy(migrated_file, folder / "ncvr.db")
    url = address(folder / "ncvr.db")
    made = town(Database(url, url), folder, templates=folder.parent / "templates")
    askers = make_askers(made)
    places = make_places(made, **rivals)
    made.clock.moment = datetime(2026, 5, 4, 9, 15, tzinfo=UTC)  # the same in both, and no session is over yet
    return World(forgetful(made), places, askers)


NEIGHBOURLY = "1004800"


def neighbours(folder: Path, migrated_file: Path, *, busier: bool) -> World:
    """One study, of which RK9 sees its own site only: priced twice, shared, escalated twice.

    Where it is ``busier``, another site has accepted that was only priced, and one more was priced twice before RK9's, shared, and
    escalated something. The same day and the same source of ids then follow in both.
    """
    folder.mkdir()
    shutil.copy(migrated_file, folder / "ncvr.db")
    url = address(folder / "ncvr.db")
    made = town(Database(url, url), folder, templates=folder.parent / "templates")
    askers = make_askers(made)
    agreed(made, small_study(NEIGHBOURLY, sites=[{"ods_code": code, "target_participants": 10} for code in (*(["RA9"] if busier else []), "RGT")]))
    if busier:
        accepted(made, "RGT", NEIGHBOURLY)
        _priced_twice(made, "RA9")
        shared(made, "RA9", NEIGHBOURLY)
        _escalated(made, "RA9")
    made.office, made.clock.moment = replace(made.office, chance=counted(10_000)), datetime(2026, 5, 4, 9, 10, tzinfo=UTC)
    with made.act("company") as act:
        costing.add_site(act, NEIGHBOURLY, Site(ods_code="RK9", target_participants=10))
    _priced_twice(made, "RK9")
    shared(made, "RK9", NEIGHBOURLY)
    cases = [_escalated(made, "RK9") for _ in range(2)]
    revision = at(made, "RK9", NEIGHBOURLY).revision
    place = Place(iras_id=NEIGHBOURLY, owner="ACME", lead="RGT", state="escalated", site="RK9", case=cases[1], costing_revision=revision)
    made.clock.moment = datetime(2026, 5, 4, 9, 15, tzinfo=UTC)
    return World(forgetful(made), [place], askers)


def _priced_twice(town: Town, site: str) -> None:
    with town.act("company") as act:
        costing.withdraw(act, NEIGHBOURLY, site, at(town, site, NEIGHBOURLY).revision, reason="made too early")
    with town.act("company") as act:
        costing.add_site(act, NEIGHBOURLY, Site(ods_code=site, target_participants=12))


def _escalated(town: Town, site: str) -> str:
    """An omission that is too small, escalated by a site and returned to it."""
    with town.act(f"site_{site.lower()}") as act:
        case = escalating.escalate(act, NEIGHBOURLY, site, at(town, site, NEIGHBOURLY).revision, Escalation.model_validate(SMALL))
    with town.act("network") as act:
        escalating.decide(act, case.id, case.revision, Decision.model_validate({"outcome": "below_threshold", "reason": "seen"}))
    return case.id


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def _cookie(token: str) -> dict[str, str]:
    return {"cookie": f"{SESSION_COOKIE}={token}", "sec-fetch-site": "same-origin"}


@dataclass(frozen=True)
class Said:
    """An answer, whole."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    content: bytes


async def asked(app: FastAPI, method: str, path: str, headers: dict[str, str], body: bytes) -> Said:
    """One request straight to the application, without a client in between; the query is part of ``path``."""
    bare, _, query = path.partition("?")
    sent = [(name.encode(), value.encode()) for name, value in {"host": "ncvr.example", **headers}.items()]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "https", "path": bare, "raw_path": bare.encode(),
        "query_string": query.encode(), "root_path": "", "headers": sent, "client": ("192.0.2.1", 1), "server": ("ncvr.example", 443),
    }  # fmt: skip
    given = iter([{"type": "http.request", "body": body, "more_body": False}])
    said: list[Any] = []

    async def receive() -> Any:
        message = next(given, None)
        if message is None:
            await asyncio.Event().wait()  # the browser stays
        return message

    async def send(message: Any) -> None:
        said.append(message)

    await app(scope, receive, send)
    return Said(said[0]["status"], tuple(sorted(said[0]["headers"])), b"".join(message.get("body", b"") for message in said[1:]))
