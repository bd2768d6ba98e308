"""Numbers of what a site has in a study, its costings and escalations: they tell nobody how many the other sites have.

A number has two parts. The first says the how-manieth it is of its site, from 1, and is what people are shown. The second
keeps it apart from those of the study's other sites; it is made with the database's own key, so that it says nothing of
them and is the same whatever they do. Numbers below :data:`APART` are from before that and are shown as they are.
"""

import hmac
from collections.abc import Collection

APART = 10**7


def site_number(nth: int, key: bytes, place: str, taken: Collection[int]) -> int:
    """The number of a site's ``nth``; ``place`` names what it is, the study and the site. One that is ``taken`` is passed over.

    >>> site_number(2, b"key", "costing 1004567 RGT", ()) - site_number(1, b"key", "costing 1004567 RGT", ())
    10000000
    """
    second = int.from_bytes(hmac.digest(key, place.encode(), "sha256")) % APART
    return next(number for step in range(APART) if (number := nth * APART + (second + step) % APART) not in taken)


def nth_of_site(number: int) -> int:
    """The how-manieth of its site, as people are shown it.

    >>> nth_of_site(2 * APART + 1234567), nth_of_site(4)
    (2, 4)
    """
    return number // APART or number


def next_of_site(own: Collection[int]) -> int:
    """What comes after these numbers of one site. One that moved here from a closed site keeps its number, and is counted."""
    return max([len(own), *(number // APART for number in own)]) + 1
