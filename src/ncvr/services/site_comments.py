"""What a site that may only comment sees of a study, and which queries and comments each side reads."""

from ncvr.domain.permissions import not_found
from ncvr.domain.review import Query, ResourceReview
from ncvr.domain.site_comments import as_commented, commenting_sites
from ncvr.services.office import Act
from ncvr.store import queries


def seen_by_site(act: Act, review: ResourceReview) -> ResourceReview:
    """The review as this commenting site may see it. Raises NotFound where it may not comment any more."""
    if act.person.organisation not in commenting_sites(review):
        raise not_found(review.place)
    return as_commented(review, act.person.organisation)


def queries_seen(act: Act, iras_id: str) -> list[Query]:
    """Every query and comment on the study, oldest first; for a commenting site its own organisation's."""
    by = act.standing("queries.read", iras_id)
    if by == "commenting_site":
        return queries.of_commenting_site(act.connection, iras_id, act.person.organisation)
    return queries.of_study(act.connection, iras_id)
