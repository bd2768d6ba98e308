"""Walking a study through its review, as companies and reviewers do."""

from ncvr.domain.review import ResourceReview
from ncvr.domain.site_costing import SiteCosting
from ncvr.domain.study import Study
from ncvr.services import costing, reviewing
from ncvr.store import costings
from tests.offices import IRAS, Town, small_study


def submitted(town: Town, study: Study | None = None) -> ResourceReview:
    made = study or small_study()
    iras_id = made.study.iras_id or ""
    with town.act("company") as act:
        review = reviewing.create_study(act, made)
    with town.act("company") as act:
        return reviewing.submit(act, iras_id, review.revision, protocol_version="2.0")


def agreed(town: Town, study: Study | None = None) -> ResourceReview:
    """From nothing to an agreed first version."""
    return agreed_from(town, submitted(town, study))


def agreed_from(town: Town, review: ResourceReview) -> ResourceReview:
    """From submitted to agreed."""
    with town.act("reviewer") as act:
        review = reviewing.accept(act, review.iras_id, review.revision)
    with town.act("reviewer") as act:
        review = reviewing.agree(act, review.iras_id, review.revision)
    with town.act("company") as act:
        return reviewing.agree(act, review.iras_id, review.revision)


def at(town: Town, site: str, iras_id: str = IRAS) -> SiteCosting:
    """The newest costing of a site, as the database holds it."""
    with town.store.reading() as connection:
        found = costings.of_site(connection, iras_id, site)
    assert found is not None
    return found


def shared(town: Town, site: str, iras_id: str = IRAS) -> SiteCosting:
    """From priced to shared."""
    with town.act("company") as act:
        locked = costing.lock(act, iras_id, site, at(town, site, iras_id).revision)
    with town.act("company") as act:
        return costing.share(act, iras_id, site, locked.revision)


def accepted(town: Town, site: str, iras_id: str = IRAS) -> SiteCosting:
    """From priced to accepted."""
    found = shared(town, site, iras_id)
    with town.act(f"site_{site.lower()}") as act:
        return costing.accept(act, iras_id, site, found.revision)


def contracted(town: Town, site: str, iras_id: str = IRAS) -> SiteCosting:
    """From priced to contracted, signed today."""
    found = accepted(town, site, iras_id)
    with town.act("company") as act:
        return costing.contract(act, iras_id, site, found.revision, signed_on=act.today, fingerprint=found.price.fingerprint, template="mCTA/sample-1")
