"""The ledger's entries as sentences: who did what, without the codes of programs. What no sentence is known for is shown as it stands."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ncvr.domain.ledger import Entry
from ncvr.domain.study import Costed, Study
from ncvr.services.study_history import Told
from ncvr.web.pages.move_words import REFUSAL_WORDS
from ncvr.web.pages.templates import long_day

# What a state was moved by; the same operation may lead to two states.
_MOVES: dict[tuple[str, str], str] = {
    ("review.agree", "agreed"): "confirmed the resource, which fixed it",
    ("review.agree", ""): "agreed the resource",
    ("review.withdraw", "agreed"): "withdrew the amendment",
    ("review.withdraw", ""): "withdrew the study",
    ("review.submit", ""): "submitted the schedule for review",
    ("review.accept", ""): "took on the review",
    ("review.revert", ""): "sent the schedule back as a draft",
    ("review.query", ""): "sent the queries to the company",
    ("review.respond", ""): "handed the schedule back to the lead site",
    ("review.amend", ""): "opened a draft of the next version",
    ("costing.lock", ""): "locked the price of {site}",
    ("costing.unlock", ""): "unlocked the price of {site}",
    ("costing.share", ""): "shared the price and contract of {site} with the site",
    ("costing.accept", ""): "accepted the price of {site}",
    ("costing.refuse", ""): "refused the price of {site}",
    ("costing.decline", ""): "declined to take part for {site}",
    ("costing.withdraw", ""): "withdrew {site}",
    ("costing.contract", ""): "recorded the contract of {site}, signed on {signed}",
    ("costing.escalate", ""): "escalated something missing for {site}",
    ("costing.return_to_site", ""): "returned the price to {site}",
    ("costing.supersede", ""): "superseded the price of {site} by agreeing a newer version",
}
_OTHERS: dict[str, str] = {
    "study.create": "started the study",
    "study.start_for": "started it as its lead site for {new}, who owns it and prepares the schedule",
    "study.grant": "gave {field} access to the study, {new}",
    "study.event": "recorded {event} on {day}",
    "review.edit": "saved the schedule",
    "review.version": "fixed {field} for good",
    "queries.query": "asked about {line}: “{new}”",
    "queries.comment": "remarked on {line}: “{new}”",
    "queries.answer": "answered the query on {line}: “{new}”",
    "costing.price": "priced {site} from edition {edition}",
    "costing.reprice": "priced {site} again from edition {edition} (before: {old_edition})",
    "costing.reassign": "moved the costing to {site} and priced it from edition {edition}",
    "costing.vary": "varied the contract of {site} from version {old} to version {new}",
    "details.write": "changed the contract details of {site}",
    "contract.download": "downloaded the {field}",
    "escalations.decide": "decided the escalation of {site}: {outcome}",
}
EVENT_WORDS = {
    "regulatory_application": "the regulatory application",
    "regulatory_approval": "the regulatory approval",
    "site_open": "the opening of a site",
    "first_participant": "the first participant",
    "recruitment_closed": "the close of recruitment",
    "study_closed": "the close of the study",
}
# What of the history a filter shows.
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "schedule": ("The schedule", ("review.edit", "review.line", "review.version")),
    "review": ("The review", ("study.create", "study.start_for", "review.")),
    "queries": ("Queries and comments", ("queries.",)),
    "sites": ("Sites, prices and contracts", ("costing.", "details.", "contract.", "escalations.")),
    "people": ("Access and events", ("study.grant", "study.event")),
}
_WORK = re.compile(r"(?:arm (?P<arm>[^,]+), activity|unscheduled|set-up and close-down|pass-through) (?P<id>[A-Za-z0-9._-]+)(?:, (?P<rest>.*))?")
_RESOURCE = re.compile(r"resource (?P<number>\d+)(?:, (?P<what>.*))?")
_VISIT = re.compile(r"arm (?P<arm>[^,]+), visit (?P<id>[A-Za-z0-9._-]+)(?:, (?P<rest>.*))?")


def title_of(study: Study) -> str:
    """A study's short title; a draft that has none yet is called by its number."""
    return study.study.short_title or study.study.title or f"Study {study.study.iras_id}"


def is_of(entry: Entry, kind: str) -> bool:
    """Whether an entry belongs to what a filter asks for; the schedule's entries are not the review's moves."""
    starts = KINDS[kind][1] if kind in KINDS else ("",)
    return entry.operation.startswith(starts) and not (kind == "review" and entry.operation in KINDS["schedule"][1])


