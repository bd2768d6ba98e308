"""One activity, unscheduled, set-up or pass-through entry as a form: how to edit without the grid, and how to add and remove."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

from fastapi import Response

from ncvr.domain.cell_changes import are_minutes, line_texts
from ncvr.domain.permissions import not_found
from ncvr.domain.review import check_may_edit
from ncvr.domain.running_cost import cost_once
from ncvr.domain.study import Activity, Arm, Costed, PassThrough, Record, StudyActivity, UnscheduledActivity, Visit
from ncvr.domain.tariff import near
from ncvr.errors import ChangedMeanwhile, Finding, InputError, MoveNotAllowed, NcvrError
from ncvr.files.json_files import validated
from ncvr.services.office import Act
from ncvr.services.schedule_editing import put_entry, remove_entry
from ncvr.web.pages.discussion import discussion
from ncvr.web.pages.page import Page, Seen
from ncvr.web.pages.schedule import LISTS, SeenSchedule, activity_link, check_standing, seen_schedule
from ncvr.web.routing import Routes

routes = Routes("Pages")
ENTRY = "/studies/{iras_id}/review/activities/{entry_id}"
NEW = "/studies/{iras_id}/review/new"
_SPARE_LINES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """A field of the form; ``choices`` make it a list to choose from. ``more``: it stands below what is needed most."""

    name: str
    label: str
    hint: str = ""
    choices: tuple[str, ...] = ()
    number: bool = False
    width: str = ""
    more: bool = False


def _choices(model: type[Record], name: str) -> tuple[str, ...]:
    return get_args(model.model_fields[name].annotation)


_NAME = FormField(name="name", label="Name")
_TYPE = FormField(name="type", label="Type", choices=_choices(Costed, "type"))
_DEPARTMENT = FormField(name="department", label="Department", hint="Leave it empty to take the one of the tariff", width="20")
_WHEN = FormField(name="when", label="When it is paid", hint="Such as: if the participant withdraws early", more=True)
_MOST = FormField(name="max", label="At most how often", number=True, width="4", more=True)
_ABOUT = (
    FormField(name="protocol_ref", label="Where the protocol asks for it", hint="Such as: 6.2", width="20", more=True),
    FormField(name="no_charge", label="No charge, because", hint="Only where there are no resources", more=True),
    FormField(name="to_do", label="Still to do", hint="Only where there are no resources yet", more=True),
)
_PAID = FormField(name="payment", label="Paid", hint="visit: in the price of its visits; item: each time it is done", choices=("visit", "item"))
_PER = FormField(name="per", label="Per", choices=_choices(StudyActivity, "per"))
_EXPECTED = FormField(name="expected", label="Expected how often", number=True, width="4", more=True)
FIELDS: dict[type[Any], tuple[FormField, ...]] = {
    Activity: (_NAME, _TYPE, _DEPARTMENT, _PAID, _WHEN, _MOST, *_ABOUT),
    UnscheduledActivity: (_NAME, _TYPE, _DEPARTMENT, FormField(name="arm", label="Arm", hint="Its id; empty is any arm", width="10"), _WHEN, _MOST, *_ABOUT),
    StudyActivity: (_NAME, _TYPE, _DEPARTMENT, FormField(name="trigger", label="What it is paid on", hint="Such as: site opened"), _PER, _EXPECTED, *_ABOUT),
    PassThrough: (
        _NAME,
        FormField(name="basis", label="Basis", hint="Such as: at cost, on receipt"),
        FormField(name="cap", label="At most, in pounds", hint="Such as: 35.00. Empty is no limit", width="10"),
        FormField(name="per", label="Per", hint="Such as: visit", width="20"),
    ),
}
MODELS: dict[str, type[Any]] = {"unscheduled": UnscheduledActivity, "setup_and_closedown": StudyActivity, "pass_through": PassThrough}


@dataclass(kw_only=True)
class Place:
    """Where an entry stands or is to stand: an arm or one of the study's lists."""

    seen: SeenSchedule
    container: str
    entry: Any = None

    @property
    def model(self) -> type[Any]:
        return MODELS.get(self.container, Activity)

    @property
    def arm(self) -> Arm | None:
        return self.seen.arms.get(self.container)

    @property
    def visits(self) -> Sequence[Visit]:
        return self.arm.visits if self.arm is not None else ()

    @property
    def words(self) -> str:
        return self.arm.name if self.arm is not None else LISTS[self.container]

    @property
    def back(self) -> str:
        """The page this came from."""
        review = f"/studies/{self.seen.review.iras_id}/review"
        return f"{review}?arm={self.container}" if self.arm is not None else f"{review}/other"

    @property
    def costed(self) -> bool:
        return issubclass(self.model, Costed)


