"""What a contract needs and a price does not, ``ncvr-details/1``: parties, addresses, dates, choices, statements.

``common`` holds what all sites share; a site overrides it key by key. Nothing here moves a price.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from ncvr.domain.study import Count, Day, Id, Name, OdsCode, Pounds, Record, Study, Text
from ncvr.domain.written_values import ods_code
from ncvr.errors import Finding

FORMAT: Literal["ncvr-details/1"] = "ncvr-details/1"

Section = TypeVar("Section", bound=BaseModel)
_NEVER = re.compile(r"\b(discount|rebate|uplift|adjustment)s?\b", re.IGNORECASE)


def _not_a_price_change(text: str) -> str:
    if found := _NEVER.search(text):
        raise ValueError(f"{found[0]!r} would change a price, and nobody edits a price; describe a cost that is passed on, or leave it out")
    return text


CostName = Annotated[Name, AfterValidator(_not_a_price_change)]
ChoiceName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
VatTreatment = Literal["standard", "exempt", "outside scope", "reverse charge", "to be confirmed"]


class Party(Record):
    """A company that signs or stands behind the agreement."""

    legal_name: Text | None = None
    number: Text | None = None  # registered company number
    address: Text | None = None
    signing_party: Text | None = None  # name and position of the person who signs


class SiteIdentity(Record):
    """Defaults come from the list of organisations."""

    legal_name: Text | None = None
    address: Text | None = None
    nation: Text | None = None
    signing_party: Text | None = None


class NoticeAddress(Record):
    contact: Text | None = None
    address: Text | None = None
    email: Text | None = None


class Notices(Record):
    sponsor: NoticeAddress = NoticeAddress()
    site: NoticeAddress = NoticeAddress()


class Dates(Record):
    iras_submission: Day | None = None
    contract: Day | None = None  # the day the agreement is expected to be made
    archiving_years: Count | None = None


class ScreenFailure(Record):
    """``all``: every screen failure is paid; ``rule``: those the stated rule allows."""

    pay: Literal["all", "rule"]
    rule: Text | None = None


class Cost(Record):
    """Money passed on at cost that the study file does not already list."""

    id: Id
    name: CostName
    basis: Annotated[Text, AfterValidator(_not_a_price_change)] = ""
    cap: Pounds | None = None
    per: Text = ""


class ExpenseCap(Record):
    """This site's cap for an expense that the study file lists; never an id of its own."""

    cap: Pounds
    per: Text = ""


class Archiving(Record):
    """Who keeps the site's records, where, and the storage cost passed on (never a price)."""

    location: Text | None = None
    cost: Pounds | None = None
    per: Text | None = None


class Invoicing(Record):
    frequency: Text | None = None
    recipient: Text | None = None
    reference: Text | None = None


class Bank(Record):
    account_name: Text | None = None
    sort_code: Annotated[str, Field(pattern=r"^[0-9]{2}-[0-9]{2}-[0-9]{2}$")] | None = None
    account_number: Annotated[str, Field(pattern=r"^[0-9]{8}$")] | None = None


class Vat(Record):
    """How VAT is treated, as a statement; it is in no price and in no total."""

    treatment: VatTreatment
    note: Text = ""


class SiteDetails(Record):
    """All keys may be missing; the template says which it needs."""

    sponsor: Party = Party()
    cro: Party | None = None
    legal_representative: Party | None = None
    site: SiteIdentity = SiteIdentity()
    principal_investigator: Text | None = None
    notices: Notices = Notices()
    target_participants: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    dates: Dates = Dates()
    recitals: list[Name] | None = None
    choices: dict[ChoiceName, Text] = Field(default_factory=dict)
    conditions: dict[ChoiceName, bool] = Field(default_factory=dict)
    screen_failure: ScreenFailure | None = None
    expense_caps: dict[Id, ExpenseCap] = Field(default_factory=dict)
    participant_payments: list[Cost] = Field(default_factory=list)
    out_of_hours: list[Cost] = Field(default_factory=list)
    site_supplied_drug: list[Cost] = Field(default_factory=list)
    other_pass_through: list[Cost] = Field(default_factory=list)
    archiving: Archiving = Archiving()
    invoicing: Invoicing = Invoicing()
    bank: Bank = Bank()
    vat: Vat | None = None

    @property
    def costs(self) -> Iterator[tuple[str, Cost]]:
        """Every cost passed on, with the words for its kind, in the order a contract lists them."""
        for words, listed in (
            ("Participant payment", self.participant_payments),
            ("Out of hours", self.out_of_hours),
            ("Site-supplied drug", self.site_supplied_drug),
            ("Other", self.other_pass_through),
        ):
            yield from ((words, cost) for cost in listed)


