"""Who takes part and what happened: giving a company access, adding a site, and recording the days the clocks are computed from."""

from typing import Any, get_args

from fastapi import Response

from ncvr.domain.study import Site
from ncvr.domain.study_event import EventKind, StudyEvent
from ncvr.errors import Finding, InputError, MoveNotAllowed, NotPermitted
from ncvr.files.json_files import validated
from ncvr.services import costing, membership, reviewing
from ncvr.services.office import Act
from ncvr.services.revisions import review_object
from ncvr.store import people, studies
from ncvr.web.pages.history_words import title_of
from ncvr.web.pages.move_page import moved_on
from ncvr.web.pages.page import Page, Seen
from ncvr.web.pages.study_form import organisations_offered
from ncvr.web.pages.study_title import study_title
from ncvr.web.pages.timeline import EVENT_NAMES
from ncvr.web.pages.typed import day_boxes, day_parts, needed_day, typed_day
from ncvr.web.routing import Routes

routes = Routes("Pages")


@routes.add("GET", "/studies/{iras_id}/grants/new", "study.grant", media_type="text/html")
def grant_page(page: Seen, iras_id: str) -> Response:
    """Which company is to act for the owner, and between which days."""
    with page.look() as act:
        return page.show("grant.html", **_grant(act, iras_id), organisation=page.asked("organisation"), from_on=day_boxes(act.today), until_on=day_boxes(None))


@routes.add("POST", "/studies/{iras_id}/grants/check", "study.grant", media_type="text/html")
def check_grant(page: Seen, iras_id: str) -> Response:
    """What follows from giving access, before it is given."""
    code = page.field("organisation").upper()
    with page.look() as act:
        known = _grant(act, iras_id)
        typed: dict[str, Any] = {"organisation": code, "from_on": day_parts(page, "from_on"), "until_on": day_parts(page, "until_on")}
        try:
            from_on, until_on = needed_day(page, "from_on", "the first day"), typed_day(page, "until_on", "the last day")
            company = people.company(act.connection, code)
            if company is None:
                raise InputError(f"there is no company {code!r} here", "organisation", "Enter its code; ask the national administrator to register it")
            if until_on is not None and until_on < from_on:
                raise InputError("the last day lies before the first", "until_on-day", "Give a last day that is not before the first")
        except InputError as error:
            return page.refused(error, "grant.html", **known, **typed)
        return page.show("grant_check.html", **known, **typed, company=company.name, first=from_on, last=until_on)


@routes.add("POST", "/studies/{iras_id}/grants", "study.grant", media_type="text/html")
def give_access(page: Seen, iras_id: str) -> Response:
    """Give it."""
    try:
        with page.act() as act:
            act.standing("study.grant", iras_id)
            from_on, until_on = needed_day(page, "from_on", "the first day"), typed_day(page, "until_on", "the last day")
            membership.grant(act, iras_id, page.field("organisation"), from_on, until_on)
    except (InputError, MoveNotAllowed) as error:
        with page.look() as act:
            typed: dict[str, Any] = {"organisation": page.field("organisation"), "from_on": day_parts(page, "from_on"), "until_on": day_parts(page, "until_on")}
            return page.refused(error, "grant.html", **_grant(act, iras_id), **typed)
    return page.go(f"/studies/{iras_id}", said="access-given")


def _grant(act: Act, iras_id: str) -> dict[str, Any]:
    """What the form says around its fields; only the owner gives access, a delegate is told whom to ask."""
    act.standing("study.grant", iras_id)
    taking_part, grants = membership.members(act, iras_id)
    return {"iras_id": iras_id, "title": study_title(act, iras_id), "owns": act.person.organisation == taking_part.owner, "given": grants}


@routes.add("GET", "/studies/{iras_id}/sites/new", "sites.add", media_type="text/html")
def new_site_page(page: Seen, iras_id: str) -> Response:
    """A site to be added: to the draft, or to the agreed version, where it is priced at once."""
    with page.look() as act:
        act.standing("sites.add", iras_id)
        review = reviewing.read_review(act, iras_id)
        if not _takes_sites(act, iras_id):
            return moved_on(page, act, review.study, (review_object(iras_id), f"/studies/{iras_id}"), "company")
        return page.show("site_new.html", **_site_form(act, iras_id), fields={"ods_code": "", "principal_investigator": "", "target_participants": ""})


@routes.add("POST", "/studies/{iras_id}/sites/new", "sites.add", media_type="text/html")
def add_site(page: Seen, iras_id: str) -> Response:
    """Add it."""
    try:
        with page.act() as act:
            act.standing("sites.add", iras_id)
            site = _site(page)
            if studies.latest_version(act.connection, iras_id):
                costing.add_site(act, iras_id, site)
            else:
                study = reviewing.read_review(act, iras_id).study
                if study.sites_named(site.key):
                    raise InputError("this site is listed already", "ods_code", "Choose another site")
                reviewing.edit_schedule(act, iras_id, study.model_copy(update={"sites": [*study.sites, site]}), page.revision)
    except (InputError, MoveNotAllowed) as error:
        with page.look() as act:
            fields = {name: page.field(name) for name in ("ods_code", "principal_investigator", "target_participants")}
            return page.refused(_at_code(error), "site_new.html", **_site_form(act, iras_id), fields=fields)
    return page.go(f"/studies/{iras_id}", said="site-added")


