"""No suppressed number can be worked out: the published tables are solved as equations."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from ncvr.domain.adherence_breakdowns import COLUMNS, TOTAL, SponsorCell, sponsor_sums
from ncvr.domain.suppression import SMALL, Sum, suppressed

SPONSORS = ("Acme", "Bolt", "Core", "Dale", "Eden")
REGIONS = ("region London", "region North")
COSTINGS = st.lists(st.tuples(st.sampled_from(SPONSORS), st.sampled_from(COLUMNS), st.sampled_from(REGIONS)), max_size=60)


def table(costings: Sequence[tuple[str, ...]], sponsors: Sequence[str] = SPONSORS, columns: Sequence[str] = (*COLUMNS, *REGIONS)) -> dict[SponsorCell, int]:
    """Counts of costings (sponsor, then the columns it stands in) with all totals."""
    values = {(name, column): 0 for name in (*sponsors, TOTAL) for column in (*columns, TOTAL)}
    for sponsor, *stands_in in costings:
        for name in (sponsor, TOTAL):
            for column in (*stands_in, TOTAL):
                values[name, column] += 1
    return values


def secret_cells(values: Mapping[SponsorCell, int]) -> list[SponsorCell]:
    return [cell for cell, value in values.items() if cell[0] != TOTAL and value in SMALL]


def determined(sums: Sequence[Sum[SponsorCell]], hidden: frozenset[SponsorCell]) -> set[SponsorCell]:
    """The hidden cells that the equations alone fix: after elimination, those that stand alone in a row."""
    unknown = sorted(hidden)
    rows = [[Fraction(equation.sign(cell)) if cell in equation.cells else Fraction(0) for cell in unknown] for equation in sums]
    solved: list[list[Fraction]] = []
    for column in range(len(unknown)):
        pivot = next((row for row in rows if row[column]), None)
        if pivot is None:
            continue
        rows.remove(pivot)
        pivot = [value / pivot[column] for value in pivot]
        rows, solved = _cleared(rows, pivot, column), [*_cleared(solved, pivot, column), pivot]
    return {unknown[row.index(Fraction(1))] for row in solved if sum(value != 0 for value in row) == 1}


def _cleared(rows: list[list[Fraction]], pivot: list[Fraction], column: int) -> list[list[Fraction]]:
    return [[value - row[column] * of_pivot for value, of_pivot in zip(row, pivot, strict=True)] if row[column] else row for row in rows]


@given(COSTINGS)
def test_the_equations_of_two_tables_determine_no_suppressed_cell(costings: list[tuple[str, str, str]]) -> None:
    values, sums = table(costings), sponsor_sums(SPONSORS, REGIONS)
    hidden = suppressed(values, sums, secret_cells(values))
    assert hidden >= set(secret_cells(values))
    assert determined(sums, hidden) == set()


def test_without_the_cells_suppressed_beside_them_the_secret_ones_are_determined() -> None:
    """The control: the same solver finds the secret when only the small numbers themselves are left out."""
    values = table([("Acme", "accepted", "region London")] * 6 + [("Acme", "not_accepted", "region London"), ("Bolt", "accepted", "region London")])
    sums, secret = sponsor_sums(SPONSORS, REGIONS), frozenset(secret_cells(values))
    assert ("Acme", "not_accepted") in determined(sums, secret)
    assert determined(sums, suppressed(values, sums, secret)) == set()


FEW, TWO = ("Acme", "Bolt", "Core"), ("accepted", "not_accepted")
TWO_SUMS = [Sum((name, TOTAL), tuple((name, column) for column in TWO)) for name in (*FEW, TOTAL)]
TWO_SUMS += [Sum((TOTAL, column), tuple((name, column) for name in FEW)) for column in (*TWO, TOTAL)]


@settings(max_examples=15)
@given(st.lists(st.tuples(st.sampled_from(FEW), st.sampled_from(TWO)), max_size=5))
def test_knowing_that_no_number_is_negative_does_not_determine_one_either(costings: list[tuple[str, str]]) -> None:
    """Every whole solution of a small table is tried."""
    values = table(costings, FEW, TWO)
    hidden = suppressed(values, TWO_SUMS, secret_cells(values))
    if hidden == frozenset(values):
        return  # nothing is published
    parts = [(name, column) for name in FEW for column in TWO]
    choices = [range(6) if cell in hidden else [values[cell]] for cell in parts]
    found: dict[SponsorCell, set[int]] = {cell: set() for cell in hidden}
    for numbers in product(*choices):
        if (whole := _fitting(dict(zip(parts, numbers, strict=True)), values, hidden)) is not None:
            for cell in hidden:
                found[cell].add(whole[cell])
    assert [cell for cell, possible in found.items() if len(possible) < 2] == []


def _fitting(parts: dict[SponsorCell, int], values: Mapping[SponsorCell, int], hidden: frozenset[SponsorCell]) -> dict[SponsorCell, int] | None:
    whole = dict(parts)
    for name in FEW:
        whole[name, TOTAL] = whole[name, TWO[0]] + whole[name, TWO[1]]
        if (name, TOTAL) not in hidden and whole[name, TOTAL] != values[name, TOTAL]:
            return None
    for column in (*TWO, TOTAL):
        whole[TOTAL, column] = sum(whole[name, column] for name in FEW)
        if (TOTAL, column) not in hidden and whole[TOTAL, column] != values[TOTAL, column]:
            return None
    return whole


def test_a_table_of_large_numbers_is_published_whole() -> None:
    sums = [Sum("all", ("one", "two"))]
    assert suppressed({"all": 30, "one": 10, "two": 20}, sums, []) == frozenset()


def test_a_single_small_number_takes_another_with_it() -> None:
    sums = [Sum("all", ("one", "two", "three"))]
    assert suppressed({"all": 33, "one": 3, "two": 10, "three": 20}, sums, ["one"]) == {"one", "two"}


def test_a_secret_that_the_total_gives_away_takes_the_total_with_it() -> None:
    sums = [Sum("all", ("one", "two"))]
    assert suppressed({"all": 3, "one": 3, "two": 0}, sums, ["one"]) >= {"one", "two"}
