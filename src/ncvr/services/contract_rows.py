"""What the index of a set of contracts says of each: its site and price, its verdict, what is still blank and who signs."""

from collections.abc import Iterator

from ncvr.domain.details import SiteDetails
from ncvr.domain.projection import project
from ncvr.domain.verdict import Verdict
from ncvr.files.contract_index import IndexRow
from ncvr.files.template_registry import RegisteredTemplate
from ncvr.money import as_written, pounds
from ncvr.services.contracting import SiteContract


def index_row(contract: SiteContract, verdict: Verdict, template: RegisteredTemplate, details: SiteDetails, folder: str, name: str) -> IndexRow:
    """What the index says of a contract, its verdict, and who signs it."""
    price, projection, edition = contract.price, project(contract.price), contract.price.costs.edition
    standing = ["illustrative"] * contract.illustrative + ["uncertified"] * (not contract.certified)
    return IndexRow(
        folder=folder,
        contract=name,
        iras_id=str(price.costs.study.study.iras_id),
        version=price.costs.study.version,
        site=contract.site,
        name=contract.name,
        multiplier=as_written(price.multiplier.value),
        totals={arm.id: pounds(price.per_participant(arm), price.places) for arm in price.arms},
        participants="" if projection.participants is None else str(projection.participants),
        projected="" if projection.total is None else pounds(projection.total, price.places),
        fingerprint=contract.prices["prices"][0]["fingerprint"],
        template=contract.template,
        template_status=template.profile.status,
        edition=edition.edition,
        edition_status=f"{edition.status}, {edition.lock}",
        standing=", ".join(standing),
        verdict=verdict.verdict,
        receipt=verdict.receipt,
        blank=_blank(verdict, template),
        signs=tuple(_signatories(details)),
    )


def _blank(verdict: Verdict, template: RegisteredTemplate) -> tuple[str, ...]:
    """What the contract itself still shows as a blank line, by its name for people."""
    prompts = {each.name: each.prompt for each in template.profile.fields if each.may_stay_blank}
    return tuple(dict.fromkeys(value.title for value in verdict.values_found if prompts.get(value.name) == value.value))


def _signatories(details: SiteDetails) -> Iterator[str]:
    parties = [("Sponsor", details.sponsor), ("CRO", details.cro), ("Legal representative", details.legal_representative)]
    named = [(role, party.signing_party) for role, party in parties if party is not None] + [("Site", details.site.signing_party)]
    yield from (f"{role}: {' '.join(person.split())}" for role, person in named if person)
