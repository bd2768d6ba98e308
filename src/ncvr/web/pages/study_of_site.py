"""A study as a site may see it: what it is, and the site's own costing."""

from fastapi import Response

from ncvr.domain.permissions import not_found
from ncvr.domain.site_costing import SiteCosting
from ncvr.domain.study import Study
from ncvr.money import exact, shown_figure
from ncvr.services.considering import costing_moves
from ncvr.services.costing import is_stale, list_costings
from ncvr.services.kept_prices import agreed_study
from ncvr.services.office import Act
from ncvr.store import studies
from ncvr.web.pages.history_words import title_of
from ncvr.web.pages.move_words import SITE_WORDS
from ncvr.web.pages.organisation_name import organisation_name
from ncvr.web.pages.page import Page
from ncvr.web.pages.site_moves import edition_status, site_words
from ncvr.web.pages.templates import day_here, long_day
from ncvr.web.pages.words import COSTING_TAGS, STALE_TAG


def study_of_site(page: Page, act: Act, iras_id: str) -> Response:
    """What a site may see of a study: what it is, and the site's own costings."""
    own = [each for each in list_costings(act, iras_id) if each.state != "superseded"]
    review = studies.read(act.connection, iras_id)
    if not own or review is None:
        raise not_found(f"study {iras_id}")
    found = own[-1]
    study = agreed_study(act, iras_id, found.version)
    moves = costing_moves(act, found, "site", studies.latest_version(act.connection, iras_id))
    return page.show(
        "study_of_site.html",
        iras_id=iras_id,
        title=title_of(study),
        found=found,
        key=found.site.key,
        name=site_words(act, found),
        tag=STALE_TAG if is_stale(act, found) else COSTING_TAGS[found.state],
        stale=is_stale(act, found),
        facts=_site_facts(act, study, review.owner, found),
        illustrative_of=edition_status(found),
        moves=[(name, SITE_WORDS[name]) for name in moves],
        may_escalate=found.state == "shared",
    )


def _site_facts(act: Act, study: Study, owner: str, found: SiteCosting) -> list[tuple[str, str]]:
    identity, protocol, total = study.study, study.study.protocol, found.price.total
    return [
        ("IRAS ID", identity.iras_id or ""),
        ("Title", identity.title),
        ("Sponsor", identity.sponsor),
        ("Company", organisation_name(act, owner)),
        ("Lead site", organisation_name(act, study.lead_site)),
        ("Phase", identity.phase or ""),
        ("Protocol", f"{protocol.number}, version {protocol.version} of {long_day(protocol.date)}" if protocol else ""),
        ("Agreed version", str(found.version)),
        ("Your projected total", shown_figure(exact(total)) if total is not None else "No target of participants, so no total"),
        ("Priced", f"on {long_day(found.price.pricing_date)} from edition {found.price.edition}, multiplier {found.price.multiplier}"),
        ("Shared with you", long_day(day_here(found.shared_at)) if found.shared_at else ""),
        *([("Contract signed", long_day(found.signed_on))] if found.signed_on else []),
    ]
