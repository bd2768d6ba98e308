"""The list of organisations, and doing without it."""

from datetime import date
from pathlib import Path

import pytest

from ncvr.domain.tariff import organisation
from ncvr.errors import InputError, TariffFileError
from ncvr.files.tariff_files import read_organisations
from ncvr.services.tariffs import check_tariffs
from tests.tiny_editions import ORGANISATIONS, write_organisations, write_tiny_edition

RGT = list(ORGANISATIONS[0])


def row(**changes: str) -> list[str]:
    """The row of RGT with some columns changed."""
    columns = ("ods_code", "scheme", "name", "nation", "type", "region", "status", "open_date", "close_date", "successor", "source")
    return [changes.get(column, cell) for column, cell in zip(columns, RGT, strict=True)]


def problems(folder: Path) -> list[str]:
    return [str(finding).replace(f"{folder}/", "") for finding in read_organisations(folder).errors]


def test_organisations_are_found_by_code_after_trimming_and_in_any_case(tmp_path: Path) -> None:
    write_organisations(tmp_path)
    organisations = read_organisations(tmp_path).or_raise(TariffFileError)
    found = organisation(organisations, " rgt ")
    assert (found.name, found.open_date, found.place) == ("Cambridge", date(1993, 4, 1), "organisations.csv:2")
    with pytest.raises(InputError, match=r"'RGX' is not in the list of organisations \(near: RGT\)"):
        organisation(organisations, "RGX")


BAD = [
    (row(ods_code="R"), "organisations.csv:2: ods_code 'R' is not an organisation code"),
    (row(scheme="nhs"), "organisations.csv:2: scheme 'nhs' is not known here. Use one of: ods, gss, local."),
    (row(status="merged"), "organisations.csv:2: status 'merged' is not known here"),
    (row(status="closed"), "organisations.csv:2: a closed organisation needs its close_date"),
    (row(close_date="31/03/2026"), "organisations.csv:2: close_date '31/03/2026' is not a date. Write it as 2026-04-01."),
    (row(close_date="20260331"), "organisations.csv:2: close_date '20260331' is not a date"),
    (row(close_date="1990-01-01"), "organisations.csv:2: it closes on 1990-01-01, before it opens on 1993-04-01"),
    (row(successor="RGX"), "organisations.csv:2: the successor 'RGX' is not in the list (near: RGT)"),
    (row(successor="rgt"), "organisations.csv:2: RGT cannot be its own successor"),
    (row(type=""), "organisations.csv:2: type is empty"),
    (row(source=""), "organisations.csv:2: source is empty"),
]


@pytest.mark.parametrize(("bad", "says"), BAD, ids=[says for _, says in BAD])
def test_a_bad_row_is_named(tmp_path: Path, bad: list[str], says: str) -> None:
    write_organisations(tmp_path, [bad])
    assert problems(tmp_path)[0].startswith(says)


def test_a_code_that_stands_twice_is_named(tmp_path: Path) -> None:
    write_organisations(tmp_path, [RGT, row(ods_code="rgt ")])
    assert problems(tmp_path) == ["organisations.csv:3: RGT stands here and in organisations.csv:2. Keep one of the two rows."]


def test_without_the_list_names_come_from_the_multipliers_and_the_latest_name_stands(tmp_path: Path) -> None:
    write_tiny_edition(
        tmp_path, "2025-04-01-tiny", files={"site_multipliers": [("RGT", "Old name", "England", "1.1", "x", "x"), ("RXX", "Gone", "England", "1", "x", "x")]}
    )
    write_tiny_edition(tmp_path)
    organisations = read_organisations(tmp_path).or_raise(TariffFileError)
    assert {code: listed.name for code, listed in organisations.items()} == {"RGT": "Cambridge", "RXX": "Gone", "RA9": "Torbay"}
    assert {listed.status for listed in organisations.values()} == {"unknown"}


def test_checking_notices_closed_and_unlisted_organisations_and_refuses_nothing(tmp_path: Path) -> None:
    write_tiny_edition(tmp_path)
    _, findings = check_tariffs(tmp_path)
    assert ["no list of organisations" in finding.problem for finding in findings] == [True]
    write_organisations(tmp_path, [row(status="closed", close_date="2026-03-31")])
    editions, findings = check_tariffs(tmp_path)
    assert len(editions) == 1
    assert {finding.level for finding in findings} == {"notice"}
    assert [str(finding).replace(f"{tmp_path}/", "") for finding in findings] == [
        "2026-04-01-tiny/site_multipliers.csv:3: RA9 (Torbay) is not in the list of organisations. Add it to organisations.csv, or correct the code.",
        "2026-04-01-tiny/site_multipliers.csv:2: RGT (Cambridge) closed on 2026-03-31, before this edition starts. It cannot be priced; price its successor.",
    ]
    write_organisations(tmp_path, [row(status="closed", close_date="2026-04-30"), ORGANISATIONS[1]])
    assert "It can be priced up to that day" in check_tariffs(tmp_path)[1][0].remedy
