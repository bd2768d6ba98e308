"""Laws of editions: which one is in force, and that writing one another way says the same."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncvr.domain.tariff import edition_in_force, in_force_until
from ncvr.domain.tariff_comparison import compare_editions
from ncvr.errors import NoTariffInForce, TariffFileError
from ncvr.files.csv_table import Cells, inert, read_table
from ncvr.files.tariff_files import read_edition
from ncvr.services.tariffs import check_tariffs
from tests.editions import edition
from tests.tiny_editions import write_organisations, write_rows, write_tiny_edition

DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@dataclass(frozen=True)
class Start:
    edition: str
    in_force_from: date


STARTS = st.lists(DAYS, min_size=1, max_size=8, unique=True).map(lambda days: [Start(f"starting {day}", day) for day in days])


@given(STARTS, DAYS)
def test_exactly_one_edition_is_in_force_on_any_day_after_the_first(editions: list[Start], on: date) -> None:
    def covers(start: Start) -> bool:
        until = in_force_until(start, editions)
        return start.in_force_from <= on and (until is None or on <= until)

    in_force = [start for start in editions if covers(start)]
    if on < min(start.in_force_from for start in editions):
        assert in_force == []
        with pytest.raises(NoTariffInForce):
            edition_in_force(editions, on)
    else:
        assert in_force == [edition_in_force(editions, on)]


@given(STARTS, st.data())
def test_which_edition_is_in_force_does_not_depend_on_their_order(editions: list[Start], data: st.DataObject) -> None:
    first = min(start.in_force_from for start in editions)
    on = first + timedelta(days=data.draw(st.integers(0, 40_000)))
    assert edition_in_force(data.draw(st.permutations(editions)), on) == edition_in_force(editions, on)


RATES = st.dictionaries(
    st.sampled_from(["consultant", "nurse", "pharmacist", "clerk"]), st.decimals(0, 10**6, places=6).map(lambda number: f"{number:f}"), min_size=1
)


@given(RATES, RATES)
def test_what_a_comparison_says_leads_from_the_old_edition_to_the_new(before: dict[str, str], after: dict[str, str]) -> None:
    changes = compare_editions(edition(staff=before), edition(staff=after)).of("staff_rates")
    rates = {role: Decimal(rate) for role, rate in before.items()}
    for change in changes:
        if change.new is None:
            del rates[change.key]
            continue
        if change.difference is not None and change.old is not None:
            assert Decimal(change.old) + change.difference == Decimal(change.new)
        if change.per_cent is not None and change.old is not None:
            assert Fraction(change.old) * (1 + change.per_cent / 100) == Fraction(change.new)
        rates[change.key] = Decimal(change.new)
    assert rates == {role: Decimal(rate) for role, rate in after.items()}


@given(RATES, RATES)
def test_an_edition_written_as_changes_has_the_content_of_the_same_edition_in_full(before: dict[str, str], after: dict[str, str]) -> None:
    def rows(rates: dict[str, str]) -> list[tuple[str, ...]]:
        return [(role, role, rate, "made up") for role, rate in rates.items()]

    changes = [row for row in rows(after) if before.get(row[0]) != row[2]] + [(role, "", "", "gone") for role in before.keys() - after.keys()]
    with TemporaryDirectory() as name:
        folder = Path(name)
        full = {"activities": [], "staff_rates": rows(before)}
        write_tiny_edition(folder / "a", "2026-04-01", files=full)
        write_tiny_edition(folder / "a", "2027-04-01", based_on="2026-04-01", files={"staff_rates": changes})
        write_tiny_edition(folder / "b", "2027-04-01", files=full | {"staff_rates": rows(after)})
        one, other = (read_edition(folder / side, "2027-04-01").or_raise(TariffFileError) for side in "ab")
    assert one.sha256 == other.sha256


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('\n",;=+-@'), min_size=1).map(str.strip).filter(bool)


@given(st.lists(st.tuples(TEXT, TEXT), max_size=5))
def test_texts_come_back_from_csv_as_they_were_written(rows: list[tuple[str, str]]) -> None:
    with TemporaryDirectory() as name:
        path = Path(name) / "texts.csv"
        write_rows(path, ["a", "b"], [[inert(cell) for cell in row] for row in rows])
        findings: list[object] = []
        table: list[Cells] = list(read_table(path, ["a", "b"], findings))  # type: ignore[arg-type]
    assert findings == []
    assert [(cells.values["a"], cells.values["b"]) for cells in table] == [tuple(normalize("NFC", cell) for cell in row) for row in rows]


ROW_FILES = ["staff_rates.csv", "staff_rate_derivation.csv", "items.csv", "activities.csv", "site_multipliers.csv"]
DAMAGED = ["edition.yaml", *ROW_FILES, "../editions.lock", "../organisations.csv"]


@given(st.sampled_from(DAMAGED), st.floats(0, 1), st.integers(0, 12), st.binary(max_size=6))
def test_a_damaged_file_is_read_or_named_but_never_breaks_the_reader(file: str, at: float, cut: int, put: bytes) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        edition_folder = write_tiny_edition(folder)
        write_organisations(folder)
        (folder / "editions.lock").write_text(f"edition,sha256,approved_by\n2026-04-01-tiny,sha256:{'0' * 64},\n", encoding="utf-8")
        path = edition_folder / file
        content = path.read_bytes()
        start = int(at * len(content))
        path.write_bytes(content[:start] + put + content[start + cut :])
        editions, findings = check_tariffs(folder)
    assert editions == ()  # the lock at least does not fit
    assert any(finding.level == "error" for finding in findings)
    assert all(finding.problem and finding.remedy and finding.place.startswith(name) for finding in findings)
