"""Two people for what everybody relies on: an edition, a template's profile, a signing key. One person alone publishes none of them."""

from collections.abc import Iterable

from ncvr.errors import InputError


def different_people(names: Iterable[str]) -> tuple[str, ...]:
    """The people among these names, each once, in order. Capitals and spaces make nobody another person.

    >>> different_people(["Grace Example", "ada  example", "Ada Example", " "])
    ('Ada Example', 'Grace Example')
    """
    plain = sorted({" ".join(name.split()) for name in names} - {""})
    return tuple(sorted({name.casefold(): name for name in reversed(plain)}.values()))


def approved_by(names: Iterable[str], what: str, otherwise: str = "") -> tuple[str, ...]:
    """The two or more people who approve. Raises InputError for fewer; ``otherwise`` says what one person may do."""
    people = different_people(names)
    if len(people) < 2:
        remedy = "Name them both: --approved-by NAME --approved-by NAME"
        raise InputError(f"{what} is approved by two different persons", "--approved-by", f"{remedy}{otherwise and f'; {otherwise}'}")
    return people
