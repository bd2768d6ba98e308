"""Who takes part in a study, and what happened to it when."""

from datetime import date

from ncvr.domain.ledger import Change
from ncvr.domain.people import Membership
from ncvr.domain.study_event import StudyEvent
from ncvr.errors import InputError, MoveNotAllowed, NotPermitted
from ncvr.services.office import Act
from ncvr.store import people, studies, study_events
from ncvr.store.studies import Grant
from ncvr.store.study_events import RecordedEvent


def grant(act: Act, iras_id: str, organisation: str, from_on: date, until_on: date | None) -> Grant:
    """Let a company (a CRO) act for the owner between two days; a grant written again replaces its days. Only the owner grants."""
    act.standing("study.grant", iras_id)
    membership = _membership(act, iras_id)
    if act.person.organisation != membership.owner:
        raise NotPermitted("only the owner of the study grants access to it", f"study {iras_id}", f"Ask {membership.owner}")
    company = people.company(act.connection, organisation)
    if company is None:
        raise InputError(f"there is no company {organisation!r} here", "organisation", "Ask the national administrator to register it")
    if organisation in (membership.owner, membership.lead_site):
        raise MoveNotAllowed(f"{organisation} has a part in this study already", f"study {iras_id}", "Grant access to another organisation")
    if until_on is not None and until_on < from_on:
        raise InputError(f"{until_on} lies before {from_on}", "until_on", "Give a last day that is not before the first")
    granted = Grant(organisation=organisation, from_on=from_on, until_on=until_on)
    studies.read(act.connection, iras_id, for_update=True)  # of two who grant at once, one comes after the other
    studies.add_grant(act.connection, iras_id, granted, granted_by=act.person.actor)
    until = "without end" if until_on is None else f"until {until_on}"
    act.record(Change(operation="study.grant", object=f"study/{iras_id}", field=organisation, new=f"from {from_on} {until}"))
    return granted


def members(act: Act, iras_id: str) -> tuple[Membership, list[Grant]]:
    """Which organisations take part, and every grant that was given."""
    act.standing("study.members", iras_id)
    return _membership(act, iras_id), studies.all_grants(act.connection, iras_id)


def _membership(act: Act, iras_id: str) -> Membership:
    membership = studies.membership(act.connection, iras_id, act.today)
    assert membership is not None  # the person has a standing in it
    return membership


def record_event(act: Act, iras_id: str, event: StudyEvent) -> RecordedEvent:
    """Record what happened on a day. A site records what happened at the site itself, and nothing is dated in the future."""
    by = act.standing("study.record_event", iras_id)
    if event.on > act.today:
        raise InputError(f"{event.on} has not come yet", "on", "Record an event once it has happened")
    if by == "site" and event.site != act.person.organisation:
        raise NotPermitted("a site records what happened at that site", "site", f"Name {act.person.organisation}, or leave it to the company")
    known = {recorded.id for recorded in study_events.of_study(act.connection, iras_id)}
    if event.corrects is not None and event.corrects not in known:
        raise InputError(f"there is no event {event.corrects!r} to correct", "corrects", "Name the id of the event that was wrong")
    recorded = RecordedEvent(id=act.identifier(), event=event, actor=act.person.actor, recorded_at=act.now)
    study_events.add(act.connection, iras_id, recorded)
    act.record(Change(operation="study.event", object=f"study/{iras_id}/event/{recorded.id}", field=event.kind, new=event.on.isoformat()))
    return recorded


def events(act: Act, iras_id: str) -> list[RecordedEvent]:
    act.standing("study.events", iras_id)
    return study_events.of_study(act.connection, iras_id)
