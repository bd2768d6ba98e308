"""What a real LibreOffice makes of our files: prices to the penny, ties and all, and no text turned into a formula."""

import csv
import io
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import pytest

from ncvr.domain.price_record import prices_record
from ncvr.domain.pricing import national_costs
from ncvr.domain.site_price import SitePrice
from ncvr.domain.study import Study
from ncvr.domain.tariff import TariffEdition
from ncvr.files.price_files import payable_names, prices_csv
from ncvr.files.workbook_package import BookFound, open_workbook
from ncvr.files.workbook_values import number
from tests import editions
from tests.conftest import LibreOffice
from tests.workbooks import ON, columns_of, plain_study, read_back, rows_of, sheet_of, through_libreoffice, without_results, workbook_of

MULTIPLIERS = ["1.1", "1.03", "1.077", "1.0003", "1.077599", "0.98731", "1.146773"]  # prime to 10: each can be brought to a tie
PAYABLES = 10_000
VISITS, UNSCHEDULED = 20, 1_330  # of each of a workbook's five arms; of its study
WORKBOOKS = 7


def edition_at(multiplier: str, unit: str) -> TariffEdition:
    return editions.edition(
        staff={"nurse": "40.50", "consultant": "120.09"},
        items={"ECG": ("53.00", "investigation"), "PENNY": ("0.01", "departmental"), "HUNDRED": ("100.00", "departmental")},
        multipliers={"RGT": multiplier},
        unit=unit,
    )


def random_lines(random: Random) -> list[dict[str, Any]]:
    """Resource lines whose national cost is a whole number of pence, so that a tie can be built on them."""
    nurse = {"role": "nurse", "minutes": random.randrange(4, 240, 4), "quantity": random.randint(1, 3)}
    return [nurse, {"item": "ECG", "quantity": 5 * random.randint(1, 4)}][: random.randint(1, 2)]


def free_lines(random: Random) -> list[dict[str, Any]]:
    return [{"role": random.choice(["nurse", "consultant"]), "minutes": f"{random.randint(1, 9999)}.{random.randint(0, 99):02d}".rstrip("0").rstrip(".")}]


