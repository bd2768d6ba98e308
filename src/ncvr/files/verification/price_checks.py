"""What the contract says of its study, site and tariff beside the price; conditions and choices that the contract's own words decide."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from ncvr.domain.prices_file import PricesFile, SitePrices
from ncvr.domain.verdict import VerdictFinding
from ncvr.files.template_profile import AllOf, AnyOf, Condition, FactEquals, FactPresent
from ncvr.files.verification.places import part_of, place_of, shortened
from ncvr.files.verification.values import Captured, fields_of, words_of
from ncvr.files.verification.wording import Comparison

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")


def check_identity(comparison: Comparison, values: Sequence[Captured], prices: PricesFile, site: SitePrices) -> Iterator[VerdictFinding]:
    """Fields that a prices file holds too read as it says."""
    told = _told(prices, site)
    for places in fields_of(values).values():
        field = places[0].hole.field
        wanted = None if field is None or field.source is None else told.get(field.source)
        for place in places:
            if wanted is not None and not _agrees(field.source if field else "", wanted, place.value):
                item = comparison.found.items[place.at]
                says = f"the {words_of(place.hole)} is '{shortened(place.value, 80)}' here and '{wanted}' in the price. Fill the contract again from this price"
                yield VerdictFinding(
                    check="price identity", part=part_of(item), place=place_of(comparison.found, place.at), before=wanted, after=place.value, says=says
                )


def _told(prices: PricesFile, site: SitePrices) -> dict[str, str]:
    tariff = prices.tariff
    unlocked = "; unlocked" if tariff.lock == "unlocked" else ""
    return {
        "study.iras_id": prices.study.iras_id,
        "study.version": str(prices.study.version),
        "site.ods_code": site.site.ods_code,
        "price.edition": tariff.edition,
        "price.edition_status": tariff.status,
        "price.edition_and_status": f"{tariff.edition} ({tariff.status}{unlocked})",
        "price.multiplier": site.multiplier,
        "price.priced_on": _printed_day(prices.pricing_date),
        "price.fingerprint": site.fingerprint,
    }


def _printed_day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


_STATUS_WORDS = {
    "illustrative": "illustrative, not an official tariff",
    "transcribed": "transcribed from the official publication",
    "checked": "transcribed from the official publication and checked",
}


def _agrees(source: str | None, wanted: str, value: str) -> bool:
    if source != "price.edition_and_status":
        return wanted == value
    edition, _, status = wanted.rstrip(")").partition(" (")
    word, _, unlocked = status.partition("; ")
    return value == f"{edition} ({_STATUS_WORDS[word]}{'; ' + unlocked if unlocked else ''})"


def known_facts(values: Sequence[Captured]) -> dict[str, str]:
    """What the contract itself states, by source."""
    facts: dict[str, str] = {}
    for places in fields_of(values).values():
        field = places[0].hole.field
        if field is not None and field.source is not None and places[0].value not in (field.when_absent, places[0].hole.prompt):
            told = places[0].value
            options = [option.value for option in field.options if option.text == told]
            facts[field.source] = options[0] if len(options) == 1 else told
    return facts


def check_conditions(comparison: Comparison, values: Sequence[Captured]) -> Iterator[VerdictFinding]:
    """A conditional block stands exactly when its condition holds, where the contract's own words decide that."""
    template, structure = comparison.expected.template, comparison.expected.structure
    facts = known_facts(values)
    for block in template.profile.conditional_blocks:
        holds, stands = _holds(block.keep_when, facts), block.name in structure.kept
        if holds is not None and holds != stands:
            start = template.conditional[block.name][0][0]
            near = next((at for at, entry in enumerate(comparison.expected.entries) if entry.source >= start), 0)
            what = "stands here, although its condition does not hold" if stands else "is gone, although its condition holds"
            yield VerdictFinding(
                check="condition",
                part="body",
                place=place_of(comparison.expected.rendered, near),
                before="",
                after="",
                says=f"the block '{block.words}' {what}. Fill the contract again",
            )


def _printed(value: str | bool | int) -> str:
    return {True: "Yes", False: "No"}[value] if isinstance(value, bool) else str(value)


def _holds(condition: Condition, facts: Mapping[str, str]) -> bool | None:
    """Whether a condition holds; None where the contract doesn't say."""
    if isinstance(condition, FactEquals):
        return None if condition.fact not in facts else facts[condition.fact] == _printed(condition.equals)
    if isinstance(condition, FactPresent):
        return condition.present if condition.fact in facts else None
    parts = [_holds(part, facts) for part in (condition.all if isinstance(condition, AllOf) else condition.any)]
    deciding = not isinstance(condition, AnyOf)
    if deciding:
        return False if False in parts else None if None in parts else True
    return True if True in parts else None if None in parts else False
