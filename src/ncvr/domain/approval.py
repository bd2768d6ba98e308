"""Two people for what everybody relies on: an edition, a template's profile, a signing key. One person alone publishes none of them.

Their names are what the operator typed: nobody looks them up among the accounts.
"""

import unicodedata
from collections.abc import Iterable

from ncvr.errors import InputError


def different_people(names: Iterable[str]) -> tuple[str, ...]:
    """The people among these names, each once, in order. Capitals, spaces and points make nobody another person.

    >>> different_people(["Grace Example", "ada  example", "Ada Example", "Ada  Example.", " ", "-"])
    ('Ada Example', 'Grace Example')
    """
    plain = sorted({" ".join(name.split()) for name in names})
    each = {_letters(name): name for name in reversed(plain)}
    return tuple(sorted(name for letters, name in each.items() if letters))


def _letters(name: str) -> str:
    """What makes a name: its letters and digits, whichever way they are written."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return "".join(sign for sign in folded if sign.isalnum())


def approved_by(names: Iterable[str], what: str, otherwise: str = "") -> tuple[str, ...]:
    """The two or more people who approve. Raises InputError for fewer; ``otherwise`` says what one person may do."""
    people = different_people(names)
    if len(people) < 2:
        remedy = "Name them both: --approved-by NAME --approved-by NAME"
        raise InputError(f"{what} is approved by two different persons", "--approved-by", f"{remedy}{otherwise and f'; {otherwise}'}")
    return people
