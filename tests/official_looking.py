"""A synthetic template that looks like an official one: long, bracketed, highlighted, with instruction pages. Its words are made up."""

from typing import Any

import yaml

from tests.tiny_templates import bookmark, paragraph, reference, table, tiny_docx

_YELLOW = '<w:r><w:rPr><w:highlight w:val="yellow"/></w:rPr><w:t xml:space="preserve">{}</w:t></w:r>'
_FILLER = (
    "Each party does what this clause says, in good time and with reasonable care, and tells the other where it cannot. "
    "Nothing in this clause takes away what the law gives to a participant, and nothing in it is read as a promise about money. "
)
_BREAK = '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'
CLAUSES = 40
SCHEDULE = {
    "set-up": ("schedule.setup", ("ref", "activity", "price")),
    "visit": ("arm.visits", ("ref", "visit", "price")),
    "occasional visit": ("arm.conditional_visits", ("ref", "visit", "price")),
    "item": ("arm.items", ("ref", "activity", "price")),
    "unplanned": ("schedule.unscheduled", ("ref", "activity", "price")),
    "screen failure": ("schedule.screen_failures", ("arm", "price")),
    "expense": ("schedule.pass_through", ("ref", "type", "cap")),
}
FAMILY = "mCIA"


def official_looking() -> bytes:
    """Over sixty pages: instruction pages, title, forty clauses, an optional clause, two alternatives, an appendix with a schedule."""
    instructions = [
        paragraph("[Guidance: this page is for the person who completes the template.]"),
        *(paragraph(_FILLER * 3) for _ in range(6)),
        paragraph("End of guidance"),
        _BREAK,
    ]
    title = [
        paragraph("Agreement for an investigation"),
        paragraph("IRAS ", _YELLOW.format("[insert "), _YELLOW.format("IRAS "), _YELLOW.format("number]"), " of the study"),
        paragraph("between ", _YELLOW.format("[insert name of Sponsor]"), " and ", _YELLOW.format("[insert name of Organisation]"), " as parties"),
        _control("[choose nation]"),
        _BREAK,
    ]
    body = [*instructions, *title]
    for number in range(1, CLAUSES + 1):
        body.append(paragraph(f"Clause of matter {number}", style="Heading1", before=bookmark(f"_Ref_c{number}")))
        body += [paragraph(f"In matter {number}, paragraph {at}. " + _FILLER * 4) for at in range(1, 9)]
        if number == 7:
            body += [paragraph("Optional clause", style="Heading1"), paragraph("This applies only where a device is lent. " + _FILLER)]
        if number == 20:
            body.append(paragraph("As clause ", reference("_Ref_c8", "9."), " says."))
    body += [paragraph("Option one: the law of England and Wales."), paragraph("Option two: the law of Scotland.")]
    body.append(paragraph("Schedule", style="Heading1"))
    for name, (rows, _) in SCHEDULE.items():
        if rows == "arm.visits":
            body.append(paragraph("Work for arm [arm] of the study"))
        body += [table(*_schedule(name)), paragraph(f"End of {name}")]
    body.append(paragraph("Signed: [signature]"))
    body.append(
        '<w:sectPr><w:footerReference xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" w:type="default" r:id="rId3"/></w:sectPr>'
    )
    footer = paragraph("Study [insert IRAS number], page ", '<w:fldSimple w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple>')
    return tiny_docx("".join(body), {"word/footer1.xml": f'<w:ftr xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">{footer}</w:ftr>'})


def _schedule(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Header and prototype row of a table: every name in it is its own."""
    keys = SCHEDULE[name][1]
    return tuple(f"{name} {key}" for key in keys), tuple(f"[{name} {key}]" for key in keys)


def _control(words: str) -> str:
    properties = '<w:sdtPr><w:alias w:val="Nation"/><w:tag w:val="nation"/><w:showingPlcHdr/><w:text/></w:sdtPr>'
    control = f"<w:sdt>{properties}<w:sdtContent><w:r><w:t>{words}</w:t></w:r></w:sdtContent></w:sdt>"
    return paragraph("Nation: ", control, " of the site")


def completed(draft: str, version: str) -> bytes:
    """What a person makes of the draft: sources, the options, the optional clause, the schedule, the guidance."""
    profile: dict[str, Any] = yaml.safe_load(draft)
    profile |= {"family": FAMILY, "version": version, "title": "A synthetic template"}
    by_prompt = {field["prompt"]: field for field in profile["fields"]}
    by_prompt["[insert name of Organisation]"]["source"] = "site.legal_name"
    by_prompt["[choose nation]"]["source"] = "site.nation"
    by_prompt["[signature]"] |= {"source": None, "may_stay_blank": True}
    by_prompt["[arm]"]["source"] = "arm.id"
    in_schedule = {prompt for name in SCHEDULE for prompt in _schedule(name)[1]}
    profile["fields"] = [field for field in profile["fields"] if field["prompt"] not in in_schedule]
    profile["repeats"] = [{"name": "arms", "span": {"first": "Work for arm", "last": "End of item"}}]
    profile["tables"] = [_table_profile(name) for name in SCHEDULE]
    profile["choices"] = [
        {
            "name": "law",
            "source": "details.choices.law",
            "alternatives": [{"value": "one", "spans": [{"first": "Option one"}]}, {"value": "two", "spans": [{"first": "Option two"}]}],
        }
    ]
    lent = {"fact": "details.conditions.device_lent", "equals": True}
    profile["conditional_blocks"] = [{"name": "device", "keep_when": lent, "spans": [{"first": "Optional clause", "last": "This applies only"}]}]
    profile["instructions"] = [{"name": "guidance", "spans": [{"first": "[Guidance", "last": "End of guidance"}]}]
    return yaml.safe_dump(profile, allow_unicode=True, sort_keys=False).encode()


def _table_profile(name: str) -> dict[str, Any]:
    rows, keys = SCHEDULE[name]
    columns = [
        {"header": header, "key": key, "prompt": prompt, "type": "money" if key == "price" else "text"}
        for header, key, prompt in zip(_schedule(name)[0], keys, _schedule(name)[1], strict=True)
    ]
    return {"name": name.replace("-", "_").replace(" ", "_"), "rows": rows, "columns": columns}