class Details(Record):
    """A details file. ``help`` says what its keys are for, and is read by people only."""

    model_config = ConfigDict(json_schema_extra={"required": ["format"]})

    format: Literal["ncvr-details/1"] = FORMAT
    help: dict[str, Text] = Field(default_factory=dict)
    common: SiteDetails = SiteDetails()
    sites: dict[OdsCode, SiteDetails] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _each_site_once(cls, record: Any) -> Any:
        """``rgt`` and ``RGT`` are one site; of two entries one would silently win."""
        sites = record.get("sites") if isinstance(record, dict) else None
        codes = [ods_code(key) for key in sites] if isinstance(sites, dict) else []
        if twice := sorted({str(code) for code in codes if codes.count(code) > 1}):
            raise ValueError(f"{', '.join(twice)} stands more than once in sites; Keep one entry")
        return record

    def for_site(self, key: str) -> SiteDetails:
        """What holds for one site: its own values, and the common ones for what it does not say."""
        return merged(self.common, self.sites[key]) if key in self.sites else self.common


def merged(common: Section, own: Section) -> Section:
    """``own`` over ``common``, key by key; a list that is given replaces the common one, and null says nothing."""
    told = {name: value for name in own.model_fields_set if (value := getattr(own, name)) is not None}
    return common.model_copy(update={name: _merged(getattr(common, name), value) for name, value in told.items()})


def _merged(common: Any, own: Any) -> Any:
    if isinstance(common, BaseModel) and isinstance(own, BaseModel):
        return merged(common, own)
    return {**common, **own} if isinstance(common, dict) and isinstance(own, dict) else own


def check_details(details: Details, study: Study) -> list[Finding]:
    """Costs whose id the study or the details already use, caps for an expense that is not there, sites not in the study."""
    taken = _study_ids(study)
    expenses = {entry.id for entry in study.pass_through}
    findings = [Finding(f"sites.{key}", "this site is not in the study", "Correct the code, or remove it") for key in details.sites if study.site(key) is None]
    for place, own, site in _merged_sites(details):
        findings += _repeated_ids(place, site, taken)
        for key in own.expense_caps:
            if key not in expenses:
                findings.append(
                    Finding(f"{place}.expense_caps.{key}", "the study lists no such expense", "Use the id of a pass-through entry of the study file")
                )
        if site.screen_failure is not None and (site.screen_failure.pay == "rule") != bool(site.screen_failure.rule):
            findings.append(Finding(f"{place}.screen_failure", "a rule goes with pay: rule, and only with it", "Write the rule, or choose all"))
    return list(dict.fromkeys(findings))


def _study_ids(study: Study) -> set[str]:
    work = [activity.id for arm in study.arms for activity in arm.activities]
    return {*work, *(entry.id for group in (study.unscheduled, study.setup_and_closedown, study.pass_through) for entry in group)}


def _merged_sites(details: Details) -> Iterable[tuple[str, SiteDetails, SiteDetails]]:
    yield "common", details.common, details.common
    for key, own in details.sites.items():
        yield f"sites.{key}", own, details.for_site(key)


def _repeated_ids(place: str, site: SiteDetails, taken: set[str]) -> Iterator[Finding]:
    seen = set(taken)
    for _, cost in site.costs:
        if cost.id in seen:
            yield Finding(f"{place}: {cost.id}", f"the id {cost.id!r} is already used", "Give this cost an id that neither the study nor the details use")
        seen.add(cost.id)
