"""People, companies and bearer tokens: added at the command line, recognised at the one door."""

import hashlib
from datetime import timedelta

from ncvr.domain.ledger import Change, instant
from ncvr.domain.people import Person, Role
from ncvr.domain.signing_in import Scope
from ncvr.domain.tariff import near
from ncvr.errors import InputError
from ncvr.services.office import Act, Office
from ncvr.store import people
from ncvr.store.people import Company

# Who acts when the command line does: whoever may use it on the machine of the service.
OPERATOR = Person(actor="operator", role="national_administrator", organisation="")
_PREFIX = "ncvr_"
_LONGEST_ADDRESS = 254  # as RFC 5321 has it
_NATIONAL: tuple[Role, ...] = ("network_coordinator", "national_administrator", "auditor")


def add_company(act: Act, code: str, name: str, group: str | None = None) -> Company:
    """Register a sponsor or CRO under a code of its own. Raises InputError if the code is taken, also by a trust."""
    if people.company(act.connection, code) is not None or code in act.office.tariffs.organisations():
        raise InputError(f"the code {code} is taken", "organisation", "Choose another code for this company")
    company = Company(code=code, name=name, group=group)
    people.add_company(act.connection, company)
    act.record(Change(operation="company.add", object=f"company/{code}", field="group", new=group))
    return company


def add_person(act: Act, *, email: str, name: str, role: Role, organisation: str, demo: bool = False) -> Person:
    """Add a person in one role at one organisation. Raises InputError for an e-mail address or organisation that will not do."""
    _check_address(email)
    if people.person_by_email(act.connection, email) is not None:
        remedy = "One address is one person, in capitals or not; give the other role to another address"
        raise InputError(f"{email} is known already", "email", remedy)
    _check_organisation(act, role, organisation)
    person = Person(actor=f"p-{act.identifier()}", role=role, organisation=organisation)
    people.add_person(act.connection, person, email=email, name=name, demo=demo, at=act.now)
    act.record(Change(operation="person.add", object=f"person/{person.actor}", field=role, new=organisation))
    return person


def _check_address(email: str) -> None:
    """Whether mail could be sent there at all; a mistyped address would be somebody whom nobody finds again."""
    local, _, domain = email.partition("@")
    if not local or not domain or "@" in domain or " " in email or not email.isprintable() or len(email) > _LONGEST_ADDRESS:
        remedy = f"Write it as name@example.org: one @, no spaces or control characters, at most {_LONGEST_ADDRESS} characters"
        raise InputError(f"{email[:_LONGEST_ADDRESS]!r} is not an e-mail address", "email", remedy)


def _check_organisation(act: Act, role: Role, organisation: str) -> None:
    if role == "company_representative":
        companies = [company.code for company in people.all_companies(act.connection)]
        if organisation not in companies:
            raise InputError(f"there is no company {organisation!r} here{near(organisation, companies)}", "--organisation", "Register it with --company NAME")
    if role in ("study_resource_reviewer", "site_representative"):
        known = act.office.tariffs.organisations()
        if organisation not in known:
            raise InputError(f"{organisation!r} is not in the list of organisations{near(organisation, known)}", "--organisation", "Use a code from the list")
    if role in _NATIONAL and organisation:
        raise InputError(f"a person in the role {role} has no organisation", "--organisation", "Leave it out, or choose the role of a trust or company")


def new_token(act: Act, email: str, days: int, *, scope: Scope = "act", name: str = "") -> str:
    """A bearer token for this person, shown once: only its hash is kept. One of scope ``read`` changes nothing.

    Raises InputError for an unknown address.
    """
    person = people.person_by_email(act.connection, email)
    if person is None:
        raise InputError(f"nobody has the address {email}", "email", "Add the person first: ncvr user add")
    token = _PREFIX + act.office.chance.octets(32).hex()
    expires = instant(act.office.clock.now() + timedelta(days=days))
    people.add_token(act.connection, _sha256(token), actor=person.actor, at=act.now, expires_at=expires, scope=scope, name=name)
    act.record(Change(operation="token.new", object=f"person/{person.actor}", field="token", new=f"to {scope} until {expires}"))
    return token


def revoke_tokens(act: Act, email: str) -> int:
    """End every token of a person at once; returns how many there were."""
    person = people.person_by_email(act.connection, email)
    if person is None:
        raise InputError(f"nobody has the address {email}", "email", "Check the address")
    count = people.revoke_tokens(act.connection, person.actor, act.now)
    act.record(Change(operation="token.revoke", object=f"person/{person.actor}", field="tokens", old=str(count), new="0"))
    return count


def bearer(office: Office, token: str) -> Person | None:
    """Whose token this is now; None for an unknown, ended or revoked one."""
    with office.store.reading() as connection:
        return people.person_by_token(connection, _sha256(token), instant(office.clock.now()))


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8")).hexdigest()
