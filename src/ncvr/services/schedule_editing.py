"""Editing a schedule piece by piece: named cells, one activity, or some of the changes a workbook proposes.

Each is the ordinary edit of the schedule (:func:`~ncvr.services.reviewing.edit_schedule`): same permission, same guards, same record.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from ncvr.domain.cell_changes import CellChange, CellsChanged, with_cells
from ncvr.domain.chosen_changes import with_chosen
from ncvr.domain.permissions import not_found
from ncvr.domain.review import ResourceReview, check_may_edit
from ncvr.domain.study import Arm, Study
from ncvr.domain.study_changes import SCHEDULE, study_changes
from ncvr.errors import ChangedMeanwhile, Finding, NcvrError, StudyError
from ncvr.services.office import Act
from ncvr.services.reviewing import edit_schedule, refuse_inconsistent
from ncvr.services.revisions import check_revision, review_object
from ncvr.store import studies


@dataclass(frozen=True, slots=True, kw_only=True)
class CellsEdited:
    """The review after named cells were changed; the same as before where none could be."""

    before: ResourceReview
    review: ResourceReview
    changed: CellsChanged


def may_edit(act: Act, review: ResourceReview) -> bool:
    """Whether this person holds the pen now. (Whoever asks has been let in to read.)"""
    try:
        check_may_edit(review.state, act.standing("review.edit", review.iras_id), review.place)
    except NcvrError:
        return False
    return True


def edit_cells(act: Act, iras_id: str, changes: Sequence[CellChange], expected: int, *, reason: str = "") -> CellsEdited:
    """Make the changes that can be made, each activity's all or none; what stands against the others is in the answer.

    Raises ChangedMeanwhile if a cell does not hold what the person saw in it.
    """
    review = _to_edit(act, iras_id, expected)
    changed = with_cells(review.study, changes, act.office.tariffs.in_force(act.today))
    if changed.moved:
        remedy = "Read it again, and decide on what it says now"
        raise ChangedMeanwhile.of([Finding(f"{moved.line} {moved.cell}", f"{moved.old or 'nothing'} does not stand here", remedy) for moved in changed.moved])
    if changed.study == review.study:
        return CellsEdited(before=review, review=review, changed=changed)
    edited = edit_schedule(act, iras_id, changed.study, expected, reason=reason)
    return CellsEdited(before=review, review=edited, changed=changed)


def put_entry(act: Act, iras_id: str, container: str, entry: Any, expected: int, *, was: str | None) -> ResourceReview:
    """Write one activity, unscheduled, set-up or pass-through entry: in the place of the one it was, or as a new one at the end."""
    return _edit_list(act, iras_id, container, expected, lambda entries: _with_entry(entries, entry, was, f"study {iras_id}, {was}"))


def remove_entry(act: Act, iras_id: str, container: str, entry_id: str, expected: int) -> ResourceReview:
    """Remove one of them. Raises NotFound if it is not there."""

    def without(entries: list[Any]) -> list[Any]:
        kept = [entry for entry in entries if entry.id != entry_id]
        if len(kept) == len(entries):
            raise not_found(f"study {iras_id}, {entry_id}")
        return kept

    return _edit_list(act, iras_id, container, expected, without)


def accept_changes(act: Act, iras_id: str, proposed: Study, chosen: Collection[str], expected: int, *, reason: str) -> tuple[ResourceReview, int]:
    """Take over the chosen changes of a proposed schedule, and how many they were. ``chosen`` are keys as :func:`change_name` writes them."""
    review = _to_edit(act, iras_id, expected)
    whole = review.study.model_copy(update={name: getattr(proposed, name) for name in SCHEDULE})
    refuse_inconsistent(whole)
    found = study_changes(review.study, whole, act.office.tariffs.in_force(act.today))
    wanted = [change for change in found if change_name(change.key) in chosen]
    if not wanted:
        raise StudyError("no change is chosen", "change", "Tick at least one, or discard the workbook")
    study = whole if len(wanted) == len(found) else with_chosen(review.study, whole, wanted)
    return edit_schedule(act, iras_id, study, expected, reason=reason), len(wanted)


def change_name(key: tuple[str, ...]) -> str:
    """What a change is called in a form.

    >>> change_name(("A", "A01", "count", "V1"))
    'A/A01/count/V1'
    """
    return "/".join(key)


def _to_edit(act: Act, iras_id: str, expected: int) -> ResourceReview:
    by = act.standing("review.edit", iras_id)
    review = studies.read(act.connection, iras_id, for_update=True)
    assert review is not None  # the person has a standing in it
    check_revision(act, review_object(iras_id), review.revision, expected)
    check_may_edit(review.state, by, review.place)
    return review


def _edit_list(act: Act, iras_id: str, container: str, expected: int, change: Callable[[list[Any]], list[Any]]) -> ResourceReview:
    review = _to_edit(act, iras_id, expected)
    study = _with_list(review.study, container, change)
    return edit_schedule(act, iras_id, study, expected)


def _with_list(study: Study, container: str, change: Callable[[list[Any]], list[Any]]) -> Study:
    if container in SCHEDULE[1:]:
        return study.model_copy(update={container: change(list(getattr(study, container)))})
    if container not in {arm.id for arm in study.arms}:
        raise not_found(f"arm {container}")

    def changed(arm: Arm) -> Arm:
        return arm.model_copy(update={"activities": change(list(arm.activities))}) if arm.id == container else arm

    return study.model_copy(update={"arms": [changed(arm) for arm in study.arms]})


def _with_entry(entries: list[Any], entry: Any, was: str | None, place: str) -> list[Any]:
    if was is None:
        return [*entries, entry]
    if was not in {found.id for found in entries}:
        raise not_found(place)
    return [entry if found.id == was else found for found in entries]