def place_of(seen: SeenSchedule, entry_id: str) -> Place:
    """Where an entry stands. Raises NotFound."""
    lists: dict[str, Sequence[Any]] = {arm.id: arm.activities for arm in seen.review.study.arms}
    lists |= {name: getattr(seen.review.study, name) for name in LISTS}
    for container, entries in lists.items():
        found = next((entry for entry in entries if entry.id == entry_id), None)
        if found is not None:
            return Place(seen=seen, container=container, entry=found)
    raise not_found(f"study {seen.review.iras_id}, {entry_id}")


def place_named(seen: SeenSchedule, container: str) -> Place:
    """Where a new entry is to stand, the first arm if nothing is said. Raises NotFound."""
    own = [arm.id for arm in seen.review.study.arms if arm.same_as is None]
    container = container or next(iter(own), "unscheduled")
    if container not in LISTS and container not in own:
        raise not_found(f"study {seen.review.iras_id}, list {container}")
    return Place(seen=seen, container=container)


@routes.add("GET", NEW, "review.edit", media_type="text/html")
def new_entry_page(page: Seen, iras_id: str) -> Response:
    """An empty form; who does not hold the pen now is led to the schedule, which says who does."""
    with page.look() as act:
        act.standing("review.edit", iras_id)
        seen = seen_schedule(act, iras_id)
    place = place_named(seen, page.asked("list"))
    if not seen.editable:
        return page.go(place.back)
    return page.show("activity.html", **_shown(place, _empty(place), None))


@routes.add("POST", NEW, "review.edit", media_type="text/html")
def add_entry(page: Seen, iras_id: str) -> Response:
    """Add an activity or another entry at the end of its list."""
    return _save(page, iras_id, lambda seen: place_named(seen, page.field("list")), said="activity-added")


@routes.add("GET", ENTRY, "review.read", media_type="text/html")
def entry_page(page: Seen, iras_id: str, entry_id: str) -> Response:
    """One entry: as a form for whoever holds the pen, as a text for everybody else."""
    with page.look() as act:
        seen = seen_schedule(act, iras_id)
        place = place_of(seen, entry_id)
        talk = discussion(act, seen, entry_id)
    return page.show("activity.html" if seen.editable else "activity_read.html", **_shown(place, _typed(place), talk))


@routes.add("POST", ENTRY, "review.edit", media_type="text/html")
def save_entry(page: Seen, iras_id: str, entry_id: str) -> Response:
    """Save an entry as it was filled in."""
    return _save(page, iras_id, lambda seen: place_of(seen, entry_id), said="activity-saved")


@routes.add("GET", ENTRY + "/remove", "review.edit", media_type="text/html")
def remove_page(page: Seen, iras_id: str, entry_id: str) -> Response:
    """What removing it means; who does not hold the pen now is led to the entry."""
    with page.look() as act:
        act.standing("review.edit", iras_id)
        place = place_of(seen_schedule(act, iras_id), entry_id)
    if not place.seen.editable:
        return page.go(activity_link(iras_id, entry_id))
    return page.show("activity_remove.html", place=place, seen=place.seen, review=place.seen.review)


@routes.add("POST", ENTRY + "/remove", "review.edit", media_type="text/html")
def remove(page: Seen, iras_id: str, entry_id: str) -> Response:
    """Remove it; the record keeps what it was."""
    with page.act() as act:
        place = place_of(_to_edit(act, iras_id), entry_id)
        remove_entry(act, iras_id, place.container, entry_id, page.revision)
    return page.go(place.back, said="activity-removed")


def _to_edit(act: Act, iras_id: str) -> SeenSchedule:
    seen = seen_schedule(act, iras_id)
    check_may_edit(seen.review.state, act.standing("review.edit", iras_id), seen.review.place)
    return seen