@dataclass(slots=True, kw_only=True)
class Telling:
    """What is needed to tell a study's history: its schedule as it is now, and what its sites and roles are called."""

    study: Study
    roles: Mapping[str, str] = field(default_factory=dict)
    sites: Mapping[str, str] = field(default_factory=dict)
    history: Sequence[Told] = ()
    _shapes: dict[str, list[Entry]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Remember which entries changed which lines an activity has; a withdrawn amendment takes all of them back."""
        for told in self.history:
            for activity in _reshaped(told.entry):
                self._shapes.setdefault(activity, []).append(told.entry)

    @property
    def title(self) -> str:
        """What the study is called."""
        return title_of(self.study)

    def sentence(self, told: Told) -> str:
        """What was done, to stand after the person's name."""
        entry = told.entry
        if entry.operation == "review.line":
            return self._line(entry)
        pattern = _MOVES.get((entry.operation, entry.new or "")) or _MOVES.get((entry.operation, "")) if entry.field == "state" else None
        pattern = pattern or _OTHERS.get(entry.operation)
        if pattern is None:
            return f"{entry.operation} {entry.field}: {entry.new or ''}".strip()
        return pattern.format_map(self._words(entry))

    def reason(self, entry: Entry) -> str:
        """Why, as far as it was said; a refusal's code in words."""
        code, _, more = entry.reason.partition(": ")
        known = {str(name): words for name, words in REFUSAL_WORDS.items()}
        if entry.operation == "costing.refuse" and code.rstrip(":") in known:
            return ". ".join(part for part in (known[code.rstrip(":")], more) if part)
        return "" if entry.operation == "costing.contract" or entry.reason.startswith("escalation ") else entry.reason

    def _words(self, entry: Entry) -> dict[str, str]:
        new, old = entry.new or "", entry.old or ""
        site = self.sites.get(entry.object) or self.sites.get(entry.object.rpartition("/")[2], entry.object.rpartition("/")[2])
        return {
            "new": new,
            "old": old,
            "field": entry.field,
            "site": site,
            "edition": new.partition(" ")[0],
            "old_edition": old.partition(" ")[0],
            "event": EVENT_WORDS.get(entry.field, entry.field),
            "day": long_day(new) if entry.operation == "study.event" else "",
            "line": self.line_name(entry.field),
            "outcome": new.replace("_", " "),
            "signed": long_day(entry.reason.removeprefix("signed on ")) if entry.operation == "costing.contract" else "",
        }

    def _line(self, entry: Entry) -> str:
        place = self.place(entry)
        if entry.old is None:
            return f"added {place}: {entry.new}"
        if entry.new is None:
            return f"removed {place} (was: {entry.old})"
        return f"changed {place} from {entry.old} to {entry.new}"

    def place(self, entry: Entry) -> str:
        """Where in the schedule, in the names of its activities, visits and roles."""
        if found := _WORK.fullmatch(entry.field):
            name, rest = self.line_name(found["id"]), found["rest"] or ""
            if resource := _RESOURCE.fullmatch(rest):
                what = self._role(entry, found["id"], int(resource["number"])) or f"resource {resource['number']}"
                return f"{resource['what']} of {what} in {name}" if resource["what"] else f"{what} in {name}"
            if rest.startswith("count at visit "):
                return f"how often {name} is done at {self._visit(found['arm'], rest.removeprefix('count at visit '))}"
            return f"{rest.replace('_', ' ')} of {name}" if rest else name
        if visit := _VISIT.fullmatch(entry.field):
            name = f"visit {self._visit(visit['arm'], visit['id'])}"
            return f"{visit['rest']} of {name}" if visit["rest"] else name
        return f"the {entry.field.removeprefix('study, ').replace('_', ' ')}"

    def line_name(self, key: str) -> str:
        """An activity's name with its id; the id alone where it is not in the schedule any more."""
        if not key:
            return "the whole schedule"
        if "/" in key:
            arm, _, visit = key.partition("/")
            return f"visit {self._visit(arm, visit)}"
        found = self._activity(key)
        passed = next((entry.name for entry in self.study.pass_through if entry.id == key), None)
        name = found.name if found is not None else passed
        return f"{name} ({key})" if name else key

    def _activity(self, key: str) -> Costed | None:
        listed: list[Costed] = [activity for arm in self.study.arms for activity in arm.activities]
        return next((entry for entry in (*listed, *self.study.unscheduled, *self.study.setup_and_closedown) if entry.id == key), None)

    def _visit(self, arm: str | None, key: str) -> str:
        visits = next((each.visits for each in self.study.expanded_arms() if each.id == arm), [])
        name = next((visit.name for visit in visits if visit.id == key), None)
        return f"{name} ({key})" if name else key

    def _role(self, entry: Entry, activity: str, number: int) -> str | None:
        """The role of a resource, if its number still means the same line: none was added, removed or exchanged since."""
        later = [*self._shapes.get(activity, ()), *self._shapes.get("", ())]
        if any(shape.number > entry.number or shape.correlation_id == entry.correlation_id for shape in later):
            return None
        found = self._activity(activity)
        lines = found.resources if found is not None else []
        if number > len(lines):
            return None
        role = lines[number - 1].role
        return None if role is None else self.roles.get(role, role.replace("_", " "))


def _reshaped(entry: Entry) -> Iterator[str]:
    """The activity whose lines an entry added, removed or exchanged; "" for all of them."""
    if entry.operation == "review.withdraw":
        yield ""
    found = _WORK.fullmatch(entry.field) if entry.operation == "review.line" else None
    rest = found["rest"] or "" if found is not None else ""
    if found is not None and (not rest or (rest.startswith("resource ") and (None in (entry.old, entry.new) or rest.endswith(("role", "code"))))):
        yield found["id"]
