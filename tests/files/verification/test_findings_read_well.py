"""What an officer reads: where, what became of what, what to do. The cases people meet."""

import random
from dataclasses import replace

import pytest

from ncvr.domain.verdict import Verdict
from ncvr.files.appendix_verifier import verify_contract
from tests.contract_fixtures import ARM_A, Arm, Filling, filled, second_template
from tests.mutation_bank.bases import SECOND, sample_base, second_base
from tests.mutation_bank.draft import open_draft
from tests.mutation_bank.test_checks_matter import replace_in


def verdict_of(content: bytes, *, price: bool = True, receipt: bool = True) -> Verdict:
    base = second_base()
    return verify_contract(content, base.templates, price=base.price if price else None, receipt=base.receipt if receipt else None)


def only_error(content: bytes) -> str:
    verdict = verdict_of(content, receipt=False)
    assert verdict.verdict == "modified"
    assert len(verdict.errors) == 1, [str(finding) for finding in verdict.errors]
    return str(verdict.errors[0])


def test_an_altered_clause() -> None:
    assert only_error(replace_in(second_base().content, "thirty (30)", "sixty (60)")) == (
        "clause 1.2: 'thirty' became 'sixty'; '30' became '60'. The national text may not be altered; restore the wording of the template"
    )


def test_an_altered_price() -> None:
    assert only_error(replace_in(second_base().content, "£310.07", "£310.70")).endswith(
        "S02 Pharmacy set-up costs £310.07, but £310.70 stands here. Restore the price"
    )


def test_a_deleted_row() -> None:
    content = filled(replace(SECOND, setup=SECOND.setup[:1]))
    assert only_error(content).endswith("S02 at £310.07 is in the price but not in the schedule. Put its row back")


def test_an_added_row() -> None:
    content = filled(replace(SECOND, setup=(*SECOND.setup, ("S03", "A gift", "£1.00"))))
    assert only_error(content).endswith("S03 A gift is not in the price. Take the row out")


def test_a_row_that_stands_twice() -> None:
    content = filled(replace(SECOND, setup=(*SECOND.setup, SECOND.setup[-1])))
    assert only_error(content).endswith("stands twice. Take the row out")


def test_a_row_under_another_reference_is_one_finding_with_price_and_receipt() -> None:
    (_, name, amount), *others = SECOND.setup
    verdict = verdict_of(filled(replace(SECOND, setup=(("S99", name, amount), *others))))
    assert [finding.says for finding in verdict.errors] == [f"S99 {name} stands where S01 is priced. Restore the reference"]
    assert (verdict.numbers, verdict.values) == ("different", "equal")


@pytest.mark.parametrize("price", [True, False], ids=["beside the price", "beside the receipt alone"])
@pytest.mark.parametrize("change", ["deleted", "added", "renamed"])
def test_one_altered_row_is_one_finding_however_many_stand_below_it(change: str, price: bool) -> None:
    first, *others = SECOND.setup
    setup = {"deleted": others, "added": [("S00", "A gift", "£1.00"), first, *others], "renamed": [(first[0], "Another name", first[2]), *others]}[change]
    verdict = verdict_of(filled(replace(SECOND, setup=tuple(setup))), price=price)
    assert len(verdict.errors) == 1, [str(finding) for finding in verdict.errors]
    assert (verdict.verdict, len(others) > 0) == ("modified", True)


def test_a_field_changed_wherever_it_stands_is_said_once_with_its_places() -> None:
    base = sample_base()
    draft = open_draft(base.content, random.Random(0))
    iras_id = base.price.study.iras_id.encode()
    for part, content in draft.parts.items():
        if part.startswith("word/"):
            draft.parts[part] = content.replace(iras_id, b"9999999")
    verdict = verify_contract(draft.finished(), base.templates, price=base.price, receipt=base.receipt)
    assert len(verdict.errors) == 1, [str(finding) for finding in verdict.errors]
    assert verdict.errors[0].place.count("footer of section") >= 4
    assert verdict.values == "different"


def test_a_missing_arm() -> None:
    assert only_error(filled(replace(SECOND, arms=(ARM_A,)))) == (
        "finance schedule: the schedule has 1 arm and the price has 2. Fill the contract again from the price"
    )


def test_a_total_that_does_not_add_up_is_found_without_any_price() -> None:
    wrong = Arm("A", "Active", ARM_A.visits, "£381.40")
    verdict = verify_contract(filled(replace(SECOND, arms=(wrong,))), [second_template()])
    assert verdict.verdict == "modified"
    assert "the visits above add up to £381.39, but the total reads £381.40" in str(verdict.errors[0])