def _save(page: Page, iras_id: str, found: Callable[[SeenSchedule], Place], *, said: str) -> Response:
    check_standing(page, "review.edit", iras_id)
    expected = page.revision
    with page.look() as act:
        place = found(_to_edit(act, iras_id))
    try:
        entry = _read(page, place)
        with page.act() as act:
            put_entry(act, iras_id, place.container, entry, expected, was=place.entry.id if place.entry is not None else None)
    except (InputError, MoveNotAllowed, ChangedMeanwhile) as error:
        return _again(page, iras_id, found, error)
    return page.go(place.back if said == "activity-added" else activity_link(iras_id, entry.id), said=said)


def _again(page: Page, iras_id: str, found: Callable[[SeenSchedule], Place], error: NcvrError) -> Response:
    """The form as it was filled in, with what stands in the way; it is decided anew on what stands there now."""
    with page.look() as act:
        seen = seen_schedule(act, iras_id)
        place = found(seen)
        talk = discussion(act, seen, place.entry.id) if place.entry is not None else None
    typed = {name: value for name, value in page.form.items() if isinstance(value, str)}
    return page.refused(error, "activity.html", **_shown(place, {**_empty(place), **typed}, talk))


def _shown(place: Place, typed: Mapping[str, str], talk: Any) -> dict[str, Any]:
    lines = [name.partition("-")[2] for name in typed if name.startswith("minutes-")]
    return {
        "place": place,
        "seen": place.seen,
        "review": place.seen.review,
        "fields": FIELDS[place.model],
        "typed": typed,
        "lines": sorted(map(int, filter(str.isdecimal, lines))),
        "once": place.seen.national(cost_once(place.entry, place.seen.edition, setup=place.container == "setup_and_closedown"))
        if place.costed and place.entry
        else "",
        "talk": talk,
        "counts": [(visit.name, times) for visit in place.visits if (times := getattr(place.entry, "occurrences", {}).get(visit.id))],
    }


def _empty(place: Place) -> dict[str, str]:
    """A form with nothing in it but an id that is free."""
    typed = {field.name: field.choices[0] if field.choices else "" for field in FIELDS[place.model]}
    typed |= {"type": "other", "id": _free_id(place)} if place.costed else {"id": _free_id(place)}
    return typed | _line_fields([], place) | {f"visit-{number}": "" for number in range(1, len(place.visits) + 1)}


def _line_fields(lines: Sequence[Any], place: Place) -> dict[str, str]:
    typed: dict[str, str] = {}
    for number in range(1, len(lines) + _SPARE_LINES + 1) if place.costed else ():
        line = lines[number - 1] if number <= len(lines) else None
        texts = line_texts(line) if line is not None else {"minutes": "", "quantity": ""}
        roles = {"role": line.role or "", "item": line.item or ""} if line is not None else {"role": "", "item": ""}
        typed |= {f"{key}-{number}": text for key, text in {**roles, "minutes": texts["minutes"], "quantity": texts["quantity"]}.items()}
    return typed


def _typed(place: Place) -> dict[str, str]:
    """The entry as the form shows it."""
    entry = place.entry
    typed = {field.name: "" if (value := getattr(entry, field.name)) is None else str(value) for field in FIELDS[place.model]}
    counts = getattr(entry, "occurrences", {})
    visits = {f"visit-{number}": str(counts.get(visit.id) or "") for number, visit in enumerate(place.visits, start=1)}
    return {"id": entry.id, **typed, **_line_fields(getattr(entry, "resources", []), place), **visits}


def _free_id(place: Place) -> str:
    """The ids of the list counted on."""
    study = place.seen.review.study
    lists: dict[str, list[Any]] = {arm.id: list(arm.activities) for arm in study.arms} | {name: list(getattr(study, name)) for name in LISTS}
    taken = {entry.id for entries in lists.values() for entry in entries}
    here = lists[place.container]
    last = here[-1].id if here else "A00"
    stem = last.rstrip("0123456789") or "A"
    return next(key for number in range(1, 10_000) if (key := f"{stem}{number:0{max(1, len(last) - len(stem))}d}") not in taken)