def _at_code(error: InputError | MoveNotAllowed) -> InputError | MoveNotAllowed:
    """The same error; what has no place is about the code that was typed."""
    return type(error).of(Finding(found.place or "ods_code", found.problem, found.remedy) for found in error.findings)  # type: ignore[return-value]


def _takes_sites(act: Act, iras_id: str) -> bool:
    review = reviewing.read_review(act, iras_id)
    return review.state in ("draft", "with_company") or (review.state != "withdrawn" and studies.latest_version(act.connection, iras_id) > 0)


def _site(page: Page) -> Site:
    """The site as typed. Raises InputError with every finding, each at its field."""
    target = page.field("target_participants")
    if target and not (target.isascii() and target.isdecimal()):
        raise InputError("the target is not a whole number", "target_participants", "Enter the number of participants as a whole number, like 12")
    record = {"ods_code": page.field("ods_code"), "principal_investigator": page.field("principal_investigator")}
    site, findings = validated(Site, record | ({"target_participants": int(target)} if target else {}), "")
    if site is None:
        raise InputError.of(Finding(found.place.removeprefix(": "), found.problem, found.remedy) for found in findings)
    return site


def _site_form(act: Act, iras_id: str) -> dict[str, Any]:
    act.standing("sites.add", iras_id)
    review = reviewing.read_review(act, iras_id)
    agreed = studies.latest_version(act.connection, iras_id)
    listed = [] if agreed else [site.site_name or site.ods_code for site in review.study.sites]
    title = title_of(review.study)
    return {"iras_id": iras_id, "title": title, "revision": review.revision, "agreed": agreed, "listed": listed, "organisations": organisations_offered(act)}


@routes.add("GET", "/studies/{iras_id}/events/new", "study.record_event", media_type="text/html")
def event_page(page: Seen, iras_id: str) -> Response:
    """What happened, and on which day; a wrong event is corrected by recording the right one."""
    with page.look() as act:
        known = _event_form(act, iras_id, page.asked("corrects"))
    return page.show("event_new.html", **known, kind=known["before"]["kind"], site=known["before"]["site"], on=day_boxes(None))


@routes.add("POST", "/studies/{iras_id}/events", "study.record_event", media_type="text/html")
def record_event(page: Seen, iras_id: str) -> Response:
    """Record it."""
    try:
        with page.act() as act:
            act.standing("study.record_event", iras_id)
            membership.record_event(act, iras_id, _event(page))
    except (InputError, NotPermitted) as error:
        with page.look() as act:
            known = _event_form(act, iras_id, page.field("corrects"))
        told = type(error).of(Finding("on-day" if found.place == "on" else found.place, found.problem, found.remedy) for found in error.findings)
        return page.refused(told, "event_new.html", **known, kind=page.field("kind"), site=page.field("site"), on=day_parts(page, "on"))
    return page.go(f"/studies/{iras_id}", said="event-recorded")


def _event(page: Page) -> StudyEvent:
    kind: EventKind | None = next((known for known in get_args(EventKind) if known == page.field("kind")), None)
    if kind is None:
        raise InputError("what happened is missing", "kind", "Choose what happened")
    on, record = needed_day(page, "on", "the day"), {"site": page.field("site") or None, "corrects": page.field("corrects") or None}
    event, findings = validated(StudyEvent, {"kind": kind, "on": on, **record}, "")
    if event is None:
        raise InputError.of(Finding(found.place.removeprefix(": "), found.problem, found.remedy) for found in findings)
    return event


def _event_form(act: Act, iras_id: str, corrects: str) -> dict[str, Any]:
    """The form's frame; ``before`` is the event to be corrected, for a party that may read the events."""
    by = act.standing("study.record_event", iras_id)
    own = act.person.organisation if by == "site" else ""
    events = [] if by == "site" else membership.events(act, iras_id)
    wrong = next((each for each in events if each.id == corrects), None)
    listed = act.office.tariffs.organisations()
    codes = [own] if own else sorted({site.ods_code for site in reviewing.read_review(act, iras_id).study.sites})
    return {
        "iras_id": iras_id,
        "title": study_title(act, iras_id),
        "own": own,
        "corrects": corrects if wrong is not None else "",
        "before": {"kind": wrong.event.kind if wrong else "", "site": (wrong.event.site or "") if wrong else own, "on": wrong.event.on if wrong else None},
        "kinds": EVENT_NAMES,
        "sites": [(code, listed[code].name if code in listed else code) for code in codes],
    }
