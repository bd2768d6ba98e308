"""The first page: what waits for the person, and what waits for others, from a few queries over all their studies."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from fastapi import Response

from ncvr import settings
from ncvr.domain.people import Person
from ncvr.domain.permissions import GENERAL_OPERATIONS
from ncvr.domain.site_costing import UNCONTRACTED
from ncvr.services.office import Act
from ncvr.store import work_lists
from ncvr.store.work_lists import CostingAtWork, EscalationAtWork, StudyAtWork
from ncvr.web.pages.page import Seen
from ncvr.web.pages.templates import count, day_here, long_day
from ncvr.web.pages.words import COSTING_TAGS, REVIEW_TAGS, STALE_TAG, Tag
from ncvr.web.routing import Routes

routes = Routes("Pages")
# A list of work, not of everything: the list of studies has the rest.
MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One thing to do, named by the act; ``mine`` False: it waits for others. ``target`` is the day by which it is usually done."""

    act: str
    of: str
    href: str
    since: str
    tag: Tag
    mine: bool = True
    target: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything under way that a person may see. ``stale`` are the costings an edition or a closing has overtaken."""

    person: Person
    studies: dict[str, StudyAtWork]
    costings: list[CostingAtWork]
    stale: list[CostingAtWork]
    escalations: list[EscalationAtWork]
    edition: str
    today: date

    def title(self, iras_id: str) -> str:
        return self.studies[iras_id].title if iras_id in self.studies else ""

    def fresh(self, state: str) -> dict[str, list[CostingAtWork]]:
        """The costings in a state, by study; stale ones are to be re-priced before anything else."""
        return _by_study(each for each in self.costings if each.state == state and each not in self.stale)


@routes.add("GET", "/", "studies.list", media_type="text/html")
def my_work_page(page: Seen) -> Response:
    """What waits for whom."""
    with page.look() as act:
        act.allowed("studies.list")
        desk = _desk(act)
    tasks = sorted(_TASKS[page.person.role](desk), key=lambda task: task.since)
    mine, others = [task for task in tasks if task.mine], [task for task in tasks if not task.mine]
    comments = [_of_review(study, "Comment on", mine=False) for study in desk.studies.values() if study.may_comment]
    may_start = page.person.role in GENERAL_OPERATIONS["studies.create"]
    return page.show(
        "my_work.html",
        mine=mine[:MOST],
        others=others[:MOST],
        count_mine=len(mine),
        count_others=len(others),
        comments=comments[:MOST],
        count_comments=len(comments),
        may_start=may_start,
        may_audit=page.person.role in GENERAL_OPERATIONS["accesses.read"],
        today=desk.today,
        waited=waited,
    )


def _desk(act: Act) -> Desk:
    costings = work_lists.costings_at_work(act.connection, act.person, act.today)
    edition = act.office.tariffs.in_force(act.today).edition
    closed = {code for code in {each.ods_code for each in costings} if not act.office.tariffs.is_open(code, act.today)}
    return Desk(
        person=act.person,
        studies={each.iras_id: each for each in work_lists.studies_at_work(act.connection, act.person, act.today)},
        costings=costings,
        stale=[each for each in costings if each.state in UNCONTRACTED and (each.edition != edition or each.ods_code in closed)],
        escalations=work_lists.open_escalations(act.connection, act.person, act.today),
        edition=edition,
        today=act.today,
    )


def _of_company(desk: Desk) -> Iterator[Task]:
    for study in desk.studies.values():
        yield from _review_of_company(study)
    for found in _by_study(desk.stale).values():
        yield _of_sites(desk, found, "Re-price {} of", ("site price", "site prices"), STALE_TAG, "#sites")
    for state, says, nouns, where, mine in _SITES_OF_COMPANY:
        for found in desk.fresh(state).values():
            yield _of_sites(desk, found, says, nouns, COSTING_TAGS[state], where, mine=mine)
    late = _by_study(each for each in desk.costings if each.state == "contracted" and each.version < desk.studies[each.iras_id].agreed)
    for found in late.values():
        yield _of_sites(desk, found, "Vary {} of", ("contract", "contracts"), COSTING_TAGS["contracted"], "#sites")


_SITES_OF_COMPANY = (
    ("priced", "Lock {} of", ("price", "prices"), "/lock-all", True),
    ("locked", "Share {} of", ("locked price", "locked prices"), "/share-all", True),
    ("accepted", "Record {} of", ("signed contract", "signed contracts"), "#sites", True),
    ("refused", "Decide on {} of", ("refused price", "refused prices"), "#sites", True),
    ("shared", "{} on", ("site has to answer", "sites have to answer"), "#sites", False),
    ("escalated", "{} on", ("escalation waits for the network", "escalations wait for the network"), "/escalations", False),
)


def _review_of_company(study: StudyAtWork) -> Iterator[Task]:
    if study.state == "draft":
        yield _of_review(study, "Complete and submit")
    elif study.state == "with_company" and study.open_queries:
        yield _of_review(study, f"Answer {count(study.open_queries, 'query', 'queries')} on", "/review")
    elif study.state == "with_company":
        yield _of_review(study, "Hand back to the lead site", "/review/respond")
    elif study.state == "in_review" and study.reviewer_agreed:
        yield _of_review(study, "Confirm the resource of", "/review/confirm")
    elif study.state == "in_review":
        yield _of_review(study, "The lead site reviews", mine=False)
    elif study.state == "submitted":
        yield _of_review(study, "The lead site takes on", mine=False)


def _of_reviewer(desk: Desk) -> Iterator[Task]:
    for study in desk.studies.values():
        if study.state == "submitted":
            yield _of_review(study, "Accept or send back", "/review/accept")
        elif study.state == "in_review" and not study.reviewer_agreed:
            sends = f"Send {count(study.open_queries, 'query', 'queries')} to the company on"
            yield _of_review(study, sends, "/review/query") if study.open_queries else _of_review(study, "Review the schedule of", "/review")
        elif study.state == "in_review":
            yield _of_review(study, "The company confirms", mine=False)
        elif study.state == "with_company":
            yield _of_review(study, f"The company answers {count(study.open_queries, 'query', 'queries')} on", mine=False)


def _of_site(desk: Desk) -> Iterator[Task]:
    for each in desk.costings:
        if each in desk.stale:
            yield _of_sites(desk, [each], "The company re-prices {} of", ("price", "prices"), STALE_TAG, "", mine=False)
        elif each.state == "shared":
            yield _of_sites(desk, [each], "Accept, refuse or escalate {} of", ("price", "prices"), COSTING_TAGS["shared"], "")
        elif each.state == "accepted":
            yield _of_sites(desk, [each], "The company has {} signed for", ("contract", "contracts"), COSTING_TAGS["accepted"], "", mine=False)
        elif each.state == "escalated":
            yield _of_sites(desk, [each], "The network decides {} on", ("escalation", "escalations"), COSTING_TAGS["escalated"], "/escalations", mine=False)


def _of_network(desk: Desk) -> Iterator[Task]:
    yield from _escalations(desk, mine=True)


def _of_national(desk: Desk) -> Iterator[Task]:
    waiting = [each for each in desk.stale if each.state != "escalated"]
    if waiting:
        since = min(each.since for each in waiting)
        says = f"Re-price {count(len(waiting), 'site price')} from"
        yield Task(act=says, of=desk.edition, href=f"/tariffs/{desk.edition}/reprice", since=since, tag=STALE_TAG)
    yield from _escalations(desk, mine=False)


def _of_auditor(_desk: Desk) -> Iterator[Task]:
    return iter(())


_TASKS = {
    "company_representative": _of_company,
    "study_resource_reviewer": _of_reviewer,
    "site_representative": _of_site,
    "network_coordinator": _of_network,
    "national_administrator": _of_national,
    "auditor": _of_auditor,
}


def _escalations(desk: Desk, *, mine: bool) -> Iterator[Task]:
    for each in desk.escalations:
        act = f"Decide the escalation of {each.organisation} on" if mine else f"The network decides the escalation of {each.organisation} on"
        yield Task(
            act=act,
            of=_named(each.iras_id, desk.title(each.iras_id)),
            href=f"/studies/{each.iras_id}/escalations",
            since=each.raised_at,
            tag=COSTING_TAGS["escalated"],
            mine=mine,
        )


def _of_review(study: StudyAtWork, act: str, where: str = "", *, mine: bool = True) -> Task:
    under_way = study.first_submitted_on is not None and study.state in ("submitted", "in_review", "with_company")
    target = f"usual is {settings.review_days()} days from {long_day(study.first_submitted_on)}" if under_way else ""
    href = f"/studies/{study.iras_id}{where}"
    return Task(act=act, of=_named(study.iras_id, study.title), href=href, since=study.since, tag=REVIEW_TAGS[study.state], mine=mine, target=target)


def _of_sites(desk: Desk, found: list[CostingAtWork], act: str, nouns: tuple[str, str], tag: Tag, where: str, *, mine: bool = True) -> Task:
    first, many = min(found, key=lambda each: each.since), len(found)
    words = act.format(count(many, *nouns) if desk.person.role != "site_representative" else f"the {nouns[0]}")
    of = _named(first.iras_id, desk.title(first.iras_id))
    return Task(act=words, of=of, href=f"/studies/{first.iras_id}{where}", since=first.since, tag=tag, mine=mine)


def _named(iras_id: str, title: str) -> str:
    return f"{iras_id} {title}".rstrip()


def _by_study(costings: Iterable[CostingAtWork]) -> dict[str, list[CostingAtWork]]:
    found: dict[str, list[CostingAtWork]] = defaultdict(list)
    for each in costings:
        found[each.iras_id].append(each)
    return found


def waited(task: Task, today: date) -> str:
    """Since when something waits, and how long that is."""
    day = day_here(task.since)
    return f"Since {long_day(day)}, {count((today - day).days, 'day')}"