def test_both_alternatives_left_standing() -> None:
    other = "The site keeps the records in its own archive for the years the law asks for."
    added = f'<w:p><w:pPr><w:pStyle w:val="Clause"/></w:pPr><w:r><w:t>{other}</w:t></w:r></w:p><w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr>'
    content = second_base().content
    marker = '<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:bookmarkStart w:id="4"'
    verdict = verdict_of(replace_in(content, marker, added + '<w:bookmarkStart w:id="4"'))
    assert any(finding.check == "alternatives" and "Exactly one may remain" in finding.says for finding in verdict.errors)


def test_an_instruction_left_standing() -> None:
    marker = '<w:p><w:r><w:t xml:space="preserve">It is agreed'
    left = '<w:p><w:pPr><w:pStyle w:val="Guidance"/></w:pPr><w:r><w:t>Guidance ends.</w:t></w:r></w:p>'
    verdict = verdict_of(replace_in(second_base().content, marker, left + marker))
    assert any(finding.check == "residue" and "an instruction of the template is still here" in finding.says for finding in verdict.errors)


def test_another_person_in_a_personal_field_is_found_by_its_hash_and_the_old_name_is_not_known() -> None:
    verdict = verdict_of(replace_in(second_base().content, "Ada Lovelace", "Eve Lovelace"))
    assert [finding.check for finding in verdict.errors] == ["values"]
    assert "was filled in as another value and now reads 'Eve Lovelace'" in verdict.errors[0].says
    assert "Ada" not in str(verdict)


def test_a_value_is_not_compared_without_a_receipt_and_does_not_spoil_the_verdict() -> None:
    verdict = verdict_of(replace_in(second_base().content, "Ada Lovelace", "Eve Lovelace"), receipt=False)
    assert (verdict.verdict, verdict.values) == ("unmodified", "not compared")
    assert any(value.value == "Eve Lovelace" for value in verdict.values_found)


def test_nothing_to_compare_the_figures_with() -> None:
    verdict = verdict_of(second_base().content, price=False, receipt=False)
    assert (verdict.verdict, verdict.exit_code) == ("cannot tell", 11)
    assert verdict.says == "The text is unmodified; give --price to compare the figures"


def test_an_unsigned_receipt_counts_and_is_said_to_be_unsigned() -> None:
    base = second_base()
    verdict = verify_contract(base.content, base.templates, receipt=base.receipt)
    assert (verdict.verdict, verdict.numbers_from, verdict.receipt) == ("unmodified", "unsigned receipt", "unsigned")
    assert "unsigned receipt" in verdict.says
    assert verify_contract(base.content, base.templates, receipt=base.receipt, signed_only=True).verdict == "cannot tell"


def test_a_price_file_of_other_sites_only_cannot_tell() -> None:
    base = second_base()
    told = replace(SECOND, site_code="RYY")
    verdict = verify_contract(filled(told), base.templates, price=base.price)
    assert verdict.verdict == "cannot tell"
    assert "no entry for the site of this contract" in verdict.says


def test_a_template_that_is_not_the_pinned_one_is_never_used() -> None:
    template = second_template()
    verdict = verify_contract(filled(Filling()), [replace(template, content=template.content + b"")])
    assert verdict.template is not None
    broken = replace(template, content=filled(Filling()))
    verdict = verify_contract(filled(Filling()), [broken])
    assert verdict.verdict == "cannot tell"
    assert "not what the profile pins" in verdict.says


@pytest.mark.parametrize("page", ["first", "default"])
def test_another_footer(page: str) -> None:
    part, old = {"first": ("word/footer1.xml", "First page of"), "default": ("word/footer2.xml", "IRAS ")}[page]
    verdict = verdict_of(replace_in(second_base().content, old, f"Not {old}", part))
    assert all(finding.part.startswith("footer of section") for finding in verdict.errors)
    assert ("first page" in verdict.errors[0].part) == (page == "first")


def test_a_signature_typed_on_its_line_is_said_and_an_altered_line_is_a_change() -> None:
    blank = "_" * 20
    signed = verdict_of(replace_in(second_base().content, blank, "Rosalind Hart"))
    assert signed.verdict == "unmodified"
    assert "has been completed: 'Rosalind Hart'" in str(signed.findings[0])
    altered = verdict_of(replace_in(second_base().content, blank, f"{blank}, which pays nothing"))
    assert [finding.check for finding in altered.errors] == ["residue"]


def test_a_changed_cap_is_found_with_the_price_alone() -> None:
    base = sample_base()
    content = replace_in(base.content, "£35.00", "£95.00")
    verdict = verify_contract(content, base.templates, price=base.price)
    assert (verdict.verdict, verdict.numbers) == ("modified", "different")
    assert "the cap of P01 Participant travel is £35.00 in the price, but £95.00 stands here" in verdict.errors[0].says
    assert verify_contract(content, base.templates, price=base.price, receipt=base.receipt).verdict == "modified"