def tied(lines: list[dict[str, Any]], multiplier: str, unit: int, tariff: TariffEdition) -> list[dict[str, Any]]:
    """The lines and so many pennies more that the price falls exactly between two steps of the rounding."""
    study = editions.study(
        {"arms": [{"id": "A", "name": "A", "visits": [{"id": "V", "name": "V"}]}], "unscheduled": [{"id": "U", "name": "U", "resources": lines}]}
    )
    costs = national_costs(study, tariff)
    pence = Fraction(costs.payables[-1].national * 100, costs.units_per_pound)
    assert pence.denominator == 1
    scale = 10 ** len(multiplier.partition(".")[2]) * unit
    whole = int(Decimal(multiplier) * (scale // unit))
    wanted = (scale // 2 * pow(whole, -1, scale) - pence.numerator) % scale
    hundreds, pennies = divmod(wanted, 10_000)
    extra = [{"item": "HUNDRED", "quantity": hundreds}, {"item": "PENNY", "quantity": pennies}]
    while extra and extra[0]["quantity"] > 9_999:
        extra.insert(0, {"item": "HUNDRED", "quantity": 9_999})
        extra[1] = {"item": "HUNDRED", "quantity": int(str(extra[1]["quantity"])) - 9_999}
    return [*lines, *(line for line in extra if line["quantity"])]


def random_study(random: Random, multiplier: str, unit: int, tariff: TariffEdition) -> Study:
    def lines() -> list[dict[str, Any]]:
        return tied(random_lines(random), multiplier, unit, tariff) if random.random() < 0.6 else free_lines(random)

    arms = []
    for arm in range(5):
        visits = [{"id": f"V{at}", "name": f"V{at}"} for at in range(VISITS)]
        activities = [
            {"id": f"A{arm}.{at}", "name": "x", "payment": "visit", "resources": lines(), "occurrences": {f"V{at}": random.choice([1, 1, 1, 3])}}
            for at in range(VISITS)
        ]
        arms.append({"id": f"A{arm}", "name": f"A{arm}", "visits": visits, "activities": activities})
    unscheduled = [{"id": f"U{at}", "name": "x", "resources": lines()} for at in range(UNSCHEDULED)]
    return editions.study({"arms": arms, "unscheduled": unscheduled, "sites": [{"ods_code": "RGT"}]})


def shown_prices(book: BookFound, price: SitePrice) -> list[tuple[str, Decimal]]:
    """Every price as LibreOffice calculated it, with its payable, in the engine's order."""
    shown: list[tuple[str, Decimal]] = []
    for arm in price.costs.arms:
        sheet = sheet_of(book, f"arm/{arm.id}")
        row, columns = rows_of(sheet)["foot:price"], columns_of(sheet)
        shown += [(f"{arm.id}/{visit.id}", Decimal(sheet.cell(row, columns[f"visit:{visit.id}"]).text)) for visit in arm.visits]
    sheet = sheet_of(book, "unscheduled")
    rows, column = rows_of(sheet), columns_of(sheet)["=price"]
    return shown + [(entry.id, Decimal(sheet.cell(rows[f"unscheduled/{entry.id}#1"], column).text)) for entry in price.costs.study.unscheduled]


def is_tie(price: SitePrice, at: int) -> bool:
    exact = Fraction(price.costs.payables[at].national, price.costs.units_per_pound) * Fraction(price.multiplier.value)
    return (exact * 100 / price.costs.edition.rounding.unit) % 1 == Fraction(1, 2)


def test_libreoffice_calculates_ten_thousand_prices_to_the_penny_ties_and_all(soffice: LibreOffice, tmp_path: Path) -> None:
    random = Random(20261124)
    priced: dict[str, SitePrice] = {}
    contents: dict[str, bytes] = {}
    for at in range(WORKBOOKS):
        multiplier, unit = MULTIPLIERS[at % len(MULTIPLIERS)], "1" if at % 3 == 2 else "0.01"
        tariff = edition_at(multiplier, unit)
        study = random_study(random, multiplier, tariff.rounding.unit, tariff)
        priced[f"w{at}"] = editions.site_price(study, tariff, "RGT")
        contents[f"w{at}"] = without_results(workbook_of(study, tariff, "RGT"))
    saved = through_libreoffice(soffice, contents, tmp_path)
    counted, ties, different = 0, 0, []
    for name, price in priced.items():
        for place, (payable, shown) in enumerate(shown_prices(open_workbook(saved[name], name), price)):
            counted += 1
            ties += is_tie(price, place)
            if shown != Decimal(price.prices[place]).scaleb(-2):
                different.append((name, payable, shown, price.prices[place]))
    assert counted >= PAYABLES
    assert ties > counted // 3
    assert different == []


STARTS = ["=", "+", "-", "@", "\t=", "\r=", "\n=", "＝", "＋", "－", "＠", ";=", ",=", '"=', " =", "=\t", "|", "%", "{="]
BODIES = ["1+1", "SUM(A1:A9)", "cmd|'/c calc'!A0", 'HYPERLINK("http://example.org","x")', "WEBSERVICE(A1)", "A1", '"a"&"b"', "-2+3"]
ENDS = ["", " ", ";", ",", '"', "\n=2+2", "\t@x"]


def payloads() -> list[str]:
    """A thousand texts that a careless program would calculate."""
    made = [start + body + end for start in STARTS for body in BODIES for end in ENDS]
    assert len(made) >= 1_000
    return made


@pytest.fixture(scope="module")
def payload_study() -> Study:
    texts = payloads()
    activities = [
        {"id": f"X{at}", "name": text, "payment": "visit", "department": text, "protocol_ref": text, "no_charge": text} for at, text in enumerate(texts[:400])
    ]
    arm = {"id": "A", "name": texts[-1], "visits": [{"id": "V", "name": texts[-2], "window": texts[-3]}], "activities": activities}
    passed = [{"id": f"P{at}", "name": text, "basis": text, "per": text} for at, text in enumerate(texts[400:800])]
    unscheduled = [{"id": f"U{at}", "name": text, "when": text, "resources": [{"role": "nurse", "minutes": 1}]} for at, text in enumerate(texts[800:])]
    identity = {"iras_id": "1004567", "phase": "III", "title": texts[0], "short_title": texts[1], "sponsor": texts[2]}
    return editions.study(
        plain_study(study=identity, arms=[arm], unscheduled=unscheduled, setup_and_closedown=[], pass_through=passed, sites=[{"ods_code": "RGT"}])
    )


def formula_cells(content: bytes) -> set[tuple[str, str]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {(sheet.title, cell.coordinate) for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"}


def test_a_thousand_formula_payloads_make_no_formula_cell_in_a_workbook(payload_study: Study, soffice: LibreOffice, tmp_path: Path) -> None:
    tariff = edition_at("1.1", "0.01")
    content = workbook_of(payload_study, tariff)
    ours = formula_cells(content)
    saved = through_libreoffice(soffice, {"w": content}, tmp_path)["w"]
    assert formula_cells(saved) <= ours
    assert read_back(saved, tariff) == payload_study


def test_a_thousand_formula_payloads_make_no_formula_cell_of_our_csv(soffice: LibreOffice, tmp_path: Path) -> None:
    tariff = edition_at("1.1", "0.01")
    unscheduled = [{"id": f"U{at}", "name": text, "resources": [{"role": "nurse", "minutes": 1}]} for at, text in enumerate(payloads())]
    study = editions.study(plain_study(unscheduled=unscheduled, setup_and_closedown=[], arms=[one_arm()], sites=[{"ods_code": "RGT"}]))
    price = editions.site_price(study, tariff, "RGT")
    text = prices_csv(prices_record(price.costs, [price], on=ON, software="ncvr test"), payable_names(price.costs))
    saved = through_libreoffice(soffice, {"c": text.encode("utf-8")}, tmp_path, suffix="csv")["c"]
    assert formula_cells(saved) == set()
    read = [row[11] for row in csv.reader(io.StringIO(text, newline="")) if row[8] == "unscheduled"]
    assert [cell[1:] if cell[:2] in MARKED else cell for cell in read] == [entry.name for entry in study.unscheduled]


MARKED = {"'" + sign for sign in "=+-@\t\r"}


def one_arm() -> dict[str, Any]:
    return {"id": "A", "name": "A", "visits": [{"id": "V", "name": "V"}]}


def test_libreoffice_finds_every_result_that_we_stored(soffice: LibreOffice, tmp_path: Path) -> None:
    tariff = editions.edition(
        staff={"consultant": "120.09", "research_nurse": "42.05"}, items={"ECG": ("53.00", "investigation")}, multipliers={"RGT": "1.077599", "RP4": "0.9985"}
    )
    content = workbook_of(editions.study(plain_study()), tariff)
    ours, found = open_workbook(content, "ours"), open_workbook(through_libreoffice(soffice, {"w": without_results(content)}, tmp_path)["w"], "found")
    compared, different = 0, []
    for sheet, theirs in zip(ours.sheets, found.sheets, strict=True):
        for row, cells in sheet.cells.items():
            for column, cell in cells.items():
                if cell.formula is not None:
                    compared += 1
                    shown = theirs.cell(row, column)
                    if not alike(cell.text, shown.text):
                        different.append((sheet.name, row, column, cell.text, shown.text))
    assert compared > 300
    assert different == []


def alike(stored: str, shown: str) -> bool:
    """The same text, or the same number to the thirteen digits that programs agree on."""
    if stored == shown:
        return True
    numbers = [number(text) for text in (stored, shown)]
    if None in numbers:
        return False
    one, other = numbers[0] or Decimal(0), numbers[1] or Decimal(0)
    return abs(one - other) <= max(abs(one), Decimal(1)) * Decimal("1e-13")


def test_choosing_another_site_shows_its_prices_on_every_sheet(soffice: LibreOffice, tmp_path: Path) -> None:
    tariff = editions.edition(
        staff={"consultant": "120.09", "research_nurse": "42.05"}, items={"ECG": ("53.00", "investigation")}, multipliers={"RGT": "1.077599", "RP4": "0.9985"}
    )
    study = editions.study(plain_study())
    book = openpyxl.load_workbook(io.BytesIO(workbook_of(study, tariff)))
    [(sheet, place)] = book.defined_names["site_shown"].destinations
    book[sheet][place] = "RP4"
    chosen = io.BytesIO()
    book.save(chosen)
    saved = through_libreoffice(soffice, {"w": chosen.getvalue()}, tmp_path)["w"]
    price = editions.site_price(study, tariff, "RP4")
    arm = sheet_of(open_workbook(saved, "w"), "arm/A")
    for visit, pence in price.visit_prices("A").items():
        assert Decimal(arm.cell(rows_of(arm)["foot:price"], columns_of(arm)[f"visit:{visit}"]).text) == Decimal(pence).scaleb(-2)
    assert read_back(saved, tariff) == study
