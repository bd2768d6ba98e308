"""Two versions of a study, line by line: what was added, removed or changed, and what each change does to the national cost.

The effect counts every payable once, at multiplier 1 and before rounding: a visit as often as a participant makes it once,
an item once. Changes are taken one after another, so that their effects add up exactly to the difference of the totals.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ncvr.domain.activity_changes import What, activity_steps, activity_words, said
from ncvr.domain.pricing import national_once
from ncvr.domain.study import Activity, Arm, Costed, Study
from ncvr.domain.tariff import TariffEdition
from ncvr.errors import StudyError

SCHEDULE = ("arms", "unscheduled", "setup_and_closedown", "pass_through")
_LIST_WORDS = {"unscheduled": "unscheduled", "setup_and_closedown": "set-up and close-down", "pass_through": "pass-through"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyChange:
    """One difference. ``key`` finds the cell it was typed into; ``effect`` is None where one side cannot be priced."""

    what: What
    place: str
    old: str | None
    new: str | None
    effect: Fraction | None
    key: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """A schedule in three figures: staff minutes, occurrences and national pounds (None: not priceable), every payable once."""

    minutes: Fraction
    counts: int
    national: Fraction | None


def study_changes(old: Study, new: Study, edition: TariffEdition) -> tuple[StudyChange, ...]:
    """Every difference between two studies, in the order of the study file."""
    compared = _Compared(old, new, edition)
    return (*compared.identity(), *compared.arms(), *compared.lists())


def totals(study: Study, edition: TariffEdition) -> Totals:
    """The three figures of a study's whole schedule, repeated arms counted for each."""
    minutes, counts, national = Fraction(0), 0, Fraction(0)
    priceable = True
    for container, activity in _work(study):
        times = _times(activity)
        counts += times
        minutes += times * sum((Fraction(line.minutes) * line.quantity for line in activity.resources if line.minutes is not None), Fraction(0))
        cost = _cost(container, activity, edition)
        priceable &= cost is not None
        national += cost or 0
    return Totals(minutes=minutes, counts=counts, national=national if priceable else None)


def _work(study: Study) -> Iterator[tuple[str, Costed]]:
    for arm in study.expanded_arms():
        yield from ((arm.id, activity) for activity in arm.activities)
    for entry in study.unscheduled:
        yield "unscheduled", entry
    for setup in study.setup_and_closedown:
        yield "setup_and_closedown", setup


def _times(activity: Costed) -> int:
    """How often an activity enters the payables, each taken once."""
    return sum(activity.occurrences.values()) if isinstance(activity, Activity) and activity.payment == "visit" else 1


def _cost(container: str, activity: Costed | None, edition: TariffEdition) -> Fraction | None:
    if activity is None:
        return Fraction(0)
    try:
        return _times(activity) * national_once(activity, edition, setup=container == "setup_and_closedown" and not isinstance(activity, Activity))
    except StudyError:
        return None


