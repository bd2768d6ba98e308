"""Every move of the review: a page with what follows from it, then the move itself, made by the same services as the API's."""

from collections.abc import Callable
from dataclasses import replace

from fastapi import Response

from ncvr.domain.review import ResourceReview
from ncvr.domain.site_comments import commenting_sites
from ncvr.errors import ChangedMeanwhile, InputError, MoveNotAllowed
from ncvr.services import reviewing
from ncvr.services.considering import ConsideredReview, consider_review, review_obstacles
from ncvr.services.office import Act
from ncvr.services.revisions import review_object
from ncvr.store import queries
from ncvr.web.pages.move_page import Check, check_page, moved_on, refused_check
from ncvr.web.pages.move_words import REVIEW_WORDS
from ncvr.web.pages.organisation_name import organisation_name
from ncvr.web.pages.page import Page, Seen
from ncvr.web.pages.templates import count, long_day
from ncvr.web.pages.words import REVIEW_TAGS
from ncvr.web.routing import Routes

routes = Routes("Pages")
Make = Callable[[Act, str, Page], object]
_MAKE: dict[str, Make] = {
    "submit": lambda act, iras_id, page: reviewing.submit(act, iras_id, page.revision, protocol_version=page.field("protocol_version")),
    "accept": lambda act, iras_id, page: reviewing.accept(act, iras_id, page.revision),
    "revert": lambda act, iras_id, page: reviewing.revert(act, iras_id, page.revision, reason=page.field("reason")),
    "query": lambda act, iras_id, page: reviewing.hand_back(act, iras_id, page.revision),
    "respond": lambda act, iras_id, page: reviewing.respond(act, iras_id, page.revision),
    "agree": lambda act, iras_id, page: reviewing.agree(act, iras_id, page.revision),
    "confirm": lambda act, iras_id, page: reviewing.agree(act, iras_id, page.revision),
    "amend": lambda act, iras_id, page: reviewing.amend(act, iras_id, page.revision, reason=page.field("reason")),
    "withdraw": lambda act, iras_id, page: reviewing.withdraw(act, iras_id, page.revision, reason=page.field("reason")),
}


def _look(page: Page, iras_id: str, *, address: str) -> Response:
    """What follows from the move, or what was done last where it does not lead on from here."""
    with page.look() as act:
        considered = consider_review(act, iras_id, REVIEW_WORDS[address].operation)
        name = considered.resolved(address)
        if name not in considered.moves:
            return moved_on(page, act, considered.review.study, _place(iras_id), considered.by)
        return check_page(page, _check(act, considered, name, address))


def _make(page: Page, iras_id: str, *, address: str) -> Response:
    """Make the move, and go on to the study, which says so."""
    try:
        with page.act() as act:
            name = consider_review(act, iras_id, REVIEW_WORDS[address].operation).resolved(address)
            _MAKE[address](act, iras_id, page)
    except (InputError, MoveNotAllowed, ChangedMeanwhile) as error:
        with page.look() as act:
            considered = consider_review(act, iras_id, REVIEW_WORDS[address].operation)
            name = considered.resolved(address)
            faster = isinstance(error, ChangedMeanwhile)
            if faster or name not in considered.moves:
                revision, status = (page.revision, 412) if faster else (None, 409)
                return moved_on(page, act, considered.review.study, _place(iras_id), considered.by, revision=revision, status=status)
            return refused_check(page, _check(act, considered, name, address), error)
    return page.go(f"/studies/{iras_id}", said=f"review-{name}")


def _place(iras_id: str) -> tuple[str, str]:
    return review_object(iras_id), f"/studies/{iras_id}"


def _check(act: Act, considered: ConsideredReview, name: str, address: str) -> Check:
    review, listed = considered.review, act.office.tariffs.organisations()
    lead = review.study.lead_site or ""
    known = {
        "lead": listed[lead].name if lead in listed else lead or "The lead site",
        "version": str(review.version),
        "next": str(review.version + 1),
        "agreed": str(considered.latest),
    }
    return Check(
        iras_id=review.iras_id,
        study=review.study,
        words=REVIEW_WORDS[name],
        address=f"/studies/{review.iras_id}/review/{address}",
        back=f"/studies/{review.iras_id}",
        revision=review.revision,
        facts=_facts(act, considered, known["lead"]),
        known=known,
        obstacles=review_obstacles(act, considered, name),
    )


def _facts(act: Act, considered: ConsideredReview, lead: str) -> list[tuple[str, str]]:
    review = considered.review
    protocol, arms = review.study.study.protocol, review.study.expanded_arms()
    activities, visits = sum(len(arm.activities) for arm in arms), sum(len(arm.visits) for arm in arms)
    lines = len(review.study.unscheduled) + len(review.study.setup_and_closedown)
    waiting = queries.open_count(act.connection, review.iras_id, review.version)
    size = f"{count(len(arms), 'arm')} with {count(visits, 'visit')} and {count(activities, 'activity', 'activities')}"
    more = f"; {count(lines, 'activity', 'activities')} unscheduled or at set-up and close-down" if lines else ""
    return [
        ("IRAS ID", review.iras_id),
        ("Version", f"{review.version}, {REVIEW_TAGS[review.state].text.lower()}"),
        ("Sponsor", review.study.study.sponsor or "Not given yet"),
        ("Lead site", lead),
        ("Protocol", f"{protocol.number}, version {protocol.version} of {long_day(protocol.date)}" if protocol else "Not given yet"),
        ("Schedule", size + more),
        ("Open queries", f"{waiting:,}" if waiting else "None"),
        *_opens_to(act, review),
    ]


def _opens_to(act: Act, review: ResourceReview) -> list[tuple[str, str]]:
    """Before a draft is submitted: which sites will see it then, if any."""
    sites = commenting_sites(replace(review, state="submitted")) if review.state == "draft" else ()
    names = ", ".join(organisation_name(act, code) for code in sorted(sites))
    return [("Listed sites", f"{names}: once it is submitted, they read the resource without pass-through costs, and may comment")] if sites else []


def _serve(address: str) -> None:
    """Both pages of a move under its own address and permission."""

    def look(page: Seen, iras_id: str) -> Response:
        return _look(page, iras_id, address=address)

    def make(page: Seen, iras_id: str) -> Response:
        return _make(page, iras_id, address=address)

    path, operation = f"/studies/{{iras_id}}/review/{address}", REVIEW_WORDS[address].operation
    routes.add("GET", path, operation, media_type="text/html")(look)
    routes.add("POST", path, operation, media_type="text/html")(make)


for _address in _MAKE:
    _serve(_address)
