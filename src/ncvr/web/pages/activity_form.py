"""One activity, unscheduled, set-up or pass-through entry as a form: how to edit without the grid, and how to add and remove."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fastapi import Response

from ncvr.domain.cell_changes import line_texts
from ncvr.domain.review import check_may_edit
from ncvr.domain.running_cost import cost_once
from ncvr.errors import ChangedMeanwhile, InputError, MoveNotAllowed, NcvrError
from ncvr.services.office import Act
from ncvr.services.schedule_editing import put_entry, remove_entry
from ncvr.web.pages.activity_fields import FIELDS, Place, place_named, place_of
from ncvr.web.pages.activity_reading import read_entry
from ncvr.web.pages.discussion import discussion
from ncvr.web.pages.page import Page, Seen
from ncvr.web.pages.schedule import LISTS, SeenSchedule, activity_link, check_standing, seen_schedule
from ncvr.web.routing import Routes

routes = Routes("Pages")
ENTRY = "/studies/{iras_id}/review/activities/{entry_id}"
NEW = "/studies/{iras_id}/review/new"
_SPARE_LINES = 2


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
        entry = read_entry(page, place)
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