class _Compared:
    """Two studies under one edition."""

    def __init__(self, old: Study, new: Study, edition: TariffEdition) -> None:
        self.old, self.new, self.edition = old, new, edition

    def identity(self) -> Iterator[StudyChange]:
        """What the study is called, its state and its sites: no effect on a national cost."""
        for key in ("version", "state", "lead_site"):
            yield from _plain_change(key, getattr(self.old, key), getattr(self.new, key), ("study", key))
        for key in type(self.old.study).model_fields:
            yield from _plain_change(f"study, {key}", getattr(self.old.study, key), getattr(self.new.study, key), ("study", key))
        old, new = ({site.key: site for site in study.sites} for study in (self.old, self.new))
        yield from _entries("site", old, new, ("site",))
        if self.old.waivers != self.new.waivers:
            yield from _plain_change("waivers", f"{len(self.old.waivers)} waivers", f"{len(self.new.waivers)} waivers", ("waivers",))

    def arms(self) -> Iterator[StudyChange]:
        old, new = {arm.id: arm for arm in self.old.arms}, {arm.id: arm for arm in self.new.arms}
        for key in [*old, *(key for key in new if key not in old)]:
            before, after = old.get(key), new.get(key)
            if before is None or after is None or before.same_as != after.same_as:
                yield from self._whole_arm(key, before, after)
                continue
            for name in ("name", "kind", "optional"):
                yield from _plain_change(f"arm {key}, {name}", getattr(before, name), getattr(after, name), (key, name))
            if before.same_as is None:
                yield from self._schedule(before, after)

    def _whole_arm(self, key: str, before: Arm | None, after: Arm | None) -> Iterator[StudyChange]:
        effect = _less(self._arm_cost(self.new, after), self._arm_cost(self.old, before))
        old, new = (None if arm is None else _arm_words(arm) for arm in (before, after))
        what: What = "added" if before is None else "removed" if after is None else "changed"
        yield StudyChange(what=what, place=f"arm {key}", old=old, new=new, effect=effect, key=(key,))

    def _arm_cost(self, study: Study, arm: Arm | None) -> Fraction | None:
        if arm is None:
            return Fraction(0)
        expanded = next(each for each in study.expanded_arms() if each.id == arm.id)
        return _sum([_cost(arm.id, activity, self.edition) for activity in expanded.activities])

    def _schedule(self, before: Arm, after: Arm) -> Iterator[StudyChange]:
        """Visits, then activities; an arm that others repeat counts for each of those that repeat it before and after."""
        repeated = [arm.id for arm in self.old.arms if arm.same_as == before.id]
        times = 1 + sum(arm.same_as == after.id and arm.id in repeated for arm in self.new.arms)
        container, old_visits, new_visits = before.id, {visit.id: visit for visit in before.visits}, {visit.id: visit for visit in after.visits}
        kept = list(before.activities)
        for key, visit in old_visits.items():
            if key not in new_visits:
                without = [_without_visit(activity, key) for activity in kept]
                effect = _sum([self._difference(container, was, now) for was, now in zip(kept, without, strict=True)])
                kept = without
                place = f"arm {container}, visit {key}"
                yield _change("removed", place, visit.name, None, _scaled(effect, times), (container, "visit", key))
        yield from _entries(f"arm {container}, visit", {key: old_visits[key] for key in old_visits if key in new_visits}, new_visits, (container, "visit"))
        yield from self._activities(container, f"arm {container}, activity", kept, after.activities, times)

    def lists(self) -> Iterator[StudyChange]:
        for container in ("unscheduled", "setup_and_closedown"):
            old: Sequence[Costed] = getattr(self.old, container)
            new: Sequence[Costed] = getattr(self.new, container)
            yield from self._activities(container, _LIST_WORDS[container], old, new, 1)
        passed = [{entry.id: entry for entry in study.pass_through} for study in (self.old, self.new)]
        yield from _entries("pass-through", passed[0], passed[1], ("pass_through",))

    def _activities(self, container: str, words: str, old: Sequence[Costed], new: Sequence[Costed], times: int) -> Iterator[StudyChange]:
        before, after = {activity.id: activity for activity in old}, {activity.id: activity for activity in new}
        for key in [*before, *(key for key in after if key not in before)]:
            was, now, place = before.get(key), after.get(key), f"{words} {key}"
            if was is not None and now is not None:
                yield from self._steps(container, place, was, now, times)
                continue
            effect = _scaled(self._difference(container, was, now), times)
            described = [None if activity is None else activity_words(activity) for activity in (was, now)]
            yield _change("removed" if now is None else "added", place, described[0], described[1], effect, (container, key))

    def _difference(self, container: str, was: Costed | None, now: Costed | None) -> Fraction | None:
        return _less(_cost(container, now, self.edition), _cost(container, was, self.edition))

    def _steps(self, container: str, place: str, was: Costed, now: Costed, times: int) -> Iterator[StudyChange]:
        """From the old activity to the new one, one change at a time; each step's effect is the difference it makes."""
        current = was
        for what, words, old, new, key, following in activity_steps(was, now):
            effect = self._difference(container, current, following)
            yield _change(what, f"{place}, {words}", old, new, _scaled(effect, times), (container, was.id, *key))
            current = following


def _entries(words: str, old: Mapping[str, Any], new: Mapping[str, Any], key: tuple[str, ...]) -> Iterator[StudyChange]:
    """Records that carry no priced resource, by id: added, removed, and changed field by field."""
    for name in [*old, *(name for name in new if name not in old)]:
        before, after, place = old.get(name), new.get(name), f"{words} {name}"
        if before is None or after is None:
            described = [None if entry is None else str(getattr(entry, "name", name)) for entry in (before, after)]
            yield _change("added" if before is None else "removed", place, described[0], described[1], Fraction(0), (*key, name))
            continue
        for field in type(before).model_fields:
            yield from _plain_change(f"{place}, {field}", getattr(before, field), getattr(after, field), (*key, name, field))


def _plain_change(place: str, old: Any, new: Any, key: tuple[str, ...]) -> Iterator[StudyChange]:
    if old != new:
        yield _change("changed", place, said(old), said(new), Fraction(0), key)


def _change(what: What, place: str, old: str | None, new: str | None, effect: Fraction | None, key: tuple[str, ...]) -> StudyChange:
    return StudyChange(what=what, place=place, old=old, new=new, effect=effect, key=key)


def _arm_words(arm: Arm) -> str:
    if arm.same_as is not None:
        return f"{arm.name}, which repeats arm {arm.same_as}"
    return f"{arm.name}: {len(arm.visits)} visits, {len(arm.activities)} activities"


def _without_visit(activity: Activity, visit: str) -> Activity:
    return activity.model_copy(update={"occurrences": {key: times for key, times in activity.occurrences.items() if key != visit}})


def _less(new: Fraction | None, old: Fraction | None) -> Fraction | None:
    return None if new is None or old is None else new - old


def _sum(amounts: Sequence[Fraction | None]) -> Fraction | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Fraction(0)) if len(known) == len(amounts) else None


def _scaled(amount: Fraction | None, times: int) -> Fraction | None:
    return None if amount is None else amount * times
