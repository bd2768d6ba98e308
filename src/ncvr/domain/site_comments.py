"""Which sites may comment on a study under review, and what they see of it: early phase and ATMP started by the lead site, as was piloted.

It is the company's submission that opens a study to the sites it lists. A draft, before it or sent back, is seen by the
parties alone; and once the review is over, a site sees what is shared with it, as in any study.
"""

from dataclasses import replace

from ncvr.domain.review import ResourceReview, ReviewState

UNDER_REVIEW: frozenset[ReviewState] = frozenset({"submitted", "in_review", "with_company"})


def commenting_sites(review: ResourceReview) -> frozenset[str]:
    """The codes of the listed sites while they may comment: on the first version, under review, led by the site that started it."""
    study, started_by = review.study, review.started_by_lead_site
    as_piloted = started_by is not None and study.lead_site == started_by and study.ncvr_class == "early"
    if not as_piloted or review.version != 1 or review.state not in UNDER_REVIEW:
        return frozenset()
    return frozenset(site.ods_code for site in study.sites)


def as_commented(review: ResourceReview, organisation: str) -> ResourceReview:
    """The review as a commenting site may see it: the resource, and the site's own entry; no money, no waivers, no other site."""
    own = [site for site in review.study.sites if site.ods_code == organisation]
    return replace(review, study=review.study.model_copy(update={"sites": own, "pass_through": [], "waivers": []}))