def _read(page: Page, place: Place) -> Any:
    """What was filled in as an entry. Raises InputError with a finding for each field that needs mending."""
    reading = _FormReading(page, place)
    value, findings = validated(place.model, reading.record(), "", reading.field_of)
    own = {finding.place for finding in reading.findings}
    placed = [replace(finding, place=finding.place.removeprefix(": ")) for finding in findings]
    findings = [*reading.findings, *(finding for finding in placed if finding.place not in own)]
    if findings or value is None:
        raise InputError.of(findings)
    return value


class _FormReading:
    """The fields of the form as the study file writes an entry; ``findings`` are what the file's own rules would not say."""

    def __init__(self, page: Page, place: Place) -> None:
        self.page, self.place = page, place
        self.findings: list[Finding] = []
        self.numbers: list[int] = []  # which line of the form each resource came from

    def record(self) -> dict[str, Any]:
        entry = self.place.entry
        record: dict[str, Any] = {"id": entry.id if entry is not None else self.page.field("id")}
        if getattr(entry, "catalogue", None):
            record["catalogue"] = entry.catalogue
        for field in FIELDS[self.place.model]:
            text = self.page.field(field.name)
            if text:
                record[field.name] = int(text) if field.number and text.isascii() and text.isdecimal() else text
        if not record.get("name"):
            self.findings.append(Finding("name", "the name is missing", "Enter the name as the protocol has it"))
            record["name"] = "-"
        if self.place.costed:
            record["resources"] = self._resources()
        if self.place.model is Activity:
            record["occurrences"] = self._counts()
        return record

    def _resources(self) -> list[dict[str, Any]]:
        lines = []
        old = list(getattr(self.place.entry, "resources", []))
        for number in sorted(int(name.partition("-")[2]) for name in self.page.form if name.startswith("minutes-") and name[8:].isdecimal()):
            role, minutes, item, quantity = (self.page.field(f"{key}-{number}") for key in ("role", "minutes", "item", "quantity"))
            if not (role or minutes or item):
                continue
            self._check(number, role, minutes, item)
            line: dict[str, Any] = {"role": role, "minutes": _number(minutes), "item": item, "quantity": _number(quantity or "1")}
            if number <= len(old):
                line["department"] = old[number - 1].department
            lines.append({key: value for key, value in line.items() if value not in ("", None)})
            self.numbers.append(number)
        return lines

    def _check(self, number: int, role: str, minutes: str, item: str) -> None:
        edition = self.place.seen.edition
        if role and item:
            self.findings.append(Finding(f"item-{number}", "one line has a role and a code", "Give each a line of its own"))
        elif role and not minutes:
            self.findings.append(Finding(f"minutes-{number}", f"the role {role!r} has no minutes", "Enter its minutes, like 20"))
        elif minutes and not role:
            self.findings.append(Finding(f"role-{number}", "minutes belong to a role, and none is chosen", "Choose the role"))
        elif minutes and not are_minutes(minutes):
            self.findings.append(Finding(f"minutes-{number}", f"{minutes[:40]!r} cannot be minutes", "Enter minutes above 0, like 20 or 7.5, at most 10,080"))
        if item and item not in edition.items:
            self.findings.append(
                Finding(f"item-{number}", f"{item!r} is not in edition {edition.edition}{near(item, edition.items)}", "Choose a code of the list")
            )

    def _counts(self) -> dict[str, Any]:
        counts: dict[str, Any] = {}
        for number, visit in enumerate(self.place.visits, start=1):
            text = self.page.field(f"visit-{number}")
            if text and not (text.isascii() and text.isdecimal() and len(text) <= 4):
                self.findings.append(Finding(f"visit-{number}", f"{visit.name}: {text[:40]!r} is not a whole number", "Enter how often, like 2, or nothing"))
            elif text and int(text):
                counts[visit.id] = int(text)
        return counts

    def field_of(self, _record: Any, location: tuple[Any, ...]) -> str:
        """The field of the form for a place in the record."""
        if location[:1] != ("resources",) or len(location) < 2:
            return str(location[0]) if location else ""
        key = next((str(part) for part in location[2:] if part in ("role", "minutes", "item", "quantity")), "role")
        return f"{key}-{self.numbers[location[1]]}"


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else text
