"""What an exported workbook holds: sheets, live prices with stored results, protection, and one site's secrets kept."""

import io
import re
import zipfile
from decimal import Decimal

import openpyxl
import pytest

from ncvr import settings
from ncvr.domain.study import Study
from ncvr.domain.tariff import TariffEdition
from ncvr.errors import TariffFileError
from ncvr.files.tariff_files import read_edition_in_force
from ncvr.files.workbook_package import open_workbook
from tests import editions
from tests.workbooks import ON, columns_of, order_of, plain_study, rows_of, sheet_of, workbook_of

SHEETS = [
    "Start here", "Arm A", "Arm B", "Unscheduled activities", "Setup & Closedown", "Pass-through", "Site prices", "By department", "Income",
    "Cost recovery", "Invoice check", "Roles", "Activities", "Changes", "Lists", "Exported",
]  # fmt: skip


@pytest.fixture(scope="module")
def tariff() -> TariffEdition:
    return editions.edition(
        staff={"consultant": "120.09", "research_nurse": "42.05"},
        items={"ECG": ("53.00", "investigation"), "FEE": ("10.00", "departmental")},
        multipliers={"RGT": "1.077599", "RP4": "1.1876"},
    )


@pytest.fixture(scope="module")
def study() -> Study:
    return editions.study(plain_study())


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {name: package.read(name) for name in package.namelist()}


def test_a_workbook_has_a_sheet_for_everything_and_hides_only_its_lists(study: Study, tariff: TariffEdition) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook_of(study, tariff)))
    assert book.sheetnames == SHEETS
    assert [name for name in SHEETS if book[name].sheet_state != "visible"] == ["Lists", "Exported"]
    assert all(not book[name].merged_cells.ranges for name in SHEETS)


def test_the_same_order_gives_the_same_bytes(study: Study, tariff: TariffEdition) -> None:
    assert workbook_of(study, tariff) == workbook_of(study, tariff)


def test_stored_prices_are_those_of_the_engine(study: Study, tariff: TariffEdition) -> None:
    content = workbook_of(study, tariff, "RGT")
    price = editions.site_price(study, tariff, "RGT")
    arm = sheet_of(open_workbook(content, "W"), "arm/A")
    foot = rows_of(arm)["foot:price"]
    for visit, pence in price.visit_prices("A").items():
        assert Decimal(arm.cell(foot, columns_of(arm)[f"visit:{visit}"]).text) == Decimal(pence).scaleb(-2)
    item = arm.cell(rows_of(arm)["A/A03#1"], columns_of(arm)["=price"])
    assert Decimal(item.text) == Decimal(price.price("item", "A03", "A")).scaleb(-2)


def test_every_price_is_a_formula_and_locked_and_every_input_unlocked(study: Study, tariff: TariffEdition) -> None:
    arm = openpyxl.load_workbook(io.BytesIO(workbook_of(study, tariff)))["Arm A"]
    found = sheet_of(open_workbook(workbook_of(study, tariff), "W"), "arm/A")
    row, columns = rows_of(found)["A/A01#1"], columns_of(found)
    assert arm.protection.sheet
    for key in ("name", "resource", "minutes", "quantity", "visit:V1"):
        assert not arm.cell(row, columns[key]).protection.locked, key
    for key in ("=direct", "=indirect", "=capacity", "=multiplier", "=total"):
        cell = arm.cell(row, columns[key])
        assert cell.protection.locked, key
        assert str(cell.value).startswith("="), key


def test_inputs_have_validation_and_every_sheet_prints_on_a4_landscape(study: Study, tariff: TariffEdition) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook_of(study, tariff)))
    kinds = {rule.type for rule in book["Arm A"].data_validations.dataValidation}
    assert kinds == {"list", "whole", "decimal"}
    for name in SHEETS[:14]:
        sheet = book[name]
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape"), name
    assert book["Arm A"].freeze_panes
    assert book["Arm A"].print_title_rows


def test_named_ranges_lead_to_roles_and_multipliers(study: Study, tariff: TariffEdition) -> None:
    names = open_workbook(workbook_of(study, tariff), "W").names
    assert {"role_codes", "resource_codes", "multiplier_whole", "site_shown", "shown_prices", "arm_1_visits"} <= set(names)


def test_an_arm_that_repeats_another_says_so(study: Study, tariff: TariffEdition) -> None:
    sheet = sheet_of(open_workbook(workbook_of(study, tariff), "W"), "same/B")
    assert "repeats arm A" in sheet.cell(3, 2).text


def test_a_site_workbook_holds_nothing_of_another_site_in_any_byte(study: Study, tariff: TariffEdition) -> None:
    everything = b"".join(parts(workbook_of(study, tariff, "RGT")).values())
    assert b"RGT" in everything
    for secret in (b"RP4", b"Dr Other", b"1.1876", b"1187600"):
        assert secret not in everything


def test_a_site_of_one_arm_is_shown_no_other(tariff: TariffEdition) -> None:
    arms = [{"id": name, "name": name, "visits": [{"id": "V", "name": "V"}]} for name in ("A", "B")]
    study = editions.study(plain_study(arms=arms, sites=[{"ods_code": "RGT", "arms": ["B"]}]))
    names = [sheet.name for sheet in open_workbook(workbook_of(study, tariff, "RGT"), "W").sheets]
    assert "Arm B" in names
    assert "Arm A" not in names


