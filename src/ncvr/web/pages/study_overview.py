"""A study at a glance: what happens next, what it is, its way in days, its versions, who takes part, and its sites."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from fastapi import Response

from ncvr.domain.people import Membership, Standing
from ncvr.domain.permissions import STUDY_OPERATIONS
from ncvr.domain.review import ResourceReview
from ncvr.domain.site_costing import SiteCosting
from ncvr.domain.study_checks import check_tariff, check_use
from ncvr.errors import Finding
from ncvr.money import exact, shown_figure
from ncvr.services import membership
from ncvr.services.adherence import study_clocks
from ncvr.services.considering import ConsideredReview, consider_review, costing_moves
from ncvr.services.costing import is_stale, list_costings
from ncvr.services.office import Act
from ncvr.services.revisions import review_object
from ncvr.store import people, queries, studies, study_objects
from ncvr.store.studies import Grant, VersionLine
from ncvr.store.study_events import RecordedEvent
from ncvr.web.pages.history_words import title_of
from ncvr.web.pages.move_words import SITE_WORDS
from ncvr.web.pages.next_step import Standings, next_step
from ncvr.web.pages.organisation_name import organisation_name
from ncvr.web.pages.page import Link, Page, Seen
from ncvr.web.pages.site_moves import edition_status, site_words
from ncvr.web.pages.site_overview import FIRST
from ncvr.web.pages.study_of_site import study_of_site
from ncvr.web.pages.study_to_comment import study_to_comment
from ncvr.web.pages.table import Cell, Column, Row, Table
from ncvr.web.pages.templates import day_here, long_day
from ncvr.web.pages.timeline import EVENT_NAMES, clock_words, review_time, timeline
from ncvr.web.pages.words import COSTING_TAGS, REVIEW_TAGS, STALE_TAG
from ncvr.web.routing import Routes

routes = Routes("Pages")
_OVER = ("withdrawn", "declined", "superseded")


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something to complete before the study is submitted."""

    name: str
    href: str
    hint: str
    done: bool


@routes.add("GET", "/studies/{iras_id}", "study.read", media_type="text/html")
def study_page(page: Seen, iras_id: str) -> Response:
    """The study, as this person may see it; a site sees its own costing only, or the resource it may comment on."""
    with page.look() as act:
        by = act.standing("study.read", iras_id)
        if by == "commenting_site":
            return study_to_comment(page, act, iras_id)
        return study_of_site(page, act, iras_id) if by == "site" else _of_party(page, act, iras_id)


def _of_party(page: Page, act: Act, iras_id: str) -> Response:
    considered = consider_review(act, iras_id)
    review, by = considered.review, considered.by
    newest = list({each.site.key: each for each in list_costings(act, iras_id)}.values())
    taking_part, grants = membership.members(act, iras_id)
    events, lines = membership.events(act, iras_id), studies.agreed_versions(act.connection, iras_id)
    tasks = _tasks(act, review, iras_id) if by == "company" and review.state == "draft" else []
    facts = _standings(act, considered, newest, next((_mend(task) for task in tasks if not task.done), None))
    may = {
        name for name in ("price.read", "study.grant", "study.record_event", "sites.add", "escalations.read", "contract.read") if by in STUDY_OPERATIONS[name]
    }
    owns = act.person.organisation == review.owner
    return page.show(
        "study.html",
        tables=[
            _versions(act, lines, review),
            _members(act, taking_part, grants),
            _sites(act, newest, by, considered.latest, may),
            _events(act, iras_id, events, may),
        ],
        iras_id=iras_id,
        title=title_of(review.study),
        tag=REVIEW_TAGS[review.state],
        next=next_step(considered, facts),
        facts=_facts(act, review, considered.latest),
        tasks=tasks,
        steps=timeline(review, study_objects.moves_of(act.connection, review_object(iras_id)), newest, events),
        review_time=review_time(review, act.today),
        clocks=clock_words(study_clocks(review, events, date.fromisoformat(lines[-1].agreed_at[:10]) if lines else None, act.today)),
        may=may,
        may_grant=by == "company" and owns,
        may_edit_facts=by == "company" and review.state in ("draft", "with_company"),
        illustrative_of=edition_status(newest[-1]) if newest and "price.read" in may else None,
        agreed=considered.latest,
        may_differ=considered.latest > 1 or (considered.latest == 1 and review.version > 1),
    )


