"""Filling: the right words everywhere, nothing else changed, and refused rather than guessed."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from ncvr.domain.appendix import FinancialAppendix
from ncvr.errors import InputError
from ncvr.files.appendix_reader import read_contract
from ncvr.files.docx_package import read_package
from ncvr.files.docx_words import W
from ncvr.files.template_registry import read_template
from tests.contracts import appendix, details, filler, sample, sample_filler, shown_text, site_price, with_visits
from tests.tiny_templates import bookmark, paragraph, reference, table, write_tiny_template

MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"


def filled(**changes: Any) -> bytes:
    return sample_filler().fill(appendix(site_price(), details(**changes)), "RGT").content


def of_tiny(folder: Path, body: str, profile: dict[str, Any], facts: dict[str, Any], extra: dict[str, str] | None = None) -> bytes:
    """A tiny template filled from these facts, without any table or arm."""
    template = read_template(folder, write_tiny_template(folder, body, profile, extra=extra))
    assert template.value is not None, template.findings
    return filler(template.value).fill(FinancialAppendix(facts=facts, arms=(), tables={}), "X").content


def document(content: bytes) -> Any:
    return etree.fromstring(read_package(content).content("word/document.xml"))


def body_text(content: bytes) -> str:
    return "\n".join("".join(each.text or "" for each in paragraph.iter(W + "t")) for paragraph in document(content).iter(W + "p"))


def all_text(root: etree._Element) -> str:
    return "".join(str(text) for text in root.itertext())


def field(name: str, prompt: str, source: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "source": source, "prompt": prompt} | more


HOSTILE = [
    "Smith & Nephew <UK> Ltd",
    "</w:t></w:r></w:p>",
    "\"double\" & 'single'",
    "]]>",
    "&amp; &#38; &lt;",
    "%s %d %%",
    "{0} \\1 \\g<0>",
    "‎".strip("‎") + "שלום עולם",
    "Trial 🧪 of ½ dose",
    "<!--begin visits-->",
    "[Study title]",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_survives_everywhere_and_so_does_the_paragraph_after_it(name: str) -> None:
    before, after = (
        shown_text(filled(sponsor=details().sponsor.model_dump() | {"legal_name": "PLAIN"})),
        shown_text(filled(sponsor=details().sponsor.model_dump() | {"legal_name": name})),
    )
    assert after == before.replace("PLAIN", name)
    assert before.count("PLAIN") == 5


def test_no_prompt_is_left_but_the_lines_for_signatures_and_dates() -> None:
    text = shown_text(filled())
    assert re.findall(r"\[[^\]]*\]", text) == []
    assert len(re.findall(r"_{20,}", text)) == 6


def test_guidance_and_markers_of_alternatives_come_off() -> None:
    text = shown_text(filled())
    assert "Guidance for completing" not in text
    assert "Alternative A" not in text


def test_exactly_the_chosen_alternative_remains() -> None:
    kept, other = "Participating Organisation keeps the Investigator Site File and", "Sponsor arranges and pays directly"
    assert kept in shown_text(filled())
    assert other not in shown_text(filled())
    assert other in shown_text(filled(choices={"archiving_party": "sponsor"}))
    assert kept not in shown_text(filled(choices={"archiving_party": "sponsor"}))


def test_a_conditional_clause_goes_with_its_entry_in_the_contents_and_numbers_stay_true() -> None:
    without, with_it = shown_text(filled()), shown_text(filled(conditions={"transplantation": True}))
    assert "7\tTransplant participants" not in without
    assert "\n7Consent, care and injury" in f"\n{without}"  # the contents show the number, a tab, the heading
    assert "\n8Consent, care and injury" in f"\n{with_it}"
    assert "as clause\u00a014.2 explains" in without
    assert "as clause\u00a015.2 explains" in with_it
    assert "to whom clause\u00a07 applies" in with_it


def test_references_follow_the_alternative_that_went_too() -> None:
    assert "11.5," in shown_text(filled())  # 12.6 of the template: clause 7 and one alternative have gone
    assert "12.5," in shown_text(filled(conditions={"transplantation": True}))


def test_an_optional_appendix_stays_exactly_when_asked_for() -> None:
    assert "Equipment on loan" not in shown_text(filled())
    assert shown_text(filled(conditions={"equipment_on_loan": True})).count("Equipment on loan") == 2  # its heading and its entry in the contents


def test_recitals_of_ones_own_stand_between_the_fixed_paragraphs() -> None:
    text = shown_text(filled(recitals=["First & foremost.", "Second."]))
    assert "They have no binding effect.\nFirst & foremost.\nSecond.\nAgreed terms" in text
    assert "The Sponsor wishes to have" not in text


def test_every_story_is_filled() -> None:
    content = filled()
    for name in ("word/footer1.xml", "word/footer2.xml", "word/footer3.xml"):
        footer = all_text(etree.fromstring(read_package(content).content(name)))
        assert "1004567" in footer
        assert "Trust RGT" in footer
        assert "[" not in footer


def test_a_text_box_is_filled_in_both_of_its_copies() -> None:
    (alternate,) = document(filled()).iter(MC + "AlternateContent")
    copies = ["".join(each.text or "" for each in alternate.find(MC + branch).iter(W + "t")) for branch in ("Choice", "Fallback")]
    assert copies[0] == copies[1]
    assert "2026-04-01-made-for-tests (illustrative" in copies[0]


def test_a_filled_control_is_no_placeholder_any_more() -> None:
    controls = [control for control in document(filled()).iter(W + "sdt") if control.find(f"{W}sdtPr/{W}tag") is not None]
    assert [control.find(f"{W}sdtPr/{W}showingPlcHdr") for control in controls] == [None]
    assert "PlaceholderText" not in etree.tostring(controls[0], encoding="unicode")
    assert "EX-1" in "".join(controls[0].itertext())


def test_a_bound_control_changes_its_data_store_too(tmp_path: Path) -> None:
    control = (
        '<w:sdt><w:sdtPr><w:tag w:val="t"/><w:showingPlcHdr/>'
        '<w:dataBinding w:prefixMappings="xmlns:n=\'urn:x\'" w:xpath="/n:a/n:b" w:storeItemID="{AB}"/></w:sdtPr>'
        "<w:sdtContent><w:r><w:t>[Name]</w:t></w:r></w:sdtContent></w:sdt>"
    )
    props = '<ds:datastoreItem xmlns:ds="http://schemas.openxmlformats.org/officeDocument/2006/customXml" ds:itemID="{ab}"/>'
    arrow = '<Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/customXmlProps" Target="itemProps1.xml"/>'
    extra = {
        "customXml/item1.xml": '<a xmlns="urn:x"><b>[Name]</b></a>',
        "customXml/itemProps1.xml": props,
        "customXml/_rels/item1.xml.rels": f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{arrow}</Relationships>',
    }
    profile = {"fields": [field("name", "[Name]", "study.sponsor", places=[{"control": "t"}], type="multi-line")]}
    content = of_tiny(tmp_path, paragraph("Of ", control, " it"), profile, {"study.sponsor": "A & B\nLtd"}, extra)
    assert all_text(etree.fromstring(read_package(content).content("customXml/item1.xml"))) == "A & B\nLtd"
    assert "showingPlcHdr" not in etree.tostring(document(content), encoding="unicode")


def test_a_prompt_over_several_runs_takes_the_format_of_its_first_and_leaves_its_neighbours(tmp_path: Path) -> None:
    bold = "<w:r><w:rPr><w:b/></w:rPr><w:t>{}</w:t></w:r>"
    runs = ["<w:r><w:t xml:space='preserve'>The [Na</w:t></w:r>", bold.format("m"), "<w:r><w:rPr><w:i/></w:rPr><w:t>e] of</w:t></w:r>"]
    content = of_tiny(tmp_path, paragraph(*runs) + paragraph("After"), {"fields": [field("name", "[Name]", "study.sponsor")]}, {"study.sponsor": "Acme"})
    shapes = [(run.find(f"{W}rPr/{W}b") is not None, run.find(f"{W}rPr/{W}i") is not None, "".join(run.itertext())) for run in document(content).iter(W + "r")]
    assert shapes == [(False, False, "The "), (False, False, "Acme"), (False, True, " of"), (False, False, "After")]


def test_only_the_formatting_that_the_profile_names_goes_with_the_prompt(tmp_path: Path) -> None:
    run = '<w:r><w:rPr><w:b/><w:highlight w:val="yellow"/></w:rPr><w:t>Of [Name] it</w:t></w:r>'
    profile = {"fields": [field("name", "[Name]", "study.sponsor")], "clear_on_filling": ["highlight"]}
    content = of_tiny(tmp_path, paragraph(run), profile, {"study.sponsor": "Acme"})
    shapes = [("".join(run.itertext()), [etree.QName(each).localname for each in run.find(W + "rPr")]) for run in document(content).iter(W + "r")]
    assert shapes == [("Of ", ["b", "highlight"]), ("Acme", ["b"]), (" it", ["b", "highlight"])]


def test_line_breaks_of_an_address_become_breaks_beside_the_text() -> None:
    xml = read_package(filled()).content("word/document.xml").decode()
    assert '1 Example Way</w:t><w:br/><w:t xml:space="preserve">Cambridge' in xml


def test_rows_stand_once_each_with_the_formatting_of_the_prototype() -> None:
    content = sample_filler().fill(with_visits(appendix(site_price(), details()), 40), "RGT").content
    visits = next(each for each in document(content).iter(W + "tbl") if "Window" in "".join(next(each.iter(W + "tr")).itertext()))
    rows = list(visits.iter(W + "tr"))
    assert len(rows) == 42
    assert {etree.tostring(each.find(W + "trPr")) for each in rows[1:41]} == {etree.tostring(rows[1].find(W + "trPr"))}
    assert "".join(rows[40].itertext()).startswith("A/V39Visit 39 & more")
    assert rows[0].find(f"{W}trPr/{W}tblHeader") is not None


def test_a_table_without_rows_says_so() -> None:
    content = filled()
    items = [each for each in document(content).iter(W + "tbl") if "Maximum" in "".join(next(each.iter(W + "tr")).itertext())]
    assert ["".join(list(each.iter(W + "tr"))[1].itertext()) for each in items] == [
        "A03ECGasked for4£68.69",
        "None––––",
        "U01Unscheduled ECGclinically indicatedNo maximum£68.69",
    ]


def test_paragraph_ids_stand_once_in_a_filled_file() -> None:
    xml = re.sub(r"<mc:Fallback>.*?</mc:Fallback>", "", read_package(filled()).content("word/document.xml").decode())  # its ids are the box's own
    ids = re.findall(r'w14:paraId="([0-9A-F]+)"', xml)
    assert len(ids) == len(set(ids))


def test_other_members_are_the_very_bytes_of_the_template() -> None:
    before, after = read_package(sample().content).members, read_package(filled()).members
    same = [name for name in before if before[name].compressed == after[name].compressed]
    assert list(before) == list(after)
    assert set(before) - set(same) == {"word/document.xml", "word/footer1.xml", "word/footer2.xml", "word/footer3.xml"}


def test_no_mark_of_the_filling_is_left_in_any_part() -> None:
    for name, member in read_package(filled()).members.items():
        assert not re.search("[\ue000-\ue002]|<!--", member.content.decode("utf-8")), name


def test_many_shapes_of_one_template_do_not_pile_up() -> None:
    ours = filler(sample())
    first = [ours.fill(appendix(site_price(), details(recitals=[f"Recital {n}."])), "RGT").content for n in range(17)]
    assert len(ours._prepared) <= 16
    assert ours.fill(appendix(site_price(), details(recitals=["Recital 0."])), "RGT").content == first[0]


def test_the_same_template_and_data_give_the_same_bytes() -> None:
    assert filled() == filler(sample()).fill(appendix(site_price(), details()), "RGT").content


def test_a_filler_that_has_filled_other_sites_gives_the_same_bytes() -> None:
    shared = filler(sample())
    given = appendix(site_price(), details())
    shared.fill(appendix(site_price(site="RP4"), details(conditions={"transplantation": True})), "RP4")
    assert shared.fill(given, "RGT").content == filled()


def test_every_missing_detail_is_named_at_once() -> None:
    with pytest.raises(InputError) as refused:
        filled(sponsor={"legal_name": "Acme"}, vat=None, choices={}, screen_failure=None)
    said = " ".join(map(str, refused.value.findings))
    for what in ("sponsor.number", "sponsor.address", "sponsor.signing_party", "vat.treatment", "choices.archiving_party", "screen_failure.pay"):
        assert f"RGT: details: {what}" in said


def test_a_field_of_a_clause_that_goes_is_not_asked_for() -> None:
    assert filled(legal_representative=None)
    with pytest.raises(InputError, match="address of the legal representative is missing"):
        filled(legal_representative={"legal_name": "Rep Ltd"})


@pytest.mark.parametrize("bad", ["Acme\u200bLtd", "Acme\u202eLtd", "Acme\ue000Ltd", "Acme\u2028Ltd", "two\nlines", "a\tb", "Acme\u00adLtd"])
def test_what_cannot_be_seen_or_breaks_the_line_is_refused(bad: str) -> None:
    with pytest.raises(InputError, match="must not stand there"):
        filled(sponsor=details().sponsor.model_dump() | {"legal_name": bad})


def test_text_longer_than_the_template_takes_is_refused() -> None:
    with pytest.raises(InputError, match=r"has 32,000 characters; the template takes 300"):
        filled(sponsor=details().sponsor.model_dump() | {"legal_name": "x" * 32_000})


def test_a_bad_cell_names_its_table_row_and_column() -> None:
    given = with_visits(appendix(site_price(), details()), 3)
    rows = [dict(row) for row in given.arms[0].tables["arm.visits"]]
    rows[1]["price"], rows[2]["visit"] = "about £5", "a\0b"
    arm = replace(given.arms[0], tables={**given.arms[0].tables, "arm.visits": tuple(rows)})
    with pytest.raises(InputError) as refused:
        sample_filler().fill(replace(given, arms=(arm,)), "RGT")
    said = list(map(str, refused.value.findings))
    assert said[0].startswith("RGT, arm A: scheduled visits, row 3 (A/V2): Visit holds the invisible character U+0000")
    assert said[1].startswith("RGT, arm A: scheduled visits, row 2 (A/V1): Price must be an amount")


def test_a_choice_outside_its_options_is_refused_with_the_options() -> None:
    with pytest.raises(InputError, match="'Jersey' is not one of the answers for: governing law"):
        filled(site=details().site.model_dump() | {"nation": "Jersey"})


def test_a_list_number_that_restarts_by_its_style_is_counted_as_word_counts_it(tmp_path: Path) -> None:
    body = (
        paragraph("One", style="Heading1")
        + paragraph("Gone", style="Heading1")
        + paragraph("Two", style="Heading1", before=bookmark("_Ref_two"))
        + paragraph("See ", reference("_Ref_two", "3"))
    )
    profile = {"conditional_blocks": [{"name": "gone", "spans": [{"first": "Gone"}], "keep_when": {"fact": "study.cro", "present": True}}]}
    assert body_text(of_tiny(tmp_path, body, profile, {})).endswith("See 2")
    assert body_text(of_tiny(tmp_path / "kept", body, profile, {"study.cro": "C"})).endswith("See 3")


def test_rows_of_a_table_can_be_conditional(tmp_path: Path) -> None:
    body = table(("Role", "Who"), ("Sponsor", "us"), ("CRO", "them"))
    profile = {"conditional_blocks": [{"name": "cro", "spans": [{"first": "CRO", "unit": "row"}], "keep_when": {"fact": "study.cro", "present": True}}]}
    assert "them" not in body_text(of_tiny(tmp_path, body, profile, {}))
    assert "them" in body_text(of_tiny(tmp_path / "kept", body, profile, {"study.cro": "C"}))


@pytest.mark.parametrize(
    ("condition", "facts", "stays"),
    [
        ({"fact": "site.nation", "equals": "Wales"}, {"site.nation": "Wales"}, True),
        ({"fact": "study.version", "equals": 2}, {"study.version": "2"}, True),
        ({"fact": "study.atmp", "equals": False}, {"study.atmp": False}, True),
        ({"fact": "details.conditions.x", "equals": False}, {}, True),
        ({"fact": "details.conditions.x", "equals": True}, {}, False),
        ({"fact": "study.cro", "present": False}, {}, True),
        ({"all": [{"fact": "study.cro", "present": True}, {"fact": "study.atmp", "equals": True}]}, {"study.cro": "C", "study.atmp": False}, False),
        ({"any": [{"fact": "study.cro", "present": True}, {"fact": "study.atmp", "equals": True}]}, {"study.cro": "C", "study.atmp": False}, True),
    ],
)
def test_conditions_look_at_facts(tmp_path: Path, condition: dict[str, Any], facts: dict[str, Any], stays: bool) -> None:
    profile = {"conditional_blocks": [{"name": "block", "spans": [{"first": "Extra"}], "keep_when": condition}]}
    assert ("Extra" in body_text(of_tiny(tmp_path, paragraph("Extra") + paragraph("End"), profile, facts))) is stays


def test_rows_and_cells_inside_controls_are_found_and_filled(tmp_path: Path) -> None:
    plain = table(("Ref", "Price"), ("[Ref]", "[Price]"))
    row = plain[plain.rindex("<w:tr>") : plain.rindex("</w:tbl>")]
    cell = row[row.rindex("<w:tc>") : row.rindex("</w:tr>")]
    wrapped_cell = row.replace(cell, f'<w:sdt><w:sdtPr><w:tag w:val="cell"/></w:sdtPr><w:sdtContent>{cell}</w:sdtContent></w:sdt>')
    wrapped_row = f'<w:sdt><w:sdtPr><w:tag w:val="row"/></w:sdtPr><w:sdtContent>{row}</w:sdtContent></w:sdt>'
    columns = [{"header": "Ref", "key": "ref", "prompt": "[Ref]"}, {"header": "Price", "key": "price", "prompt": "[Price]", "type": "money"}]
    profile = {"tables": [{"name": "t", "rows": "schedule.setup", "columns": columns}]}
    rows = tuple({"ref": f"S{n}", "price": f"£{n}.00"} for n in range(3))
    name = write_tiny_template(tmp_path, plain.replace(row, wrapped_row), profile)
    template = read_template(tmp_path, name).value
    assert template is not None
    content = filler(template).fill(FinancialAppendix(facts={}, arms=(), tables={"schedule.setup": rows}), "X").content
    assert read_contract(content, [template]).tables["t"] == rows
    refused = read_template(tmp_path, write_tiny_template(tmp_path, plain.replace(row, wrapped_cell), profile, name="tiny/cell"))
    assert "the row that is repeated holds a bookmark, control" in str(refused.findings[0])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"conditions": {"transplantion": True}},
            "RGT: details: conditions.transplantion: mCTA/sample-1 has no condition 'transplantion' (near: transplantation)",
        ),
        ({"conditions": {"transplantion": False}}, "RGT: details: conditions.transplantion: mCTA/sample-1 has no condition 'transplantion'"),
        ({"choices": {"archiving_party": "site", "foo": "bar"}}, "RGT: details: choices.foo: mCTA/sample-1 has no choice 'foo'. Use one of: archiving_party"),
    ],
)
def test_a_misspelt_condition_or_choice_is_an_error_and_leaves_no_clause_out(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as refused:
        filled(**given)
    assert [str(finding) for finding in refused.value.findings if str(finding).startswith(said)]
