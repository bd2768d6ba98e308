"""The payables of a study as the price sheets list them, and where the schedule sheets hold their cost."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ncvr.domain.study import Arm, Study, Visit

KIND_WORDS = {"visit": "Visit", "item": "Item", "unscheduled": "Unscheduled", "setup_and_closedown": "Set-up and close-down"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A payable as the sheets list it; ``source`` is the formula of its national cost in units, ``times`` how often a projection expects it."""

    kind: str
    arm: str
    id: str
    name: str
    source: str
    once: int  # 1: counted in a participant's total
    times: int

    @property
    def key(self) -> tuple[str, str, str]:
        return self.kind, self.kind if self.kind in ("unscheduled", "setup_and_closedown") else self.arm, self.id


def payable_rows(study: Study, shown_arms: Sequence[Arm], short: Mapping[str, str]) -> list[Row]:
    """Every payable of the arms shown and of the study, in the file's order. ``short`` begins each arm's named ranges."""
    rows = [row for arm in shown_arms for row in _arm_rows(arm, short[arm.id])]
    taken = {"", *(arm.id for arm in shown_arms)}
    for entry in study.unscheduled:
        if (entry.arm or "") in taken:
            rows.append(Row(kind="unscheduled", arm=entry.arm or "", id=entry.id, name=entry.name, source=_single("unscheduled", entry.id), once=0, times=0))
    for setup in study.setup_and_closedown:
        source = _single("setup", setup.id)
        rows.append(Row(kind="setup_and_closedown", arm="", id=setup.id, name=setup.name, source=source, once=0, times=setup.expected or 1))
    return rows


def _arm_rows(arm: Arm, short: str) -> Iterator[Row]:
    expected = {visit.id: _expected(visit) for visit in arm.visits}
    for visit in arm.visits:
        source = f'SUMPRODUCT(EXACT({short}_visits,"{visit.id}")*1,{short}_visit_units)'
        scheduled = int(visit.kind == "scheduled")
        yield Row(kind="visit", arm=arm.id, id=visit.id, name=visit.name, source=source, once=scheduled, times=expected[visit.id])
    for activity in arm.activities:
        if activity.payment == "item":
            count = sum(times * expected.get(visit, 0) for visit, times in activity.occurrences.items())
            times = count if activity.max is None else min(count, activity.max)
            yield Row(kind="item", arm=arm.id, id=activity.id, name=activity.name, source=_single(short, activity.id), once=0, times=times)


def _expected(visit: Visit) -> int:
    """How often a projection expects a scheduled visit; a conditional one never."""
    if visit.kind != "scheduled":
        return 0
    return (visit.repeat.expected or 1) if visit.repeat is not None else 1


def _single(short: str, key: str) -> str:
    return f'SUMPRODUCT(EXACT({short}_ids,"{key}")*1,{short}_own_units)'
