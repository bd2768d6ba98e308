"""The contract beside its receipt: fields, choices, blocks, free text and every cell. An unsigned receipt can only make a verdict worse."""

from collections.abc import Iterator, Sequence

from ncvr.domain.prices_file import check_fingerprints
from ncvr.domain.receipt import Receipt, ReceiptField, salted_hash
from ncvr.domain.verdict import Comparison as Judgement
from ncvr.domain.verdict import FilledValue, VerdictFinding
from ncvr.files.template_profile import FreeZone
from ncvr.files.verification.figures import COSTS, Vouched, row_place
from ncvr.files.verification.matching import Pair
from ncvr.files.verification.places import part_of, place_of, shortened
from ncvr.files.verification.schedule import Schedule, ScheduleRow
from ncvr.files.verification.values import Captured, fields_of, words_of
from ncvr.files.verification.wording import Comparison


def is_forged(receipt: Receipt) -> bool:
    """Whether the receipt's own price does not have the fingerprint it claims."""
    record = receipt.model_dump(mode="json", exclude_unset=True)
    return any(True for _ in check_fingerprints({"study": record["study"], "tariff": record["tariff"], "prices": [record["price"]]}))


def check_receipt(comparison: Comparison, values: Sequence[Captured], receipt: Receipt, profile_sha256: str) -> Iterator[VerdictFinding]:
    """Everything a receipt says of this contract."""
    profile = comparison.expected.template.profile
    if (receipt.template.sha256, receipt.template.profile_sha256) != (profile.template_sha256, profile_sha256):
        says = f"the receipt is for {receipt.template.family}/{receipt.template.version} with another content. Ask for the contract's own receipt"
        yield _finding("receipt", "", profile.template_sha256, receipt.template.sha256, says)
    yield from _structure(comparison, receipt)
    yield from _fields(comparison, values, receipt)
    yield from _zones(comparison, receipt)


def _finding(check: str, place: str, before: str, after: str, says: str, part: str = "body") -> VerdictFinding:
    return VerdictFinding(check=check, part=part, place=place or "receipt", before=before, after=after, says=says)


def _structure(comparison: Comparison, receipt: Receipt) -> Iterator[VerdictFinding]:
    structure, template = comparison.expected.structure, comparison.expected.template
    for choice in template.profile.choices:
        said, stands = receipt.choices.get(choice.name), structure.chosen[choice.name]
        if said != stands:
            where = _place_in_template(comparison, template.alternatives[choice.name, stands][0][0])
            yield _finding("choices", where, str(said), stands, f"the alternative chosen for '{choice.words}' is not the one filled in. Restore it")
    for block in template.profile.conditional_blocks:
        kept, stands_here = receipt.conditional_blocks.get(block.name), block.name in structure.kept
        if kept != stands_here:
            what = "stands here, although its condition does not hold" if stands_here else "is gone, although its condition holds"
            where = _place_in_template(comparison, template.conditional[block.name][0][0])
            yield _finding("condition", where, str(kept), str(stands_here), f"the block '{block.words}' {what}. Fill the contract again")


def _place_in_template(comparison: Comparison, source: int) -> str:
    entries = comparison.expected.entries
    near = next((at for at, entry in enumerate(entries) if entry.source >= source), len(entries) - 1)
    return place_of(comparison.expected.rendered, near)


def _arm_id(receipt: Receipt, arm: int | None) -> str | None:
    return receipt.schedule.arms[arm].id if arm is not None and arm < len(receipt.schedule.arms) else None


def _fields(comparison: Comparison, values: Sequence[Captured], receipt: Receipt) -> Iterator[VerdictFinding]:
    said = {(field.name, field.arm): field for field in receipt.fields}
    seen = set()
    for (name, arm), places in fields_of(values).items():
        profile = places[0].hole.field
        assert profile is not None
        key = (name, _arm_id(receipt, arm))
        field = said.get(key)
        seen.add(key)
        for place in places:
            if field is None:
                if place.value != place.hole.prompt and profile.source is not None:
                    yield _value(comparison, place, "", f"the {words_of(place.hole)} is not in the receipt, but '{_told(place)}' stands here")
            elif not _equal(field, place.value, receipt.salt):
                was = "another value" if field.value is None else f"'{shortened(field.value, 80)}'"
                yield _value(
                    comparison, place, field.value or "", f"the {words_of(place.hole)} was filled in as {was} and now reads '{_told(place)}'. Restore it"
                )
    for name, arm_id in sorted(said.keys() - seen, key=str):
        yield _finding(
            "values", "", name, "", f"the {name.replace('_', ' ')}{f' of arm {arm_id}' if arm_id else ''} of the receipt stands nowhere in the contract"
        )


