"""From one version of an activity to the next, one change at a time, so that each change has an effect of its own."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any, Literal

from ncvr.domain.study import Activity, Costed, Record, ResourceLine
from ncvr.money import as_written

What = Literal["added", "removed", "changed"]
_LINE_FIELDS = {
    "role or code": "resource",
    "role": "resource",
    "code": "resource",
    "minutes": "minutes",
    "quantity": "quantity",
    "department": "line_department",
}

Step = tuple[What, str, str | None, str | None, tuple[str, ...], Costed]


def activity_steps(was: Costed, now: Costed) -> Iterator[Step]:
    current = was
    for key in type(was).model_fields:
        if key in ("id", "resources", "occurrences", "no_charge", "to_do") or getattr(was, key) == getattr(now, key):
            continue
        current = current.model_copy(update={key: getattr(now, key)})
        yield "changed", key, said(getattr(was, key)), said(getattr(now, key)), (key,), current
    if was.resources != now.resources or (was.no_charge, was.to_do) != (now.no_charge, now.to_do):
        for step in _resource_steps(current, now):
            current = step[-1]
            yield step
    if isinstance(was, Activity) and isinstance(now, Activity):
        yield from _count_steps(current, was, now)


def _count_steps(current: Costed, was: Activity, now: Activity) -> Iterator[Step]:
    counts = dict(was.occurrences)
    for visit in [*was.occurrences, *(visit for visit in now.occurrences if visit not in was.occurrences)]:
        old, new = was.occurrences.get(visit), now.occurrences.get(visit)
        if old == new:
            continue
        counts = {key: times for key, times in counts.items() if key != visit} | ({visit: new} if new is not None else {})
        current = current.model_copy(update={"occurrences": counts})
        yield "changed", f"count at visit {visit}", said(old), said(new), ("count", visit), current


def _resource_steps(current: Costed, now: Costed) -> Iterator[Step]:
    """Lines that stayed are matched; a line that changed is told field by field; reasons come with the first or last line."""
    old, new = list(current.resources), list(now.resources)
    lines: list[ResourceLine] = list(old)
    shift = 0
    for tag, start, end, first, last in _matched(old, new):
        pairs = min(end - start, last - first) if tag == "replace" else 0
        for at in range(pairs):
            for words, before, after, line in _line_steps(old[start + at], new[first + at]):
                lines[start + at + shift] = line
                current = _with_lines(current, lines)
                yield "changed", f"resource {start + at + 1}, {words}", before, after, ("line", str(start + at + 1), _LINE_FIELDS[words]), current
        for at in range(start + pairs, end) if tag in ("replace", "delete") else ():
            del lines[start + pairs + shift]
            current = _with_lines(current, lines)
            yield "removed", f"resource {at + 1}", _line_words(old[at]), None, ("line", str(at + 1)), current
        removed = max(0, end - start - pairs) if tag in ("replace", "delete") else 0
        shift -= removed
        for at in range(first + pairs, last) if tag in ("replace", "insert") else ():
            lines.insert(at, new[at])
            current = _with_lines(current, lines)
            yield "added", f"resource {at + 1}", None, _line_words(new[at]), ("line", str(-(at + 1))), current
            shift += 1
    for key in ("no_charge", "to_do"):
        before, after = getattr(current, key), getattr(now, key)
        if before != after:
            current = current.model_copy(update={key: after})
            yield "changed", key, said(before), said(after), (key,), current


def changed_lines(old: Sequence[ResourceLine], new: Sequence[ResourceLine]) -> Iterator[tuple[int, int]]:
    """The lines that are told as changed: where each stood and where what it became stands, counted from 0."""
    for tag, start, end, first, last in _matched(old, new):
        if tag == "replace":
            yield from zip(range(start, end), range(first, last), strict=False)


def _matched(old: Sequence[ResourceLine], new: Sequence[ResourceLine]) -> Sequence[tuple[str, int, int, int, int]]:
    return SequenceMatcher(None, [_identity(line) for line in old], [_identity(line) for line in new], autojunk=False).get_opcodes()


def _with_lines(activity: Costed, lines: Sequence[ResourceLine]) -> Costed:
    return activity.model_copy(update={"resources": list(lines)})


def _identity(line: ResourceLine) -> tuple[str, ...]:
    return line.role or "", line.item or "", str(line.minutes), str(line.quantity), line.department or ""


def _line_steps(was: ResourceLine, now: ResourceLine) -> Iterator[tuple[str, str | None, str | None, ResourceLine]]:
    if (was.role is None) != (now.role is None):
        yield "role or code", _line_words(was), _line_words(now), now
        return
    current = was
    for key, words in (("role", "role"), ("item", "code"), ("minutes", "minutes"), ("quantity", "quantity"), ("department", "department")):
        old, new = getattr(was, key), getattr(now, key)
        if old != new:
            current = current.model_copy(update={key: new})
            yield words, said(old), said(new), current


def said(value: Any) -> str | None:
    """A value of a study in words, None for none."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Record):
        return ", ".join(f"{key} {said(part)}" for key, part in value if part is not None)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{key} {part}" for key, part in value.items())
    return as_written(value) if hasattr(value, "as_tuple") else str(value)


def activity_words(activity: Costed) -> str:
    lines = "; ".join(map(_line_words, activity.resources)) or activity.no_charge or activity.to_do or "no resources"
    return f"{activity.name}: {lines}"


def _line_words(line: ResourceLine) -> str:
    what = f"{line.role}, {said(line.minutes)} minutes" if line.role is not None else f"code {line.item}"
    return what if line.quantity == 1 else f"{line.quantity} x {what}"
