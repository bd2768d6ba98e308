"""A first profile for a scanned template: every prompt a field, with its places. A person gives it meaning."""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

from ncvr.domain.appendix_rows import TABLES
from ncvr.files.docx_stories import StoryParagraph
from ncvr.files.template_scan import Scan, ScannedPrompt

_GUIDANCE = re.compile(r"\[\s*(guidance|instruction|note|drafting|delete|option|alternative|use this)\b", re.IGNORECASE)
_LONG = 120  # a bracketed text longer than this is guidance more likely than a prompt
# Words of a prompt that settle its source, longest list first.
_SOURCES = (
    ({"iras"}, "study.iras_id"),
    ({"cpms"}, "study.cpms_id"),
    ({"protocol", "number"}, "study.protocol_number"),
    ({"protocol", "version"}, "study.protocol_version"),
    ({"protocol", "date"}, "study.protocol_date"),
    ({"short", "title"}, "study.short_title"),
    ({"study", "title"}, "study.title"),
    ({"trial", "title"}, "study.title"),
    ({"principal", "investigator"}, "site.principal_investigator"),
    ({"number", "participants"}, "site.target_participants"),
    ({"sponsor", "address"}, "details.sponsor.address"),
    ({"sponsor", "number"}, "details.sponsor.number"),
    ({"sponsor", "name"}, "details.sponsor.legal_name"),
    ({"organisation", "address"}, "site.address"),
    ({"organisation", "name"}, "site.legal_name"),
    ({"costing", "edition"}, "price.edition_and_status"),
)


def draft_profile(scan: Scan, *, family: str, version: str, template_sha256: str) -> str:
    """The draft as YAML text. Prompts without an obvious source read from ``details.choices``; comments say what is left to do."""
    guidance = [prompt for prompt in scan.prompts if _is_guidance(prompt)]
    fields = [prompt for prompt in scan.prompts if prompt not in guidance]
    lines = [
        "# A draft, made by ncvr template scan. Give every field its source, say which blocks are alternatives, conditional or",
        "# free according to the official instructions, and let two people check it. ncvr schema profile describes the format.",
        "format: ncvr-profile/1",
        f"family: {_text(family)}",
        f"version: {_text(version)}",
        f"title: {_text(f'{family}, {version}')}",
        f"template_sha256: {template_sha256}",
        "status: draft",
        "approved_by: []",
        "clear_on_filling: [highlight, shading]",
        "",
        *_fields(fields),
        *_instructions(guidance),
        *_tables(scan),
    ]
    return "\n".join(lines) + "\n"


def _is_guidance(prompt: ScannedPrompt) -> bool:
    return bool(_GUIDANCE.match(prompt.text)) or len(prompt.text) > _LONG


def _text(text: str) -> str:
    """A YAML scalar: JSON text is YAML."""
    return json.dumps(text, ensure_ascii=False)


def _fields(prompts: list[ScannedPrompt]) -> Iterator[str]:
    yield "fields:" if prompts else "fields: []"
    taken: set[str] = set()
    for prompt in prompts:
        name = _name(prompt.text, taken)
        source = next((source for words, source in _SOURCES if words <= _words(prompt.text)), f"details.choices.{name}")
        places = ", ".join(_place(story, pages, count) for (story, pages), count in Counter(map(_story, prompt.places)).items())
        yield f"  - {{name: {name}, source: {source}, prompt: {_text(prompt.text)}, places: [{places}]}}"
        if prompt.runs > 1:
            yield f"    # split over {prompt.runs} runs; that is allowed"


def _instructions(prompts: list[ScannedPrompt]) -> Iterator[str]:
    """Guidance comes off: the whole block where it is nothing else, else the bracketed words."""
    yield ""
    yield "instructions:" if prompts else "instructions: []"
    taken: set[str] = set()
    for number, prompt in enumerate(prompts, start=1):
        name = _name(f"guidance {number}", taken)
        whole = all(place.text == prompt.text and place.story == "body" and not place.row for place in prompt.places) and len(prompt.places) == 1
        if whole:
            yield f"  - {{name: {name}, spans: [{{first: {_text(prompt.text[:200])}}}]}}"
        else:
            places = ", ".join(_place(story, pages, count) for (story, pages), count in Counter(map(_story, prompt.places)).items())
            yield f"  - {{name: {name}, prompt: {_text(prompt.text)}, places: [{places}]}}"


def _tables(scan: Scan) -> Iterator[str]:
    """Tables that look like schedules, as comments: which rows they take is for a person to say."""
    if scan.tables:
        yield ""
        yield f"# These tables look like schedules. Take their prompts out of fields, and say which rows they take: {', '.join(TABLES)}."
        yield "# tables:"
    for number, (headers, prompts) in enumerate(scan.tables, start=1):
        yield f"#   - name: table_{number}"
        yield "#     rows: schedule.setup"
        yield "#     columns:"
        for header, prompt in zip(headers, prompts, strict=True):
            yield f"#       - {{header: {_text(header)}, key: ref, prompt: {_text(prompt)}}}"


def _story(paragraph: StoryParagraph) -> tuple[str, str | None]:
    return paragraph.story, paragraph.pages


def _place(story: str, pages: str | None, count: int) -> str:
    told = [f"story: {story}"] if story != "body" else []
    told += [f"pages: {pages}"] if pages is not None and story in ("header", "footer") else []
    told += [f"count: {count}"] if count > 1 else []
    return "{" + ", ".join(told) + "}"


def _words(text: str) -> set[str]:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return set(re.findall(r"[a-z]+", plain))


def _name(text: str, taken: set[str]) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    stem = "_".join(re.findall(r"[a-z0-9]+", plain))[:50].strip("_") or "value"
    stem = stem if stem[0].isalpha() else f"value_{stem}"
    name, number = stem, 2
    while name in taken:
        name, number = f"{stem}_{number}", number + 1
    taken.add(name)
    return name
