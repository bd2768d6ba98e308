"""Filling contracts of a study: the prices on a day, the template in force, the details of each site; all sites or none."""

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from ncvr.domain.acceptance import AcceptanceWindow, lapse
from ncvr.domain.appendix import compose
from ncvr.domain.details import Details, SiteDetails
from ncvr.domain.price_record import prices_record
from ncvr.domain.site_price import SitePrice
from ncvr.domain.study import Study
from ncvr.errors import Finding, NcvrError, TemplateError
from ncvr.files.appendix_filler import TemplateFiller
from ncvr.files.receipt_files import receipt_record
from ncvr.files.template_registry import RegisteredTemplate, choose_template, read_acceptance, read_template
from ncvr.services.pricing import SOFTWARE, PricedSites, price_sites


def random_salt() -> str:
    """A salt nobody can guess, for one receipt."""
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteContract:
    """One finished contract: the Word file, its receipt, and the price it was filled from (an ncvr-prices/1 record)."""

    site: str
    name: str
    template: str
    content: bytes
    receipt: Mapping[str, Any]
    prices: Mapping[str, Any]
    price: SitePrice
    illustrative: bool
    certified: bool
    notices: tuple[Finding, ...] = ()

    def file_name(self, iras_id: str | None) -> str:
        """The name we choose: it says when the figures are not official, and when nothing can be certified."""
        mark = ("" if self.certified else "_UNCERTIFIED") + ("_ILLUSTRATIVE" if self.illustrative else "")
        return f"{iras_id}_{self.site}_{self.template.replace('/', '_')}{mark}.docx"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledContracts:
    contracts: tuple[SiteContract, ...]
    priced: PricedSites
    notices: tuple[Finding, ...]


def fill_contracts(
    study: Study,
    details: Details,
    *,
    template: str,
    templates: Path,
    tariffs: Path,
    on: date,
    sites: Sequence[str] | None = None,
    salt: Callable[[], str] = random_salt,
    uncertified: bool = False,
) -> FilledContracts:
    """Fill the contracts of the named sites, or of all of them. ``template`` is ``FAMILY`` or ``FAMILY/VERSION``.

    The template says what it needs: of study and details only that is asked for, and only for these sites.
    Raises the errors of pricing, TemplateError, or InputError with every missing or unfit value of every site.
    """
    priced = price_sites(study, tariffs, on, sites)
    return fill_priced(priced, details, template=template, templates=templates, salt=salt, uncertified=uncertified)


def fill_priced(
    priced: PricedSites, details: Details, *, template: str, templates: Path, salt: Callable[[], str] = random_salt, uncertified: bool = False
) -> FilledContracts:
    """Fill the contracts of sites that are priced already. Raises TemplateError or InputError with every finding of every site."""
    contracts = tuple(fill_one_by_one(priced, details, template=template, templates=templates, salt=salt, uncertified=uncertified))
    said = dict.fromkeys(notice for contract in contracts for notice in contract.notices)
    return FilledContracts(contracts=contracts, priced=priced, notices=(*priced.notices, *said))


def fill_one_by_one(
    priced: PricedSites, details: Details, *, template: str, templates: Path, salt: Callable[[], str] = random_salt, uncertified: bool = False
) -> Iterator[SiteContract]:
    """The contracts one after the other, so that no more than one is held at a time.

    Raises, after the last site, TemplateError or InputError with every finding of every site; whoever has taken some
    contracts by then throws them away, for it is all sites or none.
    """
    desk = _Desk(template=template, templates=templates, windows=read_acceptance(templates).or_raise(TemplateError), salt=salt, uncertified=uncertified)
    errors: list[NcvrError] = []
    for price in priced.prices:
        try:
            contract = desk.contract(priced, price, details.for_site(price.site.key))
        except NcvrError as error:
            errors.append(error)
            continue
        if not errors:
            yield contract
    if errors:
        raise type(errors[0]).of(dict.fromkeys(finding for error in errors for finding in error.findings))


@dataclass(slots=True, kw_only=True)
class _Desk:
    """What filling several sites shares: templates read once."""

    template: str
    templates: Path
    windows: tuple[AcceptanceWindow, ...]
    salt: Callable[[], str]
    uncertified: bool
    _fillers: dict[str, tuple[RegisteredTemplate, TemplateFiller]] = field(default_factory=dict)

    def contract(self, priced: PricedSites, price: SitePrice, details: SiteDetails) -> SiteContract:
        edition, dates = priced.costs.edition, details.dates
        chosen = choose_template(self.templates, self.template, dates.iras_submission, dates.contract)
        notices = list(chosen.notices)
        template, filler = self._filler(chosen.name)
        profile = template.profile
        illustrative = edition.status == "illustrative" or edition.lock == "unlocked"
        certified = self._certified(template, illustrative, price.site.key)
        lapsed = lapse(self.windows, profile.family, profile.version, dates.iras_submission, dates.contract)
        if lapsed:
            notices.append(Finding(price.site.key, lapsed, "Check the dates, or use the version accepted on them", "notice"))
        prices = prices_record(priced.costs, [price], on=priced.on, software=SOFTWARE)
        appendix = compose(price, details, priced_on=priced.on, fingerprint=prices["prices"][0]["fingerprint"])
        filled = filler.fill(appendix, price.site.key)
        days = {"iras_submission": dates.iras_submission, "contract": dates.contract}
        return SiteContract(
            site=price.site.key,
            name=price.name,
            template=chosen.name,
            content=filled.content,
            receipt=receipt_record(template, filled, prices, dates=days, salt=self.salt(), certified=certified),
            prices=prices,
            price=price,
            illustrative=illustrative,
            certified=certified,
            notices=tuple(notices),
        )

    def _filler(self, name: str) -> tuple[RegisteredTemplate, TemplateFiller]:
        if name not in self._fillers:
            template = read_template(self.templates, name).or_raise(TemplateError)
            self._fillers[name] = (template, TemplateFiller(template.parts, template.profile))
        return self._fillers[name]

    def _certified(self, template: RegisteredTemplate, illustrative: bool, site: str) -> bool:
        """Whether a receipt may stand for this contract; a sample makes no claim that could be wrong."""
        if template.profile.status == "sample":
            return True
        if illustrative and not self.uncertified:
            said = f"{template.name} is an official template, and the prices come from an illustrative or unlocked tariff edition"
            raise TemplateError(said, site, "Price from a checked and locked edition, or give --uncertified to write it all the same")
        return template.profile.status == "approved" and not illustrative
