"""What the facts of one contract decide about its template: which blocks stay, which alternative, which free words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from ncvr.domain.appendix import FinancialAppendix
from ncvr.domain.appendix_rows import Fact
from ncvr.domain.tariff import near
from ncvr.errors import Finding
from ncvr.files.template_profile import AllOf, AnyOf, Condition, FactPresent, FreeZone, TemplateProfile

_FREELY_NAMED = ("details.choices.", "details.conditions.")  # the profile's own names; every other key is the details' model's


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """The shape of one contract. Contracts with equal decisions share everything but their values."""

    kept: frozenset[str]  # conditional blocks that stay
    chosen: tuple[tuple[str, str], ...]  # choice and alternative
    zones: tuple[tuple[str, tuple[str, ...]], ...]  # free zones that get words of their own
    blank: frozenset[str]  # fields that stay as they are in the template


def decide(profile: TemplateProfile, appendix: FinancialAppendix, findings: list[Finding], site: str) -> Decisions:
    """The decisions for one contract; what cannot be decided is added to ``findings``."""
    facts = appendix.facts
    findings.extend(_unknown(profile, facts, site))
    return Decisions(
        kept=frozenset(block.name for block in profile.conditional_blocks if holds(block.keep_when, facts)),
        chosen=tuple(_chosen(profile, facts, findings, site)),
        zones=tuple(_zones(profile.free_zones, facts, findings, site)),
        blank=frozenset(field.name for field in profile.fields if field.may_stay_blank and (field.source is None or field.source not in facts)),
    )


def _unknown(profile: TemplateProfile, facts: Mapping[str, Fact], site: str) -> Iterator[Finding]:
    """Conditions and choices that this template does not ask: a misspelt one would otherwise leave a clause out unseen."""
    known = {source for source in _asked(profile) if source.startswith(_FREELY_NAMED)}
    for source in facts:
        if source.startswith(_FREELY_NAMED) and source not in known:
            kind, _, key = source.removeprefix("details.").partition(".")
            names = sorted(each.removeprefix(f"details.{kind}.") for each in known if each.startswith(f"details.{kind}."))
            choose = f"Use one of: {', '.join(names)}" if names else f"Remove it: the template asks for no {kind}"
            yield Finding(
                f"{site}: {supplied_by(source)}", f"{profile.family}/{profile.version} has no {kind.removesuffix('s')} {key!r}{near(key, names)}", choose
            )


def _asked(profile: TemplateProfile) -> Iterator[str]:
    """Every fact the profile draws on for fields, choices, free zones and blocks."""
    yield from (field.source for field in profile.fields if field.source is not None)
    yield from (choice.source for choice in profile.choices)
    yield from (zone.source for zone in profile.free_zones)
    for block in profile.conditional_blocks:
        yield from facts_of(block.keep_when)


def facts_of(condition: Condition) -> Iterator[str]:
    """The facts a condition looks at."""
    if isinstance(condition, AllOf | AnyOf):
        yield from chain.from_iterable(facts_of(part) for part in (condition.all if isinstance(condition, AllOf) else condition.any))
    else:
        yield condition.fact


def holds(condition: Condition, facts: Mapping[str, Fact]) -> bool:
    """Whether a condition holds. A fact that is not there equals nothing and is not true.

    >>> from ncvr.files.template_profile import FactEquals
    >>> holds(FactEquals(fact="details.conditions.transplantation", equals=True), {})
    False
    """
    if isinstance(condition, AllOf):
        return all(holds(part, facts) for part in condition.all)
    if isinstance(condition, AnyOf):
        return any(holds(part, facts) for part in condition.any)
    told = facts.get(condition.fact)
    if isinstance(condition, FactPresent):
        return (told is not None) == condition.present
    wanted = condition.equals
    if isinstance(wanted, bool) and not wanted:
        return told is None or told is False  # not said is the same as no
    return told is wanted if isinstance(wanted, bool) else told == str(wanted)


def _chosen(profile: TemplateProfile, facts: Mapping[str, Fact], findings: list[Finding], site: str) -> Iterator[tuple[str, str]]:
    for choice in profile.choices:
        told = facts.get(choice.source)
        values = [alternative.value for alternative in choice.alternatives]
        if told in values:
            yield choice.name, str(told)
            continue
        said = f"{choice.words} is not chosen" if told is None else f"{told!r} is not one of the alternatives for: {choice.words}"
        findings.append(Finding(f"{site}: {supplied_by(choice.source)}", said, f"Choose one of: {', '.join(values)}"))


def _zones(zones: tuple[FreeZone, ...], facts: Mapping[str, Fact], findings: list[Finding], site: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for zone in zones:
        paragraphs = facts.get(zone.source)
        if not isinstance(paragraphs, tuple):
            continue  # the template's own words stay
        if len(paragraphs) > zone.max_paragraphs or any(len(text) > zone.max_length for text in paragraphs):
            said = f"{zone.words} may have {zone.max_paragraphs} paragraphs of {zone.max_length:,} characters at most"
            findings.append(Finding(f"{site}: {supplied_by(zone.source)}", said, "Shorten the text"))
        yield zone.name, paragraphs


def supplied_by(source: str) -> str:
    """Who gives a value, as a place for findings.

    >>> supplied_by("details.sponsor.legal_name"), supplied_by("study.iras_id")
    ('details: sponsor.legal_name', 'study: iras_id')
    """
    room, _, rest = source.partition(".")
    return f"{room}: {rest}"
