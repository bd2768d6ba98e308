"""An office for tests: a clock that is set by hand, ids and salts that count, two tariff editions, a few trusts, and people."""

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ncvr.domain.people import Person, Role
from ncvr.domain.study import Study
from ncvr.services.identity import OPERATOR, add_company, add_person, new_token
from ncvr.services.office import Act, Chance, Clock, Office
from ncvr.services.tariff_shelf import TariffShelf
from ncvr.store.connections import Store, open_store
from tests.databases import Database
from tests.editions import study
from tests.tiny_editions import MULTIPLIERS, ORGANISATIONS, write_organisations, write_tiny_edition

CLOSED = ("RXX", "ods", "Closed trust", "England", "acute - teaching", "London", "closed", "1993-04-01", "2026-06-30", "RGT", "made up")
MORE = ("RK9", "ods", "Plymouth", "England", "acute - teaching", "South West", "open", "1993-04-01", "", "", "made up")
FACTORS = [*MULTIPLIERS, ("RK9", "Plymouth", "England", "1.02", "made_up", "made up"), ("RXX", "Closed trust", "England", "1.10", "made_up", "made up")]
LATER = [(code, name, nation, str(value), basis, source) for code, name, nation, value, basis, source in FACTORS]
IRAS = "1004567"


@dataclass
class HandClock:
    """Moves on by a thousandth of a second at every look, and further when told to."""

    moment: datetime = datetime(2026, 5, 4, 9, tzinfo=UTC)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self) -> datetime:
        with self.lock:
            self.moment += timedelta(milliseconds=1)
            return self.moment

    def set(self, day: str) -> None:
        self.moment = datetime.fromisoformat(f"{day}T09:00:00+00:00")


def counted(first: int = 1) -> Chance:
    """Ids and salts that count, the same in every run."""
    ids, salts = itertools.count(first), itertools.count(first)
    return Chance(identifier=lambda: f"{next(ids):06d}", octets=lambda size: next(salts).to_bytes(size, "big"))


@dataclass
class Town:
    """An office with its clock, and one person of every kind."""

    office: Office
    clock: HandClock
    people: dict[str, Person]
    tokens: dict[str, str]

    @contextmanager
    def act(self, who: str) -> Iterator[Act]:
        with self.office.act(self.people[who], f"request-{who}") as act:
            yield act

    @property
    def store(self) -> Store:
        return self.office.store


# Two companies, a CRO, the lead site's reviewer, three sites, and those around them.
CAST: dict[str, tuple[Role, str]] = {
    "company": ("company_representative", "ACME"),
    "rival": ("company_representative", "RIVAL"),
    "cro": ("company_representative", "CRO"),
    "reviewer": ("study_resource_reviewer", "RGT"),
    "other_reviewer": ("study_resource_reviewer", "RA9"),
    "site_rgt": ("site_representative", "RGT"),
    "site_ra9": ("site_representative", "RA9"),
    "site_rk9": ("site_representative", "RK9"),
    "network": ("network_coordinator", ""),
    "national": ("national_administrator", ""),
    "auditor": ("auditor", ""),
}


def write_tariffs(folder: Path) -> Path:
    """Two editions, of April 2026 and October 2026, whose rates and multipliers differ."""
    write_tiny_edition(folder, "2026-04-01-tiny", files={"site_multipliers": FACTORS})
    rates = [("consultant", "Consultant", "104.00", "made up"), ("research_nurse", "Research nurse", "42.10", "made up")]
    later = [row if row[0] != "RA9" else (*row[:3], "1.01", *row[4:]) for row in LATER]
    write_tiny_edition(folder, "2026-10-01-tiny", files={"site_multipliers": later, "staff_rates": rates})
    write_organisations(folder, [*ORGANISATIONS, CLOSED, MORE])
    return folder


def town(database: Database, folder: Path, *, templates: Path | None = None, clock: HandClock | None = None) -> Town:
    """An office on this database, peopled."""
    clock = clock or HandClock()
    office = Office(
        store=open_store(database.url),
        tariffs=TariffShelf(write_tariffs(folder / "tariffs")),
        templates=templates or folder / "templates",
        clock=Clock(now=clock),
        chance=counted(),
    )
    people: dict[str, Person] = {}
    tokens: dict[str, str] = {}
    with office.act(OPERATOR, "made for tests") as act:
        for code, name in (("ACME", "Acme Pharma"), ("RIVAL", "Rival Pharma"), ("CRO", "Contract Research")):
            add_company(act, code, name)
        for who, (role, organisation) in CAST.items():
            email = f"{who}@example.org"
            people[who] = add_person(act, email=email, name=who, role=role, organisation=organisation)
            tokens[who] = new_token(act, email, 365)
    return Town(office, clock, people, tokens)


def small_study(iras_id: str = IRAS, **known: Any) -> Study:
    return study(study_file(iras_id, **known))


def study_file(iras_id: str = IRAS, **known: Any) -> dict[str, Any]:
    """A complete study in the file's words: two visits, one item, set-up, three sites."""
    consent = {"id": "A01", "name": "Consent", "payment": "visit", "resources": [{"role": "consultant", "minutes": 20}], "occurrences": {"V1": 1}}
    bloods = {"id": "A02", "name": "Nursing", "payment": "visit", "resources": [{"role": "research_nurse", "minutes": 45}], "occurrences": {"V1": 1, "V2": 2}}
    ecg = {"id": "A03", "name": "ECG", "payment": "item", "when": "asked for", "resources": [{"item": "ECG"}], "occurrences": {"V1": 1}}
    visits = [{"id": "V1", "name": "Screening", "screening": True}, {"id": "V2", "name": "Week 4"}]
    record: dict[str, Any] = {
        "format": "ncvr-study/1",
        "version": 1,
        "state": "draft",
        "study": {
            "iras_id": iras_id,
            "title": "A trial of something",
            "sponsor": "Acme Pharma",
            "phase": "III",
            "protocol": {"number": "EX-1", "version": "2.0", "date": "2026-01-15"},
        },
        "lead_site": "RGT",
        "sites": [{"ods_code": code, "principal_investigator": "Dr Example", "target_participants": 10} for code in ("RGT", "RA9", "RK9")],
        "arms": [{"id": "A", "name": "Active", "visits": visits, "activities": [consent, bloods, ecg]}],
        "unscheduled": [],
        "setup_and_closedown": [{"id": "S01", "name": "Set-up", "trigger": "opening", "resources": [{"role": "research_nurse", "minutes": 120}]}],
        "pass_through": [{"id": "P01", "name": "Travel", "cap": "35.00"}],
    }
    return record | known
