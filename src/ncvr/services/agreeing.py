"""What follows when both sides agree: an immutable version, a price for every site, and un-contracted older ones superseded."""

from dataclasses import replace

from ncvr.domain.canonical import sha256_of
from ncvr.domain.ledger import Change
from ncvr.domain.moves import next_state
from ncvr.domain.price_record import prices_record
from ncvr.domain.review import ResourceReview
from ncvr.domain.site_costing import COSTING_MOVES, SUPERSEDED_ON_CORRECTION, CostingFacts, KeptPrice, SiteCosting
from ncvr.domain.study import Site, Study, schedule_record
from ncvr.files.json_files import written_json
from ncvr.services.adherence_recording import record_costing_event
from ncvr.services.office import Act
from ncvr.services.pricing import SOFTWARE, price_from
from ncvr.services.revisions import costing_object, review_object, state_change
from ncvr.store import costings, studies
from ncvr.store.studies import AgreedVersion


def keep_agreed_version(act: Act, review: ResourceReview) -> None:
    """Keep the version for ever, supersede un-contracted costings of earlier ones, and price every site from it."""
    sha256 = sha256_of(schedule_record(review.study))
    agreed = AgreedVersion(
        iras_id=review.iras_id,
        version=review.version,
        study=review.study,
        schedule_sha256=sha256,
        agreed_at=act.now,
        agreed_by=review.reviewer_agreed_by or "",
        confirmed_by=act.person.actor,
    )
    studies.add_version(act.connection, agreed)
    act.record(
        Change(operation="review.version", object=review_object(review.iras_id), revision=review.revision, field=f"version {review.version}", new=sha256)
    )
    sites = {site.key: site for site in review.study.sites}
    for costing in costings.of_study(act.connection, review.iras_id):
        if costing.state in SUPERSEDED_ON_CORRECTION:
            supersede(act, costing)
            sites[costing.site.key] = costing.site
        else:
            sites.pop(costing.site.key, None)  # contracted: a variation is to do; declined and withdrawn ones stay out
    for site in sites.values():
        add_costing(act, review.study, site)


def supersede(act: Act, costing: SiteCosting) -> None:
    nothing = CostingFacts(edition=costing.price.edition, in_force=costing.price.edition)
    next_state(COSTING_MOVES, "supersede", costing.state, "company", nothing, costing.place)
    gone = replace(costing, state="superseded", revision=costing.revision + 1)
    costings.save(act.connection, gone, before=costing.revision)
    act.record(state_change("costing.supersede", costing_object(costing.iras_id, costing.number), gone.revision, costing.state, "superseded"))
    record_costing_event(act, "costing.supersede", gone)


def add_costing(act: Act, study: Study, site: Site) -> SiteCosting:
    """A new costing of a site from an agreed version, priced from the edition in force today."""
    iras_id = study.study.iras_id
    assert iras_id is not None  # nothing is agreed without it
    costing = SiteCosting(
        id=act.identifier(),
        iras_id=iras_id,
        number=costings.next_number(act.connection, iras_id, site),
        version=study.version,
        site=site,
        state="priced",
        revision=1,
        price=price_today(act, study, site, number=1),
    )
    costings.add(act.connection, costing, act.now)
    act.record(price_change("costing.price", costing, old=None))
    return costing


def price_today(act: Act, study: Study, site: Site, *, number: int) -> KeptPrice:
    """The site's price from the edition in force today, with everything that decided it; the edition is kept too."""
    shelf = act.office.tariffs
    alone = study.model_copy(update={"sites": [site]})
    priced = price_from(alone, shelf.in_force(act.today), shelf.organisations(), act.today)
    costings.keep_edition(act.connection, priced.costs.edition)
    return kept_price(prices_record(priced.costs, priced.prices, on=priced.on, software=SOFTWARE), act, number=number)


def kept_price(record: dict[str, object], act: Act, *, number: int) -> KeptPrice:
    """One site's ``ncvr-prices/1`` record as it is kept."""
    tariff, prices = record["tariff"], record["prices"]
    assert isinstance(tariff, dict)
    assert isinstance(prices, list)
    priced = prices[0]
    return KeptPrice(
        number=number,
        pricing_date=act.today,
        edition=tariff["edition"],
        edition_sha256=tariff["sha256"],
        multiplier=priced["multiplier"],
        fingerprint=priced["fingerprint"],
        total=priced["projected"]["total"],
        record=written_json(record),
    )


def price_change(operation: str, costing: SiteCosting, *, old: KeptPrice | None, reason: str = "") -> Change:
    """What the ledger says of a pricing: old and new edition and fingerprint. The figures stay with the price."""
    return Change(
        operation=operation,
        object=costing_object(costing.iras_id, costing.number),
        revision=costing.revision,
        field=f"price of {costing.site.ods_code}",
        old=None if old is None else f"{old.edition} {old.fingerprint}",
        new=f"{costing.price.edition} {costing.price.fingerprint}",
        reason=reason,
    )
