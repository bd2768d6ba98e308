"""The register of alterations. Each names its class and what must notice it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tests.mutation_bank.draft import Draft, Mark

# What must notice: a reader sees it ("seen"), or nothing shows it and only the strict level can say so ("unseen").
Seen = Literal["seen", "unseen"]
Alteration = Callable[[Draft], Mark | None]


@dataclass(frozen=True)
class Kind:
    name: str
    group: str
    seen: Seen
    alter: Alteration


KINDS: dict[str, Kind] = {}


def kind(group: str, seen: Seen = "seen") -> Callable[[Alteration], Alteration]:
    """Register a function as a kind of alteration; it returns where it altered, or None where it cannot."""

    def register(alter: Alteration) -> Alteration:
        name = alter.__name__
        assert name not in KINDS, name
        KINDS[name] = Kind(name, group, seen, alter)
        return alter

    return register
