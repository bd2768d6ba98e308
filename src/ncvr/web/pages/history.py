"""The history of a study: what was changed, by whom, when and why; and whether the record still holds together.

Numbers and hashes of the ledger's entries are not shown with a study: they would tell how much others do.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from urllib.parse import urlencode

from fastapi import Response

from ncvr.domain.study import Study
from ncvr.services.office import Act
from ncvr.services.record_keeping import verify_ledger
from ncvr.services.reviewing import read_review
from ncvr.services.study_history import Told, study_history
from ncvr.store import study_objects
from ncvr.web.pages.history_words import KINDS, Telling, is_of
from ncvr.web.pages.page import Seen
from ncvr.web.pages.table import Column, Table
from ncvr.web.pages.templates import day_here, moment
from ncvr.web.pages.words import ROLE_WORDS
from ncvr.web.routing import Routes

routes = Routes("Pages")
PART = 100
_COLUMNS = tuple(
    Column(key, head)
    for key, head in (
        *(("at", "When"), ("who", "Who"), ("role", "Role"), ("organisation", "Organisation")),
        *(("what", "What"), ("field", "Where"), ("old", "Before"), ("new", "After"), ("reason", "Reason")),
    )
)
NAME_REMOVED = "Name removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One entry as the page shows it."""

    told: Told
    name: str
    role: str
    says: str
    reason: str


@routes.add("GET", "/studies/{iras_id}/history", "study.history", media_type="text/html")
def history_page(page: Seen, iras_id: str) -> Response:
    """What happened to the study, newest first."""
    kind, who = page.asked("what"), page.asked("who")
    with page.look() as act:
        history = study_history(act, iras_id)
        telling = telling_of(act, iras_id, read_review(act, iras_id).study, history)
        may_check = act.person.role in ("national_administrator", "auditor")
    chosen = [told for told in history if (kind not in KINDS or is_of(told.entry, kind)) and who in ("", told.entry.actor)]
    begun = int(page.asked("from")) if re.fullmatch(r"[0-9]{1,6}", page.asked("from")) else 0
    shown = [event(telling, told) for told in chosen[begun : begun + PART]]
    rows = [_row(event(telling, told)) for told in chosen] if page.asked("csv") else []
    older = "?" + urlencode({"what": kind, "who": who, "from": begun + PART}) if len(chosen) > begun + PART else ""
    return page.show(
        "history.html",
        tables=[Table(name="history", caption=f"History of study {iras_id}", columns=_COLUMNS, rows=rows)],
        iras_id=iras_id,
        title=telling.title,
        newest=begun == 0,
        days=[(day, list(group)) for day, group in groupby(shown, key=_day)],
        count=len(chosen),
        older=older,
        kinds={name: words for name, (words, _) in KINDS.items()},
        people=_people(history),
        kind=kind,
        who=who,
        may_check=may_check,
    )


@routes.add("GET", "/ledger/verify", "ledger.verify", media_type="text/html")
def ledger_page(page: Seen) -> Response:
    """Check every entry of the ledger against the one before it, and an anchor kept elsewhere against all of them."""
    with page.look() as act:
        act.allowed("ledger.verify")
        now = act.now
    anchor = page.asked("anchor")
    checked = verify_ledger(page.visit.office.store, [anchor] if anchor else [])
    return page.show("ledger.html", checked=checked, anchor=anchor, now=now)


def telling_of(act: Act, iras_id: str, study: Study, history: Sequence[Told] = ()) -> Telling:
    """How the study's history is told: in the names of its schedule, sites and roles."""
    listed = act.office.tariffs.organisations()
    sites = {name: listed[code].name if code in listed else code for name, code in study_objects.sites(act.connection, iras_id).items()}
    codes = {code: listed[code].name for code in listed}
    roles = {key: rate.title for key, rate in act.office.tariffs.in_force(act.today).staff_rates.items()}
    return Telling(study=study, roles=roles, sites={**codes, **sites}, history=history)


def event(telling: Telling, told: Told) -> Event:
    role = next((words for name, words in ROLE_WORDS.items() if name == told.entry.role), told.entry.role)
    return Event(told=told, name=NAME_REMOVED if told.name is None else told.name, role=role, says=telling.sentence(told), reason=telling.reason(told.entry))


def _day(shown: Event) -> date:
    return day_here(shown.told.entry.at)


def _people(history: Sequence[Told]) -> dict[str, str]:
    """Who is in it, to choose from, by name."""
    named = {told.entry.actor: f"{told.name or NAME_REMOVED}{f', {told.organisation}' if told.organisation else ''}" for told in history}
    return dict(sorted(named.items(), key=lambda known: known[1]))


def _row(shown: Event) -> dict[str, str]:
    entry = shown.told.entry
    return {
        "at": moment(entry.at),
        "who": shown.name,
        "role": shown.role,
        "organisation": shown.told.organisation,
        "what": f"{shown.name} {shown.says}",
        "field": entry.field,
        "old": entry.old or "",
        "new": entry.new or "",
        "reason": shown.reason,
    }
