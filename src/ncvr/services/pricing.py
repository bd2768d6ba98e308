"""Pricing a study's sites on a day: reads the tariff in force, refuses what cannot be priced, says what deserves notice."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from ncvr import __version__
from ncvr.domain.pricing import NationalCosts, national_costs
from ncvr.domain.site_price import SitePrice, price_site
from ncvr.domain.study import Site, Study
from ncvr.domain.study_checks import Use, check_use
from ncvr.domain.tariff import Organisation, TariffEdition, near, organisation
from ncvr.errors import Finding, InputError, NcvrError, NoSiteMultiplier, StudyError, TariffFileError
from ncvr.files.tariff_files import read_edition_in_force, read_organisations

SOFTWARE = f"ncvr {__version__}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedSites:
    """A study's national costs and the prices of the sites asked for, priced on ``on``."""

    costs: NationalCosts
    prices: tuple[SitePrice, ...]
    on: date
    notices: tuple[Finding, ...]


def price_sites(study: Study, tariffs: Path, on: date, sites: Sequence[str] | None = None) -> PricedSites:
    """Price the named sites of a study, or all of them.

    Raises InputError, StudyError, NoTariffInForce, NoSiteMultiplier or TariffFileError with every finding; all sites are
    priced or none.
    """
    edition = read_edition_in_force(tariffs, on).or_raise(TariffFileError)
    organisations = read_organisations(tariffs).or_raise(TariffFileError)
    return price_from(study, edition, organisations, on, sites)


def price_from(study: Study, edition: TariffEdition, organisations: Mapping[str, Organisation], on: date, sites: Sequence[str] | None = None) -> PricedSites:
    """Price the named sites of a study, or all of them, from an edition and a list of organisations already read."""
    chosen = list(study.sites) if sites is None else chosen_sites(study, sites)
    if not chosen:
        raise StudyError("the study lists no site", "sites", "Add the participating organisations to the study file")
    of_study = [finding for finding in check_use(study, "price", edition) if finding.level == "error"]
    of_sites = site_problems(chosen, edition, organisations, on)
    if of_study or of_sites:
        kind = StudyError if of_study else type(of_sites[0])
        raise kind.of([*of_study, *(finding for problem in of_sites for finding in problem.findings)])
    costs = national_costs(study, edition)
    prices = tuple(price_site(costs, site, organisations[site.ods_code].name, edition.multiplier(site.ods_code)) for site in chosen)
    return PricedSites(costs=costs, prices=prices, on=on, notices=tuple(_notices(chosen, organisations)))


def chosen_sites(study: Study, keys: Sequence[str]) -> list[Site]:
    """The study's sites with these codes or ids, each once. Raises InputError naming every one that is not in the study."""
    sites, findings = [], []
    for key in dict.fromkeys(key.strip() for key in keys):
        found = study.sites_named(key)
        sites += found
        if len(found) != 1:
            findings.append(_not_one_site(study, key, found))
    if findings:
        raise InputError.of(findings)
    return sites


def _not_one_site(study: Study, key: str, found: Sequence[Site]) -> Finding:
    if found:
        ids = ", ".join(site.key for site in found)
        return Finding(f"site {key}", f"{key!r} takes part in this study {len(found)} times", f"Name one of them by its id: {ids}")
    known = [site.key for site in study.sites]
    return Finding(
        f"site {key}", f"{key!r} is not a site of this study{near(key.upper(), known)}", f"Add it to the study's sites, or choose one of: {', '.join(known)}"
    )


def check_readiness(study: Study, use: Use, tariffs: Path, templates: Path, on: date) -> list[Finding]:
    """What a study still needs for a use on a day, its sites included: unknown, closed or without a multiplier.

    Raises NoTariffInForce or TariffFileError where there is no tariff to check against.
    """
    if use == "read":
        return check_use(study, use)
    edition = read_edition_in_force(tariffs, on).or_raise(TariffFileError)
    organisations = read_organisations(tariffs).or_raise(TariffFileError)
    findings = check_use(study, use, edition)
    if use != "price" and study.lead_site is not None and study.lead_site not in organisations:
        said = f"{study.lead_site!r} is not in the list of organisations{near(study.lead_site, organisations)}"
        findings.append(Finding("lead_site", said, "Use a code from organisations.csv"))
    findings += _unknown_agreements(study, templates) if use == "contract" else ()
    return [*findings, *(finding for problem in site_problems(study.sites, edition, organisations, on) for finding in problem.findings)]


def _unknown_agreements(study: Study, templates: Path) -> Iterator[Finding]:
    """Model agreements that no acceptance window and no template of the folder knows."""
    from ncvr.files.template_registry import read_acceptance, template_names  # only for contracts: it can read Word files

    known = {window.family for window in read_acceptance(templates).value or ()} | {name.partition("/")[0] for name in template_names(templates)}
    asked = [("study, agreement", study.study.agreement), *((f"site {site.key}, agreement", site.agreement) for site in study.sites)]
    for place, family in asked:
        if family is not None and family not in known:
            yield Finding(place, f"there is no model agreement {family!r}{near(family, known)}", f"Use one of: {', '.join(sorted(known))}")


def site_problems(sites: Sequence[Site], edition: TariffEdition, organisations: Mapping[str, Organisation], on: date) -> list[NcvrError]:
    """Why sites cannot be priced, one error a site, each placed at its site."""
    problems: list[NcvrError] = []
    for site in sites:
        try:
            _refuse_unpriceable(site, edition, organisations, on)
        except NcvrError as problem:
            problems.append(type(problem).of([replace(finding, place=f"site {site.key}") for finding in problem.findings]))
    return problems


def _refuse_unpriceable(site: Site, edition: TariffEdition, organisations: Mapping[str, Organisation], on: date) -> None:
    listed = organisation(organisations, site.ods_code)
    if listed.close_date is not None and on > listed.close_date:
        successor = f"; its successor is {listed.successor}" if listed.successor else "; no successor is on record"
        raise NoSiteMultiplier(
            f"{listed.name} ({site.ods_code}) closed on {listed.close_date}{successor}",
            f"site {site.key}",
            "Price the organisation that is open on the pricing date",
        )
    if listed.open_date is not None and on < listed.open_date:
        raise NoSiteMultiplier(f"{listed.name} ({site.ods_code}) opens only on {listed.open_date}", f"site {site.key}", "Choose a later pricing date")
    edition.multiplier(site.ods_code)


def _notices(sites: Sequence[Site], organisations: Mapping[str, Organisation]) -> list[Finding]:
    return [
        Finding(
            f"site {site.key}",
            f"whether {organisations[site.ods_code].name} is open is not known to the list of organisations",
            "Check that it is open",
            level="notice",
        )
        for site in sites
        if organisations[site.ods_code].status == "unknown"
    ]
