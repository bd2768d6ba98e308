"""The words and colours of the pages: states, roles and what is said after something was done. One place, so that one thing has one name."""

from typing import NamedTuple

from ncvr.domain.people import Role
from ncvr.web.pages.move_words import SAID_OF_MOVES

SERVICE = "NCVR: site prices and contracts"


class Tag(NamedTuple):
    """A state in words and the colour of its tag; the words say it all, the colour only helps."""

    text: str
    colour: str


REVIEW_TAGS: dict[str, Tag] = {
    "draft": Tag("Draft", "grey"),
    "submitted": Tag("Submitted", "blue"),
    "in_review": Tag("In review", "blue"),
    "with_company": Tag("With company", "yellow"),
    "agreed": Tag("Agreed", "green"),
    "withdrawn": Tag("Withdrawn", "grey"),
}
COSTING_TAGS: dict[str, Tag] = {
    "priced": Tag("Priced", "grey"),
    "locked": Tag("Locked", "purple"),
    "shared": Tag("Shared", "aqua-green"),
    "escalated": Tag("Escalated", "orange"),
    "accepted": Tag("Accepted", "green"),
    "contracted": Tag("Contracted", "green"),
    "refused": Tag("Refused", "red"),
    "declined": Tag("Declined", "grey"),
    "withdrawn": Tag("Withdrawn", "grey"),
    "superseded": Tag("Superseded", "grey"),
}
VERDICT_TAGS: dict[str, Tag] = {
    "unmodified": Tag("Unmodified", "green"),
    "modified": Tag("Modified", "red"),
    "cannot tell": Tag("Cannot tell", "yellow"),
}
STALE_TAG = Tag("To re-price", "orange")
ILLUSTRATIVE = Tag("Illustrative", "orange")
EDITION_TAGS: dict[str, Tag] = {
    "illustrative": ILLUSTRATIVE,
    "transcribed": Tag("Transcribed", "blue"),
    "checked": Tag("Checked", "green"),
}
ROLE_WORDS: dict[Role, str] = {
    "company_representative": "Company representative",
    "study_resource_reviewer": "Study resource reviewer",
    "site_representative": "Site representative",
    "network_coordinator": "Network coordinator",
    "national_administrator": "National administrator",
    "auditor": "Auditor",
}

# What a page says, once, after something was done there (``?said=NAME``). Nothing a person typed is ever part of it.
SAID: dict[str, str] = {
    **SAID_OF_MOVES,
    "study-started": "The study is started, as a draft",
    "facts-saved": "The facts of the study are saved",
    "site-added": "The site is added",
    "access-given": "Access is given. The company sees the study between those days",
    "event-recorded": "It is recorded",
    "activity-saved": "The activity is saved",
    "activity-added": "The activity is added",
    "activity-removed": "The activity is removed",
    "changes-accepted": "The changes of the workbook are accepted",
    "query-sent": "Your query is kept. The company sees it with the schedule",
    "comment-added": "Your comment is added",
    "answer-sent": "Your answer is kept",
    "details-saved": "The details are saved",
    "common-details-saved": "The details are saved at every site whose contract is not out yet",
    "escalation-sent": "The escalation is sent. The network’s coordinators and the national team see it",
    "escalation-decided": "The escalation is decided",
    "signed-out": "You are signed out",
    "sessions-ended": "It is signed out",
    "password-set": "Your password is set. Sign in with it",
}
