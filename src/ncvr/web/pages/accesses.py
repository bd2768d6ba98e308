"""Who read what: prices and documents that were read, and what was refused, without any figure and without names."""

import re
from datetime import date

from fastapi import Response

from ncvr.domain.written_values import day_of
from ncvr.errors import InputError
from ncvr.services.access_record import read_accesses, wanted_accesses
from ncvr.store.accesses import Access, Outcome, Wanted
from ncvr.web.pages.page import Page, Seen
from ncvr.web.pages.table import Cell, Column, Row, Table
from ncvr.web.pages.templates import moment
from ncvr.web.pages.words import Tag
from ncvr.web.routing import Routes

routes = Routes("Pages")
MOST = 500
_OUTCOMES: dict[Outcome, str] = {"any": "Both", "read": "What was read", "refused": "What was refused"}
_COLUMNS = (
    Column("at", "When"),
    Column("person", "Person"),
    Column("study", "Study"),
    Column("what", "What was asked for"),
    Column("outcome", "Outcome"),
    Column("times", "Times", numeric=True),
    Column("request", "Request"),
)
_TAGS = {
    401: Tag("Not signed in", "orange"),
    403: Tag("Not allowed", "red"),
    404: Tag("Not there for them", "orange"),
    429: Tag("Asked to wait", "yellow"),
}
_STUDY = re.compile(r"(?:/api/v1)?/studies/([0-9]{1,20})(?:/|$)")


@routes.add("GET", "/accesses", "accesses.read", media_type="text/html")
def accesses_page(page: Seen) -> Response:
    """Who read what, newest first."""
    with page.look() as act:
        act.allowed("accesses.read")
        try:
            problem, listed = None, list(read_accesses(act, _wanted(page), limit=MOST + 1))
        except InputError as error:
            problem, listed = error, []
    asked = {name: page.asked(name) for name in ("person", "study", "since", "until", "outcome")}
    empty = "Nothing that was read or refused matches." if any(asked.values()) else "Nobody has read a price or a document yet."
    table = Table(name="accesses", caption="Who read what", columns=_COLUMNS, rows=[_row(each) for each in listed[:MOST]], empty=empty)
    return page.show(
        "accesses.html",
        tables=[table],
        problems=() if problem is None else problem.findings,
        asked=asked,
        outcomes=_OUTCOMES,
        count=min(len(listed), MOST),
        more=len(listed) > MOST,
    )


def _wanted(page: Page) -> Wanted:
    """What the address asks for. Raises InputError for a day that is none."""
    outcome: Outcome = next((name for name in _OUTCOMES if name == page.asked("outcome")), "any")
    return wanted_accesses(person=page.asked("person"), study=page.asked("study"), since=_day(page, "since"), until=_day(page, "until"), outcome=outcome)


def _day(page: Page, name: str) -> date | None:
    try:
        return day_of(page.asked(name)) if page.asked(name) else None
    except ValueError:
        raise InputError("this is not a day of the calendar", name, "Write it like 2026-11-20") from None


def _row(access: Access) -> Row:
    study = _STUDY.match(access.path)
    return {
        "at": Cell(moment(access.at), order=access.at),
        "person": Cell(access.actor, href=f"?person={access.actor}") if access.actor else "Not known",
        "study": Cell(study[1], href=f"/studies/{study[1]}") if study and access.actor else "",
        "what": f"{access.method} {access.path}",
        "outcome": Cell("", tag=_tag(access.status), order=access.status),
        "times": Cell(str(access.times), order=access.times),
        "request": access.correlation_id,
    }


def _tag(status: int) -> Tag:
    if status < 400:
        return Tag("Read", "green")
    return _TAGS.get(status, Tag(f"Refused ({status})", "red"))
