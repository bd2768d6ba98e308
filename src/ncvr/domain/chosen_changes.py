"""Taking over some of the changes between two versions of a study and leaving the others.

Each change is one that :func:`~ncvr.domain.study_changes.study_changes` names; its key says what of the new version it brings.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import ValidationError

from ncvr.domain.activity_changes import changed_lines
from ncvr.domain.study import Costed, Record, Study, study_record
from ncvr.domain.study_changes import StudyChange
from ncvr.domain.study_checks import check_references
from ncvr.errors import Finding, StudyError

Entry = TypeVar("Entry", bound=Record)
Key = tuple[str, ...]
_LINE_FIELDS = {"minutes": "minutes", "quantity": "quantity", "line_department": "department"}


def with_chosen(old: Study, new: Study, chosen: Iterable[StudyChange]) -> Study:
    """The old study with the chosen changes of the new one made.

    Raises StudyError with every finding where some need others that were not chosen, such as a count at a visit that is new.
    """
    keys = {change.key for change in chosen}
    brought = _Brought(old, new, keys)
    schedule = {
        "arms": brought.arms(),
        "unscheduled": brought.activities("unscheduled", old.unscheduled, new.unscheduled),
        "setup_and_closedown": brought.activities("setup_and_closedown", old.setup_and_closedown, new.setup_and_closedown),
        "pass_through": brought.entries(("pass_through",), old.pass_through, new.pass_through),
    }
    if brought.findings:
        raise StudyError.of(brought.findings)
    study = old.model_copy(update=schedule)
    missing = check_references(study_record(study))
    if missing:
        raise StudyError.of(missing)
    return study


class _Brought:
    """What the chosen keys bring from the new study into the old one."""

    def __init__(self, old: Study, new: Study, keys: Collection[Key]) -> None:
        self.old, self.new, self.keys = old, new, keys
        self.findings: list[Finding] = []

    def arms(self) -> list[Any]:
        before, after = _by_id(self.old.arms), _by_id(self.new.arms)
        kept = []
        for key in [*before, *(key for key in after if key not in before)]:
            was, now = before.get(key), after.get(key)
            if (key,) in self.keys:
                kept += [now] if now is not None else []
            elif was is not None and now is not None and was.same_as == now.same_as:
                kept.append(self._arm(was, now))
            elif was is not None:
                kept.append(was)
        return kept

    def _arm(self, was: Any, now: Any) -> Any:
        plain = {name: getattr(now, name) for name in ("name", "kind", "optional") if (was.id, name) in self.keys}
        if was.same_as is not None:
            return was.model_copy(update=plain)
        visits = self.entries((was.id, "visit"), was.visits, now.visits)
        there = {visit.id for visit in visits}
        gone = {visit.id for visit in was.visits} - there
        without = [entry.model_copy(update={"occurrences": _without(entry.occurrences, gone)}) if gone else entry for entry in was.activities]
        return was.model_copy(update=plain | {"visits": visits, "activities": self.activities(was.id, without, now.activities)})

    def entries(self, within: Key, old: Sequence[Entry], new: Sequence[Entry]) -> list[Entry]:
        """Records without priced resource, by id: chosen ones come or go, and chosen fields of the others change."""
        before, after = _by_id(old), _by_id(new)
        kept = []
        for key, was in before.items():
            now = after.get(key)
            if now is None:
                kept += [] if (*within, key) in self.keys else [was]
                continue
            fields = {name: getattr(now, name) for name in type(was).model_fields if (*within, key, name) in self.keys}
            kept.append(was.model_copy(update=fields))
        return _placed(kept, [now for key, now in after.items() if key not in before and (*within, key) in self.keys], list(after))

    def activities(self, container: str, old: Sequence[Any], new: Sequence[Any]) -> list[Any]:
        before, after = _by_id(old), _by_id(new)
        kept = []
        for key, was in before.items():
            now = after.get(key)
            if now is None:
                kept += [] if (container, key) in self.keys else [was]
            else:
                kept.append(self._activity(container, was, now))
        return _placed(kept, [now for key, now in after.items() if key not in before and (container, key) in self.keys], list(after))

    def _activity(self, container: str, was: Costed, now: Costed) -> Costed:
        mine = {key[2:] for key in self.keys if key[:2] == (container, was.id)}
        if not mine:
            return was
        fields: dict[str, Any] = {name: getattr(now, name) for name in type(was).model_fields if (name,) in mine}
        fields["resources"] = self._lines(was, now, mine)
        if hasattr(was, "occurrences"):
            fields["occurrences"] = _counts(was.occurrences, now.occurrences, {key[1] for key in mine if key[0] == "count"})  # type: ignore[attr-defined]
        changed = was.model_copy(update=fields)
        try:
            return type(was).model_validate(changed.model_dump())
        except ValidationError:
            says = f"{was.name!r} would have resources and a reason why it has none"
            self.findings.append(Finding(f"activity {was.id}", says, "Choose the changes of this activity together"))
            return was

    def _lines(self, was: Costed, now: Costed, mine: Collection[Key]) -> list[Any]:
        lines = []
        partners = _partners(was, now)
        for number, line in enumerate(was.resources, start=1):
            of_line = {key[2] for key in mine if key[:2] == ("line", str(number)) and len(key) == 3}
            if ("line", str(number)) in mine:
                continue
            lines.append(_line(line, partners.get(number), of_line))
        for at, line in enumerate(now.resources):
            if ("line", str(-(at + 1))) in mine:
                lines.insert(at, line)
        return lines


def _partners(was: Costed, now: Costed) -> Mapping[int, Any]:
    """The new line that each changed old one became, by the old one's number."""
    return {old + 1: now.resources[new] for old, new in changed_lines(was.resources, now.resources)}


def _line(line: Any, now: Any, of_line: Collection[str]) -> Any:
    """An old resource line with the chosen fields of the new one; role and code change places together with what belongs to them."""
    if now is None or not of_line:
        return line
    if "resource" in of_line and (line.role is None) != (now.role is None):
        return now
    fields = {field: getattr(now, field) for key, field in _LINE_FIELDS.items() if key in of_line}
    if "resource" in of_line:
        fields |= {"role": now.role, "item": now.item}
    return line.model_copy(update=fields)


def _counts(was: Mapping[str, int], now: Mapping[str, int], visits: Collection[str]) -> dict[str, int]:
    kept = {visit: times for visit, times in was.items() if visit not in visits}
    return kept | {visit: times for visit, times in now.items() if visit in visits}


def _without(occurrences: Mapping[str, int], gone: Collection[str]) -> dict[str, int]:
    return {visit: times for visit, times in occurrences.items() if visit not in gone}


def _by_id(entries: Iterable[Any]) -> dict[str, Any]:
    return {entry.id: entry for entry in entries}


def _placed(kept: list[Entry], added: Iterable[Entry], order: Sequence[str]) -> list[Entry]:
    """New entries where the new version has them."""
    for entry in added:
        kept.insert(min(order.index(_id(entry)), len(kept)), entry)
    return kept


def _id(entry: Any) -> str:
    return str(entry.id)
