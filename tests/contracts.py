"""A small study, its price and its details, ready for the sample agreement; and appendices of any size."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from ncvr.domain.appendix import FinancialAppendix, compose
from ncvr.domain.appendix_rows import ArmSchedule
from ncvr.domain.details import Details, SiteDetails
from ncvr.domain.price_record import prices_record
from ncvr.domain.site_price import SitePrice
from ncvr.files.appendix_filler import FilledContract, TemplateFiller
from ncvr.files.docx_package import read_package
from ncvr.files.docx_words import W
from ncvr.files.template_registry import RegisteredTemplate, read_template
from ncvr.money import shown
from tests import editions

ROOT = Path(__file__).parent.parent
TEMPLATES = ROOT / "contract_templates"
SAMPLE = "mCTA/sample-1"
ON = date(2026, 6, 1)

STUDY: dict[str, Any] = {
    "state": "agreed",
    "study": {
        "iras_id": "1004567",
        "cpms_id": "54321",
        "title": "A trial of one thing against another",
        "short_title": "ONE",
        "sponsor": "Example Pharma Ltd",
        "phase": "III",
        "protocol": {"number": "EX-1", "version": "2.0", "date": "2026-01-15"},
    },
    "lead_site": "RGT",
    "sites": [{"ods_code": "RGT", "principal_investigator": "Dr Ada Example", "target_participants": 12}, {"ods_code": "RP4", "target_participants": 3}],
    "arms": [
        {
            "id": "A",
            "name": "Active",
            "visits": [
                {"id": "V1", "name": "Screening", "window": "Day -14 to -1", "screening": True},
                {"id": "C", "name": "Cycle day 1", "repeat": {"until": "progression", "expected": 6}},
                {"id": "ET", "name": "Early termination", "kind": "conditional", "when": "participant stops early"},
            ],
            "activities": [
                {"id": "A01", "name": "Consent", "payment": "visit", "resources": [{"role": "consultant", "minutes": 20}], "occurrences": {"V1": 1, "C": 2}},
                {"id": "A03", "name": "ECG", "payment": "item", "when": "asked for", "max": 4, "resources": [{"item": "ECG"}], "occurrences": {"V1": 1}},
            ],
        },
        {"id": "B", "name": "Observation", "visits": [{"id": "V1", "name": "Only visit"}], "activities": []},
    ],
    "unscheduled": [{"id": "U01", "name": "Unscheduled ECG", "when": "clinically indicated", "resources": [{"item": "ECG"}]}],
    "setup_and_closedown": [
        {"id": "S01", "name": "R&D set-up", "department": "R&D", "trigger": "capacity confirmed", "resources": [{"role": "consultant", "minutes": 600}]}
    ],
    "pass_through": [{"id": "P01", "name": "Participant travel", "basis": "receipts", "cap": "35.00", "per": "visit"}],
}

DETAILS: dict[str, Any] = {
    "sponsor": {
        "legal_name": "Smith & Nephew <UK> Ltd",
        "number": "01234567",
        "address": "1 Example Way, Cambridge",
        "signing_party": "Rosalind Hart, Director",
    },
    "site": {"address": "Hills Road, Cambridge", "signing_party": "Head of Research"},
    "principal_investigator": "Dr Ada Example",
    "notices": {
        "sponsor": {"contact": "Contracts", "address": "1 Example Way\nCambridge", "email": "contracts@example.com"},
        "site": {"contact": "R&D Office", "address": "Hills Road\nCambridge", "email": "rd@example.org"},
    },
    "dates": {"iras_submission": "2026-05-01", "contract": "2026-07-01", "archiving_years": 25},
    "choices": {"archiving_party": "site"},
    "screen_failure": {"pay": "all"},
    "archiving": {"location": "the Site’s own archive", "cost": "450.00", "per": "box"},
    "invoicing": {"frequency": "quarterly", "recipient": "Accounts", "reference": "EX-1"},
    "bank": {"account_name": "Cambridge Trust", "sort_code": "12-34-56", "account_number": "12345678"},
    "vat": {"treatment": "standard"},
}


@cache
def sample() -> RegisteredTemplate:
    """The sample agreement as registered."""
    template = read_template(TEMPLATES, SAMPLE)
    assert template.value is not None, template.findings
    return template.value


@cache
def sample_filler() -> TemplateFiller:
    """One filler for many tests: what it prepares for one contract must not show in another."""
    return filler(sample())


def filler(template: RegisteredTemplate) -> TemplateFiller:
    return TemplateFiller(template.parts, template.profile)


def site_price(study: Mapping[str, Any] | None = None, site: str = "RGT", **tariff: Any) -> SitePrice:
    """The price of one site of the study under a small tariff."""
    usual: dict[str, Any] = {"staff": {"consultant": "100.00"}, "items": {"ECG": ("53.00", "investigation")}, "multipliers": {"RGT": "1.08", "RP4": "1.2"}}
    return editions.site_price(editions.study(study or STUDY), editions.edition(**usual | tariff), site)


def details(**changes: Any) -> SiteDetails:
    """The details with some sections replaced."""
    return Details.model_validate({"common": DETAILS | changes}).common


def prices(price: SitePrice) -> dict[str, Any]:
    return prices_record(price.costs, [price], on=ON, software="ncvr test")


def appendix(price: SitePrice, told: SiteDetails) -> FinancialAppendix:
    return compose(price, told, priced_on=ON, fingerprint=prices(price)["prices"][0]["fingerprint"])


def with_visits(given: FinancialAppendix, rows: int) -> FinancialAppendix:
    """The appendix with one arm of so many visits."""
    visits = tuple(
        {"ref": f"A/V{n}", "visit": f"Visit {n} & more", "window": f"Day {n}", "paid": "Once per participant", "price": shown(100 * n + 50)}
        for n in range(rows)
    )
    arm = given.arms[0]
    return replace(given, arms=(ArmSchedule(facts=arm.facts, tables={**arm.tables, "arm.visits": visits}),))


def shown_text(contract: FilledContract | bytes) -> str:
    """All text of the main part and the footers of a contract, paragraph by paragraph; the test's own reading of the XML."""
    from lxml import etree

    content = contract if isinstance(contract, bytes) else contract.content
    package = read_package(content)
    lines = []
    for name in ["word/document.xml", *(name for name in package.members if name.startswith("word/footer"))]:
        for paragraph in etree.fromstring(package.content(name)).iter(W + "p"):
            lines.append("".join(each.text or "" if each.tag == W + "t" else "\n" for each in paragraph.iter(W + "t", W + "br")))
    return "\n".join(lines)
