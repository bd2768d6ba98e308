"""The page before a move (what follows from it, then the act by its name) and the page that says somebody was faster."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import Response

from ncvr.domain.people import Standing
from ncvr.domain.study import Study
from ncvr.errors import Finding, NcvrError
from ncvr.services.office import Act
from ncvr.services.study_history import Told, newest_of, since
from ncvr.web.pages.history import event, telling_of
from ncvr.web.pages.history_words import title_of
from ncvr.web.pages.move_words import REFUSAL_WORDS, MoveWords
from ncvr.web.pages.page import Page
from ncvr.web.pages.typed import day_parts
from ncvr.web.problems import problem_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Everything a check page shows. ``back`` is where *Not yet, go back* leads; ``illustrative`` the edition of the price shown, with its status."""

    iras_id: str
    study: Study
    words: MoveWords
    address: str
    back: str
    revision: int
    facts: Sequence[tuple[str, str]]
    known: Mapping[str, str]
    obstacles: Sequence[Finding] = ()
    illustrative: tuple[str, str] | None = None
    offered: Mapping[str, Any] = field(default_factory=dict)


_TYPED = ("reason", "reason_code", "protocol_version", "fingerprint", "template", "ods_code")


def check_page(page: Page, check: Check, problems: Sequence[Finding] = (), status: int | None = None) -> Response:
    """What follows from the move; with what was typed, if it was sent and something stands in its way."""
    typed = {
        name: page.field(name) or str(check.offered.get(name, ""))
        for name in ("reason", "reason_code", "protocol_version", "fingerprint", "template", "ods_code")
    }
    return page.show(
        "check.html",
        problems=problems,
        status=status,
        check=check,
        title=title_of(check.study),
        consequence=check.words.consequence.format_map(check.known),
        typed=typed,
        signed_on=day_parts(page, "signed_on"),
        refusals=REFUSAL_WORDS,
        obstacles=[(finding, mending(check.iras_id, finding.place)) for finding in check.obstacles],
    )


def refused_check(page: Page, check: Check, error: NcvrError) -> Response:
    """The check page again, with what stood in the way; each message leads to its field, where it has one."""
    fields = {*check.words.fields, "signed_on-day"}
    found = [Finding(_field(finding.place, fields), finding.problem, finding.remedy) for finding in error.findings]
    return check_page(page, check, found, problem_of(error)[0])


def _field(place: str, fields: set[str]) -> str:
    last = place.rpartition(": ")[2]
    return "signed_on-day" if last == "signed_on" else last if last in fields else place


def moved_on(page: Page, act: Act, study: Study, what: tuple[str, str], by: Standing, *, revision: int | None = None, status: int = 409) -> Response:
    """Somebody was faster, or the move does not lead on from here: who did what since, and when.

    ``what`` is the object's name in the ledger and where it is looked at.
    """
    name, address = what
    newest = newest_of(act, name)
    changed = since(act, name, revision) if revision is not None else []
    last = [newest] if newest is not None else []
    told = [each for each in changed or last if each.entry.operation != "review.line"]
    iras_id = study.study.iras_id or ""
    telling = telling_of(act, iras_id, study)
    events = [event(telling, each if _may_name(act, by, each) else Told(entry=each.entry, name="", organisation=each.organisation)) for each in told]
    return page.show("moved_on.html", status=status, title=title_of(study), iras_id=iras_id, address=address, events=events[-10:], meanwhile=status == 412)


def _may_name(act: Act, by: Standing, told: Told) -> bool:
    """A site knows its own people; of the others it hears what they did and for whom."""
    return by != "site" or told.organisation == act.person.organisation


def mending(iras_id: str, place: str) -> str:
    """Where what a finding is about can be mended; nothing where no page does."""
    if place.startswith(("study", "lead_site", "protocol")):
        return f"/studies/{iras_id}/facts"
    if place.startswith(("arm", "unscheduled", "set-up", "queries", "pass-through")):
        return f"/studies/{iras_id}/review"
    return f"/studies/{iras_id}/sites/new" if place.startswith("site") else ""
