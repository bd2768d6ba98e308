"""The way of a study in days: every state it passed through and every event recorded, with the days since it was first submitted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from ncvr import settings
from ncvr.domain.clocks import ClockReading
from ncvr.domain.ledger import Entry
from ncvr.domain.review import ResourceReview, elapsed_days
from ncvr.domain.site_costing import SiteCosting
from ncvr.store.study_events import RecordedEvent
from ncvr.web.pages.templates import count, day_here

_MOVES: dict[tuple[str, str], str] = {
    ("study.create", ""): "Study started by the company",
    ("review.submit", ""): "Schedule submitted for review",
    ("review.accept", ""): "Review taken on by the lead site",
    ("review.revert", ""): "Sent back as a draft",
    ("review.query", ""): "Queries sent to the company",
    ("review.respond", ""): "Handed back to the lead site",
    ("review.agree", "agreed"): "Resource confirmed by the company, and fixed",
    ("review.agree", ""): "Resource agreed by the lead site",
    ("review.amend", ""): "Draft of the next version opened",
    ("review.withdraw", "agreed"): "Amendment withdrawn",
    ("review.withdraw", ""): "Study withdrawn",
}
EVENT_NAMES = {
    "regulatory_application": "Regulatory application",
    "regulatory_approval": "Regulatory approval",
    "site_open": "Site open",
    "first_participant": "First participant",
    "recruitment_closed": "Recruitment closed",
    "study_closed": "Study closed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What happened on a day; ``days`` since the first submission, None before it."""

    on: date
    what: str
    days: int | None


def timeline(review: ResourceReview, moves: Iterable[Entry], costings: Iterable[SiteCosting], events: Iterable[RecordedEvent]) -> list[Step]:
    """Everything that happened, in the order of its days."""
    found = [(day_here(entry.at), _said(review, entry)) for entry in moves]
    sites = list(costings)
    shared = [day_here(each.shared_at) for each in sites if each.shared_at is not None]
    signed = [each.signed_on for each in sites if each.signed_on is not None]
    found += [(min(shared), "First price shared with a site")] if shared else []
    found += [(min(signed), "First contract signed")] if signed else []
    listed = list(events)
    corrected = {each.event.corrects for each in listed}
    for each in listed:
        if each.id not in corrected:
            found.append((each.event.on, f"{EVENT_NAMES[each.event.kind]}{f', {each.event.site}' if each.event.site else ''}"))
    first = review.first_submitted_on
    return [Step(on=day, what=what, days=None if first is None or day < first else (day - first).days) for day, what in sorted(found, key=lambda step: step[0])]


def _said(review: ResourceReview, entry: Entry) -> str:
    if entry.operation == "study.create" and review.started_by_lead_site is not None:
        return "Study started by the lead site for the company"
    return _MOVES.get((entry.operation, entry.new or "")) or _MOVES.get((entry.operation, ""), entry.operation)


def review_time(review: ResourceReview, today: date) -> str:
    """How long the review takes, beside what is usual; nothing before it was submitted."""
    days = elapsed_days(review.first_submitted_on, review.agreed_on, today)
    if days is None or review.state == "withdrawn":
        return ""
    usual_days = settings.review_days()
    usual = f"Usual is {usual_days} days (no official target exists)."
    if review.state == "agreed":
        return f"Agreed {count(days, 'day')} after the first submission. {usual}"
    over = f" That is {count(days - usual_days, 'day')} more than usual." if days > usual_days else ""
    return f"{count(days, 'day')} since the first submission.{over} {usual}"


def clock_words(readings: Iterable[ClockReading]) -> list[tuple[str, str, bool]]:
    """Each clock that has a target: its title, how long against it, and whether it is over."""
    words = []
    for reading in readings:
        target = reading.clock.target_days
        for elapsed in reading.elapsed if target is not None else ():
            took = f"{'took' if elapsed.finished else 'running for'} {count(elapsed.days, 'day')}, target {target}"
            words.append((reading.clock.title, took, elapsed.days > (target or 0)))
    return words
