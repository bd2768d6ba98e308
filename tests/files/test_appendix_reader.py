"""Reading a contract back: what stands in it, and nothing that doesn't."""

from pathlib import Path

import pytest

from ncvr.errors import InputError
from ncvr.files.appendix_reader import read_contract, schedule_record
from ncvr.files.docx_package import read_package, write_package
from tests.conftest import LibreOffice
from tests.contracts import appendix, details, sample, sample_filler, site_price
from tests.tiny_templates import paragraph, tiny_docx


def filled() -> bytes:
    return sample_filler().fill(appendix(site_price(), details()), "RGT").content


def test_the_schedule_that_was_filled_is_read_back() -> None:
    given = appendix(site_price(), details())
    schedule = read_contract(filled(), [sample()])
    assert schedule.tables == {"setup": given.tables["schedule.setup"], "unscheduled_items": given.tables["schedule.unscheduled"]} | {
        "screen_failures": given.tables["schedule.screen_failures"],
        "costs_passed_on": given.tables["schedule.pass_through"],
    }
    for read, arm in zip(schedule.arms, given.arms, strict=True):
        assert read.tables == {name.removeprefix("arm."): rows for name, rows in arm.tables.items()}
        assert read.fields == {"arm_reference": arm.facts["arm.id"], "arm_name": arm.facts["arm.name"], "arm_total": arm.facts["arm.per_participant"]}


def test_the_values_of_fields_are_read_back() -> None:
    fields = read_contract(filled(), [sample()]).fields
    assert fields["sponsor_legal_name"] == "Smith & Nephew <UK> Ltd"
    assert fields["sponsor_notice_address"] == "1 Example Way\nCambridge"
    assert (fields["sponsor_address"], fields["site_address"]) == ("1 Example Way, Cambridge", "Hills Road, Cambridge")
    assert (fields["sponsor_signatory"], fields["site_signatory"]) == ("Rosalind Hart, Director", "Head of Research")
    assert "screen_failure_rule" not in fields  # its alternative is not in the contract


def test_a_value_that_was_changed_in_one_place_is_said() -> None:
    package = read_package(filled())
    footer = package.content("word/footer3.xml").replace(b"1004567", b"1004568")
    schedule = read_contract(write_package(package, {"word/footer3.xml": footer}), [sample()])
    assert [notice.place for notice in schedule.notices] == ["iras_id"]
    assert "1004567 / 1004568" in schedule.notices[0].problem


def test_the_record_is_plain_json_with_its_format_and_template() -> None:
    record = schedule_record(read_contract(filled(), [sample()]))
    assert (record["format"], record["template"]) == ("ncvr-schedule/1", "mCTA/sample-1")
    assert record["arms"][1]["tables"]["visits"] == [{"ref": "B/V1", "visit": "Only visit", "window": "–", "paid": "Once per participant", "price": "£0.00"}]


def test_a_contract_saved_again_by_a_word_processor_is_read_the_same(soffice: LibreOffice, tmp_path: Path) -> None:
    (tmp_path / "contract.docx").write_bytes(filled())
    saved = soffice.convert(tmp_path / "contract.docx", "docx", tmp_path / "saved").read_bytes()
    before, after = read_contract(filled(), [sample()]), read_contract(saved, [sample()])
    assert (after.tables, after.arms, after.fields) == (before.tables, before.arms, before.fields)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_what_is_no_word_file_is_an_input_error(content: bytes) -> None:
    with pytest.raises(InputError):
        read_contract(content, [sample()])


def test_a_document_made_from_no_registered_template_is_an_input_error() -> None:
    with pytest.raises(InputError, match="not made from any registered template"):
        read_contract(tiny_docx(paragraph("A letter")), [sample()])
    with pytest.raises(InputError, match="not made from any registered template"):
        read_contract(filled(), [])
