"""The finance schedule beside the receipt's, row by row: one altered row is one finding, however many stand below it."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from difflib import SequenceMatcher

from ncvr.domain.receipt import Receipt
from ncvr.domain.verdict import VerdictFinding
from ncvr.files.template_profile import ScheduleTable
from ncvr.files.verification.figures import row_before, row_place
from ncvr.files.verification.places import part_of, shortened
from ncvr.files.verification.schedule import Schedule, ScheduleRow
from ncvr.files.verification.wording import Comparison

Said = Set[tuple[str, str, str]]  # (place, before, after) of what the price has said already
_NAMES = ("ref", "arm")  # the columns a row is known by, where the contract prints them


@dataclass(frozen=True, slots=True)
class _Pair:
    """A row of the contract and the cells filled in for it; one of them may be missing. ``above`` is the row before, or the first."""

    row: ScheduleRow | None
    cells: tuple[str, ...] | None
    above: ScheduleRow | None


def check_receipt_schedule(comparison: Comparison, schedule: Schedule, receipt: Receipt, said: Said) -> Iterator[VerdictFinding]:
    """Every cell of every schedule table is the one filled in. What is in ``said`` is not said again."""
    told: dict[tuple[str, int | None], list[list[str]]] = {(name, None): rows for name, rows in receipt.schedule.tables.items()}
    for number, arm in enumerate(receipt.schedule.arms):
        told |= {(name, number): rows for name, rows in arm.tables.items()}
    for table in comparison.expected.template.profile.tables:
        for arm_number in dict.fromkeys([*(arm for name, arm in told if name == table.name), *(arm for source, arm in schedule.rows if source == table.rows)]):
            rows = schedule.of(table.rows, arm_number)
            wanted = [tuple(row) for row in told.get((table.name, arm_number), []) if row[0] != table.when_empty]
            yield from _compare(comparison, table, _paired(table, rows, wanted), said)


def _paired(table: ScheduleTable, rows: Sequence[ScheduleRow], wanted: Sequence[tuple[str, ...]]) -> list[_Pair]:
    """Rows beside what was filled in, by the name they print, else by all they say; in between by order."""
    keys = [column.key for column in table.columns]
    name = next((keys.index(key) for key in _NAMES if key in keys), None)
    said = [_name(cells, name) for cells in wanted]
    stands = [_name(tuple(row.cells.get(key, "") for key in keys), name) for row in rows]
    same = next((at for at, (one, other) in enumerate(zip(said, stands, strict=False)) if one != other), min(len(said), len(stands)))
    steps = SequenceMatcher(None, said[same:], stands[same:], autojunk=False).get_opcodes()  # of a row that stands twice, the second is too many
    pairs = [_Pair(row, cells, None) for row, cells in zip(rows[:same], wanted[:same], strict=True)]
    for _, i0, i1, j0, j1 in steps:
        for step in range(max(i1 - i0, j1 - j0)):
            row = rows[same + j0 + step] if j0 + step < j1 else None
            above = max(same + min(j0 + step, j1) - 1, 0)
            pairs.append(_Pair(row, wanted[same + i0 + step] if i0 + step < i1 else None, rows[above] if rows else None))
    return pairs


def _name(cells: tuple[str, ...], name: int | None) -> object:
    return cells if name is None or name >= len(cells) else cells[name]


def _compare(comparison: Comparison, table: ScheduleTable, pairs: Sequence[_Pair], said: Said) -> Iterator[VerdictFinding]:
    for pair in pairs:
        finding = _gone(comparison, table, pair) if pair.row is None else _row(comparison, table, pair.row, pair.cells, said)
        if finding is not None and (finding.place, finding.before, finding.after) not in said:
            yield finding


def _gone(comparison: Comparison, table: ScheduleTable, pair: _Pair) -> VerdictFinding:
    assert pair.cells is not None
    texts = dict(zip([column.key for column in table.columns], pair.cells, strict=False))
    says = f"'{shortened(' '.join(pair.cells[:2]), 80)}' was filled in here and is gone. Put its row back"
    place = row_before(comparison, pair.above)
    return VerdictFinding(check="schedule", part="body", place=place, before=texts.get("price", ""), after="", says=says)


def _row(comparison: Comparison, table: ScheduleTable, row: ScheduleRow, cells: tuple[str, ...] | None, said: Said) -> VerdictFinding | None:
    """What is wrong with one row, every cell of it."""
    place, part = row_place(comparison, row), part_of(comparison.found.items[row.at])
    if cells is None:
        says = f"{row.item} was not filled in here. Take the row out"
        return VerdictFinding(check="schedule", part=part, place=place, before="", after=row.cells.get("price", ""), says=says)
    changed = [
        (column.header, cell, row.cells.get(column.key, ""))
        for column, cell in zip(table.columns, cells, strict=False)
        if row.cells.get(column.key) != cell and (place, cell, row.cells.get(column.key, "")) not in said
    ]
    if not changed:
        return None
    told = "; ".join(f"{header} was filled in as '{shortened(before, 80)}' and now reads '{shortened(after, 80)}'" for header, before, after in changed)
    before, after = ("; ".join(texts) for texts in list(zip(*changed, strict=True))[1:])
    return VerdictFinding(check="schedule", part=part, place=place, before=before, after=after, says=f"{row.item}: {told}. Restore it")
