"""What stands in the holes: the same field the same everywhere, of its type, in honest characters, with nothing left over."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ncvr.domain.verdict import VerdictFinding
from ncvr.files.template_profile import ValueType
from ncvr.files.verification.patterns import Hole
from ncvr.files.verification.places import part_of, place_of, shortened
from ncvr.files.verification.wording import Comparison

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
_MONEY = re.compile(r"£(0|[1-9][0-9]{0,2}(,[0-9]{3})*)(\.[0-9]{2})?")
_DATE = re.compile(r"([1-9]|[12][0-9]|3[01]) ([A-Z][a-z]+) ([0-9]{4})")
_INTEGER = re.compile(r"0|[1-9][0-9]*")
_NOTHING = "–"
# Soft and non-breaking hyphens, non-breaking spaces and directional marks of ordinary typesetting are letters too.
_ALLOWED_FORMAT = frozenset("\u00ad")
_TYPE_WORDS: Mapping[ValueType, str] = {"money": "an amount such as £1,234.56", "date": "a date such as 1 April 2026", "integer": "a whole number"}


@dataclass(frozen=True, slots=True)
class Captured:
    """One value in one place. ``arm`` and ``row`` count from 0, None outside."""

    hole: Hole
    arm: int | None
    row: int | None
    value: str
    at: int  # the item's number in the contract

    @property
    def field_key(self) -> tuple[str, int | None]:
        return self.hole.name, self.arm


def captured_values(comparison: Comparison) -> tuple[Captured, ...]:
    """Every value that stands in a hole, in the order of the contract."""
    found = []
    for pair in comparison.alignment.pairs:
        entry = comparison.expected.entries[pair.expected]
        if entry.pattern is None:
            continue
        text = comparison.found.items[pair.found].text
        for hole, (start, end) in zip(entry.pattern.holes, pair.spans, strict=True):
            found.append(Captured(hole, entry.arm, entry.row, text[start:end], pair.found))
    return tuple(found)


def fields_of(values: Sequence[Captured]) -> dict[tuple[str, int | None], list[Captured]]:
    """The places of each field, by (name, arm)."""
    fields: dict[tuple[str, int | None], list[Captured]] = defaultdict(list)
    for value in values:
        if value.hole.kind == "field":
            fields[value.field_key].append(value)
    return fields


def _finding(comparison: Comparison, value: Captured, check: str, says: str, before: str = "") -> VerdictFinding:
    item = comparison.found.items[value.at]
    return VerdictFinding(check=check, part=part_of(item), place=place_of(comparison.found, value.at), before=before, after=value.value, says=says)


def words_of(hole: Hole) -> str:
    """The name of what stands in a hole, for people."""
    if hole.field is not None:
        return hole.field.words
    return f"{hole.column.header} in {hole.table.words}" if hole.column is not None and hole.table is not None else hole.name.replace("_", " ")


def check_same_field(comparison: Comparison, values: Sequence[Captured]) -> Iterator[VerdictFinding]:
    """The same field reads the same in every place; the odd one out is named."""
    for places in fields_of(values).values():
        if places[0].hole.field is not None and places[0].hole.field.source is None:
            continue
        counts: dict[str, int] = defaultdict(int)
        for place in places:
            counts[place.value] += 1
        usual = max(counts, key=lambda value: counts[value])
        for place in places:
            if place.value != usual:
                says = (
                    f"the {words_of(place.hole)} is '{shortened(place.value, 80)}' here and '{shortened(usual, 80)}' elsewhere. It must be the same everywhere"
                )
                yield _finding(comparison, place, "same value", says, usual)


def check_types(comparison: Comparison, values: Sequence[Captured]) -> Iterator[VerdictFinding]:
    """Every value has the type and length its profile states."""
    for value in values:
        says = _unfit(value)
        if says:
            yield _finding(comparison, value, "value type", f"the {words_of(value.hole)} {says}")


def _unfit(value: Captured) -> str:
    hole, text = value.hole, value.value
    if hole.kind == "instruction":
        return f"holds an instruction that should have gone: '{shortened(text, 60)}'" if text else ""
    if hole.field is not None and ((hole.field.may_stay_blank and text == hole.prompt) or text == hole.field.when_absent):
        return ""
    if hole.table is not None and value.row == 0 and text in (hole.table.when_empty, _NOTHING):
        return ""
    kind = hole.field.type if hole.field is not None else hole.column.type if hole.column is not None else "text"
    longest = hole.field.max_length if hole.field is not None else hole.column.max_length if hole.column is not None else 0
    if not text:
        return "is empty"
    if len(text) > longest:
        return f"is {len(text):,} characters long; at most {longest:,} may stand there"
    if kind == "choice" and hole.field is not None:
        allowed = {option.text for option in hole.field.options}
        return "" if text in allowed else f"reads '{shortened(text, 80)}', which is none of the permitted words: {'; '.join(sorted(allowed))}"
    if kind != "multi-line" and "\n" in text:
        return "runs over more than one line"
    fits = {"money": _MONEY.fullmatch(text) is not None, "integer": _INTEGER.fullmatch(text) is not None, "date": _is_date(text)}
    return "" if fits.get(kind, True) else f"reads '{shortened(text, 60)}', not {_TYPE_WORDS[kind]}"


def _is_date(text: str) -> bool:
    found = _DATE.fullmatch(text)
    if found is None or found.group(2) not in _MONTHS:
        return False
    try:
        date(int(found.group(3)), _MONTHS.index(found.group(2)) + 1, int(found.group(1)))
    except ValueError:
        return False
    return True


def check_characters(comparison: Comparison, values: Sequence[Captured]) -> Iterator[VerdictFinding]:
    """Values hold no unseen characters, stray accents, private signs, or letters borrowed from another alphabet."""
    for value in values:
        says = dishonest(value.value)
        if says:
            yield _finding(comparison, value, "characters", f"the {words_of(value.hole)} {says}")


# Greek letters that nobody takes for a Latin one stand in names of substances: TNFα, PPARγ, Aβ42. α is not among the
# look-alikes of common typefaces; ι, ν, ο, ρ, υ and most capitals are, and stay refused. The micro sign is a Greek letter by name.
_PLAINLY_GREEK = frozenset("αβγδεζηθκλμξπσςτφχψωΓΔΘΛΞΠΣΦΨΩ\N{MICRO SIGN}\N{OHM SIGN}")


def dishonest(text: str) -> str:
    """Why a text may read as something it is not, or ``""``.

    >>> dishonest("St Mary’s"), dishonest("Anti-TNFα"), dishonest("Aсme")
    ('', '', "mixes alphabets in 'Aсme': CYRILLIC SMALL LETTER ES")
    """
    if text.isascii() and text.isprintable():
        return ""
    for character in text:
        kind = unicodedata.category(character)
        if kind in ("Cf", "Co", "Cc", "Cn", "Cs", "Zl", "Zp") and character not in _ALLOWED_FORMAT and character not in "\n\t":
            return f"holds a character that nobody sees ({unicodedata.name(character, f'U+{ord(character):04X}')})"
        if kind in ("Mn", "Me") and unicodedata.normalize("NFC", text) != text:
            return f"holds a mark that changes another letter ({unicodedata.name(character, '')})"
    for word in re.findall(r"\w+", text):
        letters = [letter for letter in word if letter.isalpha() and letter not in _PLAINLY_GREEK]
        if len({_alphabet(letter) for letter in letters} - {"OTHER"}) > 1:
            odd = next(letter for letter in letters if _alphabet(letter) != "LATIN")
            return f"mixes alphabets in '{word}': {unicodedata.name(odd)}"
    return ""


def _alphabet(letter: str) -> str:
    name = unicodedata.name(letter, "").split(" ")[0]
    return name if name in ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "FULLWIDTH", "MATHEMATICAL") else "OTHER"


# A line for a signature or a date is no place for a condition: nothing with figures, signs of money or many words.
_SIGNED_ON = re.compile(r"[0-9]{1,2}(st|nd|rd|th)?[ ./-]([0-9]{1,2}|[A-Za-z]{3,9})[ ./-][0-9]{2,4}|[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MORE_THAN_A_NAME = re.compile(r"[0-9%£$€=;:]")
_MOST_WORDS_OF_A_NAME = 6


def _completed(comparison: Comparison, value: Captured) -> VerdictFinding:
    """A blank that only a signing party may complete: completed, it is said; altered while it is still a blank, it is a change."""
    text = value.value
    if value.hole.prompt[:3] in text or not any(character.isalnum() for character in text):
        return _finding(comparison, value, "residue", f"the blank for the {words_of(value.hole)} was altered: '{shortened(text, 80)}'", value.hole.prompt)
    if not _SIGNED_ON.fullmatch(text) and (_MORE_THAN_A_NAME.search(text) or len(text.split()) > _MOST_WORDS_OF_A_NAME):
        says = f"the {words_of(value.hole)} says more than a name or a date: '{shortened(text, 80)}'. Only those may stand there"
        return _finding(comparison, value, "residue", says, value.hole.prompt)
    says = f"the {words_of(value.hole)} has been completed: '{shortened(text, 80)}'. Only the party who signs may do that"
    return replace(_finding(comparison, value, "completed", says, value.hole.prompt), level="notice")


def check_residue(comparison: Comparison, values: Sequence[Captured]) -> Iterator[VerdictFinding]:
    """No prompt is left, save the blanks that stay for the people who sign."""
    profile = comparison.expected.template.profile
    patterns = [re.compile(pattern) for pattern in profile.residue.patterns]
    for value in values:
        hole = value.hole
        if hole.field is not None and hole.field.may_stay_blank and value.value == hole.prompt:
            continue
        if hole.field is not None and hole.field.source is None:
            yield _completed(comparison, value)
        elif value.value == hole.prompt or any(pattern.search(value.value) for pattern in patterns):
            yield _finding(comparison, value, "residue", f"the {words_of(hole)} has not been filled in: '{shortened(value.value, 80)}' still stands there")
    for pair in comparison.alignment.pairs:
        entry = comparison.expected.entries[pair.expected]
        item = comparison.found.items[pair.found]
        if entry.zone is not None and any(pattern.search(item.text) for pattern in patterns):
            says = f"a prompt is left in the {entry.zone.words}: '{shortened(item.text, 80)}'"
            yield VerdictFinding(check="residue", part=part_of(item), place=place_of(comparison.found, pair.found), before="", after=item.text, says=says)


def check_zones(comparison: Comparison) -> Iterator[VerdictFinding]:
    """Free paragraphs keep within their number and length, and hold no unseen characters."""
    counts: dict[str, int] = defaultdict(int)
    for pair in comparison.alignment.pairs:
        zone = comparison.expected.entries[pair.expected].zone
        if zone is None:
            continue
        item = comparison.found.items[pair.found]
        counts[zone.name] += 1
        says = dishonest(item.text)
        if len(item.text) > zone.max_length:
            says = f"has a paragraph of {len(item.text):,} characters; at most {zone.max_length:,} may stand there"
        elif counts[zone.name] == zone.max_paragraphs + 1:
            says = f"has more than {zone.max_paragraphs} paragraphs"
        if says:
            words = f"the free text of {zone.words} {says}"
            yield VerdictFinding(check="free zone", part=part_of(item), place=place_of(comparison.found, pair.found), before="", after=item.text, says=words)