def _mend(task: Task) -> Link:
    return Link(text="Complete the facts of the study" if task.href.endswith("/facts") else "Complete the schedule", href=task.href)


def _standings(act: Act, considered: ConsideredReview, newest: Sequence[SiteCosting], fault: Link | None) -> Standings:
    review = considered.review
    stale = [each for each in newest if is_stale(act, each)]
    return Standings(
        open_queries=queries.open_count(act.connection, review.iras_id, review.version),
        fault=fault,
        sites=Counter(each.state for each in newest if each not in stale),
        stale=len(stale),
        to_vary=sum(each.state == "contracted" and each.version < considered.latest for each in newest),
        lead=organisation_name(act, review.study.lead_site) or "The lead site",
    )


def _facts(act: Act, review: ResourceReview, agreed: int) -> list[tuple[str, str]]:
    identity, protocol = review.study.study, review.study.study.protocol
    missing = "Not given yet"
    chosen = review.study.ncvr_class
    rows = [
        ("IRAS ID", review.iras_id),
        ("CPMS ID", identity.cpms_id or missing),
        ("Title", identity.title or missing),
        ("Sponsor", identity.sponsor or missing),
        ("Lead site", organisation_name(act, review.study.lead_site) or missing),
        *([("Started by", f"{organisation_name(act, review.started_by_lead_site)}, as its lead site")] if review.started_by_lead_site else []),
        ("Phase", f"{identity.phase or missing}{', advanced therapy' if identity.atmp else ''}{f', counts as {chosen} phase' if chosen else ''}"),
        ("Protocol", f"{protocol.number}, version {protocol.version} of {long_day(protocol.date)}" if protocol else missing),
        ("Agreement", identity.agreement),
        (
            "Version",
            f"{review.version}, {REVIEW_TAGS[review.state].text.lower()}{f'; version {agreed} is agreed' if agreed and agreed != review.version else ''}",
        ),
    ]
    return [*rows, ("Edition in force", act.office.tariffs.in_force(act.today).edition)]


def _tasks(act: Act, review: ResourceReview, iras_id: str) -> list[Task]:
    """What has to be complete before the schedule is submitted."""
    study, home = review.study, f"/studies/{iras_id}"
    errors = [found for found in check_use(study, "submit") if found.level == "error"]
    of_study = [found for found in errors if found.place.startswith(("study", "lead_site"))]
    of_work = [found for found in errors if found not in of_study]
    unknown = list(check_tariff(study, act.office.tariffs.in_force(act.today)))
    taking_part = studies.membership(act.connection, iras_id, act.today)
    apart = taking_part is None or taking_part.lead_site is None or taking_part.separate()
    mixed = Finding("lead_site", "the lead site stands on the company’s side of this study", "Choose another")
    return [
        _task("Facts of the study", f"{home}/facts", of_study),
        _task("Every arm has visits, every activity its resources", f"{home}/review", of_work),
        _task("Every role and code is in the edition in force", f"{home}/review", unknown),
        _task("The lead site stands apart from the company", f"{home}/facts", [] if apart else [mixed]),
        Task(
            name="Sites that take part",
            href=f"{home}/sites/new",
            hint=f"{len(study.sites)} listed; others can be added after the resource is agreed"
            if study.sites
            else "None listed yet; they can also be added later",
            done=True,
        ),
    ]


def _task(name: str, href: str, found: Sequence[Finding]) -> Task:
    words = [f"{each.problem[:1].upper()}{each.problem[1:]}" for each in found[:3]]
    more = f"; and {len(found) - 3} more" if len(found) > 3 else ""
    return Task(name=name, href=href, hint="; ".join(words) + more if found else "", done=not found)


def _versions(act: Act, lines: Sequence[VersionLine], review: ResourceReview) -> Table:
    named = people.named(act.connection, {actor for line in lines for actor in (line.agreed_by, line.confirmed_by)})
    columns = (Column("version", "Version"), Column("agreed", "Agreed"), Column("lead", "By the lead site"), Column("company", "By the company"))
    rows: list[Row] = []
    for line in lines:
        before = Cell(f"Version {line.version}", order=line.version)
        who = {
            side: (known.name or "Name removed") if (known := named.get(actor)) else ""
            for side, actor in (("lead", line.agreed_by), ("company", line.confirmed_by))
        }
        rows.append({"version": before, "agreed": Cell(long_day(day_here(line.agreed_at)), order=line.agreed_at), **who})
    return Table(
        name="versions", caption="Agreed versions", columns=columns, rows=rows, empty=f"No version is agreed yet. Version {review.version} is being worked on."
    )


