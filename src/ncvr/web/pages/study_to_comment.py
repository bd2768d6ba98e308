"""A study as a site sees it that may comment on it: what it is, the resource under review, and what its own organisation said."""

from collections.abc import Iterator

from fastapi import Response

from ncvr.domain.cell_changes import line_texts
from ncvr.domain.permissions import not_found
from ncvr.domain.review import ResourceReview
from ncvr.domain.study import Activity, Arm, Costed, ResourceLine
from ncvr.errors import NcvrError
from ncvr.services.office import Act
from ncvr.services.site_comments import queries_seen, seen_by_site
from ncvr.store import studies
from ncvr.web.pages.history_words import title_of
from ncvr.web.pages.organisation_name import organisation_name
from ncvr.web.pages.page import Page
from ncvr.web.pages.said import Discussion, said
from ncvr.web.pages.schedule import LISTS, line_names
from ncvr.web.pages.table import Cell, Column, Table
from ncvr.web.pages.templates import long_day
from ncvr.web.pages.words import REVIEW_TAGS
from ncvr.web.problems import problem_of


def study_to_comment(page: Page, act: Act, iras_id: str, error: NcvrError | None = None) -> Response:
    """The page of the study; with what stands in the way of a comment and what was typed, if one was sent."""
    whole = studies.read(act.connection, iras_id)
    if whole is None:
        raise not_found(f"study {iras_id}")
    review = seen_by_site(act, whole)
    lines = line_names(review.study)
    own = [said(act, query, lines, names_of=act.person.organisation) for query in queries_seen(act, iras_id)]
    talk = Discussion(said=own, kinds=("comment",), lines=lines, line=None, open=0)
    return page.show(
        "study_to_comment.html",
        problems=error.findings if error is not None else (),
        status=problem_of(error)[0] if error is not None else None,
        tables=list(_tables(review)),
        iras_id=iras_id,
        title=title_of(review.study),
        tag=REVIEW_TAGS[review.state],
        facts=_facts(act, review),
        talk=talk,
        typed={name: value for name, value in page.form.items() if isinstance(value, str)},
    )


def _facts(act: Act, review: ResourceReview) -> list[tuple[str, str]]:
    identity, protocol = review.study.study, review.study.study.protocol
    return [
        ("IRAS ID", review.iras_id),
        ("Title", identity.title),
        ("Sponsor", identity.sponsor),
        ("Company", organisation_name(act, review.owner)),
        ("Lead site", organisation_name(act, review.study.lead_site)),
        ("Phase", f"{identity.phase or 'Not given'}{', advanced therapy' if identity.atmp else ''}"),
        ("Protocol", f"{protocol.number}, version {protocol.version} of {long_day(protocol.date)}" if protocol else "Not given"),
    ]


def _tables(review: ResourceReview) -> Iterator[Table]:
    """A table for each arm, and one each for what is done besides."""
    for number, arm in enumerate(review.study.expanded_arms(), start=1):
        yield _arm_table(f"arm-{number}", arm)
    for name in ("unscheduled", "setup_and_closedown"):
        columns = (_plain("name", "Name"), _plain("when", "Paid when"), _plain("resources", "Resources"))
        rows = [_row(entry) for entry in getattr(review.study, name)]
        yield Table(name=name, caption=LISTS[name], columns=columns, rows=rows, empty="None.")


def _arm_table(name: str, arm: Arm) -> Table:
    visits = [_plain(f"visit-{number}", visit.name) for number, visit in enumerate(arm.visits)]
    columns = (_plain("name", "Activity"), _plain("resources", "Resources, each time"), *visits)
    rows = [_row(activity) | _counts(activity, arm) for activity in arm.activities]
    return Table(name=name, caption=f"Arm {arm.id}: {arm.name}", columns=columns, rows=rows, empty="This arm has no activities.")


def _plain(key: str, head: str) -> Column:
    return Column(key, head, sortable=False)


def _counts(activity: Activity, arm: Arm) -> dict[str, Cell | str]:
    """How often it is done at each visit; empty where it is not."""
    return {f"visit-{number}": str(activity.occurrences.get(visit.id) or "") for number, visit in enumerate(arm.visits)}


def _row(entry: Costed) -> dict[str, Cell | str]:
    when = getattr(entry, "when", "") or getattr(entry, "trigger", "")
    paid = ", paid each time" if isinstance(entry, Activity) and entry.payment == "item" else ""
    return {"name": f"{entry.name} ({entry.id}){paid}", "when": when, "resources": "; ".join(map(_resource, entry.resources)) or _none(entry)}


def _resource(line: ResourceLine) -> str:
    times = f"{line.quantity} times " if line.quantity > 1 else ""
    return times + (f"{line.role}, {line_texts(line)['minutes']} min" if line.role else f"code {line.item}")


def _none(entry: Costed) -> str:
    return f"No charge: {entry.no_charge}" if entry.no_charge else f"To do: {entry.to_do}" if entry.to_do else "None yet"
