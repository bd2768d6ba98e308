"""What the API answers in general, as JSON values with a schema each: pages, reference data, the ledger."""

from datetime import date
from typing import Any, Generic, TypeVar

from typing_extensions import TypedDict

from ncvr.domain.ledger import Head
from ncvr.domain.tariff import Organisation, TariffEdition
from ncvr.services.record_keeping import LedgerChecked
from ncvr.store.people import Company

Item = TypeVar("Item")


class Page(TypedDict, Generic[Item]):
    """``next`` is the cursor of the next page, or null on the last."""

    items: list[Item]
    next: str | None


class EditionRecord(TypedDict):
    edition: str
    title: str
    status: str
    published_on: str
    in_force_from: str
    in_force_until: str | None
    in_force_today: bool
    lock: str
    sha256: str


class OrganisationRecord(TypedDict):
    ods_code: str
    name: str
    nation: str
    type: str
    status: str
    close_date: str | None
    successor: str


class CompanyRecord(TypedDict):
    code: str
    name: str
    group: str | None


class HeadRecord(TypedDict):
    """The newest entry of the ledger: print it, and nobody can cut the tail unseen."""

    number: int
    hash: str
    at: str


class LedgerRecord(TypedDict):
    says: str
    head: HeadRecord
    anchors: int
    findings: list[dict[str, str]]


class RepricedRecord(TypedDict):
    """Sites re-priced, and sites that wait to be reassigned or for a multiplier."""

    edition: str
    repriced: list[dict[str, str]]
    left: list[dict[str, str]]


def day_text(day: date | None) -> str | None:
    """ISO, or null."""
    return None if day is None else day.isoformat()


def edition_record(edition: TariffEdition, until: Any, in_force: bool) -> EditionRecord:
    return EditionRecord(
        edition=edition.edition,
        title=edition.title,
        status=edition.status,
        published_on=edition.published_on.isoformat(),
        in_force_from=edition.in_force_from.isoformat(),
        in_force_until=day_text(until),
        in_force_today=in_force,
        lock=edition.lock,
        sha256=edition.sha256,
    )


def organisation_record(listed: Organisation) -> OrganisationRecord:
    return OrganisationRecord(
        ods_code=listed.ods_code,
        name=listed.name,
        nation=listed.nation,
        type=listed.type,
        status=listed.status,
        close_date=day_text(listed.close_date),
        successor=listed.successor,
    )


def company_record(company: Company) -> CompanyRecord:
    return CompanyRecord(code=company.code, name=company.name, group=company.group)


def head_record(head: Head) -> HeadRecord:
    return HeadRecord(number=head.number, hash=head.hash, at=head.at)


def ledger_record(checked: LedgerChecked) -> LedgerRecord:
    findings = [{"place": found.place, "problem": found.problem, "remedy": found.remedy} for found in checked.findings]
    return LedgerRecord(says=checked.says, head=head_record(checked.head), anchors=checked.anchors, findings=findings)