def _members(act: Act, taking_part: Membership, grants: Sequence[Grant]) -> Table:
    days = (Column("from", "From"), Column("until", "Until")) if grants else ()
    columns = (Column("organisation", "Organisation"), Column("part", "Part"), *days)
    rows: list[Row] = [{"organisation": organisation_name(act, taking_part.owner), "part": "Company that owns the study"}]
    if taking_part.lead_site:
        rows.append({"organisation": organisation_name(act, taking_part.lead_site), "part": "Lead site, reviews the resource"})
    for code in sorted(taking_part.commenting_sites):
        rows.append({"organisation": organisation_name(act, code), "part": "Site, may read the resource and comment while it is under review"})
    for grant in grants:
        part = "Acts for the company" if grant.organisation in taking_part.delegates else "May act for the company between these days"
        until = Cell(long_day(grant.until_on) or "Without end", order=grant.until_on.isoformat() if grant.until_on else "9")
        rows.append(
            {
                "organisation": organisation_name(act, grant.organisation),
                "part": part,
                "from": Cell(long_day(grant.from_on), order=grant.from_on.isoformat()),
                "until": until,
            }
        )
    return Table(name="members", caption="Who takes part", columns=columns, rows=rows)


def _sites(act: Act, newest: Sequence[SiteCosting], by: Standing, latest: int, may: set[str]) -> Table:
    priced = [Column("total", "Projected total", numeric=True), Column("edition", "Edition")] if "price.read" in may else []
    acts = [Column("next", "Next", sortable=False)] if by in ("company", "national") else []
    columns = [Column("site", "Site"), Column("state", "State"), Column("version", "Version", numeric=True), *priced, *acts]
    rows = [_site_row(act, each, by, latest) for each in newest]
    return Table(name="sites", caption="Sites", columns=columns, rows=rows, empty="No site is priced yet. Sites are priced once the resource is agreed.")


def _site_row(act: Act, found: SiteCosting, by: Standing, latest: int) -> Row:
    home, total = f"/studies/{found.iras_id}/sites/{found.site.key}", found.price.total
    moves = costing_moves(act, found, by, latest) if found.state not in _OVER else ()
    name = next((each for each in FIRST if each in moves), None)
    return {
        "site": Cell(f"{site_words(act, found)} ({found.site.key})", href=home),
        "state": Cell("", tag=STALE_TAG if is_stale(act, found) else COSTING_TAGS[found.state]),
        "version": Cell(str(found.version), order=found.version),
        "total": Cell(shown_figure(exact(total)) if total is not None else "No target", order=int(total.replace(".", "")) if total is not None else 0),
        "edition": found.price.edition,
        "next": Cell(SITE_WORDS[name].act, href=f"{home}/{name}") if name is not None else "",
    }


def _events(act: Act, iras_id: str, events: Sequence[RecordedEvent], may: set[str]) -> Table:
    corrected = {each.event.corrects: each.id for each in events if each.event.corrects is not None}
    columns = (Column("on", "Day"), Column("what", "What"), Column("site", "Site"), Column("note", "Note"), Column("recorded", "Recorded"))
    rows: list[Row] = [
        {
            "on": Cell(long_day(each.event.on), order=each.event.on.isoformat()),
            "what": EVENT_NAMES[each.event.kind],
            "site": organisation_name(act, each.event.site),
            "note": "Was wrong, and was corrected" if each.id in corrected else _correct(iras_id, each, may),
            "recorded": Cell(long_day(day_here(each.recorded_at)), order=each.recorded_at),
        }
        for each in events
    ]
    return Table(
        name="events",
        caption="What happened to the study",
        columns=columns,
        rows=rows,
        empty="Nothing is recorded yet. The elapsed times are computed from what is.",
    )


def _correct(iras_id: str, recorded: RecordedEvent, may: set[str]) -> Cell:
    return Cell("Correct it", href=f"/studies/{iras_id}/events/new?corrects={recorded.id}") if "study.record_event" in may else Cell("")
