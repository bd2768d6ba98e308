"""The other party checks receipt and document with one file of ours, in a process where ncvr cannot be imported."""

import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from ncvr.files import docx_receipt_checker
from ncvr.files.docx_package import read_package, write_package
from ncvr.files.json_files import written_json
from ncvr.files.signing_keys import LIST, record_revocation
from tests.contracts import ON
from tests.signatures import FIRST, LAST, contract, signer

ALONE = "import runpy, sys; sys.modules['ncvr'] = None; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"


class Desk:
    """What the other party has: the checker, the sender's key list, a contract and its receipt."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pen = signer(folder)
        self.checker = folder / "check_receipt.py"
        self.checker.write_bytes(Path(docx_receipt_checker.__file__).read_bytes())
        self.receipt: dict[str, Any] = self.pen.signed(contract().receipt)
        self.document = contract().document

    def checked(self, *words: str, as_of: date = ON, keys: Path | None = None) -> tuple[int, str]:
        (self.folder / "c.receipt.json").write_bytes(written_json(self.receipt))
        (self.folder / "c.docx").write_bytes(self.document)
        command = [sys.executable, "-I", "-c", ALONE, str(self.checker), "c.receipt.json", str(keys or self.folder / LIST), *words, f"--as-of={as_of}"]
        ran = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        assert ran.stderr == ""
        return ran.returncode, ran.stdout


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_nothing_of_ours_can_be_imported_where_the_checker_runs() -> None:
    ran = subprocess.run([sys.executable, "-I", "-c", "import sys; sys.modules['ncvr'] = None; import ncvr.money"], capture_output=True, text=True, check=False)
    assert "ModuleNotFoundError" in ran.stderr


def test_a_signed_contract_passes_with_its_document(desk: Desk) -> None:
    code, said = desk.checked("c.docx")
    assert code == 0
    assert said.startswith(f"VALID SIGNATURE, as of {ON}. The Word file is the very file that was signed.")
    assert "RGT" in said


def test_without_a_document_it_says_that_none_was_compared(desk: Desk) -> None:
    code, said = desk.checked()
    assert code == 0
    assert "No Word file was given" in said


def test_a_changed_receipt_is_forged(desk: Desk) -> None:
    desk.receipt = {**desk.receipt, "certified": False}
    assert desk.checked("c.docx")[0] == 10


def test_the_same_parts_packed_again_pass(desk: Desk) -> None:
    package = read_package(desk.document)
    repacked = write_package(package, {name: package.content(name) for name in package.members if name.startswith("docProps")})
    assert repacked != desk.document
    desk.document = repacked
    code, said = desk.checked("c.docx")
    assert code == 0
    assert "the same parts, packed again by another program" in said


def test_one_changed_digit_in_the_document_is_found_and_its_part_named(desk: Desk) -> None:
    package = read_package(desk.document)
    body = package.content("word/document.xml").replace("£".encode(), "£1".encode(), 1)
    desk.document = write_package(package, {"word/document.xml": body})
    code, said = desk.checked("c.docx")
    assert code == 11
    assert "word/document.xml" in said


def test_an_added_part_or_hidden_bytes_are_found(desk: Desk) -> None:
    package = read_package(desk.document)
    desk.document = write_package(package, {"word/extra.xml": b"<x/>"})
    assert "word/extra.xml" in desk.checked("c.docx")[1]
    desk.document = b"more" + contract().document
    assert desk.checked("c.docx")[0] == 11
    desk.document = contract().document[:-40]
    assert desk.checked("c.docx")[0] == 11


def test_the_document_of_another_site_does_not_pass(desk: Desk) -> None:
    desk.document = contract("RP4").document
    assert desk.checked("c.docx")[0] == 11


def test_a_key_counts_only_on_its_days(desk: Desk) -> None:
    assert desk.checked(as_of=FIRST)[0] == 11
    assert desk.checked(as_of=LAST)[0] == 0
    assert desk.checked(as_of=LAST + timedelta(days=1))[0] == 11


def test_a_revoked_an_unknown_and_a_wrong_key_do_not_pass(desk: Desk, tmp_path: Path) -> None:
    other = signer(tmp_path / "other")
    code, said = desk.checked(keys=tmp_path / "other" / LIST)
    assert code == 11
    assert "not in your list" in said
    desk.receipt = signer(tmp_path / "other", purpose="publication").signed(contract().receipt)
    assert "for another purpose" in desk.checked(keys=tmp_path / "other" / LIST)[1]
    desk.receipt = other.signed(contract().receipt)
    record_revocation(tmp_path / "other", other.key.id, ON)
    assert "was revoked on" in desk.checked(keys=tmp_path / "other" / LIST)[1]


def test_an_unsigned_receipt_does_not_pass(desk: Desk) -> None:
    desk.receipt = contract().receipt
    assert desk.checked()[0] == 11


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"format": "ncvr-receipt/1", "format": "ncvr-receipt/1"}', b'{"format": "ncvr-receipt/1", "a": 1.5}', b"\xff"]
)
def test_what_cannot_be_read_is_said_and_never_a_traceback(desk: Desk, content: bytes) -> None:
    (desk.folder / "bad.json").write_bytes(content)
    ran = subprocess.run([sys.executable, "-I", str(desk.checker), "bad.json", LIST], cwd=desk.folder, capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert ran.stderr == ""
    assert "bad.json" in ran.stdout


def test_the_checker_and_ncvr_agree_on_canonical_json() -> None:
    from ncvr.domain.canonical import canonical_json

    for value in ({"b": [1, None, True], "a": 'é\u2028\n"\\'}, {"\U0001d11e": 1, "\uffee": 2, "z": {}}, contract().receipt):
        assert docx_receipt_checker.canonical(value) == canonical_json(value)
