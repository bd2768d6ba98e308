"""The cells of a schedule, by name, and changes to them made in a study: what a grid, a row's form or a pasted block asks for.

A cell is a line (the id of an activity) and a place in it: ``count/V1``, or ``resource``, ``minutes`` or ``quantity`` of its
n-th resource line, such as ``line/1/minutes``. No cell holds a price. An activity takes all of its changes or none: what is
wrong with one of them is said, and the activity stays as it was.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ncvr.domain.study import MOST_COUNT, MOST_MINUTES, Activity, Costed, ResourceLine, Study
from ncvr.domain.tariff import TariffEdition, near
from ncvr.money import as_written, exact

LINE_CELLS = ("resource", "minutes", "quantity")


@dataclass(frozen=True, slots=True, kw_only=True)
class CellChange:
    """What stood in a cell when somebody decided, and what is to stand there; empty is none."""

    line: str
    cell: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CellProblem:
    """Why an activity's changes were not made; ``cell`` is where to look."""

    line: str
    cell: str
    problem: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CellsChanged:
    """``lines`` are the activities that took their changes. ``moved`` are changes decided on what does not stand there any more."""

    study: Study
    lines: tuple[str, ...]
    problems: tuple[CellProblem, ...]
    moved: tuple[CellChange, ...]


def cells_of(activity: Costed) -> dict[str, str]:
    """Every cell of an activity that is not empty, as it is shown.

    >>> from ncvr.domain.study import Activity
    >>> record = {"id": "A1", "name": "ECG", "payment": "visit", "resources": [{"role": "nurse", "minutes": "7.5"}], "occurrences": {"V1": 1, "V2": 0}}
    >>> cells_of(Activity.model_validate(record))
    {'line/1/resource': 'nurse', 'line/1/minutes': '7.5', 'line/1/quantity': '1', 'count/V1': '1'}
    """
    cells: dict[str, str] = {}
    for number, line in enumerate(activity.resources, start=1):
        cells |= {f"line/{number}/{key}": text for key, text in line_texts(line).items() if text}
    if isinstance(activity, Activity):
        cells |= {f"count/{visit}": str(times) for visit, times in activity.occurrences.items() if times}
    return cells


def line_texts(line: ResourceLine) -> dict[str, str]:
    """The three cells of a resource line."""
    minutes = "" if line.minutes is None else as_written(line.minutes)
    return {"resource": line.role or line.item or "", "minutes": minutes, "quantity": str(line.quantity)}


def with_cells(study: Study, changes: Iterable[CellChange], edition: TariffEdition) -> CellsChanged:
    """The study with every change made that can be made. Nothing is guessed and nothing is made twice."""
    by_line: dict[str, list[CellChange]] = {}
    for change in changes:
        by_line.setdefault(change.line, []).append(change)
    rows = {activity.id: (activity, visits) for activity, visits in _rows(study)}
    made: dict[str, Costed] = {}
    problems: list[CellProblem] = []
    moved: list[CellChange] = []
    for line, asked in by_line.items():
        if line not in rows:
            problems.append(CellProblem(line=line, cell="", problem=f"there is no activity {line!r} any more", remedy="Open the page again"))
            continue
        row = _Row(*rows[line], edition)
        changed = row.changed(asked)
        problems += row.problems
        moved += row.moved
        if changed is not None:
            made[line] = changed
    return CellsChanged(study=with_activities(study, made), lines=tuple(made), problems=tuple(problems), moved=tuple(moved))


def _rows(study: Study) -> Iterable[tuple[Costed, Sequence[str]]]:
    """Every activity with the visits it can be done at."""
    for arm in study.arms:
        visits = [visit.id for visit in arm.visits]
        yield from ((activity, visits) for activity in arm.activities)
    yield from ((entry, ()) for entry in study.unscheduled)
    yield from ((entry, ()) for entry in study.setup_and_closedown)


def with_activities(study: Study, made: Mapping[str, Costed]) -> Study:
    """The study with these activities in the place of those with the same ids."""
    arms = [arm.model_copy(update={"activities": [made.get(entry.id, entry) for entry in arm.activities]}) for arm in study.arms]
    lists = {name: [made.get(entry.id, entry) for entry in getattr(study, name)] for name in ("unscheduled", "setup_and_closedown")}
    return study.model_copy(update={"arms": arms, **lists})


