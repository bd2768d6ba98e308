"""What happens next in a study: one sentence and one main act for each side and state, and the other moves that are open."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ncvr.domain.people import Standing
from ncvr.services.considering import ConsideredReview
from ncvr.web.pages.move_words import REVIEW_WORDS
from ncvr.web.pages.page import Link
from ncvr.web.pages.templates import count


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """``main`` is the one button; ``others`` are links beside it."""

    says: str
    main: Link | None = None
    others: Sequence[Link] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standings:
    """What the next step follows from: open queries, the first fault to mend, and how many sites are in which state, stale ones apart."""

    open_queries: int
    fault: Link | None
    sites: Counter[str]
    stale: int
    to_vary: int
    lead: str


def next_step(considered: ConsideredReview, facts: Standings) -> NextStep:
    """The next step of this person."""
    home, state = f"/studies/{considered.review.iras_id}", considered.review.state
    says, main = _of_review(considered, facts, home) if state != "agreed" else _of_sites(considered.by, facts, home)
    listed = [name for name in considered.moves if name != "submit" or facts.fault is None]
    moves = [Link(text=REVIEW_WORDS[name].act, href=f"{home}/review/{_address(name)}") for name in listed]
    return NextStep(says=says, main=main, others=[each for each in moves if main is None or each.href != main.href])


def _address(name: str) -> str:
    return "withdraw" if name == "withdraw_amendment" else name


def _of_review(considered: ConsideredReview, facts: Standings, home: str) -> tuple[str, Link | None]:
    state, by, lead = considered.review.state, considered.by, facts.lead
    agreed = considered.review.reviewer_agreed_by is not None
    grid = Link(text="Open the schedule", href=f"{home}/review")
    waiting = count(facts.open_queries, "query", "queries")
    if by == "company" and state == "draft":
        if facts.fault is not None:
            return "Complete what is listed below, then submit the schedule to the lead site.", facts.fault
        return f"Everything needed is there. Submit the schedule to {lead}.", Link(text="Submit for review", href=f"{home}/review/submit")
    if by == "company" and state == "with_company":
        if facts.open_queries:
            return f"{lead} has sent you {waiting}. Answer each, then hand the schedule back.", Link(text=f"Answer {waiting}", href=f"{home}/review")
        return "Every query is answered. Hand the schedule back to the lead site.", Link(text="Hand back to the lead site", href=f"{home}/review/respond")
    if by == "company" and state == "in_review" and agreed:
        return f"{lead} has agreed the resource. It is fixed for all sites when you confirm it.", Link(
            text="Confirm the resource", href=f"{home}/review/confirm"
        )
    if by == "reviewer" and state == "submitted":
        return "The company has submitted the schedule. Take the review on, or send it back with a reason.", Link(
            text="Accept for review", href=f"{home}/review/accept"
        )
    if by == "reviewer" and state == "in_review" and not agreed:
        if facts.open_queries:
            return f"You have {waiting} open. Send them to the company, who answers.", Link(text=f"Send {waiting} to the company", href=f"{home}/review/query")
        return "Review the schedule: change it, ask about it, then agree it.", Link(text="Review the schedule", href=f"{home}/review")
    return _waiting(state, agreed, by, lead, waiting), grid if state != "withdrawn" else None


def _waiting(state: str, agreed: bool, by: Standing, lead: str, waiting: str) -> str:
    """What others have to do."""
    reviewing = "The lead site has agreed the resource; the company confirms it." if agreed else f"{lead} is reviewing the schedule."
    says = {
        "draft": "The company is preparing the schedule.",
        "submitted": f"The schedule is with {lead}, who takes the review on or sends it back.",
        "in_review": reviewing,
        "with_company": f"The company answers {waiting}, then hands the schedule back.",
        "withdrawn": "The study is withdrawn. Nothing is left to do.",
    }
    return says[state] + (" Nothing waits for you." if state != "withdrawn" and by in ("company", "reviewer") else "")


def _of_sites(by: Standing, facts: Standings, home: str) -> tuple[str, Link | None]:
    """After the resource is agreed it is about the sites."""
    sites, prices = facts.sites, Link(text="See the prices", href=f"{home}/prices")
    if by == "company":
        return _of_company(facts, home, prices)
    if by == "reviewer":
        return "The resource is agreed and fixed. The company sees to the prices and the sites.", Link(text="See the schedule", href=f"{home}/review")
    if sites["escalated"] and by in ("network", "national"):
        says = f"{count(sites['escalated'], 'escalation waits', 'escalations wait')} to be decided."
        return says, Link(text="Decide the escalations", href=f"{home}/escalations")
    return "The resource is agreed. The company sees to the prices and the sites.", prices


def _of_company(facts: Standings, home: str, prices: Link) -> tuple[str, Link | None]:
    sites = facts.sites
    if facts.stale:
        return f"{count(facts.stale, 'price was', 'prices were')} made from an edition that is not in force any more. Re-price each before you go on.", Link(
            text="See which sites to re-price", href="#sites"
        )
    if sites["priced"]:
        return f"The resource is agreed. {count(sites['priced'], 'price waits', 'prices wait')} to be locked.", Link(
            text=f"Lock {count(sites['priced'], 'price')}", href=f"{home}/lock-all"
        )
    if sites["locked"]:
        return f"{count(sites['locked'], 'locked price waits', 'locked prices wait')} to be shared with the site. Check the contract’s details first.", Link(
            text=f"Share {count(sites['locked'], 'price')}", href=f"{home}/share-all"
        )
    if sites["accepted"]:
        return f"{count(sites['accepted'], 'site has', 'sites have')} accepted. Have the contract signed, then record it.", Link(
            text="Get the contracts", href=f"{home}/contracts"
        )
    if facts.to_vary:
        return f"{count(facts.to_vary, 'contract carries', 'contracts carry')} an older version. Vary each to the newest.", Link(
            text="See which contracts to vary", href="#sites"
        )
    waits = sites["shared"] + sites["escalated"]
    if waits:
        return f"{count(waits, 'site has', 'sites have')} not answered yet. Nothing waits for you.", prices
    if not sum(sites.values()):
        return "The resource is agreed. Add the sites that take part; each is priced at once.", Link(text="Add a site", href=f"{home}/sites/new")
    return "Nothing waits for you.", prices
