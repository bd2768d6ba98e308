"""``ncvr contract verify`` as people use it: the verdict on the screen, as JSON, as a page, and as an exit code."""

import json
from pathlib import Path
from typing import Any

import pytest

from ncvr.files.docx_package import read_package, write_package
from tests.cli.running import run
from tests.mutation_bank.bases import sample_base

STUDY = Path(__file__).parents[2] / "src" / "ncvr" / "examples" / "study.json"


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A contract with its receipt beside it, and its prices."""
    base = sample_base()
    (tmp_path / "C.docx").write_bytes(base.content)
    (tmp_path / "C.receipt.json").write_text(base.receipt.model_dump_json(exclude_unset=True), "utf-8")
    (tmp_path / "P.json").write_text(base.price.model_dump_json(exclude_unset=True), "utf-8")
    return tmp_path


def alter(desk: Path, old: str, new: str, part: str = "word/document.xml") -> Path:
    package = read_package((desk / "C.docx").read_bytes())
    text = package.content(part).decode("utf-8")
    assert old in text
    (desk / "C.docx").write_bytes(write_package(package, {part: text.replace(old, new, 1).encode("utf-8")}))
    return desk / "C.docx"


def test_an_unmodified_contract(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    ran = run(capsys, "contract", "verify", desk / "C.docx", "--price", desk / "P.json")
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert lines[0] == "UNMODIFIED: The text is unmodified, and the figures are those of the price."
    assert [line.split()[:2] for line in lines[2:6]] == [
        [name, "equal" if name != "numbers" else "equal,"] for name in ("words", "numbers", "values", "formatting")
    ]


def test_the_receipt_beside_the_file_is_used_and_said_to_be_unsigned(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    ran = run(capsys, "contract", "verify", desk / "C.docx")
    assert ran.code == 0
    assert "equal to an unsigned receipt" in ran.out
    assert run(capsys, "contract", "verify", desk / "C.docx", "--signed-only").code == 11


def test_with_nothing_to_compare_with_the_values_are_listed(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    (desk / "C.receipt.json").unlink()
    ran = run(capsys, "contract", "verify", desk / "C.docx")
    assert ran.code == 11
    assert "give --price to compare the figures" in ran.out
    assert "sponsor legal name: Smith & Nephew <UK> Ltd" in ran.out


def test_a_modified_clause_is_named_and_the_page_is_written(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    document = alter(desk, "qualified by training and experience", "qualified by training")
    ran = run(capsys, "contract", "verify", document, "--price", desk / "P.json", "--report", desk / "R.html")
    assert ran.code == 10
    assert "clause 4.1: 'and experience' was taken out" in ran.out
    page = (desk / "R.html").read_text("utf-8")
    assert "<del>and experience</del>" in page
    assert run(capsys, "contract", "verify", document, "--report", desk / "R.html").code == 2
    assert run(capsys, "contract", "verify", document, "--report", desk / "R.html", "--force").code == 10


def test_json_says_the_same(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    ran = run(capsys, "contract", "verify", desk / "C.docx", "--price", desk / "P.json", "--format", "json")
    record = json.loads(ran.out)
    assert (record["format"], record["verdict"], record["words"], record["numbers"]) == ("ncvr-verdict/1", "unmodified", "equal", "equal")
    assert (record["template"]["family"], record["receipt"], record["findings"]) == ("mCTA", "unsigned", [])


def test_a_price_file_that_was_changed_is_refused(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    record = json.loads((desk / "P.json").read_text("utf-8"))
    record["prices"][0]["setup_and_closedown"][0]["price"] = "1.00"
    (desk / "P.json").write_text(json.dumps(record), "utf-8")
    ran = run(capsys, "contract", "verify", desk / "C.docx", "--price", desk / "P.json")
    assert ran.code == 2
    assert "the fingerprint is not that of the figures in this file" in ran.err


def test_a_receipt_that_cannot_be_read_is_cannot_tell(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    (desk / "C.receipt.json").write_text("{}", "utf-8")
    assert run(capsys, "contract", "verify", desk / "C.docx", "--price", desk / "P.json").code == 11


def test_a_file_larger_than_any_agreement_is_refused_without_reading_it(capsys: pytest.CaptureFixture[str], desk: Path) -> None:
    with (desk / "big.docx").open("wb") as file:
        file.truncate(5 * 2**30)
    ran = run(capsys, "contract", "verify", desk / "big.docx")
    assert ran.code == 11
    assert "larger than 20 MB" in ran.out


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"tariff": {"status": "checked"}}, "tariff.status: edition 2026-04-01-illustrative is illustrative, not checked"),
        ({"pricing_date": "2025-06-01"}, "pricing_date: edition 2026-04-01-illustrative was not in force on 2025-06-01"),
        ({"pricing_date": "2019-06-01"}, "pricing_date: edition 2026-04-01-illustrative was not in force on 2019-06-01"),
    ],
)
def test_a_price_file_that_belies_its_own_edition_is_refused(capsys: pytest.CaptureFixture[str], desk: Path, change: dict[str, Any], said: str) -> None:
    path = desk / "prices.json"
    assert run(capsys, "price", STUDY, "--site", "RGT", "--on", "2026-06-01", "--format", "json", "-o", path).code == 0
    record = json.loads(path.read_text("utf-8"))
    true = run(capsys, "contract", "verify", desk / "C.docx", "--price", path)
    assert "was changed after it was written" not in true.err
    record["tariff"] |= change.get("tariff", {})
    record["pricing_date"] = change.get("pricing_date", record["pricing_date"])
    path.write_text(json.dumps(record), "utf-8")
    ran = run(capsys, "contract", "verify", desk / "C.docx", "--price", path)
    assert (ran.code, f"{path}: {said}. The file was changed after it was written" in ran.err) == (2, True)
