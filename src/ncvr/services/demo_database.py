"""The demo's database: people of every role, and three studies in different states, made by the same acts as everything else."""

import csv
import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from ncvr import examples
from ncvr.domain.details import SiteDetails
from ncvr.domain.escalation import Escalation
from ncvr.domain.people import Person, Role
from ncvr.domain.review import ResourceReview
from ncvr.domain.study import Study
from ncvr.errors import InputError, TariffFileError
from ncvr.files.adherence_definitions import read_adherence_definitions
from ncvr.files.adherence_positions import read_positions
from ncvr.services import costing, escalating, reviewing, site_contracts
from ncvr.services.adherence_recording import record_positions
from ncvr.services.demo_positions import POSITIONS, positions_csv
from ncvr.services.identity import OPERATOR, add_company, add_person, new_token
from ncvr.services.office import Act, Chance, Clock, Office
from ncvr.services.opening import open_office, upgrade_database
from ncvr.store import costings

DATABASE, PEOPLE = "ncvr.db", "people.csv"
COLUMNS = ("email", "name", "role", "organisation", "password", "token")
COMPANIES = (("EXPHARMA", "Example Pharma Ltd"), ("EXCRO", "Example Clinical Research Ltd"), ("OTHERBIO", "Other Biotech plc"))
# Those of the first study come first; the last but one is of a trust outside it, the last of another company.
CAST: tuple[tuple[str, str, Role, str], ...] = (
    ("company", "Priya Natarajan", "company_representative", "EXPHARMA"),
    ("reviewer", "Thomas Aldridge", "study_resource_reviewer", "RGT"),
    ("site.rgt", "Grace Okafor", "site_representative", "RGT"),
    ("site.rk9", "Owen Pascoe", "site_representative", "RK9"),
    ("site.rtd", "Ruth Charlton", "site_representative", "RTD"),
    ("site.rr8", "Imran Qureshi", "site_representative", "RR8"),
    ("site.rm1", "Helen Barker", "site_representative", "RM1"),
    ("site.r0a", "Daniel Whittle", "site_representative", "R0A"),
    ("cro", "Marta Kowalska", "company_representative", "EXCRO"),
    ("network", "Sian Prosser", "network_coordinator", ""),
    ("national", "Peter Hallam", "national_administrator", ""),
    ("auditor", "Joan Fairweather", "auditor", ""),
    ("site.rx1", "Aisha Rahman", "site_representative", "RX1"),
    ("rival", "Lena Fischer", "company_representative", "OTHERBIO"),
)
MISSING = {"name": "Cannula flush after infusion", "resources": [{"role": "research_nurse", "minutes": 10}], "in_protocol": True, "protocol_ref": "3.9"}
# Tokens of a demo are to work whenever somebody looks at it again.
_GOOD_FOR_DAYS = 10 * 365


@dataclass(frozen=True, slots=True, kw_only=True)
class SeededPerson:
    """One row of ``people.csv``."""

    email: str
    name: str
    role: Role
    organisation: str
    token: str


class _DemoClock:
    """A clock that begins on a given morning and moves on by a second at every look."""

    def __init__(self, day: date) -> None:
        self._moment = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        self._moment += timedelta(seconds=1)
        return self._moment


def seed_demo(folder: Path, *, on: date, tariffs: Path, templates: Path, chance: Chance | None = None) -> tuple[SeededPerson, ...]:
    """Make ``ncvr.db``, ``people.csv`` and made-up positions in the folder, which holds none; everything happens on the day ``on``.

    The first study is agreed and its sites are in every state; the second is with the company, which has a query to answer;
    the third is another company's draft.
    """
    database = folder / DATABASE
    luck = chance or Chance()
    upgrade_database(database=database, chance=luck)
    opened = open_office(database=database, tariffs=tariffs, templates=templates)
    office = Office(store=opened.store, tariffs=opened.tariffs, templates=templates, clock=Clock(now=_DemoClock(on)), chance=luck)
    try:
        people, seeded = _people(office)
        demo = _Demo(office, people)
        demo.first_study()
        demo.second_study()
        demo.third_study()
        demo.declared_positions(folder / POSITIONS, on)
    finally:
        office.store.close()
    (folder / PEOPLE).write_bytes(people_csv(seeded))
    return seeded


def _people(office: Office) -> tuple[dict[str, Person], tuple[SeededPerson, ...]]:
    people: dict[str, Person] = {}
    seeded: list[SeededPerson] = []
    with office.act(OPERATOR, "demo") as act:
        for code, name in COMPANIES:
            add_company(act, code, name)
        for who, name, role, organisation in CAST:
            email = f"{who}@demo.example"
            people[who] = add_person(act, email=email, name=name, role=role, organisation=organisation, demo=True)
            token = new_token(act, email, _GOOD_FOR_DAYS)
            seeded.append(SeededPerson(email=email, name=name, role=role, organisation=organisation, token=token))
    return people, tuple(seeded)


