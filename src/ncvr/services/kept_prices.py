"""Prices made anew from what was kept with them: the agreed version, the edition, the multiplier."""

import json
from dataclasses import replace

from ncvr.domain.pricing import national_costs
from ncvr.domain.site_costing import KeptPrice, SiteCosting
from ncvr.domain.site_price import SitePrice, price_site
from ncvr.domain.study import Site, Study
from ncvr.domain.tariff import SiteMultiplier, TariffEdition
from ncvr.errors import NoSiteMultiplier
from ncvr.money import exact
from ncvr.services.office import Act
from ncvr.store import costings, studies


def agreed_study(act: Act, iras_id: str, version: int) -> Study:
    agreed = studies.version(act.connection, iras_id, version)
    assert agreed is not None  # a costing is the child of an agreed version
    return agreed.study


def recomputed_price(act: Act, costing: SiteCosting) -> SitePrice:
    """The costing's price made anew from what was kept with it: the version, the edition and the multiplier."""
    edition = costings.kept(act.connection, costing.price.edition_sha256)
    version = json.loads(costing.price.record)["study"]["version"]
    kept = replace(_multiplier(edition, costing.site), value=exact(costing.price.multiplier))
    study = agreed_study(act, costing.iras_id, version).model_copy(update={"sites": [costing.site]})
    return price_site(national_costs(study, edition), costing.site, site_name(costing), kept)


def price_made_anew(act: Act, costing: SiteCosting, kept: KeptPrice) -> SitePrice:
    """One of the prices the costing ever had, made anew: a reassigned costing was priced for another organisation before."""
    ods_code = json.loads(kept.record)["prices"][0]["site"]["ods_code"]
    return recomputed_price(act, replace(costing, price=kept, site=costing.site.model_copy(update={"ods_code": ods_code})))


def site_name(costing: SiteCosting) -> str:
    name: str = json.loads(costing.price.record)["prices"][0]["site"]["name"]
    return name


def _multiplier(edition: TariffEdition, site: Site) -> SiteMultiplier:
    if site.ods_code not in edition.multipliers:
        raise NoSiteMultiplier(f"edition {edition.edition} has no multiplier for {site.ods_code}", f"site {site.key}", "Add it in an edition of your own")
    return edition.multipliers[site.ods_code]


def site_price(study: Study, site: Site, edition: TariffEdition, name: str) -> SitePrice:
    alone = study.model_copy(update={"sites": [site]})
    return price_site(national_costs(alone, edition), site, name, _multiplier(edition, site))
