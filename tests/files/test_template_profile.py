"""Profiles: strict in their schema, complete about their template, and honest about what they free."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from ncvr.errors import Finding
from ncvr.files.template_checks import check_template
from ncvr.files.template_profile import read_profile
from ncvr.files.template_registry import read_template, read_templates
from tests.contracts import SAMPLE, TEMPLATES, sample
from tests.tiny_templates import bookmark, paragraph, reference, table, write_tiny_template


def findings(folder: Path, body: str, profile: dict[str, Any], extra: dict[str, str] | None = None) -> list[Finding]:
    """Everything to say of a tiny template: what reading finds, else what checking finds."""
    reading = read_template(folder, write_tiny_template(folder, body, profile, extra=extra))
    return list(reading.findings) if reading.value is None else check_template(reading.value)


def field(name: str, prompt: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "source": "study.iras_id", "prompt": prompt} | more


def says(found: list[Finding], text: str) -> bool:
    return any(text in f"{finding}" for finding in found)


def test_the_shipped_sample_has_nothing_to_mend() -> None:
    templates, problems = read_templates(TEMPLATES)
    assert problems == []
    assert [finding for template in templates for finding in check_template(template) if finding.level == "error"] == []


def test_the_sample_says_that_it_is_none_of_the_national_templates() -> None:
    assert sample().profile.status == "sample"
    assert any("not the national template" in paragraph.text for paragraph in sample().places.stories.paragraphs)


def test_all_problems_of_a_profile_are_said_at_once_with_their_place() -> None:
    reading = read_profile(b"format: ncvr-profile/2\nfamily: x y\nfields: [{name: A, prompt: ''}]\n")
    assert {finding.place.removeprefix("profile.yaml: ") for finding in reading.findings} >= {
        "format",
        "family",
        "version",
        "fields > 0 > name",
        "fields > 0 > prompt",
    }


@pytest.mark.parametrize("text", ["a: 1\na: 2\n", "a: [", "\xff\xfe", "- 1\n"])
def test_what_is_no_profile_is_one_finding_not_a_traceback(text: str) -> None:
    assert read_profile(text.encode("latin-1")).errors


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"colour": "red"}, "colour: this field is not known here. remove it"),
        ({"type": "choice"}, "options belong to type choice"),
        ({"source": None}, "must be allowed to stay blank"),
        ({"may_stay_blank": True, "when_absent": "None"}, "either stays blank or shows"),
        ({"type": "choice", "options": [{"value": "a", "text": "A"}, {"value": "a", "text": "B"}]}, "different values"),
    ],
)
def test_a_field_must_agree_with_itself(change: dict[str, Any], said: str) -> None:
    record = yaml.safe_load((TEMPLATES / SAMPLE / "profile.yaml").read_bytes())
    record["fields"][0] |= change
    assert said in " ".join(map(str, read_profile(yaml.safe_dump(record).encode()).findings)).lower()


def test_names_stand_once_and_an_approved_profile_names_two_persons() -> None:
    record = yaml.safe_load((TEMPLATES / SAMPLE / "profile.yaml").read_bytes())
    record["fields"].append(record["fields"][0])
    assert says(list(read_profile(yaml.safe_dump(record).encode()).findings), "names used twice: study_title")
    record = yaml.safe_load((TEMPLATES / SAMPLE / "profile.yaml").read_bytes()) | {"status": "approved", "approved_by": ["Ada", "Ada"]}
    assert says(list(read_profile(yaml.safe_dump(record).encode()).findings), "two different persons")


def test_a_template_with_other_content_than_pinned_is_refused(tmp_path: Path) -> None:
    name = write_tiny_template(tmp_path, paragraph("The [Name] text"), {"fields": [field("name", "[Name]")]})
    changed = (tmp_path / name / "template.docx").read_bytes().replace(b"\0", b"\0", 1)[:-1] + b"\1"
    (tmp_path / name / "template.docx").write_bytes(changed)
    assert says(list(read_template(tmp_path, name).findings), "is not what the profile pins")


def test_a_profile_in_the_wrong_folder_is_refused(tmp_path: Path) -> None:
    name = write_tiny_template(tmp_path, paragraph("Text"), {"family": "other"})
    assert says(list(read_template(tmp_path, name).findings), "the profile is that of other/one")


def test_a_prompt_that_is_not_there_or_stands_more_often_is_found(tmp_path: Path) -> None:
    found = findings(tmp_path, paragraph("Of [Name] and [Name]"), {"fields": [field("one", "[Name]"), field("two", "[Town]")]})
    assert says(found, "the prompt '[Name]' stands twice in the body, not once")
    assert says(found, "the prompt '[Town]' stands never in the body, not once")


def test_one_prompt_with_two_meanings_is_told_apart_by_what_stands_around_it(tmp_path: Path) -> None:
    body = paragraph("Of [Address] (Sponsor)") + paragraph("Of [Address] (Site)") + table(("Home", "[Address]"), ("Away", "[Address]"))
    fields = [
        field("one", "[Address]", places=[{"after": " (Sponsor)"}, {"row": "Home"}]),
        field("two", "[Address]", places=[{"after": " (Site)"}, {"row": "Away"}]),
    ]
    assert findings(tmp_path, body, {"fields": fields}) == []


def test_a_prompt_claimed_twice_and_one_claimed_by_nobody_are_found(tmp_path: Path) -> None:
    body = paragraph("Of [Name] (Sponsor)") + paragraph("Of [Name] (Site)")
    fields = [field("one", "[Name]", places=[{"after": " (Sponsor)"}]), field("two", "[Name]", places=[{"before": "Of ", "after": " (Sponsor)"}])]
    found = findings(tmp_path, body, {"fields": fields})
    assert says(found, "also belongs to one")
    assert says(found, "which no field claims")


def test_two_holes_that_touch_are_refused(tmp_path: Path) -> None:
    assert says(findings(tmp_path, paragraph("[A][B]"), {"fields": [field("a", "[A]"), field("b", "[B]")]}), "touch")
    assert findings(tmp_path / "apart", paragraph("[A] [B]"), {"fields": [field("a", "[A]"), field("b", "[B]")]}) == []


@pytest.mark.parametrize("between", ["<w:r><w:tab/></w:r>", bookmark("x"), '<w:hyperlink w:anchor="x"><w:r><w:t>me</w:t></w:r></w:hyperlink>'])
def test_a_prompt_that_crosses_something_is_refused(tmp_path: Path, between: str) -> None:
    prompt = {"<w:r>": "[Na\tme]", "<w:bo": "[Name]", "<w:hy": "[Name]"}[between[:5]]
    parts = ("[Na", between, "]") if "hyperlink" in between else ("[Na", between, "me]")
    assert says(findings(tmp_path, paragraph(*parts), {"fields": [field("name", prompt)]}), "crosses a field")


def test_a_prompt_over_several_runs_is_one_prompt(tmp_path: Path) -> None:
    assert findings(tmp_path, paragraph("The [Na", "<w:r><w:rPr><w:b/></w:rPr><w:t>me</w:t></w:r>", "] of it"), {"fields": [field("name", "[Name]")]}) == []


def test_an_unknown_source_table_or_column_is_found(tmp_path: Path) -> None:
    columns = [{"header": "Ref", "key": "reference", "prompt": "[Ref]"}]
    fields = [field("name", "[Name]", source="study.colour")]
    found = findings(
        tmp_path,
        paragraph("The [Name] x") + table(("Ref",), ("[Ref]",)),
        {"fields": fields, "tables": [{"name": "t", "rows": "schedule.setup", "columns": columns}]},
    )
    assert says(found, "nothing is known as 'study.colour'")
    assert says(found, "schedule.setup has no column 'reference'")


def test_text_that_looks_like_a_prompt_and_is_named_nowhere_would_be_left_over(tmp_path: Path) -> None:
    assert says(findings(tmp_path, paragraph("The [Name] and [something]"), {"fields": [field("name", "[Name]")]}), "'[something]' would be left")


def test_a_named_blank_may_stay(tmp_path: Path) -> None:
    blank = field("signature", "[Signature]", source=None, may_stay_blank=True)
    assert findings(tmp_path, paragraph("Signed: [Signature]"), {"fields": [blank]}) == []


def test_a_block_that_is_not_there_or_not_alone_is_found(tmp_path: Path) -> None:
    keep = {"keep_when": {"fact": "study.cro", "present": True}}
    blocks = [{"name": "one", "spans": [{"first": "Extra"}], **keep}, {"name": "two", "spans": [{"first": "None such"}], **keep}]
    found = findings(tmp_path, paragraph("Extra one") + paragraph("Extra two"), {"conditional_blocks": blocks})
    assert says(found, "2 blocks begin with 'Extra'")
    assert says(found, "no block begins with 'None such'")


def test_a_block_cannot_belong_to_two_conditions(tmp_path: Path) -> None:
    keep = {"keep_when": {"fact": "study.cro", "present": True}}
    blocks = [{"name": name, "spans": [{"first": "Extra"}], **keep} for name in ("one", "two")]
    assert says(findings(tmp_path, paragraph("Extra"), {"conditional_blocks": blocks}), "also belongs to one")


def test_a_section_break_inside_a_block_is_refused(tmp_path: Path) -> None:
    body = paragraph("Extra") + "<w:p><w:pPr><w:sectPr/></w:pPr></w:p>" + paragraph("Last")
    blocks = [{"name": "one", "spans": [{"first": "Extra", "last": "Last"}], "keep_when": {"fact": "study.cro", "present": True}}]
    assert says(findings(tmp_path, body, {"conditional_blocks": blocks}), "a section break stands inside")


def test_a_reference_that_stays_while_its_clause_may_go_is_found(tmp_path: Path) -> None:
    body = paragraph("Extra", style="Heading1", before=bookmark("_Ref_extra")) + paragraph("See clause ", reference("_Ref_extra", "1")) + paragraph("End")
    blocks = [{"name": "extra", "spans": [{"first": "Extra"}], "keep_when": {"fact": "study.cro", "present": True}}]
    assert says(findings(tmp_path, body, {"conditional_blocks": blocks}), "leads into a block that may go")
    together = [blocks[0] | {"spans": [{"first": "Extra"}, {"first": "See clause"}]}]
    assert findings(tmp_path / "together", body, {"conditional_blocks": together}) == []


def test_a_reference_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    assert says(findings(tmp_path, paragraph("See clause ", reference("_Ref_gone", "7")), {}), "leads nowhere")


def test_a_profile_that_frees_a_numbered_clause_is_flagged(tmp_path: Path) -> None:
    body = paragraph("Before") + paragraph("A clause", style="Heading1") + paragraph("After") + paragraph("[Clause]", style="Heading1")
    zones = [{"name": "zone", "source": "details.recitals", "after": "Before", "before": "After"}]
    found = findings(tmp_path, body, {"free_zones": zones, "fields": [field("clause", "[Clause]")]})
    assert [finding.level for finding in found] == ["notice", "notice"]
    assert says(found, "this free zone covers the numbered clause 1.")
    assert says(found, "this field is the whole of the numbered clause 2.")


def test_a_table_is_found_by_its_header_and_its_row_by_the_prompts(tmp_path: Path) -> None:
    columns = [{"header": "Ref", "key": "ref", "prompt": "[Ref]"}, {"header": "Price", "key": "price", "prompt": "[Price]", "type": "money"}]
    schedule = {"tables": [{"name": "t", "rows": "schedule.setup", "columns": columns}]}
    assert findings(tmp_path, table(("Ref", "Price"), ("[Ref]", "[Price]"), ("Total", "x")), schedule) == []
    assert says(findings(tmp_path / "a", table(("Ref", "Cost"), ("[Ref]", "[Price]")), schedule), "no table has the header Ref | Price")
    assert says(findings(tmp_path / "b", table(("Ref", "Price"), ("[Ref]", "none")), schedule), "no row holds the prompts")
    twice = table(("Ref", "Price"), ("[Ref]", "[Price]")) * 2
    assert says(findings(tmp_path / "c", twice, schedule), "2 tables have the header")


def test_tables_of_an_arm_stand_inside_the_repeat_and_others_outside(tmp_path: Path) -> None:
    columns = [{"header": "Ref", "key": "ref", "prompt": "[Ref]"}]
    profile = {"tables": [{"name": "t", "rows": "arm.visits", "columns": columns}], "fields": [field("arm", "[Arm]", source="arm.name")]}
    found = findings(tmp_path, paragraph("Arm [Arm] x") + table(("Ref",), ("[Ref]",)), profile)
    assert says(found, "a value of an arm stands outside")
    assert says(found, "the table and the repeat over the arms do not agree")


def test_tracked_changes_and_comments_are_found(tmp_path: Path) -> None:
    body = paragraph("Text", '<w:ins w:id="1" w:author="x"><w:r><w:t>new</w:t></w:r></w:ins>')
    assert says(findings(tmp_path, body, {}), "tracked changes or comments")


def test_a_template_that_is_no_word_file_is_a_finding(tmp_path: Path) -> None:
    name = write_tiny_template(tmp_path, paragraph("Text"), {})
    (tmp_path / name / "template.docx").write_bytes(b"PK nothing")
    assert says(list(read_template(tmp_path, name).findings), "not a Word file")