def people_csv(seeded: tuple[SeededPerson, ...]) -> bytes:
    """The people with their tokens, as a table; the password is empty until there are accounts."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([[person.email, person.name, person.role, person.organisation, "", person.token] for person in seeded])
    return text.getvalue().encode("utf-8")


class _Demo:
    """Three studies, walked by the people of the demo."""

    def __init__(self, office: Office, people: dict[str, Person]) -> None:
        self.office, self.people = office, people

    def first_study(self) -> None:
        study, details = examples.study(), examples.details()
        review = self._agreed(study)
        iras_id = review.iras_id
        for site in ("RK9", "RTD", "RR8", "RM1", "R0A", "RGT"):
            self._with_details(iras_id, site, details.for_site(site))
            self._site(iras_id, site, "company", costing.lock)
        for site in ("RK9", "RTD", "RR8", "RM1", "R0A"):
            self._site(iras_id, site, "company", costing.share)
        for site in ("RK9", "RTD"):
            self._verified(iras_id, site)
            self._site(iras_id, site, f"site.{site.lower()}", costing.accept)
        with self._as("site.rm1") as act:
            reason = "The hourly rate of research nurses lies below ours"
            costing.refuse(act, iras_id, "RM1", self._revision(act, iras_id, "RM1"), reason_code="staff_rates", reason=reason)
        with self._as("site.r0a") as act:
            escalation = Escalation.model_validate({"omissions": [MISSING], "reason": "The protocol asks for it, the costing does not hold it"})
            escalating.escalate(act, iras_id, "R0A", self._revision(act, iras_id, "R0A"), escalation)
        with self._as("company") as act:
            found = costings.of_site(act.connection, iras_id, "RK9")
            assert found is not None  # it was shared a moment ago
            costing.contract(act, iras_id, "RK9", found.revision, signed_on=act.today, fingerprint=found.price.fingerprint, template="mCTA/sample-1")

    def _verified(self, iras_id: str, site: str) -> None:
        """The site has the contract it was sent verified before it accepts."""
        who = self.people[f"site.{site.lower()}"]
        with self.office.look(who) as act:
            content = site_contracts.site_contract(act, iras_id, site).content
        site_contracts.verified(self.office, who, "demo", content, iras_id, site)

    def second_study(self) -> None:
        study = _renamed(examples.study(), "1023456", "EX-204", "Long-term extension of the xanomeline patch study", "Example Pharma Ltd")
        review = self._submitted(study, "company")
        with self._as("reviewer") as act:
            review = reviewing.accept(act, review.iras_id, review.revision)
            line = study.arms[0].activities[0].id
            reviewing.add_query(act, review.iras_id, kind="query", line=line, text="Is the consultant needed for the whole of this?")
            reviewing.hand_back(act, review.iras_id, review.revision)

    def third_study(self) -> None:
        study = _renamed(examples.study(), "1034567", "OB-11", "A first study of another company", "Other Biotech plc")
        with self._as("rival") as act:
            reviewing.create_study(act, study)

    def declared_positions(self, file: Path, on: date) -> None:
        """Written as a file and imported from it, as a network would."""
        organisations = self.office.tariffs.organisations()
        definition = read_adherence_definitions().or_raise(TariffFileError).definition("declared-1")
        file.write_bytes(positions_csv(organisations, definition, on))
        with self._as("network") as act:
            record_positions(act, read_positions(file, organisations, on).or_raise(InputError))

    def _submitted(self, study: Study, who: str) -> ResourceReview:
        protocol = study.study.protocol
        assert protocol is not None  # the example has one
        with self._as(who) as act:
            review = reviewing.create_study(act, study)
            return reviewing.submit(act, review.iras_id, review.revision, protocol_version=protocol.version)

    def _agreed(self, study: Study) -> ResourceReview:
        review = self._submitted(study, "company")
        with self._as("reviewer") as act:
            review = reviewing.accept(act, review.iras_id, review.revision)
            review = reviewing.agree(act, review.iras_id, review.revision)
        with self._as("company") as act:
            return reviewing.agree(act, review.iras_id, review.revision)

    def _with_details(self, iras_id: str, site: str, details: SiteDetails) -> None:
        with self._as("company") as act:
            site_contracts.write_details(act, iras_id, site, details, 0)

    def _site(self, iras_id: str, site: str, who: str, move: Callable[[Act, str, str, int], object]) -> None:
        with self._as(who) as act:
            move(act, iras_id, site, self._revision(act, iras_id, site))

    def _revision(self, act: Act, iras_id: str, site: str) -> int:
        return costing.read_costing(act, iras_id, site, "sites.list").revision

    def _as(self, who: str) -> AbstractContextManager[Act]:
        return self.office.act(self.people[who], "demo")


def _renamed(study: Study, iras_id: str, number: str, title: str, sponsor: str) -> Study:
    """The example's schedule under another study's name, at its first four sites."""
    identity = study.study
    protocol = identity.protocol.model_copy(update={"number": number}) if identity.protocol is not None else None
    named = {"iras_id": iras_id, "cpms_id": None, "title": title, "short_title": title, "sponsor": sponsor, "protocol": protocol}
    return study.model_copy(update={"study": identity.model_copy(update=named), "sites": study.sites[:4]})
