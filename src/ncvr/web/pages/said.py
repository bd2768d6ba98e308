"""What was said on a schedule, as pages show it: each query and comment with who wrote and who answered it."""

from collections.abc import Sequence
from dataclasses import dataclass

from ncvr.domain.people import Standing
from ncvr.domain.review import Query
from ncvr.services.office import Act
from ncvr.store import accounts
from ncvr.web.pages.organisation_name import organisation_name

SIDES: dict[Standing, str] = {"company": "Company", "reviewer": "Lead site"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A query or comment as the page shows it."""

    query: Query
    line: str
    side: str
    name: str
    answered_by: str
    answerable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Discussion:
    """``kinds`` are what this person may write now; ``line`` is the line looked at, None for all."""

    said: Sequence[Said]
    kinds: Sequence[str]
    lines: dict[str, str]
    line: str | None
    open: int
    text: str = ""


def said(act: Act, query: Query, lines: dict[str, str], *, answerable: bool = False, names_of: str | None = None) -> Said:
    """A query or comment with the names of its people; ``lines`` names those of the schedule.

    ``names_of`` is the one organisation whose people are named to a site; of others it reads the organisation.
    """
    return Said(
        query=query,
        line=lines.get(query.line, f"{query.line} (removed)"),
        side=SIDES.get(query.by) or f"{organisation_name(act, query.organisation)}, a site that may comment",
        name=_name(act, query.actor, names_of),
        answered_by=_name(act, query.answered_by, names_of) if query.answered_by is not None else "",
        answerable=answerable,
    )


def _name(act: Act, actor: str, names_of: str | None) -> str:
    account = accounts.one(act.connection, actor)
    if account is not None and names_of not in (None, account.person.organisation):
        return organisation_name(act, account.person.organisation)
    return (account.name if account is not None else None) or "Name removed"