def _told(place: Captured) -> str:
    return shortened(place.value, 80)


def _equal(field: ReceiptField, value: str, salt: str) -> bool:
    return field.value == value if field.value_sha256 is None else field.value_sha256 == salted_hash(salt, field.name, value)


def _value(comparison: Comparison, place: Captured, before: str, says: str) -> VerdictFinding:
    item = comparison.found.items[place.at]
    return _finding("values", place_of(comparison.found, place.at), before, place.value, says, part_of(item))


def _zones(comparison: Comparison, receipt: Receipt) -> Iterator[VerdictFinding]:
    for zone in comparison.expected.template.profile.free_zones:
        told = receipt.free_zones.get(zone.name)
        standing = _in_zone(comparison, zone)
        texts = [comparison.found.items[pair.found].text for pair in standing]
        if told is None:
            template = comparison.expected.template
            told = [template.form.items[at].text for each, (start, end) in template.zones if each == zone for at in range(start, end)]
        if texts != told:
            odd = next((at for at, text in enumerate(texts) if at >= len(told) or text != told[at]), 0)
            where = place_of(comparison.found, standing[odd].found) if standing else ""
            before = shortened(told[odd], 200) if odd < len(told) else ""
            after = shortened(texts[odd], 200) if odd < len(texts) else ""
            yield _finding("free zone", where, before, after, f"the free text of {zone.words} is not as it was filled in. Restore it")


def _in_zone(comparison: Comparison, zone: FreeZone) -> list[Pair]:
    return [pair for pair in comparison.alignment.pairs if comparison.expected.entries[pair.expected].zone == zone]


def vouched_costs(schedule: Schedule, receipt: Receipt | None) -> Vouched:
    """The rows of costs passed on that an unforged receipt holds; none without one."""
    names = {row.table for row in schedule.of(COSTS)}
    if receipt is None or is_forged(receipt):
        return frozenset()
    return frozenset(tuple(row) for name in names for row in receipt.schedule.tables.get(name, []))


def filled_values(
    comparison: Comparison, schedule: Schedule, values: Sequence[Captured], different: frozenset[str], *, compared: bool
) -> tuple[FilledValue, ...]:
    """Every field's value once, and every row's words, for a person to read. ``different`` holds what is not as filled in."""
    listed = []
    for places in fields_of(values).values():
        field = places[0].hole.field
        assert field is not None
        where = place_of(comparison.found, places[0].at)
        standing: Judgement = "not compared" if not compared or field.source is None else "equal"
        if any(place_of(comparison.found, place.at) + place.value in different for place in (places if different else ())):
            standing = "different"
        listed.append(FilledValue(name=field.name, title=field.words, place=where, value=places[0].value, compared=standing, personal=field.personal))
    return (*listed, *_zone_words(comparison, compared), *(_row_words(comparison, row, compared) for row in schedule.all()))


def _zone_words(comparison: Comparison, compared: bool) -> Iterator[FilledValue]:
    """The free text of every zone."""
    standing: Judgement = "equal" if compared else "not compared"
    for zone in comparison.expected.template.profile.free_zones:
        pairs = _in_zone(comparison, zone)
        where = place_of(comparison.found, pairs[0].found) if pairs else ""
        told = "\n".join(comparison.found.items[pair.found].text for pair in pairs)
        yield FilledValue(name=zone.name, title=zone.words, place=where, value=told, compared=standing)


def _row_words(comparison: Comparison, row: ScheduleRow, compared: bool) -> FilledValue:
    """A row's words without its price: names, windows, what is paid when and how often. The price says nothing of them."""
    told = "; ".join(text for key, text in row.cells.items() if key != "price")
    standing: Judgement = "equal" if compared else "not compared"
    return FilledValue(
        name=f"{row.table}.{row.number + 1}", title=f"{row.words}, row {row.number + 1}", place=row_place(comparison, row), value=told, compared=standing
    )