class _Row:
    """One activity whose cells change."""

    def __init__(self, activity: Costed, visits: Sequence[str], edition: TariffEdition) -> None:
        self.activity, self.visits, self.edition = activity, visits, edition
        self.problems: list[CellProblem] = []
        self.moved: list[CellChange] = []

    def changed(self, asked: Sequence[CellChange]) -> Costed | None:
        """The activity with the changes made; None if it stays as it is."""
        stands = cells_of(self.activity)
        self.moved = [change for change in asked if stands.get(change.cell, "") != change.old]
        wanted = {change.cell: change.new for change in asked}
        fields = [*self._resources(wanted), *self._counts(wanted)]
        for cell in wanted.keys() - set(fields_named(self.activity, self.visits)):
            self._say(cell, "there is no such cell in this line", "Open the page again, or use the activity's form")
        return None if self.problems or self.moved or not asked else self.activity.model_copy(update=dict(fields))

    def _counts(self, wanted: Mapping[str, str]) -> Iterable[tuple[str, Any]]:
        if not isinstance(self.activity, Activity) or not any(cell.startswith("count/") for cell in wanted):
            return
        counts = dict(self.activity.occurrences)
        for visit in self.visits:
            text = wanted.get(f"count/{visit}")
            if text is not None:
                counts.pop(visit, None) if not text else counts.__setitem__(visit, self._whole(f"count/{visit}", text, least=0))
        yield "occurrences", {visit: counts[visit] for visit in self.visits if counts.get(visit)}

    def _resources(self, wanted: Mapping[str, str]) -> Iterable[tuple[str, Any]]:
        if not any(cell.startswith("line/") for cell in wanted):
            return
        lines = [self._line(number, line, wanted) for number, line in enumerate(self.activity.resources or [None], start=1)]
        resources = [line for line in lines if line is not None]
        if len(resources) < len(lines) and len(lines) > 1:
            empty = lines.index(None) + 1
            self._say(f"line/{empty}/resource", "this line has no role or code any more", "Name one, or remove the line in the activity's form")
        if resources and self.activity.no_charge is not None:
            self._say("line/1/resource", f"this activity is free of charge ({self.activity.no_charge})", "Change that in the activity's form first")
        yield "resources", resources
        if resources:
            yield "to_do", None  # it is done

    def _line(self, number: int, line: ResourceLine | None, wanted: Mapping[str, str]) -> ResourceLine | None:
        before = line_texts(line) if line is not None else dict.fromkeys(LINE_CELLS, "")
        texts = {key: wanted.get(f"line/{number}/{key}", before[key]) for key in LINE_CELLS}
        place = f"line/{number}/"
        if not texts["resource"]:
            if texts["minutes"]:
                self._say(place + "resource", "minutes belong to a role, and none is named", "Choose the role")
            return None
        quantity = self._whole(place + "quantity", texts["quantity"] or "1", least=1)
        known: dict[str, Any] = {"quantity": quantity, "department": line.department if line is not None else None}
        if self._fits(place, texts["resource"], texts["minutes"]):
            named = {"role": texts["resource"], "minutes": texts["minutes"]} if texts["minutes"] else {"item": texts["resource"]}
            return ResourceLine.model_validate(named | known) if not self.problems else line
        return line

    def _fits(self, place: str, resource: str, minutes: str) -> bool:
        """Whether this is a role with minutes or a code without; else it is said."""
        roles, items = self.edition.staff_rates, self.edition.items
        before = len(self.problems)
        if resource not in roles and resource not in items:
            says = f"{resource!r} is not in edition {self.edition.edition}{near(resource, [*roles, *items])}"
            self._say(place + "resource", says, "Choose a role or code of the list")
        elif resource in roles and not minutes:
            self._say(place + "minutes", f"the role {resource!r} has no minutes", "Type its minutes")
        elif resource in items and minutes:
            self._say(place + "minutes", f"the tariff code {resource!r} has minutes; only a role has", "Clear the minutes, or choose a role")
        elif minutes and not are_minutes(minutes):
            self._say(place + "minutes", f"{minutes!r} cannot be minutes", "Type minutes above 0, like 20 or 7.5, at most 10,080 (a week)")
        return len(self.problems) == before

    def _whole(self, cell: str, text: str, *, least: int) -> int:
        if text.isascii() and text.isdecimal() and len(text) <= len(str(MOST_COUNT)) and int(text) >= least:
            return int(text)
        self._say(cell, f"{text!r} is not a whole number", f"Type a whole number from {least} to {MOST_COUNT:,}, like 2")
        return 1

    def _say(self, cell: str, problem: str, remedy: str) -> None:
        self.problems.append(CellProblem(line=self.activity.id, cell=cell, problem=problem, remedy=remedy))


def are_minutes(text: str) -> bool:
    """Whether a text can be the minutes of a role.

    >>> are_minutes("7.5"), are_minutes("0"), are_minutes("1e3")
    (True, False, False)
    """
    try:
        return 0 < exact(text) <= MOST_MINUTES
    except ValueError:
        return False


def fields_named(activity: Costed, visits: Sequence[str]) -> Iterable[str]:
    """The names of every cell that this activity has."""
    lines = range(1, max(1, len(activity.resources)) + 1)
    counts = [f"count/{visit}" for visit in visits] if isinstance(activity, Activity) else []
    return [*(f"line/{number}/{key}" for number in lines for key in LINE_CELLS), *counts]
