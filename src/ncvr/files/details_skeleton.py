"""A details file to fill in: every key the template asks for, with what it is for and who gives it otherwise."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ncvr.domain.details import FORMAT
from ncvr.domain.study import Study
from ncvr.files.template_decisions import facts_of
from ncvr.files.template_map import TemplateMap
from ncvr.files.template_profile import FieldProfile, TemplateProfile, ValueType
from ncvr.files.template_registry import RegisteredTemplate

# Where the details give what the appendix knows under another name, and what a study file or list gives otherwise.
_IN_DETAILS = {
    "site.legal_name": ("site.legal_name", "the name in the list of organisations"),
    "site.address": ("site.address", ""),
    "site.nation": ("site.nation", "the nation in the tariff's list of sites"),
    "site.signing_party": ("site.signing_party", ""),
    "site.principal_investigator": ("principal_investigator", "the study file's"),
    "site.target_participants": ("target_participants", "the study file's"),
}
OF_SITE = ("site.", "notices.site.", "bank.", "principal_investigator", "target_participants", "archiving.location")
DetailKind = ValueType | Literal["condition", "paragraphs"]
# Sections that hold a choice which cannot be left open once the section is there.
_WHOLE = ("vat", "screen_failure")


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedDetail:
    """One thing the details can say to a template. ``key`` is its path in a details file, ``says`` the help written there.

    ``needed``: no contract of this template can be made without it. ``otherwise``: what stands there if it is not given.
    """

    key: str
    words: str
    kind: DetailKind
    says: str
    needed: bool = False
    has_place: bool = False
    options: tuple[tuple[str, str], ...] = ()
    personal: bool = False
    otherwise: str = ""

    @property
    def of_site(self) -> bool:
        """Whether it is usually another at each site."""
        return self.key.startswith(OF_SITE)


def details_skeleton(study: Study, template: RegisteredTemplate) -> dict[str, Any]:
    """The skeleton as JSON values: ``null`` where a value is needed, and ``help`` for every key."""
    profile, certain = template.profile, _certain(template.places)
    common: dict[str, Any] = {}
    sites: dict[str, dict[str, Any]] = {site.key: {} for site in study.sites}
    told: dict[str, str] = {}
    for key, says, needed in _wanted(profile, certain):
        told[key] = says
        if needed:
            for section in sites.values() if key.startswith(OF_SITE) else [common]:
                _place(section, key)
    conditions = sorted({fact.removeprefix("details.conditions.") for fact in _condition_facts(profile) if fact.startswith("details.conditions.")})
    if conditions:
        common["conditions"] = dict.fromkeys(conditions, False)
    return {"format": FORMAT, "help": told, "common": common, "sites": sites}


def _certain(found: TemplateMap) -> set[str]:
    """The fields with a place in no block that may go: they are needed in every contract."""
    may_go = {element for spans in found.blocks.values() for blocks in spans for block in blocks for element in block.iter()}
    return {prompt.owner.name for prompt in found.prompts if isinstance(prompt.owner, FieldProfile) and prompt.paragraph.element not in may_go}


def asked_details(template: RegisteredTemplate) -> tuple[AskedDetail, ...]:
    """Everything the details can say to this template, in its order, each once."""
    return tuple({asked.key: asked for asked in _asked(template.profile, _certain(template.places))}.values())


def _wanted(profile: TemplateProfile, certain: set[str]) -> Iterator[tuple[str, str, bool]]:
    """(key in the file, what it is for, whether it has an open place) of everything the details can say to this template."""
    for asked in _asked(profile, certain):
        yield asked.key, asked.says, asked.has_place


def _asked(profile: TemplateProfile, certain: set[str]) -> Iterator[AskedDetail]:
    for field in profile.fields:
        source = field.source or ""
        key, otherwise = _IN_DETAILS.get(source, (source.removeprefix("details."), "")) if source.startswith(("details.", "site.")) else ("", "")
        if key and source != "site.ods_code" and source != "site.name":
            yield _asked_field(field, key, otherwise, certain=field.name in certain)
    for choice in profile.choices:
        options = tuple((option.value, option.title) for option in choice.alternatives)
        values = " or ".join(f"{value} ({title})" if title else value for value, title in options)
        says, key = f"Needed. {_sentence(choice.words)}: {values}.", choice.source.removeprefix("details.")
        yield AskedDetail(key=key, words=_sentence(choice.words), kind="choice", says=says, needed=True, has_place=True, options=options)
    for zone in profile.free_zones:
        most = f"a list of at most {zone.max_paragraphs} paragraphs"
        says = f"Optional. {_sentence(zone.words)}: {most}; without it the template's own words stay."
        yield AskedDetail(key=zone.source.removeprefix("details."), words=_sentence(zone.words), kind="paragraphs", says=says)
    for block in profile.conditional_blocks:
        for fact in facts_of(block.keep_when):
            if fact.startswith("details.conditions."):
                says = f"true keeps, false leaves out: {block.words}."
                yield AskedDetail(key=fact.removeprefix("details."), words=_sentence(block.words), kind="condition", says=says)


def _asked_field(field: FieldProfile, key: str, otherwise: str, *, certain: bool) -> AskedDetail:
    may_be_left = bool(otherwise or field.when_absent)
    return AskedDetail(
        key=key,
        words=_sentence(field.words),
        kind=field.type,
        says=_says(field, otherwise, certain),
        needed=certain and not may_be_left and not field.may_stay_blank,
        has_place=not otherwise and field.when_absent is None and not field.may_stay_blank,
        options=tuple((option.value, option.text) for option in field.options),
        personal=field.personal,
        otherwise=otherwise or (f"the agreement says “{field.when_absent}”" if field.when_absent else ""),
    )


def _condition_facts(profile: TemplateProfile) -> Iterator[str]:
    for block in profile.conditional_blocks:
        yield from facts_of(block.keep_when)


_KINDS = {
    "integer": " A whole number.",
    "date": ' A date such as "2026-07-01".',
    "multi-line": " Line breaks as \\n.",
    "money": ' Pounds as text, such as "35.00".',
}


def _says(field: FieldProfile, otherwise: str, certain: bool) -> str:
    if otherwise or field.when_absent:
        need = f"Optional; otherwise {otherwise or f'the agreement says {field.when_absent!r}'}."
    else:
        need = "Needed." if certain else "Needed only if its clause stays."
    options = f" One of: {', '.join(option.value for option in field.options)}." if field.options else ""
    private = " Personal or bank data: a receipt holds only a salted hash." if field.personal else ""
    return f"{need} {_sentence(field.words)}.{_KINDS.get(field.type, '')}{options}{private}"


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _place(section: dict[str, Any], key: str) -> None:
    """An open place for a value; a choice is left out, because it cannot be open."""
    *path, last = key.split(".")
    if path[:1] == ["choices"]:
        section.setdefault("choices", {})
    elif path[:1] and path[0] in _WHOLE:
        section[path[0]] = None
    else:
        for name in path:
            section = section.setdefault(name, {})
        section[last] = None


def missing_keys(skeleton: Mapping[str, Any]) -> list[str]:
    """What must still be given, in the order of the help."""
    told: Mapping[str, str] = skeleton["help"]
    return [key for key, says in told.items() if says.startswith("Needed.")]
