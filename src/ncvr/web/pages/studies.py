"""The list of studies: found by IRAS ID or title, filtered by state, sorted, a page at a time."""

from fastapi import Response

from ncvr.domain.permissions import GENERAL_OPERATIONS
from ncvr.domain.review import REVIEW_STATES
from ncvr.store import study_lists
from ncvr.web.pages.page import Seen
from ncvr.web.pages.table import Cell, Column, Row, Table
from ncvr.web.pages.templates import long_day
from ncvr.web.pages.words import REVIEW_TAGS
from ncvr.web.routing import Routes

routes = Routes("Pages")
_COLUMNS = (
    Column("title", "Study"),
    Column("iras", "IRAS ID"),
    Column("lead", "Lead site"),
    Column("version", "Version", numeric=True),
    Column("state", "State"),
    Column("submitted", "Submitted"),
)
_PART = Column("part", "Your part")
MOST = 500


@routes.add("GET", "/studies", "studies.list", media_type="text/html")
def studies_page(page: Seen) -> Response:
    """The studies this person may see."""
    words, state = page.asked("q"), page.asked("state")
    with page.look() as act:
        act.allowed("studies.list")
        listed = study_lists.found(act.connection, act.person, act.today, words=words, state=state, limit=MOST)
        organisations = act.office.tariffs.organisations()
    names = {code: listed_as.name for code, listed_as in organisations.items()}
    table = Table(
        name="studies",
        caption="Studies",
        columns=(*_COLUMNS, _PART) if any(found.may_comment for found in listed) else _COLUMNS,
        rows=[_row(found, names) for found in listed],
        empty=f"No studies match “{words}”." if words or state else "There are no studies yet that you may see.",
    )
    may_start = page.person.role in GENERAL_OPERATIONS["studies.create"]
    return page.show("studies.html", tables=[table], words=words, state=state, states=REVIEW_STATES, count=len(listed), may_start=may_start)


def _row(found: study_lists.ListedStudy, names: dict[str, str]) -> Row:
    return {
        "title": Cell(found.title or found.iras_id, href=f"/studies/{found.iras_id}"),
        "iras": found.iras_id,
        "lead": names.get(found.lead_site or "", found.lead_site or "Not chosen"),
        "version": Cell(str(found.version), order=found.version),
        "state": Cell("", tag=REVIEW_TAGS[found.state], order=REVIEW_STATES.index(found.state)),
        "submitted": Cell(long_day(found.submitted_on), order=found.submitted_on.isoformat() if found.submitted_on else "9"),
        "part": "You may comment" if found.may_comment else "",
    }