def test_departments_add_up_to_the_price_to_the_penny(study: Study, tariff: TariffEdition) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(workbook_of(study, tariff, "RGT")), data_only=True)["By department"]
    totals: dict[tuple[str, str], Decimal] = {}
    price = editions.site_price(study, tariff, "RGT")
    for row in sheet.iter_rows(min_row=5, values_only=True):
        kind, arm, key, share, parts_of = row[1], row[2], row[3], row[10], row[6:10]
        assert round(sum(Decimal(str(part)) for part in parts_of), 2) == Decimal(str(share))
        if kind == "Visit" and arm == "A":
            totals[str(arm), str(key)] = totals.get((str(arm), str(key)), Decimal(0)) + Decimal(str(share))
    assert totals == {("A", visit): Decimal(pence).scaleb(-2) for visit, pence in price.visit_prices("A").items()}


def test_a_draft_with_work_to_do_is_written_without_prices_and_says_what_is_missing(tariff: TariffEdition) -> None:
    arms = [{"id": "A", "name": "A", "visits": [{"id": "V", "name": "V"}], "activities": [{"id": "X", "name": "X", "payment": "visit", "to_do": "ask"}]}]
    study = editions.study(plain_study(arms=arms))
    book = open_workbook(workbook_of(study, tariff), "W")
    front = " ".join(cell.text for cells in sheet_of(book, "start_here").cells.values() for cell in cells.values())
    assert "still to do (ask)" in front
    arm = sheet_of(book, "arm/A")
    assert arm.cell(rows_of(arm)["foot:price"], columns_of(arm)["visit:V"]).text == ""


def test_figures_too_fine_for_a_spreadsheet_are_stored_and_said_to_be(study: Study) -> None:
    fine = editions.edition(
        staff={"consultant": "120.123457", "research_nurse": "42.050001"},
        items={"ECG": ("53.00", "investigation")},
        multipliers={"RGT": "1.077599", "RP4": "1.187601"},
        shares={"staff_time": ("0.7001", "0.2003"), "investigation": ("0", "0.2001"), "departmental": ("0", "0")},
    )
    book = open_workbook(workbook_of(study, fine, "RGT"), "W")
    arm = sheet_of(book, "arm/A")
    cell = arm.cell(rows_of(arm)["foot:price"], columns_of(arm)["visit:V1"])
    assert cell.formula is None
    assert Decimal(cell.text) == Decimal(editions.site_price(study, fine, "RGT").visit_prices("A")["V1"]).scaleb(-2)
    assert "stored" in " ".join(cell.text for cells in sheet_of(book, "start_here").cells.values() for cell in cells.values())


def test_no_formula_holds_text_that_somebody_typed(tariff: TariffEdition) -> None:
    record = plain_study()
    record["arms"][0]["activities"][0]["name"] = '"&WEBSERVICE("x")&"'
    content = workbook_of(editions.study(record), tariff)
    formulas = b"".join(re.findall(rb"<f>[^<]*</f>", b"".join(parts(content).values())))
    assert b"WEBSERVICE" not in formulas


def test_an_order_for_one_site_names_only_it(study: Study, tariff: TariffEdition) -> None:
    assert [key for key, _, _ in order_of(study, tariff, "RP4").sites] == ["RP4"]


def test_what_may_be_changed_is_seen_and_read_easily(study: Study, tariff: TariffEdition) -> None:
    arm = openpyxl.load_workbook(io.BytesIO(workbook_of(study, tariff)))["Arm A"]
    found = sheet_of(open_workbook(workbook_of(study, tariff), "W"), "arm/A")
    row, columns = rows_of(found)["A/A01#1"], columns_of(found)
    fills = {}
    for key in ("minutes", "visit:V1", "=total", "id"):
        cell = arm.cell(row, columns[key])
        fills[key] = cell.fill.fgColor.rgb
        assert contrast(cell.font.color.rgb, cell.fill.fgColor.rgb) >= 7, key
    label = arm.cell(row - 1, columns["name"])
    assert contrast(label.font.color.rgb, label.fill.fgColor.rgb) >= 7
    assert fills["minutes"] == fills["visit:V1"] != fills["=total"]


def contrast(ink: str, paper: str) -> float:
    """The contrast ratio of two colours as WCAG 2 defines it."""
    light = sorted(luminance(colour) for colour in (ink, paper))
    return (light[1] + 0.05) / (light[0] + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (2, 4, 6)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_a_name_longer_than_its_column_gets_a_row_high_enough_for_it() -> None:
    shipped = read_edition_in_force(settings.tariffs_folder(), ON).or_raise(TariffFileError)
    study = editions.study({"arms": [{"id": "A", "name": "A", "visits": [{"id": "V", "name": "V"}]}], "sites": [{"ods_code": "RGT"}]})
    sheet = openpyxl.load_workbook(io.BytesIO(workbook_of(study, shipped)))["Activities"]
    heights = {sheet.cell(row, 3).value: sheet.row_dimensions[row].height for row in range(5, sheet.max_row + 1)}
    long = [name for name in heights if name and len(str(name)) > sheet.column_dimensions["C"].width]
    assert len(long) >= 10
    assert all((heights[name] or 0) >= 30 for name in long)
